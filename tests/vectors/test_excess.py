"""Excess ties against closed forms, refits by `ppml`, pyfixest where it is installed, and simulated worlds."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.excess import Gravity, excess, gravity, pack, unpack
from softpower.vectors.ppml import ppml

World = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
TRUTH = (-1.0, 0.7)


def _means(n: int, seed: int) -> World:
    """Means of flows between ``n`` countries in a plane, by distance and a common language."""
    rng = np.random.default_rng(seed)
    o, d = np.divmod(np.arange(n * n), n)
    o, d = o[o != d], d[o != d]
    place, language = rng.random((n, 2)), rng.integers(0, 6, n)
    x = np.column_stack([np.log(np.hypot(*(place[o] - place[d]).T) + 0.02), language[o] == language[d]])
    sizes = rng.normal(0, 1.5, n)
    mean = np.exp(3 + x @ TRUTH + (sizes + rng.normal(0, 0.5, n))[o] + (sizes + rng.normal(0, 0.5, n))[d])
    return mean, x, o, d


def _world(n: int, seed: int, spread: float = 1.0) -> World:
    """Flows whose errors are lognormal, two thirds of them shared by both directions of a pair."""
    mean, x, o, d = _means(n, seed)
    rng = np.random.default_rng(seed + 1000)
    both = np.triu(rng.normal(size=(n, n)), 1)
    error = np.sqrt(2 / 3) * (both + both.T)[o, d] + np.sqrt(1 / 3) * rng.normal(size=len(o))
    return rng.poisson(mean * np.exp(spread * error - spread**2 / 2)).astype(float), x, o, d


def _given_totals(mean: np.ndarray, flow: np.ndarray, o: np.ndarray, d: np.ndarray, n: int) -> np.ndarray:
    """What flows would be on average, given the totals of both countries: proportional fitting, written plainly."""
    table, seen = np.zeros((n, n)), np.zeros((n, n))
    table[o, d], seen[o, d] = mean, flow
    for _ in range(300):
        table *= (seen.sum(axis=1) / table.sum(axis=1))[:, None]
        table *= seen.sum(axis=0) / table.sum(axis=0)
    return table[o, d]


def test_ties_that_follow_the_model_have_no_excess_and_no_doubt() -> None:
    mean, x, o, d = _means(12, 1)
    model = gravity(mean, x, o, d, draws=10)
    value, low, high = excess(mean, *model.expected(x, o, d))
    for each in (value, low, high):
        np.testing.assert_allclose(each, 1.0, rtol=1e-5)
    np.testing.assert_allclose(model.coefficients, np.tile(TRUTH, (10, 1)), rtol=1e-5)


def test_a_tie_that_is_larger_than_the_model_has_an_excess_and_others_of_its_countries_lack_as_much() -> None:
    mean, x, o, d = _means(40, 2)
    flow = mean.copy()
    tie = int(np.argmin(np.abs(mean - np.median(mean))))
    flow[tie] *= 6
    model = gravity(flow, x, o, d, draws=0)
    value, _ = model.expected(x, o, d)
    assert flow[tie] / value[tie] == pytest.approx(6, rel=0.15)
    row = (o == o[tie]) & (np.arange(len(o)) != tie)
    assert flow[row].sum() < value[row].sum()


def test_draws_are_fits_to_reweighted_countries() -> None:
    flow, x, o, d = _world(25, 3)
    model = gravity(flow, x, o, d, draws=5, seed=11)
    rng = np.random.default_rng(11)
    for drawn in model.coefficients:
        weight = rng.standard_exponential(25)
        refit = ppml(flow, x, o, d, weights=weight[o] * weight[d])
        np.testing.assert_allclose(drawn, refit.coefficients, atol=1e-5)


def test_expected_ties_add_up_to_the_observed_in_every_draw_and_at_both_ends() -> None:
    flow, x, o, d = _world(25, 4)
    value, draws = gravity(flow, x, o, d, draws=8).expected(x, o, d)
    for each in (value, *draws):
        np.testing.assert_allclose(np.bincount(o, each), np.bincount(o, flow), rtol=1e-5)
        np.testing.assert_allclose(np.bincount(d, each), np.bincount(d, flow), rtol=1e-5)


def test_draws_are_what_proportional_fitting_to_the_totals_gives() -> None:
    flow, x, o, d = _world(25, 5)
    model = gravity(flow, x, o, d, draws=3)
    _, draws = model.expected(x, o, d)
    for b, each in zip(model.coefficients, draws, strict=True):
        np.testing.assert_allclose(each, _given_totals(np.exp(x @ b), flow, o, d, 25), rtol=1e-5)


def test_intervals_hold_the_true_excess_in_about_nine_of_ten_pairs() -> None:
    held, below, above = [], [], []
    for seed in range(24):
        flow, x, o, d = _world(40, seed, spread=0.8)
        _, low, high = excess(flow, *gravity(flow, x, o, d, draws=60).expected(x, o, d))
        true = flow / _given_totals(_means(40, seed)[0], flow, o, d, 40)
        some = flow > 0
        held.append(((low <= true) & (true <= high))[some].mean())
        below.append((true < low)[some].mean())
        above.append((true > high)[some].mean())
    # Pairs of one world miss together: the standard error of this mean is about 0.04.
    assert 0.80 <= np.mean(held) <= 0.97
    assert max(np.mean(below), np.mean(above)) < 0.14


def test_results_do_not_depend_on_the_unit_or_on_the_order_of_pairs() -> None:
    flow, x, o, d = _world(15, 6)
    value, draws = gravity(flow, x, o, d, draws=4).expected(x, o, d)
    thousands, drawn = gravity(flow * 1000, x, o, d, draws=4).expected(x, o, d)
    np.testing.assert_allclose(thousands, value * 1000, rtol=1e-6)
    np.testing.assert_allclose(drawn, draws * 1000, rtol=1e-5)
    mixed = np.random.default_rng(1).permutation(len(o))
    model = gravity(flow[mixed], x[mixed], o[mixed], d[mixed], draws=4)
    np.testing.assert_allclose(model.expected(x, o, d)[1], draws, rtol=1e-5)


def test_excess_of_a_group_is_that_of_its_sums() -> None:
    draws = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 6.0]])
    value, low, high = excess(np.array([6.0, 6.0]).sum(), 4.0, draws.sum(axis=1), level=1)
    assert (float(value), float(low), float(high)) == (3.0, 1.2, 6.0)


def test_an_unknown_tie_has_an_unknown_excess_and_none_is_zero() -> None:
    value, low, high = excess(
        np.array([np.nan, 0.0, 1.0]), np.array([1.0, 2.0, np.nan]), np.array([[1.0, 2.0, np.nan]])
    )
    np.testing.assert_array_equal(np.isnan(value), [True, False, True])
    assert value[1] == low[1] == high[1] == 0


def test_without_draws_there_is_no_interval() -> None:
    flow, x, o, d = _world(10, 7)
    value, low, high = excess(flow, *gravity(flow, x, o, d, draws=0).expected(x, o, d))
    assert np.isfinite(value).all()
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_pairs_without_a_finite_mean_are_named_and_have_no_excess() -> None:
    flow, x, o, d = _world(15, 8)
    bar = np.zeros(len(flow))
    bar[[3, 50, 90]] = 1
    flow = np.where(bar > 0, 0, flow + 1)
    flow[o == 4] = 0
    model = gravity(flow, np.column_stack([x, bar]), o, d, draws=3)
    apart = (bar > 0) | (o == 4)
    assert model.separated.tolist() == np.column_stack([o, d])[apart].tolist()
    value, draws = model.expected(np.column_stack([x, bar]), o, d)
    for each in (value, *draws):
        np.testing.assert_array_equal(np.isnan(each), apart)


def _pooled(world: World, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs are named where each origin names its largest flows, and the pools of the others."""
    flow, _, o, _ = world
    order = np.lexsort((-flow, o))
    place = np.empty(len(o), dtype=int)
    place[order] = np.arange(len(o)) - np.searchsorted(o[order], o[order])
    named = place < largest
    return named, np.bincount(o, np.where(named, 0, flow)).astype(float)


