"""The model file: what goes into an index, why, and what is uncertain about it.

A model is a TOML file that people write and argue about. It is read in two steps: `softpower.index.faults` finds
everything that is wrong with it at once, with line numbers; then the typed objects below are built and are
known to be sound. Nothing in them is a number of a country. Here is the tree with all that hangs on it; the steps
that are taken on it are in `softpower.index.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator

from softpower.errors import BadRequest, UnknownNode
from softpower.index.steps import (
    Aggregate,
    AggregateChoice,
    Budget,
    Id,
    Impute,
    ImputeChoice,
    Mixed,
    Normalise,
    NormaliseChoice,
    Part,
    Screening,
    Share,
    Treat,
    TreatChoice,
    TreatMethod,
    Uncertainty,
    Weigh,
    WeighChoice,
    WeightMethod,
    Words,
)

__all__ = [
    "Aggregate",
    "AggregateChoice",
    "Budget",
    "Expectation",
    "Impute",
    "ImputeChoice",
    "Indicator",
    "Model",
    "Node",
    "Normalise",
    "NormaliseChoice",
    "Part",
    "Scale",
    "Screening",
    "Treat",
    "TreatChoice",
    "TreatMethod",
    "Trend",
    "Uncertainty",
    "Variant",
    "Weigh",
    "WeighChoice",
    "WeightMethod",
    "leaf_shares",
]


class Node(Part):
    """A pillar or a top node.

    Attributes
    ----------
    weights : how the weights of its parts are found; by default as the model says
    mixed : of "pca" and "factor": where some parts run against the others, "refuse" to weigh them, or "flag" them: they
        get no weight, and the build says so; by default as the model says
    aggregate : how its parts are joined; by default as the model says
    variant : the only variant in which it takes part; empty means always
    """

    title: Words
    parent: str = ""
    weight: Annotated[float, Field(ge=0)] = 1.0
    weights: WeightMethod | None = None
    mixed: Mixed | None = None
    aggregate: Aggregate | None = None
    reason: str = ""
    variant: str = ""


class Indicator(Part):
    """One series in one pillar, and how a value for a year is made of it.

    Attributes
    ----------
    series : id in the snapshot, or column of the user's table; by default the indicator's own id
    direction : 1 where more is stronger, -1 where less is
    denominator : series or column it is divided by, times ``per``: 1,000 gives values per thousand
    error : column of a user's table with the standard errors of its values
    missing_error : what a value without an error gets where there is such a column: "refuse" it, give it the "largest"
        or the "median" error of the column (after the denominator), or take it as "exact"
    errors_last : correlation of a unit's errors from year to year, 1 where they last, 0 where each year has its own;
        by default as [uncertainty] says
    transform : "level", or "log": log(x + c), c the 10th percentile of all positive values, fixed once
    below_zero : what a "log" does to values below zero in a user's own table: "refuse" them, or take them for "zero",
        as it takes the net totals of the bundled series
    treat, normalise : where it differs from the model's
    window : the value of a year is the mean of the values observed in so many years up to it
    until : last year that may enter, where later ones describe a shock and not a state
    max_age : a country without a value in the window keeps its last one for so many years, with a wider error
    vintage : the series is one snapshot: it takes part in years near it and is never carried back
    """

    title: Words
    node: str
    series: str = ""
    direction: Literal[1, -1] = 1
    denominator: str = ""
    per: Annotated[float, Field(gt=0)] = 1.0
    error: str = ""
    missing_error: Literal["refuse", "largest", "median", "exact"] = "refuse"
    errors_last: Share | None = None
    transform: Literal["level", "log"] = "level"
    below_zero: Literal["refuse", "zero"] = "refuse"
    treat: Treat | None = None
    normalise: Normalise | None = None
    weight: Annotated[float, Field(ge=0)] = 1.0
    window: Annotated[int, Field(ge=1, le=30)] = 3
    until: Annotated[int, Field(ge=1900, le=2100)] = 2100
    max_age: Annotated[int, Field(ge=1, le=50)] = 10
    vintage: bool = False
    unit: str = ""
    reason: str = ""
    variant: str = ""


class Expectation(Part):
    """Series that stand for size and wealth; their logarithms predict what any country of that size and wealth gets."""

    size: str
    wealth: str


class Scale(Part):
    """Scores of top nodes and pillars are shown with this mean and standard deviation over the ranked countries."""

    mean: float = 50.0
    sd: Annotated[float, Field(gt=0)] = 15.0


class Variant(Part):
    """A named alternative shown beside the default: parts left out, or those marked with its name let in."""

    title: Words
    reason: Words
    without: list[str] = Field(default_factory=list)


class Trend(Part):
    """First and last year of the back-cast, by top node; every indicator must have data for all of them."""

    years: dict[str, Annotated[list[Annotated[int, Field(ge=1900, le=2100)]], Field(min_length=2, max_length=2)]]


class Model(Part):
    """A checked index model.

    ``year`` is the reference year of a model on the bundled snapshot; a user's table has years of its own.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Words
    description: str = ""
    year: Annotated[int, Field(ge=0, le=2100)] = 0
    nodes: dict[Id, Node]
    indicators: dict[Id, Indicator]
    expectation: Expectation | None = None
    screening: Screening = Screening()
    impute: Impute = Impute()
    treat: Treat = Treat()
    normalise: Normalise = Normalise()
    weights: WeightMethod = "given"
    mixed: Mixed = "refuse"
    budget: Budget | None = None
    aggregate: Aggregate = Aggregate()
    scale: Scale | None = None
    uncertainty: Uncertainty = Uncertainty()
    variants: dict[Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")], Variant] = Field(default_factory=dict)
    trend: Trend | None = None
    trend_model: str = ""
    _file: str = PrivateAttr("")
    _weightings: tuple[Mapping[str, float], ...] = PrivateAttr(())
    _declared: Mapping[str, float] = PrivateAttr(default_factory=dict)

    @field_validator("indicators", mode="after")
    @classmethod
    def _name_series(cls, indicators: dict[str, Indicator]) -> dict[str, Indicator]:
        return {id: each if each.series else each.model_copy(update={"series": id}) for id, each in indicators.items()}

    @property
    def file(self) -> str:
        """Name of the file it was read from, for messages; its id where it was not."""
        return self._file or self.id

    def read_from(self, file: str) -> Model:
        """The same model, whose messages name this file."""
        found = self.model_copy()
        found._file = file  # noqa: SLF001 - of this very class
        return found

    @property
    def tops(self) -> tuple[str, ...]:
        """Nodes without a parent, in the order of the file."""
        return tuple(id for id, node in self.nodes.items() if not node.parent)

    @property
    def aggregations(self) -> tuple[Aggregate, ...]:
        """All ways in which nodes are joined, in the central build or in replications."""
        own = (node.aggregate for node in self.nodes.values() if node.aggregate is not None)
        return self.aggregate, *self.uncertainty.aggregate, *own

    def children(self, node: str) -> tuple[str, ...]:
        """Nodes and indicators directly below ``node``."""
        if node not in self.nodes:
            raise UnknownNode(node, nearest=tuple(self.nodes))
        below = [id for id, other in self.nodes.items() if other.parent == node]
        return tuple(below + [id for id, indicator in self.indicators.items() if indicator.node == node])

    def top_of(self, id: str) -> str:
        """The top node above a node or an indicator; a top node is its own."""
        above = self.indicators[id].node if id in self.indicators else id
        while self.nodes[above].parent:
            above = self.nodes[above].parent
        return above

    def leaves(self, node: str) -> tuple[str, ...]:
        """All indicators below ``node``, in the order of the file."""
        below = {node}
        for id in self.depth_first(node):
            below.add(id)
        return tuple(id for id, indicator in self.indicators.items() if indicator.node in below)

    def depth_first(self, node: str) -> tuple[str, ...]:
        """``node`` and all nodes below it, parents before children."""
        found = [node]
        for child in self.children(node):
            if child in self.nodes:
                found.extend(self.depth_first(child))
        return tuple(found)

    def adds_up(self, id: str, *, within: str = "") -> bool:
        """Whether a part has a weight of its own in all nodes above it, up to one; see `Aggregate.weighs_parts`."""
        above = self._above(id)
        while above:
            if not (self.nodes[above].aggregate or self.aggregate).weighs_parts:
                return False
            above = "" if above == within else self.nodes[above].parent
        return True

    def weight(self, id: str) -> float:
        """Weight of a node or an indicator among its siblings."""
        return self.nodes[id].weight if id in self.nodes else self.indicators[id].weight

    def errors_last(self, indicator: str) -> float | None:
        """Correlation of a unit's errors in an indicator from year to year; None where the file does not say.

        An indicator that was left out of the model has that of all.
        """
        own = self.indicators[indicator].errors_last if indicator in self.indicators else None
        return self.uncertainty.errors_last if own is None else own

    def counts(self, part: str, *, without: Collection[str] = ()) -> bool:
        """Whether a part adds to a score: not left out, of some weight, and with something below it that counts."""
        if part in without or self.weight(part) == 0:
            return False
        return part in self.indicators or any(self.counts(child, without=without) for child in self.children(part))

    def can_count(self, part: str, *, without: Collection[str] = ()) -> bool:
        """Like `counts`, in the central build or under an alternative weighting."""
        if part in without or not (self.weight(part) or any(each.get(part) for each in self._weightings)):
            return False
        return part in self.indicators or any(self.can_count(child, without=without) for child in self.children(part))

    def stands(self, *, without: Collection[str] = ()) -> bool:
        """Whether every top node has something that counts."""
        return all(any(self.counts(part, without=without) for part in self.children(top)) for top in self.tops)

    @property
    def weightings(self) -> tuple[Model, ...]:
        """The model under each of its alternative weightings, in the order of the file; itself where there are none.

        Raises
        ------
        BadRequest
            Their weights are not filled in yet; `softpower.index.weighing.weighed` does that.
        """
        choices = self.uncertainty.weigh
        if not choices:
            return (self,)
        if len(self._weightings) != len(choices):
            raise BadRequest(f"the alternative weightings of {self.file} are yet to be filled in: call weighed first")
        return tuple(
            self.weighed_by(choice.method, found) for choice, found in zip(choices, self._weightings, strict=True)
        )

    def with_weightings(self, found: Sequence[Mapping[str, float]], declared: Mapping[str, float]) -> Model:
        """The same model, in which the weights of all parts under each alternative weighting are filled in.

        Parameters
        ----------
        found : weights under each alternative, in the order of the file
        declared : weights before any were found in the data
        """
        model = self.model_copy()
        model._weightings, model._declared = tuple(found), dict(declared)  # noqa: SLF001 - of this very class
        return model

    @property
    def declared(self) -> dict[str, float]:
        """The weight of each part as the file has it, also where one found in the data has taken its place."""
        given = {part: self.weight(part) for part in (*self.nodes, *self.indicators)}
        return {part: self._declared.get(part, own) if self._is_found(part) else own for part, own in given.items()}

    def _is_found(self, part: str) -> bool:
        """Whether the weight of a part is found, in the data or among experts."""
        above = self._above(part)
        return bool(above) and (self.nodes[above].weights or self.weights) != "given"

    def weighed_by(self, method: WeightMethod, weights: Mapping[str, float]) -> Model:
        """The model with another method to weigh parts, and other weights for those of these parts that it has."""
        own = {part: weight for part, weight in weights.items() if part in self.nodes or part in self.indicators}
        return self.model_copy(update={"weights": method}).weighing(own)

    def level(self, id: str) -> int:
        """Height of a part above the indicators, which are level 1."""
        return 1 if id in self.indicators else 1 + max(self.level(child) for child in self.children(id))

    def reweighted(self, weights: Mapping[str, float]) -> Model:
        """The model with other weights for some of its parts.

        Raises
        ------
        UnknownNode
            It has no part of that name.
        BadRequest
            A weight is negative, all parts of a node would weigh nothing, or their weights are not given but found.
        """
        for above in {self._above(id) for id in weights} & set(self.nodes):
            method = self.nodes[above].weights or self.weights
            if method != "given" and len(self.children(above)) > 1:
                raise BadRequest(
                    f"the parts of {above} are weighed by {method}: weights from elsewhere would count for nothing; "
                    f'give {above} a line weights = "given"'
                )
        return self.weighing(weights)

    def _above(self, id: str) -> str:
        """The node that a part belongs to; empty for a top node, or one unknown."""
        return self.indicators[id].node if id in self.indicators else self.nodes[id].parent if id in self.nodes else ""

    def weighing(self, weights: Mapping[str, float]) -> Model:
        """Like `reweighted`, whatever the model says of how weights are found."""
        nodes, indicators = dict(self.nodes), dict(self.indicators)
        for id, weight in weights.items():
            if id not in nodes and id not in indicators:
                raise UnknownNode(id, nearest=get_close_matches(id, [*nodes, *indicators]))
            if not 0 <= weight < float("inf"):
                raise BadRequest(f"the weight of {id} must be zero or more, not {weight:g}")
            if id in nodes:
                nodes[id] = nodes[id].model_copy(update={"weight": float(weight)})
            else:
                indicators[id] = indicators[id].model_copy(update={"weight": float(weight)})
        found = self.model_copy(update={"nodes": nodes, "indicators": indicators})
        for id in nodes:
            if not any(found.weight(child) for child in found.children(id)):
                raise BadRequest(f"the weights of all parts of {id} would be zero: give at least one a weight")
        return found

    def title_of(self, id: str) -> str:
        """Title of a node or an indicator."""
        return self.nodes[id].title if id in self.nodes else self.indicators[id].title

    def variant(self, name: str = "") -> Model:
        """The model as one of its variants has it; without a name, as the default has it.

        Parts marked with another variant's name drop out, as do nodes that are left without any part.
        """
        if name and name not in self.variants:
            raise BadRequest(f"{self.id} has no variant {name!r}; it has: {', '.join(self.variants) or 'none'}")
        gone = set(self.variants[name].without) if name else set()
        return self._keeping(lambda id, part: id not in gone and part.variant in ("", name))

    def without(self, *ids: str) -> Model:
        """The model less some nodes or indicators."""
        for id in ids:
            if id not in self.nodes and id not in self.indicators:
                raise UnknownNode(id, nearest=get_close_matches(id, [*self.nodes, *self.indicators]))
        return self._keeping(lambda id, _: id not in ids)

    def _keeping(self, keeps: Callable[[str, Node | Indicator], bool]) -> Model:
        nodes = {id: node for id, node in self.nodes.items() if keeps(id, node)}
        indicators = {id: each for id, each in self.indicators.items() if keeps(id, each) and each.node in nodes}
        while True:
            used = {each.node for each in indicators.values()} | {node.parent for node in nodes.values()}
            sound = {id: node for id, node in nodes.items() if id in used and node.parent in ("", *nodes)}
            if sound.keys() == nodes.keys():
                break
            nodes = sound
            indicators = {id: each for id, each in indicators.items() if each.node in nodes}
        return self.model_copy(update={"nodes": nodes, "indicators": indicators})


def leaf_shares(model: Model, node: str) -> dict[str, float]:
    """Share of each indicator in a node under the declared weights; they sum to 1."""
    children = model.children(node)
    total = sum(model.weight(child) for child in children)
    shares: dict[str, float] = {}
    for child in children:
        share = model.weight(child) / total if total else 0.0
        below = leaf_shares(model, child) if child in model.nodes else {child: 1.0}
        shares |= {leaf: share * part for leaf, part in below.items()}
    return shares
