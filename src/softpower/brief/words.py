"""Numbers and intervals in words, the same everywhere in a brief.

Minus is U+2212; a range of positives takes an en dash, one with a negative bound takes "to". A rank is never written
without its interval: the only functions here that print one take all three.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

MINUS = "−"
DASH = "–"
# Unit of a difference between two ranks.
PLACES = "places, plus is up"
# Unit of a share, a number from 0 to 1.
SHARE = "share 0-1"

Side = Literal["above", "below", "neither"]
Lean = Literal["above", "probably above", "neither", "probably below", "below"]

# Share of replications on one side of zero from which on a difference is called probable.
PROBABLE = 0.8


def ordinal(number: int) -> str:
    """The English ordinal.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112, 123)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th', '123rd']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_NUMERAL = re.compile(r"\b([1-9]\d?)(?:st|nd|rd|th)\b")


def in_letters(text: str) -> str:
    """``text`` with ordinals of up to two digits in letters, for names that hold one: "5th Games" is no rank.

    >>> in_letters("5th World Nomad Games"), in_letters("CICA, 28th round"), in_letters("40th")
    ('Fifth World Nomad Games', 'CICA, twenty-eighth round', 'Fortieth')
    """

    def spell(found: re.Match[str]) -> str:
        number = int(found[1])
        tens, ones = divmod(number, 10)
        if number < len(_ORDINALS):
            word = _ORDINALS[number]
        else:
            word = f"{_TENS[tens - 2]}-{_ORDINALS[ones]}" if ones else f"{_TENS[tens - 2][:-1]}ieth"
        return sentence(word) if found.start() == 0 else word

    return _NUMERAL.sub(spell, text)


def ordinal_range(low: int, high: int) -> str:
    """Two ranks as one range; both also where they are the same, since one alone would look like a bare rank.

    >>> ordinal_range(44, 61), ordinal_range(1, 1)
    ('44th–61st', '1st–1st')
    """
    return f"{ordinal(low)}{DASH}{ordinal(high)}"


def rank_in_full(central: int, low: int, high: int, of: int) -> str:
    """A rank as a brief states it.

    >>> rank_in_full(51, 44, 61, 150)
    '44th–61st of 150 (90% interval; central 51st)'
    """
    return f"{ordinal_range(low, high)} of {of} (90% interval; central {ordinal(central)})"


def rank_range(low: int, high: int) -> str:
    """The interval of a rank in a table, written like `ordinal_range`.

    >>> rank_range(31, 55), rank_range(59, 59)
    ('31–55', '59–59')
    """
    return f"{low}{DASH}{high}"


def number(value: float, digits: int = 0) -> str:
    """A number with thousands separated and a real minus.

    >>> number(-1234.56, 1), number(-0.04, 1)
    ('−1,234.6', '0.0')
    """
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) != 0 else text


def signed(value: float, digits: int = 0) -> str:
    """A difference: always with its sign, unless it rounds to zero.

    >>> signed(4.2), signed(-4.2, 1), signed(0.04, 1)
    ('+4', '−4.2', '0.0')
    """
    text = number(value, digits)
    return f"+{text}" if value > 0 and float(text.replace(",", "")) != 0 else text


def signed_range(low: float, high: float, digits: int = 0) -> str:
    """The interval of a difference.

    >>> signed_range(-5.5, 4.46, 1), signed_range(0, 0)
    ('−5.5 to +4.5', '0 to 0')
    """
    return f"{signed(low, digits)} to {signed(high, digits)}"


def amount(value: float) -> str:
    """A quantity as people say it: three or four significant digits, millions and billions in words.

    >>> [amount(v) for v in (2724900, 20843800, 2.44e11, 40742, 12.34, 0.837, 54.8764, -0.37, 0, 9999.6, 6)]
    ['2.72 million', '20.8 million', '244 billion', '40,742', '12.3', '0.837', '54.9', '−0.370', '0', '10,000', '6']
    """
    size = abs(value)
    for bound, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if size >= bound:
            return f"{_significant(value / bound)} {word}"
    if float(value).is_integer() or size >= 1000:
        return number(value)
    return _significant(value)


