"""Correlations, components, consistency, weights and Sobol indices as COINr 1.1.14 gives them on the ASEM data.

Becker W., Caperna G., Del Sorbo M., Norlen H., Papadimitriou E., Saisana M. (2022), COINr: An R package for developing
composite indicators, Journal of Open Source Software 7(78), 4567. The data are a test fixture of 51 units; tolerances
are 1e-9 relative, eigenvectors up to sign.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from softpower.index import correlation, effects, influence, multivariate, reliability, sobol

FOLDER = Path(__file__).parent / "coinr-asem"
PILLARS = ["Physical", "P2P", "Environ", "Instit"]


@cache
def rows(name: str) -> list[dict[str, str]]:
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def parents() -> dict[str, str]:
    """Node above each indicator and node, "" for the top; in the order of the tree's table."""
    return {row["iCode"]: row["Parent"] for row in rows("inputs/asem_imeta") if row["Level"]}


@cache
def directions() -> dict[str, float]:
    return {row["iCode"]: float(row["Direction"]) for row in rows("inputs/asem_imeta") if row["Type"] == "Indicator"}


def table(name: str, columns: list[str]) -> np.ndarray:
    return np.array([[float(row[column] or "nan") for column in columns] for row in rows(name)])


def parts(pillar: str) -> list[str]:
    return [code for code, parent in parents().items() if parent == pillar]


def indicators() -> list[str]:
    return list(directions())


def close(found: ArrayLike, expected: ArrayLike) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=1e-9, atol=1e-12)


# Correlations.


def test_correlations_within_pillars() -> None:
    codes = indicators()
    found = correlation.correlate(table("gold/08_norm_minmax_0_100", codes)).r
    gold = rows("gold/15_corr_pearson_in_pillar")
    assert len(gold) == sum(len(parts(pillar)) ** 2 for pillar in {parents()[code] for code in codes})
    for row in gold:
        close(found[codes.index(row["Var1"]), codes.index(row["Var2"])], float(row["Correlation"]))


def test_correlations_of_indicators_with_the_index() -> None:
    gold = rows("gold/15_corr_indicators_vs_index")
    codes = [row["Var2"] for row in gold]
    assert set(codes) == set(indicators())
    scores = table("gold/12_agg_amean_default", [*codes, "Index"])
    pairs = correlation.across(scores[:, :-1], scores[:, -1:], ["Index"])
    close([pair.r for pair in pairs], [float(row["Correlation"]) for row in gold])


def test_flags_of_high_correlations() -> None:
    codes = indicators()
    x = table("gold/08_norm_minmax_0_100", codes)
    pairs = correlation.within(x, [parents()[code] for code in codes], high=0.75)
    found = {
        (pair.parent, frozenset((codes[pair.first], codes[pair.second]))): pair.r
        for pair in pairs
        if pair.flag == "high"
    }
    gold = {
        (row["Group"], frozenset((row["Ind1"], row["Ind2"]))): float(row["Corr"])
        for row in rows("gold/15_corr_flags_high")
    }
    assert found.keys() == gold.keys()
    for pair, r in gold.items():
        close(found[pair], r)


def test_indicators_that_follow_a_denominator() -> None:
    codes, denominators = indicators(), ["Area", "Energy", "GDP", "Population"]
    data = "inputs/asem_idata"
    found = correlation.correlate(table(data, codes), table(data, denominators)).r
    gold = {(row["Ind"], row["Denom"]): float(row["Corr"]) for row in rows("gold/03_denom_corr")}
    beyond = np.argwhere(np.abs(found) > 0.5)
    assert {(codes[i], denominators[j]) for i, j in beyond} == set(gold)
    for i, j in beyond:
        close(found[i, j], gold[codes[i], denominators[j]])


# Components and consistency.


@pytest.mark.parametrize("pillar", PILLARS)
def test_eigenvalues_and_first_components_of_pillars(pillar: str) -> None:
    found = multivariate.pca(table("gold/08_norm_minmax_0_100", parts(pillar)))
    values = [row for row in rows("gold/10_pca_eigen_L1") if row["Parent"] == pillar]
    close(found.eigenvalues, [float(row["eigenvalue"]) for row in values])
    close(found.explained, [float(row["var_share"]) for row in values])
    loadings = {
        row["iCode"]: float(row["PC1_loading"]) for row in rows("gold/10_pca_loadings_L1") if row["Parent"] == pillar
    }
    expected = np.array([loadings[code] for code in parts(pillar)])
    close(found.vectors[:, 0], expected * np.sign(expected @ found.vectors[:, 0]))
    assert {parts(pillar)[i] for i in found.opposed} == {code for code in loadings if loadings[code] < 0}


