"""Layers of ties seen from a country: whose rows they take, what an absent row means, what is said of them."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from softpower.vectors.facets import Facet, facet
from softpower.vectors.flows import Flows, flows_of
from softpower.vectors.layers import LAYERS, Layer
from softpower.world import Vector, members, vectors_of

RUSSIA = Vector("russia", "Russia", (), ("RUS",), ("KAZ",))
CHINA = Vector("china", "China", (), ("CHN",), ("KAZ",))
TURKIC = Vector("turkic", "Turkic", (), ("KGZ", "TUR", "UZB"), ("KAZ",))


def made(rows: list[tuple[str, str, int, float]], *, absent: str = "zero") -> Flows:
    """Flows of Kazakhstan in an invented measure."""
    table = pl.DataFrame(rows, schema=["origin", "partner", "year", "value"], orient="row").with_columns(
        measure=pl.lit("visits"), unit=pl.lit("visits"), source_id=pl.lit("file:x"), vintage=pl.lit("")
    )
    layer = Layer("visits", "Visits", (("visits", "origin"),), absent, "")  # type: ignore[arg-type]
    return flows_of("KAZ", own=table, layers=[layer])[0]


def shown(flows: Flows, year: int | None = None) -> Facet:
    found = facet(flows, [RUSSIA, CHINA, TURKIC], year=year)
    assert found is not None
    return found


def test_shares_are_worked_out_by_hand() -> None:
    found = shown(made([("KAZ", "RUS", 2020, 5.0), ("KAZ", "TUR", 2020, 3.0), ("KAZ", "DEU", 2020, 2.0)]))
    assert found.balance.shares.least.tolist() == [0.5, 0.0, 0.3]
    assert found.balance.hhi.least.item() == pytest.approx(0.25 + 0.09 + 0.04)
    assert found.largest(2) == [("RUS", 0.5), ("TUR", 0.3)]


def test_a_vector_without_rows_is_zero_or_not_measured_as_the_layer_says() -> None:
    rows = [("KAZ", "RUS", 2020, 5.0), ("KAZ", "TUR", 2020, 3.0)]
    assert shown(made(rows)).balance.shares.least[1] == 0
    assert math.isnan(shown(made(rows, absent="unknown")).balance.shares.least[1])


def test_what_is_not_named_makes_a_range() -> None:
    rows = [("KAZ", "RUS", 2020, 6.0), ("KAZ", "TUR", 2020, 2.0), ("KAZ", "_OTHER", 2020, 2.0)]
    found = shown(made(rows, absent="pooled"))
    assert found.balance.shares.least.tolist() == [0.6, 0.0, 0.2]
    # Russia is named and so not among the others; China and two of the Turkic states may be.
    assert found.balance.shares.most == pytest.approx([0.6, 0.2, 0.4])
    assert "_OTHER" not in found.partners


def test_nobody_who_is_not_named_has_more_than_the_smallest_who_is() -> None:
    rows = [("KAZ", "RUS", 2020, 6.0), ("KAZ", "TUR", 2020, 1.0), ("KAZ", "_OTHER", 2020, 13.0)]
    found = shown(made(rows, absent="pooled"))
    for most in (found.bounds[1], found.balance.shares.most):
        assert most == pytest.approx([6 / 20, 1 / 20, 3 / 20])  # two Turkic states may have 1 each
    # Of a list that does not say that it has the largest, nobody knows.
    assert shown(made(rows, absent="unknown")).bounds[1] == pytest.approx([6 / 20, 13 / 20, 14 / 20])


def test_a_partner_outside_the_five_largest_has_no_more_than_the_fifth() -> None:
    """The Factbook prints whole per cents, so that what is printed as the smallest may be half a per cent more."""
    flows = next(each for each in flows_of("USA") if each.layer.id == "exports_top")
    fifth = np.nanmin(flows.value[-1])
    found = facet(flows, [RUSSIA, CHINA])
    assert found is not None
    assert "RUS" not in flows.partners
    least, most = found.bounds
    assert (least[0], most[0]) == (0, pytest.approx((fifth + 0.5) / 100))
    assert least[1] == most[1] > 0


def test_a_misprint_may_hide_a_partner_as_large_as_it_is_printed() -> None:
    layer = Layer("imports_top", "Imports", (("factbook_import", "partner"),), "pooled", "")
    flows = flows_of("KAZ", layers=[layer])[0]
    assert flows.most_unnamed[-1] >= 4.0 + 0.5


def test_the_year_asked_for_bounds_what_is_used() -> None:
    flows = made([("KAZ", "RUS", 2018, 1.0), ("KAZ", "CHN", 2018, 1.0), ("KAZ", "RUS", 2021, 9.0)])
    assert [shown(flows, year).year for year in (None, 2020, 2018)] == [2021, 2018, 2018]
    assert facet(flows, [RUSSIA], year=2017) is None


def test_a_net_position_below_zero_is_no_share() -> None:
    found = shown(
        made([("KAZ", "RUS", 2020, 5.0), ("KAZ", "CHN", 2020, -4.0), ("KAZ", "TUR", 2020, 5.0)], absent="unknown")
    )
    assert found.balance.shares.least[[0, 2]].tolist() == [0.5, 0.5]
    assert math.isnan(found.balance.shares.least[1])


def test_a_layer_in_which_nothing_passes_is_none() -> None:
    assert facet(made([("KAZ", "RUS", 2020, 0.0)]), [RUSSIA]) is None


def test_shares_of_trade_are_the_published_ones() -> None:
    """Bureau of National Statistics of Kazakhstan, turnover by country: Russia 19.5, 24.2, 19.4 and China 12.3, 17.7,
    21.5 per cent in 2018, 2021 and 2023."""
    flows = next(each for each in flows_of("KAZ") if each.layer.id == "trade")
    for year, russia, china in ((2018, 0.195, 0.123), (2021, 0.242, 0.177), (2023, 0.194, 0.215)):
        found = facet(flows, [RUSSIA, CHINA], year=year)
        assert found is not None
        assert found.balance.shares.least == pytest.approx([russia, china], abs=6e-4)


def test_students_abroad_end_where_hosts_stopped_reporting() -> None:
    """In 2019 the United States and in 2020 Russia, with four in five of Kazakhstan's students abroad, are missing."""
    flows = next(each for each in flows_of("KAZ") if each.layer.id == "students_abroad")
    assert flows.latest() == 2018
    # Who wants nothing later than 2020 does not ask for the years in which too few reported.
    assert [flows.latest(year) for year in (2024, 2020, 2018, 2017)] == [2018, 2018, 2018, 2017]
    found = facet(flows, [RUSSIA])
    assert found is not None
    assert found.balance.shares.least[0] == pytest.approx(69836 / (82746.38 + 3740.81), abs=1e-6)


