"""An altered, truncated or missing snapshot is never read: one clear error names the file and the remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from softpower import evidence, storage
from softpower.cli.sources import sources as command
from softpower.errors import DamagedSnapshot


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundled snapshot that the library reads in its place."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in (storage.REGISTRY, *storage.bundled_files()):
        shutil.copy(storage.DATA / name, folder / name)
    monkeypatch.setattr(storage, "DATA", folder)
    return folder


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def test_a_copy_of_the_snapshot_reads_like_the_original(snapshot: Path) -> None:
    assert evidence.observations(["wgi_va"]).height > 4_000
    assert evidence.source("wgi").publisher == "World Bank"


@pytest.mark.parametrize("damage", [flip_a_bit, truncate, Path.unlink])
def test_a_damaged_file_is_named_with_the_remedy(snapshot: Path, damage: Callable[[Path], None]) -> None:
    damage(snapshot / "observations.parquet")
    with pytest.raises(DamagedSnapshot, match=r"observations\.parquet is damaged.*softpower sources build") as caught:
        evidence.observations(["wgi_va"])
    assert caught.value.file == "observations.parquet"


def test_only_the_files_that_are_read_are_checked(snapshot: Path) -> None:
    flip_a_bit(snapshot / "ties.parquet")
    flip_a_bit(snapshot / "observations_uis.parquet")
    assert evidence.observations(["wgi_va"]).height > 4_000
    with pytest.raises(DamagedSnapshot, match="observations_uis"):
        evidence.observations(["wgi_va", "uis_tertiary_ger"])
    with pytest.raises(DamagedSnapshot, match=r"ties\.parquet"):
        evidence.ties("migrant_stock")


@pytest.mark.parametrize(
    "text",
    ["[[file]\n", "", "[[file]]\nname = 'observations.parquet'\n", "\udcff"],
    ids=["cut", "empty", "gap", "bytes"],
)
def test_a_damaged_registry_is_one_clear_error(snapshot: Path, text: str) -> None:
    (snapshot / storage.REGISTRY).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged"):
        evidence.observations(["wgi_va"])
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged"):
        storage.data_version()


def test_a_missing_registry_is_one_clear_error(snapshot: Path) -> None:
    (snapshot / storage.REGISTRY).unlink()
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged"):
        evidence.sources()


def test_an_incomplete_entry_of_a_source_is_one_clear_error(snapshot: Path) -> None:
    path = snapshot / storage.REGISTRY
    path.write_text(path.read_text(encoding="utf-8").replace("attribution =", "attribut =", 1), encoding="utf-8")
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged: an entry of a source"):
        evidence.sources()


def test_a_file_that_is_not_in_the_registry_is_not_read(snapshot: Path) -> None:
    shutil.copy(snapshot / "ties.parquet", snapshot / "strange.parquet")
    with pytest.raises(DamagedSnapshot, match="not recorded"):
        storage.bundled("strange")


def test_verify_finds_the_bundled_snapshot_intact() -> None:
    run = CliRunner().invoke(command, ["verify", "--json"])
    document = json.loads(run.output)
    assert run.exit_code == 0
    assert document["intact"]
    assert document["data_version"] == storage.data_version()
    assert {file["name"] for file in document["files"]} == set(storage.bundled_files())


def test_verify_names_the_damaged_file(snapshot: Path) -> None:
    flip_a_bit(snapshot / "blocs.parquet")
    run = CliRunner().invoke(command, ["verify"])
    assert isinstance(run.exception, DamagedSnapshot)
    assert "DAMAGED  blocs.parquet" in run.output
    assert "intact   ties.parquet" in run.output
