"""Benefit of the doubt where cells are missing, and as a step of a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from softpower.errors import BadRequest
from softpower.index.benefit_of_the_doubt import (
    benefit_of_the_doubt,
    directional,
    preferred_direction,
    share_bounded,
    with_gaps,
)
from softpower.index.joining import Joint, Watch, join
from softpower.index.model import Aggregate

CELLS = arrays(np.float64, (7, 3), elements=st.floats(1, 100))
FREE = Aggregate(method="benefit_of_the_doubt")


def kindest(y: np.ndarray, unit: int, low: float, high: float) -> float:
    """The programme as written down by Cherchye and others (2007), on the parts that the unit has, by HiGHS."""
    has = ~np.isnan(y[unit])
    peers = y[~np.isnan(y[:, has]).any(axis=1)][:, has]
    own = y[unit, has]
    rows = [*peers]
    limits = [1.0] * len(peers)
    for k in range(len(own)):
        at_least = low * own
        at_least[k] -= own[k]
        at_most = -high * own
        at_most[k] += own[k]
        rows += [at_least, at_most]
        limits += [0.0, 0.0]
    return -float(linprog(-own, A_ub=np.array(rows), b_ub=limits, method="highs").fun)


@given(CELLS)
@settings(max_examples=30, deadline=None)
def test_without_gaps_scores_are_those_of_the_plain_functions(y: np.ndarray) -> None:
    np.testing.assert_allclose(with_gaps(y), benefit_of_the_doubt(y).score)
    np.testing.assert_allclose(with_gaps(y, low=0.1, high=0.6), share_bounded(y, low=0.1, high=0.6).score)
    preferred = directional(y, direction=preferred_direction(y, [2.0, 1.0, 0.0]))
    np.testing.assert_allclose(with_gaps(y, prefer=[2.0, 1.0, 0.0]), preferred.score)


@given(CELLS, st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_unit_is_judged_by_what_it_has_against_those_who_have_it_too(y: np.ndarray, seed: int) -> None:
    y[np.random.default_rng(seed).random(y.shape) < 0.3] = np.nan
    found = with_gaps(y)
    for unit in range(len(y)):
        if np.isnan(y[unit]).all():
            assert np.isnan(found[unit])
        else:
            assert found[unit] == pytest.approx(kindest(y, unit, 0.0, 1.0), rel=1e-8)


def test_the_share_of_a_missing_part_widens_the_bounds_of_the_others() -> None:
    """A third part with 20-40 % leaves two others 60-80 %: one that had 20-40 % of all has 25 % of 80 or 40 of 60."""
    y = np.array([[3.0, 1.0, np.nan], [1.0, 4.0, 2.0], [2.0, 2.0, 5.0]])
    found = with_gaps(y, low=0.2, high=0.4)
    assert found[0] == pytest.approx(kindest(y, 0, 0.25, 0.4 / 0.6), rel=1e-8)
    np.testing.assert_allclose(found[1:], share_bounded(y[1:], low=0.2, high=0.4).score)


@given(CELLS, st.permutations(range(7)), st.lists(st.floats(0.01, 100), min_size=3, max_size=3))
@settings(max_examples=30, deadline=None)
def test_neither_the_order_of_units_nor_the_units_of_parts_matter(
    y: np.ndarray, order: list[int], factors: list[float]
) -> None:
    y[0, 0] = y[3, 1] = np.nan
    usual = with_gaps(y, low=0.1, high=0.7)
    np.testing.assert_allclose(with_gaps(y[order] * factors, low=0.1, high=0.7), usual[order], rtol=1e-8)


def test_a_missing_part_is_not_a_zero() -> None:
    y = np.array([[5.0, np.nan], [5.0, 1e-9], [4.0, 9.0]])
    found = with_gaps(y, low=0.5, high=0.5)
    assert found[0] == 1.0
    assert found[1] < 1e-8


# As a step


def test_the_step_scores_each_draw_and_year_apart_whatever_the_weights() -> None:
    x = np.random.default_rng(1).uniform(1, 100, (3, 10, 2))
    shares = np.array([[0.5, 0.5], [0.9, 0.1], [0.5, 0.5]])
    found = join(FREE, Joint(x, shares, years=2))
    for draw in range(3):
        for half in (slice(0, 5), slice(5, 10)):
            np.testing.assert_allclose(found[draw, half], 100 * benefit_of_the_doubt(x[draw, half]).score)


def test_bounds_by_name_and_a_part_without_weight() -> None:
    x = np.random.default_rng(2).uniform(1, 100, (2, 9, 3))
    step = Aggregate(method="benefit_of_the_doubt", share=[0.1, 0.5], shares={"b": [0.3, 0.4]})
    shares = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    found = join(step, Joint(x, shares, years=1, parts=["a", "b", "c"])) / 100
    bounded = share_bounded(x[0], low=[0.1, 0.3, 0.1], high=[0.5, 0.4, 0.5])
    np.testing.assert_allclose(found[0], bounded.score)
    # The part left out had 10-50 %: the others have from their least of 90 % to their most of 50 %.
    widened = share_bounded(x[1, :, :2], low=[0.1 / 0.9, 0.3 / 0.9], high=[1.0, 0.8])
    np.testing.assert_allclose(found[1], widened.score)
    absent = join(step, Joint(x[1:, :, :2], shares[1:, :2], years=1, parts=["a", "b"], absent=["c"])) / 100
    np.testing.assert_allclose(absent[0], found[1])


def test_few_units_are_said_and_zeros_refused() -> None:
    watch = Watch()
    x = np.random.default_rng(3).uniform(1, 9, (1, 6, 4))
    join(FREE, Joint(x, np.ones((1, 4)), years=1, node="arts", watch=watch))
    assert [each for each in watch.cautions("here") if "arts: 6 units are few" in each]
    x[0, 2, 1] = 0.0
    with pytest.raises(BadRequest, match=r"lowest in arts is 0: normalise .* scale = \[1, 100\]"):
        join(FREE, Joint(x, np.ones((1, 4)), years=1, node="arts"))
    share = join(FREE, Joint(x, np.array([[1.0, 0.0, 1.0, 1.0]]), years=1))
    np.testing.assert_allclose(share[0], 100 * benefit_of_the_doubt(x[0][:, [0, 2, 3]]).score)


def test_too_few_known_parts_give_no_score_and_set_no_standard() -> None:
    x = np.array([[[9.0, np.nan, np.nan], [4.0, 5.0, 6.0], [2.0, 8.0, np.nan]]])
    step = Aggregate(method="benefit_of_the_doubt", known=0.6)
    found = join(step, Joint(x, np.ones((1, 3)), years=1))[0]
    assert np.isnan(found[0])
    assert found[1] == 100.0
