"""Treatment of outliers, against a plain loop, closed forms and scipy; and the maps that are fitted."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.model import Indicator, Treat
from softpower.index.scaling import fit_treatment as fit_indicator
from softpower.index.transform import FITS, Rule, fit, likeliest_power
from softpower.index.treat import (
    apply,
    box_cox,
    fit_treatment,
    fit_treatments,
    log,
    log1p,
    log_coin,
    log_gii,
    log_signed,
    treat,
    winsorise,
)

NAN = np.nan
ONE_OUTLIER = np.array([1.0, 2.0, 3.0, 4.0, 90.0, 3.0, NAN])
# Whole numbers, many of them equal, with long tails.
TAILED = st.lists(
    st.one_of(st.just(NAN), st.integers(-9, 9).map(lambda k: float(np.sign(k) * 2.0 ** abs(k)))),
    min_size=1,
    max_size=30,
).map(np.array)


def _passes(x: np.ndarray, skew: float = 2.0, kurtosis: float = 3.5) -> bool:
    return abs(stats.skew(x, bias=False)) < skew or stats.kurtosis(x, bias=False) < kurtosis


def _winsorised_by_hand(x: np.ndarray, most: int) -> np.ndarray:
    """Cell by cell: put the extreme cells on the next value, look again."""
    y = x.copy()
    known = np.isfinite(x)
    while known.sum() > 3 and len(set(y[known])) > 2 and not _passes(y[known]) and (y[known] != x[known]).sum() < most:
        side, end = (max, 1) if stats.skew(y[known]) >= 0 else (min, -1)
        edge = side(y[known])
        y[y == edge] = side(value for value in y[known] if end * value < end * edge)
    return y


@given(TAILED, st.integers(0, 6))
def test_winsorised_cells_are_those_of_a_plain_loop(x: np.ndarray, most: int) -> None:
    np.testing.assert_array_equal(winsorise(x, most=most), _winsorised_by_hand(x, most))


@given(TAILED, st.integers(0, 6))
def test_within_never_moves_more_cells_than_it_may(x: np.ndarray, most: int) -> None:
    y = winsorise(x, most=most, ties="within")
    assert (y[np.isfinite(x)] != x[np.isfinite(x)]).sum() <= most


def test_tied_outliers_move_together_or_not_at_all() -> None:
    x = np.array([1.0] * 10 + [2.0] * 9 + [50.0, 50.0])
    assert not _passes(x)
    assert winsorise(x, most=1)[-2:].tolist() == [2.0, 2.0]
    assert winsorise(x, most=1, ties="within")[-2:].tolist() == [50.0, 50.0]
    assert winsorise(x, most=2, ties="within")[-2:].tolist() == [2.0, 2.0]


def test_lower_outliers_are_brought_in_from_below() -> None:
    np.testing.assert_array_equal(winsorise(-ONE_OUTLIER), -winsorise(ONE_OUTLIER))
    assert winsorise(-ONE_OUTLIER)[4] == -4.0


def test_winsorising_can_go_on_after_the_rule_holds() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0, 10.0])
    np.testing.assert_array_equal(winsorise(x), x)
    assert winsorise(x, until="most", most=1).tolist() == [0.0, 1.0, 2.0, 3.0, 3.0]


def test_an_indicator_is_never_winsorised_until_it_is_constant() -> None:
    x = np.array([0.0] * 30 + [1.0])
    np.testing.assert_array_equal(winsorise(x, most=None, until="most"), x)
    told = fit_treatment(x)
    assert told.map.name == "log_coin"
    assert told.after.passes is False


@given(TAILED, st.sampled_from([0.25, 8.0, 2.0**40]), st.randoms(use_true_random=False))
def test_order_of_units_and_unit_of_measurement_do_not_matter(x: np.ndarray, scale: float, random) -> None:
    order = random.sample(range(len(x)), len(x))
    np.testing.assert_array_equal(winsorise(scale * x[order]), scale * winsorise(x)[order])
    told, moved = fit_treatment(x), fit_treatment(scale * x[order])
    assert told.map.name == moved.map.name
    # The logarithm turns another unit into another origin.
    shift = np.log(scale) if told.map.name == "log_coin" else 0.0
    factor = 1.0 if told.map.name == "log_coin" else scale
    np.testing.assert_allclose(treat(scale * x[order]), factor * treat(x)[order] + shift, rtol=1e-9, atol=1e-9)


def _fitted(name: str, x: np.ndarray) -> Any:
    options: dict[str, dict[str, Any]] = {
        "log": {"offset": 513.0},
        "log1p": {},
        "log_gii": {"factor": 10.0},
        "box_cox": {"shift": "minimum"},
    }
    return fit(name, x, **options.get(name, {}))


@pytest.mark.parametrize("name", list(FITS))
@given(TAILED, TAILED)
def test_every_map_keeps_order_missing_cells_and_finite_numbers(name: str, x: np.ndarray, other: np.ndarray) -> None:
    x = np.abs(x) if name == "log1p" else x
    known = x[np.isfinite(x)]
    assume(len(set(known)) > 1 and known.max() > 1)
    treatment = _fitted(name, x)
    cells = np.sort(np.concatenate([x, other, [-1e4, 1e4]]))
    treated = treatment(cells)
    np.testing.assert_array_equal(np.isnan(treated), np.isnan(cells))
    known = np.isfinite(cells)
    assert np.isfinite(treated[known]).all()
    assert (np.diff(treated[known]) >= -1e-12 * np.abs(treated[known][1:])).all()
    # Elementwise: each cell by itself gives the same.
    np.testing.assert_array_equal([treatment(np.array([cell]))[0] for cell in cells], treated)


@pytest.mark.parametrize("name", list(FITS))
def test_the_reference_alone_decides_and_its_order_does_not_matter(name: str) -> None:
    x = np.array([3.0, 1.0, 2.0, 4.0, 90.0, 7.0])
    treatment, again = _fitted(name, x), _fitted(name, x[::-1])
    np.testing.assert_allclose(treatment(np.array([2.0, 5.0])), again(np.array([2.0, 5.0])), rtol=1e-7)


def test_logarithms_are_what_their_formulas_say() -> None:
    x = np.array([-2.0, 0.5, 3.0, 98.0, NAN])
    np.testing.assert_allclose(log(x, offset=3.0), np.log(x + 3))
    np.testing.assert_allclose(log1p(x[1:]), np.log(1 + x[1:]))
    np.testing.assert_allclose(log_coin(x), np.log(x + 2 + 1))
    np.testing.assert_allclose(log_signed(x), np.log(x + 2 + 1))
    np.testing.assert_allclose(log_signed(-x), -np.log(2 + 1 + x))
    np.testing.assert_allclose(log_gii(x), np.log(97 * (x + 2) / 100 + 1))
    np.testing.assert_allclose(log_gii(x, factor=10.0), np.log(979 * (x + 2) / 100 + 1))


def test_log1p_is_exact_for_tiny_cells() -> None:
    assert log1p(np.array([1e-20, 3e-20])).tolist() == [1e-20, 3e-20]


def test_log_of_the_gii_runs_from_nought_to_the_log_of_the_largest_either_way() -> None:
    x = np.array([5.0, 20.0, 1000.0])
    np.testing.assert_allclose(log_gii(x)[[0, 2]], [0.0, np.log(1000)])
    worse = log_gii(x, direction=-1)
    np.testing.assert_allclose(worse[[0, 2]], [-np.log(1000), 0.0], atol=1e-12)
    np.testing.assert_allclose(worse, -log_gii(1005 - x, factor=1.0))
    assert (np.diff(worse) > 0).all()


@pytest.mark.parametrize(("high", "factor"), [(5.0, 1), (1.0, 10), (0.5, 10), (0.1, 100), (0.02, 100), (1e-6, 1e7)])
def test_the_factor_of_the_gii_lifts_the_largest_cell_above_one(high: float, factor: float) -> None:
    x = np.array([0.0, 0.3, 1.0]) * high
    np.testing.assert_allclose(log_gii(x), np.log((high * factor - 1) * np.array([0.0, 0.3, 1.0]) + 1))
    np.testing.assert_allclose(log_gii(x), log_gii(x, factor=factor))


@pytest.mark.parametrize("steps", [{"method": "log_gii", "when": "always"}, {"method": "winsorise", "then": "log_gii"}])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_model_takes_the_logarithm_of_the_gii_with_its_factor_and_mirror(
    steps: dict[str, str], direction: int
) -> None:
    x = np.append(np.linspace(0.001, 0.002, 30), [0.3, 0.5, 0.6, 0.8, 0.9, 0.95, 0.99])  # no five cells mend that
    share = (x - x.min()) / np.ptp(x)
    expected = np.log(8.9 * share + 1) if direction > 0 else -np.log(8.9 * (1 - share) + 1)  # 0.99 times 10, less 1
    found = fit_indicator(
        Indicator.model_validate({"title": "X", "node": "top", "direction": direction}),
        direction * x,
        np.ones(x.size, dtype=bool),
        np.zeros(x.size, dtype=np.int64),
        Treat.model_validate(steps | {"skew": 0.1, "kurtosis": -3.0}),
    )
    np.testing.assert_allclose(found.cells, direction * expected)


def test_cells_beyond_the_reference_are_held_at_its_end() -> None:
    reference = np.array([1.0, 2.0, 50.0])
    beyond = np.array([0.0, -7.0, NAN])
    for method in (log, log_coin, log_gii, partial(box_cox, power=0.0)):
        held, end = method(beyond, reference=reference), method(reference)[0]
        np.testing.assert_array_equal(held, [end, end, NAN])
    assert log_signed(np.array([60.0]), reference=np.array([1.0, 40.0, 50.0]))[0] == -np.log(0.49)


@pytest.mark.parametrize("power", [-2.0, -0.5, 0.0, 1e-9, 0.5, 3.0])
def test_box_cox_is_that_of_scipy(power: float) -> None:
    x = np.array([0.2, 1.0, 4.0, 30.0])
    np.testing.assert_allclose(box_cox(x, power=power), special.boxcox(x, power), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        box_cox(x - 9.0, power=power, shift="minimum"), special.boxcox(x - 0.2 + 1, power), rtol=1e-9, atol=1e-15
    )


@pytest.mark.parametrize("seed", range(5))
def test_likeliest_power_is_that_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = (rng.gamma(2.0, size=80), rng.lognormal(size=80), rng.uniform(1, 2, size=80), 5 + rng.weibull(3, size=80))[
        seed % 4
    ]
    found, wanted = likeliest_power(z), stats.boxcox(z)[1]
    assert found == pytest.approx(wanted, abs=1e-6)
    assert likeliest_power(1e6 * z) == pytest.approx(found, abs=1e-6)
    np.testing.assert_allclose(box_cox(z), stats.boxcox(z)[0], rtol=1e-5)


def test_box_cox_powers_that_leave_the_numbers_are_refused() -> None:
    with pytest.raises(BadRequest, match="beyond all numbers"):
        box_cox(np.array([1.0, 1e100]), power=5.0)


def test_rule_passes_where_either_limit_holds_and_tells_nothing_of_constants() -> None:
    skewed = np.array([0.0] * 30 + [1.0])
    assert Rule().check(skewed).passes is False
    assert Rule(skew=10.0).check(skewed).passes is True
    assert Rule(kurtosis=100.0).check(skewed).passes is True
    for x in ([2.0] * 9, [1.0, 99.0], [NAN, NAN], []):
        assert Rule().check(np.array(x)).passes is None


def test_report_says_which_cells_moved_from_where_to_where_and_why() -> None:
    told = fit_treatment(ONE_OUTLIER)
    assert (told.cells.tolist(), told.old.tolist(), told.new.tolist(), told.ends) == ([4], [90.0], [4.0], ("high",))
    assert (told.before.passes, told.after.passes) == (False, True)
    known = ONE_OUTLIER[:-1]
    assert told.before.skew == pytest.approx(stats.skew(known, bias=False))
    assert told.after.kurtosis == pytest.approx(stats.kurtosis(np.minimum(known, 4.0), bias=False))


def test_what_winsorising_cannot_mend_is_transformed_from_the_data_as_they_were() -> None:
    x = np.exp(np.linspace(0, 8, 30)) ** 2
    told = fit_treatment(x, most=2)
    assert [name for name, _ in told.steps] == ["winsorise", "log_coin"]
    np.testing.assert_allclose(told.map(x), log_coin(x))
    assert told.cells.tolist() == list(range(30))
    assert set(told.ends) == {"all"}
    both = fit_treatment(x, most=2, second_on="winsorised")
    np.testing.assert_allclose(both.map(x), log_coin(winsorise(x, most=2)))
    assert both.map.name == "winsorise+log_coin"


def test_second_treatment_can_be_chosen_written_or_left_out() -> None:
    x = np.exp(np.linspace(0, 8, 30)) ** 2
    assert fit_treatment(x, most=2, second="none").map.name == "winsorise"
    assert fit_treatment(x, most=2, second="none").after.passes is False
    assert fit_treatment(x, most=0, second="none").map.name == "none"
    assert fit_treatment(x, most=0, second="box_cox").after.passes is True
    own = fit_treatment(x, most=0, second=partial(fit, "log_gii", factor=10.0))
    np.testing.assert_allclose(own.map(x), log_gii(x, factor=10.0))


@pytest.mark.parametrize("x", [[2.0] * 9, [5.0], [1.0, 99.0], [NAN, NAN, NAN], [1.0, 2.0, 3.0, 4.0]])
def test_constant_short_empty_and_harmless_indicators_stay_as_they_are(x: list[float]) -> None:
    told = fit_treatment(x)
    np.testing.assert_array_equal(treat(x), x)
    np.testing.assert_array_equal(winsorise(x), x)
    np.testing.assert_array_equal(told.map(np.array(x)), x)
    assert (told.map.name, told.steps, len(told.cells)) == ("none", (), 0)


def test_tables_are_treated_column_by_column_and_empty_columns_stay_empty() -> None:
    x = np.column_stack([ONE_OUTLIER, np.full(7, NAN), np.arange(7.0)])
    treated = treat(x)
    np.testing.assert_array_equal(treated[:, 0], treat(ONE_OUTLIER))
    assert np.isnan(treated[:, 1]).all()
    np.testing.assert_array_equal(treated[:, 2], x[:, 2])


def test_draws_are_treated_by_the_fit_to_what_was_observed() -> None:
    x = np.column_stack([ONE_OUTLIER, np.arange(7.0)])
    fitted = fit_treatments(x)
    draws = np.random.default_rng(1).normal(size=(5, 7, 2)) * 100
    treated = apply(fitted, draws)
    np.testing.assert_array_equal(treated[..., 0], np.clip(draws[..., 0], 1.0, 4.0))
    np.testing.assert_array_equal(treated[..., 1], draws[..., 1])


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: log(np.array([0.0, 1.0])), BadRequest, "offset above"),
        (lambda: log1p(np.array([-1.0, 1.0])), BadRequest, "log_coin"),
        (lambda: log_coin(np.array([3.0, 3.0])), NotEnoughData, "2 different"),
        (lambda: log_coin(np.array([1.0]), reference=np.array([NAN])), NotEnoughData, "has 0"),
        (lambda: winsorise(np.array([1.0]), reference=np.array([NAN])), NotEnoughData, "no cell"),
        (lambda: winsorise(np.array([1.0]), reference=np.array([[1.0]])), BadRequest, "reference of"),
        (lambda: log_gii(np.array([0.1, 0.2]), factor=1.0), BadRequest, "power of ten"),
        (
            lambda: log_gii(np.array([-0.1, 0.0])),
            BadRequest,
            "largest cell above zero, which 0 is not: take 'log_coin'",
        ),
        (lambda: log_gii(np.array([1.0, 2.0]), direction=0), BadRequest, "direction"),
        (lambda: box_cox(np.array([0.0, 1.0]), power=1.0), BadRequest, "shift='minimum'"),
        (lambda: winsorise(np.array([1.0, np.inf])), BadRequest, "inf at position 1"),
        (lambda: winsorise(np.array([1.0, 2.0]), most=-1), BadRequest, "-1"),
        (lambda: fit_treatment([[1.0], [2.0]]), BadRequest, "one indicator"),
        (lambda: fit("trim", [1.0]), BadRequest, "winsorise, log"),
        (lambda: Rule(skew=0.0), BadRequest, "above zero"),
        (lambda: apply([], np.zeros((2, 1))), BadRequest, "last axis"),
    ],
)
def test_what_cannot_be_treated_is_refused_with_a_remedy(call, error, says) -> None:
    with pytest.raises(error, match=says):
        call()
