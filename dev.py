#!/usr/bin/env python3
"""One command for everything in a checkout of softpower; needs Python 3.11 or newer and nothing else.

    python3 dev.py brief KAZ            write a country brief (the same as: run brief KAZ)
    python3 dev.py run ARGS...          run `softpower ARGS...`: same output, same exit code
    python3 dev.py run --python ARGS... run the interpreter of the environment
    python3 dev.py test [ARGS...]       run the tests; ARGS go to pytest
    python3 dev.py check                lint, layout, types, import directions, licences, reference
    python3 dev.py bench [NAMES...]     run the benchmarks

Examples:
    python3 dev.py brief Türkiye --out briefs
    python3 dev.py run index build --json > scores.json
    python3 dev.py test tests/world -k alias

The environment lies in `.venv`, made from `uv.lock` by uv: the one on PATH if it is new enough, else a private one in
`.uv`. While lock and project file stay as they are, later runs do not call uv at all.
"""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

# The one file that is also run by interpreters too old for the rest, down to 3.6.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"dev.py: softpower needs Python 3.11 or newer; {sys.executable} is {platform.python_version()}.\n"
        "Run dev.py with a newer one, or let uv find one: uv run softpower brief KAZ"
    )

import tomllib

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PRIVATE = ROOT / ".uv"
STAMP = VENV / "dev-stamp"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
UV = "uv.exe" if WINDOWS else "uv"

# Programs of the environment, with their arguments.
CHECKS = {
    "lint": ["ruff", "check"],
    "layout": ["ruff", "format", "--check"],
    "types": ["mypy"],
    "import directions": ["lint-imports", "--no-logo"],
    "licences": ["python", "-m", "tools.licences"],
    "reference": ["python", "-m", "tools.reference", "--check"],
}


class Stop(Exception):
    """Nothing more can be done; the message says why and what to do."""


def main(argv: list[str]) -> int:
    """Exit code of ``python3 dev.py ARGV...``; commands that are one program replace this process and never return."""
    command, rest = (argv[0], argv[1:]) if argv else ("", [])
    if command in COMMANDS:
        return COMMANDS[command](rest)
    if command in {"-h", "--help", "help"}:
        print((__doc__ or "").strip())
        return 0
    what = f"unknown command {command!r}" if command else "say what to do"
    say(f"{what}; the commands are {', '.join(COMMANDS)}. See: python3 dev.py --help")
    return 2


def brief(arguments: list[str]) -> int:
    """Write a country brief."""
    return run(["brief", *arguments])


def run(arguments: list[str]) -> int:
    """Run the command line of the library, or the interpreter of its environment."""
    if arguments[:1] == ["--python"]:
        prepare("dev")
        return become(arguments[1:])
    prepare("run")
    # -P: a file in the user's folder must not stand in for a library of the same name.
    return become(["-P", "-m", "softpower", *arguments])


def test(arguments: list[str]) -> int:
    """Run the tests and name the ten slowest; all of them on all cores, a file at a time."""
    prepare("dev")
    cores = [] if arguments else ["--numprocesses=auto", "--dist=loadfile"]
    return become(["-m", "pytest", "--durations=10", *cores, *arguments], folder=ROOT)


def check(arguments: list[str]) -> int:
    """Run every check, also after one has failed, and say at the end which did."""
    if arguments:
        raise Stop("check takes no arguments")
    prepare("dev")
    failed = []
    for name, (program, *options) in CHECKS.items():
        say(f"{name} ...")
        if subprocess.run([PYTHON.with_name(program), *options], cwd=ROOT).returncode:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else f"all {len(CHECKS)} checks passed")
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """Run the benchmarks, all or those named."""
    prepare("peers")
    return become(["-m", "benchmarks", *arguments], folder=ROOT)


COMMANDS = {"brief": brief, "run": run, "test": test, "check": check, "bench": bench}


def become(arguments: list[str], *, folder: Path | None = None) -> int:
    """Replace this process by the interpreter of the environment, so that signals and exit codes are its own."""
    if folder:
        os.chdir(folder)
    command = [str(PYTHON), *arguments]
    sys.stderr.flush()
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.run(command).returncode  # there, exec would return to the shell at once


def say(message: str) -> None:
    """Tell the user something; standard output belongs to the command that is run."""
    print(f"dev.py: {message}", file=sys.stderr, flush=True)


# The environment.


def prepare(level: str) -> None:
    """Make `.venv` hold what the lock says.

    Parameters
    ----------
    level : "run" for what the library needs, "dev" for the tools of its developers too, "peers" for the packages that
        benchmarks compare with as well

    Raises
    ------
    Stop
        uv cannot be had, or it failed.
    """
    wanted = fingerprint()
    # Anything runs beside more than it needs, but the checks read the licences of exactly what developers need.
    enough = {"run": ("run", "dev", "peers"), "dev": ("dev",), "peers": ("peers",)}[level]
    if PYTHON.exists() and read(STAMP) in {f"{one} {wanted}" for one in enough}:
        return
    uv = find_uv()
    if not VENV.exists():
        say("making the environment in .venv (once) ...")
    STAMP.unlink(missing_ok=True)
    # Without --inexact a brief would take the developers' tools away again.
    extent = {"run": ["--no-default-groups", "--inexact"], "dev": [], "peers": ["--group", "peers"]}[level]
    done = subprocess.run([uv, "sync", "--locked", *extent], cwd=ROOT, env=uv_environment(), stdout=sys.stderr)
    if done.returncode:
        raise Stop("uv could not make the environment; its message stands above")
    write(STAMP, f"{level} {wanted}")


