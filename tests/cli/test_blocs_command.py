"""`softpower vectors blocs` and `vectors poles`: which years they look at."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from softpower.cli.main import main


def said(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["vectors", *arguments])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_blocs_are_of_the_last_ten_years_unless_others_are_asked_for() -> None:
    """The sessions at hand end with the one of 2019."""
    assert json.loads(said("blocs", "--json"))["years"] == [2010, 2019]
    assert json.loads(said("blocs", "--last", "1998", "--json"))["years"] == [1989, 1998]
    assert json.loads(said("blocs", "--last", "1950", "--json"))["years"] == [1946, 1950]
    assert json.loads(said("blocs", "--first", "2015", "--json"))["years"] == [2015, 2019]


def test_poles_are_of_the_last_ten_years_and_say_so(tmp_path: Path) -> None:
    recent = said("poles", "RUS", "CHN", "--units", "KAZ")
    assert recent == said("poles", "RUS", "CHN", "--units", "KAZ", "--first", "2010")
    assert "Share of ballots of 2010-2019 " in recent
    assert "Share of ballots of 2007-2015 " in said("poles", "RUS", "CHN", "--first", "2007", "--last", "2015")


@pytest.mark.parametrize("sessions", [[70], [60, 75]])
def test_the_last_ten_years_are_those_of_the_file(tmp_path: Path, sessions: list[int]) -> None:
    path, out = tmp_path / "votes.csv", tmp_path / "poles.csv"
    rows = [f"{at},{at},{state},{vote}" for at in sessions for state, vote in (("RUS", 1), ("USA", 3), ("KAZ", 1))]
    path.write_text("\n".join(["rcid,session,iso3,vote", *rows]), encoding="utf-8")
    said("poles", "RUS", "USA", "--data", str(path), "--out", str(out))
    assert pl.read_csv(out)["n_votes"].to_list() == [1, 1, 1]
