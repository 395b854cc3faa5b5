"""Plots of an index: what they draw is what the index says, with title, units and source, and nothing else."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from softpower.cli.main import main
from softpower.drawing.frame import Chart
from softpower.drawing.look import MODES, configuration
from softpower.drawing.save import FORMATS, picture
from softpower.drawing.theme import palette
from softpower.errors import BadRequest, NotEnoughData, UnknownCountry, UnknownNode
from softpower.index import Index, build, compare, load_model, sensitivity, set_up
from softpower.index.conversion import conversion as convert
from softpower.index.model import Aggregate, Impute, Indicator, Model, Node, Normalise, Scale, Screening
from softpower.index.plots import bars, distribution, framework, intervals, kinds
from softpower.index.plots import conversion as conversions
from softpower.index.plots import sensitivity as sensitivities
from softpower.index.plots.about import shown
from softpower.index.plots.components import components
from tests.plotboxes import SVG, labels, touching

HERE = Path(__file__).parents[1] / "reference"
ASEM = HERE / "asem.toml"
ASEM_DATA = HERE / "coinr-asem" / "inputs" / "asem_idata.csv"

HOSTILE = "</text></svg><script>alert(1)</script>&\"'{{7*7}} datum.x \x00\u202e\u4e2d"


def spec(chart: Chart) -> dict[str, Any]:
    """The specification of a chart."""
    return chart.to_dict()


def parts(made: Any, key: str) -> Iterator[Any]:
    """Everything that stands under a key anywhere in a specification."""
    if isinstance(made, dict):
        for name, below in made.items():
            if name == key:
                yield below
            yield from parts(below, key)
    elif isinstance(made, list):
        for each in made:
            yield from parts(each, key)


def rows(chart: Chart, *fields: str, without: str = "") -> list[dict[str, Any]]:
    """The longest table of a chart that has all these fields, and not the other one."""
    made = spec(chart)
    tables = [*made.get("datasets", {}).values(), *(each.get("values", []) for each in parts(made, "data"))]
    fits = [table for table in tables if table and set(fields) <= set(table[0]) and without not in table[0]]
    return max(fits, key=len)


def words(chart: Chart) -> str:
    """Title, line below it and source."""
    told = []
    for each in parts(spec(chart), "title"):
        if isinstance(each, dict):
            told += [*each.get("text", []), *each.get("subtitle", [])]
    return " ".join(told)


def axes(chart: Chart) -> set[str]:
    """Titles of the axes."""
    return {each["title"] for each in parts(spec(chart), "axis") if isinstance(each, dict) and each.get("title")}


def small(**more: Any) -> Model:
    """Two pillars of two indicators and of one."""
    return Model(
        id="small",
        title="Small",
        nodes={
            "top": Node(title="Top"),
            "a": Node(title="A", parent="top", weight=2.0),
            "b": Node(title="B", parent="top"),
        },
        indicators={
            "one": Indicator(title="One", node="a", unit="kg"),
            "two": Indicator(title="Two", node="a", weight=3.0),
            "three": Indicator(title="Three", node="b", direction=-1),
        },
        normalise=more.pop("normalise", Normalise(method="minmax", scale=[0, 100])),
        **more,
    )


def table(units: int = 12) -> pl.DataFrame:
    """Random cells, a name each."""
    rng = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "unit": [f"U{number:02d}" for number in range(units)],
            "name": [f"Unit {number}" for number in range(units)],
            **{name: rng.lognormal(size=units).round(3) for name in ("one", "two", "three")},
        }
    )


@cache
def tiny(units: int = 12) -> Index:
    """An index of the small model."""
    return build(small(), table(units), draws=200)


@cache
def asem() -> Index:
    """The index that COINr's vignettes build."""
    return build(ASEM, ASEM_DATA, draws=100)


def plots(index: Index) -> dict[str, Chart]:
    """Every kind that a model of one top node has."""
    node = index.nodes[0]
    made = {kind: kinds.plot(index, kind, node) for kind in ("bars", "dots", "ranks", "acceptability", "distribution")}
    return made | {kind: kinds.plot(index, kind) for kind in ("correlation", "framework")}


