"""The gravity estimator against pyfixest, a closed form, a simulation, and hand-made separation."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.ppml import ppml, separated

# pyfixest 0.60 (MIT), fepois("y ~ dist + near | o + d", vcov="hetero", iwls_tol=1e-12) on the worlds drawn below.
PYFIXEST = {
    (12, 1, 0.2): ([-1.3736368244253907, 0.5145697820258859], [0.25011686999568244, 0.5168384372150906]),
    (40, 2, 0.5): ([-0.9133324534220206, 0.5681418506804196], [0.1561504016782259, 0.21154467134509003]),
}


def _world(n: int, seed: int, zeros: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Flows between ``n`` countries in a plane, a share of them set to zero."""
    rng = np.random.default_rng(seed)
    o, d = np.divmod(np.arange(n * n), n)
    keep = o != d
    o, d = o[keep], d[keep]
    place = rng.random((n, 2))
    dist = np.log(np.hypot(*(place[o] - place[d]).T) + 0.05)
    near = (rng.random(len(o)) < 0.15).astype(float)
    mean = np.exp(1.0 - 0.9 * dist + 0.6 * near + rng.normal(0, 1, n)[o] + rng.normal(0, 1, n)[d])
    flow = rng.gamma(0.5, 2 * mean)
    flow[rng.random(len(o)) < zeros] = 0
    return flow, np.column_stack([dist, near]), o, d


@pytest.mark.parametrize("world", PYFIXEST)
def test_coefficients_and_errors_are_those_of_pyfixest(world: tuple[int, int, float]) -> None:
    coefficients, errors = PYFIXEST[world]
    found = ppml(*_world(*world))
    np.testing.assert_allclose(found.coefficients, coefficients, rtol=1e-9)
    np.testing.assert_allclose(found.errors, errors, rtol=1e-6)


def test_what_each_country_sends_and_gets_is_reproduced_exactly() -> None:
    """The first-order conditions of the effects."""
    flow, x, o, d = _world(20, 3, 0.3)
    found = ppml(flow, x, o, d)
    np.testing.assert_allclose(np.bincount(o, found.fitted), np.bincount(o, flow), rtol=1e-8)
    np.testing.assert_allclose(np.bincount(d, found.fitted), np.bincount(d, flow), rtol=1e-8)
    effects = found.origin_effects[o] + found.partner_effects[d]
    np.testing.assert_allclose(np.exp(x @ found.coefficients + effects), found.fitted, rtol=1e-8)


def test_the_truth_is_found_whatever_the_variance_of_flows() -> None:
    rng = np.random.default_rng(8)
    found = []
    for _ in range(40):
        n = 25
        o, d = np.divmod(np.arange(n * n), n)
        x = rng.normal(0, 1, (n * n, 1))
        mean = np.exp(0.7 * x[:, 0] + rng.normal(0, 0.5, n)[o] + rng.normal(0, 0.5, n)[d])
        found.append(ppml(rng.gamma(1.0, mean), x, o, d).coefficients[0])
    assert np.mean(found) == pytest.approx(0.7, abs=3 * np.std(found) / np.sqrt(40) + 0.01)


def test_weights_count_pairs_as_often_as_they_say() -> None:
    flow, x, o, d = _world(12, 5, 0.2)
    twice = np.arange(len(flow)) % 3 == 0
    rows = np.concatenate([np.arange(len(flow)), np.flatnonzero(twice)])
    repeated = ppml(flow[rows], x[rows], o[rows], d[rows])
    weighted = ppml(flow, x, o, d, weights=1.0 + twice)
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-8)
    again = ppml(flow, x, o, d, weights=1.0 + twice, start=ppml(flow, x, o, d))
    np.testing.assert_allclose(again.coefficients, repeated.coefficients, rtol=1e-8)


def test_a_regressor_that_the_effects_take_up_has_no_coefficient() -> None:
    flow, x, o, d = _world(12, 6, 0.2)
    size = np.random.default_rng(1).normal(size=12)
    found = ppml(flow, np.column_stack([x, size[o], x[:, 0] * 2]), o, d)
    assert np.isnan(found.coefficients[2:]).all()
    np.testing.assert_allclose(found.coefficients[:2], ppml(flow, x, o, d).coefficients, rtol=1e-8)


def test_pairs_that_would_drive_an_estimate_to_infinity_are_found_and_left_out() -> None:
    flow, x, o, d = _world(15, 7, 0.0)
    bar = np.zeros(len(flow))
    bar[[3, 50, 90]] = 1.0  # pairs at war: nothing flows between them, and the regressor is zero for all others
    flow = np.where(bar > 0, 0.0, flow)
    out = separated(flow, np.column_stack([x, bar]), o, d)
    assert np.flatnonzero(out).tolist() == [3, 50, 90]
    found = ppml(flow, np.column_stack([x, bar]), o, d)
    assert found.kept.tolist() == (bar == 0).tolist()
    assert (found.fitted[bar > 0] == 0).all()
    assert np.isnan(found.coefficients[2])  # of what is left it is a constant
    rest = ppml(flow[bar == 0], x[bar == 0], o[bar == 0], d[bar == 0])
    np.testing.assert_allclose(found.coefficients[:2], rest.coefficients, rtol=1e-8)


def test_a_country_that_sends_nothing_is_left_out() -> None:
    flow, x, o, d = _world(10, 9, 0.0)
    flow[o == 4] = 0
    found = ppml(flow, x, o, d)
    assert not found.kept[o == 4].any()
    assert np.isnan(found.origin_effects[4])
    assert np.isfinite(found.partner_effects).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: (np.where(np.arange(len(w[0])) == 5, -1.0, w[0]), *w[1:]), r"flow -1\.0 of pair 5 \(1 such\)"),
        (lambda w: (np.where(np.arange(len(w[0])) == 5, np.nan, w[0]), *w[1:]), "flow nan of pair 5"),
        (lambda w: (w[0], np.full_like(w[1], np.inf), *w[2:]), "regressor is missing or infinite"),
        (lambda w: (w[0][:-1], *w[1:]), "do not belong together"),
    ],
)
def test_bad_flows_are_named(change: object, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        ppml(*change(_world(6, 1, 0.0)))  # type: ignore[operator]


def test_flows_that_are_all_zero_are_not_enough() -> None:
    flow, x, o, d = _world(6, 1, 0.0)
    with pytest.raises(NotEnoughData, match="nothing flows"):
        ppml(0 * flow, x, o, d)
    with pytest.raises(NotEnoughData, match="cannot carry"):
        ppml(flow[:4], x[:4], o[:4], d[:4])
