"""`softpower vectors`: files as promised, and one message for what cannot be."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from softpower.cli.main import main
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE

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
