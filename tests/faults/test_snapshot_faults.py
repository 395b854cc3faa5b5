"""An altered, truncated or missing bundled file is never read: one clear error names the file and the remedy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from softpower import evidence, storage
from softpower.cli.sources import sources as command
from softpower.errors import DamagedSnapshot
from softpower.evidence.build.digests import digests


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundled files that the library reads in their place."""
    folder = Path(shutil.copytree(storage.DATA, tmp_path / "data"))
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
    text = path.read_text(encoding="utf-8").rpartition("# sha256")[0]
    path.write_bytes(storage.sealed(text.replace("attribution =", "attribut =", 1)))
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged: an entry of a source"):
        evidence.sources()


def test_a_registry_in_which_one_word_was_changed_is_not_read(snapshot: Path) -> None:
    path = snapshot / storage.REGISTRY
    path.write_text(path.read_text(encoding="utf-8").replace("World Bank", "Word Bank", 1), encoding="utf-8")
    with pytest.raises(DamagedSnapshot, match=r"sources\.toml is damaged: its last line.*softpower sources build"):
        evidence.source("wgi")


def test_a_file_that_is_not_in_the_registry_is_not_read(snapshot: Path) -> None:
    shutil.copy(snapshot / "ties.parquet", snapshot / "strange.parquet")
    with pytest.raises(DamagedSnapshot, match=r"not recorded in sources\.toml"):
        storage.bundled("strange")
    (snapshot / "vectors" / "UZB.toml").write_text("", encoding="utf-8")
    with pytest.raises(DamagedSnapshot, match=r"not recorded in SHA256SUMS.*files of your own"):
        storage.bundled_text("vectors/UZB.toml")


# Files that are no tables.

LOADS = {
    "world/aliases.toml": "softpower.world.find('Kazakhstan')",
    "world/cldr.json": "softpower.world.find('Kazakhstan')",
    "world/countries.toml": "softpower.world.countries()",
    "world/blocs.toml": "softpower.world.memberships()",
    "world/statehood.toml": "softpower.world.statehood.beginnings()",
    "vectors/KAZ.toml": "softpower.world.vectors_of('KAZ')",
    "vectors/default.toml": "softpower.world.vectors_of('UZB')",
    "shapes/countries-110m.json": "softpower.world.shapes()",
    "fonts/noto-sans-400.ttf": "softpower.storage.bundled_folder('fonts')",
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, reading the package copied into ``folder``."""
    settings = {**os.environ, "PYTHONPATH": str(folder), "SOFTPOWER_CACHE": str(folder / "cache")}
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, env=settings)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil; its data folder."""
    return Path(shutil.copytree(storage.DATA.parent, tmp_path / "softpower")) / "data"


def test_everything_in_the_data_folder_is_recorded_and_as_it_was_recorded() -> None:
    there = {path.relative_to(storage.DATA).as_posix() for path in storage.DATA.rglob("*") if path.is_file()}
    assert there == {*storage.bundled_files(), storage.SUMS}
    recorded = (storage.DATA / storage.SUMS).read_bytes()
    assert digests(storage.DATA) == recorded, "after a change on purpose: python -m softpower.evidence.build.digests"


def test_the_list_of_sums_is_one_that_the_tool_of_its_name_checks() -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum on this system")
    subprocess.run(["sha256sum", "--check", "--quiet", storage.SUMS], cwd=storage.DATA, check=True)


@pytest.mark.parametrize("damage", [flip_a_bit, truncate, Path.unlink])
@pytest.mark.parametrize(
    "name", ["world/blocs.toml", "vectors/KAZ.toml", "shapes/countries-110m.json", "fonts/fonts.json"]
)
def test_a_damaged_file_that_is_no_table_is_named_with_the_remedy(
    snapshot: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(snapshot / name)
    with pytest.raises(DamagedSnapshot, match=f"{name} is damaged.*Reinstall softpower") as caught:
        storage.bundled_text(name)
    assert caught.value.file == name


@pytest.mark.parametrize("name", LOADS)
def test_whoever_needs_a_damaged_file_is_told_and_nobody_else(package: Path, name: str) -> None:
    flip_a_bit(package / name)
    code = (
        "import softpower.storage, softpower.world, softpower.world.statehood\n"
        "from softpower.errors import DamagedSnapshot\n"
        "softpower.storage.bundled('blocs')\n"
        f"try: {LOADS[name]}\n"
        "except DamagedSnapshot as error: print(error.file)"
    )
    assert run(package.parent.parent, "-c", code).stdout.strip() == name


@pytest.mark.parametrize("damage", [flip_a_bit, truncate, Path.unlink])
def test_a_damaged_list_of_sums_is_one_clear_error(snapshot: Path, damage: Callable[[Path], None]) -> None:
    damage(snapshot / storage.SUMS)
    with pytest.raises(DamagedSnapshot, match=r"SHA256SUMS is damaged.*Reinstall softpower"):
        storage.bundled_text("world/blocs.toml")
    assert evidence.observations(["wgi_va"]).height > 4_000


@pytest.mark.parametrize(
    ("damage", "name", "arguments"),
    [
        (truncate, "world/aliases.toml", ["brief", "KAZ", "--out", "out"]),
        (flip_a_bit, "world/countries.toml", ["brief", "KAZ", "--out", "out"]),
        (truncate, storage.REGISTRY, ["sources", "list"]),
        (flip_a_bit, storage.SUMS, ["sources", "verify"]),
    ],
)
def test_a_command_that_needs_a_damaged_file_prints_one_message_and_exits_with_2(
    package: Path, damage: Callable[[Path], None], name: str, arguments: list[str]
) -> None:
    damage(package / name)
    done = run(package.parent.parent, "-m", "softpower", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("Error: ") == 1
    assert f"{name} is damaged" in done.stderr
    assert "Reinstall softpower" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (package.parent.parent / "out").exists()


def test_a_users_own_vectors_are_not_checked(snapshot: Path, tmp_path: Path) -> None:
    from softpower.world import vectors_of

    own = tmp_path / "mine.toml"
    text = (snapshot / "vectors" / "KAZ.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('name = "', 'name = "My ', 1), encoding="utf-8")
    assert vectors_of("KAZ", file=own)[0].name.startswith("My ")


# The command.


def test_verify_finds_the_bundled_snapshot_intact() -> None:
    done = CliRunner().invoke(command, ["verify", "--json"])
    document = json.loads(done.output)
    assert done.exit_code == 0
    assert document["intact"]
    assert document["data_version"] == storage.data_version()
    assert {file["name"] for file in document["files"]} == set(storage.bundled_files())


@pytest.mark.parametrize(
    "name",
    [
        "blocs.parquet",
        "world/cldr.json",
        "vectors/default.toml",
        "fonts/literata-400.ttf",
        "shapes/LICENSE",
        "models/soft-power.toml",
    ],
)
def test_verify_names_the_damaged_file(snapshot: Path, name: str) -> None:
    flip_a_bit(snapshot / name)
    done = CliRunner().invoke(command, ["verify"])
    assert isinstance(done.exception, DamagedSnapshot)
    assert [line for line in done.output.splitlines() if line.startswith("DAMAGED")] == [f"DAMAGED  {name}"]
    assert "intact   ties.parquet" in done.output
