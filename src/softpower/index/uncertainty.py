"""Replications of an index: everything that could defensibly have been otherwise, drawn anew each time.

A replication draws weights at every level of the tree, a method for every step, the missing cells, and the error of the
cells that are known with error. Nothing is rebuilt for it: each combination of methods gives one matrix of cells on the
common scale, replications under it are one matrix product per node, and the few cells that differ from draw to draw are
added as corrections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from softpower.errors import SoftPowerError
from softpower.index import joining
from softpower.index.cells import Cells
from softpower.index.designs import Designs, options
from softpower.index.model import Aggregate, AggregateChoice, Model, Normalise, Treat
from softpower.index.panel import CellStatus, Panel
from softpower.index.prepare import passing
from softpower.index.rank import settled
from softpower.index.reachfaults import needed
from softpower.index.refusals import LARGEST_SCORE, Origin, refuse_cells, refuse_scores, table_of, too_large
from softpower.index.scaling import Scaler, Treated, fit_scaler, fit_treatment

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Combination = tuple[int, int, int]
Scalers = dict[tuple[str, Combination], Scaler]

# Scores that are compared at once: 32 MB.
BLOCK = 4_000_000
# Sums of shares may come out this far from what they are.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class _Draws:
    """Replications under one combination of methods; ``rows`` are their places among all."""

    combination: Combination
    aggregation: int
    rows: Ints


class Replications:
    """Scores of the parts of a model in every replication, computed when asked for.

    Parameters
    ----------
    keep : whether the scores of pillars stay in memory once computed: needed to leave parts out cheaply, too much for a
        panel of many years
    scalers : maps already fitted to the same central cells, to which those fitted here are added: blocks of
        replications share them
    watch : told what comes up while nodes are joined
    """

    def __init__(
        self,
        model: Model,
        panel: Panel,
        cells: Cells,
        designs: Designs,
        *,
        keep: bool,
        scalers: Scalers | None = None,
        watch: joining.Watch | None = None,
    ) -> None:
        self.model = model
        self._panel = panel
        self._cells = cells
        self._designs = designs
        self._kept: dict[str, Array] | None = {} if keep else None
        self._scalers: Scalers = {} if scalers is None else scalers
        self._treated: dict[tuple[str, int, int], Treated] = {}
        self.watch = joining.Watch() if watch is None else watch
        self._moved: dict[str, Array] = {}
        self._enough: NDArray[np.bool_] | None = None
        self._groups = tuple(_grouped(designs))
        self._year = np.repeat(np.arange(len(panel.years)), len(panel.units))
        if not designs.central:
            self.watch.notes.extend(note for note in _unsaid(model, panel) if note not in self.watch.notes)

    @property
    def shape(self) -> tuple[int, int]:
        """Draws and rows."""
        return len(self._designs), self._panel.value.shape[0] * self._panel.value.shape[1]

    # Indicators

    def scaler(self, name: str, combination: Combination) -> Scaler:
        """The map of an indicator under a combination of imputation, treatment and normalisation."""
        key = name, combination
        if key not in self._scalers:
            impute, treatment, scale = combination
            k = self._panel.indicators.index(name)
            first, second = options(self.model, "treat")[treatment], options(self.model, "normalise")[scale]
            assert isinstance(first, Treat)
            assert isinstance(second, Normalise)
            known = self._panel.status[:, :, k].ravel() != CellStatus.MISSING
            cells = self._cells.central[impute][:, k]
            own = self.model.indicators[name]
            try:
                if (name, impute, treatment) not in self._treated:
                    self._treated[name, impute, treatment] = fit_treatment(own, cells, known, self._year, first)
                before = self._treated[name, impute, treatment]
                with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is refused
                    fitted = fit_scaler(own, before, known, self._year, second, self._panel.units)
            except SoftPowerError as error:
                raise refuse_cells(
                    error,
                    self.model,
                    name,
                    cells,
                    self._panel.row_names,
                    raw=self._panel.raw[:, :, k].ravel(),
                    treat=table_of(self.model, "treat", treatment, part=name),
                    normalise=table_of(self.model, "normalise", scale, part=name),
                    scale=own.normalise or second,
                ) from error
            self._refuse_large(name, combination, fitted.central, np.arange(len(cells)))
            self._scalers[key] = fitted
        return self._scalers[key]

    def _refuse_large(self, name: str, combination: Combination, scores: Array, rows: Ints) -> None:
        """Refuse normalised cells that cannot be reckoned with; shape (..., cell), ``rows`` (cell,) are their rows."""
        if not (np.abs(scores) > LARGEST_SCORE).any():
            return
        table = table_of(self.model, "normalise", combination[2], part=name)
        raise too_large(scores, [self._panel.row_names[row] for row in rows], self.model.file, name, table)

    def indicator(self, name: str) -> Array:
        """Normalised draws of an indicator, shape (draw, row); NaN where it is missing."""
        k = self._panel.indicators.index(name)
        scores = np.empty(self.shape)
        for group in self._groups:
            scores[group.rows] = self.scaler(name, group.combination).central
        if self._cells.rows[k].size:
            scores[:, self._cells.rows[k]] = self._uncertain(name)
        return scores

    def _uncertain(self, name: str) -> Array:
        """The uncertain cells of an indicator on the common scale; shape (draw, uncertain row)."""
        if name in self._moved:
            return self._moved[name]
        moved = np.empty_like(self._cells.drawn[self._panel.indicators.index(name)])
        for group in self._groups:
            moved[group.rows] = self._moved_in(group, name)
        if self._kept is not None:
            self._moved[name] = moved
        return moved

    def _uncertain_in(self, group: _Draws, name: str) -> Array:
        """The same in some of the draws."""
        return self._moved_in(group, name) if self._kept is None else self._uncertain(name)[group.rows]

    def _moved_in(self, group: _Draws, name: str) -> Array:
        k = self._panel.indicators.index(name)
        rows = self._cells.rows[k]
        with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is refused
            moved = self.scaler(name, group.combination).of(self._cells.drawn[k][group.rows], rows)
        self._refuse_large(name, group.combination, moved, rows)
        return moved

    # Nodes

    def node(self, name: str, *, without: frozenset[str] = frozenset()) -> Array:
        """Scores of a node, shape (draw, row); parts named in ``without`` are left out at any depth.

        A part that has nothing left below it is left out too: its weight goes to its siblings. So does, unit by unit,
        the weight of a part that is missing. NaN where all parts are.
        """
        untouched = without.isdisjoint((*self.model.depth_first(name), *self.model.leaves(name)))
        if untouched and self._kept is not None and name in self._kept:
            return self._kept[name]
        parts = self._counting(self.model, name, without)
        weights = np.stack([self._weight(part, without) for part in parts], axis=1)
        total = weights.sum(axis=1, keepdims=True)
        # A draw that leaves no weight to any part leaves no score either, and not one of zero: see below.
        shares = np.divide(weights, total, out=np.ones_like(weights), where=total > 0)
        below = {part: self.node(part, without=without) for part in parts if part in self.model.nodes}
        scores = np.empty(self.shape)
        for group in self._groups:
            step = self._aggregation(name, group.aggregation, joins_nodes=bool(below))
            inside = {part: values[group.rows] for part, values in below.items()}
            scores[group.rows] = self._joined(name, step, group, parts, shares[group.rows], inside)
        scores[total[:, 0] <= 0] = np.nan
        if self.model.scale is not None:
            # Taken off their mean and divided by their spread, errors of sums would grow.
            _settle(scores, len(self._panel.years))
        if untouched and self._kept is not None:
            self._kept[name] = scores
        return scores

    def _weight(self, part: str, without: frozenset[str]) -> Array:
        """Weight of a part in each draw; zero where a draw leaves out it or all that lies below it."""
        own = self._designs.effective(part)
        if part in self.model.indicators or not (self._designs.parts or self.model.uncertainty.weigh):
            return own
        below = self._counting(self.model, part, without)
        alive: NDArray[np.bool_] = np.any([self._weight(each, without) > 0 for each in below], axis=0)
        return np.where(alive, own, 0.0)

    def _aggregation(self, node: str, number: int, *, joins_nodes: bool) -> Aggregate:
        """How a node is joined in draws that chose this option: by its own table, the chosen one, or the model's."""
        own = self.model.nodes[node].aggregate
        if own is not None:
            return own
        step = options(self.model, "aggregate")[number]
        if isinstance(step, AggregateChoice) and step.of == "nodes" and not joins_nodes:
            return self.model.aggregate
        assert isinstance(step, Aggregate)
        return step

    def _joined(
        self, node: str, step: Aggregate, group: _Draws, parts: list[str], shares: Array, below: dict[str, Array]
    ) -> Array:
        mean = joining.mean_of(step)
        picky = mean is None or needed(step.method, step.floor, step.power) is not None
        origin = self._origin(node, step, group, parts, below) if picky else Origin()
        if mean is None:
            joint = joining.Joint(
                self._stacked(group, parts, below, shared=step.method in ("harmonic", "power")),
                shares,
                years=len(self._panel.years),
                node=node,
                parts=parts,
                rows=self._panel.row_names,
                absent=self._absent(node, parts),
                central=self._designs.central,
                watch=self.watch,
                origin=origin,
            )
            return joining.join(step, joint)
        # What units that cannot be ranked come to does not matter.
        with np.errstate(all="ignore" if picky else None):
            return self._summed(mean, step, group, parts, shares, below, origin)

    def _summed(
        self,
        mean: joining.Mean,
        step: Aggregate,
        group: _Draws,
        parts: list[str],
        shares: Array,
        below: dict[str, Array],
        origin: Origin,
    ) -> Array:
        """A quasi-arithmetic mean, summed up part by part."""
        leaves = [number for number, part in enumerate(parts) if part not in below]
        base = [self.scaler(parts[number], group.combination).central for number in leaves]
        gaps = any(np.isnan(each).any() for each in (*base, *below.values()))
        whole = slice(None)
        refuse_scores(step, [(parts[n], each, whole) for n, each in zip(leaves, base, strict=True)], origin)
        refuse_scores(step, [(part, each, whole) for part, each in below.items()], origin)
        found = _Sum.empty(len(group.rows), self.shape[1], gaps=gaps)
        if leaves:
            found.add_product(shares[:, leaves], mean.forward(np.stack(base)))
        for number, part in enumerate(parts):
            share = shares[:, number, None]
            if part in below:
                found.add(share, mean.forward(below[part]))
                continue
            rows = self._cells.rows[self._panel.indicators.index(part)]
            if rows.size:
                drawn = self._uncertain_in(group, part)
                refuse_scores(step, [(part, drawn, rows)], origin)
                found.add(share, mean.forward(drawn), rows)
                found.add(-share, mean.forward(base[leaves.index(number)][rows]), rows)
        if found.known is None:
            return mean.back(found.total)
        enough = found.known > ROUNDING
        if step.known:
            enough &= np.isfinite(self._stacked(group, parts, below)).mean(axis=-1) >= step.known - ROUNDING
        return mean.back(np.divide(found.total, found.known, out=np.full_like(found.total, np.nan), where=enough))

    def _origin(
        self, node: str, step: Aggregate, group: _Draws, parts: list[str], below: Mapping[str, Array]
    ) -> Origin:
        """Where the way in which a node is joined comes from, for messages."""
        scale = group.combination[2]
        usual = options(self.model, "normalise")[scale]
        assert isinstance(usual, Normalise)
        leaves = {part: tuple(self.model.leaves(part)) for part in below}
        return Origin(
            model=self.model.file,
            node=node,
            table=table_of(
                self.model, "aggregate", 0 if step is self.model.aggregate else group.aggregation, part=node
            ),
            scales={
                leaf: (
                    table_of(self.model, "normalise", scale, part=leaf),
                    self.model.indicators[leaf].normalise or usual,
                )
                for leaf in (*(part for part in parts if part not in below), *chain.from_iterable(leaves.values()))
            },
            leaves=leaves,
            ranked=None if self.model.screening.counts == "filled" else self._rankable,
            rows=self._panel.row_names,
            central=self._designs.central,
        )

    def _rankable(self) -> NDArray[np.bool_]:
        """Rows of units of which enough is known to rank them, in the model or one of its variants; shape (row,)."""
        if self._enough is None:
            built = (self.model.variant(name) for name in ("", *self.model.variants))
            self._enough = np.any([passing(each, self._panel, self._panel.known).ravel() for each in built], axis=0)
        return self._enough

    def _absent(self, node: str, parts: list[str]) -> list[str]:
        """Parts of a node that the model has by default, and that are left out here."""
        default = self.model.variant()
        own = {*default.nodes, *default.indicators} - {*parts}
        return [part for part in self._counting(default, node) if part in own]

    def _counting(self, model: Model, node: str, without: frozenset[str] = frozenset()) -> list[str]:
        """Parts of a node that count: in the central build, or in some replication."""
        counts = model.counts if self._designs.central else model.can_count
        return [part for part in model.children(node) if counts(part, without=without)]

    def _stacked(self, group: _Draws, parts: list[str], below: dict[str, Array], *, shared: bool = False) -> Array:
        """Scores of all parts, shape (draw, row, part); if ``shared`` (row, part) where all draws have the same."""
        if (
            shared
            and not below
            and not any(self._cells.rows[self._panel.indicators.index(part)].size for part in parts)
        ):
            return np.stack([self.scaler(part, group.combination).central for part in parts], axis=-1)
        return np.stack([below[part] if part in below else self._indicator_in(group, part) for part in parts], axis=-1)

    def _indicator_in(self, group: _Draws, name: str) -> Array:
        scores = np.tile(self.scaler(name, group.combination).central, (len(group.rows), 1))
        rows = self._cells.rows[self._panel.indicators.index(name)]
        if rows.size:
            scores[:, rows] = self._uncertain_in(group, name)
        return scores


