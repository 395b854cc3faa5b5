"""The raw sample, and a copy of it that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

RAW = Path(__file__).parent / "raw"


@pytest.fixture
def raw() -> Path:
    """Folder of the raw sample; read only."""
    return RAW


@pytest.fixture
def raw_copy(tmp_path: Path) -> Path:
    """A copy of the raw sample."""
    return Path(shutil.copytree(RAW, tmp_path / "raw"))
