"""Words on ties: what may be said of a balance between poles."""

from __future__ import annotations

import math

import pytest

from softpower.vectors.excesses import Gap
from softpower.vectors.wording import balance, incomplete, times
from softpower.world import vectors_of

RUSSIA, WEST = (next(each for each in vectors_of("KAZ") if each.id == id) for id in ("russia", "west"))


def gap(ratio: float, low: float, high: float) -> Gap:
    logs = [math.log(each) if each else math.nan for each in (ratio, low, high)]
    return Gap(RUSSIA, WEST, logs[0], logs[1], logs[2], above=0.5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (gap(3.2, 2.0, 4.5), "the excess with Russia is 3.2 (2.0-4.5) times that with the West"),
        (gap(1 / 2.3, 1 / 3.6, 1 / 1.7), "the excess with the West is 2.3 (1.7-3.6) times that with Russia"),
        (gap(1.1, 0.8, 1.4), "not distinguishable between Russia and the West"),
        (gap(0, 7.0, 107.0), "the excess with Russia is 7.0 to 107 times that with the West"),
        (gap(0, 1 / 107, 1 / 7), "the excess with the West is 7.0 to 107 times that with Russia"),
    ],
)
def test_a_balance_names_the_stronger_pole_by_what_factor_and_how_sure(given: Gap, said: str) -> None:
    assert balance(given) == said


def test_no_number_of_times_has_an_exponent() -> None:
    assert [times(10.0**power) for power in (-7, -3, 0, 3, 6)] == ["0.0000001", "0.001", "1.0", "1,000", "1,000,000"]


def test_what_is_incomplete_is_told_once_for_two_layers_alike() -> None:
    assert incomplete(["refugees_from", "refugees_hosted"]) == "Incomplete: refugees of listed pairs only."
    assert incomplete(["trade"]) == ""
