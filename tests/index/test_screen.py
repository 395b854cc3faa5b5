"""Who stays in an index, and the reason given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softpower.errors import BadRequest, UnknownName
from softpower.index.screen import By, screen

NAN = np.nan
# Full; half missing; all zeros; nothing at all.
X = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, NAN, NAN, 4.0], [0.0, 0.0, 0.0, 0.0], [NAN, NAN, NAN, NAN]])
UNITS = ["AUT", "BGR", "CYP", "DEU"]


def test_units_short_of_indicators_go_and_the_reason_says_how_short() -> None:
    decided = screen(X, by="missing", least_available=0.75, units=UNITS)
    assert decided.kept.tolist() == [True, False, True, False]
    assert decided.reason == (
        "enough data",
        "too few indicators: 2 of 4 (0.500), at least 0.750 wanted",
        "enough data",
        "no data",
    )


def test_a_share_at_the_limit_is_enough() -> None:
    assert screen(X, by="missing", least_available=0.5).kept.tolist() == [True, True, True, False]


def test_units_of_zeros_go_by_zeros_and_missing_cells_are_no_zeros() -> None:
    decided = screen(X, by="zeros", least_nonzero=0.5)
    assert decided.kept.tolist() == [True, True, False, False]
    assert decided.reason[2].startswith("too many zeros: 4 of 4")


def test_either_shortage_drops_a_unit() -> None:
    decided = screen(X, by="either", least_available=0.75, least_nonzero=0.5)
    assert decided.kept.tolist() == [True, False, False, False]


def test_both_shortages_are_named_together() -> None:
    decided = screen([[0.0, NAN, NAN]], by="either", least_available=0.5, least_nonzero=0.5)
    assert decided.reason[0].count("; too many zeros") == 1


def test_units_named_stay_or_go_whatever_their_data() -> None:
    decided = screen(X, least_available=0.75, units=UNITS, keep=["DEU", "BGR"], drop=["AUT"])
    assert decided.kept.tolist() == [False, True, True, True]
    assert decided.reason[:2] == ("dropped by name", "kept by name")
    assert decided.few_available.tolist() == [False, True, False, True]


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="'AUS' in the units to drop; nearest: AUT"):
        screen(X, units=UNITS, drop=["AUS"])


def test_contradictions_and_values_out_of_range_are_refused() -> None:
    for call in (
        lambda: screen(X, units=UNITS, keep=["AUT"], drop=["AUT"]),
        lambda: screen(X, units=UNITS, keep="AUT"),
        lambda: screen(X, units=UNITS[:2]),
        lambda: screen(X, least_available=1.5),
        lambda: screen(X, least_nonzero=NAN),
        lambda: screen(X, by="size"),  # type: ignore[arg-type]
        lambda: screen([1.0, 2.0]),
    ):
        with pytest.raises(BadRequest):
            call()


@given(st.integers(0, 2**32 - 1), st.sampled_from(["missing", "zeros", "either"]), st.floats(0, 1))
def test_decisions_follow_the_units_and_not_their_order_or_measure(seed: int, by: By, limit: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, size=(8, 5)).astype(float)
    x[rng.random(x.shape) < 0.4] = NAN
    order = rng.permutation(8)
    decided, moved = (screen(y, by=by, least_available=limit, least_nonzero=limit) for y in (x, 1e6 * x[order]))
    assert moved.kept.tolist() == decided.kept[order].tolist()
    assert moved.reason == tuple(decided.reason[row] for row in order)
    stricter = screen(x, by=by, least_available=min(limit + 0.2, 1), least_nonzero=min(limit + 0.2, 1))
    assert not (stricter.kept & ~decided.kept).any()
