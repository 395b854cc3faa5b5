"""The plots of an index by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softpower.drawing.frame import Chart
from softpower.errors import BadRequest
from softpower.index.plots.bars import bars
from softpower.index.plots.conversion import conversion
from softpower.index.plots.correlation import correlation
from softpower.index.plots.distribution import distribution
from softpower.index.plots.framework import framework
from softpower.index.plots.intervals import acceptability, dots, ranks
from softpower.index.result import Index

# Of one node each; the others below are of the whole index.
OF_A_NODE: dict[str, Callable[..., Chart]] = {
    "bars": bars,
    "dots": dots,
    "ranks": ranks,
    "acceptability": acceptability,
    "distribution": distribution,
}
KINDS = (*OF_A_NODE, "correlation", "framework", "conversion")


def plot(index: Index, kind: str, node: str = "", **options: Any) -> Chart:
    """A plot of an index.

    Parameters
    ----------
    kind : "bars", "dots", "ranks", "acceptability", "distribution", "correlation", "framework" or "conversion"
    node : by default the first top node; of "distribution" also an indicator; of "correlation" by default all
    options : of the function of this name in `softpower.index.plots`: ``units``, ``top``, ``theme`` and others

    Raises
    ------
    BadRequest
        There is no such kind, or it has no such option.
    """
    if kind not in KINDS:
        raise BadRequest(f"there is no plot {kind!r} of an index; there are {', '.join(KINDS)}")
    try:
        return _drawn(index, kind, node, options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise BadRequest(f"a plot of {kind} has no option {str(error).rpartition(' ')[2]}") from error


def _drawn(index: Index, kind: str, node: str, options: dict[str, Any]) -> Chart:
    if kind in OF_A_NODE:
        return OF_A_NODE[kind](index, node or index.model.variant(index.variant).tops[0], **options)
    if kind == "correlation":
        return correlation(index, node, **options)
    if kind == "framework":
        return framework(index.model, variant=index.variant, **options)
    from softpower.index.conversion import conversion as convert

    return conversion(convert(index), index, **options)
