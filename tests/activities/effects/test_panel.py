"""Panels: what is refused, and that the message says where and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from softpower.activities.effects.estimate import METHODS, estimate
from softpower.activities.effects.panel import Panel, panel
from softpower.errors import BadRequest, NotEnoughData

UNITS = ("KAZ", "UZB", "AZE")
YEARS = (2001, 2002, 2003, 2004)


def _columns() -> tuple[list[str], list[int], list[float]]:
    unit = [who for who in UNITS for _ in YEARS]
    time = list(YEARS) * len(UNITS)
    return unit, time, [float(10 * place + year - 2000) for place, _ in enumerate(UNITS) for year in YEARS]


def _built(**changed: Any) -> Panel:
    given: dict[str, Any] = {"treated": ["KAZ"], "start": 2003} | changed
    return panel(*_columns(), **given)


def test_the_order_of_rows_does_not_matter() -> None:
    unit, time, outcome = _columns()
    order = np.random.default_rng(1).permutation(len(unit))
    shuffled = panel(
        [unit[i] for i in order], [time[i] for i in order], [outcome[i] for i in order], treated=["KAZ"], start=2003
    )
    for who in UNITS:
        row = shuffled.outcome[shuffled.units.index(who)]
        np.testing.assert_array_equal(row, _built().outcome[UNITS.index(who)])
    assert shuffled.times == YEARS


def test_each_treated_unit_may_have_a_start_of_its_own() -> None:
    built = _built(treated=["KAZ", "AZE"], start={"KAZ": 2002, "AZE": 2004})
    assert built.start.tolist() == [1, 4, 3]
    assert [(cohort.pre, len(cohort.treated), cohort.cells) for cohort in built.cohorts()] == [(1, 1, 3), (3, 1, 1)]
    assert all(cohort.donors.tolist() == [[11, 12, 13, 14]] for cohort in built.cohorts())


def test_a_start_between_periods_counts_from_the_next_one() -> None:
    assert _built(start=2002.5).start.tolist() == _built(start=2003).start.tolist()


def test_periods_after_the_end_and_units_that_are_no_donors_are_left_out() -> None:
    built = _built(end=2003, donors=["AZE"])
    assert built.units == ("KAZ", "AZE")
    assert built.times == YEARS[:3]


REFUSED: dict[str, tuple[Callable[[], Panel], type[Exception], str]] = {
    "treated among the donors": (
        lambda: _built(donors=["KAZ", "UZB"]),
        BadRequest,
        "KAZ cannot be treated and a donor",
    ),
    "unknown unit": (lambda: _built(treated=["KGZ"]), BadRequest, "no row for 'KGZ'; there are rows for KAZ"),
    "start at the first period": (lambda: _built(start=2001), BadRequest, "start 2001 of KAZ is outside.*2001 to 2004"),
    "start after the last period": (lambda: _built(start=2005), BadRequest, "start 2005 of KAZ is outside"),
    "start after the end": (lambda: _built(start=2004, end=2003), BadRequest, "outside.*2001 to 2003"),
    "end before all": (lambda: _built(end=1990), BadRequest, "none at all"),
    "no donor": (lambda: _built(treated=list(UNITS)), NotEnoughData, "every unit is treated"),
    "no treated unit": (lambda: _built(treated=[]), BadRequest, "no unit is treated"),
    "start of another type": (lambda: _built(start="2003"), BadRequest, "one type that sorts"),
    "starts of other units": (lambda: _built(start={"UZB": 2003}), BadRequest, "see KAZ, UZB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_design_that_makes_no_sense_is_refused(case: str) -> None:
    build, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        build()


def test_an_unbalanced_panel_is_refused_with_its_first_gaps() -> None:
    unit, time, outcome = _columns()
    with pytest.raises(NotEnoughData, match="without a row: KAZ in 2001, KAZ in 2002, KAZ in 2003 and 1 more"):
        panel(["KAZ", *unit[5:]], [2004, *time[5:]], [1.0, *outcome[5:]], treated=["KAZ"], start=2003)


def test_a_missing_cell_is_refused_and_never_zero() -> None:
    unit, time, outcome = _columns()
    outcome[6] = np.nan
    with pytest.raises(NotEnoughData, match="without an outcome: UZB in 2003: a missing cell is not zero"):
        panel(unit, time, outcome, treated=["KAZ"], start=2003)
    assert panel(unit, time, outcome, treated=["KAZ"], start=2003, donors=["AZE"]).units == ("KAZ", "AZE")


def test_two_rows_for_one_cell_are_refused() -> None:
    unit, time, outcome = _columns()
    with pytest.raises(BadRequest, match="two rows for KAZ in 2001"):
        panel([*unit, "KAZ"], [*time, 2001], [*outcome, 1.0], treated=["KAZ"], start=2003)


def test_an_outcome_that_never_changes_is_refused() -> None:
    unit, time, _ = _columns()
    with pytest.raises(NotEnoughData, match="the outcome is 7 for every unit in every period"):
        panel(unit, time, [7.0] * len(unit), treated=["KAZ"], start=2003)


def test_columns_of_unequal_length_are_refused() -> None:
    unit, time, outcome = _columns()
    with pytest.raises(BadRequest, match="12 units, 11 times and 12 outcomes"):
        panel(unit, time[1:], outcome, treated=["KAZ"], start=2003)


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(BadRequest, match="2 units and 2 periods"):
        Panel(np.ones((2, 3)), np.array([1, 3]), ("A", "B"), (1, 2))
    with pytest.raises(BadRequest, match="unit 'A' stands twice"):
        Panel(np.eye(2), np.array([1, 2]), ("A", "A"), (1, 2))
    with pytest.raises(BadRequest, match="A is treated from the first period, 1"):
        Panel(np.eye(2), np.array([0, 2]), ("A", "B"), (1, 2))


@pytest.mark.parametrize("scale", [1e160, 1e101, 1e-170])
def test_an_outcome_whose_squares_are_lost_is_refused_by_its_size(scale: float) -> None:
    outcome = scale * np.random.default_rng(1).normal(size=(3, 4))
    with pytest.raises(BadRequest, match=r"the outcome reaches \d.*Give it in a unit"):
        Panel(outcome, np.array([2, 4, 4]), UNITS, YEARS)


@pytest.mark.parametrize("scale", [1e90, 1e-90])
def test_estimates_of_the_largest_and_smallest_outcomes_are_those_of_any_unit(scale: float) -> None:
    outcome = np.random.default_rng(1).normal(size=(8, 9))
    start = np.array([6] + [9] * 7)
    small, large = (Panel(each, start, tuple("ABCDEFGH"), tuple(range(9))) for each in (outcome, scale * outcome))
    for method in METHODS:
        assert estimate(large, method).att / scale == pytest.approx(estimate(small, method).att, rel=1e-6)


def test_of_some_periods_only_units_treated_later_are_left_out() -> None:
    both = _built(treated=["KAZ", "AZE"], start={"KAZ": 2002, "AZE": 2004})
    assert both.within(0, 4).start.tolist() == both.start.tolist()
    early = both.within(0, 3)
    assert (early.units, early.times, early.start.tolist()) == (("KAZ", "UZB"), YEARS[:3], [1, 3])
    np.testing.assert_array_equal(early.outcome, both.outcome[:2, :3])
    with pytest.raises(BadRequest, match="treated from the first period"):
        both.within(1, 4)


def test_panels_are_compared_as_objects_and_not_cell_by_cell() -> None:
    one, other = _built(), _built()
    assert one != other
    assert len({one, other, one}) == 2
