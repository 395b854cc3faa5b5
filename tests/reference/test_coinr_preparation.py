"""Raw data made ready for an index, as COINr makes them: availability to treated data on the ASEM indicators.

Reference: Becker W., Caperna G., Del Sorbo M., Norlen H., Papadimitriou E., Saisana M. (2022), COINr: An R package for
developing composite indicators, JOSS 7(78), 4567, doi 10.21105/joss.04567; version 1.1.14, MIT licence. Data: ASEM
Sustainable Connectivity Portal, European Commission Joint Research Centre. Each file of ``coinr-asem/gold`` names its
call in ``coinr-asem/README.md``; figures are met to a relative 1e-9. The EM files come from a Gaussian EM run to 1e-12,
whose means agree with Amelia 1.8.1.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from softpower.index import fill, treat
from softpower.index.denominate import denominate
from softpower.index.screen import screen
from softpower.index.statistics import availability, correlations, describe, strong_pairs

ASEM = Path(__file__).parent / "coinr-asem"
EXACT: dict[str, Any] = {"rtol": 1e-9, "atol": 0.0}


@cache
def table(name: str) -> pl.DataFrame:
    return pl.read_csv(ASEM / name, infer_schema_length=None, null_values="")


def numbers(frame: pl.DataFrame, columns: list[str]) -> np.ndarray:
    return frame.select(pl.col(columns).cast(pl.Float64)).to_numpy().astype(np.float64)


@cache
def indicators() -> pl.DataFrame:
    return table("inputs/asem_imeta.csv").filter(pl.col("Type") == "Indicator")


@cache
def codes() -> list[str]:
    return indicators()["iCode"].to_list()


def asem(name: str = "inputs/asem_idata.csv") -> tuple[np.ndarray, list[str], list[str]]:
    """Indicators, names of units and their group, in the order of the gold files."""
    frame = table(name).sort("uCode")
    return numbers(frame, codes()), frame["uCode"].to_list(), frame["EurAsia_group"].to_list()


def gold(name: str) -> np.ndarray:
    frame = table(f"gold/{name}.csv")
    assert frame["uCode"].to_list() == asem()[1]
    assert frame.columns[1:] == codes()
    return numbers(frame, codes())


def denominated() -> np.ndarray:
    x, units, _ = asem()
    frame = table("inputs/asem_idata.csv").sort("uCode")
    for column, by in enumerate(indicators()["Denominator"]):
        if by:
            x[:, column] = denominate(x[:, column], numbers(frame, [by])[:, 0], units=units, name=by)
    return x


def screened() -> np.ndarray:
    """Denominated, filled by the mean of the continent, screened at 0.9: what COINr's default build treats."""
    filled = fill.group_mean(denominated(), asem()[2]).values
    decided = screen(filled, by="missing", least_available=0.9)
    assert decided.kept.all()
    return filled


def test_availability_of_units() -> None:
    told, frame = availability(asem()[0]), table("gold/01_data_avail_summary.csv")
    assert frame["uCode"].to_list() == asem()[1]
    np.testing.assert_array_equal(told.missing, frame["N_missing"])
    np.testing.assert_array_equal(told.zero, frame["N_zero"])
    np.testing.assert_array_equal(told.missing_or_zero, frame["N_miss_or_zero"])
    np.testing.assert_allclose(told.share_available, frame["Dat_Avail"], **EXACT)
    np.testing.assert_allclose(told.share_nonzero, frame["Non_Zero"], **EXACT)


