"""Specification curve: the same question under all reasonable choices, none hidden.

An effect that hangs on the length of the window, on logarithms or on the model is not known. The table has one row for
every combination of choices, in order of the estimates, with those that were refused at its end and why. It is read as
a whole: by the share of rows with the same sign and by the range. The rows use the same data, so that significant ones
are no independent confirmations of each other, and the best of them is no result.

References
----------
Simonsohn, Simmons & Nelson (2020), Specification curve analysis, Nature Human Behaviour 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.effects.checks import split
from softpower.activities.effects.conformal import PROXIES, conformal_test
from softpower.activities.effects.forecast import gap
from softpower.activities.effects.projection import MODELS
from softpower.activities.effects.ranking import LEVEL, SIZE
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Choices = tuple[tuple[str, Any], ...]
Scale = Literal["level", "log"]

SCALES: Final[tuple[Scale, ...]] = get_args(Scale)

ASSUMPTIONS: Final = (
    "Every combination of the choices named was tried and is shown.",
    "Each row rests on the assumptions of its own design.",
    "The rows share their data: they are not independent of each other.",
)


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination of choices and what it gives.

    ``choices`` holds (name, choice) in the order of the grid. Where the design refused, ``refused`` says why, figures
    are NaN and periods 0; else it is empty. ``level`` is that of the interval.
    """

    choices: Choices
    estimate: float
    low: float
    high: float
    level: float
    p: float
    n_pre: int
    n_post: int
    smallest_detectable: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SpecificationCurve:
    """All specifications, by estimate, refused ones last.

    Attributes
    ----------
    rows : one for each combination of choices
    median, least, most : of the estimates; NaN where all were refused
    same_sign : share of the estimates with the sign of the median, 0 to 1; NaN where all were refused or it is 0
    significant : share of the estimates with p of at most 5%; NaN where all were refused
    n_refused : combinations refused
    smallest_detectable : median of those of the rows
    assumptions : sentences
    """

    rows: tuple[Specification, ...]
    median: float
    least: float
    most: float
    same_sign: float
    significant: float
    n_refused: int
    smallest_detectable: float
    assumptions: tuple[str, ...] = ASSUMPTIONS

    def document(self) -> dict[str, Any]:
        """The table as mappings and lists; figures that are not known are NaN."""
        return {
            "median": self.median,
            "least": self.least,
            "most": self.most,
            "same_sign": self.same_sign,
            "significant": self.significant,
            "refused": self.n_refused,
            "rows": [asdict(row) | {"choices": dict(row.choices)} for row in self.rows],
        }


def specification_curve(design: Callable[..., Any], grid: Mapping[str, Sequence[Any]]) -> SpecificationCurve:
    """Estimates under every combination of choices.

    Parameters
    ----------
    design : called with one choice for each name, as keywords; gives a result of one of the designs of this folder
        (``estimate, low, high, level, p, n_pre, n_post, smallest_detectable``), or raises NotEnoughData
    grid : choices by name, each with one at least

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    BadRequest
        An empty grid, or a name without choices.

    >>> series = np.arange(40) % 5 + np.where(np.arange(40) >= 37, 10.0, 0.0)
    >>> curve = specification_curve(lambda window: gap(series, 37, window=window), {"window": [1, 2, 3]})
    >>> len(curve.rows), curve.same_sign
    (3, 1.0)
    """
    if not grid or not all(len(choices) for choices in grid.values()):
        raise BadRequest(f"choices {dict(grid)!r}: name one at least, with one choice at least for each name")
    rows = [_row(design, tuple(zip(grid, each, strict=True))) for each in product(*grid.values())]
    rows.sort(key=lambda row: (bool(row.refused), 0.0 if row.refused else row.estimate))
    found = np.array([row.estimate for row in rows if not row.refused])
    if not found.size:
        nothing = np.nan
        return SpecificationCurve(tuple(rows), nothing, nothing, nothing, nothing, nothing, len(rows), nothing)
    median = float(np.median(found))
    given = [row for row in rows if not row.refused]
    return SpecificationCurve(
        rows=tuple(rows),
        median=median,
        least=float(found.min()),
        most=float(found.max()),
        same_sign=float(np.mean(np.sign(found) == np.sign(median))) if median else np.nan,
        significant=float(np.mean([row.p <= SIZE for row in given])),
        n_refused=len(rows) - len(given),
        smallest_detectable=float(np.median([row.smallest_detectable for row in given])),
    )


