"""The command ``softpower``: its list of sub-commands, and what becomes of errors.

Exit codes: 0 done; 2 the user's mistake or a machine that refused, in one clear message; 1 a fault of ours; 130
interrupted; 141 nobody read the output to its end.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NoReturn, cast

import click

from softpower.errors import SoftPowerError

DONE_WRONG, OUR_FAULT, INTERRUPTED, NOBODY_READS = 2, 1, 130, 141

# What a disk or its owner refuses; no other error of the operating system is the user's to mend.
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Lazy(click.Command):
    """Stands for a sub-command in lists and help; importing the real one may take longer than printing them.

    Parameters
    ----------
    name : as typed
    target : "module:attribute" of the real command
    help : one line, the same as the first line of the real command's help
    """

    def __init__(self, name: str, target: str, help: str) -> None:
        super().__init__(name, help=help)
        self.target = target

    def load(self) -> click.Command:
        """The real command."""
        module, _, attribute = self.target.partition(":")
        return cast(click.Command, getattr(import_module(module), attribute))


class CommandLine(click.Group):
    """A group whose sub-commands are imported when called, and whose errors are messages."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, on streams that can write every name in the data whatever the locale says."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return super().main(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Accept ``--debug`` anywhere on the line: it is mostly added to a line that has just failed."""
        end = args.index("--") if "--" in args else len(args)
        if "--debug" in args[:end]:
            args = ["--debug", *(arg for arg in args[:end] if arg != "--debug"), *args[end:]]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The real command that the first argument names."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Lazy) else command, rest

    def invoke(self, ctx: click.Context) -> None:
        """Run the sub-command; turn what it raises into a message and an exit code."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except click.exceptions.Exit:
            raise
        except click.ClickException as error:
            error.show()
            ctx.exit(DONE_WRONG)  # click has 1 for some, such as a file that cannot be opened
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _silence_stdout()
            ctx.exit(NOBODY_READS)
        except SoftPowerError as error:
            _fail(ctx, str(error), DONE_WRONG)
        except OSError as error:
            if error.errno not in REFUSED:
                _fail(ctx, _our_fault(error), OUR_FAULT)
            _silence_stdout()
            _fail(ctx, f"{error.strerror}: {error.filename or 'standard output'}", DONE_WRONG)
        except Exception as error:  # noqa: BLE001 - the last place where an error can become a message
            _fail(ctx, _our_fault(error), OUR_FAULT)


def _our_fault(error: Exception) -> str:
    return (
        f"this is a fault of softpower, not yours: {type(error).__name__}: {error}\n"
        "Please report it with what the same command prints when --debug is added."
    )


def _fail(ctx: click.Context, message: str, code: int) -> NoReturn:
    """Say what is wrong, with the traceback of the error at hand if it was asked for, and leave."""
    if ctx.params["debug"]:
        click.echo(traceback.format_exc(), err=True, nl=False)
    click.echo(f"Error: {message}", err=True)
    ctx.exit(code)


def _silence_stdout() -> None:
    """Let the interpreter's last flush succeed; what is left in the buffer has nowhere to go."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        import softpower

        click.echo(f"softpower {softpower.__version__}")
        ctx.exit()


COMMANDS: Iterable[click.Command] = (
    Lazy("brief", "softpower.cli.brief:brief", "Write the brief of COUNTRY, a UN member: HTML, PDF and JSON."),
    Lazy("index", "softpower.cli.index:index", "Build an index of countries, every rank with its interval."),
    Lazy(
        "vectors",
        "softpower.cli.vectors:vectors",
        "With whom: ties by partner and vector, votes in the UN, influence capacity.",
    ),
    Lazy(
        "activities",
        "softpower.cli.activities:activities",
        "What a country did, towards whom, and whether that changed anything.",
    ),
    Lazy("sources", "softpower.cli.sources:sources", "List, check and rebuild the bundled data."),
)


@click.group(
    cls=CommandLine,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""
    \b
    Examples:
      softpower brief KAZ
      softpower brief Türkiye --peers AZE,UZB,GEO --out briefs
      softpower index build --json > scores.json
      softpower vectors KAZ
      softpower activities list --host TUR
      softpower sources list
    """,
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def main(debug: bool) -> None:
    """Measure soft power: what a country's could be, what it achieves, and how sure anyone can be."""
