"""The model file: what goes into an index, why, and what is uncertain about it.

A model is a TOML file that people write and argue about. It is read in two steps: `softpower.index.faults` finds
everything that is wrong with it at once, with line numbers; then the typed objects below are built and are
known to be sound. Nothing in them is a number of a country.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from softpower.errors import BadRequest, UnknownNode

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]


class Part(BaseModel):
    """A table of a model file: no key unknown, no value of another type, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


# Steps of construction, in the order in which they are taken. Each says how the index is built; the tables of
# [uncertainty] say what else it could have been.


class Screening(Part):
    """Which units are kept.

    Attributes
    ----------
    share : a unit is ranked if at least this share of the indicators of every top node is known
    nonzero : and at least this share of its known cells is not zero
    counts : "known" cells only, or "filled" ones too
    removes : the "rank" of a unit that fails, or all its "data", so that it sets no scale for the others either
    keep, drop : units that are kept or dropped whatever is known
    """

    share: Share = 2 / 3
    nonzero: Share = 0.0
    counts: Literal["known", "filled"] = "known"
    removes: Literal["rank", "data"] = "rank"
    keep: list[str] = []
    drop: list[str] = []


class Impute(Part):
    """How missing cells are filled: first over time, then from the other cells of the year.

    Attributes
    ----------
    method : "posterior" draws each missing cell from its distribution given all others (EM, jointly normal), the
        central build taking its mean; "none" leaves it missing, and its weight goes to its siblings
    over_time : what comes before: the last value ("latest"), a straight line between values ("linear"), the same with
        constant ends ("linear_constant"), or the nearest end ("constant")
    max_age : years a last value may be old
    group : column of the data whose groups "group_mean" and "group_median" are taken in
    """

    method: Literal["posterior", "mean", "median", "group_mean", "group_median", "row_mean", "none"] = "posterior"
    over_time: Literal["none", "latest", "linear", "linear_constant", "constant"] = "none"
    max_age: Annotated[int, Field(ge=1, le=100)] = 100
    group: str = ""


TreatMethod = Literal["none", "winsorise", "log", "log1p", "log_coin", "log_signed", "log_gii", "box_cox"]


class Treat(Part):
    """How outliers are treated, indicator by indicator, before directions; see `softpower.index.treat`.

    Attributes
    ----------
    method : the first treatment; ``then`` the one tried on the untreated cells where Winsorising does not suffice
    when : whether only an indicator that "fails" the rule is treated, or "always"
    most : most cells that Winsorising may move
    skew, kurtosis : an indicator passes where its skewness is below the one in size, or its excess kurtosis below the
        other
    power : of "box_cox"; by default the likeliest
    pool : whether the treatment is fitted to the whole "panel", or anew in each "year"
    reference : whether it is fitted to "known" cells or to "all", imputed ones included
    """

    method: TreatMethod = "none"
    then: TreatMethod = "none"
    when: Literal["fails", "always"] = "fails"
    most: Annotated[int, Field(ge=1, le=1000)] = 5
    skew: Annotated[float, Field(gt=0)] = 2.0
    kurtosis: float = 3.5
    power: Annotated[float, Field(ge=-5, le=5)] | None = None
    pool: Literal["panel", "year"] = "panel"
    reference: Literal["known", "all"] = "known"


class Normalise(Part):
    """How indicators of different units are put on one scale; see `softpower.index.normalise` for the methods.

    Attributes
    ----------
    scale : lowest and highest value of the common scale; by default the method's own
    clip, mean, sd : of "zscore"; low, high : of "goalposts" and "scaled", in the indicator's own unit; target : of
        "distance_to_target"; unit : code of the unit of "distance_to_reference"
    beyond : whether what lies beyond the ends of the scale is put there ("clip") or goes on ("extend")
    pool, reference : as in `Treat`
    """

    method: Literal[
        "minmax",
        "zscore",
        "rank",
        "percentile_rank",
        "percentile",
        "borda",
        "distance_to_maximum",
        "distance_to_reference",
        "distance_to_target",
        "fraction_of_maximum",
        "goalposts",
        "scaled",
        "none",
    ] = "minmax"
    scale: Bounds | None = None
    clip: Annotated[float, Field(gt=0)] | None = None
    mean: float | None = None
    sd: Annotated[float, Field(gt=0)] | None = None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    unit: str | None = None
    beyond: Literal["clip", "extend"] | None = None
    pool: Literal["panel", "year"] = "panel"
    reference: Literal["known", "all"] = "known"