def test_a_pool_of_one_pair_is_that_pair() -> None:
    flow, x, o, d = _world(12, 9)
    flow += 1
    named = np.ones(len(flow), dtype=bool)
    for country in range(12):
        named[np.flatnonzero(o == country)[country % 5]] = False
    hidden = np.where(named, flow, np.nan)
    pools = np.bincount(o, np.where(named, 0, flow)).astype(float)
    found = gravity(hidden, x, o, d, named=named, pools=pools, draws=4)
    full = gravity(flow, x, o, d, draws=4)
    np.testing.assert_allclose(found.fit.coefficients, full.fit.coefficients, rtol=1e-8)
    np.testing.assert_allclose(found.coefficients, full.coefficients, rtol=1e-4)
    np.testing.assert_allclose(found.shared_out, flow, rtol=1e-8)
    np.testing.assert_allclose(found.expected(x, o, d)[1], full.expected(x, o, d)[1], rtol=1e-4)


def test_pools_recover_the_model_of_all_pairs_better_than_leaving_out_or_zeroing_what_is_not_named() -> None:
    errors: dict[str, list[np.ndarray]] = {"pooled": [], "left out": [], "zeroed": []}
    for seed in range(6):
        world = _world(60, seed)
        flow, x, o, d = world
        named, pools = _pooled(world, 10)
        truth = ppml(*world).coefficients
        model = gravity(np.where(named, flow, np.nan), x, o, d, named=named, pools=pools, draws=0)
        errors["pooled"].append(model.fit.coefficients - truth)
        errors["left out"].append(ppml(flow[named], x[named], o[named], d[named]).coefficients - truth)
        errors["zeroed"].append(ppml(np.where(named, flow, 0), x, o, d).coefficients - truth)
    size = {name: np.abs(each).mean(axis=0) for name, each in errors.items()}
    assert (size["pooled"] < 0.5 * size["left out"]).all()
    assert (size["pooled"] < 0.5 * size["zeroed"]).all()


