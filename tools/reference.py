"""Write ``docs/reference.md`` from the docstrings of the public names and the help of the commands.

    python -m tools.reference            # write it
    python -m tools.reference --check    # only say whether it is in step

With ``--check`` the exit code is 1 if it is not.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import softpower
from softpower import errors
from softpower.cli import main as command_line
from softpower.cli.main import Lazy

TARGET = Path(__file__).parents[1] / "docs" / "reference.md"
WIDTH = 100

HEAD = """# Reference

<!-- Generated from docstrings and command help by `python -m tools.reference`; edit those instead. -->

What stands here is promised: it changes only with a line in the changelog that says what to do.
"""


def reference() -> str:
    """The whole page."""
    parts = [HEAD, "## Commands\n", *commands(), "## Python\n", *names(), "## Errors\n", fenced(doc(errors))]
    return "\n".join(parts).rstrip() + "\n"


def commands() -> Iterator[str]:
    """Help of the command and of every sub-command, outermost first."""
    yield from command(command_line, "softpower", None)


def command(shown: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    """A heading and the help of one command, then those below it."""
    real = shown.load() if isinstance(shown, Lazy) else shown
    context = click.Context(real, parent, name, terminal_width=WIDTH, **real.context_settings)
    yield f"### `{context.command_path}`\n"
    yield fenced(real.get_help(context))
    if isinstance(real, click.Group):
        for below in real.list_commands(context):
            found = real.get_command(context, below)
            if found:
                yield from command(found, below, context)


def names() -> Iterator[str]:
    """Heading and docstring of every public name."""
    for name in softpower.__all__:
        value = getattr(softpower, name)
        if isinstance(value, str):
            yield f"### `softpower.{name}`\n"
            yield "Version of the installed package.\n"
            continue
        yield f"### `softpower.{name}{signature(value)}`\n"
        yield fenced(doc(value))
        if isinstance(value, type) and (members := "\n".join(methods(value))):
            yield f"{members}\n"


def methods(owner: type) -> Iterator[str]:
    """A line for each public method and property of a class, in the order of its source."""
    for name, value in vars(owner).items():
        target = value.fget if isinstance(value, property) else getattr(owner, name, None)
        if name.startswith(("_", "model_post_init")) or not inspect.isroutine(target):
            continue
        call = "" if isinstance(value, property) else signature(target)
        first = " ".join(doc(target).partition("\n\n")[0].split())
        yield f"- `{owner.__name__}.{name}{call}`: {first}"


class Bare(str):
    """An annotation that is printed without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def signature(value: Any) -> str:
    """Parameters as they are written in a call; none for classes, whose docstrings say what they hold."""
    if isinstance(value, type):
        return ""
    plain = inspect.signature(value)
    own = [
        parameter.replace(annotation=Bare(parameter.annotation))
        for parameter in plain.parameters.values()
        if parameter.name not in {"self", "cls"}
    ]
    return str(plain.replace(parameters=own, return_annotation=Bare(plain.return_annotation)))


def doc(value: Any) -> str:
    """The docstring without its indentation."""
    return inspect.cleandoc(value.__doc__ or "")


def fenced(text: str) -> str:
    """Text to be shown as it is."""
    return f"```text\n{text.strip()}\n```\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or compare it with what would be written."""
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description="Write docs/reference.md.")
    parser.add_argument("--check", action="store_true", help="only say whether the page is in step")
    check = parser.parse_args(arguments).check
    wanted = reference()
    if not check:
        TARGET.write_text(wanted, encoding="utf-8")
        return 0
    present = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    for line in difflib.unified_diff(present.splitlines(), wanted.splitlines(), "docs/reference.md", "in step", n=1):
        print(line)
    if present != wanted:
        print("reference: out of step; run python3 dev.py run --python -m tools.reference", file=sys.stderr)
    return 0 if present == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