# What is drawn is what the index says.


def test_ranks_are_drawn_as_the_index_gives_them_with_both_intervals() -> None:
    index = tiny()
    place = index.ranks("top")
    drawn = {row["unit"]: row for row in rows(intervals.ranks(index, "top"), "low", "q25", "central", "q75", "high")}
    assert len(drawn) == 12
    for at, unit in enumerate(index.units):
        row = drawn[index.name_of(unit)]
        assert (row["low"], row["q25"], row["central"], row["q75"], row["high"]) == (
            place.low[at], place.q25[at], place.central[at], place.q75[at], place.high[at],
        )  # fmt: skip


def test_scores_are_drawn_with_their_intervals_the_highest_first() -> None:
    index = tiny()
    score = index.scores("a")
    drawn = rows(intervals.dots(index, "a"), "low", "central", "high")
    assert [row["unit"] for row in drawn] == [index.name_of(index.units[at]) for at in np.argsort(-score.value)]
    for row in drawn:
        at = [index.name_of(unit) for unit in index.units].index(row["unit"])
        assert row["central"] == pytest.approx(score.value[at])
        assert (row["low"], row["high"]) == (pytest.approx(score.low[at]), pytest.approx(score.high[at]))


def test_the_expectation_is_drawn_beside_scores_where_the_model_has_one(index: Index) -> None:
    chart = intervals.dots(index, "performance", units=["KAZ", "UZB"])
    predicted = index.central_expected("performance").expected[0]
    drawn = {row["unit"]: row["predicted"] for row in rows(chart, "predicted")}
    assert drawn == {
        name: pytest.approx(predicted[index.unit(unit)])
        for name, unit in (("Kazakhstan", "KAZ"), ("Uzbekistan", "UZB"))
    }
    assert "sand tick" in words(chart).lower()
    assert "sand" not in words(intervals.dots(tiny(), "top"))


@pytest.mark.parametrize("size", [1e19, 1e98])
@pytest.mark.parametrize("kind", ["ranks", "bars", "distribution", "dots"])
def test_whole_numbers_beyond_those_of_a_computer_are_drawn(kind: str, size: float) -> None:
    model = small(normalise=Normalise(method="none"), screening=Screening(share=0.0))
    names = list(model.indicators)
    table = pl.DataFrame({"unit": list("ABCDE")} | {name: [size * k for k in range(1, 6)] for name in names})
    found = build(model, table, draws=100)
    assert picture(spec(found.plot(kind)), "svg", title="Large").startswith(b"<svg")


def test_shares_of_ranks_are_those_of_the_replications() -> None:
    index = tiny()
    drawn = {(row["unit"], row["rank"]): row["share"] for row in rows(intervals.acceptability(index, "top"), "share")}
    ranks = index.rank_draws("top")
    for at, unit in enumerate(index.units):
        for rank in range(1, 13):
            assert drawn.get((index.name_of(unit), rank), 0) == pytest.approx((ranks[:, at] == rank).mean())


@pytest.mark.parametrize("scale", [None, Scale(mean=50, sd=15)])
@pytest.mark.parametrize("node", ["top", "a"])
def test_contributions_add_up_to_the_score(scale: Scale | None, node: str) -> None:
    index = build(small(scale=scale), table(), draws=100)
    drawn = rows(bars.bars(index, node), "part", "contribution")
    base = scale.mean if scale else 0.0
    for at, unit in enumerate(index.units):
        mine = [row for row in drawn if row["unit"] == index.name_of(unit)]
        assert base + sum(row["contribution"] for row in mine) == pytest.approx(index.central[node][at], abs=1e-6)
        for row in mine:
            assert row["end"] - row["start"] == pytest.approx(row["contribution"], abs=1e-6)


def test_a_contribution_is_weight_times_score_of_the_part() -> None:
    index = tiny()
    found = components(index, "top")
    assert found is not None
    assert found.parts == ("a", "b")
    assert found.given[0] == pytest.approx(2 / 3 * index.central["a"])
    assert found.given[1] == pytest.approx(1 / 3 * index.central["b"])


# Against COINr's results on the ASEM data; see tests/reference.


