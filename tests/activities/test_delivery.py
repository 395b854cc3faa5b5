"""Planned beside realised, against numpy and intervals by brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softpower.activities.activity import Activity, Figure
from softpower.activities.bundled import bundled_activities
from softpower.activities.delivery import delivery, ratio
from tests.activities.made import made


def _register(*figures: tuple[float, float]) -> list[Activity]:
    return [
        made(f"A-{at}", figures=[{"indicator": "visits", "planned": planned, "realised": realised}])
        for at, (planned, realised) in enumerate(figures)
    ]


def test_the_nomad_games_delivered_half_to_five_eighths_of_the_athletes_first_announced() -> None:
    found = {each.indicator: each for each in delivery(bundled_activities()).figures if each.id == "KAZ-WNG-2024"}
    assert found["athletes"].ratio == (0.5, 0.625)
    assert found["countries"].ratio == pytest.approx((0.89, 0.89))
    assert found["athletes"].claimed
    assert found["athletes"].text == "2,500 of 4,000 to 5,000 planned (claimed)"


def test_expo_2017_delivered_four_fifths_of_the_visits_announced() -> None:
    expo = next(
        each
        for each in delivery(bundled_activities()).figures
        if (each.id, each.indicator) == ("KAZ-EXPO-2017", "visits")
    )
    assert expo.ratio is not None
    assert expo.ratio[0] == pytest.approx(3_997_545 / 5_000_000)


@pytest.mark.parametrize(
    ("figure", "why"),
    [
        ({"planned": 10}, "not realised, or not known"),
        ({"realised": 10}, "not planned, or not known"),
        ({"planned": 0, "realised": 10}, "planned is not above zero"),
        ({"planned": -5, "realised": 10}, "planned is not above zero"),
    ],
)
def test_there_is_no_ratio_where_a_side_is_missing_or_the_plan_is_zero(figure: dict[str, float], why: str) -> None:
    found = delivery([made(figures=[{"indicator": "visits"} | figure])])
    assert (found.figures[0].ratio, found.figures[0].why) == (None, why)
    assert (found.ratios, found.median, found.least) == (0, None, None)


def test_nothing_realised_is_a_ratio_of_zero_and_not_unknown() -> None:
    assert ratio(Figure(indicator="visits", planned=10, realised=0)) == (0, 0)


def test_a_plan_of_what_was_cancelled_is_said_apart() -> None:
    found = delivery([made(status="cancelled", figures=[{"indicator": "visits", "planned": 5}])])
    assert (found.cancelled, found.planned_only) == (1, 0)


def test_the_median_and_quartiles_are_those_of_numpy() -> None:
    rng = np.random.default_rng(3)
    planned, realised = rng.uniform(1, 100, 40), rng.uniform(0, 100, 40)
    found = delivery(_register(*zip(planned.tolist(), realised.tolist(), strict=True)))
    quotient = realised / planned
    assert found.median == pytest.approx((np.median(quotient), np.median(quotient)))
    assert found.quartiles == pytest.approx(np.quantile(quotient, [0.25, 0.75]).tolist())
    assert found.least == pytest.approx(quotient.min())
    assert found.most == pytest.approx(quotient.max())
    assert (found.ratios, found.activities) == (40, 40)


def test_quartiles_of_ranges_run_from_the_lowest_lower_one_to_the_highest_upper_one() -> None:
    entries = [
        made(f"A-{at}", figures=[{"indicator": "x", "planned": 10, "realised": at, "realised_most": at + 3}])
        for at in range(1, 10)
    ]
    # Lower ends are 0.1 to 0.9, upper ends 0.4 to 1.2.
    assert delivery(entries).quartiles == pytest.approx((0.3, 1.0))
    assert delivery(entries).median == pytest.approx((0.5, 0.8))


def test_fewer_than_five_ratios_have_no_spread() -> None:
    found = delivery(_register((10, 5), (10, 6), (10, 7), (10, 8)))
    assert found.median == pytest.approx((0.65, 0.65))
    assert found.quartiles is None


def test_an_activity_that_is_registered_twice_counts_once() -> None:
    figures = [{"indicator": "visits", "planned": 10, "realised": 5}]
    twice = [made("A", figures=figures), made("B", figures=figures, extra={"same_as": "A"})]
    assert delivery(twice).ratios == 1
    assert delivery(twice).same == (("B", "A"),)


def test_each_ratio_that_rests_on_the_organisers_own_figure_is_counted() -> None:
    figures = [
        {"indicator": "a", "planned": 10, "realised": 5, "claimed": True},
        {"indicator": "b", "planned": 10, "realised": 5},
        {"indicator": "c", "realised": 5, "claimed": True},
    ]
    found = delivery([made(figures=figures)])
    assert (found.ratios, found.claimed, found.activities, found.realised_only) == (2, 1, 1, 1)


_amount = st.floats(-1e6, 1e6)


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=2), st.lists(_amount, min_size=2, max_size=2))
def test_a_ratio_of_ranges_holds_every_ratio_of_numbers_within_them(
    planned: list[float], realised: list[float]
) -> None:
    plan, result = sorted(planned), sorted(realised)
    found = ratio(
        Figure(indicator="x", planned=plan[0], planned_most=plan[1], realised=result[0], realised_most=result[1])
    )
    assert found is not None
    all_of = [r / p for p, r in product(np.linspace(plan[0], plan[1], 5), np.linspace(result[0], result[1], 5))]
    assert found[0] == pytest.approx(min(all_of))
    assert found[1] == pytest.approx(max(all_of))


@given(st.lists(st.tuples(st.floats(1, 100), st.floats(1, 100), st.floats(1, 100)), min_size=1, max_size=9))
def test_the_median_of_ranges_holds_the_median_of_any_choice_within_them(
    values: list[tuple[float, float, float]],
) -> None:
    entries = [
        made(
            f"A-{at}",
            figures=[{"indicator": "x", "planned": plan, "realised": min(a, b), "realised_most": max(a, b)}],
        )
        for at, (plan, a, b) in enumerate(values)
    ]
    found = delivery(entries).median
    assert found is not None
    middle = float(np.median([(a + b) / 2 / plan for plan, a, b in values]))
    assert found[0] - 1e-9 <= middle <= found[1] + 1e-9
