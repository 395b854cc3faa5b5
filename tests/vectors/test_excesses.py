"""What exceeds gravity, layer by layer, as a profile has it: sums checked against the ties themselves."""

from __future__ import annotations

import math

import polars as pl
import pytest

from softpower.evidence.ties import ties
from softpower.vectors.excesses import COLUMNS, Excesses, excesses
from softpower.vectors.layers import LAYERS
from softpower.world import Vector, vector_members, vectors_of

LAYER = {layer.id: layer for layer in LAYERS}
SHOWN = [each for each in vectors_of("KAZ") if each.default]


@pytest.fixture(scope="module")
def emigrants() -> Excesses:
    found = excesses("KAZ", LAYER["emigrants"], SHOWN)
    assert found is not None
    return found


def test_emigrants_in_germany_exceed_gravity_by_an_order_of_magnitude_and_those_in_russia_do_not(
    emigrants: Excesses,
) -> None:
    """Ethnic Germans and their families moved from Kazakhstan to Germany in the 1990s: 1.1 million born there."""
    germany, russia = (emigrants.partners.filter(partner=iso3).row(0, named=True) for iso3 in ("DEU", "RUS"))
    assert germany["observed"] == pytest.approx(1.13e6, rel=0.01)
    assert 8 < germany["low"] < germany["excess"] < germany["high"] < 25
    assert 0.7 < russia["low"] < russia["excess"] < russia["high"] < 1.2


def test_observed_ties_are_those_of_the_table(emigrants: Excesses) -> None:
    rows = ties("migrant_stock").filter((pl.col("origin") == "KAZ") & (pl.col("year") == 2020))
    wanted = dict(rows.select("partner", "value").iter_rows())
    known = emigrants.partners.filter(pl.col("observed") > 0)
    assert len(known) > 40
    for partner, observed in known.select("partner", "observed").iter_rows():
        assert observed == wanted[partner]


def test_an_excess_is_what_was_observed_over_what_was_expected(emigrants: Excesses) -> None:
    known = emigrants.partners.filter(pl.col("excess").is_not_null())
    for row in known.iter_rows(named=True):
        assert row["excess"] == pytest.approx(row["observed"] / row["expected"])
        assert row["low"] <= row["excess"] <= row["high"]


def test_a_vector_is_what_its_listed_members_have_beside_what_all_of_them_should(emigrants: Excesses) -> None:
    rows = {row["partner"]: row for row in emigrants.partners.iter_rows(named=True)}
    listed = ties("migrant_stock").filter((pl.col("origin") == "KAZ") & (pl.col("year") == 2020))["partner"].to_list()
    for vector, group in zip(emigrants.vectors, emigrants.groups, strict=True):
        everybody = {each for each in vector_members(vector, year=2020) if each in rows and rows[each]["expected"]}
        assert set(group.members) == everybody & set(listed)
        assert set(group.unlisted) == everybody - set(listed)
        seen = sum(rows[each]["observed"] for each in group.members) if group.members else math.nan
        assert group.observed == pytest.approx(seen, rel=1e-6, nan_ok=True)
        assert group.expected == pytest.approx(sum(rows[each]["expected"] for each in everybody), rel=1e-6)
        if not math.isnan(group.excess):
            assert group.excess == pytest.approx(group.observed / group.expected)


def test_a_vector_of_whose_members_most_are_not_listed_has_an_interval_and_no_value() -> None:
    """Of 35 members of the West one is named as the birthplace of people in the State of Palestine."""
    vectors = [each for each in vectors_of("PSE") if each.id in ("west", "russia")]
    found = excesses("PSE", LAYER["immigrants"], vectors)
    assert found is not None
    of = {vector.id: group for vector, group in zip(found.vectors, found.groups, strict=True)}
    assert (len(of["west"].members), len(of["west"].unlisted)) == (1, 34)
    assert math.isnan(of["west"].excess)
    assert of["west"].low < of["west"].observed / of["west"].expected < of["west"].high < 10
    assert of["russia"].unlisted == ("RUS",)
    assert math.isnan(of["russia"].high)


def test_a_partner_of_which_nothing_is_known_has_no_excess(emigrants: Excesses) -> None:
    china = next(
        group for vector, group in zip(emigrants.vectors, emigrants.groups, strict=True) if vector.id == "china"
    )
    assert (china.members, china.unlisted, china.unknown) == ((), ("CHN",), ())
    assert math.isnan(china.excess)
    assert math.isnan(china.high)
    assert not [gap for gap in emigrants.gaps if "china" in (gap.one.id, gap.other.id)]


