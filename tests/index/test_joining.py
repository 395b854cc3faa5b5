"""The means of a model, summed up part by part, against the plain functions and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import aggregate, joining
from softpower.index.joining import Joint, join, mean_of
from softpower.index.model import Aggregate, Normalise
from softpower.index.refusals import Origin, refuse_scores

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
        if way is None:  # a mean that needs all parts at once
            for cells in (x, x[None]):
                np.testing.assert_allclose(join(step, Joint(cells, WEIGHTS[None], years=1))[0], mean, rtol=1e-9)
        else:
            np.testing.assert_allclose(way.back(way.forward(x) @ WEIGHTS), mean, rtol=1e-9)


@pytest.mark.parametrize("power", [-400.0, -3.0, 1e-9, 200.0, 1e6])
def test_blocks_of_draws_are_joined_as_the_plain_power_mean_joins_each(
    power: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    x, shares = rng.uniform(1e-3, 1e3, (7, 5, 3)), rng.dirichlet(np.ones(3), 7)
    shares[2] = [0.0, 0.4, 0.6]
    x[:, 1, 0] = np.nan
    step = Aggregate(method="power", power=power)
    expected = [aggregate.power(cells, own, p=power) for cells, own in zip(x, shares, strict=True)]
    monkeypatch.setattr(joining, "BLOCK", 31)
    np.testing.assert_allclose(join(step, Joint(x, shares, years=1)), expected, rtol=1e-14)
    same = [aggregate.power(x[0], own, p=power) for own in shares]
    np.testing.assert_allclose(join(step, Joint(x[0], shares, years=1)), same, rtol=1e-14)


ORIGIN = Origin(
    model="cities.toml",
    node="arts",
    table="alternative 2 of [[uncertainty.aggregate]]",
    scales={
        "museums": ("[normalise]", Normalise()),
        "parks": ("[normalise]", Normalise(beyond="extend")),
        "inside": ("[normalise]", Normalise(scale=[1.0, 100.0])),
        "crowds": ("alternative 1 of [[uncertainty.normalise]]", Normalise(method="zscore", mean=10.0, sd=2.0)),
    },
    leaves={"pillar": ("inside", "parks"), "sound": ("inside",)},
    rows=("KAZ in 2020", "UZB in 2020", "KAZ in 2021"),
    central=False,
)


@pytest.mark.parametrize(
    ("step", "part", "scores", "says"),
    [
        (
            Aggregate(method="geometric"),
            "museums",
            [[50.0, 0.0, 1.0], [50.0, 0.0, 0.0]],
            (
                "a geometric mean needs scores above zero, and the lowest in arts is 0: normalise to a scale that "
                "begins above zero, scale = [1, 100] in [normalise] (minmax), or give floor = 10 in alternative 2 of "
                "[[uncertainty.aggregate]]; it is that of museums of UZB in 2020 in a replication (1 of 2 such)"
            ),
        ),
        (
            Aggregate(method="geometric"),
            "crowds",
            [[np.nan, 3.0, -2.07]],
            (
                "a geometric mean needs scores above zero, and the lowest in arts is -2.07: normalise to a scale that "
                "begins above zero, scale = [1, 100] in place of mean and sd in alternative 1 of "
                "[[uncertainty.normalise]] (zscore); it is that of crowds of KAZ in 2021 in a replication (1 of 1 such)"
            ),
        ),
        (
            Aggregate(method="geometric", floor=10.0),
            "parks",
            [[5.0, 3.0, -1.0]],
            (
                "a geometric mean with a floor of 10 needs scores of zero or more, and the lowest in arts is -1: "
                'normalise to a scale that begins at zero, scale = [0, 100] and beyond = "clip" in [normalise] (minmax)'
            ),
        ),
        (Aggregate(method="harmonic"), "museums", [[0.0, 3.0, 1.0]], "a harmonic mean needs scores above zero"),
        (
            Aggregate(method="power", power=2.0),
            "pillar",
            [[1.0, 3.0, -1.0]],
            (
                "a power mean with power 2 needs scores of zero or more, and the lowest in arts is -1: normalise to a "
                'scale that begins at zero, scale = [0, 100] and beyond = "clip" in [normalise] (minmax), which parks '
                "of pillar needs, or join pillar by another mean"
            ),
        ),
        (Aggregate(method="harmonic"), "sound", [[1.0, 3.0, -1.0]], "the lowest in arts is -1: join sound by another"),
    ],
)
def test_scores_out_of_reach_are_named_with_file_node_part_unit_table_and_remedy(
    step: Aggregate, part: str, scores: list[list[float]], says: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        refuse_scores(step, [(part, np.array(scores), slice(None))], ORIGIN)
    assert str(caught.value).startswith("cities.toml, node arts, alternative 2 of [[uncertainty.aggregate]]: ")
    assert says in str(caught.value)


def test_of_scores_of_some_rows_the_right_one_is_named_and_within_reach_none_is() -> None:
    step, few = Aggregate(method="harmonic"), np.array([2])
    with pytest.raises(BadRequest, match="museums of KAZ in 2021"):
        refuse_scores(step, [("museums", np.array([[-1.0]]), few)], ORIGIN)
    refuse_scores(step, [("museums", np.array([[np.nan, 1e-3, 1.0]]), slice(None))], ORIGIN)
    refuse_scores(Aggregate(), [("museums", np.array([[-1.0]]), few)], ORIGIN)
    # A zero may come out of sums a little below it.
    refuse_scores(Aggregate(method="power", power=2.0), [("museums", np.array([[-1e-12]]), few)], ORIGIN)


def test_benefit_of_the_doubt_looks_only_at_parts_of_some_weight() -> None:
    x = np.array([[[1.0, 2.0, -1.0], [3.0, 0.0, 1.0], [2.0, 2.0, 2.0]]])
    joint = Joint(x, np.array([[1.0, 1.0, 0.0]]), years=1, parts=["a", "b", "c"], rows=["KAZ", "UZB", "KGZ"])
    with pytest.raises(BadRequest, match=r"is 0: normalise .*it is that of b of UZB in a replication \(1 of 1 such\)"):
        join(Aggregate(method="benefit_of_the_doubt"), joint)


def test_copeland_counts_units_within_their_year() -> None:
    table = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0], [9.0, 9.0], [np.nan, np.nan], [8.0, 8.0]])
    found = join(Aggregate(method="copeland"), Joint(table[None], np.array([[0.6, 0.4]]), years=2))[0]
    np.testing.assert_allclose(found, [100.0, 50.0, 0.0, 100.0, np.nan, 0.0])


def test_owa_needs_a_weight_for_every_place() -> None:
    joint = Joint(np.ones((1, 3, 2)), np.ones((1, 2)), years=1, node="arts", parts=["museums", "crowds"])
    with pytest.raises(
        BadRequest, match=r"node arts.*one weight for each of 2 places in order, not 1: museums, crowds"
    ):
        join(Aggregate(method="owa", order=[1.0]), joint)


def test_mazziotta_pareto_names_the_unit_it_cannot_score() -> None:
    x = np.array([[[1.0, 2.0], [-3.0, 1.0]]])
    joint = Joint(x, np.array([[0.5, 0.5]]), years=2, node="skill", rows=("KAZ in 2020", "KAZ in 2021"))
    why = "skill cannot be joined by mazziotta_pareto: .* that of KAZ in 2021 is -1; standardise .*mean = 100, sd = 10"
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
