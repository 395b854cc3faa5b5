"""Results kept in the cache as JSON: what one country's profile needs from matrices of the whole world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softpower.evidence.kept import kept as kept_by


def kept(parts: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """What ``make`` gives, as JSON gives it back; made once for the same ``parts``, data and code.

    Parameters
    ----------
    parts, make : as for `softpower.evidence.kept.kept`
    """
    return kept_by("vectors", parts, make, code=("vectors", "evidence", "world"), libraries=("numpy",))
