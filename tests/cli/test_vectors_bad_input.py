"""`softpower vectors` given files and options it cannot use: one message, exit code 2, and nothing written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from softpower.cli.main import main
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE
from tests.cli.runs import refused


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["vectors", *arguments])


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", [["of", "KAZ"], ["plot", "ties", "KAZ", "--out", "x.svg"]])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('name = "Self"\ncountries = ["KAZ"]', "('Self') for Kazakhstan; a vector never contains the country itself"),
        ('name = "Gulf"\nblocs = ["GCC"]\nwithout = ["SAU", "ARE", "QAT", "KWT", "OMN", "BHR"]', "('Gulf') in "),
    ],
)
def test_a_vector_without_members_is_named_and_no_other_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], body: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = refused(run(*command, "--vectors", written(tmp_path, "v.toml", f"[vector.mine]\n{body}\n")))
    assert "no members of vector mine" in told
    assert said in told
    assert [path.name for path in tmp_path.iterdir()] == ["v.toml"]


PAIRS = ",".join(["iso3a", "iso3b", "year", *BANDWIDTH, *DEPENDENCE]) + "\n"
GOOD_PAIR = "KAZ,UZB,2020" + ",1" * 12 + "\n"


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("QQQ,UZB,2020", "row 3: unknown country 'QQQ'"),
        ("KAZ,=1+1,2020", "row 3: unknown country '=1+1'"),
        (",UZB,2020", "row 3: iso3a is empty"),
        ("KAZ,,2020", "row 3: iso3b is empty"),
        ("KAZ,Korea,2020", "row 3: 'Korea' fits several countries"),
        ("KAZ,UZB,", "row 3: year is empty"),
        ("KAZ,UZB,2020.5", "row 3: year '2020.5' is no year from 1800 to 2200"),
        ("KAZ,UZB,99999999", "row 3: year '99999999' is no year from 1800 to 2200"),
        ("KAZ,UZB,1799", "row 3: year '1799' is no year from 1800 to 2200"),
        ("Kazakhstan,UZ,2020", "row 2: iso3b 'UZB' stands twice with the same state and year"),
        ("UZ,Uzbekistan,2020", "row 3: iso3b 'UZB' is paired with itself"),
    ],
)
def test_pairs_of_unknown_states_or_years_are_named_by_row(tmp_path: Path, pair: str, said: str) -> None:
    data, out = written(tmp_path, "pairs.csv", PAIRS + GOOD_PAIR + pair + ",1" * 12 + "\n"), tmp_path / "out.csv"
    assert said in refused(run("influence", "--data", data, "--out", str(out)))
    assert not out.exists()


@pytest.mark.parametrize(
    ("value", "said"),
    [("-1", "'-1' is negative"), ("inf", "'inf' is above 1e+150"), ("1e200", "'1e200' is above"), ("x", "no number")],
)
def test_inputs_of_pairs_that_are_no_sizes_are_named_by_row(tmp_path: Path, value: str, said: str) -> None:
    data = written(tmp_path, "pairs.csv", PAIRS + GOOD_PAIR + f"UZB,KAZ,2020,{value}" + ",1" * 11 + "\n")
    told = refused(run("influence", "--data", data, "--out", str(tmp_path / "out.csv")))
    assert "row 3: norm_lor_avg_ma" in told
    assert said in told


def test_names_and_states_that_are_no_more_become_codes(tmp_path: Path) -> None:
    text = PAIRS.upper() + "Türkiye,Czechoslovakia,1980" + ",1" * 12 + "\n" + "NA,YUG,1980" + ",1" * 11 + ",NA\n"
    out = tmp_path / "out.csv"
    done = run("influence", "--data", written(tmp_path, "pairs.csv", text), "--out", str(out))
    assert done.exit_code == 0, done.stderr
    found = pl.read_csv(out)
    assert found.select("iso3a", "iso3b").rows() == [("TUR", "CSK"), ("NAM", "YUG")]
    assert found["fbic"].is_null().to_list() == [False, True]


def test_a_file_of_pairs_with_a_header_only_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path, "pairs.csv", PAIRS)
    assert "no row below its header" in refused(run("influence", "--data", data, "--out", str(tmp_path / "o.csv")))


VOTES = "rcid,session,iso3,vote,amend\n1,70,KAZ,1,1\n1,70,USA,3,1\n"


@pytest.mark.parametrize("options", [[], ["--fast"], ["--agreement", "exact"]])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VOTES.splitlines()[0] + "\n", "no ballot in it, only a header"),
        (VOTES.replace("70", "40000"), "'40000' is not from 1 to 200"),
        (VOTES.replace("70", "-70"), "'-70' is not from 1 to 200"),
        (VOTES.replace("KAZ,1", "KAZ,8").replace("USA,3", "USA,9"), "all of its states were absent"),
        (VOTES, "add --all-votes"),
    ],
)
def test_votes_that_cannot_be_counted_are_one_message(tmp_path: Path, options: list[str], text: str, said: str) -> None:
    data, out = written(tmp_path, "votes.csv", text), tmp_path / "out.csv"
    assert said in refused(run("votes", "--data", data, *options, "--out", str(out)))
    assert not out.exists()


@pytest.mark.parametrize("options", [[], ["--fast"]])
def test_an_anchor_that_never_voted_is_named(tmp_path: Path, options: list[str]) -> None:
    data = written(tmp_path, "votes.csv", VOTES)
    told = refused(
        run("votes", "--data", data, "--all-votes", *options, "--anchor", "UZB", "--out", str(tmp_path / "o.csv"))
    )
    assert "UZB never voted" in told


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_no_code_of_a_users_file_reaches_the_terminal(tmp_path: Path, json: list[str]) -> None:
    named = "a\x1b[31mred\u202eb"
    data = written(tmp_path, "ties.csv", f"measure,origin,partner,year,value\n{named},KAZ,RUS,2024,1\n")
    vectors = written(tmp_path, "v.toml", '[vector.x]\nname = "a\\u001b[31mred\\u202eb"\ncountries = ["RUS"]\n')
    done = CliRunner().invoke(main, ["vectors", "KAZ", "--data", data, "--vectors", vectors, *json], color=True)
    assert done.exit_code == 0, done.stderr
    assert "a[31mredb" in done.stdout
    assert not {"\x1b", "\u202e"} & set(done.stdout)
    assert "\\u001b" not in done.stdout


def test_years_without_votes_are_refused_with_an_option_that_helps() -> None:
    for command in (["blocs"], ["poles", "RUS", "CHN"]):
        told = refused(run(*command, "--first", "2030"))
        assert "no votes of 2030: those at hand are of sessions of 1946-2019" in told
        assert "--data FILE" in told


@pytest.mark.parametrize("kind", ["ties", "balance", "votes", "roles", "ideal-points"])
def test_a_layer_for_a_plot_that_has_none_is_refused(tmp_path: Path, kind: str) -> None:
    told = refused(run("plot", kind, "KAZ", "--layer", "trade", "--out", str(tmp_path / "x.svg")))
    assert f"--layer trade: a plot of {kind} has no such choice; shares, excess, map and all do" in told


@pytest.mark.parametrize("kind", ["ties", "shares", "excess", "map"])
def test_states_beside_for_a_plot_that_has_none_are_refused(tmp_path: Path, kind: str) -> None:
    told = refused(run("plot", kind, "KAZ", "--with", "RUS,CHN", "--out", str(tmp_path / "x.svg")))
    assert f"--with RUS,CHN: a plot of {kind} has no such choice; ideal-points and all do" in told
