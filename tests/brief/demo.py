"""A brief made of invented numbers with every kind of block in it, so that writers are tested without an index.

``demo()`` reads like a real brief; ``hostile()`` is the same brief with something nasty in every text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np

from softpower.brief.charts.cases import CaseGroup, Cases, cases_chart
from softpower.brief.charts.completeness import Completeness, CompletenessRow, completeness_chart
from softpower.brief.charts.dots import Dots, dots_chart, twenty
from softpower.brief.charts.matrix import Matrix, MatrixCell, MatrixRow, matrix_chart
from softpower.brief.charts.odds import Odds, OddsGroup, OddsRow, odds_chart
from softpower.brief.charts.paths import Path, Paths, paths_chart
from softpower.brief.charts.profile import Profile, ProfileGroup, ProfileRow, profile_chart
from softpower.brief.charts.scatter import Point, Scatter, region, scatter_chart
from softpower.brief.charts.shifts import Shift, ShiftGroup, Shifts, shifts_chart
from softpower.brief.charts.trend import Line, Panel, Trend, trend_chart
from softpower.brief.section import (
    Beside,
    Brief,
    Cell,
    Column,
    Facts,
    Figure,
    Ledger,
    Paragraph,
    Questions,
    Quiet,
    Record,
    Result,
    Results,
    Row,
    Section,
    Strong,
    Table,
    Value,
)
from softpower.drawing.marks import Axis, Chart, Interval
from softpower.evidence.sources import Source

PEERS = ("Türkiye", "Uzbekistan", "Georgia", "Azerbaijan", "Mongolia")
PILLARS = ("Culture and heritage", "Education and science", "Digital and media reach", "Governance", "Enterprise")
AIMS = ("Positive image", "Reliable partner", "Investment")
VECTORS = ("Russia", "China", "West", "Central Asia")


@cache
def demo() -> Brief:
    """A brief with every kind of block; the same on every call."""
    return _brief(lambda text: text)


@cache
def hostile() -> Brief:
    """The same brief with markup of three languages, direction marks, long words and foreign letters in its texts."""
    return _brief(spoil)


NASTY = (
    "</script><script>window.PWNED=1</script>",
    '<img src=x onerror="window.PWNED=2">',
    '"></style><svg onload=window.PWNED=3>',
    '#read("/etc/passwd") *bold* $x$ `raw` @ref <label> \\',
    "{{ 7*7 }}{% raw %}${7*7}",
    "\u202eright-to-left\u202c \u200fmark",
    "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 2,
    "javascript:alert(1) \x00\x07 end",
    "中国 العربية \U0001f1f0\U0001f1ff",
)


def spoil(text: str) -> str:
    """``text`` with one of the nasty strings after it; which one depends on the text."""
    return f"{text} {NASTY[sum(map(ord, text)) % len(NASTY)]}" if text else text


def _brief(say: Callable[[str], str]) -> Brief:
    ledger = Ledger()
    sources = tuple(
        Source(
            id=name,
            title=say(title),
            publisher=say(publisher),
            address=say(address),
            licence=say("CC BY 4.0"),
            attribution=say(f"{publisher}, {title}"),
            vintage=say("2025-06"),
            retrieved_from="",
            commit="",
            files=(),
            sha256=(),
            rows=10,
            share_alike=False,
            pitfalls=(),
        )
        for name, title, publisher, address in (
            ("wdi", "World Development Indicators", "World Bank", "https://databank.worldbank.org"),
            ("wgi", "Worldwide Governance Indicators", "World Bank", "https://info.worldbank.org/governance/wgi"),
            ("whc", "World Heritage List", "UNESCO", "https://whc.unesco.org"),
        )
    )

    def value(text: str, id: str, **more: Any) -> Value:
        usual: dict[str, Any] = {"value": 49.0, "unit": "points", "year": 2024, "low": 40.25, "high": 58.0}
        ledger.add(Record(**{"id": id, "label": say(f"Record {id}"), "source_id": "model"} | usual | more))
        return Value(text, id)

    rank = {"rank": 49, "rank_low": 30, "rank_high": 60, "ranked": 185}
    finding = (
        Strong(say("Kazakhstan performs about as its size and wealth predict.")),
        " Its performance ranks ",
        value("30th\u201360th", "score:performance:KAZ", **rank),
        " of 185 states (90% interval; central 49th), in line with a potential that ranks ",
        value("31st\u201355th", "score:potential:KAZ", **(rank | {"rank": 44, "rank_low": 31, "rank_high": 55})),
        " (central 44th).",
    )
    opening = Section(
        id="score",
        rail=say("Score and peers"),
        headline="",
        blocks=(
            _facts(value, say),
            _results(value, say),
            _scorecard(value, say),
            Beside(_scatter(value, say), _questions(value, say)),
        ),
    )
    second = Section(
        id="pillars",
        rail=say("Strengths"),
        headline=say("Strong in heritage and governance, weak in media reach"),
        new_page=True,
        blocks=(
            Paragraph((say("Read with care: "), Strong("three pillars"), say(" rest on fewer than five series."))),
            _profile(say),
            _trend(say),
            _shifts(say),
            _aims(value, say),
        ),
    )
    vectors = Section(
        id="vectors",
        rail=say("With whom"),
        headline=say("With whom: people go to Russia, trade turns to China"),
        new_page=True,
        blocks=(_matrix(say), _paths(say), _votes(say), _odds(say), _cases(say)),
    )
    third = Section(
        id="data",
        rail=say("Data"),
        headline=say("What is measured, and what is not"),
        place="annex",
        blocks=(_completeness(say), _texts(value, say)),
    )
    for number in range(40):
        value(
            "",
            f"raw:series-{number}:KAZ",
            label=say(f"Students from abroad, series {number}"),
            value=1234.5 * number,
            unit="persons",
            low=None,
            high=None,
            source_id="wdi",
            status="observed",
            note="",
            year=2000 + number % 25,
        )
    value("", "raw:none:KAZ", value=None, unit="", low=None, high=None, status="missing", note=say("no series"))
    return Brief(
        iso3="KAZ",
        name=say("Kazakhstan"),
        title=say("Country brief: soft power"),
        head=(("Data to", say("February 2026")), ("Model", say("soft-power")), ("", say("1,000 draws, seed 7"))),
        finding=finding,
        sections=(opening, second, vectors, third),
        ledger=ledger,
        sources=sources,
        meta={},
    )


Say = Callable[[str], str]
Made = Callable[..., Value]


def _facts(value: Made, say: Say) -> Facts:
    return Facts(
        (
            (
                say("Area"),
                (
                    value(
                        "2.72 million km²",
                        "fact:area:KAZ",
                        value=2_724_900.0,
                        unit="km²",
                        low=None,
                        high=None,
                        source_id="wdi",
                        status="observed",
                        observed_rank=9,
                        ranked=193,
                    ),
                    ", observed 9th of 193",
                ),
            ),
            (say("Capital"), (say("Astana"),)),
            (
                say("World Heritage"),
                (
                    value(
                        "6 sites",
                        "fact:whc:KAZ",
                        value=6.0,
                        unit="sites",
                        low=None,
                        high=None,
                        source_id="whc",
                        status="observed",
                    ),
                ),
            ),
            (say("Neighbours"), (say("China, Kyrgyzstan, Russia, Turkmenistan, Uzbekistan"),)),
        )
    )


def _results(value: Made, say: Say) -> Results:
    rng = np.random.default_rng(3)
    ticks = [(10.0, "10"), (30.0, "30"), (50.0, "50"), (70.0, "70")]

    def ranks(title: str, middle: float) -> Chart:
        draws = twenty(np.clip(rng.normal(middle, 9, 400).round(), 11, 79).tolist())
        return dots_chart(
            Dots(title=say(title), values=draws, low=10, high=80, ticks=ticks, left="stronger", right="weaker")
        )

    gap = Dots(
        title=say("The gap is about as likely above as below zero"),
        values=twenty(rng.normal(-1, 3, 400).tolist()),
        low=-8,
        high=8,
        ticks=[(-6, "\u22126"), (-3, "\u22123"), (0, "0"), (3, "+3"), (6, "+6")],
        left="below prediction",
        right="above",
        reference=0,
        reference_label="as predicted",
    )
    return Results(
        (
            Result(
                label=say("Potential, 21 measures"),
                big=value("31st\u201355th", "score:potential:KAZ", rank=44, rank_low=31, rank_high=55, ranked=185),
                sub=("of 185 states; central 44th",),
                chart=ranks("Potential ranks 31st to 55th", 44),
                alt=say("Twenty equally likely potential ranks"),
            ),
            Result(
                label=say("Performance, 9 measures"),
                big=value("30th\u201360th", "score:performance:KAZ", rank=49, rank_low=30, rank_high=60, ranked=185),
                sub=("of 185 states; central 49th",),
                chart=ranks("Performance ranks 30th to 60th", 48),
                alt=say("Twenty equally likely performance ranks"),
            ),
            Result(
                label=say("Gap to size and wealth"),
                big=value("\u22125.5 to +4.5", "gap:KAZ", value=-1.1, low=-5.5, high=4.5),
                sub=("points; central \u22121.1; above zero in 7 of 20",),
                chart=dots_chart(gap),
                alt=say("Twenty equally likely gaps; seven are above zero"),
            ),
        ),
        say(
            "Each dot is one of 20 equally likely answers, given what is unknown about weights, scaling and missing "
            "values."
        ),
    )


def _interval(middle: float, spread: float, tone: Any = "peer") -> Interval:
    return Interval(
        low=middle - 1.64 * spread,
        q25=middle - 0.67 * spread,
        central=middle,
        q75=middle + 0.67 * spread,
        high=middle + 1.64 * spread,
        tone=tone,
    )


def _scorecard(value: Made, say: Say) -> Table:
    ranks = Axis(low=1, high=150, ticks=((1, "1"), (75, "75"), (150, "150")))
    gaps = Axis(low=-12, high=12, ticks=((-12, "\u221212"), (0, "0"), (12, "+12")), reference=0)
    rows = []
    for place, name in enumerate(("Kazakhstan", *PEERS)):
        tone = "focus" if place == 0 else "peer"
        middle = 44.0 + 9 * place
        rows.append(
            Row(
                focus=place == 0,
                cells=(
                    Cell(text=(say(name),)),
                    Cell(
                        text=(value(f"{middle - 12:.0f}\u2013{middle + 12:.0f}", f"rank:potential:{name}"),),
                        mark=_interval(middle, 7, tone),
                    ),
                    Cell(
                        text=(value(f"{middle - 10:.0f}\u2013{middle + 16:.0f}", f"rank:performance:{name}"),),
                        mark=_interval(middle + 3, 8, tone),
                    ),
                    Cell(
                        text=(value(f"\u2212{4 + place} to +{5 - place if place < 5 else 0}", f"gap:{name}"),),
                        mark=_interval(place - 3.0, 2 + place / 3, tone),
                    )
                    if place != 3
                    else Cell(text=(Quiet("not measured"),)),
                    Cell(text=("\u22126 to +5",)),
                    Cell(text=("\u2014",) if place == 0 else (value("over 99%", f"ahead:{name}"),)),
                    Cell(text=(f"{30 - place}",)),
                ),
            )
        )
    return Table(
        id="scorecard",
        headline=say("Among five peers only Türkiye is clearly ahead"),
        sub=say(
            "90% intervals of the rank among 185 states, and of the gap in points; thick bar 50%, dot central value"
        ),
        columns=(
            Column(heading=say("Country")),
            Column(heading="Potential, rank", axis=ranks),
            Column(heading="Performance, rank", axis=ranks),
            Column(heading="Gap to size and wealth", axis=gaps),
            Column(heading="Places\n2009\u201319", align="right"),
            Column(heading="Kazakhstan\nahead", align="right"),
            Column(heading="Observed\nof 30", align="right"),
        ),
        rows=rows,
        note=(
            say(
                "Places 2009\u201319: change in rank, 90% interval. Kazakhstan ahead: probability that its performance "
                "exceeds the peer\u2019s."
            ),
        ),
    )


def _scatter(value: Made, say: Say) -> Figure:
    rng = np.random.default_rng(1)
    x = np.clip(rng.normal(50, 15, 170), 18, 90)
    y = 5 + 0.9 * x + rng.normal(0, 5, 170)
    points = [Point(name=f"country {i}", x=float(a), y=float(b)) for i, (a, b) in enumerate(zip(x, y, strict=True))]
    peers = zip(PEERS, (69, 49, 51, 47, 50), (68, 54, 51, 51, 44), strict=True)
    points += [Point(name=say(name), x=float(a), y=float(b), role="peer") for name, a, b in peers]
    large = zip(
        ("Singapore", "Germany", "United States", "Norway", "China"),
        (64, 80, 87, 85, 82),
        (79, 78, 75, 67, 80),
        strict=True,
    )
    points += [Point(name=name, x=float(a), y=float(b), role="named") for name, a, b in large]
    points.append(Point(name=say("Kazakhstan"), x=60.0, y=58.0, role="focus"))
    draws = rng.multivariate_normal([60, 58], [[9, 3], [3, 9]], 400)
    band = [(float(a), float(5 + 0.9 * a - 7), float(5 + 0.9 * a + 7)) for a in np.linspace(18, 92, 20)]
    chart = scatter_chart(
        Scatter(
            title=say("Performance follows potential; Kazakhstan sits on the line"),
            points=points,
            line=[(a, (low + high) / 2) for a, low, high in band],
            band=band,
            region=region(draws[:, 0].tolist(), draws[:, 1].tolist()),
            x_title="Potential score",
            y_title="Performance score",
            band_label="Sand: 80% of countries\nwith this potential",
            region_label="Ellipse: 90% of draws\nfor Kazakhstan",
        )
    )
    data = Table(
        id="scatter-data",
        headline=say("Scores of the peers"),
        sub="",
        columns=(Column(heading="Country"), Column(heading="Potential", align="right")),
        rows=[Row(cells=(Cell(text=(say(name),)), Cell(text=(value("49", f"score:{name}"),)))) for name in PEERS],
    )
    return Figure(
        id="scatter",
        headline=say("Performance follows potential; Kazakhstan sits on the line"),
        sub=say("Scores of 185 states, mean 50, standard deviation 15; grey dots: other states"),
        chart=chart,
        alt=say("Scatter of performance against potential"),
        data=data,
        width="two-thirds",
        note=(say("Sources: 17 open sources, latest year 2018\u20132026; own calculation."),),
    )


def _questions(value: Made, say: Say) -> Questions:
    return Questions(
        say("Five questions"),
        (
            (
                say("Why this rank?"),
                (
                    say(
                        "Observed ranks: land 9th, oil 11th, foreign students 35th pull up; logistics 83rd,"
                        " research spending 112th, visa openness 130th pull down."
                    ),
                    value("9th", "why:KAZ", observed_rank=9, ranked=193),
                ),
            ),
            (say("How sure?"), (say("Intervals are 24 and 30 places wide. All 30 indicators are observed."),)),
            (
                say("Against what size and wealth predict?"),
                ("Above the prediction in 35 of 100 draws: about as likely as not.",),
            ),
            (say("From which source and date?"), ("17 open sources; each number leads to a row of the annex.",)),
            (
                say("What would change it?"),
                ("Leaving out the two regime indicators lifts central potential 7 places.",),
            ),
        ),
    )


def _profile(say: Say) -> Figure:
    def rows(total: str, names: tuple[str, ...]) -> list[ProfileRow]:
        made = [
            ProfileRow(
                label=say(name),
                text=f"{30 + 4 * i}\u2013{52 + 5 * i}",
                mark=_interval(42.0 + 4 * i, 6 + i, "focus"),
                peers=50.0,
                expected=55.0 - 3 * i,
                strong=i == 0,
            )
            for i, name in enumerate((total, *names))
        ]
        made[2] = ProfileRow(label=made[2].label, text="not measured", mark=None)
        return made

    groups = [
        ProfileGroup(heading="Potential", rows=rows("All potential", PILLARS)),
        ProfileGroup(heading="Performance", rows=rows("All performance", AIMS)),
    ]
    ticks = [(0.0, "0"), (25.0, "25"), (50.0, "50"), (75.0, "75"), (100.0, "100")]
    chart = profile_chart(
        Profile(
            title=say("Strong in heritage, weak in media"),
            groups=groups,
            axis=Axis(low=0, high=100, ticks=ticks),
            axis_title="score",
            marks=[("focus", "Kazakhstan, 90% and 50%")],
            peers_label="median of the five peers",
            expected_label="predicted from size and wealth",
        )
    )
    return Figure(
        id="profile",
        headline=say("Heritage and governance carry the potential"),
        alt=say("Pillar scores"),
        sub=say("Scores by pillar, 0 to 100, 90% and 50% intervals"),
        chart=chart,
        note=(say("Ring: median of the peers."),),
    )


def _trend(say: Say) -> Figure:
    rng = np.random.default_rng(5)
    years = range(2005, 2025)

    def line(name: str, start: float, *, band: bool = False) -> Line:
        walk = [float(v) for v in np.cumsum(rng.normal(0, 2, 20)) + start]
        around = [(y, v - 9, v + 9) for y, v in zip(years, walk, strict=True)] if band else []
        return Line(name=name, points=[(y, v) for y, v in zip(years, walk, strict=True) if y != 2013], band=around)

    def panel(heading: str, start: float) -> Panel:
        others = [line(name, 38 + 14 * i) for i, name in enumerate(PEERS)]
        return Panel(
            heading=heading, focus=line("Kazakhstan", start, band=True), others=others, end_text="31st\u201355th"
        )

    chart = trend_chart(
        Trend(
            title=say("Rank since 2005"),
            panels=[panel("Potential, rank", 50), panel("Performance, rank", 60)],
            top=1,
            bottom=150,
            ticks=[(1, "1"), (50, "50"), (100, "100"), (150, "150")],
        )
    )
    return Figure(
        id="trend",
        headline=say("The rank has hardly moved since 2005"),
        alt=say("Rank by year"),
        sub=say("Rank by year, 90% band, on the series that cover at least 15 years; grey: the peers"),
        chart=chart,
        note=(say("2013 is not measured."),),
    )


def _shifts(say: Say) -> Figure:
    choices = (
        "Leave out the two regime indicators",
        "Equal weights",
        "Geometric instead of arithmetic mean",
        "Ranks instead of z-scores",
        "Without imputed cells",
    )

    def rows() -> list[Shift]:
        bounds = ((2, 12), (-3, 5), (-9, -2), (-4, 6), (-1, 1))
        made = [
            Shift(
                label=say(name),
                text=f"{low:+d} to {high:+d}".replace("-", "\u2212"),
                mark=_interval(
                    (low + high) / 2, (high - low) / 3.3, "above" if low > 0 else "below" if high < 0 else "peer"
                ),
            )
            for name, (low, high) in zip(choices, bounds, strict=True)
        ]
        return [*made[:4], Shift(label=made[4].label, text="not measured", mark=None)]

    chart = shifts_chart(
        Shifts(
            title=say("Leaving out regime moves the rank most"),
            left="weaker",
            right="stronger",
            reference_label="default model",
            groups=[ShiftGroup(heading="Potential", rows=rows()), ShiftGroup(heading="Performance", rows=rows())],
            axis=Axis(
                low=-20, high=20, ticks=[(-20, "\u221220"), (-10, "\u221210"), (10, "+10"), (20, "+20")], reference=0
            ),
        )
    )
    return Figure(
        id="shifts",
        headline=say("Leaving out regime indicators moves the rank most"),
        alt=say("Shifts"),
        sub=say("Change in rank, places, against the default model; 90% and 50% intervals"),
        chart=chart,
    )


def _aims(value: Made, say: Say) -> Table:
    """A table of marks and of words."""
    why = "What visitors and students do shows what they think, so far as anything at hand shows it at all."
    rows = [
        Row(
            cells=(
                Cell(text=(say(name),)),
                Cell(text=(value("36\u201365", f"rank:{name}"),), mark=_interval(50.0 + 9 * place, 9, "focus")),
                Cell(text=(say(why),)),
            )
        )
        for place, name in enumerate(AIMS)
    ]
    ranks = Axis(low=1, high=150, ticks=((1, "1"), (75, "75"), (150, "150")))
    columns = (Column(heading="Aim"), Column(heading="Rank", axis=ranks), Column(heading=say("What it rests on")))
    return Table(id="aims", headline=say("Three aims"), sub="", columns=columns, rows=rows)


def _completeness(say: Say) -> Figure:
    states: list[Any] = ["observed"] * 9 + ["imputed"] * 2 + ["zero", "missing"]
    rows = [
        CompletenessRow(label=say(name), states=states[i:], text="9 of 13 observed, 2015\u20132024")
        for i, name in enumerate(PILLARS)
    ]
    chart = completeness_chart(Completeness(title=say("Most indicators are observed"), rows=rows))
    return Figure(
        id="completeness", headline=say("Most indicators are observed"), sub="", chart=chart, alt=say("Squares")
    )


def _texts(value: Made, say: Say) -> Table:
    rows = [
        Row(
            cells=(
                Cell(text=(say(name),)),
                Cell(text=("\u201cninth-largest country in the world by area\u201d",)),
                Cell(text=(value("2.72 million km²", f"claim:{name}"), say(", 9th of 193 states"))),
                Cell(text=("12",)),
            )
        )
        for name in ("Supported", "Contradicted", "Not checkable")
    ]
    return Table(
        id="claims",
        headline=say("What is written, checked"),
        sub=say("Each statement beside its measure"),
        columns=(
            Column(heading="Verdict"),
            Column(heading="The text says"),
            Column(heading="Because"),
            Column(heading="Year", align="right"),
        ),
        rows=rows,
    )


def _matrix(say: Say) -> Figure:
    shares = {
        "Trade": (0.19, 0.22, 0.35, 0.06),
        "People": (0.64, None, 0.27, 0.004),
        "Students": (0.85, 0.0, 0.11, None),
        "UN votes": (0.69, 0.82, 0.57, 1.0),
    }
    below = ("turnover, 2023", "born here, living there, 2019", "in 40 hosts, 2019", "2010\u201319")

    def cell(layer: str, place: int, share: float | None) -> MatrixCell:
        if share is None:
            return MatrixCell(text="not measured")
        if layer == "Students" and share == 0:  # the largest partners only are named
            return MatrixCell(text="0\u201322", least=0.0, most=0.22, tick=0.1)
        sampled = {"low": share - 0.03, "high": min(share + 0.03, 1.0)} if layer == "UN votes" else {}
        tick = None if layer == "Trade" else (0.53, 0.2, 0.18, 0.06)[place]
        return MatrixCell(text="0.4" if share == 0.004 else f"{100 * share:.0f}", least=share, tick=tick, **sampled)

    rows = [
        MatrixRow(
            title=say(layer),
            below=say(words),
            cells=[cell(layer, place, share) for place, share in enumerate(each)],
            level=layer == "UN votes",
        )
        for (layer, each), words in zip(shares.items(), below, strict=True)
    ]
    vectors = [say(name) for name in VECTORS]
    chart = matrix_chart(Matrix(title=say("People are concentrated on Russia"), vectors=vectors, rows=rows))
    return Figure(
        id="matrix",
        headline=say("People and students are concentrated on Russia; no other tie is that lopsided"),
        sub=say("Share of each kind of tie, %"),
        chart=chart,
        alt=say("Share of each kind of tie by vector, beside the share predicted"),
        note=(say("Vectors overlap and do not add to 100. Counts carry no sampling interval."),),
    )


def _paths(say: Say) -> Figure:
    paths = [
        Path(
            heading=say(name),
            points=list(zip(range(2018, 2024), map(float, values), strict=True)),
            first=str(values[0]),
            last=f"{values[-1]}%",
        )
        for name, values in zip(VECTORS, ((20, 18, 17, 18, 19, 19), (12, 13, 15, 18, 21, 22)), strict=False)
    ]
    gap = [(2018, 46.0), (2019, 41.0), (2022, 36.0), (2023, 35.0)]
    paths.append(Path(heading=say(VECTORS[2]), points=gap, first="46", last="35%"))
    paths.append(Path(heading=say(VECTORS[3]), points=[], first="", last=""))
    chart = paths_chart(Paths(title=say("China gained trade"), paths=paths, bottom=0, top=50, ticks=(25, 50)))
    return Figure(
        id="paths",
        headline=say("China gained ten points of trade in five years, the West lost eleven"),
        sub=say("Share of goods turnover, %, 2018\u20132023; grey: the other vectors; grid at 25 and 50%"),
        chart=chart,
        alt=say("Share of goods turnover by vector and year"),
    )


def _votes(say: Say) -> Figure:
    rng = np.random.default_rng(7)
    paths = []
    for name, first in zip(VECTORS, (62.0, 59.0, 68.0, 86.0), strict=True):
        walk = np.clip(first + np.append(0.0, np.cumsum(rng.normal(0, 3, 14))), 35, 96)
        points = [(2005 + place, float(value)) for place, value in enumerate(walk)]
        band = [(year, value - 6, value + 6) for year, value in points]
        paths.append(Path(heading=say(name), points=points, band=band, first=f"{walk[0]:.0f}", last=f"{walk[-1]:.0f}%"))
    chart = paths_chart(
        Paths(title=say("It votes with its region"), paths=paths, bottom=30, top=100, ticks=(50, 100), behind=False)
    )
    return Figure(
        id="votes",
        headline=say("At the UN it votes with its region"),
        sub=say("Share of roll calls with the same vote, %, 2005\u20132019, with 90% interval; grid at 50 and 100%"),
        chart=chart,
        alt=say("Share of roll calls with the same vote by vector and year"),
    )


def _odds(say: Say) -> Figure:
    born = (
        ("Russia", "1.2\u00d7", "1.1\u20132.7", 1.2, 1.1, 2.7),
        ("Germany", "11\u00d7", "6\u201313", 11.0, 6.0, 13.0),
        ("Ukraine", "13\u00d7", "4.9\u201321", 13.0, 4.9, 21.0),
        ("United States", "0.13\u00d7", "0.06\u20130.17", 0.13, 0.06, 0.17),
        ("Türkiye", "0.32\u00d7", "0.13\u20130.83", 0.32, 0.13, 0.83),
    )
    students = (
        ("Russia", "1.7\u00d7", "1.4\u20136", 1.7, 1.4, 6.0),
        ("Czechia", "2.8\u00d7", "1.3\u20133.8", 2.8, 1.3, 3.8),
        ("South Korea", "1.0\u00d7", "0.51\u20131.4", 1.0, 0.51, 1.4),
        ("United Kingdom", "0.33\u00d7", "0.14\u20130.45", 0.33, 0.14, 0.45),
    )

    def rows(group: Sequence[tuple[str, str, str, float, float, float]]) -> list[OddsRow]:
        return [
            OddsRow(name=say(name), text=text, interval=interval, central=central, low=low, high=high)
            for name, text, interval, central, low, high in group
        ]

    groups = [
        OddsGroup(heading=say("People born in Kazakhstan"), rows=rows(born)),
        OddsGroup(
            heading=say("Students"), rows=[*rows(students), OddsRow(name=say("China"), text=say("not measured"))]
        ),
    ]
    chart = odds_chart(Odds(title=say("Germany holds 11 times the people predicted"), groups=groups))
    return Figure(
        id="odds",
        headline=say("Germany holds 11 times the people predicted, Türkiye a third"),
        sub=say("Ties observed over ties predicted, log scale, 90% interval, 2019"),
        chart=chart,
        alt=say("Ties observed over ties predicted by partner"),
        note=(say("Blue: interval above 1; orange: below 1; grey: not distinguishable from the prediction."),),
    )


def _cases(say: Say) -> Figure:
    groups = [
        CaseGroup(count=32, words=say("with China"), tone="focus"),
        CaseGroup(count=2, words=say("abstained"), tone="hollow"),
        CaseGroup(count=8, words=say("with Russia"), tone="peer"),
    ]
    return Figure(
        id="cases",
        headline=say("Split votes: three of four with China"),
        sub=say("Each dot one of 42 roll calls, 2007\u20132019, on which China and Russia were opposed"),
        chart=cases_chart(Cases(title=say("Split votes: three of four with China"), groups=groups)),
        alt=say("42 roll calls: 32 with China, 8 with Russia, 2 abstained"),
        width="two-thirds",
        note=(say("32 of 42: 90% interval 64\u201386%."),),
    )


def texts(thing: Any) -> list[str]:
    """Every string inside a brief, its drawings left out."""
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, Chart):
        return []
    if is_dataclass(thing) and not isinstance(thing, type):
        return [text for field in fields(thing) for text in texts(getattr(thing, field.name))]
    if isinstance(thing, dict):
        return [text for value in thing.values() for text in texts(value)]
    if isinstance(thing, list | tuple):
        return [text for value in thing for text in texts(value)]
    return []