@pytest.mark.parametrize("pillar", PILLARS)
def test_alpha_as_coinr_has_it_and_as_it_should_be(pillar: str) -> None:
    gold = next(row for row in rows("gold/16_cronbach") if row["group"] == pillar)
    codes = parts(pillar)
    close(reliability.cronbach(table("gold/08_norm_minmax_0_100", codes)).raw, float(gold["alpha_normalised"]))
    raw = table("inputs/asem_idata", codes)
    close(reliability.cronbach(raw, missing="pairwise").raw, float(gold["alpha_raw_pairwise"]))
    # The better rule: directed and standardised, it does not matter whether min-max came before.
    signs = np.array([directions()[code] for code in codes])
    known = raw[np.isfinite(raw).all(axis=1)]
    scaled = signs * (known - known.min(axis=0)) / np.ptp(known, axis=0)
    close(
        reliability.cronbach(raw, directions=signs).standardised,
        reliability.cronbach(scaled).standardised,
    )


# Weights.


def test_effective_weights() -> None:
    gold = rows("gold/09_effective_weights")
    codes = [row["iCode"] for row in gold]
    above = [codes.index(parents()[code]) if parents()[code] else -1 for code in codes]
    close(
        influence.effective_weights(above, [float(row["Weight"]) for row in gold]),
        [float(row["EffWeight"]) for row in gold],
    )


# Sobol indices.


def test_sobol_indices_of_the_rank_shift() -> None:
    y = np.array([float(row["mean_abs_rank_change"]) for row in rows("gold/21_sa_n50_y")])
    gold = rows("gold/21_sa_n50_indices")
    found = sobol.indices(y, 4, estimator="coinr-uncentred", resamples=0)
    close(found.first, [float(row["Si"]) for row in gold])
    close(found.total, [float(row["STi"]) for row in gold])


def test_bootstrap_intervals_are_as_wide_as_coinrs() -> None:
    """COINr's resamples are random: a thousand of ours must end within a tenth of a unit of its hundred."""
    y = np.array([float(row["mean_abs_rank_change"]) for row in rows("gold/21_sa_n50_y")])
    gold = rows("gold/21_sa_n50_indices")
    found = sobol.indices(y, 4, estimator="coinr-uncentred", resamples=1000, level=0.9)
    for name, column in (("first", "Si"), ("total", "STi")):
        for end, tail in (("low", "q5"), ("high", "q95")):
            expected = [float(row[f"{column}_{tail}"]) for row in gold]
            np.testing.assert_allclose(getattr(found, f"{name}_{end}"), expected, atol=0.1)


def test_sobol_indices_of_ishigamis_function() -> None:
    y = np.array([float(row["y"]) for row in rows("gold/22_ishigami_n256_sample")])
    gold = rows("gold/22_ishigami_n256_indices")
    found = sobol.indices(y, 3, estimator="coinr-uncentred", resamples=0)
    close(found.first, [float(row["Si"]) for row in gold])
    close(found.total, [float(row["STi"]) for row in gold])


def test_coinrs_design_is_read_in_our_order() -> None:
    """Its sample of the unit cube: A, B, then A with one column of B each."""
    sample = table("gold/22_ishigami_n256_sample", ["V1", "V2", "V3"]).reshape(5, 256, 3)
    for factor in range(3):
        expected = sample[0].copy()
        expected[:, factor] = sample[1][:, factor]
        np.testing.assert_array_equal(sample[2 + factor], expected)


def test_every_factor_of_the_recorded_analysis_changed_something() -> None:
    names = ["Winmax", "Normalisation", "Weight_set", "Aggregation"]
    parameters = rows("gold/21_sa_n50_parameters")
    choices = np.array([[row[name] for name in names] for row in parameters])
    scores = rows("gold/21_sa_n50_scores")
    columns = list(scores[0])[-len(parameters) :]
    y = np.array([[float(row[column]) for row in scores] for column in columns])
    shares = effects.changed(y, 4, choices=choices, names=names)
    np.testing.assert_array_equal(shares[1:], 1)
    # Winsorising at most four or at most five points is the same here: no indicator needs more than four.
    most = [float(row["winsorise.nwin"] or 0) for row in rows("gold/07_treated_default_details")]
    assert max(most) == 4
    before, after = choices[:50, 0], choices[100:150, 0]
    switched = before != after
    idle = np.isin(before, ["4", "5"]) & np.isin(after, ["4", "5"])
    assert shares[0] == pytest.approx((switched & ~idle).sum() / switched.sum())