def gold(name: str) -> pl.DataFrame:
    """A file of the peer's results."""
    return pl.read_csv(HERE / "coinr-asem" / "gold" / f"{name}.csv")


def test_contributions_to_the_published_index_are_half_of_each_published_sub_index() -> None:
    index = asem()
    found = components(index, "Index")
    assert found is not None
    assert found.parts == ("Conn", "Sust")
    published = {row["uCode"]: row for row in gold("14_results_scores").to_dicts()}
    for part, given in zip(found.parts, found.given, strict=True):
        assert given == pytest.approx([published[unit][part] / 2 for unit in index.units], abs=1e-6)


def test_correlations_within_pillars_are_the_published_ones() -> None:
    index = asem()
    drawn = {
        frozenset((row["part"], row["other"])): row["r"]
        for row in rows(kinds.plot(index, "correlation"), "r", "within")
        if row["within"]
    }
    title = index.model.title_of
    published = {
        frozenset((title(row["Var1"]), title(row["Var2"]))): row["Correlation"]
        for row in gold("15_corr_pearson_in_pillar").to_dicts()
        if row["Var1"] != row["Var2"]
    }
    assert drawn == {pair: pytest.approx(r, abs=1e-6) for pair, r in published.items()}


def test_arcs_are_as_wide_as_the_published_effective_weights() -> None:
    arcs = {row["id"]: row for row in rows(framework.framework(asem().model), "theta", "theta2", "radius")}
    for row in gold("09_effective_weights").to_dicts():
        wide = (arcs[row["iCode"]]["theta2"] - arcs[row["iCode"]]["theta"]) / (2 * math.pi)
        assert wide == pytest.approx(row["EffWeight"], abs=1e-6)
        assert arcs[row["iCode"]]["share"] == pytest.approx(row["EffWeight"], abs=1e-6)


def test_a_score_that_is_no_sum_has_a_plain_bar_and_says_so() -> None:
    index = build(small(aggregate=Aggregate(method="geometric", floor=10)), table(), draws=100)
    chart = bars.bars(index, "top")
    assert components(index, "top") is None
    assert "no sum of parts" in words(chart)
    assert {row["part"] for row in rows(chart, "part", "start")} == {"Top"}


def test_a_bar_can_be_drawn_without_its_parts() -> None:
    assert {row["part"] for row in rows(bars.bars(tiny(), "top", components=False), "part", "start")} == {"Top"}


def test_more_parts_than_tints_stand_in_columns_of_their_own(index: Index) -> None:
    chart = bars.bars(index, "potential", top=5)
    found = components(index, "potential")
    assert found is not None
    assert len(found.parts) > len(bars.TINTS)
    drawn = [row for part in spec(chart)["datasets"].values() for row in part if "contribution" in row]
    assert len(drawn) == 5 * len(found.parts)
    first = shown(index, "potential", top=5).places[0]
    mine = [row["contribution"] for row in drawn if row["unit"] == index.name_of(index.units[first])]
    assert 50 + sum(mine) == pytest.approx(index.central["potential"][first], abs=1e-6)


def test_a_histogram_counts_each_known_unit_once_and_marks_those_named() -> None:
    index = tiny()
    chart = distribution.distribution(index, "one", units=["U03"])
    values = table()["one"].to_numpy()
    assert sum(row["units"] for row in rows(chart, "units", "start")) == 12
    assert sorted(row["value"] for row in rows(chart, "value", "tone")) == pytest.approx(sorted(values))
    (named,) = rows(chart, "from", "to")
    assert (named["unit"], named["value"]) == ("Unit 3", values[3])
    centred = values - values.mean()
    g1 = (centred**3).mean() / (centred**2).mean() ** 1.5
    assert f"skewness {g1 * math.sqrt(12 * 11) / 10:.1f}" in words(chart)
    assert "One, kg" in axes(chart)


def test_correlations_are_those_of_the_directed_scores_and_only_pairs_of_a_pillar_are_judged() -> None:
    index = tiny()
    drawn = {(row["part"], row["other"]): row for row in rows(kinds.plot(index, "correlation"), "r", "within")}
    cells = table()
    directed = {"One": cells["one"], "Two": cells["two"], "Three": -cells["three"]}
    assert len(drawn) == 3
    for (part, other), row in drawn.items():
        assert row["r"] == pytest.approx(np.corrcoef(directed[part], directed[other])[0, 1])
        assert row["within"] == ({part, other} == {"One", "Two"})
        assert not row["flag"] or row["within"]


def test_arcs_of_the_framework_are_as_wide_as_the_weights() -> None:
    arcs = {row["id"]: row for row in rows(framework.framework(small()), "theta", "theta2", "radius")}
    share = {id: (row["theta2"] - row["theta"]) / (2 * math.pi) for id, row in arcs.items()}
    assert share == {
        "top": pytest.approx(1), "a": pytest.approx(2 / 3), "b": pytest.approx(1 / 3),
        "one": pytest.approx(1 / 6), "two": pytest.approx(1 / 2), "three": pytest.approx(1 / 3),
    }  # fmt: skip
    for id, parent in (("a", "top"), ("one", "a"), ("three", "b")):
        assert arcs[id]["radius2"] == pytest.approx(arcs[parent]["radius"])
        assert arcs[parent]["theta"] <= arcs[id]["theta"] < arcs[id]["theta2"] <= arcs[parent]["theta2"] + 1e-9


def test_every_node_of_the_bundled_model_is_named_inside_its_arc() -> None:
    model = load_model()
    chart = framework.framework(model)
    arcs = rows(chart, "theta", "theta2", "radius")
    names = [row for part in spec(chart)["datasets"].values() for row in part if "size" in row]
    told = " ".join(row["label"] for row in names)
    for arc in arcs:
        if not arc["indicator"]:
            assert arc["title"] in told
    for row in names:
        # The middle of each line lies in an arc whose title it is part of.
        radius, angle = math.hypot(row["x"], row["y"]), math.atan2(row["x"], -row["y"]) % (2 * math.pi)
        (own,) = (
            arc for arc in arcs if arc["radius2"] < radius < arc["radius"] and arc["theta"] <= angle < arc["theta2"]
        )
        assert row["label"] in own["title"]


def test_names_beside_the_rings_never_overlap() -> None:
    model = load_model(ASEM, columns=pl.read_csv(ASEM_DATA).columns)
    chart = framework.framework(model)
    drawn = [row for part in spec(chart)["datasets"].values() for row in part if "align" in row and "x1" in row]
    for align in ("left", "right"):
        heights = sorted({row["y"] for row in drawn if row["align"] == align})
        assert len(heights) > 15
        assert min(np.diff(heights)) > framework.LINE - 0.01


def test_sobol_indices_are_drawn_with_their_intervals() -> None:
    ready, year = set_up(small(), table())
    found = sensitivity(ready, year=year, n=64)
    chart = sensitivities.sensitivity(found, small())
    drawn = {(row["factor"], row["kind"]): row for row in rows(chart, "factor", "kind", "value")}
    for at, factor in enumerate(found.factors):
        for kind, key in (("first order", "first"), ("total", "total")):
            row = drawn[factor, kind]
            assert row["value"] == pytest.approx(getattr(found.shift, key)[at])
            assert row["low"] == pytest.approx(getattr(found.shift, f"{key}_low")[at])
            assert row["high"] == pytest.approx(getattr(found.shift, f"{key}_high")[at])


def test_places_gained_are_those_of_the_comparison_and_blue_only_where_sure() -> None:
    first = tiny()
    second = build(small().without("three"), table(), draws=200)
    found = compare(first, second)
    drawn = {row["unit"]: row for row in rows(sensitivities.compare(found, first), "low", "central", "high")}
    for at, unit in enumerate(found.units):
        row = drawn[first.name_of(unit)]
        assert [row["low"], row["central"], row["high"]] == pytest.approx(
            [found.shift.low[at], found.shift.value[at], found.shift.high[at]]
        )
        assert row["tone"] == ("focus" if row["low"] > 0 else "low" if row["high"] < 0 else "peer")


def test_no_unit_lies_above_the_frontier_and_those_on_it_are_its_corners(index: Index) -> None:
    found = convert(index, draws=100)
    chart = conversions.conversion(found, index, units=["KAZ"])
    line = rows(chart, "x", "y", "order")
    units = rows(chart, "x", "y", "frontier")
    assert len(units) == len(found.units)
    corners = [(row["x"], row["y"]) for row in line]
    for row in units:
        bound = np.interp(row["x"], [x for x, _ in corners[1:]], [y for _, y in corners[1:]])
        assert row["y"] <= bound + 1e-6
        if row["frontier"] and row["y"] >= corners[1][1]:
            assert row["y"] == pytest.approx(bound)


# Title, units, source; no rank without its interval.


@pytest.mark.parametrize("kind", ["bars", "dots", "ranks", "acceptability", "distribution", "correlation", "framework"])
def test_every_plot_has_a_title_and_a_source_and_says_in_what_it_counts(kind: str) -> None:
    chart = plots(tiny())[kind]
    made = spec(chart)
    assert made["vconcat"][0]["title"]["text"][0]
    assert made["title"]["text"][0].startswith("Source: ")
    assert made["description"] == " ".join(made["vconcat"][0]["title"]["text"])
    if kind not in ("correlation", "framework"):  # those have no axes; their lines say what is shown
        assert any(re.search(r"points|Rank among|Points", title) for title in axes(chart))


def test_bundled_data_are_attributed_to_those_who_published_them(index: Index) -> None:
    assert "World Bank" in words(intervals.dots(index, "performance", top=3))
    assert "UN Tourism" in words(distribution.distribution(index, "tourist_arrivals"))
    assert "Tourist arrivals, arrivals (millions)" in axes(distribution.distribution(index, "tourist_arrivals"))


def test_the_interval_of_each_rank_stands_beside_it() -> None:
    place = tiny().ranks("top")
    for chart in (intervals.ranks(tiny(), "top"), intervals.acceptability(tiny(), "top")):
        told = [row["text"] for row in rows(chart, "unit", "text", without="share")]
        wanted = {f"{low}–{high}" if low < high else f"{low}" for low, high in zip(place.low, place.high, strict=True)}
        assert set(told) == wanted


@pytest.mark.parametrize("kind", ["bars", "dots", "ranks"])
def test_marks_of_a_unit_lie_inside_the_axis(kind: str, index: Index) -> None:
    made = spec(kinds.plot(index, kind, "performance", top=5, units=["KAZ"]))
    (low, high), *others = {tuple(each["domain"]) for each in parts(made, "scale") if each.get("zero") is False}
    assert not others
    for part in made["datasets"].values():
        for row in part:
            assert all(low <= row[key] <= high for key in ("low", "q25", "central", "q75", "high") if key in row)


# Who is shown.


def test_units_asked_for_are_shown_alone_or_in_blue_beside_the_top_ones(index: Index) -> None:
    alone = rows(intervals.ranks(index, "potential", units=["KAZ", "UZB"]), "unit", "low", "tone")
    assert [(row["unit"], row["tone"]) for row in alone] == [("Kazakhstan", "focus"), ("Uzbekistan", "focus")]
    beside = rows(intervals.ranks(index, "potential", units=["KAZ"], top=3), "unit", "low", "tone")
    assert [row["tone"] for row in beside] == ["peer", "peer", "peer", "focus"]
    with pytest.raises(UnknownCountry):
        intervals.ranks(index, "potential", units=["XXX"])


def test_unknown_nodes_parts_kinds_and_options_are_refused() -> None:
    with pytest.raises(UnknownNode):
        intervals.dots(tiny(), "tpo")
    with pytest.raises(UnknownNode, match="thre"):
        distribution.distribution(tiny(), "thre")
    with pytest.raises(BadRequest, match="pie"):
        tiny().plot("pie")
    with pytest.raises(BadRequest, match="colour"):
        tiny().plot("ranks", colour="red")
    with pytest.raises(NotEnoughData):
        tiny().plot("correlation", "b")


def test_a_unit_without_a_score_in_a_pillar_is_not_drawn_there() -> None:
    cells = table().with_columns(three=pl.when(pl.col("unit") == "U05").then(None).otherwise(pl.col("three")))
    index = build(small(impute=Impute(method="none"), screening=Screening(share=0.5)), cells, draws=100)
    assert len(rows(intervals.ranks(index, "b"), "low", "high")) == 11
    assert len(rows(intervals.ranks(index, "top"), "low", "high")) == 12
    with pytest.raises(NotEnoughData, match="U05"):
        intervals.ranks(index, "b", units=["U05"])


def test_an_index_plots_itself() -> None:
    assert spec(tiny().plot("ranks", theme="dark")) == spec(intervals.ranks(tiny(), "top", theme="dark"))


@pytest.mark.parametrize("units", [1, 2])
def test_one_or_two_units_can_be_drawn(units: int) -> None:
    for kind, chart in plots(tiny(units)).items():
        assert picture(spec(chart), "svg", title=kind).startswith(b"<svg")


def test_missing_scores_are_left_out_and_said(index: Index) -> None:
    values = index.panel.raw[0, [index.panel.units.index(unit) for unit in index.units]]
    known = int(np.isfinite(values[:, index.panel.indicators.index("tourist_arrivals")]).sum())
    chart = distribution.distribution(index, "tourist_arrivals")
    assert len(rows(chart, "value", "tone")) == known
    assert f"{len(index.units) - known} not measured" in words(chart)


# Labels.


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_no_label_touches_another(kind: str, index: Index) -> None:
    options: dict[str, Any] = {"units": ["KAZ", "UZB", "AZE"]} if kind not in ("correlation", "framework") else {}
    if kind in ("bars", "dots", "ranks", "acceptability"):
        options["top"] = 30
    drawn = picture(spec(index.plot(kind, "performance", **options)), "svg", title=kind)
    assert len(labels(drawn)) > 10
    assert touching(drawn) == []


@pytest.mark.parametrize("kind", ["bars", "dots", "ranks", "correlation", "framework"])
def test_no_label_of_the_published_index_touches_another(kind: str) -> None:
    assert touching(picture(spec(plots(asem())[kind]), "svg", title=kind)) == []


def test_labels_that_touch_would_be_found() -> None:
    text = '<text transform="translate({},9)" font-size="11.5px">Kazakhstan</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{text.format(0)}{text.format(30)}</svg>'
    assert touching(svg.encode()) == [("Kazakhstan", "Kazakhstan")]


# Files.


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_chart_gives_the_same_bytes(kind: str) -> None:
    first = picture(spec(intervals.ranks(tiny(), "top")), kind, title="Ranks")
    picture(spec(bars.bars(tiny(), "top")), kind, title="Bars")  # what was drawn between leaves no trace
    assert picture(spec(intervals.ranks(tiny(), "top")), kind, title="Ranks") == first
    starts = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!doctype html>", "json": b"{"}
    assert first.startswith(starts[kind])


@pytest.mark.parametrize("mode", MODES)
def test_every_colour_is_one_of_the_tokens_of_its_theme(mode: Any) -> None:
    tokens = set(palette(mode).values()) | {"#000000", "#000"}
    for kind in ("bars", "dots", "ranks", "distribution"):
        svg = picture(spec(tiny().plot(kind, "top", theme=mode)), "svg", title=kind).decode()
        used = {each.upper() for each in re.findall(r'(?:fill|stroke)="(#[0-9A-Fa-f]{3,6})"', svg)}
        assert used
        assert used <= tokens
    assert configuration(mode)["background"] == palette(mode)["paper"]


def test_hostile_names_and_titles_stay_text() -> None:
    model = small()
    model = model.model_copy(
        update={
            "title": HOSTILE,
            "nodes": {id: node.model_copy(update={"title": HOSTILE}) for id, node in model.nodes.items()},
            "indicators": {id: each.model_copy(update={"title": HOSTILE}) for id, each in model.indicators.items()},
        }
    )
    index = build(model, table(5).with_columns(name=pl.lit(HOSTILE)), draws=100)
    for kind, chart in plots(index).items():
        made = spec(chart)
        root = ElementTree.fromstring(picture(made, "svg", title=made["description"]))
        found = {each.tag.removeprefix(SVG) for each in root.iter()}
        assert found <= {"svg", "title", "style", "g", "path", "text", "tspan", "line", "rect", "circle"}, kind
        assert "alert(1)" in "".join(root.itertext())
        page = picture(made, "html", title=made["description"]).decode()
        assert "<script" not in page
        assert "\x00" not in page
        assert "\u202e" not in page
        assert not re.search(r"(?:src|href)=|url\((?!data:)", page)
        assert picture(made, "pdf", title=made["description"]).startswith(b"%PDF")


def test_a_file_carries_its_letters_and_asks_for_nothing() -> None:
    for kind in ("svg", "html"):
        content = picture(spec(intervals.ranks(tiny(), "top")), kind, title="Ranks").decode()
        assert "@font-face" in content
        assert not re.search(r"url\((?!data:)|https?://(?!www\.w3\.org/2000/svg)", content)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="gif"):
        picture({}, "gif", title="x")


# The command.


def plot(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["index", "plot", *arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """A model and its table."""
    data, model = tmp_path / "data.csv", tmp_path / "model.toml"
    table().write_csv(data)
    model.write_text(
        'id = "small"\ntitle = "Small"\n[nodes.top]\ntitle = "Top"\n'
        + "".join(f'[indicators.{name}]\ntitle = "{name}"\nnode = "top"\n' for name in ("one", "two", "three")),
        encoding="utf-8",
    )
    return str(model), "--data", str(data), "--draws", "100"


def test_a_plot_is_written_in_the_form_its_ending_names(files: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "ranks.json"
    done = plot("ranks", *files, "--units", "U01,U02", "--out", str(out))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{out}\n"
    assert json.loads(out.read_text(encoding="utf-8"))["$schema"].endswith(".json")
    assert "Unit 1" in out.read_text(encoding="utf-8")
    dark = plot("ranks", *files, "--theme", "dark", "--out", str(tmp_path / "dark.svg"))
    assert dark.exit_code == 0, dark.stderr
    assert palette("dark")["paper"] in (tmp_path / "dark.svg").read_text(encoding="utf-8")


def test_all_plots_are_written_to_a_folder(files: tuple[str, ...], tmp_path: Path) -> None:
    done = plot("all", *files, "-n", "64", "--without", "three", "--format", "json", "--out", str(tmp_path / "all"))
    assert done.exit_code == 0, done.stderr
    kinds_of_top = ("acceptability", "bars", "distribution", "dots", "ranks", "sensitivity")
    wanted = [*(f"{kind}-top" for kind in kinds_of_top), "compare", "correlation", "framework"]
    assert sorted(path.stem for path in (tmp_path / "all").iterdir()) == sorted(wanted)


def test_all_plots_of_a_model_hold_a_comparison_with_each_of_its_variants(
    files: tuple[str, ...], tmp_path: Path
) -> None:
    model = Path(files[0])
    variants = "".join(
        f'[variants.no-{name}]\ntitle = "Without {name}"\nreason = "A test"\nwithout = ["{name}"]\n'
        for name in ("one", "two")
    )
    model.write_text(model.read_text(encoding="utf-8") + variants, encoding="utf-8")
    done = plot("all", *files, "-n", "64", "--format", "json", "--out", str(tmp_path / "all"))
    assert done.exit_code == 0, done.stderr
    found = {path.stem: path for path in (tmp_path / "all").iterdir()}
    assert {name for name in found if name.startswith("compare")} == {"compare-no-one", "compare-no-two"}
    assert "without indicator one" in found["compare-no-one"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ranks", "--out", "plot.gif"), "endings"),
        (("ranks", "--out", "plot"), "endings"),
        (("compare", "--out", "plot.svg"), "--variant or --without"),
        (("ranks", "--node", "tpo", "--out", "plot.svg"), "tpo"),
        (("ranks", "--units", "NOBODY", "--out", "plot.svg"), "NOBODY"),
        (("conversion", "--out", "plot.svg"), "potential"),
    ],
)
def test_a_plot_that_cannot_be_drawn_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, files: tuple[str, ...], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    done = plot(arguments[0], *files, *arguments[1:-1], str(tmp_path / arguments[-1]))
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert sorted(tmp_path.iterdir()) == before
