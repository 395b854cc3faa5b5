"""The group itself, tried with a toy command: none of the real ones is needed to see what becomes of errors."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from softpower.cli import main
from softpower.cli.main import Lazy
from softpower.errors import CannotWrite, UnknownCountry

TOY = """
import errno, os, signal, sys
import click
from softpower.errors import UnknownCountry

@click.command()
@click.argument("what", default="talk")
def toy(what):
    "Do something."
    if what == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    if what == "unknown":
        raise UnknownCountry("KZA")
    click.echo("Қазақстан – " + "x" * (100_000 if what == "much" else 1))
"""


def failing(error: BaseException) -> click.Command:
    @click.command()
    def toy() -> None:
        """Do something."""
        raise error

    return toy


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `softpower toy ARGS`, where the toy raises what is given."""

    def run(error: BaseException, *args: str) -> Result:
        monkeypatch.setitem(main.commands, "toy", failing(error))
        return CliRunner().invoke(main, ["toy", *args])

    return run


@pytest.fixture
def softpower(tmp_path: Path) -> Callable[..., list[str]]:
    """A command line for a process of its own, in which a toy command is registered."""
    (tmp_path / "toymodule.py").write_text(TOY, encoding="utf-8")
    start = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from softpower.cli import main; from softpower.cli.main import Lazy; "
        "main.add_command(Lazy('toy', 'toymodule:toy', 'Do something.')); main(prog_name='softpower')"
    )
    return lambda *args: [sys.executable, "-c", start, *args]


def test_a_users_mistake_is_one_message_and_exit_code_2(run: Callable[..., Result]) -> None:
    result = run(UnknownCountry("KZA", nearest=["KAZ"]))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: unknown country 'KZA'; nearest: KAZ.")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [["--debug", "toy"], ["toy", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setitem(main.commands, "toy", failing(UnknownCountry("KZA")))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "in toy" in result.stderr


def test_a_double_dash_ends_the_search_for_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.argument("words", nargs=-1)
    def toy(words: tuple[str, ...]) -> None:
        click.echo(words)

    monkeypatch.setitem(main.commands, "toy", toy)
    assert "'--debug'" in CliRunner().invoke(main, ["toy", "--", "--debug"]).stdout


def test_our_own_fault_is_named_as_ours_and_exits_with_1(run: Callable[..., Result]) -> None:
    result = run(ZeroDivisionError("division by zero"))
    assert result.exit_code == 1
    assert "fault of softpower, not yours: ZeroDivisionError: division by zero" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_is_named_and_exits_with_2(run: Callable[..., Result], number: int) -> None:
    result = run(OSError(number, os.strerror(number), "/some/file"))
    assert result.exit_code == 2
    assert result.stderr == f"Error: {os.strerror(number)}: /some/file\n"


def test_an_error_of_the_system_that_no_user_can_mend_is_ours(run: Callable[..., Result]) -> None:
    assert run(OSError(errno.EBADF, "Bad file descriptor")).exit_code == 1


def test_a_write_error_of_the_library_keeps_its_own_message(run: Callable[..., Result]) -> None:
    result = run(CannotWrite("cannot write a.pdf: the disk is full"))
    assert (result.exit_code, result.stderr) == (2, "Error: cannot write a.pdf: the disk is full\n")


def test_a_file_that_cannot_be_opened_is_the_users_mistake(run: Callable[..., Result]) -> None:
    assert run(click.FileError("model.toml", "no such file")).exit_code == 2


def test_a_declined_prompt_counts_as_interrupted(run: Callable[..., Result]) -> None:
    assert run(click.Abort()).exit_code == 130


def test_an_unknown_option_is_a_usage_error(run: Callable[..., Result]) -> None:
    result = run(AssertionError("not reached"), "--colour")
    assert result.exit_code == 2
    assert "No such option" in result.stderr


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["soruces"])
    assert result.exit_code == 2
    assert "Did you mean 'sources'?" in result.stderr


def test_the_version_is_that_of_the_package() -> None:
    import softpower

    assert CliRunner().invoke(main, ["--version"]).stdout == f"softpower {softpower.__version__}\n"


def test_the_list_of_commands_says_what_the_commands_say_themselves() -> None:
    for command in main.commands.values():
        assert isinstance(command, Lazy)
        assert command.get_short_help_str(200) == command.load().get_short_help_str(200)


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}])
def test_output_is_utf_8_whatever_the_locale(softpower: Callable[..., list[str]], locale: dict[str, str]) -> None:
    done = subprocess.run(softpower("toy"), capture_output=True, env={**os.environ, **locale}, check=True)
    assert done.stdout.decode("utf-8").startswith("Қазақстан – x")


def test_a_command_is_imported_only_when_it_is_called(softpower: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "toymodule.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    done = subprocess.run(softpower("--help"), capture_output=True, text=True, check=True)
    assert re.search(r"^  toy +Do something\.$", done.stdout, re.MULTILINE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither signals nor /dev")
class TestStreamsAndSignals:
    def test_a_reader_that_leaves_early_causes_no_noise(self, softpower: Callable[..., list[str]]) -> None:
        process = subprocess.Popen(softpower("toy", "much"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 141

    def test_a_full_disk_under_standard_output_is_one_message(self, softpower: Callable[..., list[str]]) -> None:
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(softpower("toy"), stdout=full, stderr=subprocess.PIPE, text=True)
        assert (done.returncode, done.stderr) == (2, "Error: No space left on device: standard output\n")

    def test_an_interrupt_ends_quietly_with_130(self, softpower: Callable[..., list[str]]) -> None:
        done = subprocess.run(softpower("toy", "interrupt"), capture_output=True, text=True)
        assert (done.returncode, done.stderr.strip()) == (128 + signal.SIGINT, "")