def _significant(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3
    return number(value, digits)


# Units that are scales: a number cannot be said to be so many of them.
_SCALES = {"1-5": "from 1 to 5", "0-1": "from 0 to 1", "index 0-1": "from 0 to 1", "standard normal": "standard normal"}

# Units whose name is another for one.
_ONE = {"arrivals": "arrival", "countries": "country", "persons": "person", "routes": "route"}


def quantity(value: float, unit: str) -> str:
    """A value with its unit.

    >>> quantity(54.8764, "%"), quantity(2.44e11, "constant 2015 US$"), quantity(6, "count")
    ('54.9%', '244 billion constant 2015 US$', '6')
    >>> quantity(2.7, "1-5"), quantity(1, "routes")
    ('2.70 (from 1 to 5)', '1 route')
    """
    if unit == "count":
        return amount(value)
    if value == 1 and unit in _ONE:
        return f"1 {_ONE[unit]}"
    if unit == "%":
        return f"{amount(value)}%"
    if unit in _SCALES:
        return f"{amount(value)} ({_SCALES[unit]})"
    if unit.startswith("% "):
        return f"{amount(value)}{unit}"
    return f"{amount(value)} {unit}"


def lean(low: float, high: float, above: float, below: float, *, clear: float) -> Lean:
    """How surely a difference lies on one side of zero.

    Parameters
    ----------
    low, high : its 90% interval
    above, below : shares of replications on either side of zero
    clear : share from which on another set of replications would say the same: `softpower.index.estimate.beyond`

    >>> [lean(low, 9, above, 1 - above, clear=0.961) for low, above in ((0.5, 0.98), (0.1, 0.953), (-3, 0.7))]
    ['above', 'probably above', 'neither']
    """
    if low > 0 and above >= clear:
        return "above"
    if high < 0 and below >= clear:
        return "below"
    return "probably above" if above >= PROBABLE else "probably below" if below >= PROBABLE else "neither"


def side(leaning: Lean) -> Side:
    """The side, where it is clear."""
    return leaning if leaning in ("above", "below") else "neither"


def chance(share: float) -> str:
    """A probability in words that make no more of it than the draws allow.

    >>> [chance(p) for p in (0.0, 0.03, 0.5, 0.998, 1.0)]
    ['under 1%', '3%', '50%', 'over 99%', 'over 99%']
    """
    if share < 0.01:
        return "under 1%"
    return "over 99%" if share > 0.99 else f"{share * 100:.0f}%"


def mid(title: str) -> str:
    """A title as it stands inside a sentence: without its capital, unless that belongs to a name.

    >>> mid("Internet users"), mid("World Heritage sites"), mid("UN peacekeepers contributed")
    ('internet users', 'World Heritage sites', 'UN peacekeepers contributed')
    >>> mid("Without UN peacekeepers contributed")
    'without UN peacekeepers contributed'
    """
    first, *rest = title.split(" ")
    if first in ("With", "Without"):
        return title[0].lower() + title[1:]
    is_name = (len(first) > 1 and first.isupper()) or any(word[:1].isupper() for word in rest)
    return title if is_name else title[0].lower() + title[1:]


def sentence(text: str) -> str:
    """``text`` with a capital at its start.

    >>> sentence("potential rose")
    'Potential rose'
    """
    return text[0].upper() + text[1:]


# Names of states that English sets after "the".
_ARTICLE = re.compile(
    r"^(United |Democratic |Central African |Dominican Republic|Republic of |Russian Federation|Syrian Arab |Lao People"
    r"|DR |DPR |Lao PDR|Congo$|Bahamas|Comoros|Gambia|Maldives|Netherlands|Philippines|Seychelles|.* Islands$)"
)


def the(name: str) -> str:
    """The name of a state as it stands in a sentence.

    >>> the("Kazakhstan"), the("United States of America"), the("Solomon Islands")
    ('Kazakhstan', 'the United States of America', 'the Solomon Islands')
    """
    return f"the {name}" if _ARTICLE.match(name) else name


def listing(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def years(first: int, last: int, how_many: int) -> str:
    """The observed years behind a value.

    >>> years(2018, 2018, 1), years(2022, 2023, 2), years(2021, 2023, 3), years(2019, 2023, 3)
    ('2018', 'mean of 2022 and 2023', 'mean of 2021–2023 (3 years)', 'mean of 3 years in 2019–2023')
    """
    if how_many <= 1:
        return str(last)
    if how_many < last - first + 1:
        return f"mean of {how_many} years in {first}{DASH}{last}"
    return f"mean of {first} and {last}" if how_many == 2 else f"mean of {first}{DASH}{last} ({how_many} years)"


def count(number_of: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "state"), count(5, "state"), count(2, "country", "countries")
    ('1 state', '5 states', '2 countries')
    """
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"


def round_ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers across a range, for an axis.

    >>> round_ticks(0, 150), round_ticks(-7.3, 11.2)
    ([0.0, 50.0, 100.0, 150.0], [-5.0, 0.0, 5.0, 10.0])
    """
    rough = (high - low) / wanted
    scale = 10.0 ** np.floor(np.log10(rough))
    step = next(scale * factor for factor in (1, 2, 2.5, 5, 10) if scale * factor >= rough * 0.999)
    first = np.ceil(low / step)
    return [float(step * place) for place in np.arange(first, np.floor(high / step) + 1)]
