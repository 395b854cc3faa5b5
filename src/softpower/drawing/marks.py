"""Marks that pages and charts share: an interval, its axis, and a drawing made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval mark on a common axis: thin bar 90 %, thick bar 50 %, dot central value.

    ``tone`` says how the mark relates to the reference: the brief's own country, a peer, or an interval wholly
    above or below ``Axis.reference``.
    """

    low: float
    q25: float
    central: float
    q75: float
    high: float
    tone: Literal["focus", "peer", "above", "below"] = "peer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The axis that the interval marks of one column share; ``low`` is drawn at the left."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    reference: float | None = None


class Chart:
    """A drawing as SVG text, once for paper and wide screens and once re-drawn for a phone.

    Drawing takes a while, so it is done when a writer first asks for it: a JSON brief needs none.

    Parameters
    ----------
    wide, narrow : the two drawings, where they are at hand
    draw : gives both, where they are not
    """

    def __init__(self, wide: str = "", narrow: str = "", *, draw: Callable[[], tuple[str, str]] | None = None) -> None:
        self._draw = draw or (lambda: (wide, narrow))

    @cached_property
    def _both(self) -> tuple[str, str]:
        return self._draw()

    @property
    def wide(self) -> str:
        """For paper and wide screens."""
        return self._both[0]

    @property
    def narrow(self) -> str:
        """For a phone."""
        return self._both[1]
