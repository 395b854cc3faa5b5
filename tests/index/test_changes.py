"""Intervals of change between years of a table of one's own: errors that last, and errors that come anew each year."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from softpower.errors import BadModel
from softpower.index import Index, Model, build, build_years
from softpower.index.cells import draw_cells
from softpower.index.designs import draw_designs
from softpower.index.faults import parse_model
from softpower.index.panel import Panel

PARTS = ("a", "b", "c")
YEARS = (2020, 2021)
# Standard deviation of the errors of each year: of other sizes, so that lasting errors change a score too.
SPREAD = np.array([2.0, 5.0])


def model(last: float | None = None, parts: dict[str, Any] | None = None) -> Model:
    """The mean of three indicators between fixed goalposts, 0 and 100: scores are what the cells are."""
    own = {"node": "top", "error": "se"}
    return Model.model_validate(
        {
            "id": "test",
            "title": "Test",
            "nodes": {"top": {"title": "Top"}},
            "indicators": {name: {"title": name, **own, **(parts or {}).get(name, {})} for name in PARTS},
            "normalise": {"method": "scaled", "low": 0.0, "high": 100.0},
            "uncertainty": {"weights_cv": 0.0, "errors_last": last},
        }
    )


def world(last: float, *, units: int = 400, seed: int = 1) -> tuple[pl.DataFrame, np.ndarray]:
    """A table of two years, and the true change of each unit's mean; errors of a unit correlate by ``last``."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(30, 70, (1, units, 3))
    truth = np.concatenate([start, start + rng.normal(0, 4, (1, units, 3))])
    common, own = rng.standard_normal((1, units, 3)), rng.standard_normal((2, units, 3))
    seen = truth + SPREAD[:, None, None] * (np.sqrt(last) * common + np.sqrt(1 - last) * own)
    table = {"unit": [f"U{k:03d}" for k in range(units)] * 2, "year": np.repeat(YEARS, units)}
    table |= {name: seen[:, :, k].ravel() for k, name in enumerate(PARTS)}
    return pl.DataFrame({**table, "se": np.repeat(SPREAD, units)}), (truth[1] - truth[0]).mean(axis=1)


def coverage(last: float, declared: float | None) -> float:
    """Share of units whose true change lies in the 90 % interval."""
    table, change = world(last)
    early, late = build_years(model(declared), table, draws=400)
    found = late.change_since(early, "top", level=0.9)
    assert found.units == tuple(f"U{k:03d}" for k in range(400))
    return float(np.mean((found.points.low <= change) & (change <= found.points.high)))


@pytest.mark.parametrize("last", [0.0, 0.5, 1.0])
def test_intervals_of_change_hold_the_truth_where_errors_last_as_declared(last: float) -> None:
    # 400 units: the share of 90 % is known to 1.5 points.
    assert 0.86 <= coverage(last, last) <= 0.94


def test_errors_of_each_year_taken_to_last_make_intervals_of_change_too_narrow() -> None:
    # The interval is as wide as 5 - 2 says, and the error of the change as large as the root of 25 + 4.
    assert coverage(0.0, None) == pytest.approx(2 * stats.norm.cdf(1.645 * 3 / np.sqrt(29)) - 1, abs=0.06)


@pytest.mark.parametrize("last", [0.0, 0.3, 1.0])
def test_errors_of_two_years_correlate_as_declared(last: float) -> None:
    drawn = _drawn(last, YEARS)
    first, second = drawn[:, :50], drawn[:, 50:100]
    found = np.mean([np.corrcoef(first[:, k], second[:, k])[0, 1] for k in range(50)])
    assert found == pytest.approx(last, abs=0.02)
    np.testing.assert_allclose(drawn.std(axis=0).mean(), 2.0, rtol=0.02)


def test_another_year_changes_no_draw_of_the_others() -> None:
    np.testing.assert_array_equal(_drawn(0.3, YEARS), _drawn(0.3, (*YEARS, 2022))[:, :100])


def _drawn(last: float, years: tuple[int, ...]) -> np.ndarray:
    """Draws of the first indicator, shape (draw, cell), of 50 units."""
    cells = np.zeros((len(years), 50, 3))
    panel = Panel.of(cells, cells, units=[f"U{k}" for k in range(50)], years=years, indicators=PARTS, se=2.0)
    designs = draw_designs(model(last), draws=1_000, seed=3)
    return draw_cells(model(last), panel, designs, seed=3).drawn[0]


def test_errors_last_where_nothing_is_said() -> None:
    table, _ = world(1.0, units=20)
    for silent, told in zip(*(build_years(model(last), table, draws=100) for last in (None, 1.0)), strict=True):
        np.testing.assert_array_equal(silent.sampled["top"], told.sampled["top"])


def test_an_indicator_goes_before_the_model() -> None:
    table, _ = world(0.0, units=20)

    def moved(each: Model) -> np.ndarray:
        early, late = build_years(each, table, draws=100)
        return late.sampled["top"] - early.sampled["top"]

    own = model(1.0, {name: {"errors_last": 0.0} for name in PARTS})
    np.testing.assert_array_equal(moved(own), moved(model(0.0)))


def _told(index: Index) -> list[str]:
    return [each for each in index.cautions if "errors_last" in each]


def test_a_build_of_several_years_asks_how_long_errors_last() -> None:
    table, _ = world(0.0, units=20)
    (caution,) = _told(build(model(), table, draws=100))
    assert "errors of a, b, c are taken to last from year to year" in caution
    (caution,) = _told(build(model(parts={"b": {"errors_last": 0.5}}), table, draws=100))
    assert "errors of a, c are" in caution
    assert not _told(build(model(0.0), table, draws=100))
    assert not _told(build(model(1.0), table, draws=100))
    assert not _told(build(model(), table.filter(pl.col("year") == 2020), draws=100))
    without = {"weights_cv": 0.0, "errors": False}
    assert not _told(build(Model.model_validate(model().model_dump() | {"uncertainty": without}), table, draws=100))


def test_a_correlation_of_errors_lies_between_0_and_1() -> None:
    text = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[indicators.a]
title = "A"
node = "top"
errors_last = -0.5
[uncertainty]
errors_last = 2
"""
    with pytest.raises(BadModel) as caught:
        parse_model(text, name="mine.toml", series=["a"])
    assert {fault.line for fault in caught.value.faults} == {8, 10}