def test_a_printed_misprint_is_no_partner() -> None:
    """The Factbook prints Gambia, code GM, where Germany is meant."""
    layer = Layer("imports_top", "Imports", (("factbook_import", "partner"),), "pooled", "")
    flows = flows_of("KAZ", layers=[layer])[0]
    assert "GMB" not in flows.partners
    assert flows.rest[0] == pytest.approx(100 - flows.value[0].sum())


def test_a_layer_that_stands_in_for_another_comes_only_without_it() -> None:
    assert {"exports"} == {each.layer.id for each in flows_of("KAZ") if each.layer.id.startswith("exports")}
    assert {"exports_top"} == {each.layer.id for each in flows_of("BRA") if each.layer.id.startswith("exports")}


@pytest.mark.parametrize("iso3", [each.iso3 for each in members()][::12])
def test_every_state_has_ties_and_none_with_itself(iso3: str) -> None:
    vectors = [each for each in vectors_of(iso3) if each.default]
    found = [each for flows in flows_of(iso3) if (each := facet(flows, vectors, draws=20)) is not None]
    assert len(found) >= 5
    for each in found:
        assert iso3 not in each.partners
        known = each.balance.shares.least[~np.isnan(each.balance.shares.least)]
        assert ((known >= 0) & (known <= 1)).all()


def test_layers_have_ids_of_their_own_and_known_stand_ins() -> None:
    ids = [layer.id for layer in LAYERS]
    assert len(ids) == len(set(ids))
    for layer in LAYERS:
        assert all(ids.index(other) < ids.index(layer.id) for other in layer.instead_of)


def test_a_host_that_reported_nothing_is_not_measured_and_bounds_nothing() -> None:
    """China is no host in the data: its students are neither named nor in the pool of others."""
    flows = next(each for each in flows_of("KAZ") if each.layer.id == "students_abroad")
    found = facet(flows, [RUSSIA, CHINA])
    assert found is not None
    assert [math.isnan(share) for share in found.bounds[0]] == [False, True]
    assert math.isnan(found.path[-1, 1])


def test_no_change_is_told_where_other_hosts_reported() -> None:
    """Russia first reported in 2000: a share that began at nothing did not rise."""
    flows = next(each for each in flows_of("KAZ") if each.layer.id == "students_abroad")
    found = facet(flows, [RUSSIA])
    assert found is not None
    assert found.change is None
    assert found.moves == []