def series_curve(
    outcome: ArrayLike,
    start: int,
    *,
    windows: Sequence[int],
    scales: Sequence[Scale] = SCALES,
    models: Sequence[str] = ("chosen", *MODELS),
    level: float = LEVEL,
    season: int | None = None,
    shares: bool = True,
) -> SpecificationCurve:
    """Estimates for one series by window, scale and model, as shares of what was expected unless told otherwise.

    Parameters
    ----------
    outcome : array, shape (time,), evenly spaced; periods that a window reaches without NaN
    start : place of the first period the activity could have moved, from 0
    windows : periods to average over, from ``start``
    scales : "level", or "log" for an effect that multiplies; refused where a value is not above 0
    models : of the forecast gap ("chosen" by earlier errors, or one of `MODELS`), or "conformal_mean",
        "conformal_trend" of the short-window test
    level : of the intervals, between 0 and 1
    season : periods after which the same mean comes back, 12 for months; None where there is no season
    shares : False for estimates in units of the outcome, for which the one scale is "level"

    Returns
    -------
    SpecificationCurve
        Estimates, intervals and smallest detectable effects as shares of the mean expected over the window, 0.1 for a
        tenth more; on the "log" scale, of the geometric mean.

    Raises
    ------
    BadRequest
        No numbers, an unknown scale or model, a start or window outside the series, a level outside 0 to 1, or a season
        outside 2 to 24.

    >>> noise = np.random.default_rng(7).normal(100, 2, size=60)
    >>> noise[57:] *= 1.2
    >>> curve = series_curve(noise, 57, windows=[2, 3])
    >>> len(curve.rows), curve.same_sign, round(curve.median, 1)
    (16, 1.0, 0.2)
    """
    known = ("chosen", *MODELS, *(f"conformal_{each}" for each in PROXIES))
    for kind, given, possible in (("scale", scales, SCALES), ("model", models, known)):
        wrong = [each for each in given if each not in possible]
        if wrong:
            raise BadRequest(f"{kind} {wrong[0]!r}: give some of {', '.join(possible)}")

    if not shares and set(scales) != {"level"}:
        raise BadRequest(f"scales {', '.join(scales)} without shares: units of the outcome are those of level alone")

    def design(window: int, scale: Scale, model: str) -> Any:
        return _estimated(outcome, start, window, scale=scale, model=model, level=level, season=season, shares=shares)

    return specification_curve(design, {"window": windows, "scale": scales, "model": models})


def _estimated(
    outcome: ArrayLike,
    start: int,
    window: int,
    *,
    scale: Scale,
    model: str,
    level: float,
    season: int | None,
    shares: bool,
) -> Any:
    """The effect under one set of choices, as a share or in units of the outcome."""
    pre, post = split(outcome, start, window)
    y = np.concatenate([pre, post])
    if scale == "log":
        if y.min() <= 0:
            raise NotEnoughData(f"values down to {y.min():g}: logarithms need values above 0")
        y = np.log(y)
    found: Any
    if model.startswith("conformal_"):
        proxy: Any = model.removeprefix("conformal_")
        found = conformal_test(y, start, level=level, proxy=proxy, season=season)
    else:
        named: Any = None if model == "chosen" else model
        found = gap(y, start, level=level, model=named, season=season)
    figures = np.array([found.estimate, found.low, found.high, found.smallest_detectable])
    if not shares:
        told = figures
    elif scale == "log":
        told = np.expm1(figures)
    else:
        expected = float(post.mean() - found.estimate)
        if expected <= 0:
            raise NotEnoughData(f"{expected:g} was expected on average: an effect has no share of what is not above 0")
        told = figures / expected
    estimate, low, high, seen = told.tolist()
    return replace(found, estimate=estimate, low=low, high=high, smallest_detectable=seen)


def _row(design: Callable[..., Any], choices: Choices) -> Specification:
    try:
        found = design(**dict(choices))
    except NotEnoughData as refusal:
        nothing = np.nan
        return Specification(choices, nothing, nothing, nothing, nothing, nothing, 0, 0, nothing, str(refusal))
    return Specification(
        choices=choices,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        level=found.level,
        p=found.p,
        n_pre=found.n_pre,
        n_post=found.n_post,
        smallest_detectable=found.smallest_detectable,
    )
