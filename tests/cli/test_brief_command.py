"""`softpower brief` through the command line: what it writes, what it refuses, what is left when a machine fails it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from softpower import storage
from softpower.cli import main
from tests.cli.runs import refused

# The fewest that are allowed: the widths of intervals are tested elsewhere.
DRAWS = ("--draws", "100")
NAMES = ("KAZ.html", "KAZ.pdf", "KAZ.json")


def brief(*arguments: str) -> Result:
    """Run `softpower brief ARGUMENTS` in this process."""
    return CliRunner().invoke(main, ["brief", *arguments, *DRAWS])


def brief_json(folder: Path, *arguments: str) -> dict[str, Any]:
    """The JSON that `softpower brief ARGUMENTS` writes, which must succeed."""
    done = brief(*arguments, "--format", "json", "--out", str(folder))
    assert (done.exit_code, done.stderr) == (0, "")
    (written,) = folder.iterdir()
    document: dict[str, Any] = json.loads(written.read_bytes())
    return document


def process(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `softpower brief ARGUMENTS` in a process of its own."""
    command = [sys.executable, "-m", "softpower", "brief", *arguments, *DRAWS]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **settings})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A run that nothing goes wrong with, and where it ran; later ones find its index and drawings in the cache."""
    folder = tmp_path_factory.mktemp("first")
    return process("KAZ", "--out", "here/and there", folder=folder), folder


@pytest.fixture(scope="module")
def undisturbed(first: tuple[subprocess.CompletedProcess[str], Path]) -> dict[str, bytes]:
    """The files of that run."""
    return contents(first[1] / "here" / "and there")


# What is written.


def test_three_files_are_written_and_named_and_nothing_else_is_said(
    first: tuple[subprocess.CompletedProcess[str], Path], undisturbed: dict[str, bytes]
) -> None:
    done, _ = first
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"here/and there/{name}" for name in NAMES]
    assert sorted(undisturbed) == sorted(NAMES)
    assert undisturbed["KAZ.html"].lstrip().startswith(b"<!doctype html>")
    assert undisturbed["KAZ.pdf"].startswith(b"%PDF-")
    assert json.loads(undisturbed["KAZ.json"])["country"] == {"iso3": "KAZ", "name": "Kazakhstan"}


def test_the_default_folder_is_briefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert brief("KAZ", "--format", "json").stdout == f"{Path('briefs', 'KAZ.json')}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["briefs"]
    assert [path.name for path in (tmp_path / "briefs").iterdir()] == ["KAZ.json"]


@pytest.mark.usefixtures("undisturbed")
def test_only_the_formats_asked_for_are_written_each_once_and_in_their_order(tmp_path: Path) -> None:
    done = brief("KAZ", "--format", " json, html ,json", "--out", str(tmp_path))
    assert done.stdout.splitlines() == [str(tmp_path / "KAZ.json"), str(tmp_path / "KAZ.html")]
    assert sorted(contents(tmp_path)) == ["KAZ.html", "KAZ.json"]


def test_other_files_of_the_folder_stay_and_those_of_the_brief_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "KAZ.json").write_bytes(b"old")
    (tmp_path / "KAZ.pdf").write_bytes(b"mine")
    assert brief("KAZ", "--format", "json", "--out", str(tmp_path)).exit_code == 0
    assert json.loads((tmp_path / "KAZ.json").read_bytes())
    assert (tmp_path / "KAZ.pdf").read_bytes() == b"mine"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["kz", "398", "Қазақстан", "Kazakstan"])
def test_a_country_may_be_named_in_many_ways(tmp_path: Path, name: str) -> None:
    assert brief_json(tmp_path, name)["country"]["iso3"] == "KAZ"


def test_peers_are_those_named_in_their_order(tmp_path: Path) -> None:
    assert brief_json(tmp_path, "KAZ", "--peers", "Türkiye, uzb,051")["peers"] == ["TUR", "UZB", "ARM"]


def test_a_state_that_is_not_ranked_is_told_so_in_all_three_formats(tmp_path: Path) -> None:
    assert brief("Liechtenstein", "--out", str(tmp_path)).exit_code == 0
    written = contents(tmp_path)
    assert sorted(written) == ["LIE.html", "LIE.json", "LIE.pdf"]
    assert b"Too little is known about Liechtenstein" in written["LIE.html"]
    assert not json.loads(written["LIE.json"])["ranked"]


@pytest.mark.parametrize(
    "peers",
    [
        ["UZB", "LIE"],
        ["LIE", "UZB"],
    ],
    ids=",".join,
)
def test_a_peer_that_is_not_ranked_is_accepted(tmp_path: Path, peers: list[str]) -> None:
    assert brief_json(tmp_path, "KAZ", "--peers", ",".join(peers))["peers"] == peers


def test_peers_none_of_which_is_ranked_are_worth_a_note_and_one_that_is_needs_none(tmp_path: Path) -> None:
    for peers, said in (("LIE", True), ("UZB,LIE", False)):
        result = brief("KAZ", "--out", str(tmp_path), "--format", "json", "--peers", peers)
        assert result.exit_code == 0
        assert ("Note: none of the peers named can be ranked" in result.stderr) == said
        assert "compose.py" not in result.stderr


@pytest.mark.parametrize(
    ("variant", "itself"), [("no-regime", "without governance"), ("endowment", "with land and energy")]
)
def test_a_variant_is_named_in_the_brief_and_no_choice_of_its_own(tmp_path: Path, variant: str, itself: str) -> None:
    usual = brief_json(tmp_path / "usual", "KAZ")
    other = brief_json(tmp_path / "other", "KAZ", "--variant", variant)
    assert (usual["variant"], other["variant"]) == ("", variant)
    assert _score(usual) != _score(other)
    for document, is_choice in ((usual, True), (other, False)):
        assert any(itself in record["label"] for record in document["records"]) == is_choice


def _score(document: dict[str, Any]) -> float:
    return next(record["value"] for record in document["records"] if record["id"] == "score:potential:KAZ")


# What is refused: one message, nothing written.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Kazahkstn"], "unknown country 'Kazahkstn'; nearest: Kazakhstan (KAZ)"),
        ([""], "unknown country ''"),
        (["Korea"], "'Korea' fits several countries: KOR, PRK. Give one of these codes."),
        (["Greenland"], "Greenland is not a UN member"),
        (["KAZ", "--peers", "UZB,Uzbekstan"], "unknown country 'Uzbekstan'; nearest: Uzbekistan (UZB)"),
        (["KAZ", "--peers", "UZB,Kazakhstan"], "Kazakhstan cannot be a peer of itself"),
        (["KAZ", "--peers", "UZB,Uzbekistan"], "a peer is named twice"),
        (["KAZ", "--peers", "Greenland"], "Greenland cannot be a peer"),
        (["KAZ", "--peers", "AFG,ALB,DZA,AND,AGO,ARG,ARM,AUS,AUT"], "one to eight peers, not 9"),
        (["KAZ", "--peers", " , "], "it names no country"),
        (["KAZ", "--format", "html,docx"], "formats are html, pdf, json, not docx"),
        (["KAZ", "--format", ","], "formats are html, pdf, json, not none"),
        (["KAZ", "--variant", "noregime"], "no variant 'noregime'; it has: no-regime"),
        (["KAZ", "--model", "none.toml"], "none.toml: 1 fault"),
        (["KAZ", "--draws", "99"], "draws must lie between 100 and 20,000, not 99"),
        (["KAZ", "--draws", "many"], "'many' is not a valid integer"),
        (["KAZ", "--seed", "-1"], "-1 is not in the range x>=0"),
        (["KAZ", "UZB"], "unexpected extra argument"),
        ([], "Missing argument 'COUNTRY'"),
    ],
)
def test_a_mistake_is_one_message_before_anything_is_built_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path / "cache"))
    assert said in refused(CliRunner().invoke(main, ["brief", *DRAWS, *arguments]))
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_where_a_mistake_was_noticed(tmp_path: Path) -> None:
    done = brief("Kazahkstn", "--debug", "--out", str(tmp_path))
    assert done.exit_code == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: unknown country 'Kazahkstn'")


# Machines that fail: one message, and every file is as it was.


@pytest.fixture
def old(tmp_path: Path, undisturbed: dict[str, bytes]) -> Path:
    """A folder with the files of an earlier brief."""
    folder = tmp_path / "briefs"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(f"an old {name}".encode())
    return folder


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    assert "is a file" in refused(brief("KAZ", "--format", "json", "--out", str(tmp_path / place)))
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_folder_in_the_place_of_a_file_keeps_all_files_as_they_were(old: Path) -> None:
    (old / "KAZ.json").unlink()
    (old / "KAZ.json").mkdir()
    assert "KAZ.json" in refused(brief("KAZ", "--out", str(old)))
    assert (old / "KAZ.html").read_bytes() == b"an old KAZ.html"
    assert sorted(path.name for path in old.iterdir()) == sorted(NAMES)


# Start softpower as a user for whom the machine has narrower limits than for this one.
WITHOUT_RIGHTS = """
import ctypes, os, sys
if os.geteuid() == 0:
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # the programs that follow lose root's right to write anywhere
"""
SMALL_DISK = """
import os, resource, sys
limit = int(os.environ["LIMIT"])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
"""


def limited(limits: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    code = f"{limits}\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings})


def limited_brief(limits: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return limited(limits, "-m", "softpower", "brief", "KAZ", *DRAWS, "--out", str(folder), **settings)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows folders know no such permission")
def test_a_read_only_folder_is_one_message_and_keeps_the_old_files(old: Path) -> None:
    before = contents(old)
    old.chmod(0o555)
    try:
        can = limited(WITHOUT_RIGHTS, "-c", f"import os; print(os.access({str(old)!r}, os.W_OK))").stdout
        if can.strip() == "True":
            pytest.skip("this user may write to read-only folders")
        message = refused(limited_brief(WITHOUT_RIGHTS, old))
    finally:
        old.chmod(0o755)
    assert "the folder or the disk is read-only" in message
    assert str(old) in message
    assert contents(old) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes to set")
def test_a_disk_that_is_full_before_the_last_file_changes_none(old: Path, undisturbed: dict[str, bytes]) -> None:
    before = contents(old)
    limit = max(map(len, undisturbed.values())) - 1  # room for all files but the largest
    message = refused(limited_brief(SMALL_DISK, old, LIMIT=str(limit)))
    assert "the disk is full or a size limit is reached" in message
    assert contents(old) == before


# Stop after so many of the steps of writing: three files flushed, then three renamed.
STOPPING = """
import os, sys, time
from importlib import import_module
from softpower.cli import main

