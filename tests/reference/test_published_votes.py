"""Ideal points and agreement against the published ones; their origin stands in votes/README.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from softpower.vectors.assembly import Assembly
from softpower.vectors.votes import agreement_table, bundled_assembly, fast_table, ideal_point_table
from softpower.vectors.voting import pole_choices

HERE = Path(__file__).parent / "votes"
PUBLISHED = pl.read_parquet(HERE / "ideal_points.parquet")
SINCE = 1991


@pytest.fixture(scope="module")
def whole() -> Assembly:
    return bundled_assembly().whole()


@pytest.fixture(scope="module")
def exact(whole: Assembly) -> pl.DataFrame:
    return agreement_table(whole, "exact")


@pytest.fixture(scope="module")
def points(whole: Assembly) -> pl.DataFrame:
    return ideal_point_table(whole, simulations=0)


def _within_sessions(found: pl.DataFrame, column: str) -> pl.DataFrame:
    """Rank correlation with the published points, session by session."""
    both = found.join(PUBLISHED.select("iso3", "session", published="ideal_point"), on=["iso3", "session"])
    return both.group_by("session").agg(r=pl.corr(column, "published", method="spearman")).sort("session")


def test_states_stand_in_the_published_order(points: pl.DataFrame) -> None:
    found = _within_sessions(points, "ideal_point")
    recent = found.filter(pl.col("session") + 1945 >= SINCE)["r"].to_numpy()
    assert len(recent) == 14
    assert recent.mean() >= 0.985
    assert found["r"].to_numpy().mean() >= 0.975


def test_the_path_of_kazakhstan_is_the_published_one(points: pl.DataFrame) -> None:
    path = points.filter(pl.col("iso3") == "KAZ").join(PUBLISHED, on=["iso3", "session"], suffix="_published")
    assert len(path) == 14
    assert np.corrcoef(path["ideal_point"], path["ideal_point_published"])[0, 1] >= 0.97


def test_the_fast_positions_come_near_the_published_order(whole: Assembly) -> None:
    found = _within_sessions(fast_table(whole), "position")
    assert found.filter(pl.col("session") + 1945 >= SINCE)["r"].to_numpy().mean() >= 0.94


@pytest.mark.parametrize(("pole", "error"), [("chn", 0.01), ("rus", 0.01), ("usa", 0.01)])
def test_exact_agreement_with_the_poles_is_the_published_one(exact: pl.DataFrame, pole: str, error: float) -> None:
    """As the country files define it: the same ballot, votes on paragraphs and amendments left out."""
    found = exact.filter(pl.col("partner") == pole.upper())
    both = found.join(
        PUBLISHED.select(origin="iso3", year=(pl.col("session") + 1945), published=f"agree_{pole}").drop_nulls(),
        on=["origin", "year"],
    ).filter(pl.col("year") >= SINCE)
    assert len(both) > 2500
    assert np.abs(both["agreement"].to_numpy() - both["published"].to_numpy()).mean() <= error


def test_half_credit_agreement_of_pairs_is_the_published_one() -> None:
    """As the dyadic file defines it: an abstention counts half, all votes count."""
    found = agreement_table(bundled_assembly(), "half")
    both = found.join(pl.read_parquet(HERE / "agreement.parquet"), on=["origin", "partner", "year"])
    assert len(both) > 1400
    assert np.abs(both["agreement"].to_numpy() - both["agree_published"].to_numpy()).mean() <= 0.003


def test_both_directions_of_a_pair_agree_alike(exact: pl.DataFrame) -> None:
    found = exact
    turned = found.rename({"origin": "partner", "partner": "origin"})
    both = found.join(turned, on=["origin", "partner", "year"], suffix="_turned", nulls_equal=True)
    assert len(both) == len(found)
    assert (both["agreement"] == both["agreement_turned"]).all()
    assert (found["origin"] != found["partner"]).all()
    assert found["agreement"].is_between(0, 1).all()


def test_where_russia_and_china_oppose_each_other_kazakhstan_votes_with_china() -> None:
    """Counted by hand from the roll calls: 46 of 2007-2019, Kazakhstan 34 times with China, 10 with Russia."""
    found = pole_choices("CHN", "RUS", found=bundled_assembly(), first=2007, last=2019).filter(iso3="KAZ")
    assert found.select("choice", "n", "n_votes").rows() == [("CHN", 34, 46), ("RUS", 10, 46), ("abstain", 2, 46)]
