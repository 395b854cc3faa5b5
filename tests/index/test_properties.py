"""What must hold of every build, on random small tables and models."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from softpower.errors import BadTable, NotEnoughData, SoftPowerError
from softpower.index import Index, Model, build, build_years, sensitivity, set_up
from softpower.index.audit import audit

PILLARS = ("p", "q")
# What turns cells into scores without ever turning their order round.
SCALES = ("minmax", "zscore", "rank", "percentile_rank", "borda", "distance_to_maximum")
MEANS = ("arithmetic", "geometric", "harmonic")


@dataclass(frozen=True)
class World:
    """A table and a model on it.

    Attributes
    ----------
    cells : shape (unit, indicator), NaN where missing
    homes : pillar of each indicator
    directions, weights : of each indicator
    steps : the other tables of the model file
    """

    cells: np.ndarray
    homes: tuple[str, ...]
    directions: tuple[int, ...]
    weights: tuple[float, ...]
    steps: dict[str, Any]

    @property
    def names(self) -> list[str]:
        return [f"i{k}" for k in range(len(self.homes))]

    def table(self, order: list[int] | None = None) -> pl.DataFrame:
        units = [f"U{k}" for k in range(len(self.cells))]
        columns = {name: self.cells[:, k] for k, name in enumerate(self.names)}
        frame = pl.DataFrame({"unit": units} | columns)
        return frame if order is None else frame[order]

    def model(self) -> Model:
        nodes = {"top": {"title": "Top"}}
        nodes |= {each: {"title": each, "parent": "top"} for each in PILLARS if each in self.homes}
        indicators = {
            name: {"title": name, "node": home, "direction": direction, "weight": weight}
            for name, home, direction, weight in zip(self.names, self.homes, self.directions, self.weights, strict=True)
        }
        tables = {"id": "random", "title": "Random", "nodes": nodes, "indicators": indicators}
        return Model.model_validate(tables | {"uncertainty": {"weights_cv": 0.3}} | self.steps)

    def built(self) -> Index:
        return build(self.model(), self.table(), draws=100)

    def top(self) -> dict[str, float]:
        found = self.built()
        return dict(zip(found.units, found.central["top"].tolist(), strict=True))

    def with_cell(self, unit: int, indicator: int, value: float) -> World:
        cells = self.cells.copy()
        cells[unit, indicator] = value
        return replace(self, cells=cells)


@st.composite
def worlds(
    draw: st.DrawFn,
    *,
    units: tuple[int, int] = (2, 8),
    indicators: tuple[int, int] = (1, 5),
    gaps: bool = False,
    scales: tuple[str, ...] = SCALES,
    means: tuple[str, ...] = MEANS,
) -> World:
    """Columns of different units of measurement and directions in one or two pillars; with ``gaps`` some cells miss."""
    n, k = draw(st.integers(*units)), draw(st.integers(*indicators))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    # Few different values, so that there are ties; in units that differ by orders of magnitude.
    cells = rng.integers(1, draw(st.sampled_from([4, 1000])), (n, k)) * 10.0 ** rng.integers(-4, 5, k)
    if gaps:
        holes = rng.random((n, k)) < 0.2
        holes[np.arange(n), rng.integers(k, size=n)] = False  # each unit and each indicator keeps something
        holes[rng.integers(n, size=k), np.arange(k)] = False
        cells[holes] = np.nan
    homes = tuple(draw(st.lists(st.sampled_from(PILLARS), min_size=k, max_size=k)))
    method, mean = draw(st.sampled_from(scales)), draw(st.sampled_from(means))
    steps: dict[str, Any] = {"normalise": {"method": method}, "aggregate": {"method": mean}}
    if mean != "arithmetic":
        steps["normalise"]["scale"] = [1, 100]
    steps |= {"impute": {"method": "none"}, "screening": {"share": 0.0}}
    directions = tuple(draw(st.lists(st.sampled_from([1, -1]), min_size=k, max_size=k)))
    weights = tuple(draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=k, max_size=k)))
    return World(cells, homes, directions, weights, steps)


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    return one == pytest.approx(other, rel=1e-9, abs=1e-9)


# What must not matter


@given(worlds(gaps=True), st.randoms())
@settings(max_examples=25)
def test_the_order_of_units_changes_no_score(world: World, random: Any) -> None:
    order = list(range(len(world.cells)))
    random.shuffle(order)
    found = build(world.model(), world.table(order), draws=100)
    usual = world.built()
    back = [found.unit(unit) for unit in usual.units]
    assert sorted(found.units) == sorted(usual.units)
    for node in usual.nodes:
        np.testing.assert_allclose(found.central[node][back], usual.central[node], rtol=1e-9)
        np.testing.assert_array_equal(found.scored(node)[back], usual.scored(node))
    # Only weights are drawn, and these are of parts and not of units.
    np.testing.assert_allclose(found.sampled["top"][:, back], usual.sampled["top"], rtol=1e-12)


@pytest.mark.parametrize("impute", [{"method": "posterior"}, {"over_time": "linear"}, {"method": "none"}])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_the_order_of_rows_changes_no_draw_of_a_cell(impute: dict[str, Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    units, years = 12, (2020, 2021, 2023)
    cells = {name: rng.uniform(1, 9, units * len(years)) for name in ("i0", "i1", "i2")}
    cells["i0"][rng.random(len(cells["i0"])) < 0.3] = np.nan
    # Codes whose order is neither that of the rows nor that of numbers.
    codes = [f"U{k}" for k in rng.permutation(units).tolist()]
    rows = {"unit": codes * len(years), "year": np.repeat(years, units), "e": np.full(len(cells["i0"]), 0.8)}
    table = pl.DataFrame(rows | cells).with_columns(pl.col("i0").fill_nan(None))
    parts = {name: {"title": name, "node": "top"} for name in cells}
    parts["i1"]["error"] = "e"
    model = Model.model_validate(
        {"id": "m", "title": "M", "nodes": {"top": {"title": "Top"}}, "indicators": parts, "impute": impute}
        | {"uncertainty": {"weights_cv": 0.3, "errors_last": 0.5}, "screening": {"share": 0.5}}
    )
    usual = build_years(model, table, draws=100)
    turned = build_years(model, table.sample(fraction=1.0, shuffle=True, seed=seed), draws=100)
    for found, same in zip(usual, turned, strict=True):
        assert found.units == same.units == tuple(sorted(found.units))
        np.testing.assert_array_equal(found.sampled["top"], same.sampled["top"])
        np.testing.assert_array_equal(found.ranks("top").stacked(), same.ranks("top").stacked())
        np.testing.assert_array_equal(found.scores("top").stacked(), same.scores("top").stacked())


@given(worlds(gaps=True), st.data())
@settings(max_examples=25)
def test_the_unit_of_measurement_of_an_indicator_changes_no_score(world: World, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(world.homes) - 1))
    factor = data.draw(st.sampled_from([-1000.0, -1.0, 0.01, 7.0]))
    shift = data.draw(st.sampled_from([0.0, 5.0])) * np.nanmax(world.cells[:, k])
    cells = world.cells.copy()
    cells[:, k] = cells[:, k] * factor + shift * abs(factor)
    # Turned round, it is one of which less is better.
    turned = tuple(d if j != k or factor > 0 else -d for j, d in enumerate(world.directions))
    assert same(replace(world, cells=cells, directions=turned).top(), world.top())


@given(worlds(gaps=True), st.sampled_from([0.01, 3.0, 1000.0]))
@settings(max_examples=20)
def test_weights_count_only_as_shares(world: World, factor: float) -> None:
    scaled = replace(world, weights=tuple(factor * weight for weight in world.weights)).built()
    usual = world.built()
    for node in usual.nodes:
        np.testing.assert_allclose(scaled.central[node], usual.central[node], rtol=1e-9)
        np.testing.assert_allclose(scaled.sampled[node], usual.sampled[node], rtol=1e-4, atol=1e-4)


@given(worlds(units=(2, 6)), st.data())
@settings(max_examples=20)
def test_a_row_that_stands_twice_is_refused_and_a_twin_of_a_unit_ties_with_it(
    world: World, data: st.DataObject
) -> None:
    unit = data.draw(st.integers(0, len(world.cells) - 1))
    table = world.table()
    with pytest.raises(BadTable, match=rf"stands twice: U{unit} in rows {unit + 2} and {len(table) + 2}"):
        build(world.model(), pl.concat([table, table[unit]]), draws=100)
    twin = table[unit].with_columns(unit=pl.lit("twin"))
    found = build(world.model(), pl.concat([table, twin]), draws=100)
    one, other = found.unit(f"U{unit}"), found.unit("twin")
    np.testing.assert_allclose(found.sampled["top"][:, one], found.sampled["top"][:, other], rtol=1e-5)
    for node in found.nodes:
        place, drawn = found.ranks(node), found.rank_draws(node)
        assert place.central[one] == place.central[other]
        np.testing.assert_array_equal(drawn[:, one], drawn[:, other])
    if world.steps["normalise"]["method"] == "minmax":  # the others are measured by the ends of the scale alone
        usual = world.top()
        assert same({each: float(found.central["top"][found.unit(each)]) for each in usual}, usual)


# What must


@given(worlds(gaps=True), st.data())
@settings(max_examples=50)
def test_more_of_what_is_better_never_lowers_a_score(world: World, data: st.DataObject) -> None:
    unit = data.draw(st.integers(0, len(world.cells) - 1))
    k = data.draw(st.sampled_from(np.flatnonzero(np.isfinite(world.cells[unit])).tolist()))
    step = data.draw(st.sampled_from([0.1, 1.0, 50.0])) * np.nanmax(world.cells[:, k]) * world.directions[k]
    raised = world.with_cell(unit, k, world.cells[unit, k] + step)
    name = f"U{unit}"
    assert raised.top()[name] >= world.top()[name] - 1e-9


def by_hand(world: World) -> np.ndarray:
    """Scores by definition: min-max, then weighted means over what is known, pillar by pillar; shape (unit,)."""
    low, high = np.nanmin(world.cells, axis=0), np.nanmax(world.cells, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = 100 * (world.cells - low) / (high - low)
    x = np.where(np.array(world.directions) == 1, x, 100 - x)
    pillars = []
    for pillar in dict.fromkeys(world.homes):
        inside = np.flatnonzero([home == pillar for home in world.homes])
        weights = np.where(np.isnan(x[:, inside]), 0, np.array(world.weights)[inside])
        total = weights.sum(axis=1)
        scores = (np.nan_to_num(x[:, inside]) * weights).sum(axis=1)
        pillars.append(np.divide(scores, total, out=np.full(len(x), np.nan), where=total > 0))
    return np.asarray(np.nanmean(np.stack(pillars), axis=0))


@given(worlds(gaps=True, scales=("minmax",), means=("arithmetic",)))
@settings(max_examples=30)
def test_a_missing_cell_counts_for_nothing_and_not_for_zero(world: World) -> None:
    assume((np.nanmax(world.cells, axis=0) > np.nanmin(world.cells, axis=0)).all())
    found = world.built()
    assert list(world.top().values()) == pytest.approx(by_hand(world).tolist(), abs=1e-9)
    gaps = np.isnan(world.cells)
    np.testing.assert_array_equal(found.panel.known[0], ~gaps)
    assert np.isnan(found.panel.raw[0][gaps]).all()
    for unit, k in np.argwhere(gaps)[:2].tolist():
        worst = 0.0 if world.directions[k] == 1 else 10 * np.nanmax(world.cells[:, k])
        assert world.with_cell(unit, k, worst).top()[f"U{unit}"] <= world.top()[f"U{unit}"] + 1e-9


@given(worlds(means=("arithmetic",)), st.sampled_from([0.0, -3.0, 1e6, 0.3]), st.sampled_from(["p", "q"]))
@settings(max_examples=20)
def test_an_indicator_that_is_the_same_everywhere_moves_no_rank(world: World, value: float, home: str) -> None:
    assume(home in world.homes)
    more = replace(
        world,
        cells=np.column_stack([world.cells, np.full(len(world.cells), value)]),
        homes=(*world.homes, home),
        directions=(*world.directions, 1),
        weights=(*world.weights, 1.0),
    ).built()
    usual = world.built()
    np.testing.assert_array_equal(more.ranks(home).central, usual.ranks(home).central)
    told = [line for line in more.cautions if line.startswith(f"i{len(world.homes)} (column i{len(world.homes)} of")]
    assert len(told) == 1
    assert f" is {value:g} in all {len(world.cells)} rows" in told[0]
    assert "leave it out" in told[0]


@given(worlds(units=(1, 1)))
@settings(max_examples=15)
def test_a_single_unit_is_first_of_one_in_every_node(world: World) -> None:
    found = world.built()
    for node in found.nodes:
        place = found.ranks(node)
        assert (place.low.tolist(), place.central.tolist(), place.high.tolist()) == ([1], [1], [1])
        assert np.isfinite(found.central[node]).all()


@given(worlds(indicators=(1, 1)))
@settings(max_examples=20)
def test_with_one_indicator_units_are_ranked_by_it(world: World) -> None:
    place = world.built().ranks("top")
    directed = world.cells[:, 0] * world.directions[0]
    expected = 1 + (directed[None] > directed[:, None]).sum(axis=1)
    for found in (place.low, place.central, place.high):
        assert found.tolist() == expected.tolist()


@given(worlds(indicators=(2, 5)), st.data())
@settings(max_examples=15)
def test_an_indicator_without_a_value_is_as_none_at_all_and_a_table_without_any_is_refused(
    world: World, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(world.homes) - 1))
    cells = world.cells.copy()
    cells[:, k] = np.nan
    found = replace(world, cells=cells).built()
    assert found.dropped == (f"i{k}",)
    less = build(world.model().without(f"i{k}"), world.table(), draws=100)
    np.testing.assert_array_equal(found.sampled["top"], less.sampled["top"])
    with pytest.raises(NotEnoughData, match="no indicator of top has a value"):
        replace(world, cells=np.full_like(cells, np.nan)).built()


# Anything goes

NORMALISE = (*SCALES, "percentile", "fraction_of_maximum", "none")
IMPUTE = ("posterior", "mean", "median", "row_mean", "none")
WEIGH = ("given", "equal", "pca", "factor", "entropy", "critic", "equal_influence")
TREAT = ("none", "winsorise", "log1p", "log_coin", "log_signed")
JOIN = (*MEANS, "mazziotta_pareto", "copeland")


@given(worlds(units=(1, 8), gaps=True), st.data())
@settings(max_examples=60)
def test_any_model_on_any_table_gives_numbers_or_a_message(world: World, data: st.DataObject) -> None:
    pick = data.draw(st.tuples(*(st.sampled_from(each) for each in (NORMALISE, IMPUTE, WEIGH, TREAT, JOIN))))
    normalise, impute, weigh, treat, join = pick
    steps = {
        "normalise": {"method": normalise},
        "impute": {"method": impute},
        "weights": weigh,
        "treat": {"method": treat},
        "aggregate": {"method": join},
        "screening": {"share": data.draw(st.sampled_from([0.0, 0.67]))},
        "uncertainty": {
            "weights_cv": data.draw(st.sampled_from([0.0, 0.3])),
            "normalise": [{"method": normalise}, {"method": "rank"}],
            "leave_out": {"indicator": 0.3},
        },
    }
    if data.draw(st.booleans()):
        world = world.with_cell(0, 0, np.nan)
    asked = replace(world, steps=steps)
    try:
        found = asked.built()
    except SoftPowerError:  # anything else is a fault, as are warnings
        event("refused")
        return
    event("built")
    for node in found.nodes:
        scored = found.scored(node)
        assert np.isfinite(found.scores(node).value[scored]).all()
        place = found.ranks(node)
        assert (place.low[scored] >= 1).all()
        assert (place.low <= place.central).all()
        assert (place.central <= place.high).all()
        assert (place.high <= scored.sum()).all()
    ready, year = set_up(asked.model(), asked.table())
    try:
        json.dumps(audit(ready, year=year, draws=50).to_dict(), allow_nan=False)
        told = sensitivity(ready, year=year, n=16, resamples=20)
    except SoftPowerError:
        event("too little for a sensitivity")
        return
    assert np.isfinite(told.changed).all()
    assert set(told.factors).isdisjoint(told.idle)
