"""The steps of a model file: how an index is built, and what else it could have been.

Each step is a table of the file; the tree they are taken on is in `softpower.index.model`. What can be wrong with them
beyond their types is found by `softpower.index.stepfaults` and `softpower.index.weightfaults`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]
Limits = Annotated[list[Share], Field(min_length=2, max_length=2)]


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
    fit : where "data" are removed after "filled" cells are counted, whether the gaps of the others are filled anew from
        the units that are "kept", or stay as "all" units had them filled
    keep, drop : units that are kept or dropped whatever is known
    """

    share: Share = 2 / 3
    nonzero: Share = 0.0
    counts: Literal["known", "filled"] = "known"
    removes: Literal["rank", "data"] = "rank"
    fit: Literal["kept", "all"] = "kept"
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
    when : whether only an indicator that "fails" the rule is treated, or "always"; not with "winsorise", which asks the
        rule before each cell
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
    clip, mean, sd : of "zscore"; ddof : of "zscore", the divisor of its variance is the number of cells less this, by
        default 1
    low, high : of "goalposts" and "scaled", in the indicator's own unit; target : of
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
    ddof: Literal[0, 1] | None = None
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
    power : of "power"; order : weights of the places of "owa", best first
    penalty : of "mazziotta_pareto": "subtract" where more is better; ddof : the divisor of the variance of a unit's
        parts is their number less this, 0 as published
    proof : of "kemeny": the ranking of the "central" build, of "all" replications too, or of "none" is proven best, as
        far as can be; else it is searched for, and by how much it could be better is said
    share : of "benefit_of_the_doubt": least and most that any part makes up of a unit's weighted sum; shares : the same
        for parts by name
    prefer : of "benefit_of_the_doubt", in place of shares: how much growth of a part is asked for beside that of
        others, by name; 1 for those not named
    known : a unit gets a score only where at least this share of the parts, by number, has one
    """

    method: Literal[
        "arithmetic",
        "geometric",
        "harmonic",
        "power",
        "mazziotta_pareto",
        "owa",
        "copeland",
        "kemeny",
        "benefit_of_the_doubt",
    ] = "arithmetic"
    floor: Annotated[float, Field(ge=0, lt=100)] = 0.0
    power: float | None = None
    penalty: Literal["subtract", "add"] = "subtract"
    ddof: Literal[0, 1] = 0
    order: list[Annotated[float, Field(ge=0)]] = []
    proof: Literal["central", "all", "none"] = "central"
    share: Limits | None = None
    shares: dict[Id, Limits] = {}
    prefer: dict[Id, Annotated[float, Field(ge=0)]] = {}
    known: Share = 0.0

    @property
    def weighs_parts(self) -> bool:
        """Whether a part counts by its weight, so that a score is made up of what its parts add to it."""
        return self.method not in ("owa", "copeland", "kemeny", "benefit_of_the_doubt")


Mixed = Literal["refuse", "flag"]
WeightMethod = Literal["given", "equal", "pca", "factor", "entropy", "critic", "equal_influence", "budget_allocation"]


class Weigh(Part):
    """How parts are weighed; a node that says so itself goes before.

    Attributes
    ----------
    method : as the model's ``weights``
    weights : of "given", by part; parts not named have the weight declared for them
    """

    method: WeightMethod = "given"
    weights: dict[Id, Annotated[float, Field(ge=0)]] | None = None


class Budget(Part):
    """What experts would give to each part: the weights of "budget_allocation".

    Attributes
    ----------
    points : what each expert gives away among the parts of one node, in all
    experts : points by expert and part. An expert may pass over a node, but not a part of a node weighed
    file : a CSV beside the model with the columns expert, part, points, in place of ``experts``
    """

    points: Annotated[float, Field(gt=0)] = 100.0
    experts: dict[Words, dict[Id, Annotated[float, Field(ge=0)]]] = {}
    file: str = ""


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


class WeighChoice(Weigh):
    """An alternative weighting."""

    chance: Chance = 1.0


class AggregateChoice(Aggregate):
    """An alternative aggregation of "all" nodes, or only of those that join "nodes"."""

    chance: Chance = 1.0
    of: Literal["all", "nodes"] = "all"


class Uncertainty(Part):
    """What is drawn anew in each replication.

    Attributes
    ----------
    weights : whether weights are drawn "around" those of the model, as the next keys say, or are wholly "unknown": all
        shares of the parts of a node are equally likely (stochastic multicriteria acceptability analysis, SMAA)
    weight_bounds : of "unknown" weights: least and most share of a part in its node, by name
    experts : in nodes weighed by budget_allocation a replication takes the points of one expert ("draw"), the mean of
        all, each counted by a random amount ("bootstrap"), or their plain mean ("none")
    weights_cv : coefficient of variation of the weights at every level of the tree (Dirichlet). Two equal weights that
        sum to 1 cannot vary by more than 1
    weights_noise : instead, each weight times a uniform number between 1 - noise and 1 + noise, by level: 1 for the
        weights of indicators, 2 for those of the nodes above them, and so on
    errors : whether cells known with a standard error are drawn
    errors_last : correlation of the errors of one unit in one indicator from year to year: 1 where they last, as those
        of one publisher's method or judgement do, 0 where each year has its own, as those of a fresh sample have. By
        default 1, with a caution where a table of one's own has errors in several years
    leave_out : chance that one "indicator" or one "pillar" at random is left out
    impute, treat, normalise, aggregate : alternatives of these steps; the central build is none of them unless listed
    weigh : likewise alternatives of the model's ``weights``, those found in the data from the central cells; what is
        said above of how weights are drawn holds around each
    """

    weights: Literal["around", "unknown"] = "around"
    weight_bounds: dict[Id, Limits] = {}
    experts: Literal["draw", "bootstrap", "none"] = "draw"
    weights_cv: Annotated[float, Field(ge=0, le=0.95)] = 0.4
    weights_noise: dict[Annotated[str, Field(pattern=r"^[1-9]$")], Annotated[float, Field(ge=0, le=1)]] = {}
    errors: bool = True
    errors_last: Share | None = None
    leave_out: dict[Literal["indicator", "pillar"], Share] = {}
    impute: list[ImputeChoice] = []
    treat: list[TreatChoice] = []
    normalise: list[NormaliseChoice] = []
    weigh: list[WeighChoice] = []
    aggregate: list[AggregateChoice] = []
