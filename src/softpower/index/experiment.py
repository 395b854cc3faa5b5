"""One model on one set of data, ready to be replicated: what builds, replays and sensitivities share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from softpower.index.cells import Cells, draw_cells, exact_cells
from softpower.index.choices import variant_only
from softpower.index.designs import Designs, central_design, draw_designs
from softpower.index.joining import Watch
from softpower.index.model import Model
from softpower.index.normalise import is_constant
from softpower.index.panel import Panel
from softpower.index.prepare import passing, screened
from softpower.index.uncertainty import Replications
from softpower.index.weighing import weighed

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Experiment:
    """A model with its panel and central build.

    Attributes
    ----------
    model : with all its variants, weights that are found in the data filled in; ``variant`` is the one in use
    panel : the cells, screened
    source : the cells that gaps are filled from: those of the panel, or of all units where screening fits to "all"
    exact : central cells
    counts : cells that count as known, shape (year, unit, indicator)
    """

    model: Model
    variant: str
    panel: Panel
    source: Panel
    exact: Cells
    counts: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, panel: Panel, *, variant: str = "") -> Experiment:
        """Fill the gaps, screen, and find the weights that are to be found in the data.

        Where screening counts filled cells and removes data, the gaps of the units that are kept are filled again
        without the others, until all that are left pass.
        """
        panel = _level(panel)
        exact, counts = exact_cells(model, panel), panel.known
        source = panel
        while model.screening.counts == "filled":
            counts = np.isfinite(exact.central[0]).reshape(panel.value.shape)
            kept = screened(model, panel, counts)
            gone = panel.alive & ~kept.alive
            panel = kept
            if model.screening.fit == "all" or not gone.any():
                exact = _of_kept(exact, panel)
                break
            exact, source = exact_cells(model, panel), panel
        return cls(weighed(model, panel, exact), variant, panel, source, exact, counts)

    @cached_property
    def built(self) -> Model:
        """The model of the variant."""
        return self.model.variant(self.variant)

    @cached_property
    def without(self) -> frozenset[str]:
        """Parts that the variant leaves out."""
        return variant_only(self.model, self.variant)

    @cached_property
    def central(self) -> Replications:
        """The build without draws."""
        return Replications(self.model, self.panel, self.exact, central_design(self.model), keep=True)

    def designs(self, draws: int, seed: int) -> Designs:
        """The choices of so many replications."""
        return draw_designs(self.model, draws=draws, seed=seed)

    def cells(self, designs: Designs, seed: int) -> Cells:
        """The cells of these replications."""
        cells = draw_cells(self.model, self.source, designs, seed=seed)
        return cells if self.source is self.panel else _of_kept(cells, self.panel)

    def sampled(
        self, draws: int, seed: int, *, keep: bool = False, tell: Callable[[str], None] | None = None
    ) -> Replications:
        """Replications of the build; ``tell`` is called with a line of text where joining a node takes long."""
        designs = self.designs(draws, seed)
        watch = Watch() if tell is None else Watch(tell)
        return Replications(self.model, self.panel, self.cells(designs, seed), designs, keep=keep, watch=watch)

    def ranked(self, year: int, *others: Replications) -> Ints:
        """Rows of the panel with the units of a year that can be ranked: enough is known, every top node has a score.

        Parameters
        ----------
        others : replications in which they must have one too
        """
        place, units = self.panel.years.index(year), len(self.panel.units)
        alone = self.panel.during([year])
        enough = np.flatnonzero(passing(self.built, alone, self.counts[[place]])[0])
        rows = place * units + enough
        for each in (self.central, *others):
            for top in self.built.tops:
                scores = each.node(top, without=self.without)[:, rows]
                rows = rows[np.isfinite(scores).all(axis=0)]
        return rows

    def names(self, rows: Sequence[int] | Ints) -> tuple[str, ...]:
        """Codes of the units in these rows."""
        return tuple(self.panel.units[row % len(self.panel.units)] for row in rows)


def _level(panel: Panel) -> Panel:
    """The panel with indicators exactly constant that are so but for rounding, whose errors would fill others' gaps."""
    same = is_constant(panel.value.reshape(-1, len(panel.indicators)))
    if not same.any():
        return panel
    value = panel.value.copy()
    value[:, :, same] = np.where(np.isnan(value), np.nan, np.fmin.reduce(value, axis=(0, 1)))[:, :, same]
    return replace(panel, value=value)


def _of_kept(cells: Cells, panel: Panel) -> Cells:
    """Cells of the units that take part; the others have none, in no replication."""
    alive = panel.alive.ravel()
    stay = [alive[rows] for rows in cells.rows]
    return replace(
        cells.only(panel.alive),
        rows=[rows[own] for rows, own in zip(cells.rows, stay, strict=True)],
        gaps=[int(own[:count].sum()) for own, count in zip(stay, cells.gaps, strict=True)],
        drawn=[drawn[:, own] for drawn, own in zip(cells.drawn, stay, strict=True)],
    )