def test_statistics_and_flags_of_indicators() -> None:
    told, frame = describe(asem()[0]), table("gold/02_stats_raw.csv")
    assert frame["iCode"].to_list() == codes()
    same = {
        "Min": told.minimum,
        "Max": told.maximum,
        "Mean": told.mean,
        "Median": told.median,
        "Std": told.std,
        "Skew": told.skew,
        "Kurt": told.kurtosis,
        "N.Avail": told.available,
        "N.NonZero": told.nonzero,
        "N.Unique": told.unique,
        "N.Same": told.same,
        "Frc.Avail": told.share_available,
        "Frc.NonZero": told.share_nonzero,
        "Frc.Unique": told.share_unique,
        "Frc.Same": told.share_same,
    }
    # Two values of TolMin differ in the sixteenth digit, which the file of the raw data does not hold.
    tolmin = codes().index("TolMin")
    assert (told.unique[tolmin], frame["N.Unique"][tolmin]) == (40, 42)
    told.unique[tolmin], told.share_unique[tolmin] = 42, 42 / 51
    for name, values in same.items():
        np.testing.assert_allclose(values, frame[name], err_msg=name, rtol=1e-9, atol=1e-13)
    flags = {
        "Flag.Avail": told.few_available,
        "Flag.NonZero": told.few_nonzero,
        "Flag.Unique": told.few_unique,
        "Flag.SkewKurt": told.outliers,
    }
    for name, flag in flags.items():
        np.testing.assert_array_equal(flag, frame[name] != "ok", err_msg=name)


def test_denominated_indicators() -> None:
    np.testing.assert_allclose(denominated(), gold("03_denominated_default"), **EXACT)


def test_correlations_with_denominators() -> None:
    names = ["Area", "Energy", "GDP", "Population"]
    frame = table("gold/03_denom_corr.csv")
    found = correlations(asem()[0], numbers(table("inputs/asem_idata.csv").sort("uCode"), names))
    pairs = {(codes()[i], names[j]): value for i, j, value in strong_pairs(found, above=0.5)}
    wanted = {(ind, denominator): value for ind, denominator, value in frame.iter_rows()}
    assert pairs.keys() == wanted.keys()
    np.testing.assert_allclose([pairs[pair] for pair in wanted], list(wanted.values()), **EXACT)


def test_means_of_groups() -> None:
    filled = fill.group_mean(gold("03_denominated_default"), asem()[2])
    np.testing.assert_allclose(filled.values, gold("04_imputed_grpmean_default"), **EXACT)
    x, _, groups = asem("inputs/asem_idata_na05.csv")
    np.testing.assert_allclose(fill.group_mean(x, groups).values, gold("04_na05_grpmean"), **EXACT)


def test_medians() -> None:
    np.testing.assert_allclose(fill.median(gold("03_denominated_default")).values, gold("04_imputed_median"), **EXACT)


def test_means_of_rows_within_pillars() -> None:
    x = asem("inputs/asem_idata_na05.csv")[0]
    meta = indicators()
    filled = fill.row_mean(x, meta["Parent"].to_list(), directions=meta["Direction"].to_list())
    np.testing.assert_allclose(filled.values, gold("04_na05_rowmean_in_pillar"), **EXACT)


def test_latest_observation_of_a_panel() -> None:
    frame = table("inputs/panel_na25.csv").sort("uCode", "Time")
    wanted = table("gold/05_panel_latest.csv").sort("uCode", "Time")
    names = [name for name in frame.columns if name not in {"uCode", "Time"}]
    years = frame["Time"].unique().sort().to_numpy()
    x = numbers(frame, names).reshape(-1, len(years), len(names))
    filled = fill.latest(np.moveaxis(x, 1, 2), years)
    np.testing.assert_allclose(np.moveaxis(filled.values, 2, 1), numbers(wanted, names).reshape(x.shape), **EXACT)


@pytest.mark.parametrize("pillar", ["P2P", "Environ"])
def test_gaussian_of_greatest_likelihood(pillar: str) -> None:
    names = indicators().filter(pl.col("Parent") == pillar)["iCode"].to_list()
    x = numbers(table("inputs/asem_idata_na05.csv").sort("uCode"), names)
    found = fill.gaussian(x)
    cells = table(f"gold/04_na05_{pillar}_em_conditional_mean.csv").sort("uCode")
    assert cells["uCode"].to_list() == asem()[1]
    np.testing.assert_allclose(found.filled.values, numbers(cells, names), **EXACT)
    fit = table(f"gold/04_na05_{pillar}_em_mu_sigma.csv")
    assert fit["iCode"].to_list() == names
    np.testing.assert_allclose(found.mean, fit["mean"], **EXACT)
    np.testing.assert_allclose(found.covariance, numbers(fit, names), **EXACT)
    np.testing.assert_allclose(found.log_likelihood, fit["loglik"][0], **EXACT)


