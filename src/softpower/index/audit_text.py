"""An audit in words: a few kinds of blocks, and these as plain text or Markdown."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from softpower.index.audit_advice import MARGIN, advise
from softpower.index.audit_figures import Audit, Dimension

WIDTH = 100
# Longest title in a table of plain text, by how many columns hold titles: a page holds some 130 characters a line.
TITLES = {1: 60, 2: 44, 3: 36}
# Pairs shown; a large index has thousands, of which most are as they should be.
MOST_PAIRS = 20
FLAGS = {"high": "very strong", "negative": "negative", "weak": "weak", "unknown": "unknown", "mirror": "mirrored"}
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is that of the whole."""

    level: int
    words: str


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    words: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first ``names`` columns are words, the others figures and set to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


Block = Heading | Words | Points | Grid


def blocks(audit: Audit) -> Iterator[Block]:
    """The audit, section by section, what it advises first."""
    when = f", {audit.year}" if audit.year else ""
    variant = f", variant {audit.variant}" if audit.variant else ""
    yield Heading(1, f"Statistical audit of {audit.title}{when}{variant}")
    indicators = sum(part.kind == "indicator" for part in audit.parts)
    yield Words(
        f"{_count(audit.ranked, 'ranked unit')} of {audit.candidates}, {_count(indicators, 'indicator')}. Unless it "
        "says otherwise, every figure is taken over the ranked units, from the central build: directed and normalised "
        "indicators, scores of nodes."
    )
    for section in (_advice, _framework, _data, _correlation, _dimensions, _influence, _redundancy, _robustness):
        yield from section(audit)


def text(audit: Audit) -> list[str]:
    """Lines for a terminal or a printer."""
    lines: list[str] = []
    for block in blocks(audit):
        if isinstance(block, Heading):
            lines += [block.words, "=-"[block.level - 1] * len(block.words)]
        elif isinstance(block, Words):
            lines += textwrap.wrap(block.words, WIDTH)
        elif isinstance(block, Points):
            for item in block.items:
                lines += _point(item)
        else:
            lines += _aligned(block)
        lines.append("")
    return lines[:-1]


def _point(item: str) -> list[str]:
    """Lines of an item of a list; a figure stays beside what it is of."""
    whole = item.replace("r = ", "r\u00a0=\u00a0")
    lines = textwrap.wrap(whole, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def markdown(audit: Audit) -> list[str]:
    """Lines of Markdown; titles of the model can neither break a table nor become markup."""
    lines: list[str] = []
    for block in blocks(audit):
        if isinstance(block, Heading):
            lines.append(f"{'#' * block.level} {_escaped(block.words)}")
        elif isinstance(block, Words):
            lines.append(_escaped(block.words))
        elif isinstance(block, Points):
            lines += [f"- {_escaped(item)}" for item in block.items]
        else:
            rule = ["---" if column < block.names else "---:" for column in range(len(block.head))]
            rows = [block.head, tuple(rule), *block.rows]
            lines += ["| " + " | ".join(map(_escaped, row)) + " |" for row in rows]
        lines.append("")
    return lines[:-1]


def _escaped(words: str) -> str:
    for sign in "\\|<>`*[]":
        words = words.replace(sign, f"\\{sign}")
    return " ".join(words.split("\n"))


def _aligned(grid: Grid) -> list[str]:
    longest = TITLES[grid.names]
    rows = [
        tuple(cell if column >= grid.names else _cut(cell, longest) for column, cell in enumerate(row))
        for row in (grid.head, *grid.rows)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(grid.head))]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.ljust(width) if column < grid.names else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return list(map(line, rows))


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


# Figures


def _number(value: float, digits: int = 2) -> str:
    return UNKNOWN if math.isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}"  # never -0.0


def _percent(value: float, digits: int = 0) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.{digits}%}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _chance(value: float) -> str:
    return UNKNOWN if math.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


# Sections


