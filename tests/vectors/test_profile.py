"""Profiles of countries: known facts, edges of the data, one's own ties and vectors."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadModel, BadRequest, NotEnoughData, UnknownCountry
from softpower.vectors.facets import Facet, facet
from softpower.vectors.flows import flows_of
from softpower.vectors.layers import Layer
from softpower.vectors.likeness import likenesses
from softpower.vectors.profile import Profile, profile
from softpower.vectors.tiefile import read_ties
from softpower.world import Vector, countries, vectors_of

OWN = """measure,origin,partner,year,value,unit
visits,Kazakhstan,Russia,2023,60,visits
visits,KAZ,CHN,2023,30,visits
visits,KAZ,DEU,2023,10,visits
visits,KAZ,RUS,2024,20,visits
visits,KAZ,CHN,2024,70,visits
visits,KAZ,DEU,2024,10,visits
visits,UZB,KAZ,2024,5,visits
"""


@cache
def of(iso3: str, year: int | None = None) -> Profile:
    return profile(iso3, year=year, draws=40)


def layer(found: Profile, id: str) -> Facet:
    return next(each for each in found.facets if each.id == id)


def least(found: Profile, id: str) -> dict[str, float]:
    """Shares in a layer by vector, at least."""
    return dict(zip((each.id for each in found.vectors), layer(found, id).bounds[0].tolist(), strict=True))


def test_trade_of_kazakhstan_is_as_published() -> None:
    """Bureau of National Statistics of Kazakhstan, turnover by country in 2023: China 21.5%, Russia 19.4%."""
    found = least(of("KAZ"), "trade")
    assert layer(of("KAZ"), "trade").year == 2023
    assert found["china"] == pytest.approx(0.215, abs=6e-4)
    assert found["russia"] == pytest.approx(0.194, abs=6e-4)


def test_most_people_born_in_kazakhstan_who_live_abroad_live_in_russia_and_germany() -> None:
    """United Nations DESA, International Migrant Stock 2020: 4.2 million, of them 2.56 in Russia, 1.13 in Germany."""
    emigrants = layer(of("KAZ"), "emigrants")
    assert emigrants.total == pytest.approx(4.2e6, rel=0.03)
    assert [iso3 for iso3, _ in emigrants.largest(2)] == ["RUS", "DEU"]
    assert least(of("KAZ"), "emigrants")["russia"] == pytest.approx(2.56 / 4.2, abs=0.01)
    assert math.isnan(least(of("KAZ"), "emigrants")["china"])


def test_layers_and_likenesses_have_ids_of_their_own_and_bounds_in_order() -> None:
    for iso3 in ("KAZ", "TUV", "USA"):
        ids = [each.id for each in of(iso3).facets] + [each.id for each in of(iso3).likenesses]
        assert len(ids) == len(set(ids)) > 8
        for each in of(iso3).facets:
            for low, high in zip(*(bound.tolist() for bound in each.bounds), strict=True):
                assert math.isnan(low) == math.isnan(high)
                assert math.isnan(low) or 0 <= low <= high <= 1


@pytest.mark.parametrize("year", [1995, 2015])
def test_nothing_later_than_the_year_is_used(year: int) -> None:
    found = of("KAZ", year)
    years = [each.year for each in found.facets]
    years += [each.last for each in found.likenesses] + [each.last for each in found.split]
    years += [each.year for each in found.excesses.values()]
    years += [each.year for each in found.hard_power if each.year is not None]
    if found.roles is not None:
        years += [each.year for each in found.roles.bridges] + [each.year for each in found.roles.buffers]
    assert len(years) > 4
    assert max(years) <= year
    assert all(max(each.years) == each.year for each in found.facets)


def test_before_capabilities_are_known_there_are_no_roles_but_ties() -> None:
    assert of("KAZ", 1995).roles is None
    assert of("KAZ", 1995).facets


def test_before_anything_was_counted_there_is_no_profile() -> None:
    with pytest.raises(NotEnoughData, match="Kazakhstan are known up to 1800"):
        profile("KAZ", year=1800)


@pytest.mark.parametrize(("iso3", "own"), [("RUS", "russia"), ("CHN", "china")])
def test_a_pole_has_no_vector_of_itself(iso3: str, own: str) -> None:
    found = of(iso3)
    assert own not in {each.id for each in found.vectors}
    assert all(iso3 not in each.partners for each in found.facets)
    assert found.split == ()  # two poles are needed that are single states
    assert all(gap.one.id != own != gap.other.id for each in found.excesses.values() for gap in each.gaps)


def test_a_member_of_the_west_has_ties_with_its_other_members() -> None:
    found = of("USA")
    assert "USA" not in layer(found, "emigrants").partners
    assert least(found, "emigrants")["west"] > 0.2
    assert [(each.one.id, each.other.id) for each in found.split] == [("russia", "china")]


@pytest.mark.parametrize("iso3", ["VAT", "XKX", "TWN", "PSE"])
def test_who_is_no_member_of_the_united_nations_has_ties_and_no_roles(iso3: str) -> None:
    found = of(iso3)
    assert found.facets
    assert found.roles is None


def test_a_state_that_no_matrix_of_the_world_holds_has_shares_without_excess() -> None:
    assert of("LIE").facets
    assert of("LIE").excesses == {}


def test_a_country_without_a_layer_is_without_it() -> None:
    assert "trade" in {each.id for each in of("KAZ").facets}
    assert "trade" not in {each.id for each in of("TUV").facets}
    assert "investment_received" not in {each.id for each in of("VAT").facets}


def test_nobody_at_all_is_refused_by_name() -> None:
    with pytest.raises(NotEnoughData, match="Antarctica"):
        profile("ATA")
    with pytest.raises(UnknownCountry):
        profile("XXX")


def test_every_country_has_a_profile_or_is_refused_with_a_reason() -> None:
    for iso3 in [each.iso3 for each in countries()][::40]:
        try:
            found = of(iso3)
        except NotEnoughData:  # an error of any other kind would be a fault
            assert not any(facet(flows, vectors_of(iso3)) for flows in flows_of(iso3))
        else:
            assert found.iso3 == iso3


def test_a_vector_that_did_not_exist_yet_has_no_share_and_no_likeness() -> None:
    """The Eurasian Economic Union began in 2015."""
    union = Vector("eaeu", "Eurasian Economic Union", ("EAEU",), (), ("KAZ",), pole=True)
    russia = next(each for each in vectors_of("KAZ") if each.id == "russia")
    votes = likenesses("KAZ", [union, russia], year=1995)[0]
    assert math.isnan(votes.value[0])
    assert votes.value[1] > 0
    found = profile("KAZ", vectors=[union, russia], year=2015, draws=20)
    assert layer(found, "flights").year == 2014
    assert math.isnan(layer(found, "flights").bounds[0][0])
    assert layer(found, "flights").bounds[0][1] > 0
    assert layer(found, "emigrants").bounds[0][0] > layer(found, "emigrants").bounds[0][1]


def test_vectors_of_ones_own_stand_in_for_those_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[vector.two]\nname = "Two"\ncountries = ["Russia", "CHN"]\n', encoding="utf-8")
    found = profile("KAZ", vectors=vectors_of("KAZ", file=path), draws=20)
    theirs = least(of("KAZ"), "trade")
    assert least(found, "trade") == {"two": pytest.approx(theirs["russia"] + theirs["china"])}
    assert found.split == ()
    path.write_text('[vector.two]\nname = "Two"\ncountries = ["Chin"]\n', encoding="utf-8")
    with pytest.raises(BadModel, match="Chin"):
        vectors_of("KAZ", file=path)


def test_ties_of_ones_own_stand_in_for_those_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "ties.csv"
    path.write_text(OWN, encoding="utf-8")
    found = profile("KAZ", own=read_ties(path), draws=20)
    assert {each.id: each.year for each in found.facets} == {"visits_out": 2024, "visits_in": 2024}
    shares = least(found, "visits_out")
    assert (shares["russia"], shares["china"], shares["west"]) == pytest.approx((0.2, 0.7, 0.1))
    assert math.isnan(shares["turkic_world"])
    assert layer(found, "visits_in").largest(3) == [("UZB", 1.0)]
    # Nothing bundled stands beside them: what the ties are of nobody here knows.
    assert (found.likenesses, dict(found.excesses), found.split, found.roles, found.hard_power) == (
        (),
        {},
        (),
        None,
        (),
    )
    earlier = profile("KAZ", own=read_ties(path), year=2023, draws=20)
    assert least(earlier, "visits_out")["russia"] == pytest.approx(0.6)


def test_ties_of_ones_own_with_others_only_are_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "ties.csv"
    path.write_text("origin,partner,year,value\nUZB,RUS,2024,5\n", encoding="utf-8")
    with pytest.raises(NotEnoughData, match="Kazakhstan"):
        profile("KAZ", own=read_ties(path))


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    one, same, other = (profile("VAT", draws=40, seed=seed).facets[0].balance.shares.low for seed in (7, 7, 8))
    assert one.tolist() == pytest.approx(same.tolist(), nan_ok=True)
    known = [k for k, each in enumerate(one.tolist()) if math.isfinite(each) and 0 < each < 1]
    assert not known or [one[k] for k in known] != [other[k] for k in known]


def test_progress_is_told_in_words() -> None:
    told: list[str] = []
    profile("LIE", draws=20, tell=told.append)
    assert len(told) > 3
    assert all(each and each[0].isupper() for each in told)


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        of("KAZ").name = "Elsewhere"  # type: ignore[misc]


def test_who_is_named_in_another_year_only_may_be_among_the_others_in_this_one() -> None:
    """Only the ten largest are named: Türkiye, named in 2019, is no zero in 2020 but part of what is pooled at most."""
    table = pl.DataFrame(
        [("RUS", 2019, 6.0), ("TUR", 2019, 2.0), ("RUS", 2020, 8.0), ("_OTHER", 2020, 2.0)],
        schema=["partner", "year", "value"],
        orient="row",
    ).with_columns(
        origin=pl.lit("KAZ"), measure=pl.lit("m"), unit=pl.lit(""), source_id=pl.lit("x"), vintage=pl.lit("")
    )
    pooled = Layer("m", "M", (("m", "origin"),), "pooled", "")
    found = facet(flows_of("KAZ", own=table, layers=[pooled])[0], [Vector("t", "T", (), ("TUR",), ("KAZ",))])
    assert found is not None
    assert [bound.item() for bound in found.bounds] == pytest.approx([0.0, 0.2])


def test_a_vector_that_is_empty_in_the_years_shown_is_refused_and_one_that_had_members_is_not() -> None:
    """The Eurasian Economic Union began in 2015."""
    union = Vector("union", "Union", ("EAEU",), (), ("KAZ",))
    with pytest.raises(BadRequest, match=r"no members of vector union \('Union'\) in \d{4}-2014, the years shown"):
        profile("KAZ", year=2014, vectors=[union], draws=40)
    assert [each.id for each in profile("KAZ", year=2015, vectors=[union], draws=40).vectors] == ["union"]


def test_no_vectors_at_all_are_not_the_ones_at_hand() -> None:
    with pytest.raises(BadRequest, match="no vector of Kazakhstan has members"):
        profile("KAZ", vectors=(), draws=40)
