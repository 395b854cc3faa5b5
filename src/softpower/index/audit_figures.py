"""The figures of an audit: what is found out about each part, pair and node of an index.

Every figure is taken over the ranked units of one year. What cannot be found is NaN, and the reason stands beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A node or an indicator of the tree.

    Attributes
    ----------
    node : the node it belongs to, "" for a top node
    depth : 0 for a top node
    weight : share among its siblings, effective : in its top node; both 1 for a top node
    reason : why it is there, as the model says; "" where it does not
    """

    id: str
    title: str
    node: str
    depth: int
    kind: str
    weight: float
    effective: float
    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """The data of one indicator over the ranked units.

    Attributes
    ----------
    known, available : units for which it is known, as a number and as a share
    skew, kurtosis : of the values as published (divided by their denominator, if any)
    outliers : both reach the limits of `statistics.Limits`
    treatment : what was done to its outliers, "" where nothing; moved : how many cells that changed
    skew_scored, kurtosis_scored : of the values as they enter the index, imputed ones included
    outliers_scored : as ``outliers``
    constant : it is the same for all ranked units, and so counts for nothing
    """

    id: str
    known: int
    available: float
    few: bool
    skew: float
    kurtosis: float
    outliers: bool
    treatment: str
    moved: int
    skew_scored: float
    kurtosis_scored: float
    outliers_scored: bool
    constant: bool


@dataclass(frozen=True, slots=True)
class Link:
    """How two parts correlate; ``flag`` as in `correlation.judge` and `correlation.redundant`."""

    first: str
    second: str
    node: str
    r: float
    p: float
    n: int
    flag: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An indicator that correlates more with another pillar, by ``other_r``, than with its own, by ``own_r``."""

    id: str
    own: str
    own_r: float
    other: str
    other_r: float


@dataclass(frozen=True, slots=True)
class Dimension:
    """Whether the parts of one node measure one thing.

    Attributes
    ----------
    parts : those that vary; constant : those that do not, and are left out here
    n : units in which all parts are known
    note : why some figures are missing, "" if none is
    eigenvalues, explained : of the principal components, largest first
    kaiser : eigenvalues above 1
    opposed : parts whose sign on the first component differs from most others
    kmo, kmo_word : Kaiser-Meyer-Olkin measure and its name; unknown for two parts, of which it would always be 0.5
    bartlett, freedom, p : test that nothing correlates
    alpha : Cronbach's, standardised; alpha_without : if one part were left out
    """

    node: str
    parts: tuple[str, ...]
    constant: tuple[str, ...]
    n: int
    note: str
    eigenvalues: tuple[float, ...] = ()
    explained: tuple[float, ...] = ()
    kaiser: int = 0
    opposed: tuple[str, ...] = ()
    kmo: float = math.nan
    kmo_word: str = "unknown"
    bartlett: float = math.nan
    freedom: int = 0
    p: float = math.nan
    alpha: float = math.nan
    alpha_without: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a part really counts in the node above it, beside its weight.

    Attributes
    ----------
    weight : share among its siblings
    r_node, r_top : Pearson correlation with the node above and with the top node
    main_effect : share of the variance of the node above that the part explains alone (Pearson's correlation ratio)
    importance : main effect as a share of those of all siblings: what the weight would be if it told importance
    """

    id: str
    node: str
    weight: float
    r_node: float
    r_top: float
    main_effect: float
    importance: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """How sure the ranks of a top node are.

    Attributes
    ----------
    width : median width of the 90 % rank intervals, in places; widest : the widest
    told_apart : share of all pairs of units of which one is ahead in at least 95 % of the replications
    """

    node: str
    units: int
    draws: int
    width: float
    widest: int
    told_apart: float


@dataclass(frozen=True, slots=True)
class Audit:
    """All figures of an audit; see the classes of its fields.

    Attributes
    ----------
    ranked, candidates : units that are ranked, and all that the data name for the year
    within : pairs of parts of one node
    elsewhere : indicators closer to another pillar than to their own
    redundant : pairs of indicators that say nearly the same, wherever they are
    groups : indicators linked by such pairs
    """

    model: str
    title: str
    variant: str
    year: int
    ranked: int
    candidates: int
    titles: Mapping[str, str]
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    within: tuple[Link, ...]
    elsewhere: tuple[Elsewhere, ...]
    dimensions: tuple[Dimension, ...]
    weighings: tuple[Weighing, ...]
    redundant: tuple[Link, ...]
    groups: tuple[tuple[str, ...], ...]
    robustness: tuple[Robustness, ...]

    @property
    def unreasoned(self) -> tuple[str, ...]:
        """Indicators for which the model gives no reason."""
        return tuple(part.id for part in self.parts if part.kind == "indicator" and not part.reason.strip())

    def to_dict(self) -> dict[str, Any]:
        """The same as plain lists and dicts that JSON can hold; what is unknown is None."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_constant=lambda _: None)
        return plain
