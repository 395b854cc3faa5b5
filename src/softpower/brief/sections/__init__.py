"""The sections of a brief, in the order of its pages.

A section is a function ``(Context) -> Section | None``; None leaves it out. To add one, write the function in a module
of its own and name it here. No section imports another.
"""

from __future__ import annotations

from collections.abc import Callable

from softpower.brief.context import Context
from softpower.brief.section import Section
from softpower.brief.sections.activities import what_it_did
from softpower.brief.sections.annex import annex
from softpower.brief.sections.completeness import completeness
from softpower.brief.sections.conversion import conversion
from softpower.brief.sections.opening import opening
from softpower.brief.sections.profile import profile
from softpower.brief.sections.ties import with_whom
from softpower.brief.sections.trend import trend
from softpower.brief.sections.what_if import what_if

SECTIONS: tuple[Callable[[Context], Section | None], ...] = (
    opening,
    conversion,
    with_whom,
    what_it_did,
    profile,
    trend,
    what_if,
    completeness,
    annex,
)
