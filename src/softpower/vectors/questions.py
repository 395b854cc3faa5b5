"""Which roll calls put the same question again, so that what a question asks can be held fixed between sessions.

The General Assembly votes on many resolutions of one title year after year. Roll calls are taken for one question if a
title of theirs is the same but for case, figures, punctuation and small words, occurs once in either session, and comes
back within three sessions. A title says less than a text: where a resolution changed under an old title, the link is
wrong, and the model's random walk has to give way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Sessions between two roll calls of one title, at most; letters that a title must have to say anything.
REACH = 3
FEWEST_LETTERS = 12
_SMALL = re.compile(r"\b(?:the|of|and|on|in|to|a|an|for)\b")


def plain_title(text: str | None) -> str:
    """A title reduced to what repeats from year to year.

    >>> plain_title("The Syrian Golan : resolution / adopted by the General Assembly")
    'syrian golan'
    """
    head = re.split(r"\s*:\s*resolution\b", (text or "").lower())[0]
    return " ".join(_SMALL.sub(" ", re.sub(r"[^a-z ]", " ", head)).split())


def same_question(session: Ints, titles: Sequence[Sequence[str | None]]) -> Ints:
    """Code of the question that each roll call puts.

    Parameters
    ----------
    session : shape (roll call,)
    titles : of each roll call the texts that may be its title; of some years the short one is, of others the long one

    Returns
    -------
    array, shape (roll call,)
        Codes from 0; roll calls with the same code put the same question.

    >>> titles = [["Nuclear disarmament"], ["NUCLEAR DISARMAMENT, 2006"], ["Syrian Golan"], [None]]
    >>> same_question(np.array([60, 61, 61, 66]), titles).tolist()
    [0, 0, 1, 2]
    """
    calls: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for call, texts in enumerate(titles):
        for title in {plain_title(text) for text in texts}:
            if len(title) >= FEWEST_LETTERS:
                calls[title][int(session[call])].append(call)
    first = list(range(len(titles)))

    def root(call: int) -> int:
        while first[call] != call:
            first[call] = first[first[call]]
            call = first[call]
        return call

    for by_session in calls.values():
        alone = [(at, found[0]) for at, found in sorted(by_session.items()) if len(found) == 1]
        for (before, one), (after, other) in pairwise(alone):
            if after - before <= REACH:
                low, high = sorted((root(one), root(other)))
                first[high] = low
    _, codes = np.unique([root(call) for call in range(len(titles))], return_inverse=True)
    return codes.astype(np.int64)
