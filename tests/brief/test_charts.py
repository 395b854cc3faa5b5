"""Charts: what they draw, that labels keep apart, that hostile text stays text, that warm runs need no renderer."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from softpower.brief.charts.cases import CaseGroup, Cases, Tone, cases_chart
from softpower.brief.charts.dots import Dots, dots_chart, twenty
from softpower.brief.charts.matrix import Matrix, MatrixCell, MatrixRow, matrix_chart
from softpower.brief.charts.odds import Odds, OddsGroup, OddsRow, odds_chart
from softpower.brief.charts.paths import Path, Paths, paths_chart
from softpower.brief.charts.scatter import region
from softpower.brief.charts.shifts import Shift, ShiftGroup, Shifts, shifts_chart
from softpower.brief.charts.trend import Line, Panel, Trend, trend_chart
from softpower.brief.section import Figure, Results
from softpower.drawing import render as renderer
from softpower.drawing.labels import Wanted, place
from softpower.drawing.marks import Axis, Interval
from softpower.drawing.plot import Box, Plot
from softpower.drawing.svg import axis_svg, mark_svg, safe_svg
from softpower.drawing.theme import faces, palette, text_width, tokens_css
from softpower.vectors.wording import times
from tests.brief.demo import NASTY, demo, hostile

SVG = "{http://www.w3.org/2000/svg}"


def drawings(brief):
    """(name, SVG text) of every drawing of a brief, wide and narrow."""
    for section in brief.sections:
        for block in section.blocks:
            for one in (getattr(block, "left", block), getattr(block, "right", None)):
                if isinstance(one, Figure):
                    yield f"{one.id} wide", one.chart.wide
                    yield f"{one.id} narrow", one.chart.narrow
                elif isinstance(one, Results):
                    for number, item in enumerate(one.items):
                        yield f"result {number} wide", item.chart.wide
                        yield f"result {number} narrow", item.chart.narrow


def labels(svg):
    """(text, box) of every label, by the widths of the bundled fonts."""
    for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        size, text = float(node.get("font-size", 0)), node.text or ""
        italic = node.get("font-style") == "italic"
        width = text_width(text, size, strong=node.get("font-weight") == "700", italic=italic)
        left = float(node.get("x", 0)) - {"middle": width / 2, "end": width}.get(node.get("text-anchor", "start"), 0)
        base = float(node.get("y", 0))
        yield text, Box(left, base - 0.74 * size, left + width, base + 0.22 * size)


@pytest.mark.parametrize("brief", [demo, hostile])
def test_no_label_of_any_chart_touches_another(brief):
    for name, svg in drawings(brief()):
        for (one, box), (two, other) in combinations(labels(svg), 2):
            assert not box.meets(other), f"{name}: {one!r} meets {two!r}"


@pytest.mark.parametrize("brief", [demo, hostile])
def test_no_label_leaves_its_sheet(brief):
    for name, svg in drawings(brief()):
        width, height = map(float, ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
        for text, box in labels(svg):
            assert box.left >= -1, f"{name}: {text!r}"
            assert box.right <= width + 1, f"{name}: {text!r}"
            assert box.top >= -1, f"{name}: {text!r}"
            assert box.bottom <= height + 1, f"{name}: {text!r}"


def test_drawings_are_made_for_paper_and_for_a_phone():
    widths = {name: float(ElementTree.fromstring(svg).get("width", 0)) for name, svg in drawings(demo())}
    assert widths["profile wide"] == 673
    assert widths["scatter wide"] == 432
    assert {width for name, width in widths.items() if name.endswith("narrow") and "result" not in name} == {358}


def test_drawings_name_their_finding_and_hold_no_ids():
    for _, svg in drawings(demo()):
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img"
        title = root.find(f"{SVG}title")
        assert title is not None
        assert title.text == root.get("aria-label")
        assert not [node for node in root.iter() if node.get("id")]


def test_drawings_use_only_the_colours_of_the_tokens():
    known = set(palette().values()) | {"none", None}
    for name, svg in drawings(demo()):
        for node in ElementTree.fromstring(svg).iter():
            assert {node.get("fill"), node.get("stroke")} <= known, name


def test_text_in_drawings_stays_text():
    texts = {text for _, svg in drawings(hostile()) for text, _ in labels(svg)}
    assert "Enterprise {{ 7*7 }}{% raw" in texts or any("7*7" in text for text in texts)
    assert any("<svg" in text for text in texts)
    for _, svg in drawings(hostile()):
        assert safe_svg(svg) == svg


def test_every_label_uses_a_bundled_font():
    families = {face.family for face in faces()}
    for _, svg in drawings(demo()):
        for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):
            assert node.get("font-family") in families


def test_control_codes_in_a_label_do_not_reach_the_renderer():
    chart = dots_chart(
        Dots(
            title="a\x00b",
            values=range(20),
            low=0,
            high=20,
            ticks=[(5, "\x00\x07five")],
            left="\ud800left",
            right="right\uffff",
        )
    )
    assert [text for text, _ in labels(chart.wide)] == ["five", "left", "right"]


def test_twenty_dots_are_quantiles_of_the_draws():
    draws = list(range(1, 2001))
    below = [sum(draw < value for draw in draws) / 2000 for value in twenty(draws)]
    assert below == pytest.approx([(i + 0.5) / 20 for i in range(20)], abs=0.001)


def test_dot_plot_shows_twenty_dots_and_hollow_ones_below_the_reference():
    values = tuple(float(v) for v in np.linspace(-6, 4, 20))
    data = Dots(
        title="gap",
        values=values,
        low=-8,
        high=8,
        ticks=[(0, "0")],
        left="below",
        right="above",
        reference=0,
        reference_label="as predicted",
    )
    for svg in (dots_chart(data).wide, dots_chart(data).narrow):
        circles = list(ElementTree.fromstring(svg).iter(f"{SVG}circle"))
        hollow = [c for c in circles if c.get("fill") == palette()["paper"]]
        assert len(circles) == 20
        assert len(hollow) == sum(value < 0 for value in values)
        line = next(n for n in ElementTree.fromstring(svg).iter(f"{SVG}line") if n.get("x1") == n.get("x2"))
        assert max(float(c.get("cx", 0)) for c in hollow) < float(line.get("x1", 0))


def test_stacked_dots_never_overlap():
    values = tuple(float(v) for v in np.clip(np.random.default_rng(0).normal(50, 4, 20), 0, 100))
    svg = dots_chart(Dots(title="t", values=values, low=0, high=100, ticks=[], left="", right="")).wide
    circles = [
        (float(c.get("cx", 0)), float(c.get("cy", 0)), float(c.get("r", 0)))
        for c in ElementTree.fromstring(svg).iter(f"{SVG}circle")
    ]
    for (x, y, r), (x2, y2, r2) in combinations(circles, 2):
        assert (x - x2) ** 2 + (y - y2) ** 2 >= (r + r2) ** 2


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_region_holds_the_stated_share_of_draws_and_follows_their_shape(level):
    draws = np.random.default_rng(2).multivariate_normal([60, 40], [[9, 6], [6, 16]], 4000)
    corners = np.asarray(region(draws[:, 0].tolist(), draws[:, 1].tolist(), level=level), dtype=float)
    assert inside(draws, corners).mean() == pytest.approx(level, abs=0.01)
    assert np.corrcoef(corners.T)[0, 1] == pytest.approx(0.5, abs=0.05)


def inside(points, corners):
    """Points inside a polygon, by counting crossings of a ray to the right."""
    x, y = points[:, :1], points[:, 1:]
    x1, y1 = corners.T
    x2, y2 = np.roll(corners, -1, axis=0).T
    crosses = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return (crosses & (x < at)).sum(axis=1) % 2 == 1


def test_region_of_draws_on_one_line_is_empty():
    assert region([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == ()


def test_a_missing_year_leaves_a_gap_in_the_line():
    def paths(years):
        line = Line(name="A", points=[(year, 50.0) for year in years])
        panel = Panel(heading="Rank", focus=line, others=[], end_text="50")
        svg = trend_chart(Trend(title="t", panels=[panel], top=1, bottom=100, ticks=[(1, "1")])).wide
        return [n for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if n.get("stroke") == palette()["focus"]]

    assert len(paths(range(2005, 2015))) == 1
    assert len(paths([*range(2005, 2009), *range(2010, 2015)])) == 2


def test_a_required_label_moves_until_it_is_free_and_an_optional_one_is_left_out():
    dots = [(100.0 + dx, 100.0 + dy) for dx in range(-60, 61, 6) for dy in range(-40, 41, 6)]
    required = [Wanted(["Kazakhstan"], [(100.0, 100.0)], 10), Wanted(["Georgia"], [(101.0, 101.0)], 10)]
    optional = Wanted(["Norway"], [(102.0, 100.0)], 10, required=False)
    placed = place([*required, optional], width=200, height=200, taken=[], dots=dots)
    assert [p.wanted for p in placed] == required
    assert not placed[0].box.meets(placed[1].box)


def test_a_group_in_which_no_choice_moves_anything_says_so():
    axis = Axis(low=-5, high=5, ticks=[(0, "0")], reference=0)
    mark = Interval(low=-4, q25=-2, central=-1, q75=0, high=1)
    moved = ShiftGroup(heading="Performance", rows=[Shift(label="Without trade", text="-4 to +1", mark=mark)])
    still = ShiftGroup(heading="Potential", rows=[], none="no choice moves it")
    for groups in ([still, moved], [still, still]):
        data = Shifts(title="t", groups=groups, axis=axis, left="lower", right="higher", reference_label="no change")
        for svg in (shifts_chart(data).wide, shifts_chart(data).narrow):
            assert [text for text, _ in labels(svg)].count("no choice moves it") == groups.count(still)


def test_dots_that_lie_close_together_grow_no_higher_than_others():
    def height(values):
        data = Dots(title="t", values=values, low=1, high=20, ticks=[], left="", right="")
        return float(ElementTree.fromstring(dots_chart(data).wide).get("height", 0))

    apart = [float(value) for value in np.linspace(2, 19, 20)]
    for close in ([2.0] * 8 + [3.0] * 8 + [4.0] * 4, [1.0] * 20):
        assert height(close) == height(apart)


def test_names_at_the_ends_of_low_lines_stay_clear_of_the_years():
    def line(name, place):
        return Line(name=name, points=[(year, place) for year in range(2005, 2023)])

    peers = [line(name, 178.0 - number) for number, name in enumerate(("Chad", "Mali", "Niger", "Togo", "Benin"))]
    panel = Panel(heading="Rank", focus=line("Guinea", 170.0), others=peers, end_text="165\u2013175")
    data = Trend(title="t", panels=[panel], top=1, bottom=178, ticks=[(1, "1"), (150, "150")])
    for svg in (trend_chart(data).wide, trend_chart(data).narrow):
        for (one, box), (two, other) in combinations(labels(svg), 2):
            assert not box.meets(other), f"{one!r} meets {two!r}"


# With whom: ties by layer and vector, over the years, against the prediction, and roll calls.

VECTORS = (
    "Russia",
    "China",
    "The West",
    "Türkiye",
    "Islamic world",
    "Own region: Latin America and the Caribbean",
    "Global South",
)


def table(cell, *, vectors=VECTORS):
    """A matrix of four layers, one of them a level, whose cells ``cell`` gives by layer and vector."""
    layers = ("Trade", "People born here who live there", "Students", "Votes")
    rows = [
        MatrixRow(
            title=layer,
            below="turnover of goods, both ways, 2023",
            cells=[cell(row, column) for column in range(len(vectors))],
            level=layer == "Votes",
        )
        for row, layer in enumerate(layers)
    ]
    return matrix_chart(Matrix(title="t", vectors=vectors, rows=rows))


def all_of_it(row, column):
    return MatrixCell(text="100%", least=1.0, tick=(0.0, 0.5, 1.0, 0.97, 0.8, 0.2, 0.99)[column])


def bounded(row, column):
    return MatrixCell(text="60\u2013100%", least=0.6, most=1.0, tick=0.15 * column)


def unknown(row, column):
    return MatrixCell(text=("not measured", "sources disagree", "too few")[column % 3])


def of_all_kinds(row, column):
    return (
        MatrixCell(text="0.4%", least=0.004, tick=0.9),
        MatrixCell(text="0\u201322%", least=0.0, most=0.22, tick=0.1),
        MatrixCell(text="not measured"),
        MatrixCell(text="69%", least=0.69, low=0.6, high=0.78, tick=0.4),
    )[(row + column) % 4]


def lines_of(count, points, **more):
    """``count`` paths whose points ``points`` gives by their number."""
    paths = []
    for number in range(count):
        given = points(number)
        ends = (f"{given[0][1]:.0f}%", f"{given[-1][1]:.0f}%") if given else ("", "")
        paths.append(Path(heading=VECTORS[number % 7], points=given, first=ends[0], last=ends[1]))
    return paths_chart(Paths(title="t", paths=paths, bottom=0, top=100, ticks=(50, 100), **more))


def zigzag(number):
    return [(year, 100.0 * (year % 2 == 0)) for year in range(2018, 2024)]


def ratios(*rows, groups=2):
    """One or two groups of the same (name, central, low, high)."""
    made = [
        OddsRow(
            name=name,
            text=f"{central:,.4g}\u00d7",
            interval=f"{low:g}\u2013{high:g}",
            central=central,
            low=low,
            high=high,
        )
        for name, central, low, high in rows
    ]
    made.append(OddsRow(name="Mali", text="not measured"))
    headings = ("People born in the United Kingdom of Great Britain and Northern Ireland, or their parents", "Students")
    return odds_chart(Odds(title="t", groups=[OddsGroup(heading=h, rows=made) for h in headings[:groups]]))


def counts(*counted, width=432.0):
    words = ("with the United States of America", "abstained or absent", "with the Russian Federation")
    tones: tuple[Tone, ...] = ("focus", "hollow", "peer")
    groups = [
        CaseGroup(count=count, words=said, tone=tone) for count, said, tone in zip(counted, words, tones, strict=False)
    ]
    return cases_chart(Cases(title="t", groups=groups), width=width)


HARD = {
    "all of it": lambda: table(all_of_it),
    "bounds": lambda: table(bounded),
    "nothing measured": lambda: table(unknown),
    "all kinds": lambda: table(of_all_kinds),
    "one vector": lambda: table(of_all_kinds, vectors=VECTORS[5:6]),
    "two vectors": lambda: table(of_all_kinds, vectors=VECTORS[4:6]),
    "paths at the top": lambda: lines_of(7, lambda _: [(year, 100.0) for year in range(1993, 2024)]),
    "paths at the bottom": lambda: lines_of(6, lambda _: [(year, 0.0) for year in range(1993, 2024)]),
    "paths up and down": lambda: lines_of(14, zigzag),
    "paths of one year": lambda: lines_of(5, lambda number: [(2019, 10.0 * number)]),
    "paths that begin late": lambda: lines_of(
        7, lambda number: [(2022 - 2 * number, 50.0), (2023 - 2 * number, 70.0)] if number else [(1990, 90.0)]
    ),
    "one path": lambda: lines_of(1, zigzag),
    "paths of nothing": lambda: lines_of(3, lambda _: []),
    "ratios far apart": lambda: ratios((VECTORS[5], 2e-4, 1e-5, 1e-3), (VECTORS[5] * 2, 1200.0, 400.0, 9000.0)),
    "ratios above": lambda: ratios(("Iran", 20.0, 10.0, 40.0), ("Chad", 30.0, 15.0, 90.0), groups=1),
    "ratios near one": lambda: ratios(("Iran", 1.1, 0.9, 1.3), ("Chad", 0.8, 0.7, 0.95)),
    "ratios of nothing": lambda: ratios(("Iran", 0.0, 0.0, 0.5), ("Chad", 8.0, 3.0, float("inf"))),
    "no ratios": lambda: ratios(),
    "300 cases": lambda: counts(180, 20, 100),
    "300 cases on a third": lambda: counts(180, 20, 100, width=224.0),
    "three cases": lambda: counts(1, 0, 2, width=224.0),
    "one kind of case": lambda: counts(17),
    "no cases": lambda: counts(0, 0, 0),
}


@pytest.mark.parametrize("case", HARD)
def test_no_label_of_a_hard_case_touches_another_or_leaves_its_sheet(case):
    chart = HARD[case]()
    for svg, size in ((chart.wide, "wide"), (chart.narrow, "narrow")):
        width, height = map(float, ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
        found = list(labels(svg))
        assert found
        for (one, box), (two, other) in combinations(found, 2):
            assert not box.meets(other, gap=0.5), f"{size}: {one!r} meets {two!r}"
        for text, box in found:
            assert box.left >= -0.5, f"{size}: {text!r}"
            assert box.right <= width + 0.5, f"{size}: {text!r}"
            assert box.top >= -1, f"{size}: {text!r}"
            assert box.bottom <= height + 0.5, f"{size}: {text!r}"


@pytest.mark.parametrize("case", HARD)
def test_marks_of_a_hard_case_stay_on_its_sheet(case):
    chart = HARD[case]()
    for svg in (chart.wide, chart.narrow):
        root = ElementTree.fromstring(svg)
        width, height = map(float, root.get("viewBox", "").split()[2:])
        for node in root.iter():
            for name in ("x1", "x2", "cx"):
                assert -1 <= float(node.get(name, 0)) <= width + 1
            for name in ("y1", "y2", "cy"):
                assert -1 <= float(node.get(name, 0)) <= height + 1


def lines_in(svg, colour, width=""):
    """Lines of a colour, and of a width if one is given, each as numbers by name."""
    return [
        {name: float(node.get(name, 0)) for name in ("x1", "x2", "y1", "y2")}
        for node in ElementTree.fromstring(svg).iter(f"{SVG}line")
        if node.get("stroke") == palette()[colour]
        and node.get("stroke-width") in (width, width or node.get("stroke-width"))
    ]


def circles_in(svg, fill=None):
    """(x, y, radius) of circles, of one fill if it is given."""
    return [
        (float(node.get("cx", 0)), float(node.get("cy", 0)), float(node.get("r", 0)))
        for node in ElementTree.fromstring(svg).iter(f"{SVG}circle")
        if fill is None or node.get("fill") == palette()[fill]
    ]


def test_shares_stand_at_their_place_on_the_axis_of_their_column():
    cells = [MatrixCell(text="25%", least=0.25, tick=0.5), MatrixCell(text="10\u201360%", least=0.1, most=0.6)]
    row = MatrixRow(title="Trade", below="2023", cells=cells)
    chart = matrix_chart(Matrix(title="t", vectors=("Russia", "China"), rows=[row], words=()))
    one, two = lines_in(chart.wide, "grid")[:3], lines_in(chart.wide, "grid")[3:]
    for axis in (one, two):
        assert axis[1]["x1"] - axis[0]["x1"] == pytest.approx(axis[2]["x1"] - axis[1]["x1"], abs=0.02)
    zero, full = one[0]["x1"], one[2]["x1"] - one[0]["x1"]
    ((dot, _, _),) = circles_in(chart.wide)
    assert dot == pytest.approx(zero + 0.25 * full, abs=0.02)
    (tick,) = lines_in(chart.wide, "expect-ink")
    assert tick["x1"] == tick["x2"] == pytest.approx(zero + 0.5 * full, abs=0.02)
    (bar,) = lines_in(chart.wide, "focus-2", "6")
    assert bar["x1"] == pytest.approx(two[0]["x1"] + 0.1 * full, abs=0.02)
    assert bar["x2"] == pytest.approx(two[0]["x1"] + 0.6 * full, abs=0.02)


def test_a_cell_that_is_not_measured_says_so_and_draws_nothing():
    chart = table(unknown)
    for svg in (chart.wide, chart.narrow):
        said = " ".join(text for text, _ in labels(svg))
        assert said.count("measured") == 4 * 3
        assert not circles_in(svg)
        assert not lines_in(svg, "focus-2")


def test_a_phone_gets_one_panel_for_each_layer():
    texts = [text for text, _ in labels(table(all_of_it).narrow)]
    assert [texts.count(name) for name in ("Russia", "China", "100%")] == [4, 4, 4 * 7 + 4]
    assert [text for text in texts if text in ("Trade", "Students", "Votes")] == ["Trade", "Students", "Votes"]


def test_the_median_of_a_level_is_no_expectation():
    cell = MatrixCell(text="50%", least=0.5, tick=0.6)
    for level, drawn, absent in ((True, "peer", "expect-ink"), (False, "expect-ink", "peer")):
        row = MatrixRow(title="Votes", below="2023", cells=[cell], level=level)
        svg = matrix_chart(Matrix(title="t", vectors=("Russia",), rows=[row])).wide
        assert len(lines_in(svg, drawn)) == 2  # in the cell and beside its name
        assert not lines_in(svg, absent)


def test_marks_are_named_once_and_only_where_they_occur():
    def named(cell):
        texts = [text for text, _ in labels(table(cell).wide)]
        words = ("predicted", "median state", "not all partners are named", "90% interval")
        return [texts.count(each) for each in words]

    assert named(unknown) == [0, 0, 0, 0]
    assert named(all_of_it) == [1, 1, 0, 0]
    assert named(of_all_kinds) == [1, 1, 1, 1]


def test_no_tick_hides_a_dot():
    cells = [MatrixCell(text="5%", least=0.05), MatrixCell(text="6%", least=0.06, tick=0.06)]
    row = MatrixRow(title="Trade", below="2023", cells=cells)
    svg = matrix_chart(Matrix(title="t", vectors=("Russia", "China"), rows=[row], words=())).wide
    order = [node.get("fill") or node.get("stroke") for node in ElementTree.fromstring(svg)]
    assert order.index(palette()["expect-ink"]) < order.index(palette()["focus"])


def test_each_panel_has_its_own_line_in_blue_and_the_others_in_grey():
    chart = lines_of(4, lambda number: [(year, 20.0 * number) for year in range(2018, 2024)])
    for svg in (chart.wide, chart.narrow):
        strokes = [node.get("stroke") for node in ElementTree.fromstring(svg).iter(f"{SVG}path")]
        assert strokes.count(palette()["focus"]) == 4
        assert strokes.count(palette()["peer-3"]) == 4 * 3
        assert strokes.index(palette()["focus"]) == 12  # nothing grey over anything blue
    alone = lines_of(4, zigzag, behind=False).wide
    assert palette()["peer-3"] not in alone


def test_first_and_last_value_and_the_years_stand_in_each_panel():
    chart = lines_of(7, lambda number: [(1993, 11.0 + number), (2000, 50.0), (2007, 60.0), (2019, 31.0 + number)])
    for svg in (chart.wide, chart.narrow):
        texts = [text for text, _ in labels(svg)]
        assert (texts.count("1993"), texts.count("2019")) == (7, 7)
        assert {f"{11 + number}%" for number in range(7)} | {f"{31 + number}%" for number in range(7)} <= set(texts)


def test_values_stand_at_their_height_between_the_ends_of_the_axis():
    svg = lines_of(1, lambda _: [(2018, 100.0), (2019, 75.0), (2020, 0.0)]).wide
    (path,) = (n for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if n.get("stroke") == palette()["focus"])
    places = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d", ""))]
    (x, top), (x1, y1), (x2, bottom) = places
    assert x1 - x == pytest.approx(x2 - x1, abs=0.02)
    assert y1 == pytest.approx(top + (bottom - top) / 4, abs=0.02)
    assert bottom == lines_in(svg, "ink-2")[0]["y1"]


def test_a_series_of_every_fifth_year_has_no_gaps_and_one_of_every_year_has():
    def drawn(years):
        svg = lines_of(1, lambda _: [(year, 50.0) for year in years]).wide
        paths = [n for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if n.get("stroke") == palette()["focus"]]
        return len(paths), len(circles_in(svg, "focus"))

    assert drawn(range(1990, 2021, 5)) == (1, 1)
    assert drawn([*range(1990, 2021, 5), 2024]) == (1, 1)
    assert drawn([*range(2010, 2015), *range(2016, 2020)]) == (2, 1)
    assert drawn([2010, *range(2014, 2020)]) == (1, 2)  # a year alone is a dot


def test_ratios_take_the_colour_of_their_side_and_their_place_on_a_log_axis():
    rows = [("Germany", 10.0, 5.0, 20.0), ("Iran", 1.0, 0.5, 2.0), ("Türkiye", 0.1, 0.05, 0.2)]
    for svg in (ratios(*rows, groups=1).wide, ratios(*rows, groups=1).narrow):
        ((high, _, _),) = circles_in(svg, "focus")
        ((middle, _, _),) = circles_in(svg, "peer")
        ((low, _, _),) = circles_in(svg, "low")
        (one,) = lines_in(svg, "ink-2")
        assert middle == pytest.approx(one["x1"], abs=0.02)
        assert high - middle == pytest.approx(middle - low, abs=0.02)
        assert {grid["x1"] for grid in lines_in(svg, "grid")} == {high, low}
        strong = {n.text for n in ElementTree.fromstring(svg).iter(f"{SVG}text") if n.get("font-weight") == "700"}
        assert {"10\u00d7", "0.1\u00d7"} <= strong
        assert "1\u00d7" not in strong


def test_an_interval_that_touches_one_is_not_told_from_the_prediction():
    for low, high in ((1.0, 2.0), (0.5, 1.0)):
        svg = ratios(("Iran", (low + high) / 2, low, high)).wide
        assert not circles_in(svg, "focus") + circles_in(svg, "low")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.06, 13.0, {"0.1\u00d7", "10\u00d7"}),
        (0.9, 1.3, {"0.5\u00d7", "2\u00d7"}),
        (0.15, 6.0, {"0.2\u00d7", "5\u00d7"}),
        (0.3, 1.1, {"0.5\u00d7", "2\u00d7"}),
    ],
)
def test_ticks_of_ratios_follow_the_data(low, high, ticks):
    row = OddsRow(name="Iran", text="", central=1.0, low=low, high=high)
    svg = odds_chart(Odds(title="t", groups=[OddsGroup(heading="", rows=[row])])).wide
    assert {text for text, _ in labels(svg) if "\u00d7" in text} == ticks
    assert "as predicted" in {text for text, _ in labels(svg)}


def test_ticks_of_ratios_are_written_as_figures_are_and_without_a_needless_decimal():
    row = OddsRow(name="Iran", text="", central=1.0, low=0.0005, high=2000.0)
    svg = odds_chart(Odds(title="t", groups=[OddsGroup(heading="", rows=[row])])).wide
    written = {text for text, _ in labels(svg) if "\u00d7" in text}
    assert {"0.001\u00d7", "1,000\u00d7"} <= written <= {f"{times(10.0**power)}\u00d7" for power in range(-4, 5)}


def test_a_tie_of_zero_is_hollow_at_the_end_of_the_axis():
    chart = ratios(("Iran", 0.0, 0.0, 0.5), ("Chad", 8.0, 3.0, 20.0), groups=1)
    for svg in (chart.wide, chart.narrow):
        ((zero, _, _),) = circles_in(svg, "paper")
        assert zero < min(line["x1"] for line in lines_in(svg, "grid"))


def test_a_number_that_is_unknown_is_refused_rather_than_drawn_as_zero():
    unknown_number = float("nan")
    charts = (
        table(lambda row, column: MatrixCell(text="0%", least=unknown_number)),
        lines_of(2, lambda _: [(2018, 1.0), (2019, unknown_number)]),
        ratios(("Iran", unknown_number, 0.5, 2.0)),
        ratios(("Iran", 1.0, unknown_number, 2.0)),
    )
    for chart in charts:
        with pytest.raises(ValueError, match="cannot place"):
            _ = chart.wide


@pytest.mark.parametrize("width", [224.0, 432.0])
@pytest.mark.parametrize("counted", [(32, 2, 8), (1, 0, 2), (180, 20, 100), (300,), (0, 299, 1)])
def test_every_case_is_one_dot_and_none_covers_another(counted, width):
    chart = counts(*counted, width=width)
    for svg in (chart.wide, chart.narrow):
        fills = [len(circles_in(svg, fill)) for fill in ("focus", "paper", "peer")]
        assert fills == [*counted, 0, 0][:3]
        words = {f"{count} vote{'' if count == 1 else 's'}" for count in counted}
        assert words <= {text for text, _ in labels(svg)}
        for (x, y, r), (x2, y2, r2) in combinations(circles_in(svg), 2):
            assert (x - x2) ** 2 + (y - y2) ** 2 >= (r + r2) ** 2
    assert float(ElementTree.fromstring(chart.wide).get("width", 0)) == width


def test_columns_of_cases_hold_fives_while_there_is_room():
    columns: dict[float, list[float]] = {}
    for x, y, _ in circles_in(counts(32, 2, 8).wide, "focus"):
        columns.setdefault(x, []).append(y)
    assert sorted(map(len, columns.values())) == [2, 5, 5, 5, 5, 5, 5]


def test_interval_mark_puts_each_number_in_its_place_on_the_axis():
    axis = Axis(low=1, high=101, ticks=(), reference=51)
    mark = Interval(low=21, q25=31, central=41, q75=61, high=81, tone="below")
    root = ElementTree.fromstring(mark_svg(mark, axis, width=110))
    lines = {
        node.get("stroke-width"): node for node in root.iter(f"{SVG}line") if node.get("stroke") != palette()["grid"]
    }
    assert (lines["2"].get("x1"), lines["2"].get("x2")) == ("25", "85")
    assert (lines["6"].get("x1"), lines["6"].get("x2")) == ("35", "65")
    assert lines["1"].get("x1") == "55"
    circle = root.find(f"{SVG}circle")
    assert circle is not None
    assert (circle.get("cx"), circle.get("fill")) == ("45", palette()["low"])


def test_interval_mark_beyond_the_axis_is_cut_at_its_end():
    mark = Interval(low=-50, q25=0, central=500, q75=600, high=900)
    root = ElementTree.fromstring(mark_svg(mark, Axis(low=0, high=100, ticks=()), width=110))
    assert all(5 <= float(n.get("x1", 5)) <= float(n.get("x2", 5)) <= 105 for n in root.iter(f"{SVG}line"))


def test_labels_of_a_crowded_axis_are_left_out_rather_than_touching():
    svg = axis_svg(Axis(low=0, high=10, ticks=[(i, "1000") for i in range(10)]), width=84)
    boxes = [box for _, box in labels(svg)]
    assert 2 <= len(boxes) < 10
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))


@pytest.mark.parametrize(
    "svg",
    [
        '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="1"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:1"><text>x</text></a></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><rect fill="url(http://x)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><style>*{fill:red}</style></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><rect style="fill:red"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><rect x:href="http://x"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image width="1"/></svg>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
        "<p>no drawing</p>",
        "<svg",
    ],
)
def test_a_drawing_that_does_more_than_draw_is_refused(svg):
    with pytest.raises(ValueError, match="drawing"):
        safe_svg(svg)


def test_same_data_give_the_same_drawing_and_other_data_another():
    data = Dots(title="t", values=range(20), low=0, high=20, ticks=[], left="a", right="b")
    assert dots_chart(data).wide == dots_chart(replace(data)).wide
    assert dots_chart(data).wide != dots_chart(replace(data, left="c")).wide


def test_a_chart_after_a_failed_one_is_tried_again(monkeypatch):
    calls = []

    def poisoned(spec, **options):
        calls.append(options)
        if len(calls) == 1:
            raise ValueError("the fault of the chart before")
        return "<svg/>"

    monkeypatch.setattr(renderer, "_converter", lambda: poisoned)
    assert renderer.converted({}) == "<svg/>"
    assert [call["allowed_base_urls"] for call in calls] == [[], []]


WARM = """
import sys
from softpower.brief.charts.dots import Dots, dots_chart
chart = dots_chart(Dots(title="t", values=range(20), low=0, high=20, ticks=[(10, "10")], left="a", right="b"))
print(len(chart.wide), sorted({"altair", "vl_convert"} & set(sys.modules)))
"""


def test_a_second_run_imports_no_renderer(tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path))
    cold, warm = (
        subprocess.run([sys.executable, "-c", WARM], capture_output=True, text=True, check=True) for _ in "12"
    )
    assert cold.stdout.endswith("['altair', 'vl_convert']\n")
    assert warm.stdout == cold.stdout.replace("['altair', 'vl_convert']", "[]")


# The look.


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_marks_stand_out_from_the_page(mode):
    colours = palette(mode)
    for text in ("ink", "ink-2", "focus", "peer", "low", "expect-ink"):
        assert contrast(colours[text], colours["paper"]) >= 4.5, text
    for mark in ("focus-2", "low-2"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark
    assert contrast(colours["ink"], colours["focus-3"]) >= 4.5


def test_every_colour_has_a_light_and_a_dark_form():
    assert palette("light").keys() == palette("dark").keys()
    assert tokens_css().count("--focus:") == 4


def test_widths_of_letters_are_those_of_the_fonts():
    from fontTools.ttLib import TTFont

    from softpower.storage import bundled_folder

    font = TTFont(bundled_folder("fonts") / "noto-sans-narrow-400.ttf")
    cmap, metrics = font.getBestCmap(), font["hmtx"]
    text = "Қазақстан 31\u201355, \u22124.5"
    assert text_width(text, 1000) == pytest.approx(sum(metrics[cmap[ord(c)]][0] for c in text), abs=len(text))


def test_fonts_have_the_letters_that_names_of_states_and_intervals_need():
    needed = set("ÀÉÔãçñöüğışİŁșțƏəʻЁяҚқӘәҒғҢңӨөҰұҮүҺһІі\u2212\u2013\u2014\u2019\u201c\u201d\u2026×°²³≈≤≥≠€₸₽№")
    for face in faces():
        assert needed <= face.characters, (face.file, needed - face.characters)


def test_plot_text_is_centred_on_its_line():
    plot = Plot(width=100, height=100, x=(0, 100), y=(0, 100))
    box = plot.text(50, 50, "Hxg", size=10, align="center")
    assert (box.left + box.right) / 2 == pytest.approx(50)
    assert (box.top + box.bottom) / 2 == pytest.approx(50)


def test_hostile_strings_cover_the_markup_of_each_writer():
    joined = "".join(NASTY)
    for sign in ("<script", "onerror", "#read", "{{", "\u202e", "\x00"):
        assert sign in joined
    assert re.search(r"\w{100}", joined)
