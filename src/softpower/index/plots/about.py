"""What all plots of an index share: who is shown and how named, what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from softpower import storage
from softpower.drawing.frame import NAME_WIDTH
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL
from softpower.drawing.rows import shortened
from softpower.errors import NotEnoughData
from softpower.index.model import Model
from softpower.index.result import Index

MARKS = "Thin bar: 90% of replications; thick bar: 50%; dot: central value"


@dataclass(frozen=True, slots=True)
class Shown:
    """The units of a plot, in its order.

    Attributes
    ----------
    places : in ``index.units``
    names : what they are called, each once, short enough for a label
    named : whether a unit was asked for by name while others stand beside it
    """

    places: tuple[int, ...]
    names: tuple[str, ...]
    named: tuple[bool, ...]

    @property
    def tones(self) -> tuple[str, ...]:
        """Colour of each: grey beside one that was asked for, else blue."""
        some = any(self.named)
        return tuple("focus" if mine or not some else "peer" for mine in self.named)


def shown(index: Index, node: str, units: Sequence[str] = (), top: int | None = None) -> Shown:
    """The units to show, the highest score first: those named, or the ``top`` ones and those named, or all.

    Raises
    ------
    UnknownCountry
        A unit is not ranked.
    UnknownNode
        The model has no such node.
    NotEnoughData
        None of them has a score in the node.
    """
    scored, scores = index.scored(node), index.scores(node).value
    wanted = {index.unit(unit) for unit in units}
    order = sorted(scored.nonzero()[0].tolist(), key=lambda place: (-scores[place], index.units[place]))
    alone = bool(wanted) and top is None
    kept = [place for rank, place in enumerate(order) if place in wanted or (not alone and (top is None or rank < top))]
    if not kept:
        raise NotEnoughData(f"none of {', '.join(units)} has a score in {node}")
    return Shown(tuple(kept), called(index, kept), tuple(place in wanted and not alone for place in kept))


def called(index: Index, places: Sequence[int]) -> tuple[str, ...]:
    """Names of units, short enough for a label; where two would be called the same, with their codes."""
    full = [visible(index.name_of(index.units[place])) for place in places]
    short = [shortened(name, LABEL, NAME_WIDTH) for name in full]
    return tuple(
        name if short.count(name) == 1 else shortened(f"{visible(index.units[place])} {name}", LABEL, NAME_WIDTH)
        for name, place in zip(short, places, strict=True)
    )


def source_line(index: Index, node: str = "") -> str:
    """Who published what the scores of a node rest on, and how they were made."""
    made = f"softpower model {index.model.id}, {index.draws:,} replications, seed {index.seed}"
    return f"Source: {_published(index, node)}; own calculation ({made}, data {index.data_version})."


def _published(index: Index, node: str) -> str:
    if index.data_version != storage.data_version():
        return "the table given"
    from softpower.evidence import indicator, source

    built = index.model.variant(index.variant)
    leaves = [node] if node in built.indicators else built.leaves(node) if node else tuple(built.indicators)
    ids = dict.fromkeys(indicator(built.indicators[leaf].series).source_id for leaf in leaves)
    return "; ".join(dict.fromkeys(source(id).attribution.rstrip(". ") for id in ids))


def heading(index: Index, id: str) -> str:
    """Title of a node or an indicator with the year, where there is one."""
    return f"{index.model.title_of(id).strip()}{f' {index.year}' if index.year else ''}"


def unit_of(index: Index, indicator: str) -> str:
    """The unit of an indicator as published."""
    from softpower.evidence import indicator as series

    mine = index.model.indicators[indicator]
    if mine.unit:
        return visible(mine.unit)
    bundled = index.data_version == storage.data_version()
    unit = series(mine.series).unit if bundled else "as in the table"
    return f"{unit}, per {mine.per:g} of {mine.denominator}" if mine.denominator else unit


def points(model: Model) -> str:
    """The unit of scores."""
    if model.scale is None:
        return "points"
    return f"points, mean {model.scale.mean:g}, standard deviation {model.scale.sd:g} over the ranked units"
