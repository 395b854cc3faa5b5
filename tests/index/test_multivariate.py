"""Components, rotation, adequacy and consistency, against closed forms, search and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import multivariate, reliability


def sample(units: int = 60, parts: int = 5, *, seed: int = 1, shared: float = 0.6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.sqrt(shared) * rng.standard_normal((units, 1)) + np.sqrt(1 - shared) * rng.standard_normal((units, parts))
    return x * rng.uniform(0.1, 100, parts) + rng.uniform(-50, 50, parts)


def equal(parts: int, r: float) -> np.ndarray:
    """Correlation matrix in which all pairs are alike."""
    return (1 - r) * np.eye(parts) + r


def with_exactly(r: np.ndarray, units: int = 40) -> np.ndarray:
    """Data whose correlation matrix is ``r`` but for rounding."""
    noise = np.random.default_rng(9).standard_normal((units, len(r)))
    white, _ = np.linalg.qr(noise - noise.mean(axis=0))
    return np.asarray(white @ np.linalg.cholesky(r).T)


# Components.


@pytest.mark.parametrize("r", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("parts", [2, 3, 8])
def test_components_of_equal_correlations_have_the_known_form(parts: int, r: float) -> None:
    found = multivariate.pca(with_exactly(equal(parts, r)))
    np.testing.assert_allclose(found.eigenvalues, [1 + (parts - 1) * r, *[1 - r] * (parts - 1)], atol=1e-12)
    np.testing.assert_allclose(found.vectors[:, 0], 1 / np.sqrt(parts), atol=1e-10)
    np.testing.assert_allclose(found.explained.sum(), 1)
    assert found.kaiser == 1
    assert found.opposed == ()
    assert found.n == 40


def test_loadings_are_correlations_with_the_components() -> None:
    x = sample()
    found = multivariate.pca(x)
    z = stats.zscore(x, ddof=1)
    scores = z @ found.vectors
    np.testing.assert_allclose(np.cov(scores.T), np.diag(found.eigenvalues), atol=1e-12)
    expected = [[np.corrcoef(column, score)[0, 1] for score in scores.T] for column in x.T]
    np.testing.assert_allclose(found.loadings, expected, atol=1e-12)


def test_a_component_points_where_most_parts_point() -> None:
    x = sample(parts=6)
    for signs in ([1] * 6, [1, 1, -1, 1, 1, 1], [-1, -1, 1, -1, -1, -1]):
        found = multivariate.pca(x * signs)
        assert np.all(found.vectors.sum(axis=0) > 0)
        minority = 1 if sum(signs) < 0 else -1
        assert found.opposed == tuple(i for i, sign in enumerate(signs) if sign == minority)


def test_a_sum_of_zero_still_fixes_the_sign() -> None:
    found = multivariate.pca(with_exactly(equal(2, -0.5)))
    np.testing.assert_allclose(found.vectors[:, 0], [np.sqrt(0.5), -np.sqrt(0.5)], atol=1e-10)
    turned = multivariate.pca(with_exactly(equal(2, -0.5)) * [-3, -3])
    np.testing.assert_allclose(turned.vectors[:, 0], found.vectors[:, 0], atol=1e-10)


@given(st.integers(0, 10_000))
def test_neither_units_nor_order_of_rows_move_a_component(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = sample(20, 4, seed=seed)
    one = multivariate.pca(x).eigenvalues
    other = multivariate.pca(rng.permutation(x) * rng.uniform(0.01, 100, 4) + 3).eigenvalues
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_gaps_are_left_out_by_row_or_by_pair() -> None:
    x = sample()
    x[0, 0] = x[1, 1] = np.nan
    complete = multivariate.pca(x)
    assert complete.n == 58
    np.testing.assert_allclose(complete.eigenvalues, multivariate.pca(x[2:]).eigenvalues)
    pairwise, n = multivariate.correlations(x, missing="pairwise")
    assert n == 58
    assert pairwise[0, 2] == pytest.approx(np.corrcoef(x[1:, 0], x[1:, 2])[0, 1])
    assert pairwise[0, 2] != pytest.approx(np.corrcoef(x[2:, 0], x[2:, 2])[0, 1], rel=1e-6)


def test_pairwise_correlations_that_contradict_each_other_are_refused() -> None:
    up, down, gap = np.arange(5.0), -np.arange(5.0), np.full(5, np.nan)
    x = np.concatenate(
        [np.column_stack([up, up, gap]), np.column_stack([gap, up, up]), np.column_stack([up, gap, down])]
    )
    with pytest.raises(BadRequest, match="contradict each other"):
        multivariate.pca(x, missing="pairwise")
    with pytest.raises(NotEnoughData, match=r"only 0 units.*impute first"):
        multivariate.pca(x)


def test_more_parts_than_units_leave_components_of_exactly_nothing() -> None:
    found = multivariate.pca(sample(4, 7))
    assert np.count_nonzero(found.eigenvalues) == 3
    np.testing.assert_array_equal(found.loadings[:, 3:], 0)
    assert found.eigenvalues.sum() == pytest.approx(7)


def test_what_has_no_components_is_refused_by_column() -> None:
    x = sample()
    with pytest.raises(BadRequest, match="at least two columns"):
        multivariate.pca(x[:, :1])
    with pytest.raises(BadRequest, match="missing must be one of complete, pairwise"):
        multivariate.pca(x, missing="listwise")
    x[:, 3] = 7.0
    with pytest.raises(NotEnoughData, match="column 3 does not vary"):
        multivariate.pca(x)


# Rotation.


def criterion(loadings: np.ndarray, *, kaiser: bool) -> float:
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True)) if kaiser else 1.0
    return float(((loadings / length) ** 2).var(axis=0).sum())


@pytest.mark.parametrize("kaiser", [True, False])
def test_no_angle_of_two_factors_beats_the_rotation(kaiser: bool) -> None:
    loadings = multivariate.pca(sample(50, 7, shared=0.3)).loadings[:, :2]
    found = multivariate.varimax(loadings, kaiser=kaiser)
    reached = criterion(found.loadings, kaiser=kaiser)
    for angle in np.linspace(0, np.pi, 5000):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert criterion(loadings @ turn, kaiser=kaiser) <= reached + 1e-12


@pytest.mark.parametrize("kaiser", [True, False])
def test_no_small_turn_of_many_factors_beats_the_rotation(kaiser: bool) -> None:
    loadings = multivariate.pca(sample(60, 12, shared=0.2)).loadings[:, :4]
    found = multivariate.varimax(loadings, kaiser=kaiser)
    reached = criterion(found.loadings, kaiser=kaiser)
    assert reached > criterion(loadings, kaiser=kaiser)
    rng = np.random.default_rng(1)
    for size in (1e-3, 1e-1, 10.0):
        for _ in range(200):
            turn, upper = np.linalg.qr(np.eye(4) + size * rng.standard_normal((4, 4)))
            turn = turn * np.sign(np.diag(upper))
            assert criterion(found.loadings @ turn, kaiser=kaiser) <= reached + (1e-12 if size < 1 else 0.02)


def test_a_rotation_keeps_what_the_factors_explain_together() -> None:
    loadings = multivariate.pca(sample(60, 9, shared=0.2)).loadings[:, :3]
    found = multivariate.varimax(loadings)
    np.testing.assert_allclose(found.matrix @ found.matrix.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(loadings @ found.matrix, found.loadings, atol=1e-12)
    np.testing.assert_allclose((found.loadings**2).sum(axis=1), (loadings**2).sum(axis=1))
    assert np.all(np.diff(found.explained) <= 0)
    assert found.explained.sum() == pytest.approx((loadings**2).sum() / 9)


def test_a_hidden_simple_structure_is_found_again() -> None:
    simple = np.zeros((9, 3))
    for part in range(9):
        simple[part, part // 3] = 0.9 - 0.05 * part
    turn, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((3, 3)))
    np.testing.assert_allclose(multivariate.varimax(simple @ turn).loadings, simple, atol=1e-10)


def test_one_factor_or_empty_rows_need_no_turning() -> None:
    one = np.array([[0.5], [-0.9], [0.0]])
    np.testing.assert_allclose(multivariate.varimax(one).loadings, -one)
    with pytest.raises(BadRequest, match="finite numbers of shape"):
        multivariate.varimax(np.array([[np.nan, 1.0]]))
    with pytest.raises(NotEnoughData, match="did not come to rest in 1 rounds"):
        multivariate.varimax(multivariate.pca(sample(60, 12, shared=0.2)).loadings[:, :4], rounds=1)


# Adequacy and sphericity.


@pytest.mark.parametrize("r", [-0.2, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("parts", [3, 4, 6])
def test_adequacy_of_equal_correlations_has_the_known_form(parts: int, r: float) -> None:
    if 1 + (parts - 1) * r <= 1e-9:
        r = -r
    found = multivariate.kmo(equal(parts, r))
    partial = r / (1 + (parts - 2) * r)
    expected = r**2 / (r**2 + partial**2)
    assert found.overall == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(found.each, expected, rtol=1e-12)
    np.testing.assert_allclose(found.partial, equal(parts, partial), atol=1e-12)


@pytest.mark.parametrize("r", [0.3, -0.8])
def test_adequacy_of_two_parts_is_always_one_half(r: float) -> None:
    found = multivariate.kmo(equal(2, r))
    assert found.overall == pytest.approx(0.5)
    assert found.each == pytest.approx([0.5, 0.5])


def test_partial_correlations_are_those_of_residuals() -> None:
    x = sample(80, 5)
    found = multivariate.kmo(np.corrcoef(x.T))
    for i, j in ((0, 1), (2, 4)):
        others = np.column_stack([np.ones(80), np.delete(x, (i, j), axis=1)])
        rest = x[:, [i, j]] - others @ np.linalg.lstsq(others, x[:, [i, j]], rcond=None)[0]
        assert found.partial[i, j] == pytest.approx(np.corrcoef(rest.T)[0, 1], abs=1e-12)


def test_adequacy_weighs_each_part_by_its_own_correlations() -> None:
    r = np.corrcoef(sample(80, 4).T)
    found = multivariate.kmo(r)
    for part in range(4):
        others = [other for other in range(4) if other != part]
        shared, left = (r[part, others] ** 2).sum(), (found.partial[part, others] ** 2).sum()
        assert found.each[part] == pytest.approx(shared / (shared + left))


@pytest.mark.parametrize(
    ("value", "word"),
    [(0.49, "unacceptable"), (0.5, "miserable"), (0.65, "mediocre"), (0.7, "middling"), (0.9, "marvellous")],
)
def test_adequacy_has_a_word(value: float, word: str) -> None:
    assert multivariate.Adequacy(value, np.array([]), np.array([])).word == word


def test_adequacy_of_parts_that_share_nothing_is_unknown() -> None:
    found = multivariate.kmo(np.eye(3))
    assert np.isnan(found.overall)
    assert np.isnan(found.each).all()
    assert found.word == "unknown"


def test_a_singular_matrix_names_the_columns_that_determine_each_other() -> None:
    x = sample(50, 4)
    x = np.column_stack([x, x[:, 1] + x[:, 3]])
    r = np.corrcoef(x.T)
    for call in (lambda: multivariate.kmo(r), lambda: multivariate.bartlett(r, 50)):
        with pytest.raises(BadRequest, match=r"columns \[1, 3, 4\] determine each other"):
            call()


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones(3), "shape"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "column 0 .* holds a gap"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "symmetric"),
        (np.array([[2.0, 0.5], [0.5, 1.0]]), "ones on its diagonal"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(matrix: np.ndarray, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        multivariate.kmo(matrix)


@pytest.mark.parametrize(("parts", "r", "n"), [(2, 0.6, 20), (4, 0.3, 51), (6, 0.1, 100)])
def test_sphericity_of_equal_correlations_has_the_known_form(parts: int, r: float, n: int) -> None:
    found = multivariate.bartlett(equal(parts, r), n)
    determinant = (1 - r) ** (parts - 1) * (1 + (parts - 1) * r)
    expected = -(n - 1 - (2 * parts + 5) / 6) * np.log(determinant)
    assert found.statistic == pytest.approx(expected)
    assert found.freedom == parts * (parts - 1) / 2
    assert found.p == pytest.approx(stats.chi2.sf(expected, found.freedom))


def test_sphericity_is_rejected_for_independent_noise_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    chances = [multivariate.bartlett(np.asarray(np.corrcoef(rng.standard_normal((5, 40)))), 40).p for _ in range(1000)]
    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.02)
    with pytest.raises(BadRequest, match="3 units are too few"):
        multivariate.bartlett(equal(4, 0.5), 3)


# Consistency.


@pytest.mark.parametrize("r", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("parts", [2, 3, 8])
def test_alpha_of_equal_correlations_is_spearman_and_browns(parts: int, r: float) -> None:
    found = reliability.cronbach(with_exactly(equal(parts, r)) * 1000)
    assert found.standardised == pytest.approx(parts * r / (1 + (parts - 1) * r), rel=1e-9)
    assert found.raw == pytest.approx(found.standardised, rel=1e-9)
    fewer = parts - 1
    expected = fewer * r / (1 + (fewer - 1) * r) if fewer > 1 else np.nan
    np.testing.assert_allclose(found.standardised_without, expected, rtol=1e-9)
    np.testing.assert_allclose(found.raw_without, expected, rtol=1e-9)


def test_alpha_is_what_the_variances_of_parts_and_sum_say() -> None:
    x = sample(70, 5)
    found = reliability.cronbach(x)
    assert found.raw == pytest.approx(5 / 4 * (1 - x.var(axis=0).sum() / x.sum(axis=1).var()))
    z = stats.zscore(x)
    assert found.standardised == pytest.approx(5 / 4 * (1 - 5 / z.sum(axis=1).var()))
    for part in range(5):
        rest = np.delete(z, part, axis=1)
        assert found.item_total[part] == pytest.approx(np.corrcoef(z[:, part], rest.sum(axis=1))[0, 1])
        assert found.standardised_without[part] == pytest.approx(reliability.cronbach(rest).standardised)
        assert found.raw_without[part] == pytest.approx(reliability.cronbach(np.delete(x, part, axis=1)).raw)


def test_undirected_parts_lower_alpha_and_are_named_until_directed() -> None:
    x = sample(70, 5)
    directions = np.array([1.0, -1.0, 1.0, 1.0, 1.0])
    wrong = reliability.cronbach(x * directions)
    assert wrong.opposed == (1,)
    assert wrong.caution.startswith("column 1 runs against")
    right = reliability.cronbach(x * directions, directions=directions)
    assert right.caution == ""
    assert right.standardised == pytest.approx(reliability.cronbach(x).standardised)
    assert right.standardised > wrong.standardised
    two = reliability.cronbach(x * [1, -1, 1, 1, -1])
    assert set(two.opposed) == set(np.flatnonzero(two.item_total < 0)) >= {1, 4}
    assert "run against" in two.caution
    for given_wrongly in ([1.0, -1.0], [1.0, 0.0, 1.0, 1.0, 1.0]):
        with pytest.raises(BadRequest, match="1 or -1 for each of the 5 columns"):
            reliability.cronbach(x, directions=np.array(given_wrongly))


def test_units_move_raw_alpha_and_leave_the_standardised_one() -> None:
    x = stats.zscore(sample(70, 4))
    scaled = reliability.cronbach(x * [1, 1, 1, 1000])
    assert scaled.standardised == pytest.approx(reliability.cronbach(x).standardised)
    assert scaled.raw < 0.01


def test_pairwise_covariances_are_those_of_each_pair() -> None:
    x = sample(40, 3)
    x[:5, 0] = x[3:9, 2] = np.nan
    covariance = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            known = np.isfinite(x[:, i]) & np.isfinite(x[:, j])
            covariance[i, j] = np.cov(x[known, i], x[known, j])[0, 1]
    found = reliability.cronbach(x, missing="pairwise")
    assert found.raw == pytest.approx(1.5 * (1 - np.trace(covariance) / covariance.sum()))
    assert found.n == 31


def test_parts_that_cancel_have_no_alpha() -> None:
    x = np.random.default_rng(1).standard_normal((30, 1))
    found = reliability.cronbach(np.column_stack([x, -x]))
    assert np.isnan(found.standardised) or found.standardised < -1e6
