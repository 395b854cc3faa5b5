"""One build of the default index and of its back-cast, shared by all tests of a run."""

from __future__ import annotations

import pytest

from softpower.index import Index, Trend, build, build_trend


@pytest.fixture(scope="session")
def index() -> Index:
    """The default index."""
    return build()


@pytest.fixture(scope="session")
def back_cast() -> Trend:
    """The default index for every year of its trend."""
    return build_trend("soft-power-trend")
