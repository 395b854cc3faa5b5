"""Results kept in the cache as JSON: what one country's profile needs from matrices of the whole world."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from softpower import storage


def kept(parts: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """What ``make`` gives, as JSON gives it back; made once for the same ``parts``, data and code.

    Parameters
    ----------
    parts : what decides the result besides the bundled data, with a ``repr`` that is the same on every machine
    make : gives lists, dicts, strings and numbers; NaN and infinities are kept
    """
    key = f"vectors {parts!r} {_made_of(str(storage.DATA))}"
    return json.loads(storage.cached(key, lambda: json.dumps(make()).encode()))


@lru_cache
def _made_of(_folder: str) -> str:
    return f"{storage.data_version()} {storage.code_version('vectors', 'evidence', 'world')} {version('numpy')}"
