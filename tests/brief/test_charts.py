"""Charts: what they draw, that labels keep apart, that hostile text stays text, that warm runs need no renderer."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from softpower.brief.charts.dots import Dots, dots_chart, twenty
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
