"""An activity of public diplomacy: one entry of a register, checked.

Words are those of `softpower.activities.vocabulary`, countries are ISO 3166 alpha-3 or a name, dates are ISO 8601 and
may be a year or a month. Names of persons do not belong here, beyond public office: actors are offices and
organisations.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from softpower.activities.audience import reach
from softpower.activities.vocabulary import List, word, words
from softpower.errors import Fault, SoftPowerError
from softpower.world import find
from softpower.world.names import shown

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_TEXT: Final = 20_000
_DATES: Final = "give a day, a month or a year, such as 2024-09-08, 2024-09 or 2024"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# What no text holds: it would become something else in a terminal, a spreadsheet or a page.
_BREAKS = re.compile(r"\s*[\t\n\u2028\u2029]\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def _text(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(value):
        raise ValueError("holds control characters; take them out")
    return value.strip()


def _line(value: str) -> str:
    """Text of one line, whatever a cell or a shell broke it into: else an entry could look like several in a list."""
    return _BREAKS.sub(" ", _text(value))


def _named(lookup: Callable[[str], str], value: object) -> object:
    """What a name stands for; pydantic collects the fault of one that stands for nothing."""
    if not isinstance(value, str):
        return value
    try:
        return lookup(value) if value.strip() else None
    except SoftPowerError as error:
        raise ValueError(str(error)) from error


def _each(lookup: Callable[[str], str], values: object) -> object:
    """The same of several, each once."""
    if not isinstance(values, list | tuple):
        return values
    return tuple(dict.fromkeys(found for each in values if (found := _named(lookup, each)) is not None))


def _word(of: List) -> Callable[[str], str]:
    return lambda name: word(of, name).id


def _amount(value: object) -> object:
    """Numbers as they are computed with: a comma may be a point or a separator, and nobody guesses which."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise ValueError(f"{shown(value)!r} is no number; give digits with a point, such as 1500000 or 1.5")
        value = float(value)
    if isinstance(value, int | float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number; leave it out where it is not known")
    return value


@lru_cache(maxsize=4096)
def _found(name: str) -> str:
    return find(name).iso3


def _day(value: object) -> object:
    """Days as ISO 8601 writes them: pydantic alone would take numbers for seconds since 1970."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is None:
        return value
    text = str(value).strip()
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{shown(text)!r} is no date; {_DATES}") from None


def _partial(part: re.Match[str], *, last: bool) -> date | None:
    """The first or last day of a year or month; None if there is no such one."""
    year, month = int(part[1]), int(part[2] or (12 if last else 1))
    if not (1 <= month <= 12 and year):
        return None
    return date(year, month, monthrange(year, month)[1] if last else 1)


def day_of(text: str, *, last: bool = False) -> date:
    """The day that a date stands for: of a year or a month its first, or its last.

    Raises
    ------
    ValueError
        It is no date.

    >>> day_of("2026-02", last=True).isoformat()
    '2026-02-28'
    """
    part = _PARTIAL.fullmatch(text.strip())
    found = (None if part is None else _partial(part, last=last)) or _day(text)
    assert isinstance(found, date)  # or `_day` has raised
    return found


def _identifier(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError(
            f"{shown(value)!r}: give 1 to 120 letters, digits, and . _ : / -, beginning with a letter or digit"
        )
    return value


def _one(of: List) -> BeforeValidator:
    return BeforeValidator(partial(_named, _word(of)))


def _several(of: List) -> BeforeValidator:
    return BeforeValidator(partial(_each, _word(of)))


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_text)]
Line = Annotated[str, Field(max_length=500), AfterValidator(_line)]
Title = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_line)]
Id = Annotated[str, AfterValidator(_identifier)]
Number = Annotated[float, BeforeValidator(_amount)]
Amount = Annotated[float, BeforeValidator(_amount), Field(ge=0)]
Texts = dict[str, Text]
Day = Annotated[date, BeforeValidator(_day)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Actor(_Part):
    """Who acts: an office or an organisation.

    Attributes
    ----------
    name : such as "Ministry of Foreign Affairs"
    type, role : of the vocabularies ``actor_type`` and ``actor_role``
    country : ISO3; None unknown or none
    qid : Wikidata's item; "" unknown
    """

    name: Annotated[Line, Field(min_length=1)]
    type: Annotated[str | None, _one("actor_type")] = None
    role: Annotated[str, _one("actor_role")] = "initiator"
    country: Annotated[str | None, BeforeValidator(partial(_named, _found))] = None
    qid: Annotated[str, Field(pattern=r"^(Q[1-9]\d*)?$")] = ""


class Figure(_Part):
    """A quantity that was planned, or realised, or both.

    Attributes
    ----------
    indicator, unit : what is counted ("visits"), and in what
    planned, planned_most : as announced before; the second where a range was
    realised, realised_most : as reported afterwards
    claimed : whether the figure realised is the organiser's own
    source : who says so
    """

    indicator: Annotated[Line, Field(min_length=1)]
    unit: Line = ""
    planned: Number | None = None
    planned_most: Number | None = None
    realised: Number | None = None
    realised_most: Number | None = None
    claimed: bool = False
    source: Line = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("planned", "realised"):
            least, most = getattr(self, name), getattr(self, f"{name}_most")
            if most is not None and (least is None or most < least):
                raise ValueError(f"{name} runs from {least} to {most}; give the smaller one first")
        if self.planned is None and self.realised is None:
            raise ValueError(f"{shown(self.indicator)!r} has neither a planned nor a realised figure")
        return self


class Money(_Part):
    """A sum of money, planned or spent.

    Attributes
    ----------
    amount : in units of the currency, not thousands
    currency : ISO 4217 alphabetic code
    year : in whose prices or of which it is; None unknown
    spent : whether it was spent, and not only planned
    claimed : whether the figure is the spender's own
    """

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    spent: bool = False
    claimed: bool = True


class Reference(_Part):
    """Where what an entry says can be read.

    Attributes
    ----------
    publisher, title, year : as cited; the year is text, since "n.d." is one
    url : http or https; "" where it is not on the web
    seen : whether who made the entry read it
    quote : the words it rests on
    retrieved : when
    """

    publisher: Line = ""
    title: Line = ""
    year: Annotated[str, Field(max_length=40), AfterValidator(_line)] = ""
    url: Annotated[str, Field(max_length=2_000), AfterValidator(_text)] = ""
    seen: bool = False
    quote: Text = ""
    retrieved: Day | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.url and not _ADDRESS.fullmatch(self.url):
            raise ValueError(f"the address {shown(self.url)!r} does not begin with http:// or https://, or has spaces")
        if not (self.publisher or self.title or self.url):
            raise ValueError("a source needs a publisher, a title or an address")
        return self


class Activity(_Part):
    """One entry.

    Attributes
    ----------
    id : stable; may carry the prefix of an IATI organisation
    title, description : by language, ISO 639
    instrument, component, category, kind, nature : of the vocabularies of these names; by default what the instrument
        usually is; category "" where none of AidData's five fits
    sender : ISO3 codes of the countries that act, one at least
    host : ISO3 codes of the countries where it takes place
    place : city or venue
    actors : offices and organisations
    audience : with whom: ISO3 codes, "vector:..." and "region:..." as `softpower.activities.audience` has them
    audience_groups : kinds of publics, of the vocabulary ``audience``
    start, end : first and last day; the end is None for what goes on, is a day, or ends at an unknown time
    date_precision : how well the start is known
    status : of the vocabulary
    series, edition : what this is an edition of, and its number: the third congress
    parent : id of the programme to which it belongs
    aims : of the vocabulary
    figures, budget, sources : with what is planned and realised, and where that can be read
    two_way : whether both sides speak, teach or learn; None unknown
    evaluation : whether an evaluation is planned or was done; None unknown
    reported : the scale as reported, in words
    confidence : of who made the entry
    note : remarks
    extra : fields of one's own
    """

    id: Id
    title: dict[str, Title]
    description: Texts = {}
    instrument: Annotated[str, _one("instrument")]
    component: Annotated[str | None, _one("component")] = None
    category: Annotated[str | None, _one("category")] = None
    kind: Annotated[str | None, _one("kind")] = None
    nature: Annotated[str | None, _one("nature")] = None
    sender: Annotated[tuple[str, ...], BeforeValidator(partial(_each, _found)), Field(min_length=1)]
    host: Annotated[tuple[str, ...], BeforeValidator(partial(_each, _found))] = ()
    place: Line = ""
    actors: tuple[Actor, ...] = ()
    audience: Annotated[tuple[str, ...], BeforeValidator(partial(_each, reach))] = ()
    audience_groups: Annotated[tuple[str, ...], _several("audience")] = ()
    start: Day
    end: Day | None = None
    date_precision: Annotated[str, _one("date_precision")] = "day"
    status: Annotated[str, _one("status")] = "held"
    series: Id | None = None
    edition: Annotated[int, Field(ge=1, le=10_000)] | None = None
    parent: Id | None = None
    aims: Annotated[tuple[str, ...], _several("aim")] = ()
    figures: tuple[Figure, ...] = ()
    budget: tuple[Money, ...] = ()
    sources: tuple[Reference, ...] = ()
    two_way: bool | None = None
    evaluation: bool | None = None
    reported: Text = ""
    confidence: Annotated[str | None, _one("confidence")] = None
    note: Text = ""
    extra: dict[Line, Text] = {}

    @model_validator(mode="before")
    @classmethod
    def _partial_dates(cls, given: Any) -> Any:
        """A year or a month stands for its first day as a start and its last as an end."""
        if not isinstance(given, Mapping):
            return given
        found = dict(given)
        for name in ("start", "end"):
            value = found.get(name)
            part = _PARTIAL.fullmatch(value.strip()) if isinstance(value, str) else None
            if part is None or (day := _partial(part, last=name == "end")) is None:
                continue
            found[name] = day
            if name == "start" and not found.get("date_precision"):
                found["date_precision"] = "month" if part[2] else "year"
        return found

    @model_validator(mode="after")
    def _whole(self) -> Self:
        usual = words("instrument")[self.instrument]
        for name in ("component", "category", "kind", "nature"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(usual, name) or ("activity" if name == "nature" else ""))
        if not self.title:
            raise ValueError("it has no title")
        if bad := [each for each in {**self.title, **self.description} if not _LANGUAGE.fullmatch(each)]:
            raise ValueError(f"{shown(bad[0])!r} is no code of a language; give ISO 639, such as en or kk")
        if not all(self.title.values()):
            raise ValueError("a title is empty")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"it ends on {self.end}, before it starts on {self.start}")
        if self.edition is not None and self.series is None:
            raise ValueError(f"it is edition {self.edition} of no series; give the id of the series")
        if self.id in (self.series, self.parent):
            raise ValueError("it is its own series or parent")
        return self

    @property
    def name(self) -> str:
        """The title in English, or else in the first language."""
        return self.title.get("en") or next(iter(self.title.values()))


def checked(record: Mapping[str, Any], *, where: str = "entry", line: int = 0) -> Activity | list[Fault]:
    """An entry, or all that is wrong with it.

    Parameters
    ----------
    record : fields by name
    where, line : what faults call the place, and its line or row; 0 where there is none

    >>> [fault.what for fault in checked({"id": "A", "title": {"en": "Expo"}, "sender": ["KAZ"], "start": "2017"})]
    ['is missing']
    """
    try:
        return Activity.model_validate(record)
    except ValidationError as error:
        return [Fault(line, _place(where, each), _what(each)) for each in error.errors(include_url=False)]


def _place(where: str, error: ErrorDetails) -> str:
    path = ".".join(str(each + 1) if isinstance(each, int) else _plain(each) for each in error["loc"])
    return f"{where}, {path}" if path else where


def _plain(text: str) -> str:
    """Text as a terminal can be given it."""
    return shown(_CONTROL.sub("", text))


def _what(error: ErrorDetails) -> str:
    kind, given = error["type"], _plain(str(error["input"]))
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is no field of an entry; put it into extra"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return f"{given!r}: {error['msg'][0].lower()}{error['msg'][1:]}"