compose = import_module("softpower.brief.compose")
steps = int(sys.argv.pop(1))

def stopping(act):
    def step(*arguments):
        global steps
        act(*arguments)
        steps -= 1
        if not steps:
            print("stopped", flush=True)
            time.sleep(60)
    return step

def write(files, write=compose.write_all_atomic):
    os.fsync, os.replace = stopping(os.fsync), stopping(os.replace)
    write(files)

compose.write_all_atomic = write
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("steps", "replaced"), [(2, 0), (4, 1)])
def test_a_run_killed_while_it_writes_leaves_each_file_whole_old_or_new(
    old: Path, undisturbed: dict[str, bytes], steps: int, replaced: int
) -> None:
    command = [sys.executable, "-c", STOPPING, str(steps), "brief", "KAZ", *DRAWS, "--out", str(old)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "stopped\n"
        writer.kill()
    found = contents(old)
    for place, name in enumerate(NAMES):
        assert found[name] == (undisturbed[name] if place < replaced else f"an old {name}".encode())
    # Whatever else is left bears no brief's name, and does not keep the next run from its work.
    assert all(name.startswith(".") for name in found.keys() - NAMES)
    assert brief("KAZ", "--out", str(old)).exit_code == 0
    assert {name: content for name, content in contents(old).items() if name in NAMES} == undisturbed


def test_two_briefs_of_one_country_at_once_leave_whole_files(old: Path, undisturbed: dict[str, bytes]) -> None:
    command = [sys.executable, "-m", "softpower", "brief", "KAZ", *DRAWS, "--out", str(old)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert [errors for _, errors in said] == ["", ""]
    assert contents(old) == undisturbed


# A snapshot that is not what it was.


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "name", "arguments"),
    [
        (flip_a_bit, "observations.parquet", ["brief", "KAZ", "--out", "out"]),
        (truncate, "observations.parquet", ["index", "build", "--json"]),
        (truncate, storage.REGISTRY, ["brief", "KAZ", "--out", "out"]),
        (Path.unlink, "countries.parquet", ["index", "build"]),
    ],
    ids=["altered", "truncated", "registry truncated", "missing"],
)
def test_a_damaged_snapshot_is_one_message_that_names_the_file(
    tmp_path: Path, damage: Callable[[Path], None], name: str, arguments: list[str]
) -> None:
    package = shutil.copytree(storage.DATA.parent, tmp_path / "site" / "softpower")
    damage(package / "data" / name)
    done = subprocess.run(
        [sys.executable, "-m", "softpower", *arguments, *DRAWS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "SOFTPOWER_CACHE": str(tmp_path / "cache")},
    )
    message = refused(done)
    assert f"{name} is damaged" in message
    assert "softpower sources build" in message
    assert not (tmp_path / "out").exists()