@dataclass(frozen=True, slots=True)
class _Sum:
    """Sum of shares times scores, and of the shares whose scores are known (None where all are); shape (draw, row)."""

    total: Array
    known: Array | None

    @classmethod
    def empty(cls, draws: int, rows: int, *, gaps: bool) -> _Sum:
        return cls(np.zeros((draws, rows)), np.zeros((draws, rows)) if gaps else None)

    def add(self, share: Array, scores: Array, rows: Ints | slice = slice(None)) -> None:
        """Add scores of some rows, shape (draw, row) or (row,), NaN where missing, with a share for each draw."""
        if self.known is None:
            self.total[:, rows] += share * scores
        else:
            self.total[:, rows] += share * np.nan_to_num(scores)
            self.known[:, rows] += share * np.isfinite(scores)

    def add_product(self, shares: Array, scores: Array) -> None:
        """Add scores that are the same in all draws, shape (part, row), with shares of shape (draw, part)."""
        if self.known is None:
            np.add(self.total, shares @ scores, out=self.total)
        else:
            np.add(self.total, shares @ np.nan_to_num(scores), out=self.total)
            np.add(self.known, shares @ np.isfinite(scores).astype(np.float64), out=self.known)


def _settle(scores: Array, years: int) -> None:
    """Make scores that tie in a draw and year exactly equal, in place; shape (draw, row)."""
    block = max(1, BLOCK // scores.shape[1])
    for begin in range(0, len(scores), block):
        here = scores[begin : begin + block]
        here[:] = settled(here.reshape(len(here), years, -1)).reshape(here.shape)


def _unsaid(model: Model, panel: Panel) -> Iterator[str]:
    """A caution where errors of a user's own table are drawn over several years and nobody said whether they last."""
    names = [
        name
        for k, name in enumerate(panel.indicators)
        if name in model.indicators
        and model.indicators[name].error
        and model.errors_last(name) is None
        and (panel.se[:, :, k] > 0).any()
    ]
    if len(panel.years) > 1 and model.uncertainty.errors and names:
        yield (
            f"errors of {', '.join(names)} are taken to last from year to year, as the model does not say: if each "
            "year has errors of its own, as fresh samples have, the intervals of a change are far too narrow; write "
            "errors_last = 0 in [uncertainty] or in the indicator's table, 1 if they last, or a correlation between"
        )


def _grouped(designs: Designs) -> Iterator[_Draws]:
    """The replications, by the combination of their methods."""
    columns = [designs.methods[step] for step in ("impute", "treat", "normalise", "aggregate")]
    kinds, of = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    for number, (impute, treatment, scale, join) in enumerate(kinds.tolist()):
        yield _Draws((impute, treatment, scale), join, np.flatnonzero(of.reshape(-1) == number))
