"""`softpower vectors`: files as promised, and one message for what cannot be."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from softpower.cli import vectors_text
from softpower.cli.main import main
from softpower.vectors import wording
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE
from tests.cli.runs import refused

# Four states and three sessions: enough to be read and fitted.
VOTES = "rcid,session,iso3,vote\n" + "".join(
    f"{session * 100 + call},{session},{state},{1 + (place + call * (call % 2) + session) % 3}\n"
    for session in (75, 76, 77)
    for call in range(8)
    for place, state in enumerate(("USA", "KAZ", "CHN", "RUS", "TUR"))
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["vectors", *arguments])


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(VOTES, encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_ideal_points_are_written_as_promised(tmp_path: Path, votes: Path, ending: str) -> None:
    out = tmp_path / f"points.{ending}"
    done = run("votes", "--data", str(votes), "--out", str(out))
    assert (done.exit_code, done.stdout.strip()) == (0, str(out))
    found = pl.read_parquet(out) if ending == "parquet" else pl.read_csv(out)
    assert found.columns == ["iso3", "session", "year", "ideal_point", "low", "high"]
    assert (found["year"] == found["session"] + 1945).all()
    assert (found["low"] < found["ideal_point"]).all()
    assert (found["ideal_point"] < found["high"]).all()
    assert found.filter(pl.col("iso3") == "USA")["ideal_point"].to_numpy().mean() > 0


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, votes: Path) -> None:
    for name in ("one", "two"):
        assert run("votes", "--data", str(votes), "--out", str(tmp_path / f"{name}.parquet")).exit_code == 0
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_agreement_is_written_in_both_directions(tmp_path: Path, votes: Path) -> None:
    out = tmp_path / "agreement.csv"
    assert run("votes", "--data", str(votes), "--agreement", "exact", "--out", str(out)).exit_code == 0
    found = pl.read_csv(out)
    assert found.columns == ["origin", "partner", "year", "agreement", "n_votes"]
    assert len(found) == 5 * 4 * 3
    assert found["agreement"].is_between(0, 1).all()
    assert (found["n_votes"] == 8).all()


def test_a_first_look_has_no_intervals(tmp_path: Path, votes: Path) -> None:
    out = tmp_path / "fast.csv"
    assert run("votes", "--data", str(votes), "--fast", "--out", str(out)).exit_code == 0
    assert pl.read_csv(out).columns == ["iso3", "session", "year", "position"]


def test_influence_capacity_is_written_as_promised(tmp_path: Path) -> None:
    data, out = tmp_path / "pairs.csv", tmp_path / "capacity.csv"
    names = [*BANDWIDTH, *DEPENDENCE]
    ones = ["1"] * 11
    rows = (["iso3a", "iso3b", "year", *names], ["KAZ", "UZB", "2020", "1", *ones], ["UZB", "KAZ", "2020", "NA", *ones])
    data.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    assert run("influence", "--data", str(data), "--out", str(out)).exit_code == 0
    found = pl.read_csv(out)
    assert found.columns == ["iso3a", "iso3b", "year", "bandwidth", "dependence", "fbic"]
    assert found["bandwidth"][0] == pytest.approx(1 / 3.1831572)
    assert found["fbic"].to_list()[1] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["votes", "--data", "DATA", "--out", "x.txt"], "the ending says how to write"),
        (["votes", "--data", "none.csv", "--out", "x.csv"], "cannot be read as a table of votes"),
        (["votes", "--data", "DATA", "--anchor", "UZB", "--out", "x.csv"], "UZB never voted"),
        (["votes", "--data", "DATA", "--anchor", "Atlantis", "--out", "x.csv"], "unknown country 'Atlantis'"),
        (["votes", "--data", "DATA", "--fast", "--agreement", "pi", "--out", "x.csv"], "give one of them"),
        (["influence", "--data", "DATA", "--out", "x.csv"], "lacks the columns iso3a, iso3b, year, norm_lor_avg_ma"),
    ],
)
def test_a_mistake_is_one_message_and_leaves_nothing(
    tmp_path: Path, votes: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*(str(votes) if each == "DATA" else each for each in arguments))
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["votes.csv"]


# A country.

TIES = "origin,partner,year,value\nKAZ,RUS,2024,20\nKAZ,CHN,2024,70\nKAZ,DEU,2024,10\n"


@cache
def page(*arguments: str) -> str:
    """What is printed about a country."""
    done = run(*arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def row(text: str, start: str) -> list[str]:
    """The numbers of the first line that begins so."""
    line = next(each for each in text.splitlines() if each.startswith(start))
    return line[vectors_text.NAMES :].split()


def test_the_page_of_kazakhstan_has_every_part() -> None:
    text = page("KAZ")
    assert text.startswith("Kazakhstan: with whom\n")
    for heading in (
        "Share of each kind of tie, %",
        "Likeness, %, mean over the members of each vector",
        "Excess ties, times what gravity predicts (90% interval below)",
        "Balance between poles, in excess over gravity (90% interval)",
        "Votes where Russia and China oppose each other, 2007-2019",
        "Roles",
        "Hard power, for context",
    ):
        assert f"\n{heading}\n" in text
    # Bureau of National Statistics: Russia 19.4, China 21.5 per cent of turnover in 2023.
    assert row(text, "Trade, 2023")[:2] == ["19", "22"]
    assert row(text, "Born here, living abroad, 2020")[1] == wording.NOT_MEASURED
    assert "Germany 12 (" in text
    assert "Bridge between regions, flight routes 2014: not distinguishable" in text
    assert "Hard power is shown beside soft power and combined with it in no number." in text
    assert not re.search(r"\b(nan|None|inf)\b", text)
    assert max(map(len, text.splitlines())) <= 130


def test_the_page_of_a_tiny_state_leaves_out_what_is_not_known() -> None:
    text = page("Tuvalu")
    assert text.startswith("Tuvalu: with whom\n")
    assert not [line for line in text.splitlines() if line.startswith("Trade,")]
    assert row(text, "Embassies abroad")[-1] == wording.NOT_MEASURED
    assert "Middle power: small power" in text
    assert not re.search(r"\b(nan|None|inf)\b", text)


def test_a_country_is_the_same_as_the_command_of_and_a_name_as_a_code() -> None:
    assert page("of", "KAZ") == page("KAZ") == page("Kazakhstan")


def test_json_is_one_document_and_nothing_else() -> None:
    text = page("KAZ", "--json")
    assert text.count("\n") == 1

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(text, parse_constant=refuse)
    assert (found["iso3"], found["year"]) == ("KAZ", None)
    assert json.loads(page("KAZ", "--json")) == found


def test_the_page_and_the_json_have_the_same_shares() -> None:
    trade = next(each for each in json.loads(page("KAZ", "--json"))["layers"] if each["id"] == "trade")
    wanted = [wording.percent_range(each["least"], each["most"]) for each in trade["shares"].values()]
    assert row(page("KAZ"), "Trade, 2023")[:-1] == wanted


def test_ties_of_ones_own_are_shown_alone(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(TIES, encoding="utf-8")
    text = run("KAZ", "--data", str(path)).stdout
    assert row(text, "visits, from here, 2024")[:3] == ["20", "70", "10"]
    assert "Roles" not in text
    done = run("KAZ", "--data", str(path), "--json")
    assert json.loads(done.stdout)["layers"][0]["shares"]["china"]["least"] == 0.7


def test_vectors_of_ones_own_are_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[vector.gulf]\nname = "Gulf states"\nblocs = ["GCC"]\n', encoding="utf-8")
    found = json.loads(run("of", "KAZ", "--vectors", str(path), "--json").stdout)
    assert [(each["id"], each["name"]) for each in found["vectors"]] == [("gulf", "Gulf states")]


def test_the_last_year_bounds_what_is_shown() -> None:
    text = page("KAZ", "--year", "1995")
    assert "Born here, living abroad, 1995" in text
    assert not re.search(r"(199[6-9]|20[0-2]\d)", text.split("Hard power")[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Atlantis"], "unknown country 'Atlantis'"),
        (["KAZ", "--year", "1800"], "no ties of Kazakhstan are known up to 1800"),
        (["KAZ", "--year", "soon"], "--year"),
        (["KAZ", "--seed", "-1"], "--seed"),
        (["ATA"], "Antarctica"),
        (["KAZ", "--vectors", "none.toml"], "none.toml"),
        (["KAZ", "--vectors", "FILE=[vector"], "given.csv"),
        (["KAZ", "--vectors", 'FILE=[vector.a]\nname = "A"\ncountries = ["Chin"]\n'], "Chin"),
        (["KAZ", "--data", "none.csv"], "cannot be read as a table of ties"),
        (["KAZ", "--data", "FILE=origin,partner,year,value\nKAZ,KAZ,2024,1\n"], "tied to itself"),
        (["KAZ", "--data", "FILE=origin,partner,year,value\nKAZ,RUS,2024,-1\n"], "negative"),
        (["KAZ", "--data", "FILE=origin,partner,year,value\nKAZ,Chin,2024,1\n"], "unknown country 'Chin'"),
        (["KAZ", "--data", "FILE=origin,year,value\nKAZ,2024,1\n"], "lacks the column partner"),
        (["KAZ", "--data", "FILE=origin,partner,year,value\nUZB,RUS,2024,1\n"], "no ties of Kazakhstan"),
        (["plot", "shares", "KAZ", "--layer", "fish", "--out", "x.svg"], "no layer 'fish'"),
        (["plot", "excess", "KAZ", "--layer", "trade", "--out", "x.svg"], "no excess ties of Kazakhstan"),
        (["plot", "ties", "KAZ", "--out", "x.gif"], "endings"),
        (["plot", "ties", "KAZ", "--out", "x"], "endings"),
        (["plot", "pie", "KAZ", "--out", "x.svg"], "pie"),
        (["plot", "roles", "VAT", "--out", "x.svg"], "Holy See"),
        (["plot", "ideal-points", "KAZ", "--with", "Atlantis", "--out", "x.svg"], "Atlantis"),
    ],
)
def test_what_cannot_be_shown_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = []
    for each in arguments:
        if each.startswith("FILE="):
            Path("given.csv").write_text(each.removeprefix("FILE="), encoding="utf-8")
        given.append("given.csv" if each.startswith("FILE=") else each)
    assert said in refused(run(*given))
    assert {path.name for path in tmp_path.iterdir()} <= {"given.csv"}


def test_a_plot_is_written_in_the_form_its_ending_names(tmp_path: Path) -> None:
    for ending, start in (("svg", b"<svg"), ("json", b"{")):
        out = tmp_path / f"roles.{ending}"
        done = run("plot", "roles", "KAZ", "--out", str(out))
        assert (done.exit_code, done.stdout) == (0, f"{out}\n")
        assert out.read_bytes().startswith(start)


def test_all_plots_leave_out_what_the_country_has_not_and_say_so(tmp_path: Path) -> None:
    done = run("plot", "all", "VAT", "--format", "json", "--out", str(tmp_path / "all"))
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "VAT-balance.json",
        "VAT-shares.json",
        "VAT-ties.json",
    ]
    for kind in ("excess", "map", "votes", "ideal-points", "roles"):
        assert f"{kind} is left out: " in done.stderr
