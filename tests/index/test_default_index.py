"""The default index on the bundled data."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from softpower import storage
from softpower.cli import main
from softpower.errors import BadRequest, NotEnoughData, UnknownCountry, UnknownNode
from softpower.index import Index, Trend, build, load_model
from softpower.index.building import gather
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.designs import STEPS, central_design, draw_designs, stream
from softpower.index.keep import pack, unpack
from softpower.index.panel import CellStatus
from softpower.index.uncertainty import Replications
from softpower.world import members


def test_at_least_150_countries_are_ranked_and_each_other_has_a_reason(index: Index) -> None:
    assert len(index.units) >= 150
    for country in members():
        short = min(index.known_share(country.iso3).values()) < index.model.screening.share
        assert index.is_ranked(country.iso3) != short


def test_who_is_not_ranked_is_named_in_text_and_json(index: Index) -> None:
    out = [country for country in members() if not index.is_ranked(country.iso3)]
    assert set(index.not_ranked) == {country.iso3 for country in out}
    text = CliRunner().invoke(main, ["index", "build", "--top", "3"]).output
    (line,) = [line for line in text.splitlines() if line.startswith("Not ranked in 2025, too little data: ")]
    assert [country.name for country in out if country.name in line] == [country.name for country in out][:12]
    document = json.loads(CliRunner().invoke(main, ["index", "build", "--json"]).output)
    assert {each["unit"] for each in document["not_ranked"]} == set(index.not_ranked)
    for each in document["not_ranked"]:
        assert min(each["known_share"].values()) < index.model.screening.share


def test_countries_with_the_same_human_development_share_a_rank(index: Index) -> None:
    # The means of three years of an index published with three decimals: exact in thousandths.
    place, known = index.ranks("wellbeing").central, index.panel.indicators.index("human_development")
    exact = [round(3000 * index.panel.raw[0, index.panel.units.index(unit), known], 6) for unit in index.units]
    assert index.model.leaves("wellbeing") == ("human_development",)
    assert len(set(exact)) < len(exact)
    assert place.tolist() == [1 + sum(other > own for other in exact) for own in exact]


def test_every_central_rank_and_score_lies_in_its_interval(index: Index) -> None:
    for node in index.nodes:
        place, score = index.ranks(node), index.scores(node)
        assert np.all((place.low <= place.central) & (place.central <= place.high))
        assert np.all((score.low <= score.value) & (score.value <= score.high))


def test_scores_are_on_the_scale_of_the_model(index: Index) -> None:
    for top in ("potential", "performance"):
        draws = index.sampled[top]
        np.testing.assert_allclose(draws.mean(axis=1), 50, atol=1e-3)
        np.testing.assert_allclose(draws.std(axis=1), 15, atol=1e-3)


def test_intervals_are_as_wide_as_the_design_of_the_index_asks(index: Index) -> None:
    for top in ("potential", "performance"):
        place = index.ranks(top)
        assert 0.08 <= np.median(place.high - place.low) / len(index.units) <= 0.18


def test_narrower_weights_narrow_the_intervals() -> None:
    model = load_model("soft-power")
    tight = model.model_copy(update={"uncertainty": model.uncertainty.model_copy(update={"weights_cv": 0.05})})
    usual, narrow = (build(each, draws=200).ranks("performance") for each in (model, tight))
    assert np.median(narrow.high - narrow.low) < np.median(usual.high - usual.low)


def test_what_was_kept_is_what_was_built(index: Index) -> None:
    again = unpack(pack(index), load_model("soft-power"))
    assert pack(again) == pack(index)
    np.testing.assert_array_equal(again.gap().value, index.gap().value)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "cached", lambda _key, make: make())
    first, again, other = (pack(build(draws=100, seed=seed)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_leaving_out_an_indicator_changes_no_other_draw() -> None:
    model = load_model("soft-power")
    whole, less = (draw_designs(each, draws=50, seed=7) for each in (model, model.without("patent_applications")))
    np.testing.assert_array_equal(whole.weights["universities"], less.weights["universities"])
    np.testing.assert_array_equal(whole.weights["image"], less.weights["image"])
    for step in STEPS:
        np.testing.assert_array_equal(whole.methods[step], less.methods[step])
    assert stream(7, "a").random() != stream(7, "b").random()


def test_the_central_score_is_the_plain_weighted_mean_of_its_parts() -> None:
    model = load_model("soft-power").variant()
    panel = gather(model, [model.year])
    central = Replications(model, panel, exact_cells(model, panel), central_design(model), keep=True)
    image = np.mean([central.indicator(leaf) for leaf in model.leaves("image")], axis=0)
    np.testing.assert_allclose(central.node("image"), image)
    pillars = np.mean([central.node(node) for node in model.children("performance")], axis=0)
    np.testing.assert_allclose(central.node("performance"), pillars)
    without = np.mean([central.node(node) for node in model.children("performance") if node != "image"], axis=0)
    np.testing.assert_allclose(central.node("performance", without=frozenset({"image"})), without)


def test_known_cells_without_error_are_the_same_in_every_draw() -> None:
    model = load_model("soft-power").variant()
    panel = gather(model, [model.year])
    cells = draw_cells(model, panel, draw_designs(model, draws=20, seed=7), seed=7)
    exact = (panel.status[0] != CellStatus.MISSING) & (panel.se[0] == 0)
    for k in range(len(panel.indicators)):
        assert not exact[cells.rows[k], k].any()
        assert np.isfinite(cells.drawn[k]).all()


def test_published_standard_errors_enter_the_governance_estimates() -> None:
    model = load_model("soft-power").variant()
    panel = gather(model, [2022])
    k = panel.indicators.index("rule_of_law")
    assert 0.1 < np.median(panel.se[0, :, k]) < 0.4


def test_a_year_without_data_and_a_senseless_request_are_refused(index: Index) -> None:
    with pytest.raises(NotEnoughData):
        build(year=1930, draws=100)
    with pytest.raises(BadRequest, match="between 100 and 20,000"):
        build(draws=5)
    with pytest.raises(BadRequest, match="no variant 'nope'"):
        build(variant="nope")
    with pytest.raises(UnknownNode):
        index.scores("nope")
    with pytest.raises(UnknownCountry):
        index.unit("PRK")


def test_a_snapshot_is_left_out_of_years_before_it_and_the_index_says_so() -> None:
    earlier = build(year=2010, draws=100)
    assert {"universities", "world_heritage", "passport_mobility"} <= set(earlier.dropped)
    assert len(earlier.units) > 100


def test_variants_move_potential_and_nothing_moves_performance_but_its_own_parts(index: Index) -> None:
    choices = index.choices
    performance = choices.measures.index("performance")
    for c, (id, kind) in enumerate(zip(choices.ids, choices.kinds, strict=True)):
        touches = kind != "variant" and index.model.top_of(id) == "performance"
        assert bool(np.any(choices.shift[c, performance])) == touches
    assert {"no-regime", "endowment", "diversity", "voice"} <= set(choices.ids)


def test_what_pulls_a_country_up_is_what_it_has_more_of_than_the_median(index: Index) -> None:
    found = index.explain("KAZ")
    assert [each.given for each in found] == sorted((each.given for each in found), reverse=True)
    assert sum(each.share for each in found) <= 2 + 1e-9
    assert found[0].deviations > 0 > found[-1].deviations


# The back-cast


def test_ranks_of_neighbouring_years_hardly_differ(back_cast: Trend) -> None:
    for node in back_cast.model.tops:
        ranks = back_cast.central_ranks(node)
        assert min(stats.spearmanr(first, second)[0] for first, second in itertools.pairwise(ranks)) >= 0.995
        assert (np.abs(np.diff(ranks, axis=0)) > 10).mean(axis=1).max() <= 0.03


def test_the_points_of_all_drivers_add_up_to_the_change_of_the_score() -> None:
    from softpower.index import build_trend

    back_cast = build_trend("soft-power-trend", draws=100)
    first, last = back_cast.years["performance"][0], back_cast.years["performance"][-1]
    begin, end = (back_cast.panel_years.index(year) for year in (first, last))
    names = list(back_cast.model.indicators)
    scores = np.zeros((2, len(back_cast.units)))
    for node in back_cast.model.children("performance"):
        places = [names.index(leaf) for leaf in back_cast.model.leaves(node)]
        scores += back_cast.parts[[begin, end]][:, :, places].mean(axis=2) / len(
            back_cast.model.children("performance")
        )
    change = scores[1] - scores[0]
    moved = sum(points for _, points in back_cast.drivers("performance", "KAZ", first, last))
    assert moved == pytest.approx(change[back_cast.unit("KAZ")] - change.mean(), abs=1e-3)


def test_a_change_is_known_better_than_the_two_ranks_it_lies_between(back_cast: Trend) -> None:
    years = back_cast.years["performance"]
    change, standing = back_cast.change("performance", years[0], years[-1]), back_cast.standings("performance")
    apart = (standing.high - standing.low)[[0, -1]].sum(axis=0)
    assert np.median(change.high - change.low) < np.median(apart)
