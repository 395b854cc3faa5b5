"""The cells an index is built on, and the draws of those that are missing or known with error.

A wrong guess of a missing cell lasts: the deviation of a unit in an indicator is drawn once for all years. How far an
error lasts the model says (`softpower.index.steps.Uncertainty.errors_last`); wholly, where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from softpower.index.designs import Designs, options, stream
from softpower.index.filling import across_units, over_time
from softpower.index.impute import Joint, best_guess, draw_missing
from softpower.index.model import Impute, Model
from softpower.index.panel import Panel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a panel flattened to rows (year, unit).

    Attributes
    ----------
    central : for each way to impute the cells under it, shape (row, indicator); NaN where it leaves a gap
    rows : for each indicator the rows whose cell is uncertain
    gaps : for each indicator how many of these are missing cells; they come first, cells known with error follow
    drawn : for each indicator the draws of these cells, shape (draw, uncertain row)
    """

    central: Sequence[Array]
    rows: Sequence[Ints]
    gaps: Sequence[int]
    drawn: Sequence[Array]

    def take(self, draws: slice | Sequence[int]) -> Cells:
        """Some of the replications."""
        at = draws if isinstance(draws, slice) else np.asarray(draws)
        return Cells(self.central, self.rows, self.gaps, [each[at] if len(each) else each for each in self.drawn])

    def mix(self, gaps: Ints, errors: Ints) -> Cells:
        """Replications whose gaps are drawn as in some, and whose errors as in others; both of shape (draw,)."""
        drawn = [
            np.concatenate([each[gaps, :count], each[errors, count:]], axis=1)
            for each, count in zip(self.drawn, self.gaps, strict=True)
        ]
        return replace(self, drawn=drawn)

    def only(self, alive: NDArray[np.bool_]) -> Cells:
        """The central cells of units that take part, shape (year, unit); the others have none."""
        return replace(self, central=[np.where(alive.reshape(-1, 1), each, np.nan) for each in self.central])


def exact_cells(model: Model, panel: Panel) -> Cells:
    """The cells without errors, gaps at their best guess under the central imputation; one draw."""
    nothing = [np.empty(0, dtype=np.int64)] * len(panel.indicators)
    central = _Way.of(model, panel, model.impute).filled
    return Cells([central], nothing, [0] * len(nothing), [np.empty((1, 0))] * len(nothing))


def draw_cells(model: Model, panel: Panel, designs: Designs, *, seed: int) -> Cells:
    """Draw what is missing and what is known with error.

    Parameters
    ----------
    designs : say which imputation each replication takes
    seed : start of the random streams
    """
    draws, countries = len(designs), np.tile(np.arange(len(panel.units)), len(panel.years))
    steps = options(model, "impute")
    taken = designs.methods["impute"]
    ways = {way: _Way.of(model, panel, steps[way]) for way in np.unique(taken).tolist()}
    alive = np.flatnonzero(panel.alive.ravel())
    columns = [*((name,) for name in panel.indicators), *(("context", str(k)) for k in range(panel.context.shape[2]))]
    filled = {
        way: draw_missing(
            each.joint,
            draws=draws,
            rng=stream(seed, "missing"),
            columns=[stream(seed, "missing", *name) for name in columns],
            groups=countries[alive],
        )
        for way, each in ways.items()
        if each.joint is not None
    }
    missing = panel.alive.ravel()[:, None] & np.isnan(panel.value.reshape(len(countries), -1))
    erring = np.any([each.se > 0 for each in ways.values()], axis=0) & model.uncertainty.errors
    rows, gaps, drawn = [], [], []
    for k, name in enumerate(panel.indicators):
        holes = np.flatnonzero(missing[:, k] & (erring[:, k] | bool(filled)))
        known = np.flatnonzero(erring[:, k] & ~missing[:, k])
        at = np.concatenate([holes, known])
        values = np.empty((draws, len(at)))
        noise = _noise(seed, name, draws, at, panel, model.errors_last(name))
        for way, each in ways.items():
            chosen = np.flatnonzero(taken == way)
            values[chosen] = each.filled[at, k] + each.se[at, k] * model.uncertainty.errors * noise[chosen]
            if way in filled:
                assert each.joint is not None
                place, column = np.nonzero(np.isnan(each.joint.cells))
                own = np.flatnonzero(column == k)
                values[np.ix_(chosen, np.searchsorted(holes, alive[place[own]]))] = filled[way][np.ix_(chosen, own)]
        rows.append(at)
        gaps.append(len(holes))
        drawn.append(values)
    whole = np.full(missing.shape, np.nan)
    return Cells([ways[way].filled if way in ways else whole for way in range(len(steps))], rows, gaps, drawn)


def _noise(seed: int, name: str, draws: int, rows: Ints, panel: Panel, lasting: float | None) -> Array:
    """Standard normal deviates of cells of an indicator, shape (draw, cell).

    Two of one unit in different years correlate by ``lasting`` (None for 1): a deviate that all years share times
    sqrt(lasting), plus one of the year times sqrt(1 - lasting). Each year has a stream of its own, named after it, so
    that another year more changes none of the others.

    Parameters
    ----------
    rows : rows of the cells in the panel, shape (cell,)
    """
    units = len(panel.units)
    if not rows.size:
        return np.empty((draws, 0))
    noise: Array = stream(seed, "error", name).standard_normal((draws, units))[:, rows % units]
    if lasting is None or lasting == 1:
        return noise
    own = np.empty_like(noise)
    for place in np.unique(rows // units).tolist():
        here = rows // units == place
        of_year = stream(seed, "error", name, str(panel.years[place])).standard_normal((draws, units))
        own[:, here] = of_year[:, rows[here] % units]
    mixed: Array = np.sqrt(lasting) * noise + np.sqrt(1 - lasting) * own
    return mixed


@dataclass(frozen=True, slots=True)
class _Way:
    """The cells under one imputation, shape (row, indicator): best guesses, errors, and what gaps are drawn from."""

    filled: Array
    se: Array
    joint: Joint | None

    @classmethod
    def of(cls, model: Model, panel: Panel, step: Impute) -> _Way:
        base, se = over_time(panel, step)
        alive = panel.alive.ravel()
        if step.method == "none" or not np.isnan(base[alive]).any():
            return cls(base, se, None)
        if step.method != "posterior":
            return cls(across_units(model, panel, step, base), se, None)
        context = panel.context.reshape(len(base), -1)
        joint = Joint.of(np.concatenate([base, context], axis=1)[alive])
        filled = base.copy()
        filled[alive] = best_guess(joint)[:, : base.shape[1]]
        return cls(filled, se, joint)
