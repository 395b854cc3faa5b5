"""The columns of a table of entries: one row is one activity, every field has a place.

| column | what it holds |
|---|---|
| id | stable, such as KAZ-CONG-8 |
| title, title_kk | in English, in another language (ISO 639) |
| description, description_kk | the same |
| sender, host | countries, parted by ; |
| actors | name \\| type \\| role \\| country \\| Wikidata item; next |
| audience | countries, vectors, regions of UN M49, world, home, diaspora, parted by ; |
| audience_groups, aims | words, parted by ; |
| start, end | a day, a month or a year |
| figures | indicator \\| unit \\| planned, most \\| realised \\| realised, most \\| claimed \\| source; next |
| budget | amount \\| currency \\| year \\| planned or spent \\| claimed; next |
| source_publisher ... source_retrieved | the first source |
| sources_more | publisher \\| title \\| year \\| url \\| seen \\| quote \\| retrieved; next |
| x_anything | a field of one's own |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from softpower.activities.activity import Activity, Reference
from softpower.activities.exchange import cells
from softpower.activities.vocabulary import List

ACTOR: Final = ("name", "type", "role", "country", "qid")
FIGURE: Final = (
    "indicator", "unit", "planned", "planned_most", "realised", "realised_most", "claimed", "source",
)  # fmt: skip
MONEY: Final = ("amount", "currency", "year", "spent", "claimed")
SOURCE: Final = ("publisher", "title", "year", "url", "seen", "quote", "retrieved")
LANGUAGES: Final = ("title", "description")
OWN: Final = "x_"
_MORE: Final = "sources_more"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is always there.

    Attributes
    ----------
    name : in the first row
    field : of an entry
    help : for who fills it in
    example : of the template
    words : vocabulary of a column that holds one word, or several if ``several``
    """

    name: str
    field: str
    help: str
    example: str = ""
    words: List | None = None
    several: bool = False
    yes_no: bool = False


def _columns() -> Iterable[Column]:
    yield Column("id", "id", "Stable; letters, digits and . _ : / -", "EXAMPLE-1")
    yield Column(
        "title", "title", "In English; another language in a column title_kk, title_tr ...", "Nauryz in Ankara"
    )
    yield Column("description", "description", "In English; another language in a column description_kk ...")
    yield Column("instrument", "instrument", "A word of the list", "cultural_days", "instrument")
    for name, what in (("component", "Cull"), ("category", "AidData")):
        yield Column(name, name, f"A word of the list ({what}); empty: as usual for the instrument", "", name)  # type: ignore[arg-type]
    yield Column("kind", "kind", "A word of the list; empty: as usual for the instrument", "", "kind")
    yield Column("nature", "nature", "outcome where others decided: an election won, a listing granted", "", "nature")
    yield Column("sender", "sender", "Countries that act, code or name, parted by ;", "KAZ")
    yield Column("host", "host", "Countries where it takes place, parted by ;", "TUR")
    yield Column("place", "place", "City or venue", "Ankara")
    yield Column(
        "actors", "actors", "Name | type | role | country | Wikidata item; next. The role is initiator if left out",
        "Embassy of Kazakhstan | mission | initiator | KAZ; TURKSOY | international_organisation | partner",
    )  # fmt: skip
    yield Column(
        "audience", "audience", "Countries, vectors (Turkic world), UN regions (Asia), world, home, diaspora",
        "TUR; Turkic world",
    )  # fmt: skip
    yield Column("audience_groups", "audience_groups", "Words, parted by ;", "mass_public; diaspora", "audience", True)
    yield Column("start", "start", "First day 2025-03-22, or a month 2025-03, or a year 2025", "2025-03-22")
    yield Column("end", "end", "Last day; empty if unknown or still going on", "2025-03-23")
    yield Column("date_precision", "date_precision", "How well the start is known", "day", "date_precision")
    yield Column("status", "status", "A word of the list; empty: held", "held", "status")
    yield Column("series", "series", "Id of what this is an edition of", "NAURYZ-ANKARA")
    yield Column("edition", "edition", "Its number in the series: 3", "3")
    yield Column("parent", "parent", "Id of the programme to which it belongs")
    yield Column("aims", "aims", "Words, parted by ;", "positive_image", "aim", True)
    yield Column(
        "figures", "figures",
        "Indicator | unit | planned | planned at most | realised | realised at most | claimed | source; next",
        "visitors | persons | 2000 | 3000 | 2500 |  | yes | embassy",
    )  # fmt: skip
    yield Column(
        "budget", "budget", "Amount | currency | year | planned or spent | claimed; next. 1500000, not 1.5 mln",
        "15000 | USD | 2025 | planned",
    )  # fmt: skip
    yield Column("source_publisher", "sources", "Who published it", "Embassy of Kazakhstan in Türkiye")
    yield Column("source_title", "sources", "", "Nauryz celebrated in Ankara")
    yield Column("source_year", "sources", "Or n.d.", "2025")
    yield Column("source_url", "sources", "http:// or https://", "https://example.org/nauryz")
    yield Column("source_seen", "sources", "Did you read it? yes or no", "yes", yes_no=True)
    yield Column("source_quote", "sources", "The words it rests on")
    yield Column("source_retrieved", "sources", "The day when", "2025-04-01")
    yield Column(_MORE, "sources", "Publisher | title | year | url | seen | quote | retrieved; next")
    yield Column("two_way", "two_way", "Do both sides speak, teach or learn? Empty: unknown", "yes", yes_no=True)
    yield Column("evaluation", "evaluation", "Is an evaluation planned or done? Empty: unknown", "no", yes_no=True)
    yield Column("reported", "reported", "The scale as reported, in words", "about 2,500 visitors")
    yield Column("confidence", "confidence", "Of who made the entry", "high", "confidence")
    yield Column("note", "note", "Remarks; no names of private persons")


