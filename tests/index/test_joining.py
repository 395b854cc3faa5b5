"""The means of a model, summed up part by part, against the plain functions and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index.joining import Joint, join, mean_of
from softpower.index.model import Aggregate

WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])


@given(arrays(np.float64, (6, 4), elements=st.floats(1, 100)))
def test_means_summed_up_part_by_part_are_scipys(x: np.ndarray) -> None:
    lifted = 10 + 0.9 * x
    expected = [
        (Aggregate(), np.average(x, axis=1, weights=WEIGHTS)),
        (Aggregate(method="geometric"), stats.gmean(x, axis=1, weights=WEIGHTS)),
        (Aggregate(method="geometric", floor=10.0), (stats.gmean(lifted, axis=1, weights=WEIGHTS) - 10) / 0.9),
        (Aggregate(method="harmonic"), stats.hmean(x, axis=1, weights=WEIGHTS)),
        (Aggregate(method="power", power=0.0), stats.gmean(x, axis=1, weights=WEIGHTS)),
        (Aggregate(method="power", power=2.0), stats.pmean(x, 2, axis=1, weights=WEIGHTS)),
    ]
    for step, mean in expected:
        way = mean_of(step)
        assert way is not None
        np.testing.assert_allclose(way.back(way.forward(x) @ WEIGHTS), mean, rtol=1e-9)


@pytest.mark.parametrize("step", [Aggregate(method="geometric"), Aggregate(method="harmonic")])
def test_a_mean_that_cannot_take_zero_says_what_to_do(step: Aggregate) -> None:
    way = mean_of(step)
    assert way is not None
    with pytest.raises(
        BadRequest, match=r"above zero, and the lowest is 0: normalise to a scale .* scale = \[1, 100\]"
    ):
        way.forward(np.array([50.0, 0.0]))


def test_copeland_counts_units_within_their_year() -> None:
    table = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0], [9.0, 9.0], [np.nan, np.nan], [8.0, 8.0]])
    found = join(Aggregate(method="copeland"), Joint(table[None], np.array([[0.6, 0.4]]), years=2))[0]
    np.testing.assert_allclose(found, [100.0, 50.0, 0.0, 100.0, np.nan, 0.0])


def test_owa_needs_a_weight_for_every_place() -> None:
    with pytest.raises(BadRequest, match="one weight for each of 2 places"):
        join(Aggregate(method="owa", order=[1.0]), Joint(np.ones((1, 3, 2)), np.ones((1, 2)), years=1))


def test_mazziotta_pareto_names_the_unit_it_cannot_score() -> None:
    x = np.array([[[1.0, 2.0], [-3.0, 1.0]]])
    joint = Joint(x, np.array([[0.5, 0.5]]), years=2, node="skill", rows=("KAZ in 2020", "KAZ in 2021"))
    why = "skill cannot be joined by mazziotta_pareto: .* that of KAZ in 2021 is -1; standardise"
    with pytest.raises(BadRequest, match=why):
        join(Aggregate(method="mazziotta_pareto"), joint)


@pytest.mark.parametrize("ddof", [0, 1])
def test_mazziotta_pareto_divides_by_the_parts_less_what_the_step_says(ddof: int) -> None:
    x = np.random.default_rng(4).uniform(50, 150, (1, 9, 4))
    found = join(Aggregate.model_validate({"method": "mazziotta_pareto", "ddof": ddof}), Joint(x, np.ones((1, 4)), 1))
    np.testing.assert_allclose(found[0], x[0].mean(axis=1) - x[0].var(axis=1, ddof=ddof) / x[0].mean(axis=1))


def test_mazziotta_pareto_takes_the_weights_of_each_draw() -> None:
    x = np.random.default_rng(1).uniform(50, 150, (3, 6, 2))
    shares = np.array([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]])
    found = join(Aggregate(method="mazziotta_pareto"), Joint(x, shares, years=1))
    mean = np.einsum("dup,dp->du", x, shares)
    variance = np.einsum("dup,dp->du", (x - mean[..., None]) ** 2, shares)
    np.testing.assert_allclose(found, mean - variance / mean)
