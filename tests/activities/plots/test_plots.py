"""Plots of activities: true to the register and to the effects, with findings that say no more than is known."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from softpower.activities.activity import Activity
from softpower.activities.bundled import bundled_activities
from softpower.activities.delivery import delivery as counted
from softpower.activities.effect import Effect, effect
from softpower.activities.outcomes import Outcome
from softpower.activities.plots import choices, delivered, lanes, pane, paths
from softpower.activities.plots import timeline as timelines
from softpower.activities.saying import told
from softpower.activities.timeline import timeline
from softpower.drawing.look import Mode
from softpower.drawing.save import FORMATS, picture
from softpower.drawing.theme import palette
from softpower.errors import NotEnoughData
from tests.plotboxes import touching

DAY = date(2025, 12, 31)
HOSTILE = "</text></svg><script>alert(1)</script>&\"'{{7*7}} datum.x \x00\u202e\u4e2d " * 3


def marks(made: Any, **style: Any) -> list[dict[str, Any]]:
    """Rows of the layers with a mark of this style."""
    found = []

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                visit(each)
        elif isinstance(node, dict):
            mark = node.get("mark")
            if isinstance(mark, dict) and all(mark.get(name) == value for name, value in style.items()):
                found.extend(node["data"]["values"])
            for each in node.values():
                visit(each)

    visit(made)
    return found


def texts(made: Any) -> list[str]:
    return [row["text"] for row in marks(made, type="text")]


def title(made: dict[str, Any]) -> str:
    return " ".join(made["vconcat"][0]["title"]["text"])


def panel(change: float, *, scale: Any = "log", treated: int = 1, seed: int = 3) -> Outcome:
    """Thirty units over twenty years, of which the first ones change by a factor from the fifteenth on."""
    rng = np.random.default_rng(seed)
    value = np.exp(rng.normal(10, 1, (30, 1)) + rng.normal(0, 0.03, (30, 20)).cumsum(axis=1))
    value[:treated, 15:] *= change
    years = tuple(range(2000, 2020))
    return Outcome(
        title="visits",
        unit="persons",
        units=("KAZ", *(f"U{at}" for at in range(29))),
        times=years,
        value=value,
        treated=tuple(range(treated)),
        start=15,
        scale=scale,
        labels=tuple(map(str, years)),
    )


@cache
def found(change: float = 1.0, scale: str = "log", treated: int = 1) -> Effect:
    return effect(panel(change, scale=scale, treated=treated), activity=entry("KAZ-EXPO-2017"))


@cache
def alone() -> Effect:
    """The first unit without any to compare with."""
    whole = panel(1.0)
    return effect(dataclasses.replace(whole, units=whole.units[:1], value=whole.value[:1]))


def entry(id: str) -> Activity:
    return next(each for each in bundled_activities() if each.id == id)


def everything(theme: Mode = "light") -> Iterator[tuple[str, dict[str, Any]]]:
    """One plot of every kind."""
    for country in ("KAZ", "TUR", "GBR"):
        for by in ("instrument", "component"):
            made = timelines.timeline(bundled_activities(), country, as_of=DAY, by=by, theme=theme)
            yield f"timeline {country} {by}", made.to_dict()
    for country in ("KAZ", "TUR"):
        yield f"delivery {country}", delivered.delivery(bundled_activities(), country, theme=theme).to_dict()
    for name, each in (("none", found()), ("some", found(2.0)), ("several", found(2.0, treated=3)), ("alone", alone())):
        yield f"path {name}", paths.path(each, theme=theme).to_dict()
    for name, each in (("none", found()), ("some", found(2.0)), ("level", found(1.0, "level"))):
        yield f"specifications {name}", choices.specifications(each, theme=theme).to_dict()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_plot_is_valid_names_its_finding_and_source_and_keeps_its_labels_apart(theme: Mode) -> None:
    for name, made in everything(theme):
        json.dumps(made, allow_nan=False)
        assert made["config"]["background"] == palette(theme)["paper"], name
        assert len(title(made).split()) > 4, name
        assert not re.search(r"\b(nan|None|inf)\b", title(made) + " ".join(texts(made))), name
        assert " ".join(made["title"]["text"]).startswith("Source: "), name
        assert touching(picture(made, "svg", title=made["description"])) == [], name
        if theme == "dark":
            assert palette("light")["ink"] not in json.dumps(made), name


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_and_is_the_same_twice(form: str) -> None:
    first, again = (
        picture(delivered.delivery(bundled_activities(), "KAZ").to_dict(), form, title="Planned") for _ in range(2)
    )
    assert first == again
    assert len(first) > 1000


def test_hostile_titles_stay_text_and_keep_apart() -> None:
    spoilt = [
        each.model_copy(update={"title": {"en": f"{each.name} {HOSTILE}"}, "place": HOSTILE})
        for each in bundled_activities()
    ]
    for made in (
        timelines.timeline(spoilt, "KAZ", as_of=DAY).to_dict(),
        delivered.delivery(spoilt, "KAZ").to_dict(),
        paths.path(dataclasses.replace(found(), activity=spoilt[0])).to_dict(),
    ):
        svg = picture(made, "svg", title=made["description"])
        assert b"<script" not in svg
        assert touching(svg) == []


# Timeline.


def test_a_timeline_marks_every_activity_and_tells_outcomes_plans_and_cancellations_apart() -> None:
    made = timelines.timeline(bundled_activities(), "KAZ", as_of=DAY).to_dict()
    bars = timeline(
        [each for each in bundled_activities() if "KAZ" in each.sender and each.start <= DAY], as_of=DAY
    ).bars
    assert len(marks(made, shape="diamond")) == sum(each.nature == "outcome" for each in bars) > 0
    crosses = marks(made, type="rule", stroke=palette()["low"])
    assert len(crosses) == 2 * sum(each.status == "cancelled" for each in bars) > 0
    assert len(marks(made, shape="triangle-right")) == sum(each.open or each.end > DAY for each in bars)


def test_a_planned_activity_is_hollow_and_lies_after_today() -> None:
    plan = entry("KAZ-AIF-2025").model_copy(
        update={"id": "PLAN", "status": "planned", "start": date(2027, 5, 1), "end": None}
    )
    made = timelines.timeline([plan], "KAZ", as_of=DAY).to_dict()
    assert len(marks(made, shape="circle", fill=palette()["paper"])) == 1
    assert title(made).startswith("Kazakhstan: 0 activities registered")


def test_where_marks_lie_follows_their_days() -> None:
    one, other = (
        entry("KAZ-POPE-2001").model_copy(update={"id": str(year), "start": date(year, 1, 1), "end": date(year, 1, 2)})
        for year in (2000, 2010)
    )
    middle = one.model_copy(update={"id": "M", "start": date(2005, 1, 1), "end": date(2005, 1, 2)})
    made = timelines.timeline([one, middle, other], "KAZ", as_of=date(2010, 1, 1)).to_dict()
    x = sorted(row["x"] for row in marks(made, shape="circle", fill=palette()["focus"]))
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=0.5)


def test_no_bar_is_drawn_over_a_label() -> None:
    """Labels lie on paper of their own, which must come after every mark, in every lane."""
    for by in ("instrument", "component"):
        made = timelines.timeline(bundled_activities(), "KAZ", as_of=DAY, by=by).to_dict()
        layers = made["vconcat"][0]["layer"]
        paper = next(at for at, each in enumerate(layers) if each["mark"]["type"] == "area")
        later = {each["mark"]["type"] for each in layers[paper + 1 :]}
        assert later == {"text"}


def test_editions_of_a_series_are_joined_under_one_label() -> None:
    games = [each for each in bundled_activities() if each.series == "KAZ-CONG"]
    drawn = lanes.lanes_of(timeline(games, as_of=DAY), as_of=DAY)
    ((_, (item,)),) = drawn.lanes
    assert len(item.spans) == len(games) == 8
    assert item.label.startswith("8\u00d7 Congress")


def test_nothing_registered_is_refused_and_not_called_nothing_done() -> None:
    with pytest.raises(NotEnoughData, match="nothing registered is not nothing done"):
        timelines.timeline(bundled_activities(), "FJI", as_of=DAY)
    with pytest.raises(NotEnoughData, match="planned"):
        delivered.delivery(bundled_activities(), "FRA")


# Planned and realised.


def test_a_result_is_as_far_from_its_plan_as_the_ratio_says_and_claims_are_marked() -> None:
    made = delivered.delivery(bundled_activities(), "KAZ").to_dict()
    figures = [
        each
        for each in counted([e for e in bundled_activities() if "KAZ" in e.sender]).figures
        if each.planned is not None
    ]
    said = texts(made)
    assert sum(text.endswith(" claimed") for text in said) == sum(each.claimed for each in figures if each.realised)
    assert said.count("not known") == sum(each.realised is None for each in figures)
    rings = {row["x"] for row in marks(made, shape="circle", stroke=palette()["expect-ink"])}
    assert len(rings) == 1
    (plan,) = rings
    ticks = {
        row["text"]: row["x"]
        for row in marks(made, type="text")
        if re.fullmatch(r"\d+%", row["text"]) and row["y"] < 20
    }
    assert ticks["100%"] == pytest.approx(plan, abs=0.01)
    expo = next(each for each in figures if each.indicator == "visits" and each.id == "KAZ-EXPO-2017")
    assert expo.ratio is not None
    dots = [row["x"] for row in marks(made, shape="circle")]
    where = ticks["0%"] + expo.ratio[0] * (plan - ticks["0%"])
    assert min(abs(x - where) for x in dots) < 0.01


def test_few_ratios_are_not_summed_up() -> None:
    games = [entry("KAZ-WNG-2024")]
    assert "too few" in delivered.finding(counted(games))
    assert "no result" in delivered.finding(counted([entry("TUR-YEE-2009")]))


# Effects.


def test_a_path_shows_original_units_and_per_cent_of_logarithms() -> None:
    each = found(2.0)
    (way,) = each.report.path("sdid")  # type: ignore[union-attr]
    sides, _ = paths._panel(each, each.report, "sdid")  # type: ignore[arg-type]
    np.testing.assert_allclose(sides[0].lines[1].value, each.outcome.value[0])
    np.testing.assert_allclose(
        sides[1].lines[0].value, 100 * (sides[0].lines[1].value / sides[0].lines[0].value - 1), rtol=1e-9
    )
    after = sides[1].lines[0].value[15:]
    assert 70 < after.mean() < 130  # it doubled
    assert sides[1].fan is not None
    assert len(sides[1].fan) == len(way.placebo_gaps) == 29


def test_the_start_is_marked_between_the_last_period_before_and_the_first_after_it() -> None:
    side = pane.Side("Visits", [pane.Line(np.arange(20.0), "a", "focus")], pane.compact, (-1, 20))
    made = pane.pane(side, pane.Periods([str(year) for year in range(2000, 2020)], 15), width=320).chart().to_dict()
    start = next(row for row in marks(made, type="rule", strokeDash=[2, 2]))["x"]
    line = sorted(row["x"] for row in marks(made, type="line"))
    assert line[14] < start < line[15]
    assert start == pytest.approx((line[14] + line[15]) / 2)
    assert "start: 2015" in texts(made)


def test_specifications_stand_in_order_each_with_one_dot_for_each_choice() -> None:
    each = found(2.0)
    made = choices.specifications(each).to_dict()
    shown = [row for row in each.report.curve.rows if not row.refused]
    estimates = sorted(
        (row["x"], -row["y"]) for tone in ("focus", "low", "peer")
        for row in marks(made, shape="circle", fill=palette()[tone]) if row["y"] < choices.BOTTOM
    )  # fmt: skip
    assert len(estimates) == len(shown)
    assert [y for _, y in estimates] == sorted(y for _, y in estimates)
    below = [row for row in marks(made, shape="circle", fill=palette()["peer"]) if row["y"] > choices.HEIGHT]
    assert len(below) == len(shown) * len(choices._choices(shown))
    assert "the one reported" in texts(made)


@pytest.mark.parametrize("change", [1.0, 2.0, 0.5])
def test_a_title_says_no_more_than_the_verdict(change: float) -> None:
    each = found(change)
    verdict = each.report.finding.verdict.value
    said = title(paths.path(each).to_dict())
    assert said == title(choices.specifications(each).to_dict())
    assert ("raised" in said) == (verdict == "higher")
    assert ("lowered" in said) == (verdict == "lower")
    assert told(each) in said
    if verdict in ("higher", "lower"):
        assert "if nothing else set the treated apart" in said


def test_a_series_without_donors_names_no_cause() -> None:
    made = paths.path(alone()).to_dict()
    words = title(made) + " ".join(made["vconcat"][0]["title"]["subtitle"])
    assert "no comparison group" in words
    assert not re.search(r"\b(raised|lowered|because of|caused)\b", words)
