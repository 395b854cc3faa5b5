"""dev.py in a checkout made of stand-ins: a uv that keeps a diary, an interpreter that repeats its arguments."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dev

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")

ROOT = Path(__file__).parents[1]
UV = """#!/bin/sh
[ "$1" = --version ] && { echo "uv $FAKE_UV_VERSION (fake)"; exit; }
echo "$@" >> diary
echo chatter
[ -n "$FAKE_UV_FAILS" ] && exit 3
mkdir -p .venv/bin && cp interpreter .venv/bin/python
"""
INTERPRETER = """#!/bin/sh
echo "$@"
exit 7
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with dev.py, a lock, a project file and the stand-ins."""
    folder = tmp_path / "a checkout"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "dev.py", folder)
    (folder / "pyproject.toml").write_text('[tool.uv]\nrequired-version = ">=0.13"\n', encoding="utf-8")
    (folder / "uv.lock").write_text('[[package]]\nname = "uv"\nversion = "0.13.9"\nwheels = []\n', encoding="utf-8")
    for name, content in {"bin/uv": UV, "interpreter": INTERPRETER}.items():
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def run(checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run dev.py of the stand-in checkout."""

    def run(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        path = f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
        settings = {**os.environ, "PATH": path, "FAKE_UV_VERSION": "0.14.2", "FAKE_UV_FAILS": "", **variables}
        return subprocess.run(
            [sys.executable, "dev.py", *args], cwd=checkout, env=settings, capture_output=True, text=True
        )

    return run


def diary(checkout: Path) -> list[str]:
    """What uv was asked to do."""
    path = checkout / "diary"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_run_passes_arguments_output_and_exit_code_and_nothing_else(run: Callable[..., Any]) -> None:
    done = run("run", "index", "build", "--json", "--help", "--", "a b")
    assert done.stdout == "-P -m softpower index build --json --help -- a b\n"
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("arguments", "started"),
    [
        (["brief", "KAZ", "--out", "x"], "-P -m softpower brief KAZ --out x"),
        (["run", "--python", "-c", "1"], "-c 1"),
        (["test", "-k", "alias"], "-m pytest --durations=10 -k alias"),
        (["bench", "draws"], "-m benchmarks draws"),
    ],
)
def test_each_command_starts_what_it_says(run: Callable[..., Any], arguments: list[str], started: str) -> None:
    assert run(*arguments).stdout == f"{started}\n"


def test_uv_is_asked_once_and_again_only_when_the_lock_changes(run: Callable[..., Any], checkout: Path) -> None:
    run("test")
    run("test")
    run("brief", "KAZ")
    assert diary(checkout) == ["sync --locked"]
    with open(checkout / "uv.lock", "a", encoding="utf-8") as lock:
        lock.write("# changed\n")
    run("test")
    assert diary(checkout) == ["sync --locked"] * 2


def test_a_brief_needs_no_tools_of_developers_but_does_not_remove_them(run: Callable[..., Any], checkout: Path) -> None:
    run("brief", "KAZ")
    run("test")
    assert diary(checkout) == ["sync --locked --no-default-groups --inexact", "sync --locked"]


def test_a_moved_checkout_gets_its_environment_anew(run: Callable[..., Any], checkout: Path) -> None:
    run("test")
    moved = checkout.rename(checkout.with_name("moved"))
    path = f"{moved / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [sys.executable, "dev.py", "test"],
        cwd=moved,
        env={**os.environ, "PATH": path, "FAKE_UV_VERSION": "0.14.2"},
        capture_output=True,
    )
    assert len(diary(moved)) == 2


def test_a_failed_environment_is_reported_and_made_again(run: Callable[..., Any], checkout: Path) -> None:
    failed = run("run", "--version", FAKE_UV_FAILS="yes")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "uv could not make the environment" in failed.stderr
    assert run("run", "--version").returncode == 7
    assert len(diary(checkout)) == 2


def test_the_environment_lies_in_the_checkout_whatever_else_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/elsewhere")
    variables = dev.uv_environment()
    assert variables["UV_PROJECT_ENVIRONMENT"] == str(ROOT / ".venv")
    assert "VIRTUAL_ENV" not in variables


@pytest.mark.parametrize(("version", "enough"), [("0.13.0", True), ("1.0", True), ("0.12.9", False), ("", False)])
def test_a_uv_too_old_for_the_lock_is_not_used(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, version: str, enough: bool
) -> None:
    monkeypatch.setattr(dev, "ROOT", checkout)
    monkeypatch.setenv("FAKE_UV_VERSION", version)
    assert dev.is_new_enough(checkout / "bin" / "uv") is enough


