"""What an activity may have moved, as panels: against the snapshot itself, and files written for the purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from softpower.activities.outcomefile import of_file, period
from softpower.activities.outcomes import of_series, of_ties
from softpower.errors import BadRequest, BadTable, NotEnoughData, UnknownIndicator
from softpower.evidence import observations
from softpower.evidence.ties import ties


def test_a_series_is_a_panel_of_countries_with_the_values_of_the_snapshot() -> None:
    found = of_series("wdi_tourist_arrivals", ["KAZ"], 2017)
    rows = observations(["wdi_tourist_arrivals"]).filter(pl.col("year").is_between(found.times[0], found.times[-1]))
    whole = rows.group_by("iso3").len().filter(pl.col("len") == len(found.times))["iso3"].sort().to_list()
    assert sorted(found.units) == whole
    assert [found.units[at] for at in found.treated] == ["KAZ"]
    assert found.times[found.start] == 2017
    kazakhstan = dict(rows.filter(pl.col("iso3") == "KAZ").select("year", "value").iter_rows())
    mine = found.value[found.treated[0]]
    assert mine.tolist() == [kazakhstan[year] for year in found.times]
    assert found.scale == "log"
    np.testing.assert_allclose(np.exp(found.scaled), found.value)
    assert set(found.left_out) == set(rows["iso3"].unique()) - set(whole)


def test_a_share_is_taken_as_it_stands_and_money_in_logarithms() -> None:
    assert of_series("wdi_fdi_in_pct_gdp", ["KAZ"], 2017).scale == "level"
    assert of_series("wdi_tourism_receipts", ["KAZ"], 2017).scale == "log"


def test_an_index_is_a_hundred_on_average_before_the_start() -> None:
    found = of_series("wdi_tourist_arrivals", ["KAZ"], 2017, scale="index")
    np.testing.assert_allclose(found.scaled[:, : found.start].mean(axis=1), 100)


def test_donors_can_be_named_or_left_out() -> None:
    everybody = of_series("wdi_tourist_arrivals", ["KAZ"], 2017)
    some = of_series("wdi_tourist_arrivals", ["KAZ"], 2017, donors=["ARM", "AZE", "GEO"], without=["GEO"])
    assert set(some.donors) == {"ARM", "AZE"} & set(everybody.donors)
    assert "KAZ" in some.units


def test_ties_are_a_panel_of_partners() -> None:
    found = of_ties("exports_usd", "KAZ", ["CHN"], 2021, toward="partners")
    rows = ties("exports_usd").filter(pl.col("origin") == "KAZ", pl.col("partner") == "CHN").sort("year")
    assert found.value[found.treated[0]].tolist() == rows["value"].to_list()
    assert "KAZ" not in found.units
    assert set(found.sources) == set(rows["source_id"])


def test_periods_end_where_the_treated_have_no_value_and_may_be_cut(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    cells = [(unit, time, "" if (unit, time) == ("A", 3) else time) for unit in "ABC" for time in range(9)]
    path.write_text("who,when,visits\n" + "".join(f"{unit},{time},{value}\n" for unit, time, value in cells))
    found = of_file(path, unit="who", time="when", outcome="visits", treated=["A"], start="6", end="7")
    assert found.times == (4, 5, 6, 7)
    assert found.units[found.treated[0]] == "A"
    assert found.start == 2
    with pytest.raises(NotEnoughData, match="right before and after 4"):
        of_file(path, unit="who", time="when", outcome="visits", treated=["A"], start="4")


@pytest.mark.parametrize(
    ("times", "start"), [(("2023-11", "2023-12", "2024-01"), "2024-01"), (("1999-Q3", "1999-Q4", "2000-Q1"), "2000-Q1")]
)
def test_months_and_quarters_follow_each_other_over_the_year(
    tmp_path: Path, times: tuple[str, ...], start: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("u,t,y\n" + "".join(f"{u},{t},{k}\n" for u in "AB" for k, t in enumerate(times)))
    found = of_file(path, unit="u", time="t", outcome="y", treated=["A"], start=start)
    assert found.labels == times
    assert np.diff(found.times).tolist() == [1, 1]
    assert found.start == 2


GOOD = "u,t,y\nA,1,2\nA,2,3\nB,1,4\nB,2,5\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("A,2,3", 'A,2,"1,5 mln"'), "row 3, column 'y': '1,5 mln' is no number"),
        (GOOD.replace("A,2,3", "A,2,inf"), "row 3, column 'y': 'inf' is no number"),
        (GOOD + "A,2,9\n", "row 3, column 'u': 'A' has the same period in two rows"),
        (GOOD.replace("A,2,3", ",2,3"), "row 3, column 'u': the cell is empty"),
        (GOOD.replace("B,2,5", "B,later,5"), "row 5, column 't': 'later' is no period; give whole numbers or years"),
        (GOOD.replace("B,2,5", "B,2024-05,5"), "periods of two kinds"),
        (GOOD + "A,3,1\nA,5,1\nA,4000,1\n", "no rows between '3' and '5'"),
        ("u,t,z\nA,1,2\n", r"no column 'y' \(outcome\); it has 'u', 't', 'z'"),
        ("", "the file is empty"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadTable, match=message):
        of_file(path, unit="u", time="t", outcome="y", treated=["A"], start="2")


def test_who_or_what_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(GOOD)
    ask: dict[str, Any] = {"unit": "u", "time": "t", "outcome": "y"}
    with pytest.raises(NotEnoughData, match="no value of 'Z'"):
        of_file(path, **ask, treated=["Z"], start="2")
    with pytest.raises(BadRequest, match="'soon' is no period; give it as the file does, such as '1'"):
        of_file(path, **ask, treated=["A"], start="soon")
    with pytest.raises(NotEnoughData, match="no value of the treated from 9 on; the last is of 2"):
        of_file(path, **ask, treated=["A"], start="9")
    with pytest.raises(NotEnoughData, match="right before and after 1"):
        of_file(path, **ask, treated=["A"], start="1")
    with pytest.raises(BadRequest, match="named alike"):
        of_file(path, unit="u", time="u", outcome="y", treated=["A"], start="2")
    with pytest.raises(UnknownIndicator):
        of_series("visitors", ["KAZ"], 2017)
    with pytest.raises(BadRequest, match="no measure of ties is called 'friendship'"):
        of_ties("friendship", "KAZ", ["TUR"], 2017)
    path.write_text(GOOD.replace("B,2,5", "B,2,0"))
    with pytest.raises(BadRequest, match="B has 0 in 2, which has no logarithm"):
        of_file(path, **ask, treated=["A"], start="2", scale="log")


def test_an_end_of_another_kind_or_before_the_start_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("u,t,y\n" + "".join(f"{u},2020-Q{q},{q}\n" for u in "AB" for q in (1, 2, 3, 4)))
    ask: dict[str, Any] = {"unit": "u", "time": "t", "outcome": "y", "treated": ["A"]}
    with pytest.raises(BadRequest, match="'2020-09' is no period; give it as the file does, such as '2020-Q1'"):
        of_file(path, **ask, start="2020-Q3", end="2020-09")
    with pytest.raises(BadRequest, match="the end 2020-Q2 comes before the start 2020-Q3"):
        of_file(path, **ask, start="2020-Q3", end="2020-Q2")


def test_a_unit_may_be_called_time_and_periods_may_be_long(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("u,t,y\n" + "".join(f"{u},{t},{t}\n" for u in ("time", "B") for t in (1000001, 1000002, 1000003)))
    found = of_file(path, unit="u", time="t", outcome="y", treated=["time"], start="1000003")
    assert set(found.units) == {"time", "B"}
    assert found.labels == ("1000001", "1000002", "1000003")


def test_a_period_that_is_no_day_is_none() -> None:
    assert period("2024-02-30") is None
    assert period("2024-13") is None
    assert period("2024-02-29") == ("day", 738945.0)
