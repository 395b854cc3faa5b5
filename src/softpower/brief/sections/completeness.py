"""What is known, what is not, and how old it is."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.charts.completeness import Completeness, CompletenessRow, State, completeness_chart
from softpower.brief.context import Context
from softpower.brief.section import Cell, Column, Figure, Paragraph, Record, Row, Section, Table, Text
from softpower.brief.sections import terms

_STATE: dict[str, State] = {
    "observed": "observed",
    "estimated": "observed",
    "imputed": "imputed",
    "zero": "zero",
    "missing": "missing",
}
# Concepts of the founding brief for which no open series exists; each is named, none is dropped.
NOT_MEASURED = (
    "what publics abroad think of the country",
    "coverage in foreign media",
    "cultural exports, film and music",
    "intangible heritage",
    "people of its ethnic group abroad (the United Nations count birthplace)",
    "trust of leaders and investors",
)


# Rows of the table for a country without a rank.
MOST = 18


def completeness(context: Context) -> Section:
    """One row of squares per pillar, the list of what is missing, and what nobody measures."""
    missing = [context.cell(name) for name in context.built.indicators if context.cell(name).status == "missing"]
    return Section(
        id="completeness",
        rail="What is known",
        headline=_headline(context, missing),
        blocks=[
            _figure(context),
            Paragraph(_gaps(context, missing), role="body"),
            Paragraph(_not_measured(), role="note"),
            *([] if context.is_ranked else _best_known(context)),
        ],
    )


def _headline(context: Context, missing: list[Record]) -> str:
    total, old = len(context.built.indicators), len(_old(context))
    known = f"{total - len(missing)} of {total}" if missing else f"All {total}"
    return f"{known} indicators are known" + (f", {old} of them from older years" if old else "")


def _old(context: Context) -> list[str]:
    """The indicators whose last value is older than their window."""
    return [name for name in context.built.indicators if context.is_old(name)]


def _state(context: Context, name: str) -> State:
    return "old" if context.is_old(name) else _STATE[context.cell(name).status]


def _figure_headline(context: Context) -> str:
    """How old the values are."""
    years = sorted(cell.year for cell in map(context.cell, context.built.indicators) if cell.year)
    if not years:
        return "No indicator has a year"
    half = years[(len(years) - 1) // 2 + (len(years) % 2 == 0)]
    return f"Half of the values are of {half} or later, the oldest of {years[0]}"


def _figure(context: Context) -> Figure:
    rows = []
    for top in context.built.tops:
        for node in context.built.depth_first(top):
            leaves = [leaf for leaf, each in context.built.indicators.items() if each.node == node]
            if not leaves:
                continue
            cells = [context.cell(leaf) for leaf in leaves]
            years = sorted({cell.year for cell in cells if cell.year})
            span = f"{years[0]}{words.DASH}{years[-1]}" if len(years) > 1 else str(years[0]) if years else ""
            rows.append(
                CompletenessRow(
                    label=context.built.title_of(node), states=[_state(context, leaf) for leaf in leaves], text=span
                )
            )
    headline = _figure_headline(context)
    return Figure(
        id="figure-completeness",
        headline=headline,
        sub=(
            "One square per indicator, by pillar; years of the latest values"
            + ("; values from before the window are carried forward, with an error" if _old(context) else "")
        ),
        chart=completeness_chart(Completeness(title=f"{context.home.label}: {headline}", rows=rows)),
        alt=_headline(
            context, [context.cell(name) for name in context.built.indicators if context.cell(name).status == "missing"]
        ),
        data=_table(context),
    )


def _table(context: Context) -> Table:
    rows = []
    for name, each in context.built.indicators.items():
        rows.append(
            Row(
                cells=[
                    Cell(text=[each.title]),
                    Cell(text=[context.built.title_of(each.node)]),
                    Cell(text=terms.published(context, name)),
                    Cell(text=terms.in_index(context, name)),
                ]
            )
        )
    columns = [
        Column(heading="Indicator"),
        Column(heading="Pillar"),
        Column(heading="Latest published", align="right"),
        Column(heading="In the index", align="right"),
    ]
    return Table(
        id="completeness-data", headline="The figure as a table", sub="Latest values", columns=columns, rows=rows
    )


def _gaps(context: Context, missing: list[Record]) -> Text:
    zeros = [name for name in context.built.indicators if context.cell(name).status == "zero"]
    parts = []
    if missing:
        absent, old = _without_value(context)
        if absent:
            parts.append(f"Not measured: {terms.listing(absent)}.")
        if old:
            parts.append(f"Last measured too long ago to count: {words.listing(old)}.")
        if context.is_ranked:
            parts.append(
                "The index does not guess one value for what is missing but draws many from what is known of the "
                "country, so that its intervals are wider."
            )
    if zeros:
        names = [context.built.title_of(name) for name in zeros]
        parts.append(f"Taken as none, because the source lists only those that have some: {terms.listing(names)}.")
    if context.index.dropped:
        parts.append(
            f"Left out of the index because too few countries have a value near {context.index.year}: "
            f"{words.count(len(context.index.dropped), 'indicator')}."
        )
    return [" ".join(parts) or "No indicator is missing, and none is taken as zero."]


def _without_value(context: Context) -> tuple[list[str], list[str]]:
    """Titles of the missing indicators that have no value at all, and of those whose last one is too old, with its
    year."""
    absent, old = [], []
    for name, each in context.built.indicators.items():
        if context.cell(name).status != "missing":
            continue
        latest = context.published(name)
        if latest is None or latest.value is None:
            absent.append(each.title)
        else:
            old.append(f"{terms.listed(each.title)} ({latest.year})")
    return absent, old


def _best_known(context: Context) -> list[Table]:
    """Where a country without a rank stands in single series, best first."""
    found = []
    for name in context.built.indicators:
        cell, among = context.cell(name), context.known_in(name)
        if cell.value is not None and cell.observed_rank is not None:
            found.append((cell.observed_rank / among, name, cell, among))
    if not found:
        return []
    found.sort(key=lambda each: each[:2])
    rows = [
        Row(
            cells=[
                Cell(text=[context.built.title_of(name)]),
                Cell(text=terms.published(context, name)),
                Cell(text=terms.in_index(context, name)),
                Cell(text=terms.observed_place(cell)),
            ]
        )
        for _, name, cell, _ in found[:MOST]
    ]
    _, best, cell, among = found[0]
    of = f"The {MOST} best placed of {len(found)} indicators" if len(found) > MOST else "Indicators"
    return [
        Table(
            id="best-known",
            headline=(
                f"Best placed in {terms.listed(context.built.title_of(best))}: observed "
                f"{words.ordinal(cell.observed_rank or 0)} of {among}"
            ),
            sub=f"{of} with an observed value, and observed rank among the UN members that have one; the annex has all",
            columns=[
                Column(heading="Indicator"),
                Column(heading="Latest published", align="right"),
                Column(heading="As counted", align="right"),
                Column(heading="Observed rank", align="right"),
            ],
            rows=rows,
        )
    ]


def _not_measured() -> Text:
    return [f"Not measured by any open series at hand, and so in no score: {'; '.join(NOT_MEASURED)}."]