def test_pools_are_shared_out_as_the_model_has_it_and_totals_are_kept() -> None:
    world = _world(30, 10)
    flow, x, o, d = world
    named, pools = _pooled(world, 8)
    model = gravity(np.where(named, flow, np.nan), x, o, d, named=named, pools=pools, draws=3)
    parts = model.shared_out
    unnamed = np.isnan(model.flow)
    for country in set(model.origin[unnamed]):
        share = (parts / model.fit.fitted)[unnamed & (model.origin == country)]
        np.testing.assert_allclose(share, share[0], rtol=1e-6)
    # Origins all of whose partners are named by nobody have no pairs for their pool.
    some = np.bincount(model.origin[unnamed], minlength=30) > 0
    np.testing.assert_allclose(np.bincount(model.origin, parts)[some], np.bincount(o, flow)[some], rtol=1e-8)
    for each in model.expected(x, o, d)[1]:
        np.testing.assert_allclose(np.bincount(o, np.nan_to_num(each))[some], np.bincount(o, flow)[some], rtol=1e-5)


def test_pairs_of_an_unknown_pool_are_left_out() -> None:
    world = _world(20, 11)
    flow, x, o, d = world
    named, pools = _pooled(world, 8)
    found = gravity(np.where(named, flow, np.nan), x, o, d, named=named, pools=np.full(20, np.nan), draws=0)
    alone = ppml(flow[named], x[named], o[named], d[named])
    np.testing.assert_allclose(found.fit.coefficients, alone.coefficients, rtol=1e-10)
    pools[3] = np.nan
    found = gravity(np.where(named, flow, np.nan), x, o, d, named=named, pools=pools, draws=0)
    assert not np.isnan(found.flow[found.origin == 3]).any()


def test_same_seed_same_bytes_and_a_stored_model_is_the_model() -> None:
    flow, x, o, d = _world(15, 12)
    one, again = (gravity(flow, x, o, d, draws=4, seed=3) for _ in range(2))
    assert pack(one) == pack(again)
    other = gravity(flow, x, o, d, draws=4, seed=4)
    assert not np.array_equal(other.coefficients, one.coefficients)
    back: Gravity = unpack(pack(one))
    assert pack(back) == pack(one)
    assert back.fit.steps == one.fit.steps
    np.testing.assert_array_equal(back.expected(x, o, d)[1], one.expected(x, o, d)[1])


def test_what_is_being_done_is_told() -> None:
    lines: list[str] = []
    gravity(*_world(10, 13), draws=2, tell=lines.append)
    assert lines == ["Fitting the gravity model", "Fitting it to 2 reweightings of the countries"]


def test_pyfixest_comes_to_the_same() -> None:
    flow, x, o, d = _world(30, 14)
    flow[o == 3] = 0
    x = np.column_stack([x, 2 * x[:, 0]])
    own, other = (gravity(flow, x, o, d, draws=2, engine=engine) for engine in ("own", "pyfixest"))
    for name in ("coefficients", "errors", "fitted", "kept", "origin_effects", "partner_effects"):
        np.testing.assert_allclose(getattr(other.fit, name), getattr(own.fit, name), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(other.coefficients, own.coefficients, rtol=1e-4)


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    with pytest.raises(BadRequest, match="pip install pyfixest"):
        gravity(*_world(10, 15), draws=0, engine="pyfixest")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": -1}, "draws must be 0 or more, not -1"),
        ({"engine": "stata"}, "engine 'stata': give own or pyfixest"),
        ({"pools": np.zeros(3)}, r"shape \(3,\); give one for each of the 10 countries"),
        ({"pools": np.full(10, -1.0)}, r"pool -1\.0 of origin 0 \(10 such\)"),
        ({"pools": np.ones(10)}, "belongs to no pair"),
    ],
)
def test_bad_requests_say_what_is_wrong(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        gravity(*_world(10, 16), **{"draws": 0, **options})  # type: ignore[arg-type]


def test_a_pair_in_two_rows_is_refused() -> None:
    flow, x, o, d = (np.concatenate([each, each[:2]]) for each in _world(10, 17))
    with pytest.raises(BadRequest, match="stands in two rows"):
        gravity(flow, x, o, d, draws=2)


def test_draws_that_do_not_fit_the_pairs_are_refused() -> None:
    with pytest.raises(BadRequest, match="do not belong together"):
        excess(np.ones(3), np.ones(3), np.ones((5, 2)))


def test_nothing_that_flows_is_not_enough() -> None:
    flow, x, o, d = _world(10, 18)
    with pytest.raises(NotEnoughData, match="nothing flows"):
        gravity(0 * flow, x, o, d, draws=2)