def test_shares_that_gravity_predicts_are_of_all_partners(emigrants: Excesses) -> None:
    whole = emigrants.partners["expected"].sum()
    shares = dict(zip((each.id for each in emigrants.vectors), emigrants.predicted(), strict=True))
    china = emigrants.partners.filter(partner="CHN")["expected"].item()
    assert shares["china"] == pytest.approx(china / whole)
    assert 0 < sum(shares[each] for each in ("russia", "china", "west")) < 1


def test_a_gap_is_the_logarithm_of_the_ratio_of_two_excesses(emigrants: Excesses) -> None:
    of = {vector.id: group for vector, group in zip(emigrants.vectors, emigrants.groups, strict=True)}
    (gap,) = emigrants.gaps
    assert (gap.one.id, gap.other.id) == ("russia", "west")
    assert gap.log_ratio == pytest.approx(math.log(of["russia"].excess / of["west"].excess))
    assert gap.low <= gap.log_ratio <= gap.high < 0
    assert gap.above == pytest.approx(0, abs=0.05)


def test_no_gap_rests_on_members_of_whom_only_a_pool_is_known() -> None:
    """No American student in Russia is named: whatever the model gives Russia of the pool, nothing was seen."""
    found = excesses("USA", LAYER["students_abroad"], [each for each in vectors_of("USA") if each.default])
    assert found is not None
    russia = next(group for vector, group in zip(found.vectors, found.groups, strict=True) if vector.id == "russia")
    assert russia.pooled == ("RUS",)
    assert found.gaps == ()


def test_partners_of_whom_less_than_one_is_expected_are_not_notable_where_something_is_counted() -> None:
    flights = excesses("TUV", LAYER["flights"], SHOWN)
    assert flights is not None
    assert flights.partners["expected"].max() < 1  # type: ignore[operator]
    assert flights.notable(8, least=0).is_empty()
    trade = excesses("KAZ", LAYER["exports"], SHOWN)
    assert trade is not None
    assert (trade.notable(500, least=0)["expected"] < 1).any()


def test_gaps_are_between_poles_only() -> None:
    flights = excesses("KAZ", LAYER["flights"], SHOWN)
    assert flights is not None
    assert {(gap.one.id, gap.other.id) for gap in flights.gaps} == {
        ("russia", "china"),
        ("russia", "west"),
        ("china", "west"),
    }


def test_notable_partners_are_the_largest_by_what_is_or_should_be(emigrants: Excesses) -> None:
    found = emigrants.notable(3)
    size = emigrants.partners.select("partner", size=pl.max_horizontal("observed", "expected"))
    assert found["partner"].to_list() == size.sort("size", descending=True, nulls_last=True)["partner"].to_list()[:3]
    assert emigrants.notable(500, least=0.9).height <= 1
    assert emigrants.notable(0).is_empty()


def test_a_second_look_is_the_same_and_has_the_same_types(emigrants: Excesses) -> None:
    again = excesses("KAZ", LAYER["emigrants"], SHOWN)
    assert again is not None
    assert again.partners.schema == pl.Schema(COLUMNS)
    assert again.partners.equals(emigrants.partners)
    assert again.gaps == emigrants.gaps
    assert [each.members for each in again.groups] == [each.members for each in emigrants.groups]


def test_other_vectors_are_not_taken_for_the_same() -> None:
    one = [Vector("a", "A", (), ("DEU",), ("KAZ",), pole=True), Vector("b", "B", (), ("RUS",), ("KAZ",), pole=True)]
    other = [Vector("a", "A", (), ("POL",), ("KAZ",), pole=True), one[1]]
    found = [excesses("KAZ", LAYER["emigrants"], vectors) for vectors in (one, other)]
    assert [each.groups[0].members for each in found if each is not None] == [("DEU",), ("POL",)]


@pytest.mark.parametrize(("iso3", "layer"), [("KAZ", "trade"), ("LIE", "emigrants"), ("TUV", "exports")])
def test_without_a_matrix_of_the_world_or_a_place_in_it_there_is_none(iso3: str, layer: str) -> None:
    assert excesses(iso3, LAYER[layer], SHOWN) is None


def test_imports_are_seen_from_the_end_of_the_buyer() -> None:
    exports, imports = (excesses("KAZ", LAYER[each], SHOWN) for each in ("exports", "imports"))
    assert exports is not None
    assert imports is not None
    trade = ties("trade_musd").filter(pl.col("year") == 2006)
    sold = trade.filter((pl.col("origin") == "KAZ") & (pl.col("partner") == "RUS"))["value"].to_list()
    bought = trade.filter((pl.col("origin") == "RUS") & (pl.col("partner") == "KAZ"))["value"].to_list()
    assert exports.partners.filter(partner="RUS")["observed"].to_list() == sold
    assert imports.partners.filter(partner="RUS")["observed"].to_list() == bought
    assert sold != bought
