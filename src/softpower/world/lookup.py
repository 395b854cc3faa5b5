"""One country, by its code or by any of its names; who asks for one that there is not is told which resemble it."""

from __future__ import annotations

from softpower.errors import AmbiguousName, UnknownCountry
from softpower.world.names import LONGEST, bearers, nearest, shown
from softpower.world.table import Country, by_iso3


def country(iso3: str) -> Country:
    """The country with exactly this ISO3 code; `find` also takes names and other codes.

    Raises
    ------
    UnknownCountry
        No country or territory has it; the message names those it resembles.

    >>> country("KAZ").capital
    'Astana'
    """
    try:
        return by_iso3()[iso3]
    except KeyError:
        raise UnknownCountry(shown(iso3), nearest=nearest(iso3)) from None


def find(text: str) -> Country:
    """The country that ``text`` names.

    Parameters
    ----------
    text : ISO2, ISO3 or numeric code (398, 31 or 031), a name in any of the six UN languages, Kazakh or Turkish, a
        formal name, or an alias; any case, with or without accents; also inverted ("Korea, Republic of")

    Raises
    ------
    UnknownCountry
        Nobody bears this name; up to three that resemble it are listed.
    AmbiguousName
        Several do: "Congo", "Korea".

    >>> find("turkiye").iso3, find("Қазақстан").iso3, find("516").name
    ('TUR', 'KAZ', 'Namibia')
    """
    if len(text) > LONGEST:
        raise UnknownCountry(shown(text))
    found = bearers(text)
    if not found:
        raise UnknownCountry(shown(text), nearest=nearest(text))
    if len(found) > 1:
        raise AmbiguousName(text, found)
    return by_iso3()[found[0]]