def test_units_screened_by_missing_data() -> None:
    decided = screen(asem()[0], by="missing", least_available=0.95, units=asem()[1])
    frame = table("gold/06_screen_byNA95.csv")
    np.testing.assert_array_equal(decided.kept, frame["Included"])
    np.testing.assert_array_equal(decided.few_available, frame["LowData"])
    np.testing.assert_array_equal(decided.few_nonzero, frame["LowNonZero"])
    np.testing.assert_array_equal(decided.few_available | decided.few_nonzero, frame["LowDatOrZeroFlag"])


def test_treated_data_by_default_from_the_raw_data_on() -> None:
    np.testing.assert_allclose(treat.treat(screened()), gold("07_treated_default"), **EXACT)


def test_report_of_the_default_treatment() -> None:
    told, frame = treat.fit_treatments(screened()), table("gold/07_treated_default_details.csv")
    assert frame["iCode"].to_list() == codes()
    np.testing.assert_array_equal([one.before.passes for one in told], frame["check_SkewKurt0.Pass"])
    np.testing.assert_allclose([one.before.skew for one in told], frame["check_SkewKurt0.Skew"], **EXACT)
    np.testing.assert_allclose([one.before.kurtosis for one in told], frame["check_SkewKurt0.Kurt"], **EXACT)
    tried = frame["winsorise.nwin"].is_not_null().to_list()
    assert [bool(one.steps) for one in told] == tried
    treated = [one for one in told if one.steps]
    after = frame.filter(pl.col("winsorise.nwin").is_not_null())
    assert [one.map.name for one in treated] == ["winsorise"] * len(after)
    np.testing.assert_array_equal([len(one.cells) for one in treated], after["winsorise.nwin"])
    np.testing.assert_array_equal([one.after.passes for one in treated], after["check_SkewKurt1.Pass"])
    np.testing.assert_allclose([one.after.skew for one in treated], after["check_SkewKurt1.Skew"], **EXACT)
    np.testing.assert_allclose([one.after.kurtosis for one in treated], after["check_SkewKurt1.Kurt"], **EXACT)


def test_cells_that_were_treated() -> None:
    points = table("gold/07_treated_default_points.csv").fill_null("")
    assert points.columns == codes()
    for code, one in zip(codes(), treat.fit_treatments(screened()), strict=True):
        marks = np.full(len(points), "", dtype=object)
        marks[one.cells] = [{"high": "winhi", "low": "winlo"}[end] for end in one.ends]
        assert marks.tolist() == points[code].to_list(), code


def test_one_cell_winsorised_and_the_rest_to_the_logarithm() -> None:
    x, wanted = screened(), gold("07_treated_winmax1")
    told = treat.fit_treatments(x, most=1)
    np.testing.assert_allclose(treat.apply(told, x), wanted, **EXACT)
    moved = np.flatnonzero((wanted != gold("07_treated_default")).any(axis=0))
    assert [column for column, one in enumerate(told) if one.map.name == "log_coin"] == moved.tolist()


def test_five_years_screened_and_treated_each_by_itself_give_the_pillars_of_a_purse() -> None:
    panel = table("inputs/asem_idata_panel.csv").sort("Time", "uCode")
    treated, keys = [], []
    for year, rows in panel.group_by("Time", maintain_order=True):
        x, units = numbers(rows, codes()), rows["uCode"].to_list()
        kept = screen(x, least_available=0.9, units=units).kept
        treated.append(treat.treat(x[kept]))
        keys += [(*year, unit) for unit, stays in zip(units, kept, strict=True) if stays]
    wanted, meta = table("gold/19_purse_aggregated_global.csv"), indicators()
    assert wanted.select("Time", "uCode").rows() == keys
    x = np.vstack(treated) * meta["Direction"].to_numpy()
    scores = 100 * (x - np.nanmin(x, axis=0)) / (np.nanmax(x, axis=0) - np.nanmin(x, axis=0))
    for pillar in meta["Parent"].unique():
        own = scores[:, (meta["Parent"] == pillar).to_numpy()]
        np.testing.assert_allclose(np.nanmean(own, axis=1), wanted[pillar], err_msg=pillar, **EXACT)
