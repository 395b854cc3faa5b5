"""The model file: what goes into an index, why, and what is uncertain about it.

A model is a TOML file that people write and argue about. It is read in two steps: `softpower.index.faults` finds
everything that is wrong with it at once, with line numbers; then the typed objects below are built and are
known to be sound. Nothing in them is a number of a country.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from softpower.errors import BadRequest, UnknownNode

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Probabilities = Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]


class Part(BaseModel):
    """A table of a model file: no key unknown, no value of another type, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Node(Part):
    """A pillar or a top node. ``variant`` names the only variant in which it takes part; empty means always."""

    title: Words
    parent: str = ""
    weight: Annotated[float, Field(ge=0)] = 1.0
    reason: str = ""
    variant: str = ""


class Indicator(Part):
    """One series in one pillar, and how a value for a year is made of it.

    Attributes
    ----------
    series : id in the snapshot
    direction : 1 where more is stronger, -1 where less is
    transform : "level", or "log": log(x + c), c the 10th percentile of all positive values, fixed once
    window : the value of a year is the mean of the values observed in so many years up to it
    until : last year that may enter, where later ones describe a shock and not a state
    max_age : a country without a value in the window keeps its last one for so many years, with a wider error
    vintage : the series is one snapshot: it takes part in years near it and is never carried back
    """

    title: Words
    node: str
    series: str
    direction: Literal[1, -1] = 1
    transform: Literal["level", "log"] = "level"
    weight: Annotated[float, Field(ge=0)] = 1.0
    window: Annotated[int, Field(ge=1, le=30)] = 3
    until: Annotated[int, Field(ge=1900, le=2100)] = 2100
    max_age: Annotated[int, Field(ge=1, le=50)] = 10
    vintage: bool = False
    reason: Words
    variant: str = ""


class Expectation(Part):
    """Series that stand for size and wealth; their logarithms predict what any country of that size and wealth gets."""

    size: str
    wealth: str


class Screening(Part):
    """A country is ranked if it has at least this share of the indicators of every top node."""

    share: Annotated[float, Field(ge=0, le=1)] = 2 / 3


class Scale(Part):
    """Scores of top nodes and pillars are shown with this mean and standard deviation over the ranked countries."""

    mean: float = 50.0
    sd: Annotated[float, Field(gt=0)] = 15.0


class Uncertainty(Part):
    """What is drawn anew in each replication.

    ``normalisation`` and ``aggregation`` map each alternative to its probability; the first is the central design.
    ``weights_cv`` is the coefficient of variation of the weights at every level of the tree. Two equal weights that sum
    to 1 cannot vary by more than 1.
    """

    weights_cv: Annotated[float, Field(ge=0, le=0.95)] = 0.4
    normalisation: Probabilities = {"zscore": 1.0}
    aggregation: Probabilities = {"arithmetic": 1.0}


class Variant(Part):
    """A named alternative shown beside the default: parts left out, or those marked with its name let in."""

    title: Words
    reason: Words
    without: list[str] = []


class Trend(Part):
    """First and last year of the back-cast, by top node; every indicator must have data for all of them."""

    years: dict[str, Annotated[list[Annotated[int, Field(ge=1900, le=2100)]], Field(min_length=2, max_length=2)]]


class Model(Part):
    """A checked index model. ``name`` is the file it came from."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Words
    description: Words
    year: Annotated[int, Field(ge=1900, le=2100)]
    nodes: dict[Id, Node]
    indicators: dict[Id, Indicator]
    expectation: Expectation
    screening: Screening = Screening()
    scale: Scale | None = None
    uncertainty: Uncertainty = Uncertainty()
    variants: dict[Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")], Variant] = {}
    trend: Trend | None = None
    trend_model: str = ""

    @property
    def tops(self) -> tuple[str, ...]:
        """Nodes without a parent, in the order of the file."""
        return tuple(id for id, node in self.nodes.items() if not node.parent)

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

    def weight(self, id: str) -> float:
        """Weight of a node or an indicator among its siblings."""
        return self.nodes[id].weight if id in self.nodes else self.indicators[id].weight

    def counts(self, part: str, *, without: Collection[str] = ()) -> bool:
        """Whether a part adds to a score: not left out, of some weight, and with something below it that counts."""
        if part in without or self.weight(part) == 0:
            return False
        return part in self.indicators or any(self.counts(child, without=without) for child in self.children(part))

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
                raise UnknownNode(id, nearest=(*self.nodes, *self.indicators))
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
