"""Elementwise maps that tame outliers, and how they are fitted to the observed cells of one indicator.

`softpower.index.treat` has the same treatments on plain arrays, with their equations, and the usual sequence of them.

References
----------
Box, Cox (1964), An analysis of transformations, JRSS B 26(2), 211-252.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.statistics import MOST_KURTOSIS, MOST_SKEW, Array, finite_or_missing, skew_and_kurtosis

# Beyond these no power would be defended, and z^power soon leaves the range of numbers.
POWERS = (-5.0, 5.0)


class OutOfReach(BadRequest):
    """A cell that a treatment does not reach: ``value``, and ``remedy``, the end of the message, in words of Python."""

    def __init__(self, what: str, *, value: float, remedy: str) -> None:
        self.value = value
        self.remedy = remedy
        super().__init__(f"{what}: {remedy}")


class Map(Protocol):
    """A fitted treatment: elementwise, never decreasing, any shape; missing cells stay missing."""

    @property
    def name(self) -> str:
        """The treatment, as in `FITS`."""
        ...

    def __call__(self, x: Array) -> Array:
        """Treat the cells of ``x``."""
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """Leaves every cell as it is."""

    name: str = "none"

    def __call__(self, x: Array) -> Array:
        """A copy of ``x``."""
        return np.array(x, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Clip:
    """min(max(x, low), high): what Winsorising comes to."""

    low: float
    high: float
    name: str = "winsorise"

    def __call__(self, x: Array) -> Array:
        """``x`` within the bounds."""
        clipped: Array = np.clip(x, self.low, self.high)
        return clipped


@dataclass(frozen=True, slots=True)
class Log:
    """s ln(slope z + offset) with z = max(s (x - origin), least), s = 1 or -1 and the natural logarithm.

    ``least`` is the end of the reference towards which the logarithm falls: cells beyond it, which other arrays may
    hold, are held there instead of running to minus infinity.
    """

    name: str
    origin: float
    offset: float
    least: float
    slope: float = 1.0
    sign: float = 1.0

    def __call__(self, x: Array) -> Array:
        """The logarithm of each cell."""
        z = self.slope * np.maximum(self.sign * (x - self.origin), self.least)
        logs: Array = self.sign * (np.log1p(z) if self.offset == 1 else np.log(z + self.offset))
        return logs


@dataclass(frozen=True, slots=True)
class BoxCox:
    """(z^power - 1) / power, or ln z where the power is 0, with z = max(x - shift, least)."""

    power: float
    shift: float
    least: float
    name: str = "box_cox"

    def __call__(self, x: Array) -> Array:
        """The transform of each cell."""
        logs: Array = np.log(np.maximum(x - self.shift, self.least))
        if self.power == 0:
            return logs
        with np.errstate(over="ignore"):
            powers: Array = np.expm1(self.power * logs) / self.power
        if np.isinf(powers).any():
            raise BadRequest(
                f"a Box-Cox power of {self.power:g} carries cells beyond all numbers: take one nearer to 1"
            )
        return powers


@dataclass(frozen=True, slots=True)
class Both:
    """One map after another."""

    first: Map
    second: Map

    @property
    def name(self) -> str:
        """Both names, joined by a plus."""
        return f"{self.first.name}+{self.second.name}"

    def __call__(self, x: Array) -> Array:
        """The second map of the first map of ``x``."""
        return self.second(self.first(x))


# When an indicator needs no treatment


@dataclass(frozen=True, slots=True)
class Check:
    """Skewness and kurtosis of an indicator, and whether they pass.

    ``passes`` is None where nothing can be said: constant, or fewer than three known cells.
    """

    passes: bool | None
    skew: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class Rule:
    """An indicator passes if abs(G1) < skew **or** G2 < kurtosis; see `softpower.index.statistics`.

    >>> Rule().check(np.array([1.0, 2.0, 3.0, 4.0, 90.0])).passes
    False
    """

    skew: float = MOST_SKEW
    kurtosis: float = MOST_KURTOSIS

    def __post_init__(self) -> None:
        """Refuse limits under which the rule would mean nothing."""
        if not self.skew > 0 or np.isnan(self.kurtosis):
            raise BadRequest(f"the limit on skewness must be above zero, not {self.skew}, and both must be numbers")

    def check(self, x: ArrayLike) -> Check:
        """Apply the rule to the known cells of one indicator."""
        cells = np.ravel(np.asarray(x, dtype=np.float64))
        skew, kurtosis = _shape_of(cells.tobytes()) if cells.size <= _REMEMBERED else _shape(cells)
        passes = None if np.isnan(skew) else abs(skew) < self.skew or kurtosis < self.kurtosis
        return Check(passes, skew, kurtosis)


# Alternative treatments ask for the shape of the same cells again and again: columns up to this long are remembered.
_REMEMBERED = 2_000


def _shape(cells: Array) -> tuple[float, float]:
    skew, kurtosis = skew_and_kurtosis(cells)
    return float(skew), float(kurtosis)


def forget() -> None:
    """Remember no shapes of cells: for measuring what the first build costs."""
    _shape_of.cache_clear()


@lru_cache(maxsize=512)
def _shape_of(content: bytes) -> tuple[float, float]:
    """Skewness and kurtosis of the cells with these bytes."""
    return _shape(np.frombuffer(content))


# Fits


def _known(x: ArrayLike, *, values: int = 1) -> Array:
    """The known cells, of which there are at least so many different ones."""
    cells = finite_or_missing(x)
    known = cells[~np.isnan(cells)]
    different = np.unique(known).size if values > 1 else known.size
    if different < values:
        raise NotEnoughData(
            f"a treatment needs {values} different known cells, and this indicator has {different}: leave it untreated"
            if values > 1
            else "a treatment cannot be fitted: no cell of the indicator is known"
        )
    return known


def fit_none(x: ArrayLike) -> Map:  # noqa: ARG001 - all fits are called alike
    """No treatment."""
    return Same()


def fit_winsorise(
    x: ArrayLike,
    *,
    most: int | None = 5,
    rule: Rule | None = None,
    until: Literal["passes", "most"] = "passes",
    ties: Literal["over", "within"] = "over",
) -> Clip:
    """Bounds of the Winsorised indicator; see `softpower.index.treat.winsorise`."""
    known = _known(x)
    rule = rule or Rule()
    if most is not None and most < 0:
        raise BadRequest(f"at most so many cells can be Winsorised as none or more, not {most}")
    if until not in {"passes", "most"} or ties not in {"over", "within"}:
        raise BadRequest(f"until is 'passes' or 'most' and ties is 'over' or 'within', not {until!r} and {ties!r}")
    low, high, moved = float(known.min()), float(known.max()), 0
    limit = known.size if most is None else most
    while moved < limit:
        held = np.clip(known, low, high)
        check = rule.check(held)
        if check.passes is None or (check.passes and until == "passes"):
            break
        inner = held[(held > low) & (held < high)]
        if inner.size == 0:  # one more step would make all cells equal
            break
        bounds = (low, float(inner.max())) if check.skew >= 0 else (float(inner.min()), high)
        moves = int(np.count_nonzero((known < bounds[0]) | (known > bounds[1])))
        if moves > limit and ties == "within":
            break
        (low, high), moved = bounds, moves
    return Clip(low, high)


def fit_log(x: ArrayLike, *, offset: float = 0.0) -> Log:
    """See `softpower.index.treat.log`."""
    least = float(_known(x).min())
    if not least + offset > 0:
        raise OutOfReach(
            f"ln(x + {offset:g}) does not exist for {least:g}",
            value=least,
            remedy=f"give an offset above {-least:g}, or take 'log_coin', which measures from the smallest value",
        )
    return Log("log", origin=0.0, offset=offset, least=least)


def fit_log1p(x: ArrayLike) -> Log:
    """See `softpower.index.treat.log1p`."""
    least = float(_known(x).min())
    if not least > -1:
        raise OutOfReach(
            f"ln(1 + x) does not exist for {least:g}",
            value=least,
            remedy="take 'log_coin', which measures from the smallest value",
        )
    return Log("log1p", origin=0.0, offset=1.0, least=least)


def fit_log_coin(x: ArrayLike) -> Log:
    """See `softpower.index.treat.log_coin`."""
    known = _known(x, values=2)
    low, high = float(known.min()), float(known.max())
    return Log("log_coin", origin=low, offset=0.01 * (high - low), least=0.0)


def fit_log_signed(x: ArrayLike) -> Log:
    """See `softpower.index.treat.log_signed`."""
    known = _known(x, values=2)
    low, high = float(known.min()), float(known.max())
    if skew_and_kurtosis(known)[0] > 0:
        return Log("log_signed", origin=low, offset=0.01 * (high - low), least=0.0)
    return Log("log_signed", origin=high, offset=0.01 * (high - low), least=0.0, sign=-1.0)


def fit_log_gii(x: ArrayLike, *, factor: float | None = None, direction: int = 1) -> Log:
    """See `softpower.index.treat.log_gii`."""
    known = _known(x, values=2)
    low, high = float(known.min()), float(known.max())
    if direction not in {-1, 1}:
        raise BadRequest(f"a direction is 1 or -1, not {direction}")
    if factor is None:
        factor = _lifting(high)
    if not (np.isfinite(factor) and high * factor > 1):
        raise BadRequest(
            f"the logarithm of the GII needs max times factor above 1, not {high:g} times {factor:g}: give the power "
            "of ten that lifts it above 1, or take 'log_coin'"
        )
    slope, origin = (high * factor - 1) / (high - low), low if direction == 1 else high
    return Log("log_gii", origin=origin, offset=1.0, least=0.0, slope=slope, sign=float(direction))


def _lifting(high: float) -> float:
    """The smallest power of ten, 1 or more, that lifts the largest cell above 1."""
    if not high > 0:
        raise OutOfReach(
            f"the logarithm of the GII needs a largest cell above zero, which {high:g} is not",
            value=high,
            remedy="take 'log_coin', which measures from the smallest value",
        )
    factor = 1.0
    while high * factor <= 1:
        factor *= 10
    return factor


def fit_box_cox(
    x: ArrayLike, *, power: float | Literal["likeliest"] = "likeliest", shift: float | Literal["minimum"] = 0.0
) -> BoxCox:
    """See `softpower.index.treat.box_cox`."""
    known = _known(x, values=2 if power == "likeliest" else 1)
    start = float(known.min()) - 1 if shift == "minimum" else float(shift)
    z = known - start
    if not z.min() > 0:
        raise OutOfReach(
            f"a Box-Cox transform needs cells above zero, and {known.min():g}{f' - {start:g}' if start else ''} is not",
            value=float(known.min()),
            remedy="take shift='minimum', which moves the smallest cell to 1",
        )
    chosen = likeliest_power(z) if power == "likeliest" else float(power)
    return BoxCox(chosen, start, float(z.min()))


def likeliest_power(z: ArrayLike) -> float:
    """The Box-Cox power under which the transformed cells are likeliest to be normal.

    It maximises l(p) = -n/2 ln(s^2(p)) + (p - 1) sum ln z, where s^2(p) is the variance (divisor n) of the transformed
    cells, for p from -5 to 5. The unit of z does not matter.

    Parameters
    ----------
    z : array, above zero, NaN where missing, at least two different cells

    References
    ----------
    Box, Cox (1964), JRSS B 26(2), 211-252.

    >>> round(likeliest_power(np.exp(np.linspace(-2.0, 2.0, 41))), 6) == 0  # symmetric in ln z
    True
    """
    from scipy.optimize import minimize_scalar

    known = _known(z, values=2)
    if not known.min() > 0:
        raise BadRequest(f"a Box-Cox power needs cells above zero, not {known.min():g}")
    logs = np.log(known)
    # In units of the geometric mean the second term of the likelihood vanishes.
    logs -= logs.mean()

    def loss(power: float) -> float:
        powers = logs if power == 0 else np.expm1(power * logs) / power
        return float(np.log(powers.var()))

    return float(minimize_scalar(loss, bounds=POWERS, method="bounded", options={"xatol": 1e-9}).x)


FITS: dict[str, Callable[..., Map]] = {
    "none": fit_none,
    "winsorise": fit_winsorise,
    "log": fit_log,
    "log1p": fit_log1p,
    "log_coin": fit_log_coin,
    "log_signed": fit_log_signed,
    "log_gii": fit_log_gii,
    "box_cox": fit_box_cox,
}


def fit(name: str, x: ArrayLike, **options: Any) -> Map:
    """The treatment of this name fitted to one indicator.

    >>> fit("winsorise", [1.0, 2.0, 3.0, 4.0, 90.0], most=1)(np.array([500.0])).tolist()
    [4.0]
    """
    if name not in FITS:
        raise BadRequest(f"no treatment is called {name!r}; there are {', '.join(FITS)}")
    return FITS[name](x, **options)
