"""When states came into being as publishers report them today.

``data/world/statehood.toml`` has the years and their source; ``docs/borders.md`` states the policy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from softpower.storage import bundled_text


@cache
def beginnings() -> Mapping[str, int]:
    """Year in which each state or territory began to be reported as it is, by ISO3 code.

    Independence, a union, or the end of one: Serbia stands with 2006, when its union with Montenegro ended. States
    older than the United Nations have no entry.

    >>> beginnings()["KAZ"], beginnings()["SRB"], "FRA" in beginnings()
    (1991, 2006, False)
    """
    tables = tomllib.loads(bundled_text("world/statehood.toml"))
    return MappingProxyType({**tables["state"], **tables["apart"]})
