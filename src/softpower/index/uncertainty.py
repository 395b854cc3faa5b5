"""Replications of an index: everything that could defensibly have been otherwise, drawn anew each time.

A replication draws weights at every level of the tree, a normalisation, an aggregation, the missing cells, and the
error of the cells that are known with error. Each kind of draw has a random stream of its own, named after what it
decides, so that leaving out an indicator changes no other draw: two builds with one seed can be compared draw by draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from softpower.index import aggregate, normalise, weight
from softpower.index.impute import Joint, best_guess, draw_missing
from softpower.index.model import Model
from softpower.index.panel import Panel, Status

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream of this name; the same seed and name give the same draws whatever else is drawn."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


@dataclass(frozen=True, slots=True)
class Designs:
    """The choices of each replication.

    Attributes
    ----------
    weights : for each part of the tree its weight before it is shared out among siblings, shape (draw,)
    normalisation, aggregation : for each draw a method's place in the model's list, shape (draw,)
    """

    weights: Mapping[str, Array]
    normalisation: Ints
    aggregation: Ints

    def __len__(self) -> int:
        return len(self.normalisation)


def central_design(model: Model) -> Designs:
    """The one design without draws: declared weights, first alternatives."""
    parts = [*model.nodes, *model.indicators]
    zero = np.zeros(1, dtype=np.int64)
    return Designs({part: np.array([model.weight(part)]) for part in parts}, zero, zero)


def draw_designs(model: Model, *, draws: int, seed: int) -> Designs:
    """Weights and methods of each replication.

    Weights are gamma variates: shared out among siblings they are Dirichlet, and they still are when a sibling is left
    out or let in.
    """
    weights: dict[str, Array] = {part: np.ones(draws) for part in model.tops}
    default = model.variant()
    for node in model.nodes:
        # The spread is set by the siblings of the default; parts of a variant are drawn like one more of them.
        usual = [child for child in model.children(node) if child in default.nodes or child in default.indicators]
        declared = np.array([model.weight(child) for child in usual or model.children(node)])
        alive = weight.shares(declared[declared > 0])
        vary = model.uncertainty.weights_cv > 0 and alive.size > 1
        total = weight.concentration(alive, cv=model.uncertainty.weights_cv) / declared.sum() if vary else np.inf
        for child in model.children(node):
            own = model.weight(child)
            drawn = (
                stream(seed, "weight", child).gamma(total * own, size=draws)
                if vary and own > 0
                else np.full(draws, own)
            )
            weights[child] = drawn
    return Designs(
        weights,
        _choices(model.uncertainty.normalisation, draws, stream(seed, "normalisation")),
        _choices(model.uncertainty.aggregation, draws, stream(seed, "aggregation")),
    )


def _choices(options: Mapping[str, float], draws: int, rng: np.random.Generator) -> Ints:
    chance = weight.shares(np.array(list(options.values())))
    return rng.choice(len(options), size=draws, p=chance).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Cells:
    """Draws of the uncertain cells of a panel flattened to rows (year, unit).

    Attributes
    ----------
    central : array, shape (row, indicator), no NaN: known cells and best guesses
    rows : for each indicator the rows whose cell is uncertain
    drawn : for each indicator the draws of these cells, shape (draw, uncertain row)
    """

    central: Array
    rows: Sequence[Ints]
    drawn: Sequence[Array]


def draw_cells(panel: Panel, *, draws: int, seed: int) -> Cells:
    """Draw what is missing and what is known with error.

    The deviation of a country in an indicator is drawn once for all years: an error of measurement or a wrong guess
    lasts, it does not come and go from year to year.
    """
    years, units, _ = panel.value.shape
    value = panel.value.reshape(years * units, -1)
    with_context = np.concatenate([value, panel.context.reshape(years * units, 2)], axis=1)
    countries = np.tile(np.arange(units), years)
    joint = Joint.of(with_context)
    central = best_guess(joint)[:, : value.shape[1]]
    filled = draw_missing(joint, draws=draws, rng=stream(seed, "missing"), groups=countries)
    gap_rows, gap_columns = np.nonzero(np.isnan(with_context))
    se = panel.se.reshape(years * units, -1)
    rows, drawn = [], []
    for k, name in enumerate(panel.indicators):
        gaps = gap_rows[gap_columns == k]
        erring = np.flatnonzero(se[:, k] > 0)
        noise = stream(seed, "error", name).standard_normal((draws, units))[:, countries[erring]]
        rows.append(np.concatenate([gaps, erring]))
        drawn.append(np.concatenate([filled[:, gap_columns == k], value[erring, k] + se[erring, k] * noise], axis=1))
    return Cells(central, rows, drawn)


def exact_cells(panel: Panel) -> Cells:
    """The central cells alone: missing ones at their best guess, no errors; one draw."""
    years, units, count = panel.value.shape
    with_context = np.concatenate([panel.value, panel.context], axis=2).reshape(years * units, -1)
    nothing = [np.empty(0, dtype=np.int64)] * count
    return Cells(best_guess(Joint.of(with_context))[:, :count], nothing, [np.empty((1, 0))] * count)


class Replications:
    """Scores of the parts of a model in every replication, computed when asked for.

    Parameters
    ----------
    keep : whether the scores of indicators and pillars stay in memory once computed: needed to leave parts out
        cheaply, too much for a panel of many years
    """

    def __init__(self, model: Model, panel: Panel, cells: Cells, designs: Designs, *, keep: bool) -> None:
        self.model = model
        self._panel = panel
        self._cells = cells
        self._designs = designs
        self._kept: dict[str, Array] | None = {} if keep else None

    def indicator(self, name: str) -> Array:
        """Normalised draws of an indicator; shape (draw, row), on 0-100."""
        if self._kept is not None and name in self._kept:
            return self._kept[name]
        k = self._panel.indicators.index(name)
        central, rows, drawn = self._cells.central[:, k], self._cells.rows[k], self._cells.drawn[k]
        known = self._panel.status[:, :, k].ravel() != Status.MISSING
        scores = np.empty((len(self._designs), len(central)))
        for number, method in enumerate(self.model.uncertainty.normalisation):
            chosen = self._designs.normalisation == number
            if not chosen.any():
                continue
            scale = normalise.METHODS[method]
            reference = central[known] if known.any() else central
            block = np.repeat(scale(central, reference=reference)[None], chosen.sum(), axis=0)
            if rows.size:
                block[:, rows] = scale(drawn[chosen], reference=reference)
            scores[chosen] = block
        if self._kept is not None:
            self._kept[name] = scores
        return scores

    def node(self, name: str, *, without: frozenset[str] = frozenset()) -> Array:
        """Scores of a node, shape (draw, row), on 0-100; parts named in ``without`` are left out at any depth.

        A part that has nothing left below it is left out too: its weight goes to its siblings.
        """
        untouched = without.isdisjoint((*self.model.depth_first(name), *self.model.leaves(name)))
        if untouched and self._kept is not None and name in self._kept:
            return self._kept[name]
        parts = [part for part in self.model.children(name) if self.model.counts(part, without=without)]
        total = np.sum([self._designs.weights[part] for part in parts], axis=0)
        # Indicators of a pillar may stand in for each other; only pillars are joined in different ways.
        joins_pillars = any(part in self.model.nodes for part in parts)
        everywhere = np.full(len(self._designs), True)
        means = list(self._means()) if joins_pillars else [(everywhere, aggregate.METHODS["arithmetic"])]
        scores = np.zeros((len(self._designs), self._panel.value.shape[0] * self._panel.value.shape[1]))
        for part in parts:
            share, values = self._designs.weights[part] / total, self._part(part, without)
            for chosen, mean in means:
                scores[chosen] += share[chosen, None] * mean.forward(values[chosen])
        for chosen, mean in means:
            scores[chosen] = mean.back(scores[chosen])
        if untouched and self._kept is not None:
            self._kept[name] = scores
        return scores

    def _means(self) -> Iterator[tuple[NDArray[np.bool_], aggregate.Mean]]:
        """The means by which pillars are joined, each with the draws that chose it."""
        for number, method in enumerate(self.model.uncertainty.aggregation):
            chosen = self._designs.aggregation == number
            if chosen.any():
                yield chosen, aggregate.METHODS[method]

    def _part(self, name: str, without: frozenset[str]) -> Array:
        return self.node(name, without=without) if name in self.model.nodes else self.indicator(name)
