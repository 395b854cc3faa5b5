"""What a build gives back: scores and ranks with their intervals, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, UnknownCountry, UnknownName, UnknownNode
from softpower.index.designs import stream
from softpower.index.estimate import Estimate, Standing, estimate, gap, standing
from softpower.index.expectation import Prediction, departures, predict
from softpower.index.model import Model, leaf_shares
from softpower.index.names import nearest
from softpower.index.panel import Panel
from softpower.index.rank import acceptability, dominance, rank, share_ahead

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
T = TypeVar("T")
# As many units are all named where one asks for another.
FEW = 30


@dataclass(frozen=True, slots=True)
class Choices:
    """What each choice does to each country: parts left out one at a time, and the model's variants.

    Attributes
    ----------
    ids : id of a part, or of a variant; kinds : "variant", "pillar" or "indicator"
    measures : the model's top nodes and, where it has potential and performance, "gap"
    value : central score under the choice, shape (choice, measure, unit); low, high : its 90 % interval, q25, q75 : its
        50 % interval; up, down : shares of replications above and below zero, of use for the gap
    rank, rank_low, rank_high : rank under the choice, for the top nodes; zero for the gap
    shift : what the choice moves, ranks for top nodes (plus is up) and points for the gap; the interval
        (shift_low, shift_high) is over replications paired with those of the default, as are the quartiles;
        shift_up, shift_down : shares of these replications in which it moves up, down
    """

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    measures: tuple[str, ...]
    value: Floats
    low: Floats
    q25: Floats
    q75: Floats
    high: Floats
    up: Floats
    down: Floats
    rank: Floats
    rank_low: Floats
    rank_high: Floats
    shift: Floats
    shift_low: Floats
    shift_q25: Floats
    shift_q75: Floats
    shift_high: Floats
    shift_up: Floats
    shift_down: Floats

    @classmethod
    def none(cls, units: int) -> Choices:
        """No choice weighed, for so many units."""
        empty = np.empty((0, 0, units), dtype=np.float32)
        return cls((), (), (), **dict.fromkeys(CHOICE_FIELDS, empty))


CHOICE_FIELDS = tuple(each.name for each in fields(Choices) if each.name not in ("ids", "kinds", "measures"))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one indicator gives a country: its share of the top node's weight times how far it lies from the median.

    ``deviations`` is in standard deviations over the ranked countries, ``observed_rank`` the place among all countries
    of the panel for which the indicator is known. ``share`` is NaN, and so is ``given``, where a node above joins its
    parts in a way in which none of them has a weight of its own (owa, copeland, kemeny, benefit_of_the_doubt): what the
    score would be without the part can be built, but not added up.
    """

    indicator: str
    top: str
    share: float
    deviations: float
    observed_rank: int

    @property
    def given(self) -> float:
        """Share times deviations; negative where it pulls down."""
        return self.share * self.deviations

    @property
    def is_additive(self) -> bool:
        """Whether the indicator has a share at all."""
        return bool(np.isfinite(self.share))


@dataclass(frozen=True, slots=True)
class Changes:
    """What ``units`` gained between two years: ``points`` of the score, and ``places`` in the ranking (plus is up)."""

    units: tuple[str, ...]
    points: Estimate
    places: Estimate


