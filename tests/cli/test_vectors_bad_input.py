"""`softpower vectors` given files and options it cannot use: one message, exit code 2, and nothing written."""

from __future__ import annotations

import io
from collections.abc import Callable
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


# What reads a file of one's own: ties, memberships, votes (three commands), pairs.
READING = [
    ["of", "KAZ", "--data"],
    ["of", "KAZ", "--memberships"],
    ["votes", "--out", "out.csv", "--data"],
    ["blocs", "--data"],
    ["poles", "RUS", "USA", "--data"],
    ["influence", "--out", "out.csv", "--data"],
]
TABLE = pl.DataFrame({"origin": ["KAZ"] * 9, "partner": ["RUS"] * 9, "year": range(9), "value": [1.0] * 9})


def parquet() -> bytes:
    file = io.BytesIO()
    TABLE.write_parquet(file)
    return file.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a Parquet file cut short": ("x.parquet", lambda: parquet()[:-200], "the end of the Parquet file is missing"),
    "a Parquet file with a damaged end": ("x.parquet", lambda: parquet()[:-30] + b"\0" * 26 + b"PAR1", "anew"),
    "a CSV file called Parquet": ("x.parquet", lambda: TABLE.write_csv().encode(), "let the name of a CSV file end in"),
    "a Parquet file called CSV": ("x.csv", parquet, "it is a Parquet file; let its name end in .parquet"),
    "NUL bytes": ("x.csv", lambda: TABLE.write_csv().encode().replace(b"KAZ", b"K\0Z"), "it has NUL bytes"),
    "UTF-16": ("x.csv", lambda: TABLE.write_csv().encode("utf-16"), "save it as CSV in UTF-8"),
    "UTF-16 without a mark": ("x.csv", lambda: TABLE.write_csv().encode("utf-16-le"), "save it as CSV in UTF-8"),
    "Latin 5": (
        "x.csv",
        lambda: "origin\nTürkiye\n".encode("iso8859-9"),
        "it is not in UTF-8; save it as CSV in UTF-8",
    ),
    "no byte": ("x.csv", lambda: b"", "the file is empty"),
    "no byte, called Parquet": ("x.parquet", lambda: b"", "the file is empty"),
    "blanks": ("x.csv", lambda: b" \n\t\r\n", "the file is empty"),
    "a mark and nothing else": ("x.csv", lambda: b"\xef\xbb\xbf", "the file is empty"),
    "one line of 20 MB": (
        "x.csv",
        lambda: b"KAZ,RUS,2024,5," * 1_400_000,
        "its first line, which names the columns, has",
    ),
    "one word of 20 MB": ("x.csv", lambda: b"x" * 20_000_000, "the columns, has more than 200,000"),
    "codes of the terminal": (
        "x.csv",
        lambda: b"a\x1b[31m,\xe2\x80\xaeb\x07\n\x1b[2J,\x9b\n".replace(b"\x9b", b"2"),
        "",
    ),
    "codes in a row too long": (
        "x.csv",
        lambda: b"a,b\n\x1b[2J,\x1b]0;x\x07,3\n",
        "a row has more cells than there are",
    ),
    "an open quotation mark": ("x.csv", lambda: b'a,b\n"\x1b[2J,\x07\n1,2\n', "check its quotation marks"),
    "columns that stand twice": ("x.csv", lambda: b"\x1b[31mvalue,\x1b[31mvalue\n1,2\n", "two columns are named"),
}


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_short_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], kind: str
) -> None:
    name, content, said = HOSTILE[kind]
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content())
    told = refused(run(*command, name))
    assert said in told
    assert name in told
    assert told.replace("\n", "").isprintable()
    assert len(told) < 1000
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_folder_or_a_file_that_is_not_there_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{name}: cannot be read as a table of " in refused(run(*command, name))
    Path(name).mkdir()
    assert "Is a directory" in refused(run(*command, name))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_file_without_rows_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], ending: str
) -> None:
    monkeypatch.chdir(tmp_path)
    header = {"of": "origin,partner,year,value", "influence": PAIRS.strip()}.get(command[0], "rcid,session,iso3,vote")
    header = "iso3,year,igo,status" if "--memberships" in command else header
    frame = pl.DataFrame(schema=dict.fromkeys(header.split(","), pl.String))
    path = Path(f"x.{ending}")
    path.write_text(header + "\n") if ending == "csv" else frame.write_parquet(path)
    assert f"x.{ending}: no " in refused(run(*command, str(path)))


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_codes_in_the_name_of_a_file_do_not_reach_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "a\x1b[31m\u202eb.csv"
    assert "a[31mb.csv" in refused(run(*command, name))
    Path(name).write_text("origin,origin\n1,2\n", encoding="utf-8")
    told = refused(run(*command, name))
    assert "a[31mb.csv: two columns are named 'origin'" in told
    assert told.replace("\n", "").isprintable()


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


@pytest.mark.parametrize("command", [["blocs"], ["poles", "RUS", "CHN"]])
@pytest.mark.parametrize(("option", "year"), [("--first", 2030), ("--last", 2025), ("--last", 1900), ("--first", -5)])
def test_years_without_votes_are_refused_by_the_option_given_and_with_one_that_helps(
    command: list[str], option: str, year: int
) -> None:
    told = refused(run(*command, option, str(year)))
    assert f"{option} {year}: no votes of {year}: those at hand are of sessions of 1946-2019" in told
    assert "--data FILE" in told
    assert "softpower.vectors" not in told
    assert "found=" not in told


@pytest.mark.parametrize("command", [["blocs"], ["poles", "RUS", "CHN"]])
def test_years_in_the_wrong_order_are_named_as_they_were_given(command: list[str]) -> None:
    told = refused(run(*command, "--first", "2015", "--last", "2010"))
    assert "--first 2015 --last 2010: the first year lies after the last; swap them" in told


@pytest.mark.parametrize("command", [["blocs"], ["poles", "RUS", "CHN"]])
def test_a_table_with_an_unknown_ending_is_refused_before_the_votes_are_read(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from softpower.cli import vectors_blocs

    def never(*_: object) -> None:
        raise AssertionError("votes were read")

    monkeypatch.setattr(vectors_blocs, "_read", never)
    assert "give a name that ends in .parquet or .csv" in refused(run(*command, "--out", "x.txt"))


@pytest.mark.parametrize("kind", ["ties", "balance", "votes", "roles", "ideal-points"])
def test_a_layer_for_a_plot_that_has_none_is_refused(tmp_path: Path, kind: str) -> None:
    told = refused(run("plot", kind, "KAZ", "--layer", "trade", "--out", str(tmp_path / "x.svg")))
    assert f"--layer trade: a plot of {kind} has no such choice; shares, excess, map and all do" in told


@pytest.mark.parametrize("kind", ["ties", "shares", "excess", "map"])
def test_states_beside_for_a_plot_that_has_none_are_refused(tmp_path: Path, kind: str) -> None:
    told = refused(run("plot", kind, "KAZ", "--with", "RUS,CHN", "--out", str(tmp_path / "x.svg")))
    assert f"--with RUS,CHN: a plot of {kind} has no such choice; ideal-points and all do" in told
