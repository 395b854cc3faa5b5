"""Results kept in the cache as JSON, under the data, the code and the libraries that they were made with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from softpower import storage


def kept(
    room: str, parts: tuple[object, ...], make: Callable[[], Any], *, code: Sequence[str], libraries: Sequence[str]
) -> Any:
    """What ``make`` gives, as JSON gives it back; made once for the same ``parts``, data, code and libraries.

    Parameters
    ----------
    room : who asks: equal parts of two rooms are two results
    parts : what decides the result besides the bundled tables, with a ``repr`` that is the same on every machine
    make : gives lists, dicts, strings and numbers; NaN and infinities are kept
    code : packages and modules below ``softpower`` that make it
    libraries : distributions that compute it
    """
    key = f"{room} {parts!r} {_made_of(str(storage.DATA), tuple(code), tuple(libraries))}"
    return json.loads(storage.cached(key, lambda: json.dumps(make()).encode()))


@lru_cache
def _made_of(_folder: str, code: tuple[str, ...], libraries: tuple[str, ...]) -> str:
    return " ".join((storage.data_version(), storage.code_version(*code), *map(version, libraries)))
