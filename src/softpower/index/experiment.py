"""One model on one set of data, ready to be replicated: what builds, replays and sensitivities share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from softpower.index.cells import Cells, draw_cells, exact_cells
from softpower.index.choices import variant_only
from softpower.index.designs import Designs, central_design, draw_designs
from softpower.index.model import Model
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
    exact : central cells
    counts : cells that count as known, shape (year, unit, indicator)
    """

    model: Model
    variant: str
    panel: Panel
    exact: Cells
    counts: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, panel: Panel, *, variant: str = "") -> Experiment:
        """Fill the gaps, screen, and find the weights that are to be found in the data."""
        exact, counts = exact_cells(model, panel), panel.known
        if model.screening.counts == "filled":
            counts = np.isfinite(exact.central[0]).reshape(panel.value.shape)
            panel = screened(model, panel, counts)
            exact = exact.only(panel.alive)
        return cls(weighed(model, panel, exact), variant, panel, exact, counts)

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
        return draw_cells(self.model, self.panel, designs, seed=seed)

    def sampled(self, draws: int, seed: int, *, keep: bool = False) -> Replications:
        """Replications of the build."""
        designs = self.designs(draws, seed)
        return Replications(self.model, self.panel, self.cells(designs, seed), designs, keep=keep)

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