COLUMNS: Final = tuple(_columns())
BY_NAME: Final = {column.name: column for column in COLUMNS}


def header(activities: Sequence[Activity]) -> list[str]:
    """The columns that a table of these entries needs: all fixed ones, further languages, fields of one's own."""
    found: list[str] = []
    for column in COLUMNS:
        found.append(column.name)
        if column.name in LANGUAGES:
            languages = dict.fromkeys(code for each in activities for code in getattr(each, column.name))
            found += [f"{column.name}_{code}" for code in languages if code != "en"]
    own = sorted({name for each in activities for name in each.extra})
    return found + [f"{OWN}{name}" for name in own]


def row(activity: Activity) -> dict[str, str]:
    """An entry by column, as text, guarded against formulas; what is not there is left out."""
    found: dict[str, str] = {}
    for field in LANGUAGES:
        for code, text in getattr(activity, field).items():
            found[field if code == "en" else f"{field}_{code}"] = cells.guarded(text)
    for field, write in _WRITTEN.items():
        if (text := write(getattr(activity, field))) and field not in LANGUAGES:
            found[field] = cells.guarded(text)
    if activity.sources:
        first, *more = (_source(each) for each in activity.sources)
        texts = {f"source_{name}": text for name, text in zip(SOURCE, first, strict=True)}
        texts[_MORE] = cells.table(more) if more else ""
        found |= {name: cells.guarded(text) for name, text in texts.items() if text}
    return found | {f"{OWN}{name}": cells.guarded(text) for name, text in activity.extra.items()}


def _source(source: Reference) -> tuple[str, ...]:
    return (
        source.publisher, source.title, source.year, source.url, cells.said(source.seen), source.quote,
        cells.day(source.retrieved),
    )  # fmt: skip


def _plain(value: str | None) -> str:
    return value or ""


_WRITTEN: Final[Mapping[str, Callable[[Any], str]]] = {
    **dict.fromkeys(
        (
            "id", "instrument", "component", "category", "kind", "nature", "place", "date_precision", "status",
            "series", "parent", "reported", "confidence", "note",
        ),
        _plain,
    ),
    **dict.fromkeys(("sender", "host", "audience", "audience_groups", "aims"), cells.joined),
    **dict.fromkeys(("start", "end"), cells.day),
    **dict.fromkeys(("two_way", "evaluation"), cells.said),
    "edition": cells.number,
    "actors": lambda actors: cells.table(
        [(each.name, each.type or "", each.role, each.country or "", each.qid) for each in actors]
    ),
    "figures": lambda figures: cells.table(
        [
            (
                each.indicator, each.unit,
                *map(cells.number, (each.planned, each.planned_most, each.realised, each.realised_most)),
                cells.said(each.claimed), each.source,
            )
            for each in figures
        ]
    ),
    "budget": lambda budget: cells.table(
        [
            (
                cells.number(each.amount), each.currency, cells.number(each.year),
                "spent" if each.spent else "planned", cells.said(each.claimed),
            )
            for each in budget
        ]
    ),
}  # fmt: skip
