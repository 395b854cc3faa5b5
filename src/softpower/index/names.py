"""Names that people get wrong: which are meant, and which there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from softpower.errors import BadRequest
from softpower.index.model import Model

# Longer names nobody misspelt.
LONGEST_NAME = 60
# As many names are shown that look like one.
MOST_NEAR = 3
# Shorter names are parts of many others, and like none of them.
SHORTEST_WORD = 4
# As many names are listed in full.
LISTED = 60


def nearest(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Known names that look like one, best first, at most three; capital letters do not matter.

    Names spelt much alike come before those that share a word.

    >>> nearest("X", ["x", "year", "museums"]), nearest("tpo", ["p", "top"])
    (('x',), ('top',))
    >>> nearest("goverment", ["area", "government_effectiveness", "governance"])
    ('governance', 'government_effectiveness')
    """
    if len(name) > LONGEST_NAME:
        return ()
    from rapidfuzz import process

    alike: dict[str, list[str]] = {}
    for each in sorted(known):
        alike.setdefault(each.lower(), []).append(each)
    close = get_close_matches(name.lower(), alike, n=MOST_NEAR)
    words = [each for each in alike if len(each) >= SHORTEST_WORD and len(name) >= SHORTEST_WORD]
    close += [each for each, _, _ in process.extract(name.lower(), words, limit=MOST_NEAR, score_cutoff=60)]
    return tuple(dict.fromkeys(own for each in close for own in alike[each]))[:MOST_NEAR]


def listed(names: Collection[str]) -> str:
    """Names one after the other, as many as one reads.

    >>> listed(["a", "b"]), listed([])
    ('a, b', 'none')
    """
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{', '.join([*names][:LISTED]) or 'none'}{more}"


def refuse_unknown(model: Model, asked: Mapping[str, str]) -> None:
    """Refuse parts that a model does not have: all at once, each with where it was asked for and its like.

    Parameters
    ----------
    asked : where each part was asked for, such as "w.csv, row 2" or "--without"

    Raises
    ------
    BadRequest
        Some part is unknown.
    """
    parts = [*model.nodes, *model.indicators]
    faults = []
    for name, where in asked.items():
        if name not in parts:
            near = nearest(name, parts)
            faults.append(f"{where}: unknown part {name!r}" + (f", nearest: {', '.join(near)}" if near else ""))
    if faults:
        raise BadRequest(f"{'; '.join(faults)}.  Parts of {model.file}: {listed(parts)}")
