"""Planned and realised figures in words, for plots and pages."""

from __future__ import annotations

import math

from softpower.activities.delivery import Range


def percent(ratio: Range) -> str:
    """A ratio in per cent.

    >>> percent((0.5, 0.625)), percent((1.0, 1.0))
    ('50\u201363%', '100%')
    """
    low, high = (f"{math.floor(100 * each + 0.5):,}" for each in ratio)
    return f"{low}%" if low == high else f"{low}\u2013{high}%"


def amount(values: Range | None) -> str:
    """A figure, or the ends of its range.

    >>> amount((4000.0, 5000.0)), amount(None)
    ('4,000\u20135,000', 'not known')
    """
    if values is None:
        return "not known"
    least, most = (f"{each:,.10g}" for each in values)
    return least if least == most else f"{least}\u2013{most}"
