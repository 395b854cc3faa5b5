"""Measure soft power and public diplomacy: potential, performance, and how sure anyone can be.

>>> import softpower
>>> softpower.find("Türkiye").iso3
'TUR'

What is named in ``__all__`` is promised; everything else may change. The names are loaded when first used, so that
``import softpower`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softpower.brief.compose import write_brief
    from softpower.errors import SoftPowerError
    from softpower.evidence.indicators import indicators
    from softpower.evidence.observations import observations
    from softpower.evidence.sources import sources
    from softpower.index import Index, Model, Trend, build_trend
    from softpower.index.building import build
    from softpower.world import countries, find, members

    __version__: str

__all__ = [
    "Index",
    "Model",
    "SoftPowerError",
    "Trend",
    "__version__",
    "build",
    "build_trend",
    "countries",
    "find",
    "indicators",
    "members",
    "observations",
    "sources",
    "write_brief",
]

_HOMES = {
    "Index": "softpower.index",
    "Model": "softpower.index",
    "SoftPowerError": "softpower.errors",
    "Trend": "softpower.index",
    "build": "softpower.index",
    "build_trend": "softpower.index",
    "countries": "softpower.world",
    "find": "softpower.world",
    "indicators": "softpower.evidence",
    "members": "softpower.world",
    "observations": "softpower.evidence",
    "sources": "softpower.evidence",
    "write_brief": "softpower.brief",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home, and remember it."""
    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("softpower")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'softpower' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
