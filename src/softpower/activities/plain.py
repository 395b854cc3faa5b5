"""Results as plain lists, texts and numbers, for JSON: what is unknown is null."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any


def plain(value: object) -> Any:
    """``value`` with dataclasses as mappings, days in ISO 8601, and null for what is not finite.

    >>> plain((date(2017, 6, 10), float("nan"), {"a": (1,)}))
    ['2017-06-10', None, {'a': [1]}]
    """
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
