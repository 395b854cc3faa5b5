"""Ids for entries whose author gives none: who acts, when, and the first words of the title, in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, Final

# Cyrillic of Russian, Kazakh, Kyrgyz, Tajik, Ukrainian and Uzbek, about as passports have it.
_CYRILLIC: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіїєґўҳҷӣӯ"
_LETTERS: Final = (
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch - y - e iu ia a g q n o u u h i i e g u h j i u"
)
_LATIN: Final = dict(zip(_CYRILLIC, _LETTERS.split(), strict=True))
LONGEST: Final = 110
WORDS: Final = 4


def made_id(record: Mapping[str, Any], taken: Collection[str]) -> str:
    """An id that is not taken.

    >>> record = {"sender": ["KAZ"], "start": "2026-03-21", "title": {"kk": "Наурыз думаны"}}
    >>> made_id(record, ()), made_id(record, {"KAZ-2026-NAURYZ-DUMANY"})
    ('KAZ-2026-NAURYZ-DUMANY', 'KAZ-2026-NAURYZ-DUMANY-2')
    """
    from softpower.errors import SoftPowerError
    from softpower.world import find

    try:
        sender = find(record["sender"][0]).iso3
    except SoftPowerError:  # told with the other faults of the entry
        sender = "X"
    words = re.findall(r"[A-Z0-9]+", _latin(next(iter(record["title"].values()))))[:WORDS] or ["ACTIVITY"]
    name = "-".join([sender, record["start"][:4], *words])[:LONGEST]
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def _latin(text: str) -> str:
    letters = "".join(_LATIN.get(each, each).replace("-", "") for each in unicodedata.normalize("NFC", text).lower())
    return unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode().upper()
