"""What an index leaves to be exported: its years, the cells behind them at every stage, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import evidence, storage
from softpower.errors import BadRequest
from softpower.index.choices import shown
from softpower.index.denominate import unit_per
from softpower.index.experiment import Experiment
from softpower.index.model import Model
from softpower.index.panel import CellStatus
from softpower.index.result import Index
from softpower.index.table import Table

Array = NDArray[np.float64]

# A build that is done again gives the same scores to the last digits; single steps may sum in another order.
SAME = 1e-9


@dataclass(frozen=True)
class Export:
    """What an index leaves to be exported: its years, and the model on its data from which they were built.

    Parameters
    ----------
    years : the index of one or more years of one build
    experiment : what they were built from, as `softpower.index.set_up` gives it
    table : the user's own table, if there is one: its columns are exported as they were read

    Raises
    ------
    BadRequest
        The scores are not those of the experiment, or the years are not of one build.
    """

    years: Sequence[Index]
    experiment: Experiment
    table: Table | None = None

    @classmethod
    def of(
        cls, index: Index | Sequence[Index], experiment: Experiment | None = None, table: Table | None = None
    ) -> Export:
        """One index or several years of one; without an experiment it is set up from the data of the first year."""
        years = (index,) if isinstance(index, Index) else tuple(index)
        if not years:
            raise BadRequest("an export needs the index of at least one year")
        with threadpool_limits(1):  # sums in another order would differ in the last digit
            ready = experiment or Experiment.of(years[0].model, years[0].panel, variant=years[0].variant)
            return cls(years, ready, table)

    def __post_init__(self) -> None:
        first = self.years[0]
        for index in self.years:
            if (index.model, index.variant, index.data_version) != (first.model, first.variant, first.data_version):
                raise BadRequest("years of different builds cannot be exported together: same model, variant and data")
            self._check(index)

    def _check(self, index: Index) -> None:
        ready = self.experiment
        if ready.variant != index.variant or not set(index.nodes) <= set(ready.built.nodes):
            raise BadRequest("the index was built from another model or variant than the experiment it came with")
        if index.year not in ready.panel.years or not set(index.units) <= set(ready.panel.units):
            raise BadRequest(f"the index has units or a year ({index.year}) that its experiment lacks")
        for top in ready.built.tops:
            scores = ready.central.node(top, without=ready.without)[:, self.rows(index)]
            if not np.allclose(shown(ready.model, scores)[0], index.central[top], rtol=SAME, atol=SAME):
                raise BadRequest(f"the scores of {top} are not those that this model gives on these data: set up anew")

    @cached_property
    def built(self) -> Model:
        """The model as the variant has it."""
        return self.experiment.built

    @property
    def bundled(self) -> bool:
        """Whether the data are the bundled ones."""
        return self.years[0].data_version == storage.data_version()

    @property
    def dated(self) -> bool:
        """Whether the data have years."""
        return any(index.year for index in self.years)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each unit is called."""
        panel = self.experiment.panel
        if panel.names:
            return dict(zip(panel.units, panel.names, strict=True))
        return {unit: self.years[0].name_of(unit) for unit in panel.units}

    def rows(self, index: Index) -> NDArray[np.int64]:
        """Rows of the experiment that hold the ranked units of an index."""
        place = {unit: number for number, unit in enumerate(self.experiment.panel.units)}
        start = self.experiment.panel.years.index(index.year) * len(place)
        return start + np.array([place[unit] for unit in index.units], dtype=np.int64)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Nodes from the top down, each before those below it."""
        return tuple(node for top in self.built.tops for node in self.built.depth_first(top))

    def parts(self) -> Iterator[tuple[str, str, float, float]]:
        """Every part from the top nodes down: id, node above, share among its siblings, share of its top node."""

        def below(node: str, effective: float) -> Iterator[tuple[str, str, float, float]]:
            children = self.built.children(node)
            total = sum(self.built.weight(child) for child in children)
            for child in children:
                share = self.built.weight(child) / total if total else 0.0
                yield child, node, share, share * effective
                if child in self.built.nodes:
                    yield from below(child, share * effective)

        for top in self.built.tops:
            yield top, "", 1.0, 1.0
            yield from below(top, 1.0)


def about(export: Export) -> dict[str, str]:
    """What one must know to cite an index or to build it again, by name."""
    import softpower

    first = export.years[0]
    bound = [each.id for each in used_sources(export) if each.share_alike]
    facts = {
        "title": first.model.title,
        "model": first.model.id,
        "variant": first.variant or "none",
        "years": ", ".join(str(index.year) for index in export.years) if export.dated else "none",
        "ranked units": ", ".join(str(len(index.units)) for index in export.years),
        "indicators": str(len(export.built.indicators)),
        "left out for lack of data": ", ".join(first.dropped) or "none",
        "replications": str(first.draws),
        "seed": str(first.seed),
        "intervals": "90% of the replications; they always reach to the central value",
        "data": f"bundled with softpower, version {first.data_version}"
        if export.bundled
        else f"own table, SHA-256 {first.data_version}...",
        "softpower": softpower.__version__,
        "licence of the data": "that of each source, as the table of sources says"
        if export.bundled
        else "as the owner of the table says",
    }
    if bound:
        facts["share-alike"] = f"values from {', '.join(bound)}: a database made of them must stay under their licence"
    return facts


def stages(export: Export, index: Index, id: str) -> tuple[Array, Array, Array]:
    """Central cells of an indicator in the year of an index, of all units: filled, treated, normalised; shape (unit,).

    The first two are on the published scale, or its logarithm where the model takes it.
    """
    ready = export.experiment
    panel = ready.panel
    start = panel.years.index(index.year) * len(panel.units)
    rows = slice(start, start + len(panel.units))
    sign = ready.built.indicators[id].direction
    filled = sign * ready.exact.central[0][rows, panel.indicators.index(id)]
    treated = sign * ready.central.scaler(id, (0, 0, 0)).treated[rows]
    return filled, treated, ready.central.indicator(id)[0, rows]


def status_words(status: NDArray[np.int64], filled: Array) -> list[str]:
    """What each cell is: a name of `CellStatus`, or "imputed" where a missing one was filled."""
    return [
        "imputed" if code == CellStatus.MISSING and np.isfinite(value) else CellStatus(code).name.lower()
        for code, value in zip(status.tolist(), filled.tolist(), strict=True)
    ]


def unit_of_measure(export: Export) -> dict[str, str | None]:
    """In what each indicator is counted; None where nobody says."""
    known = {each.id: each.unit for each in evidence.indicators()} if export.bundled else {}
    found: dict[str, str | None] = {}
    for id, each in export.built.indicators.items():
        unit, size = known.get(each.series), known.get(each.denominator)
        found[id] = each.unit or (unit_per(unit, size, each.per) if unit and size else unit) or None
    return found


def origins(export: Export) -> dict[str, str]:
    """Source of the series of each indicator; empty for a user's own table, whose sources only its owner knows."""
    if not export.bundled:
        return {}
    known = {each.id: each.source_id for each in evidence.indicators()}
    return {id: known[each.series] for id, each in export.built.indicators.items()}


def used_sources(export: Export) -> tuple[evidence.Source, ...]:
    """All sources of bundled data behind the numbers, size and wealth included, by id."""
    used = set(origins(export).values())
    expectation = export.built.expectation
    if export.bundled and expectation is not None:
        used |= {evidence.indicator(name).source_id for name in (expectation.size, expectation.wealth)}
    return tuple(evidence.source(id) for id in sorted(used))
