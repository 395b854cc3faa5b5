"""The array an index is built on: one value for each year, unit and indicator, and beside each what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


class CellStatus(IntEnum):
    """What a cell is."""

    MISSING = 0
    OBSERVED = 1
    ESTIMATED = 2
    BRIDGED = 3
    CARRIED = 4
    ZERO = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """Cells of a model, before normalisation.

    Attributes
    ----------
    units : ISO3 codes; years, indicators : the other two axes
    raw : array, shape (year, unit, indicator), in the published unit; NaN where missing
    value : same shape, transformed and directed: more is stronger
    se : standard error in the scale of ``value``: published error and drift since the last observation; zero where none
    latest, first : last and first observed year that entered a cell, 0 where none
    count : observed years that entered a cell
    status : `CellStatus` of each cell
    context : array, shape (year, unit, 2): logarithms of size and wealth, NaN where unknown; (year, unit, 0) where the
        model names neither
    alive : units that take part in a year, shape (year, unit)
    names : what the units are called; by default their codes
    labels : groups of the units by the name of the grouping, shape (year, unit); "" where unknown
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    indicators: tuple[str, ...]
    raw: Array
    value: Array
    se: Array
    latest: Ints
    first: Ints
    count: Ints
    status: Ints
    context: Array
    alive: NDArray[np.bool_]
    names: tuple[str, ...] = ()
    labels: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        raw: Array,
        value: Array,
        *,
        units: Sequence[str],
        years: Sequence[int],
        indicators: Sequence[str],
        se: Array | float = 0.0,
        context: Array | None = None,
        **others: Any,
    ) -> Panel:
        """A panel of plain cells: each is observed in its own year or missing.

        Parameters
        ----------
        raw, value, se : arrays, shape (year, unit, indicator), NaN where missing
        context : by default the model names neither size nor wealth
        others : ``alive``, by default all units; ``names``; ``labels``
        """
        known = np.isfinite(value)
        calendar = np.asarray(years)[:, None, None]
        return cls(
            units=tuple(units),
            years=tuple(years),
            indicators=tuple(indicators),
            raw=raw,
            value=value,
            se=np.where(known, se, 0.0),
            latest=np.where(known, calendar, 0),
            first=np.where(known, calendar, 0),
            count=known.astype(np.int64),
            status=np.where(known, CellStatus.OBSERVED, CellStatus.MISSING).astype(np.int64),
            context=np.empty((*value.shape[:2], 0)) if context is None else context,
            **{"alive": np.ones(value.shape[:2], dtype=bool), **others},
        )

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that hold something other than a guess; shape (year, unit, indicator)."""
        known: NDArray[np.bool_] = self.status != CellStatus.MISSING
        return known

    @property
    def row_names(self) -> tuple[str, ...]:
        """Code of the unit of each row (year, unit), with the year where there are several."""
        if len(self.years) == 1:
            return self.units
        return tuple(f"{unit} in {year}" for year in self.years for unit in self.units)

    def during(self, years: Sequence[int]) -> Panel:
        """The panel in some of its years."""
        rows = [self.years.index(year) for year in years]
        cut = {
            name: getattr(self, name)[rows]
            for name in ("raw", "value", "se", "latest", "first", "count", "status", "context", "alive")
        }
        labels = {name: each[rows] for name, each in self.labels.items()}
        return replace(self, years=tuple(years), labels=labels, **cut)

    def without(self, *indicators: str) -> Panel:
        """The panel less some indicators."""
        kept = [k for k, name in enumerate(self.indicators) if name not in indicators]
        cut = {
            name: getattr(self, name)[:, :, kept]
            for name in ("raw", "value", "se", "latest", "first", "count", "status")
        }
        return replace(self, indicators=tuple(self.indicators[k] for k in kept), **cut)