def _advice(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Recommendations")
    found = advise(audit)
    if not found:
        yield Words("Nothing stands out.")
    for each in found:
        yield Words(each.what)
        yield Points(each.cases)


def _framework(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Framework")
    yield Words("Weight among the parts of the same node, and effective weight in the top node.")
    rows = tuple(
        ("  " * part.depth + part.title, _percent(part.weight, 1), _percent(part.effective, 1), _reasoned(part.reason))
        for part in audit.parts
    )
    yield Grid(("part", "weight", "effective", "reason"), rows)


def _reasoned(reason: str) -> str:
    return "given" if reason.strip() else "none"


def _data(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Data")
    yield Words(
        "Skewness and excess kurtosis of the values as published, and of those that enter the index after treatment "
        "and normalisation. An asterisk marks outliers: skewness of 2 or more in size and kurtosis of 3.5 or more. "
        "Moved: cells changed by the treatment of outliers."
    )
    rows = tuple(
        (
            audit.titles[each.id] + (" (constant)" if each.constant else ""),
            each.treatment or "none",
            _percent(each.available) + (" few" if each.few else ""),
            _number(each.skew, 1),
            _number(each.kurtosis, 1) + ("*" if each.outliers else " "),
            str(each.moved),
            _number(each.skew_scored, 1),
            _number(each.kurtosis_scored, 1) + ("*" if each.outliers_scored else " "),
        )
        for each in audit.columns
    )
    head = ("indicator", "treatment", "known", "skew", "kurtosis ", "moved", "skew after", "kurtosis after ")
    yield Grid(head, rows, names=2)


def _correlation(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Correlation")
    yield Words(
        "Parts of one node should go together, but not say the same. Very strong: Pearson correlation of 0.92 or more; "
        "weak: below 0.3; negative: below zero with p below 0.05."
    )
    rows = []
    for node in dict.fromkeys(link.node for link in audit.within):
        links = [link for link in audit.within if link.node == node]
        counts = [sum(link.flag == flag for link in links) for flag in ("high", "weak", "negative", "unknown")]
        known = [link.r for link in links if not math.isnan(link.r)] or [math.nan]
        mean = sum(known) / len(known)
        rows.append((audit.titles[node], str(len(links)), _number(mean), _number(min(known)), *map(str, counts)))
    if rows:
        head = ("node", "pairs", "mean r", "lowest r", "very strong", "weak", "negative", "unknown")
        yield Grid(head, tuple(rows))
    flagged = [link for link in audit.within if link.flag in ("high", "negative")]
    flagged.sort(key=lambda link: link.r)
    if flagged:
        yield Words(f"Pairs that are negative or very strong{_of(len(flagged))}:")
        pairs = (
            (audit.titles[each.first], audit.titles[each.second], FLAGS[each.flag], _number(each.r), _chance(each.p))
            for each in flagged[:MOST_PAIRS]
        )
        yield Grid(("part", "other part", "flag", "r", "p"), tuple(pairs), names=3)
    if audit.elsewhere:
        count = len(audit.elsewhere)
        one = "1 indicator closer to another pillar than to its own:"
        yield Words(one if count == 1 else f"{count} indicators closer to another pillar than to their own:")
        cases = (
            (audit.titles[each.id], audit.titles[each.own], audit.titles[each.other], _number(each.own_r),
             _number(each.other_r))
            for each in audit.elsewhere
        )  # fmt: skip
        yield Grid(("indicator", "own pillar", "other pillar", "r own", "r other"), tuple(cases), names=3)


def _of(count: int) -> str:
    return f" ({MOST_PAIRS} of {count})" if count > MOST_PAIRS else ""


def _dimensions(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Dimensions and consistency")
    yield Words(
        "Principal components of the parts of each node. One eigenvalue above 1 speaks for one thing being measured. "
        "KMO: at least 0.6 is wanted, below 0.5 is unacceptable. Bartlett: p of the test that nothing correlates. "
        "Alpha: Cronbach's, standardised; at least 0.7 is wanted."
    )
    rows, notes = [], []
    reasons: dict[str, list[str]] = {}
    for each in audit.dimensions:
        rows.append(_dimension_row(audit, each))
        if each.note:
            reasons.setdefault(each.note, []).append(each.node)
        if each.constant:
            notes.append(f"{audit.titles[each.node]}: without {_names(audit, each.constant)}, which does not vary.")
        if each.opposed:
            notes.append(f"{audit.titles[each.node]}: opposed sign on the first component: "
                         f"{_names(audit, each.opposed)}.")  # fmt: skip
        higher = [(value, id) for id, value in each.alpha_without.items() if value > max(each.alpha + MARGIN, 0.0)]
        if higher:
            value, id = max(higher)
            notes.append(f"{audit.titles[each.node]}: alpha would be {value:.2f} without {audit.titles[id]}.")
    notes += [f"{_names(audit, nodes)}: {note}." for note, nodes in reasons.items()]
    head = ("node", "parts", "units", "first eigenvalues", "above 1", "first explains", "KMO", "Bartlett p", "alpha")
    yield Grid(head, tuple(rows))
    if notes:
        yield Points(tuple(notes))


def _dimension_row(audit: Audit, each: Dimension) -> tuple[str, ...]:
    told = bool(each.eigenvalues)
    return (
        audit.titles[each.node],
        str(len(each.parts)),
        str(each.n),
        " ".join(f"{value:.2f}" for value in each.eigenvalues[:3]) or UNKNOWN,
        str(each.kaiser) if told else UNKNOWN,
        _percent(each.explained[0]) if told else UNKNOWN,
        _number(each.kmo),
        _chance(each.p),
        _number(each.alpha),
    )


def _names(audit: Audit, ids: Sequence[str]) -> str:
    return ", ".join(audit.titles[id] for id in ids)


def _influence(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Influence against weight")
    yield Words(
        "Main effect: the share of the variance of the node above that the part explains alone, by a curve (Pearson's "
        "correlation ratio). Importance: the main effect as a share of those of all parts of the node; it should be "
        "near the weight."
    )
    rows = tuple(
        (
            audit.titles[each.id],
            audit.titles[each.node],
            _number(each.r_node),
            _number(each.r_top),
            _number(each.main_effect),
            _percent(each.weight, 1),
            _percent(each.importance, 1),
        )
        for each in audit.weighings
    )
    yield Grid(("part", "of", "r with node", "r with top", "main effect", "weight", "importance"), rows, names=2)
    if any(math.isnan(each.main_effect) for each in audit.weighings):
        yield Words(f"{UNKNOWN}: the part does not vary, or there are too few units (fewer than ten).")


def _redundancy(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Redundancy")
    if not audit.redundant:
        yield Words("No two indicators correlate by 0.92 or more, in either direction.")
        return
    yield Words(f"Indicators that correlate by 0.92 or more, in either direction{_of(len(audit.redundant))}:")
    rows = (
        (audit.titles[each.first], audit.titles[each.second], FLAGS[each.flag], _number(each.r))
        for each in audit.redundant[:MOST_PAIRS]
    )
    yield Grid(("indicator", "other indicator", "flag", "r"), tuple(rows), names=3)
    if chains := [group for group in audit.groups if len(group) > 2]:
        yield Words("Linked in chains, so that together they count as often as there are of them:")
        yield Points(tuple(_names(audit, group) for group in chains))


def _robustness(audit: Audit) -> Iterator[Block]:
    yield Heading(2, "Robustness")
    if not audit.robustness:
        yield Words("Too few: no unit has a score in every replication.")
        return
    yield Words(
        f"From {audit.robustness[0].draws} replications of what the model declares uncertain. Told apart: share of all "
        "pairs of units of which one is ahead in at least 95% of the replications."
    )
    rows = tuple(
        (audit.titles[each.node], str(each.units), f"{each.width:.0f}", str(each.widest), _percent(each.told_apart))
        for each in audit.robustness
    )
    yield Grid(("top node", "units", "median width of 90% rank interval", "widest", "pairs told apart"), rows)