class Aggregate(Part):
    """How the parts of a node are joined; see `softpower.index.aggregate` for the methods.

    Attributes
    ----------
    floor : of "geometric": scores on 0-100 are first moved to floor-100
    power : of "power"; penalty : of "mazziotta_pareto": "subtract" where more is better; order : weights of the places
        of "owa", best first
    known : a unit gets a score only where at least this share of the parts, by number, has one
    """

    method: Literal["arithmetic", "geometric", "harmonic", "power", "mazziotta_pareto", "owa", "copeland"] = (
        "arithmetic"
    )
    floor: Annotated[float, Field(ge=0, lt=100)] = 0.0
    power: float | None = None
    penalty: Literal["subtract", "add"] = "subtract"
    order: list[Annotated[float, Field(ge=0)]] = []
    known: Share = 0.0


WeightMethod = Literal["given", "equal", "pca", "factor", "entropy", "critic", "equal_influence"]


class Node(Part):
    """A pillar or a top node.

    Attributes
    ----------
    weights : how the weights of its parts are found; by default as the model says
    aggregate : how its parts are joined; by default as the model says
    variant : the only variant in which it takes part; empty means always
    """

    title: Words
    parent: str = ""
    weight: Annotated[float, Field(ge=0)] = 1.0
    weights: WeightMethod | None = None
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
    transform : "level", or "log": log(x + c), c the 10th percentile of all positive values, fixed once
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
    transform: Literal["level", "log"] = "level"
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


# What is uncertain. Each alternative is a whole step with a chance; where a list is empty the step is certain.

Chance = Annotated[float, Field(ge=0)]


class ImputeChoice(Impute):
    """An alternative imputation."""

    chance: Chance = 1.0


class TreatChoice(Treat):
    """An alternative treatment."""

    chance: Chance = 1.0


class NormaliseChoice(Normalise):
    """An alternative normalisation."""

    chance: Chance = 1.0


class AggregateChoice(Aggregate):
    """An alternative aggregation of "all" nodes, or only of those that join "nodes"."""

    chance: Chance = 1.0
    of: Literal["all", "nodes"] = "all"


class Uncertainty(Part):
    """What is drawn anew in each replication.

    Attributes
    ----------
    weights_cv : coefficient of variation of the weights at every level of the tree (Dirichlet). Two equal weights that
        sum to 1 cannot vary by more than 1
    weights_noise : instead, each weight times a uniform number between 1 - noise and 1 + noise, by level: 1 for the
        weights of indicators, 2 for those of the nodes above them, and so on
    errors : whether cells known with a standard error are drawn
    leave_out : chance that one "indicator" or one "pillar" at random is left out
    impute, treat, normalise, aggregate : alternatives of these steps; the central build is none of them unless listed
    """

    weights_cv: Annotated[float, Field(ge=0, le=0.95)] = 0.4
    weights_noise: dict[Annotated[str, Field(pattern=r"^[1-9]$")], Annotated[float, Field(ge=0, le=1)]] = {}
    errors: bool = True
    leave_out: dict[Literal["indicator", "pillar"], Share] = {}
    impute: list[ImputeChoice] = []
    treat: list[TreatChoice] = []
    normalise: list[NormaliseChoice] = []
    aggregate: list[AggregateChoice] = []


class Variant(Part):
    """A named alternative shown beside the default: parts left out, or those marked with its name let in."""

    title: Words
    reason: Words
    without: list[str] = []


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
    aggregate: Aggregate = Aggregate()
    scale: Scale | None = None
    uncertainty: Uncertainty = Uncertainty()
    variants: dict[Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")], Variant] = {}
    trend: Trend | None = None
    trend_model: str = ""

    @field_validator("indicators", mode="after")
    @classmethod
    def _name_series(cls, indicators: dict[str, Indicator]) -> dict[str, Indicator]:
        return {id: each if each.series else each.model_copy(update={"series": id}) for id, each in indicators.items()}

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
            A weight is negative, or all parts of a node would weigh nothing.
        """
        nodes, indicators = dict(self.nodes), dict(self.indicators)
        for id, weight in weights.items():
            if id not in nodes and id not in indicators:
                raise UnknownNode(id, nearest=(*nodes, *indicators))
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
