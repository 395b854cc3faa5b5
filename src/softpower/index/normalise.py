"""Put indicators of different units on one scale.

Each method is a function of an array of any shape, the cells of one indicator, and of ``reference``, the cells its
parameters are taken from (by default ``x`` itself): given the observed cells of the whole panel, a draw for one country
never moves the score of another, and years can be compared. ``scale`` is what the scores run between, ``scale[0]`` the
worst and ``scale[1]`` the best, so that any method can come before any mean. Methods that leave it out unless asked
(`zscore`, `rank`, `borda`, `none`) have a scale of their own.

In common:

- Cells are directed before, by ``softpower.index.panel``: more is always stronger. So are limits and targets: an
  indicator of which less is better has its cells and its target multiplied by -1.
- Missing cells are NaN and stay NaN. An infinite cell is refused, as is a reference without any known cell.
- A reference whose cells are all equal, but for rounding, says nothing about order: every cell gets the middle of the
  scale (without a scale, the mean of the z-scores; ranks and Borda points are counted as ever). Limits that are given
  rather than taken from the reference need no such rule.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (normalisation of data).
Becker et al. (2022), COINr: An R package for developing composite indicators, JOSS 7(78), 4567 (names of the methods).
"""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Scale = tuple[float, float]
Beyond = Literal["clip", "extend"]

# Standard deviations from the mean at which a z-score on a scale reaches its ends.
CLIP = 2.5
# Cells are all equal where their range is no larger than this share of the largest in size: a share of 0.1 computed
# from large numbers comes out a unit of the last digit above or below it.
ROUNDING = 1e-12


def is_constant(cells: Array) -> NDArray[np.bool_]:
    """Whether no two known cells along the first axis differ, but for rounding; shape of the other axes.

    >>> is_constant(np.array([[0.1 + 0.2, 1.0], [0.3, 2.0], [np.nan, np.nan]])).tolist()
    [True, False]
    """
    low, high = np.fmin.reduce(cells, axis=0), np.fmax.reduce(cells, axis=0)
    if cells.ndim == 1:  # the common case, asked for thousands of times
        least, most = float(low), float(high)
        return np.asarray(not most - least > ROUNDING * max(abs(least), abs(most)))
    with np.errstate(over="ignore"):  # an infinite range is one
        differs = high - low > ROUNDING * np.maximum(np.abs(low), np.abs(high))
    return np.asarray(~differs)  # where nothing is known, nothing differs


class Normaliser(Protocol):
    """A family of maps onto a common scale."""

    def __call__(self, x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
        """Return ``x`` on ``scale``, the parameters taken from ``reference`` (by default from ``x``)."""
        ...


def minmax(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0), beyond: Beyond = "clip") -> Array:
    """Linear between the smallest and the largest cell of the reference.

    Parameters
    ----------
    beyond : cells outside the reference are put at the end of the scale (``clip``) or outside it (``extend``)

    >>> minmax(np.array([2.0, 3.0, 6.0])).tolist()
    [0.0, 25.0, 100.0]
    """
    x, known = _cells(x, reference)
    return _middle(x, scale) if is_constant(known) else _linear(x, known.min(), known.max(), scale, beyond)