def fingerprint() -> str:
    """Digest of what decides the content of `.venv`; its place counts, for scripts in it name their interpreter."""
    parts = [str(ROOT).encode(), (ROOT / "uv.lock").read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def uv_environment() -> dict[str, str]:
    """Variables for uv: whatever else is active, the environment is the `.venv` of the checkout."""
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    variables["UV_PROJECT_ENVIRONMENT"] = str(VENV)
    if not PYTHON.exists():
        # The interpreter at hand will do; uv might otherwise fetch one.
        variables.setdefault("UV_PYTHON", sys.executable)
    return variables


def read(path: Path) -> str:
    """Content of a small file; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def write(path: Path, content: str) -> None:
    """Put a small file in place, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(name, path)


# uv.


def find_uv() -> Path:
    """A uv that understands the lock: on PATH, or the private one, which is installed if need be."""
    on_path = shutil.which("uv")
    if on_path and is_new_enough(Path(on_path)):
        return Path(on_path)
    package = locked_uv()
    private = PRIVATE / f"{package['version']}-{UV}"
    if not private.exists():
        say(f"no usable uv on PATH; installing uv {package['version']} into {PRIVATE.name} (once) ...")
        install_uv(package, private)
    return private


def is_new_enough(uv: Path) -> bool:
    """Whether this uv meets ``required-version`` of the project file."""
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return numbers(said) >= numbers(project["tool"]["uv"]["required-version"])


def numbers(text: str) -> tuple[int, ...]:
    """The first dotted number in ``text``: (0, 13, 8) in "uv 0.13.8 (linux)"."""
    found = re.search(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def locked_uv() -> dict[str, Any]:
    """The entry of uv in the lock: its version, and address, hash and size of each of its files."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(package for package in lock["package"] if package["name"] == "uv")


def install_uv(package: dict[str, Any], target: Path) -> None:
    """Put the uv of the lock at ``target``, whole or not at all.

    pip is asked first, for it knows the mirrors and proxies of this machine: the pip at hand, then the one a new
    virtual environment comes with. Where there is neither (Debian without python3-venv), the wheel is fetched from the
    address in the lock. Each way checks the hash that the lock records.

    Raises
    ------
    Stop
        No way worked; the message has the reason of each.
    """
    reasons = []
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as temporary:
        for way in (with_pip, with_new_pip, from_lock):
            try:
                found = way(package, Path(temporary))
            except (Stop, OSError, subprocess.CalledProcessError, KeyError) as error:
                reasons.append(f"  {way.__doc__}: {reason(error)}")
                continue
            found.chmod(0o755)
            place(found, target)
            return
    raise Stop(
        "uv could not be installed:\n" + "\n".join(reasons) + "\n"
        "Install uv, pip or venv (on Debian: apt-get install python3-venv), or connect to the network; then run again."
    )


def with_pip(package: dict[str, Any], folder: Path) -> Path:
    """pip of this Python"""
    if importlib.util.find_spec("pip") is None:
        raise Stop("not installed")
    return pip_install(Path(sys.executable), package, folder)


def with_new_pip(package: dict[str, Any], folder: Path) -> Path:
    """pip of a new virtual environment"""
    if importlib.util.find_spec("ensurepip") is None:
        raise Stop("this Python has no ensurepip")
    run_quietly([sys.executable, "-m", "venv", str(folder / "venv")])
    return pip_install(folder / "venv" / PYTHON.relative_to(VENV), package, folder)


def pip_install(python: Path, package: dict[str, Any], folder: Path) -> Path:
    """Have pip put the wheel's content into ``folder``; the path of the program in it."""
    hashes = " ".join(f"--hash={wheel['hash']}" for wheel in package["wheels"])
    requirement = folder / "requirements.txt"
    requirement.write_text(f"uv=={package['version']} {hashes}\n", encoding="utf-8")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    content = folder / "content"
    run_quietly([str(python), "-m", "pip", "install", *options, "--target", str(content), "-r", str(requirement)])
    for program in content.glob(f"*/{UV}"):
        return program
    raise Stop("the wheel holds no program")


def from_lock(package: dict[str, Any], folder: Path) -> Path:
    """wheel named in the lock"""
    wheel = wheel_for_this_machine(package["wheels"])
    with urllib.request.urlopen(wheel["url"], timeout=60) as answer:
        content = answer.read(wheel["size"] + 1)
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise Stop(f"{wheel['url']} is not the recorded file")
    archive = folder / "uv.whl"
    archive.write_bytes(content)
    program = folder / UV
    with zipfile.ZipFile(archive) as opened:
        program.write_bytes(opened.read(f"uv-{package['version']}.data/scripts/{UV}"))
    return program


def wheel_for_this_machine(wheels: list[dict[str, Any]]) -> dict[str, Any]:
    """The first wheel whose name fits system, C library and processor."""
    machine = platform.machine().lower()
    if WINDOWS:
        pattern = {"amd64": "win_amd64", "arm64": "win_arm64", "x86": "win32"}.get(machine, machine)
    elif sys.platform == "darwin":
        pattern = rf"macosx_\d+_\d+_{machine}"
    else:
        library = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
        pattern = rf"{library}_\d+_\d+_{machine}\b"
    for wheel in wheels:
        if re.search(pattern, wheel["url"]):
            return wheel
    raise Stop(f"the lock names none for {sys.platform} on {machine}")


def place(found: Path, target: Path) -> None:
    """Move the program to where it belongs; another run may have been faster, and that is as good."""
    try:
        os.replace(found, target)
    except OSError:
        if not target.exists():
            raise


def run_quietly(command: list[str]) -> None:
    """Run a program; its output is shown only as the reason of a failure."""
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def reason(error: Exception) -> str:
    """Why it failed, in one line."""
    text = error.output if isinstance(error, subprocess.CalledProcessError) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Stop, OSError) as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
