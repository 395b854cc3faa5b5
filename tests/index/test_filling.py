"""Errors of cells that a model fills over time, against walks whose end is known."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.index.filling import over_time
from softpower.index.model import Impute
from softpower.index.panel import Panel

RULES = ["latest", "constant", "linear", "linear_constant"]
YEARS = tuple(range(2010, 2020))


def panel(value: np.ndarray, *, se: float = 0.0) -> Panel:
    """A panel of so many units, shape (year, unit, indicator)."""
    units = tuple(f"U{number:04d}" for number in range(value.shape[1]))
    columns = tuple(f"x{number}" for number in range(value.shape[2]))
    return Panel.of(value, value, units=units, years=YEARS, indicators=columns, se=se)


def walks(units: int, seed: int) -> np.ndarray:
    """Random walks of one year and unit of variance 9, from unequal beginnings, with a change that all share."""
    rng = np.random.default_rng(seed)
    steps = 3 * rng.standard_normal((len(YEARS), units, 1)) + rng.standard_normal((len(YEARS), 1, 1))
    return 40 * rng.standard_normal((1, units, 1)) + steps.cumsum(axis=0)


@pytest.mark.parametrize("rule", RULES)
def test_nine_of_ten_intervals_hold_the_truth_with_the_drift_of_what_is_seen(rule: str) -> None:
    truth = walks(4000, 3)
    truth -= truth.mean(axis=1, keepdims=True)  # a unit drifts against the others
    holed = truth.copy()
    holed[4:7, ::2] = np.nan  # between two known years
    holed[8:, 1::4] = np.nan  # after the last
    value, se = (
        each.reshape(truth.shape) for each in over_time(panel(holed), Impute.model_validate({"over_time": rule}))
    )
    for years, units in ((slice(4, 7), slice(None, None, 2)), (slice(8, None), slice(1, None, 4))):
        for year in range(*years.indices(len(YEARS))):
            off, error = (value - truth)[year, units], se[year, units]
            if np.isfinite(off).any():
                assert np.mean(np.abs(off) < 1.645 * error) == pytest.approx(0.9, abs=0.02)


def test_a_carried_value_keeps_the_error_that_was_published_for_it() -> None:
    value = np.repeat(np.arange(30.0)[None, :, None], len(YEARS), axis=0)  # nothing drifts
    value[5:, 3] = np.nan
    _, se = over_time(panel(value, se=0.7), Impute(over_time="latest"))
    np.testing.assert_allclose(se.reshape(value.shape), 0.7)


def test_an_indicator_seen_too_seldom_drifts_as_the_others_do() -> None:
    often = walks(300, 5)
    seldom = 10 * often
    seldom[1:] = np.nan
    _, se = over_time(panel(np.concatenate([often, seldom], axis=2)), Impute(over_time="latest"))
    carried = se.reshape(len(YEARS), 300, 2)[:, :, 1]
    share = 9 / often.var()
    np.testing.assert_allclose(carried[4], np.sqrt(4 * share * seldom[0].var()), rtol=0.1)
    _, alone = over_time(panel(seldom), Impute(over_time="latest"))
    assert (alone == 0).all()  # nothing shows any drift