def zscore(
    x: Array,
    *,
    reference: Array | None = None,
    scale: Scale | None = None,
    mean: float = 0.0,
    sd: float = 1.0,
    clip: float | None = None,
    ddof: int = 1,
) -> Array:
    """Standard deviations from the mean of the reference.

    Parameters
    ----------
    scale : if given, the mean takes its middle and ``clip`` standard deviations (2.5 if not given) its ends; no score
        lies outside
    mean, sd : of the scores of the reference, where there is no ``scale``
    clip : largest distance from the mean, in standard deviations, which keeps one extreme country from pressing all
        others together; by default there is none
    ddof : the divisor of the variance is the number of cells less this

    >>> zscore(np.array([1.0, 2.0, 3.0])).tolist()
    [-1.0, 0.0, 1.0]
    >>> zscore(np.array([1.0, 2.0, 3.0]), mean=100.0, sd=10.0).tolist()
    [90.0, 100.0, 110.0]
    >>> zscore(np.array([1.0, 2.0, 3.0]), clip=2.5, scale=(0.0, 100.0)).tolist()
    [30.0, 50.0, 70.0]
    """
    x, known = _cells(x, reference)
    if not sd > 0 or not np.isfinite([mean, sd]).all():
        raise BadRequest(f"z-scores need a finite mean and an sd above zero, not mean {mean} and sd {sd}")
    if clip is not None and not clip > 0:
        raise BadRequest(f"z-scores can be clipped at a number of standard deviations above zero, not at {clip}")
    if scale is not None and (mean, sd) != (0.0, 1.0):
        raise BadRequest(
            f"z-scores on the scale {scale} have its middle as their mean: leave out mean {mean} and sd {sd}, or scale"
        )
    spread = known.std(ddof=ddof) if known.size > ddof else 0.0
    # The spread of equal cells need not come out as zero, nor that of cells that differ by almost nothing as more.
    constant = bool(is_constant(known)) or spread == 0.0
    z = np.where(np.isnan(x), np.nan, 0.0) if constant else (x - known.mean()) / spread
    if scale is not None:
        clip = CLIP if clip is None else clip
        return _stretch((np.clip(z, -clip, clip) + clip) / (2 * clip), scale)
    return mean + sd * (z if clip is None else np.clip(z, -clip, clip))


def rank(x: Array, *, reference: Array | None = None, scale: Scale | None = None) -> Array:
    """Place of each cell in the reference, 1 for the weakest; ties share the lower place.

    Parameters
    ----------
    scale : if given, place 1 takes its bottom and the place of the largest of the reference, were it alone, its top

    >>> rank(np.array([30.0, 10.0, 20.0, 20.0])).tolist()
    [4.0, 1.0, 2.0, 2.0]
    """
    return 1.0 + _below(x, reference) if scale is None else percentile_rank(x, reference=reference, scale=scale)


def borda(x: Array, *, reference: Array | None = None, scale: Scale | None = None) -> Array:
    """Borda points: how many cells of the reference lie below each cell.

    Parameters
    ----------
    scale : if given, no points take its bottom and one less than there are cells its top

    >>> borda(np.array([30.0, 10.0, 20.0, 20.0])).tolist()
    [3.0, 0.0, 1.0, 1.0]
    """
    return _below(x, reference) if scale is None else percentile_rank(x, reference=reference, scale=scale)