def test_the_uv_of_the_lock_is_new_enough_for_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert dev.numbers(dev.locked_uv()["version"]) >= dev.numbers(project["tool"]["uv"]["required-version"])


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["--version"]])
def test_an_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert dev.main(arguments) == 2
    assert "brief, run, test, check, bench" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"dev.py {command}" in said for command in dev.COMMANDS)


def test_a_python_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"softpower needs Python 3\.11 or newer"):
        runpy.run_path(str(ROOT / "dev.py"))


def test_a_python_too_old_can_read_the_file_that_tells_it_so() -> None:
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 6))


# Installing uv.


def wheel(folder: Path, content: bytes = b"a program") -> dict[str, Any]:
    """A package entry as in a lock, whose one wheel lies in ``folder``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("uv-0.13.9.data/scripts/uv", content)
    path = folder / "uv-0.13.9-py3-none-any.whl"
    path.write_bytes(buffer.getvalue())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "version": "0.13.9",
        "wheels": [{"url": path.as_uri(), "hash": f"sha256:{digest}", "size": path.stat().st_size}],
    }


@pytest.fixture
def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that has neither pip nor ensurepip, on a machine that every wheel fits."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(dev, "wheel_for_this_machine", lambda wheels: wheels[0])


@pytest.mark.usefixtures("without_pip")
def test_without_pip_uv_comes_from_the_wheel_in_the_lock(tmp_path: Path) -> None:
    target = tmp_path / ".uv" / "0.13.9-uv"
    dev.install_uv(wheel(tmp_path), target)
    assert target.read_bytes() == b"a program"
    assert os.access(target, os.X_OK)
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.usefixtures("without_pip")
@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"another"), Path.unlink], ids=["altered", "missing"])
def test_a_wheel_that_is_not_the_recorded_one_leaves_nothing_behind(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    package = wheel(tmp_path)
    spoil(next(tmp_path.glob("*.whl")))
    with pytest.raises(dev.Stop) as stopped:
        dev.install_uv(package, tmp_path / ".uv" / "uv")
    for way in ("pip of this Python: not installed", "pip of a new virtual environment", "wheel named in the lock"):
        assert way in str(stopped.value)
    assert "apt-get install python3-venv" in str(stopped.value)
    assert list((tmp_path / ".uv").iterdir()) == []


def test_pip_is_held_to_the_hashes_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = wheel(tmp_path)
    asked: list[str] = []

    def pip(command: list[str]) -> None:
        asked.extend(command)
        program = tmp_path / "content" / "bin" / "uv"
        program.parent.mkdir(parents=True)
        program.touch()

    monkeypatch.setattr(dev, "run_quietly", pip)
    assert dev.pip_install(Path(sys.executable), package, tmp_path) == tmp_path / "content" / "bin" / "uv"
    assert "--require-hashes" in asked
    requirement = Path(asked[-1]).read_text(encoding="utf-8")
    assert requirement == f"uv==0.13.9 --hash={package['wheels'][0]['hash']}\n"


def test_the_run_that_comes_second_takes_what_the_first_has_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("in use")

    (tmp_path / "first").touch()
    monkeypatch.setattr(os, "replace", refuse)
    dev.place(tmp_path / "second", tmp_path / "first")
    with pytest.raises(PermissionError):
        dev.place(tmp_path / "second", tmp_path / "third")


@pytest.mark.parametrize(
    ("system", "library", "machine", "part"),
    [
        ("linux", "glibc", "x86_64", "manylinux_2_17_x86_64"),
        ("linux", "", "x86_64", "musllinux_1_1_x86_64"),
        ("linux", "glibc", "aarch64", "manylinux_2_17_aarch64"),
        ("darwin", "", "arm64", "macosx_11_0_arm64"),
        ("win32", "", "AMD64", "win_amd64"),
    ],
)
def test_the_lock_has_a_uv_for_common_machines(
    monkeypatch: pytest.MonkeyPatch, system: str, library: str, machine: str, part: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(dev, "WINDOWS", system == "win32")
    monkeypatch.setattr("platform.libc_ver", lambda: (library, ""))
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert part in dev.wheel_for_this_machine(dev.locked_uv()["wheels"])["url"]


def test_a_machine_the_lock_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "vax")
    with pytest.raises(dev.Stop, match="vax"):
        dev.wheel_for_this_machine(dev.locked_uv()["wheels"])
