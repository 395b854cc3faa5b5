"""The command line: parse, call the library, print. No number is made here."""

from softpower.cli.main import main

__all__ = ["main"]