def percentile_rank(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Share of the other cells of the reference that lie below each cell; ties count as not below.

    Unlike `percentile`, the largest cell gets the top of the scale only where it is alone.

    >>> percentile_rank(np.array([30.0, 10.0, 20.0, 30.0, 5.0])).tolist()
    [75.0, 25.0, 50.0, 75.0, 0.0]
    """
    below = _below(x, reference)
    x, known = _cells(x, reference)
    if is_constant(known):
        return _middle(x, scale)
    return _linear(below, 0.0, known.size - 1.0, scale, "clip")


def percentile(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Share of the reference below each cell, ties counted half, linear between neighbouring cells.

    The smallest cell gets the bottom of the scale and the largest its top.

    >>> percentile(np.array([10.0, 30.0, 20.0])).tolist()
    [0.0, 100.0, 50.0]
    """
    x, known = _cells(x, reference)
    if is_constant(known):
        return _middle(x, scale)
    values, first, count = np.unique(np.sort(known), return_index=True, return_counts=True)
    middle = first + (count - 1) / 2
    return _stretch(np.interp(x, values, (middle - middle[0]) / (middle[-1] - middle[0])), scale)


def distance_to_maximum(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """How near each cell comes to the largest of the reference, 1 - (max - x) / (max - min).

    Within the reference that is `minmax`; a cell outside it is outside the scale.

    >>> distance_to_maximum(np.array([2.0, 3.0, 6.0]), scale=(0.0, 1.0)).tolist()
    [0.0, 0.25, 1.0]
    """
    return minmax(x, reference=reference, scale=scale, beyond="extend")


def distance_to_reference(
    x: Array,
    *,
    reference: Array | None = None,
    scale: Scale = (0.0, 100.0),
    value: float | None = None,
    unit: int | None = None,
    beyond: Beyond = "extend",
) -> Array:
    """How near each cell comes to a given value, or to that of a given unit, from the smallest of the reference.

    Parameters
    ----------
    value : what takes the top of the scale; or
    unit : the place in the last axis of ``x`` of the unit that takes it: in every year, or draw, by its own value there
    beyond : cells that surpass it lie above the scale (``extend``) or at its top (``clip``)

    >>> distance_to_reference(np.array([2.0, 4.0, 6.0]), unit=1).tolist()
    [0.0, 100.0, 200.0]
    """
    x, known = _cells(x, reference)
    if (value is None) == (unit is None):
        raise BadRequest("a distance to a reference needs either its value or the place of its unit, and not both")
    if unit is not None and not 0 <= unit < x.shape[-1]:
        raise BadRequest(f"no unit has place {unit} among {x.shape[-1]}: give one from 0 to {x.shape[-1] - 1}")
    if is_constant(known):
        return _middle(x, scale)
    top = np.asarray(value if unit is None else x[..., unit, None], dtype=np.float64)
    return _linear(x, known.min(), _above(top, known, "the value of the reference"), scale, beyond)


def distance_to_target(
    x: Array,
    *,
    target: float,
    reference: Array | None = None,
    scale: Scale = (0.0, 100.0),
    low: float | None = None,
    beyond: Beyond = "extend",
) -> Array:
    """How far each cell has come on the way from ``low`` to a target.

    Parameters
    ----------
    target : what takes the top of the scale; directed, like the cells
    low : what takes its bottom; by default the smallest cell of the reference
    beyond : cells past the target lie above the scale (``extend``) or at its top (``clip``)

    >>> distance_to_target(np.array([2.0, 4.0, 6.0]), target=10.0).tolist()
    [0.0, 25.0, 50.0]
    """
    x, known = _cells(x, reference)
    if low is not None:
        return _linear(x, *_rising(low, target, "from low to target"), scale, beyond)
    if is_constant(known):
        return _middle(x, scale)
    return _linear(x, known.min(), _above(np.asarray(target), known, "the target"), scale, beyond)


def fraction_of_maximum(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Each cell as a fraction of the largest of the reference: zero takes the bottom of the scale.

    Only for quantities with a zero of their own, of which more is better.

    >>> fraction_of_maximum(np.array([0.0, 1.0, 4.0])).tolist()
    [0.0, 25.0, 100.0]
    """
    x, known = _cells(x, reference)
    if known.min() < 0:
        raise BadRequest(
            f"a fraction of the maximum needs cells of zero or more, not {known.min():g}: take distance_to_maximum, "
            "which also suits indicators of which less is better"
        )
    if is_constant(known):
        return _middle(x, scale)
    return _linear(x, 0.0, known.max(), scale, "extend")


def goalposts(
    x: Array,
    *,
    low: float,
    high: float,
    reference: Array | None = None,
    scale: Scale = (0.0, 100.0),
    beyond: Beyond = "clip",
) -> Array:
    """Linear between two given goalposts, as in the Human Development Index: scores can be compared for ever.

    Parameters
    ----------
    low, high : what takes the bottom and the top of the scale; directed, like the cells
    reference : not needed; taken so that all methods can be called alike
    beyond : cells outside the goalposts are put at the end of the scale (``clip``) or outside it (``extend``)

    References
    ----------
    UNDP (2010), Human Development Report 2010, technical note 1.

    >>> goalposts(np.array([10.0, 52.5, 90.0]), low=20.0, high=85.0).tolist()
    [0.0, 50.0, 100.0]
    """
    x, _ = _cells(x, reference)
    return _linear(x, *_rising(low, high, "from the low to the high goalpost"), scale, beyond)


def scaled(x: Array, *, low: float, high: float, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Linear from a scale the cells are on already, such as answers from 1 to 7, to the common one.

    Parameters
    ----------
    low, high : ends of the scale of the cells; directed, like the cells. A cell outside it is outside ``scale``.
    reference : not needed; taken so that all methods can be called alike

    >>> scaled(np.array([1.0, 4.0, 7.0]), low=1.0, high=7.0).tolist()
    [0.0, 50.0, 100.0]
    """
    return goalposts(x, low=low, high=high, reference=reference, scale=scale, beyond="extend")


def none(x: Array, *, reference: Array | None = None, scale: Scale | None = None) -> Array:
    """The cells as they are.

    Parameters
    ----------
    reference : not needed; taken so that all methods can be called alike
    scale : the scale they are said to be on: a cell outside it is refused

    >>> none(np.array([55.0, 70.0]), scale=(0.0, 100.0)).tolist()
    [55.0, 70.0]
    """
    x, _ = _cells(x, reference)
    if scale is not None:
        low, high = _rising(*scale, "of a scale")
        outside = (x < low) | (x > high)
        if outside.any():
            raise BadRequest(
                f"cells left as they are should lie on the scale {scale}: {_first(x, outside)}; normalise them, "
                "or give the scale they are on"
            )
    return x.copy()


def _cells(x: Array, reference: Array | None) -> tuple[Array, Array]:
    """The cells as an array, and the known ones of the reference."""
    x = np.asarray(x, dtype=np.float64)
    source = x if reference is None else np.asarray(reference, dtype=np.float64)
    for name, cells in (("cells", x), ("reference", source)):
        infinite = np.isinf(cells)
        if infinite.any():
            raise BadRequest(f"infinite {name} cannot be normalised: {_first(cells, infinite)}; make them missing")
    known = source[~np.isnan(source)]
    if known.size == 0:
        raise BadRequest("nothing to normalise: no finite cell in the reference; leave the indicator out")
    return x, known


def _first(cells: Array, at_fault: NDArray[np.bool_]) -> str:
    """The first cell at fault and how many there are."""
    place = tuple(int(axis) for axis in np.argwhere(at_fault)[0])
    where = place[0] if len(place) == 1 else place
    return f"cell {where} is {cells[place]:g} (1 of {int(at_fault.sum())} such)"


def _stretch(share: Array, scale: Scale) -> Array:
    low, high = _rising(*scale, "of a scale")
    return low + (high - low) * share


def _middle(x: Array, scale: Scale) -> Array:
    return np.where(np.isnan(x), np.nan, _stretch(np.full_like(x, 0.5), scale))


def _linear(x: Array, low: float, high: float | Array, scale: Scale, beyond: Beyond) -> Array:
    if beyond not in ("clip", "extend"):
        raise BadRequest(f"beyond its limits a score is put at the end ('clip') or goes on ('extend'), not {beyond!r}")
    share: Array = (x - low) / (high - low)
    return _stretch(np.clip(share, 0.0, 1.0) if beyond == "clip" else share, scale)


def _below(x: Array, reference: Array | None) -> Array:
    """How many cells of the reference lie below each cell."""
    x, known = _cells(x, reference)
    if is_constant(known):  # what lies between them is equal to them
        low, high = known.min(), known.max()
        known, x = np.full(known.size, low), np.where((x >= low) & (x <= high), low, x)
    return np.where(np.isnan(x), np.nan, np.searchsorted(np.sort(known), x, side="left"))


def _rising(low: float, high: float, what: str) -> tuple[float, float]:
    if not low < high or not np.isfinite([low, high]).all():
        raise BadRequest(
            f"limits {what} must be finite and rise, not go from {low:g} to {high:g}: swap them, or, for an indicator "
            "of which less is better, multiply both by -1 as its cells are"
        )
    return low, high


def _above(top: Array, known: Array, what: str) -> Array:
    """What takes the top of the scale, if all of it is above the smallest cell of the reference."""
    at_fault = ~(np.isfinite(top) & (top > known.min()))
    if at_fault.any():
        raise BadRequest(
            f"{what} must be known and above the smallest cell, {known.min():g}, not {top[at_fault].flat[0]:g}: give "
            "another; for an indicator of which less is better it is multiplied by -1 as the cells are"
        )
    return top