@dataclass(frozen=True)
class Index:
    """An index of one year.

    Attributes
    ----------
    model : the model with all its variants; ``nodes`` are those of the variant built
    dropped : indicators of the model file with too few values near the year
    units : codes of the ranked units, sorted
    central : score of each node under the central design, shape (unit,)
    sampled : scores of each node across replications, shape (draw, unit)
    cells : central cells of each indicator of the variant on the scale on which they are joined, shape (unit,)
    weights : central weight of each part of the variant among its siblings, also where it was found in the data
    cautions : what to keep in mind when reading it, such as rankings not proven best
    summaries : 90 % intervals computed once and kept, by (measure, node)
    """

    model: Model
    variant: str
    year: int
    draws: int
    seed: int
    data_version: str
    dropped: tuple[str, ...]
    units: tuple[str, ...]
    nodes: tuple[str, ...]
    panel: Panel
    central: Mapping[str, Array]
    sampled: Mapping[str, Array]
    cells: Mapping[str, Array]
    weights: Mapping[str, float]
    choices: Choices
    cautions: tuple[str, ...] = ()
    summaries: Mapping[tuple[str, str], Estimate | Standing] = field(default_factory=dict, compare=False, repr=False)
    _memo: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    # Looking up

    def unit(self, iso3: str) -> int:
        """Place of a unit in ``units``; `UnknownName` if it is not ranked, which of the world is `UnknownCountry`."""
        try:
            return self.units.index(iso3)
        except ValueError:
            raise self._unknown(iso3) from None

    def _unknown(self, unit: str) -> UnknownName:
        """What is said of a unit that is none, or not ranked."""
        if not self.panel.names:
            return UnknownCountry(unit, where="the ranked countries of this index")
        which = f"the {len(self.units)} units that {self.model.file} ranks"
        if unit in self.panel.units:
            return UnknownName(unit, where=f"{which}, as too little is known of it")
        codes = {self.name_of(each).lower(): each for each in self.units}
        near = (codes[unit.lower()],) if unit.lower() in codes else nearest(unit, self.units)
        few = f": {', '.join(self.units)}" if not near and len(self.units) <= FEW else ""
        return UnknownName(unit, nearest=near, where=which + few)

    def is_ranked(self, iso3: str) -> bool:
        """Whether enough is known about the country to rank it."""
        return iso3 in self.units

    @property
    def not_ranked(self) -> tuple[str, ...]:
        """Units of the data of which too little is known to rank them; without those that the model drops by name."""
        out = {*self.units, *self.model.screening.drop}
        return tuple(unit for unit in self.panel.units if unit not in out)

    def name_of(self, unit: str) -> str:
        """What a unit is called: as in the table, or the name of the country."""
        if self.panel.names:
            return self.panel.names[self.panel.units.index(unit)]
        from softpower.world import country

        return country(unit).name

    def known_share(self, iso3: str) -> dict[str, float]:
        """Share of the indicators of each top node that is known for a country."""
        place, at = self.panel.units.index(iso3), self.panel.indicators.index
        built = self.model.variant(self.variant)
        # Screening may have taken the cells out of the build; as published they are still there.
        known = self.panel.known[0, place] | np.isfinite(self.panel.raw[0, place])
        return {top: float(known[[at(leaf) for leaf in built.leaves(top)]].mean()) for top in built.tops}

    def _node(self, node: str) -> str:
        if node not in self.central:
            raise UnknownNode(node, nearest=self.nodes)
        return node

    # Scores and ranks

    def scores(self, node: str, *, level: float = 0.9) -> Estimate:
        """Central score and interval of every ranked country in a node."""
        return self._once(
            ("scores", self._node(node), level),
            lambda: estimate(self.central[self._node(node)], self._draws(node), level=level),
        )

    def ranks(self, node: str, *, level: float = 0.9) -> Standing:
        """Central rank and interval of every ranked country in a node.

        The central design is one of the defensible ones: an interval that the draws alone would end just short
        of it reaches to it. All is zero for a unit that has no score in the node: see `scored`.
        """
        return self._once(
            ("ranks", self._node(node), level),
            lambda: standing(self._places(node, self.central[self._node(node)]), self.rank_draws(node), level=level),
        )

    def rank_draws(self, node: str) -> NDArray[np.int64]:
        """Rank of every country in every replication, zero where it has no score; shape (draw, unit)."""
        return self._once(("rank_draws", node), lambda: self._places(node, self.sampled[self._node(node)]))

    def scored(self, node: str) -> NDArray[np.bool_]:
        """Which ranked units have a score in a node; shape (unit,).

        In a top node all have. In a pillar, one may lack all its indicators where the model leaves gaps unfilled.
        """
        return self._once(
            ("scored", self._node(node)),
            lambda: np.isfinite(self.central[node]) & np.isfinite(self.sampled[node]).all(axis=0),
        )

    def _places(self, node: str, scores: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """Ranks among the units with a score, shape of ``scores``."""
        scored = self.scored(node)
        if scored.all():
            return rank(scores)
        places = np.zeros(scores.shape, dtype=np.int64)
        places[..., scored] = rank(scores[..., scored])
        return places

    def ahead(self, node: str, first: str, second: str) -> float:
        """Share of replications in which the first country scores above the second."""
        return share_ahead(self._draws(node), self.unit(first), self.unit(second))

    def acceptability(self, node: str) -> Array:
        """Share of replications in which each unit takes each rank; shape (unit, rank), rows sum to 1.

        NaN for a unit without a score in the node.

        References
        ----------
        Lahdelma, Hokkanen, Salminen (1998), SMAA - Stochastic multiobjective acceptability analysis, EJOR 106.
        """
        scored = self.scored(node)
        shares = np.full((len(self.units), len(self.units)), np.nan)
        shares[np.ix_(scored, np.arange(scored.sum()))] = acceptability(self.rank_draws(node)[:, scored])
        shares[scored, scored.sum() :] = 0.0
        return shares

    def dominance(self, node: str) -> Array:
        """Share of replications in which the unit of the row scores above that of the column, ties counting half."""
        return dominance(self._draws(node))

    def change_since(self, earlier: Index, node: str, *, level: float = 0.9) -> Changes:
        """What each unit ranked in both years gained: points and places (plus is up), draw by draw.

        Parameters
        ----------
        earlier : an index of another year from the same build

        Raises
        ------
        BadRequest
            The two were not built in the same replications.
        """
        if (self.model, self.draws, self.seed, self.data_version) != (
            earlier.model, earlier.draws, earlier.seed, earlier.data_version,
        ):  # fmt: skip
            raise BadRequest("a change needs two years of one build: same model, data, draws and seed")
        units = tuple(unit for unit in self._with_score(node) if unit in earlier._with_score(node))
        now, then = ([each.unit(unit) for unit in units] for each in (self, earlier))
        central_ranks = earlier.ranks(node).central[then] - self.ranks(node).central[now]
        places = (earlier.rank_draws(node)[:, then] - self.rank_draws(node)[:, now]).astype(np.float64)
        points = self._draws(node)[:, now] - earlier._draws(node)[:, then]
        return Changes(
            units,
            estimate(self.central[self._node(node)][now] - earlier.central[node][then], points, level=level),
            estimate(central_ranks.astype(np.float64), places, level=level),
        )

    # Expectation and gap

    def expected(self, node: str) -> Prediction:
        """What size and wealth alone predict for the scores of a node, replication by replication."""
        context = self._context()
        return self._once(("expected", node), lambda: predict(self._draws(node), context[None]))

    def central_expected(self, node: str) -> Prediction:
        """What size and wealth predict for the central scores; one draw."""
        return predict(self.central[self._node(node)][None], self._context()[None])

    def above_expected(self, node: str, *, level: float = 0.9) -> Estimate:
        """Points above what size and wealth predict; NaN where either is unknown."""
        return self._once(
            ("above", self._node(node), level),
            lambda: estimate(
                self.central[node] - self.central_expected(node).expected[0],
                departures(self._draws(node), self.expected(node), stream(self.seed, "line", node)),
                level=level,
            ),
        )

    def gap_draws(self) -> Array:
        """Performance minus what potential predicts, across replications; shape (draw, unit)."""
        return self._once(
            ("gap_draws",),
            lambda: gap(self._draws("potential"), self._draws("performance"), stream(self.seed, "line", "gap")),
        )

    def gap(self, *, level: float = 0.9) -> Estimate:
        """Performance minus what potential predicts, in points: the conversion of one into the other."""
        return self._once(("gap", "", level), lambda: estimate(self.central_gap(), self.gap_draws(), level=level))

    def central_gap(self) -> Array:
        """The gap under the central design; shape (unit,)."""
        potential, performance = (self.central[self._node(node)] for node in ("potential", "performance"))
        apart: Array = performance - predict(performance[None], potential[None, :, None]).expected[0]
        return apart

    def size_in_disguise(self, node: str) -> float:
        """Share of the variance of central ranks that the logarithms of size and wealth explain."""
        ranks = rank(self.central[self._node(node)]).astype(np.float64)
        return float(predict(ranks[None], self._context()[None]).r_squared[0])

    def explain(self, iso3: str) -> tuple[Contribution, ...]:
        """What each known indicator gives a country against the median ranked one, most given first.

        Indicators whose share nobody can say come last; see `Contribution`.

        Raises
        ------
        UnknownCountry
            The country is not in the panel.
        """
        if iso3 not in self.panel.units:
            raise self._unknown(iso3)
        own, rows = self.panel.units.index(iso3), [self.panel.units.index(unit) for unit in self.units]
        built = self.model.variant(self.variant)
        found = []
        for top in built.tops:
            for leaf, share in leaf_shares(built, top).items():
                values = self.panel.value[0, :, self.panel.indicators.index(leaf)]
                spread = float(np.nanstd(values[rows]))
                if np.isfinite(values[own]) and spread > 0:
                    deviations = float((values[own] - np.nanmedian(values[rows])) / spread)
                    # Alternatives that are drawn do not matter here: this is about the central build.
                    share = share if built.adds_up(leaf) else float("nan")
                    found.append(Contribution(leaf, top, share, deviations, int((values > values[own]).sum()) + 1))
        return tuple(sorted(found, key=lambda each: (-each.given if each.is_additive else np.inf, each.indicator)))

    # Tables

    def to_polars(self) -> pl.DataFrame:
        """One row per node and ranked unit with a score in it: score, rank and their 90 % intervals.

        The year is 0 where the table has none.
        """
        frames = []
        for node in self.nodes:
            score, place = self.scores(node), self.ranks(node)
            frames.append(
                pl.DataFrame(
                    {
                        "node": [node] * len(self.units),
                        "unit": self.units,
                        "year": pl.Series([self.year] * len(self.units), dtype=pl.Int16),
                        "score": score.value,
                        "score_low": score.low,
                        "score_high": score.high,
                        "rank": place.central,
                        "rank_low": place.low,
                        "rank_high": place.high,
                    }
                ).filter(self.scored(node))
            )
        return pl.concat(frames)

    def plot(self, kind: str, node: str = "", **options: Any) -> Any:
        """An Altair chart of the index, by the name of its kind ("ranks", "bars"): see `softpower.index.plots`."""
        from softpower.index.plots.kinds import plot

        return plot(self, kind, node, **options)

    # Inside

    def _draws(self, node: str) -> Array:
        return self.sampled[self._node(node)]

    def _with_score(self, node: str) -> tuple[str, ...]:
        scored = self.scored(node)
        return tuple(unit for unit, has in zip(self.units, scored.tolist(), strict=True) if has)

    @property
    def has_expectation(self) -> bool:
        """Whether the model names size and wealth."""
        return bool(self.panel.context.shape[2] > 0)

    def _context(self) -> Array:
        if not self.has_expectation:
            raise BadRequest(
                f"{self.model.id} has no [expectation]: name the series of size and wealth to compare with"
            )
        places = [self.panel.units.index(unit) for unit in self.units]
        return self.panel.context[0, places]

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        if key not in self._memo:
            kept = self.summaries.get((str(key[0]), str(key[1]))) if key[-1] == 0.9 else None
            self._memo[key] = make() if kept is None else kept
        return cast(T, self._memo[key])
