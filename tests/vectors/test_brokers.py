"""Networks of states, and what a state is told of its place in them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadRequest, NotEnoughData, UnknownIndicator
from softpower.evidence import ties
from softpower.vectors import brokers
from softpower.vectors.brokers import Network, bridges, network
from softpower.vectors.partition import partition
from softpower.vectors.standing import BETWEEN, STATISTICS
from softpower.world import members

# Networks.


def test_flight_routes_pass_as_they_are() -> None:
    found = network("airline_routes", 2014)
    known = {each.iso3 for each in members()}
    rows = ties("airline_routes").filter(pl.col("origin").is_in(known) & pl.col("partner").is_in(known))
    assert not found.thinned
    assert found.ties.sum() == rows.filter(pl.col("origin") != pl.col("partner")).height
    assert found.ties[found.states.index("KAZ"), found.states.index("RUS")]
    assert "GUM" not in found.states
    assert not found.ties.diagonal().any()


def test_of_migrants_only_the_backbone_is_left() -> None:
    found = network("migrant_stock")
    assert found.thinned
    assert found.year == 2020
    assert 0.01 < found.ties.mean() < 0.1
    assert found.ties[found.states.index("KAZ"), found.states.index("DEU")]
    assert found.ties[found.states.index("MEX"), found.states.index("USA")]


def test_a_year_without_ties_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotEnoughData, match=r"airline_routes has no ties in 1999; it has 2014"):
        network("airline_routes", 1999)
    with pytest.raises(UnknownIndicator):
        network("airline_rutes")


# States.


def _invented(seed: int) -> Network:
    """Thirty states, by region; Kazakhstan alone has ties to states of many."""
    states = tuple(sorted({*[each.iso3 for each in members()][::7], "KAZ", "UZB"}))
    group = np.unique(partition(states), return_inverse=True)[1]
    random = np.random.default_rng(seed)
    ties = random.random((len(states),) * 2) < np.where(group[:, None] == group, 0.8, 0.05)
    at = states.index("KAZ")
    ties[at, ::2] = True
    ties |= ties.T
    np.fill_diagonal(ties, False)
    return Network("invented", 2020, states, ties, thinned=False)


def test_a_state_is_told_what_it_is_in_each_layer_and_who_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [_invented(1), _invented(2)]
    found = bridges("KAZ", networks=layers, samples=110)
    assert [each.measure for each in found] == ["invented", "invented"]
    first = found[0]
    assert set(first.places) == set(STATISTICS)
    place = first.places[BETWEEN]
    assert place.z == pytest.approx((place.observed - place.mean) / place.sd)
    assert 0 <= place.lower <= 1
    assert ("KAZ" in first.alike) == (first.claim == "bridge")
    assert first.states == len(layers[0].states)
    # Again, and for another state: from the cache, the same.
    monkeypatch.setattr(brokers, "compare", lambda *_, **__: pytest.fail("computed again"))
    assert repr(bridges("KAZ", networks=layers, samples=110)) == repr(found)  # as text: NaN equals nothing
    assert bridges("UZB", networks=layers, samples=110)[0].alike == first.alike


def test_a_state_that_no_layer_has_is_told_nothing() -> None:
    layer = _invented(1)
    absent = next(each.iso3 for each in members() if each.iso3 not in layer.states)
    assert bridges(absent, networks=[layer], samples=60) == ()


def test_too_few_random_networks_for_the_layers_are_refused() -> None:
    with pytest.raises(BadRequest, match="take 214 or more"):
        bridges("KAZ", networks=[_invented(seed) for seed in range(4)], samples=60)
    with pytest.raises(BadRequest, match="52 or more"):
        bridges("KAZ", networks=[_invented(1)], samples=19)
