"""Rules of the house: what is promised, documented and imported stays in step."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from importlinter.cli import lint_imports

import softpower
from softpower.cli import main
from softpower.cli.main import Lazy
from tools import reference

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = (".ci", "benchmarks", "docs", "examples", "src", "tests", "tools")
TEXT = {"", ".cff", ".css", ".html", ".j2", ".md", ".py", ".sh", ".toml", ".typ"}
HEAVY = {
    "altair",
    "pg8000",
    "sqlalchemy",
    "duckdb",
    "fastexcel",
    "jinja2",
    "numpy",
    "pandas",
    "polars",
    "pydantic",
    "scipy",
    "typst",
    "vl_convert",
    "xlsxwriter",
}

# With a class of one character in each, so that this file does not hold what it looks for.
LEAKS = {
    "a folder of some machine": r"[/]work/|[/]root/|(?<![\w.])[/]home/\w+/|C:[\\]Users[\\]",
    "data outside the checkout": r"[.]{2}/shared",
    "a host of a package registry": r"pypi[.]org|python[h]osted|npm[j]s[.]|deb[.]debian",
}


def text_files() -> Iterator[Path]:
    """Every text file of the project but the lock, whose addresses are uv's business."""
    found = [path for path in ROOT.iterdir() if path.name != "uv.lock"]
    found += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return (path for path in found if path.is_file() and path.suffix in TEXT)


def documents() -> list[Path]:
    """What people read."""
    return [path for path in text_files() if path.suffix == ".md" and "raw" not in path.parts]


# What is promised.


def test_every_public_name_can_be_loaded_and_is_listed() -> None:
    assert set(softpower.__all__) == {*softpower._HOMES, "__version__"}
    for name in softpower.__all__:
        assert getattr(softpower, name) is not None
        assert name in dir(softpower)


def test_a_public_name_is_what_its_home_defines() -> None:
    for name, home in softpower._HOMES.items():
        assert getattr(softpower, name) is getattr(import_module(home), name)


def test_a_public_name_is_never_hidden_by_a_folder_of_the_same_name() -> None:
    folders = {path.stem for path in (ROOT / "src" / "softpower").iterdir()}
    assert not folders & set(softpower.__all__)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fnid'"):
        _ = softpower.fnid


def test_every_public_function_and_class_says_what_it_gives() -> None:
    for name in softpower.__all__:
        assert getattr(softpower, name).__doc__, name


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert softpower.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# What is imported.


@pytest.mark.parametrize("start", ["import softpower", "from softpower.cli import main; main(['--help'], 'softpower')"])
def test_neither_the_package_nor_its_help_imports_anything_heavy(start: str) -> None:
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {start}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())


def test_imports_point_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


# What is documented.


def test_the_reference_says_what_the_code_says() -> None:
    assert reference.TARGET.read_text(encoding="utf-8") == reference.reference()


def test_every_command_says_what_it_does_and_shows_an_example() -> None:
    for name, command in leaves(main, "softpower"):
        assert command.get_short_help_str(), name
        assert f"{name} " in f"{command.help} {command.epilog or ''}", f"{name} shows no example"


def leaves(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    for below, command in group.commands.items():
        real = command.load() if isinstance(command, Lazy) else command
        if isinstance(real, click.Group):
            yield from leaves(real, f"{name} {below}")
        else:
            yield f"{name} {below}", real


def shown_commands(text: str) -> Iterator[list[str]]:
    """Arguments of every `softpower` that a document shows in a code block, however it is called there."""
    fences = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    indented = "\n".join(re.findall(r"^ {4}(\S.*)$", text, flags=re.MULTILINE))
    for line in f"{fences}\n{indented}".splitlines():
        call = re.match(r"(?:\$ )?(?:(?:uv run )?softpower|python3 dev\.py run|python3 dev\.py(?= brief)) (.*)", line)
        if call and not call[1].startswith("--python"):
            yield shlex.split(call[1], comments=True)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_command_in_a_document_exists_with_its_options(path: Path) -> None:
    for words in shown_commands(path.read_text(encoding="utf-8")):
        command: click.Command = main
        rest = list(words)
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            if rest[0] not in command.commands:  # `vectors KAZ` is short for `vectors of KAZ`
                short = getattr(command, "default", "")
                assert short, words
                rest.insert(0, short)
            found = command.commands[rest.pop(0)]
            command = found.load() if isinstance(found, Lazy) else found
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        given = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert given <= known, words


def test_commands_are_found_in_every_kind_of_code_block() -> None:
    """The test above would pass on a document it cannot read."""
    text = (
        "```sh\nsoftpower brief KAZ  # one\n```\n\n    python3 dev.py run index build --json\n\nsoftpower is a word\n"
    )
    assert list(shown_commands(text)) == [["brief", "KAZ"], ["index", "build", "--json"]]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_local_link_in_a_document_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert missing == []


def test_no_file_names_a_place_that_exists_on_one_machine_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in text_files()
        for what, pattern in LEAKS.items()
        if re.search(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == []
