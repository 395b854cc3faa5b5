"""Plots of vectors: drawn for large and tiny states, with title, finding and source, and true to the profile."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from softpower.cli import vectors_plot
from softpower.drawing.look import Mode
from softpower.drawing.save import picture
from softpower.drawing.theme import palette
from softpower.errors import BadRequest, NotEnoughData, SoftPowerError
from softpower.vectors.plots import kinds
from softpower.vectors.plots.concentration import UNEVEN
from softpower.vectors.plots.lines import Line, Reference, lines
from softpower.vectors.plots.matrix import Cell, Row, matrix
from softpower.vectors.plots.panels import Panel, Path, panels
from softpower.vectors.plots.standing import SAID, SHOWN
from softpower.vectors.plots.worldmap import Tie, world_map
from softpower.vectors.profile import Profile, profile
from softpower.vectors.standing import BETWEEN
from tests.plotboxes import labels, touching

HOSTILE = "</text></svg><script>alert(1)</script>&\"'{{7*7}} datum.x \x00\u202e\u4e2d"
# What cannot be drawn of whom: no matrix of the world has it, it has no seat in the UN, or never cast a ballot there.
NOT_DRAWN = {
    "KAZ": set[str](),
    "USA": set[str](),
    "TUV": set[str](),
    "LIE": {"excess", "map"},
    "TWN": {"roles"},
    "VAT": {"excess", "map", "votes", "ideal-points", "roles"},
}
# Drawn of one or two countries only, because they take a second each.
SLOW = ("shares", "balance", "votes", "ideal-points")


@cache
def of(iso3: str) -> Profile:
    return profile(iso3, draws=40)


@cache
def drawn(iso3: str, kind: str, theme: Mode = "light", **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = kinds.plot(of(iso3), kind, theme=theme, **options).to_dict()
    return made


def values(made: Any) -> Iterator[Any]:
    """Every number and word of a specification."""
    if isinstance(made, dict):
        for each in made.values():
            yield from values(each)
    elif isinstance(made, list):
        for each in made:
            yield from values(each)
    else:
        yield made


def tables(made: dict[str, Any], *fields: str) -> list[list[dict[str, Any]]]:
    """The tables that have all these fields."""
    found = []

    def visit(node: Any) -> None:
        if isinstance(node, list):
            if node and isinstance(node[0], dict) and set(fields) <= set(node[0]):
                found.append(node)
            for each in node:
                visit(each)
        elif isinstance(node, dict):
            for each in node.values():
                visit(each)

    visit(made)
    return found


def words(made: dict[str, Any]) -> str:
    """Title and line below it."""
    title = made["vconcat"][0]["title"]
    return " ".join([*title["text"], *title["subtitle"]])


CASES = [
    (iso3, kind)
    for iso3, refused in NOT_DRAWN.items()
    for kind in kinds.KINDS
    if iso3 == "KAZ" or kind in refused or kind not in SLOW
]


@pytest.mark.parametrize(("iso3", "kind"), [case for case in CASES if case[1] not in NOT_DRAWN[case[0]]])
def test_a_plot_names_its_subject_its_finding_and_its_publishers(iso3: str, kind: str) -> None:
    made = drawn(iso3, kind)
    title = " ".join(made["vconcat"][0]["title"]["text"])
    assert of(iso3).name in title
    # More than a name and a kind: a finding has a verb, a number or a verdict.
    assert len(title.split()) > len(of(iso3).name.split()) + 3
    assert not re.search(r"\b(nan|None|inf)\b", words(made))
    assert not re.search(r"\b0 (points|times)\b", title)
    source = " ".join(made["title"]["text"])
    assert source.startswith("Source: ")
    assert source.count("Source:") == 1
    assert re.search(r"; own (calculation|estimate)\.$", source)
    assert len(source) > len("Source: ; own calculation.") + 4


@pytest.mark.parametrize(("iso3", "kind"), [case for case in CASES if case[1] not in NOT_DRAWN[case[0]]])
def test_a_plot_is_valid_and_no_label_touches_another(iso3: str, kind: str) -> None:
    made = drawn(iso3, kind)
    assert all(math.isfinite(each) for each in values(made) if isinstance(each, float))
    json.dumps(made, allow_nan=False)
    svg = picture(made, "svg", title=made["description"])
    assert len(labels(svg)) > 8
    assert touching(svg) == []


@pytest.mark.parametrize(("iso3", "kind"), [case for case in CASES if case[1] in NOT_DRAWN[case[0]]])
def test_what_cannot_be_drawn_is_refused_with_the_name_of_the_country(iso3: str, kind: str) -> None:
    with pytest.raises(NotEnoughData) as told:
        kinds.plot(of(iso3), kind)
    assert of(iso3).name in str(told.value)


def test_the_dark_theme_has_the_same_words_on_other_paper() -> None:
    for kind in ("ties", "excess", "map", "roles"):
        light, dark = drawn("KAZ", kind), drawn("KAZ", kind, "dark")
        assert words(light) == words(dark)
        assert dark["config"]["background"] == palette("dark")["paper"]
        assert palette("light")["ink"] not in json.dumps(dark)
    svg = picture(drawn("KAZ", "roles", "dark"), "svg", title="Roles")
    assert palette("dark")["paper"] in svg.decode()


def test_the_command_offers_the_plots_there_are() -> None:
    assert set(vectors_plot.KINDS) == {*kinds.KINDS, "all"}
    assert list(kinds.OPTIONS) == list(kinds.KINDS)
    given = {parameter.name for parameter in vectors_plot.plot.params}
    assert {option for options in kinds.OPTIONS.values() for option in options} <= given
    for kind in kinds.KINDS:
        assert kind in (vectors_plot.plot.help or "")


def test_unknown_kinds_and_layers_are_refused_with_those_there_are() -> None:
    with pytest.raises(BadRequest, match=r"'pie'.*ties, shares, balance"):
        kinds.plot(of("KAZ"), "pie")
    with pytest.raises(BadRequest, match=r"'fish'.*trade, exports"):
        kinds.plot(of("KAZ"), "shares", layer="fish")
    for kind in ("excess", "map"):
        with pytest.raises(BadRequest, match=r"'trade'.*emigrants"):
            kinds.plot(of("KAZ"), kind, layer="trade")


def test_shares_that_are_drawn_are_those_of_the_profile() -> None:
    rows = [row for table in tables(drawn("KAZ", "ties"), "start", "x", "x2", "y") for row in table]
    facets, inner = of("KAZ").facets, list[float]()
    shown = {(row["y"], row["start"]): row for row in rows}
    starts = sorted({row["start"] for row in rows})
    for y, facet in enumerate(facets):
        for start, least, most in zip(starts, *(bound.tolist() for bound in facet.bounds), strict=True):
            row = shown.get((y, start))
            assert (row is None) == math.isnan(least)
            if row is not None and least > 0.05:
                inner.append((row["x"] - start) / least)
                assert (row["x2"] - start) * least == pytest.approx((row["x"] - start) * most)
    assert inner == pytest.approx([inner[0]] * len(inner))


def test_excess_ties_that_are_drawn_are_those_of_the_model() -> None:
    emigrants = of("KAZ").excesses["emigrants"]
    row = emigrants.partners.filter(partner="DEU").row(0, named=True)
    for table in tables(drawn("KAZ", "excess"), "name", "low", "high", "central", "tone"):
        german = next(each for each in table if each["name"] == "Germany" and each["central"] > 5)
        assert german["central"] == pytest.approx(row["excess"])
        assert (german["low"], german["high"]) == (pytest.approx(row["low"]), pytest.approx(row["high"]))
        assert german["tone"] == "focus"


def test_a_pair_that_the_host_does_not_list_is_unknown_and_not_drawn() -> None:
    """Migrants of Tuvalu in the United States, whose statistics do not list its birthplace."""
    emigrants = of("TUV").excesses["emigrants"]
    assert emigrants.partners.filter(partner="USA")["observed"].to_list() == [None]
    told = {row["name"]: row["text"] for table in tables(drawn("TUV", "excess"), "name", "text") for row in table}
    assert "New Zealand" in told
    assert not any(text.startswith("none, ") for text in told.values())


def test_flights_that_a_whole_list_does_not_have_are_drawn_as_none() -> None:
    told = {
        row["name"]: row["text"]
        for table in tables(drawn("KAZ", "excess", layer="flights"), "name", "text")
        for row in table
    }
    assert told["United States"].startswith("none, ")


def test_where_nothing_is_to_be_drawn_it_is_said() -> None:
    with pytest.raises(NotEnoughData, match="Tuvalu has no flight routes to be drawn"):
        drawn("TUV", "excess", layer="flights")


def test_the_map_colours_by_the_side_on_which_the_interval_lies() -> None:
    ties = [Tie("DEU", 13.0, 11.0, 18.0), Tie("RUS", 0.9, 0.8, 1.1), Tie("USA", 0.3, 0.2, 0.4), Tie("CHN", 1.5, 1.2, 2)]
    made = world_map("KAZ", ties, title="t", sub="s", source="Source: x.").to_dict()
    by_name = {row["name"]: row["kind"] for table in tables(made, "kind", "name") for row in table}
    wanted = {"Germany": "far above", "Russian Federation": "neither", "China": "slightly above", "Kazakhstan": "home"}
    assert {name: by_name[name] for name in wanted} == wanted
    assert next(by_name[name] for name in by_name if name.startswith("United States")) == "below"
    assert by_name["Brazil"] == "unknown"


def test_a_place_is_coloured_by_what_may_be_claimed_not_by_the_band_alone() -> None:
    """Trade of Kazakhstan lies outside the band, but four networks were looked at."""
    roles = of("KAZ").roles
    assert roles is not None
    table = tables(drawn("KAZ", "roles"), "name", "tone", "central", "text")[0]
    joined = [row for row in table if row["name"]][: len(roles.bridges)]
    for row, bridge in zip(joined, roles.bridges, strict=True):
        assert row["central"] == pytest.approx(bridge.places[BETWEEN].z)
        assert row["tone"] == SAID[bridge.claim][1]
    assert any(abs(row["central"]) > 1.64 and row["tone"] == "peer" for row in joined)
    assert len(table) == len(SHOWN) * len(roles.bridges)


def test_structural_holes_point_the_other_way_than_constraint() -> None:
    roles = of("KAZ").roles
    assert roles is not None
    table = tables(drawn("KAZ", "roles"), "name", "tone", "central", "text")[0]
    holes = [row["central"] for row in table[-len(roles.bridges) :]]
    assert holes == pytest.approx([-each.places["constraint"].z for each in roles.bridges])


def test_a_claim_of_a_role_stands_in_the_title_and_no_other_does() -> None:
    for iso3 in ("KAZ", "TUV", "USA"):
        roles, title = of(iso3).roles, " ".join(drawn(iso3, "roles")["vconcat"][0]["title"]["text"])
        assert roles is not None
        bridge = any(each.claim == "bridge" for each in roles.bridges)
        buffer = any(each.found.claim == "buffer" for each in roles.buffers)
        assert ("a bridge between regions" in title) == bridge
        assert ("a buffer between" in title) == buffer


def test_effective_partners_end_at_those_of_the_profile() -> None:
    facets = {facet.title: facet for facet in of("KAZ").facets}
    said = {row["text"] for table in tables(drawn("KAZ", "balance"), "text", "value") for row in table}
    assert f"{float(facets['Trade'].balance.effective.least):.1f}" in said
    assert facets["Students abroad"].id in UNEVEN
    heads = {row["text"] for table in tables(drawn("KAZ", "balance"), "text") for row in table}
    assert "Trade" in heads
    assert "Students abroad" not in heads


def test_a_year_in_which_no_member_is_named_is_a_gap_in_the_path() -> None:
    """Russia reported no foreign students in 2010."""
    made = kinds.plot(of("KAZ"), "shares", layer="students_abroad").to_dict()
    paths = [table for table in tables(made, "year", "value") if "path" not in table[0] and len(table) > 5]
    russia = {row["year"] for row in max(paths, key=lambda table: max(row["value"] for row in table))}
    assert {2009, 2011} <= russia
    assert not {2010, 2013} & russia
    facet = next(each for each in of("KAZ").facets if each.id == "students_abroad")
    at = facet.years.index(2010)
    assert np.isnan(facet.values[at][facet.members[at][0]]).all()
    assert "points" not in " ".join(made["vconcat"][0]["title"]["text"])


def test_a_vector_that_never_sat_beside_it_has_no_panel() -> None:
    """Taiwan's seat went to the People's Republic of China in 1971."""
    heads = {row["text"] for table in tables(drawn("TWN", "votes"), "text") for row in table}
    assert "China" not in heads
    assert "Russia" in heads


def test_states_to_stand_beside_can_be_chosen() -> None:
    made = kinds.plot(of("KAZ"), "ideal-points", beside=("UZB",)).to_dict()
    heads = {row["text"] for table in tables(made, "text") for row in table}
    assert "beside Uzbekistan" in heads
    assert not any("Russia" in head for head in heads)
    with pytest.raises(NotEnoughData, match="Holy See"):
        kinds.plot(of("KAZ"), "ideal-points", beside=("VAT",))


def test_nothing_later_than_the_year_is_drawn() -> None:
    early = dataclasses.replace(of("KAZ"), year=2005)
    for kind in ("votes", "ideal-points"):
        made = kinds.plot(early, kind).to_dict()
        years = [row["year"] for table in tables(made, "year", "value") for row in table]
        assert max(years) == 2005


# Each form by itself, with what no profile may hold.


def test_hostile_names_stay_text() -> None:
    about: dict[str, Any] = {"title": HOSTILE, "sub": HOSTILE, "source": f"Source: {HOSTILE}"}
    made = [
        matrix([Row(HOSTILE, HOSTILE, [Cell(0.1, 0.5), Cell(math.nan, math.nan)])], [HOSTILE, "B"], **about),
        lines([Line(HOSTILE, 1.0, 0.5, 2.0, HOSTILE[:9], HOSTILE)], Reference(1, 1, "predicted"), scale="log", **about),
        panels([Panel(HOSTILE, Path([2000, 2001], [0.1, math.nan]))], say=str, **about),
        world_map("KAZ", [], **about),
    ]  # fmt: skip
    for chart in made:
        svg = picture(chart.to_dict(), "svg", title="x").decode()
        assert "<script" not in svg
        assert "\x00" not in svg
        assert "\u202e" not in svg


def test_the_figure_of_a_wide_range_ends_before_the_next_column() -> None:
    row = Row("Students", "2018", [Cell(0.81, 0.99, 1.0)] * 6)
    svg = picture(matrix([row] * 3, list("ABCDEF"), title="t", sub="s", source="x").to_dict(), "svg", title="x")
    assert touching(svg) == []


def test_labels_that_touch_would_be_found() -> None:
    text = '<text transform="translate({},9)" font-size="11.5px">Kazakhstan</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{text.format(0)}{text.format(30)}</svg>'
    assert touching(svg.encode()) == [("Kazakhstan", "Kazakhstan")]


def test_one_year_one_line_and_nothing_measured_can_be_drawn() -> None:
    about: dict[str, Any] = {"title": "t", "sub": "s", "source": "x"}
    charts = [
        panels([Panel("A", Path([2000], [0.5])), Panel("B", Path([2000], [math.nan]))], say=str, **about),
        lines([Line("A", 3.0, 2.0, 4.0, "3")], Reference(-1.64, 1.64, "chance"), **about),
        matrix([Row("A", "2000", [Cell(math.nan, math.nan)])], ["V"], **about),
    ]
    for chart in charts:
        assert picture(chart.to_dict(), "svg", title="x").startswith(b"<svg")


@pytest.mark.parametrize(
    ("low", "high", "tone"), [(2.0, 3.0, "focus"), (-3.0, -2.0, "low"), (1.0, 3.0, "peer"), (-1.0, 1.0, "peer")]
)
def test_a_line_is_coloured_by_its_side_of_the_band(low: float, high: float, tone: str) -> None:
    chart = lines([Line("A", 0.0, low, high, "x")], Reference(-1.5, 1.5, "c"), title="t", sub="s", source="x")
    assert {row["tone"] for table in tables(chart.to_dict(), "tone") for row in table} == {tone}


def test_every_refusal_is_one_that_the_command_can_tell() -> None:
    for iso3, kind in ((iso3, kind) for iso3, kinds_ in NOT_DRAWN.items() for kind in kinds_):
        with pytest.raises(SoftPowerError):
            kinds.plot(of(iso3), kind)
