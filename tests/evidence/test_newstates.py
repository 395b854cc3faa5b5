"""Zeros before a new state's first report are gaps; zeros that a state itself reports stay zeros."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from softpower import evidence
from softpower.evidence.build.declared import DERIVED
from softpower.evidence.build.newstates import unreported
from softpower.evidence.build.raw import RawFile
from softpower.evidence.build.series import combine, series
from softpower.storage import sha256

c = pl.col


def observed(values: dict[int, float], *, iso3: str = "NEW", indicator: str = "x") -> pl.DataFrame:
    """One state's observations of one series, by year."""
    return pl.DataFrame({"indicator": indicator, "iso3": iso3, "year": list(values), "value": list(values.values())})


def years(values: Sequence[float], *, first: int, began: int | None) -> list[int]:
    """Years that count as not reported, of a series that starts in ``first``."""
    frame = observed({first + place: float(value) for place, value in enumerate(values)})
    return unreported(frame, {} if began is None else {"NEW": began})["year"].to_list()


def test_zeros_before_a_new_states_first_figures_are_gaps() -> None:
    assert years([0, 0, 0, 90, 100, 110], first=2004, began=2006) == [2004, 2005, 2006]


def test_zeros_of_a_state_that_is_older_than_its_series_are_reports() -> None:
    assert years([0, 0, 0, 90, 100, 110], first=2004, began=2003) == []
    assert years([0, 0, 0, 90, 100, 110], first=2004, began=None) == []


def test_zeros_that_outlast_the_founding_by_years_are_reports() -> None:
    assert years([0, 0, 0, 0, 0, 90, 100], first=2004, began=2006) == [2004, 2005, 2006, 2007, 2008]
    assert years([0, 0, 0, 0, 0, 0, 90, 100], first=2004, began=2006) == []


def test_growth_from_nothing_is_no_gap() -> None:
    # Telephones: none, a few, then many.
    assert years([0, 0, 0, 1, 20, 60, 100, 110], first=2004, began=2006) == []


def test_a_disinvestment_is_a_report_like_any_other() -> None:
    assert years([0, 0, -90, 100, 110], first=2004, began=2006) == [2004, 2005]


def test_a_zero_after_the_first_report_stays() -> None:
    assert years([0, 90, 0, 0, 100], first=2005, began=2006) == [2005]


def test_a_series_that_never_leaves_zero_stays() -> None:
    assert years([0, 0, 0, 0], first=2004, began=2006) == []


def test_neither_the_order_of_rows_nor_the_unit_matters() -> None:
    values = {2004: 0.0, 2005: 0.0, 2006: 90.0, 2007: 100.0}
    other = {2004: 0.0, 2005: 3.0}
    frame = pl.concat([observed(values), observed(other, iso3="OLD"), observed(other, indicator="y")])
    expected = [("x", "NEW", 2004), ("x", "NEW", 2005), ("y", "NEW", 2004)]
    for seed in range(5):
        rows = unreported(frame.sample(fraction=1, shuffle=True, seed=seed), {"NEW": 2006}).sort("indicator", "year")
        assert rows.select("indicator", "iso3", "year").rows() == expected
    small = unreported(frame.with_columns(c("value") * 1e-9), {"NEW": 2006}).sort("indicator", "year")
    assert small.select("indicator", "iso3", "year").rows() == expected


def test_what_is_derived_from_a_gap_is_a_gap() -> None:
    columns: dict[str, list[str]] = {"iso3": [], "year": [], "indicator": [], "value": [], "unit": []}
    for year, investment in ((2005, "0"), (2006, "0"), (2007, "9.85"), (2008, "7.48")):
        for id, value, unit in (("wdi_fdi_in_pct_gdp", investment, "%"), ("wdi_gdp_const", "4e10", "US$")):
            for key, cell in zip(columns, ("SRB", str(year), id, value, unit), strict=True):
                columns[key].append(cell)
    read = series(RawFile("test.csv", pl.DataFrame(columns), sha256(b""), changed=False), source_id="test", vintage="v")
    recipe = next(each for each in DERIVED if each.id == "fdi_inflow_usd_2015")
    rows = combine([read], [recipe], where="test")
    by_series = {id[0]: part["year"].to_list() for id, part in rows.group_by("indicator")}
    assert by_series == {
        "fdi_inflow_usd_2015": [2007, 2008],
        "wdi_fdi_in_pct_gdp": [2007, 2008],
        "wdi_gdp_const": [2005, 2006, 2007, 2008],
    }


# The bundled snapshot.


@pytest.mark.parametrize(
    ("indicator", "iso3", "first"),
    [
        ("wdi21_journal_articles", "SRB", 2007),
        ("wdi21_journal_articles", "MNE", 2007),
        ("wdi21_journal_articles", "TLS", 2003),
        ("wdi21_journal_articles", "SSD", 2011),
        ("fdi_inflow_usd_2015", "SRB", 2007),
        ("fdi_inflow_usd_2015", "MNE", 2007),
        ("fdi_inflow_usd_2015", "TLS", 2003),
        ("fdi_inflow_usd_2015", "SSD", 2012),
        ("fdi_inflow_usd_2015", "CZE", 1993),
        ("fdi_inflow_usd_2015", "SVK", 1993),
        ("fdi_inflow_usd_2015", "ERI", 1996),
    ],
)
def test_a_new_states_series_opens_with_its_first_report(indicator: str, iso3: str, first: int) -> None:
    rows = evidence.observations([indicator]).filter(c("iso3") == iso3)
    assert rows["year"][0] == first
    assert rows["value"][0] != 0


def test_no_zero_of_the_bundled_snapshot_is_a_gap_that_was_read() -> None:
    from softpower.world.statehood import beginnings

    read = evidence.observations().filter(~c("indicator").is_in([recipe.id for recipe in DERIVED]))
    assert unreported(read, beginnings()).is_empty()


def test_zeros_that_are_reports_are_kept() -> None:
    # Kazakhstan's first mobile subscriptions are of 1994 (ITU); before them none is a fact, and so it is everywhere.
    telephones = evidence.observations(["wdi_mobile_per100"]).filter(c("iso3") == "KAZ", c("year") < 1994)
    assert telephones.height > 0
    assert telephones["value"].to_list() == [0.0] * telephones.height
    # Albania admitted no foreign investor before 1991, and it is an old state.
    albania = evidence.observations(["wdi_fdi_in_pct_gdp"]).filter(c("iso3") == "ALB", c("year").is_between(1980, 1991))
    assert albania["value"].to_list() == [0.0] * 12
