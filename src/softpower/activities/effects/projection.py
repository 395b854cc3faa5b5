"""Forecasts of a series from every origin, each from what was known by then.

Each model is a state that follows from one-step errors, y[t] = w'x[t-1] + e[t] and x[t] = F x[t-1] + g e[t]. Errors are
linear in the first state, so that one pass over the series gives, at every origin and every point of a grid of what is
not linear (how fast levels adapt, slopes or departures fade), the least squares fit, by running sums of squares.
`softpower.activities.effects.forecast` says what the models are, and why forecasts are averaged over the grid.

A season adds coefficients of its own: the mean of each place in it, the same in all the series, to what is observed.

Forecasts move with the unit and the origin of the outcome; those of `level_drift` and `ar1_trend` also with any
straight line added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import check_noise, straight
from softpower.activities.effects.season import terms
from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = Literal["level_drift", "damped_trend", "ar1_trend"]

MODELS: Final[tuple[Model, ...]] = get_args(Model)
# Periods from which a model is fitted at least: two coefficients, a variance, and how errors persist.
FEWEST: Final = 8
# Numbers held at a time, so that long series with long seasons fit into memory.
_HELD: Final = 2**22
# Earlier windows over which models have been compared at least; before that, the first model is taken.
_COMPARED: Final = 5


@dataclass(frozen=True, eq=False)
class Grid:
    """A model at each point of its grid, and what of its first state is free.

    ``step`` (point, state, state), ``reads`` (point, state), ``gain`` (point, state), ``free`` (state, coefficient);
    ``first`` (point,) scales the first error, whose variance differs where departures have a past.
    """

    step: Array
    reads: Array
    gain: Array
    free: Array
    first: Array


@lru_cache(maxsize=len(MODELS))
def grid(model: Model) -> Grid:
    """The model at all points of its grid."""
    if model == "ar1_trend":
        fade = np.linspace(-0.6, 0.95, 32)
        step = np.zeros((len(fade), 3, 3))
        step[:, 0, :2] = step[:, 1, 1] = 1
        step[:, 2, 2] = fade
        reads = np.stack([np.ones_like(fade), np.ones_like(fade), fade], axis=1)
        gain = np.tile([0.0, 0.0, 1.0], (len(fade), 1))
        return Grid(step, reads, gain, np.eye(3)[:, :2], np.sqrt(1 - fade**2))
    if model == "level_drift":
        adapt, follow, damp = np.linspace(0, 1, 21), np.zeros(21), np.ones(21)
    else:
        mesh = np.meshgrid([0.05, 0.2, 0.4, 0.6, 0.8, 1.0], [0.05, 0.2, 0.5], [0.8, 0.9, 0.98], indexing="ij")
        adapt, follow, damp = (each.ravel() for each in mesh)
    step = np.zeros((len(damp), 2, 2))
    step[:, 0, 0], step[:, 0, 1], step[:, 1, 1] = 1, damp, damp
    reads = np.stack([np.ones_like(damp), damp], axis=1)
    return Grid(step, reads, np.stack([adapt, adapt * follow], axis=1), np.eye(2), np.ones_like(damp))


@dataclass(frozen=True, eq=False)
class Paths:
    """Forecasts from every origin, by the model chosen there.

    Attributes
    ----------
    mean, se : arrays, shape (origin, horizon + 1), forecast and standard error of its error; the last column for the
        average over the horizon. The first origin has `fewest` periods before it, the last all.
    df : array, shape (origin,), degrees of freedom
    straight : origins from the first on whose own past a line and season fit, so that their standard errors are nothing
    model : at the last origin
    errors : by model tried, root mean squared error of the forecasts of averages whose periods have passed by the last
        origin; NaN where they are too few to compare
    """

    mean: Array
    se: Array
    df: Array
    straight: int
    model: Model
    errors: dict[Model, float]


def fewest(season: int | None) -> int:
    """Periods from which a model is fitted: its coefficients and six more, or five with a season.

    With one less, four years of months leave 19 earlier dates before a window of a year.

    >>> fewest(None), fewest(12)
    (8, 18)
    """
    return FEWEST if season is None else season + 6


def paths(y: Array, horizon: int, model: Model | None = None, season: int | None = None) -> Paths:
    """Forecasts of a series from every origin.

    Parameters
    ----------
    y : array, shape (time,), at least `fewest` periods, no NaN
    horizon : periods ahead, at least 1
    model : one of `MODELS`; by default, at each origin, the one that erred least at those before it
    season : periods after which the same mean comes back

    Raises
    ------
    NotEnoughData
        The series is a straight line, but for its season.
    BadRequest
        An unknown model.

    >>> paths(np.array([1.0, 3, 2, 4, 3, 5, 4, 6, 5, 7]), 2).mean.shape
    (3, 3)
    """
    models = _models(model)
    check_noise(y, season)
    centre, scale = float(y.mean()), float(y.std())
    runs = [run((y - centre) / scale, horizon, grid(each), season) for each in models]
    means, ses = np.stack([mean for mean, _ in runs]), np.stack([se for _, se in runs])
    least = fewest(season)
    origins = len(y) - least + 1
    errors = np.full((len(models), origins), np.nan)
    passed = origins - horizon
    if passed >= _COMPARED:
        actual = moving_mean((y - centre) / scale, horizon)[least:]
        squares = (actual - means[:, :passed, -1]) ** 2
        errors[:, horizon:] = np.sqrt(np.cumsum(squares, axis=1) / np.arange(1, passed + 1))
        errors[:, : horizon + _COMPARED - 1] = np.nan
    chosen = np.where(np.isnan(errors[0]), 0, np.nan_to_num(errors).argmin(axis=0))
    at = chosen, np.arange(origins)
    coefficients = 2 if season is None else season + 1
    return Paths(
        mean=means[at] * scale + centre,
        se=ses[at] * scale,
        df=np.arange(least - coefficients, len(y) - coefficients + 1, dtype=float),
        straight=max(straight(y, season) - least + 1, 0),
        model=models[chosen[-1]],
        errors=dict(zip(models, (errors[:, -1] * scale).tolist(), strict=True)),
    )


def _models(model: Model | None) -> tuple[Model, ...]:
    """The models to try."""
    if model is None:
        return MODELS
    if model not in MODELS:
        raise BadRequest(f"model {model!r}: give one of {', '.join(MODELS)}")
    return (model,)


def run(y: Array, horizon: int, points: Grid, season: int | None = None) -> tuple[Array, Array]:
    """Mean and standard error of forecasts from each origin, averaged over the grid; shapes (origin, horizon + 1)."""
    least, places = fewest(season), terms(len(y) + horizon, season)
    errors, slopes, states, moves = _filter(y, points, places)
    errors[0] *= points.first
    slopes[0] *= points.first[:, None]
    squares = np.cumsum(errors**2, axis=0)
    loads, noise = _ahead(horizon, points)
    count = slopes.shape[-1]
    cross = np.einsum("tgi,tgj->gij", slopes[: least - 1], slopes[: least - 1])
    with_y = np.einsum("tgi,tg->gi", slopes[: least - 1], errors[: least - 1])
    found = []
    block = max(_HELD // (slopes.shape[1] * count * max(count, horizon + 1)), 1)
    for begin in range(least - 1, len(y), block):
        rows = slice(begin, min(begin + block, len(y)))
        held = slopes[rows]
        crosses = cross + np.cumsum(held[..., :, None] * held[..., None, :], axis=0)
        withs = with_y + np.cumsum(held * errors[rows][..., None], axis=0)
        cross, with_y = crosses[-1], withs[-1]
        # What future values take of the coefficients: through the state, and by their place in the season.
        tilt = np.einsum("gkd,sgdq->sgkq", loads, moves[rows])
        future = np.lib.stride_tricks.sliding_window_view(places[rows.start + 1 : rows.stop + horizon], horizon, axis=0)
        ahead = np.concatenate([future, future.mean(axis=-1, keepdims=True)], axis=-1).swapaxes(1, 2)
        tilt[..., points.free.shape[1] :] += ahead[:, None]
        state = np.einsum("gkd,sgd->sgk", loads, states[rows])
        free = np.arange(rows.start + 1, rows.stop + 1)[:, None] - count
        found.append(_averaged(crosses, withs, squares[rows], tilt, state, noise, free, points.first))
    mean, se = (np.concatenate(each) for each in zip(*found, strict=True))
    return mean, se


def _averaged(
    cross: Array, with_y: Array, squares: Array, tilt: Array, state: Array, noise: Array, free: Ints, first: Array
) -> tuple[Array, Array]:
    """Means and standard errors from sums of squares and products at each origin and point of the grid."""
    inverse = np.linalg.inv(cross)
    beta = np.einsum("sgij,sgj->sgi", inverse, with_y)
    left = np.maximum(squares - np.sum(beta * with_y, axis=2), np.finfo(float).tiny)
    weights = _weights(np.log(first) - np.linalg.slogdet(cross)[1] / 2 - free / 2 * np.log(left))
    means = state + np.einsum("sgkq,sgq->sgk", tilt, beta)
    spread = noise + np.sum((tilt @ inverse) * tilt, axis=-1)
    variance = spread * (left / free)[..., None]
    mean = np.einsum("sg,sgk->sk", weights, means)
    total = np.einsum("sg,sgk->sk", weights, variance + (means - mean[:, None]) ** 2)
    return mean, np.sqrt(total)


def _filter(y: Array, points: Grid, places: Array) -> tuple[Array, Array, Array, Array]:
    """One-step errors and states from a first state of zero, and how each moves with the coefficients.

    These are what is free of the first state, then the means of the season. Shapes (time, point),
    (time, point, coefficient), (time, point, state), (time, point, state, coefficient).
    """
    state = np.zeros_like(points.reads)
    of_state = points.free.shape[1]
    move = np.zeros((len(state), len(points.free), of_state + places.shape[1]))
    move[..., :of_state] = points.free
    errors, slopes, states, moves = [], [], [], []
    for value, place in zip(y, places, strict=False):
        error = value - np.sum(points.reads * state, axis=1)
        slope = (points.reads[:, None] @ move)[:, 0]
        slope[:, of_state:] += place
        state = (points.step @ state[..., None])[..., 0] + points.gain * error[:, None]
        move = points.step @ move - points.gain[..., None] * slope[:, None]
        errors.append(error)
        slopes.append(slope)
        states.append(state)
        moves.append(move)
    return np.array(errors), np.array(slopes), np.array(states), np.array(moves)


def _ahead(horizon: int, points: Grid) -> tuple[Array, Array]:
    """What future values and their average take of the state, (point, horizon + 1, state), and variances of the noise.

    The variances, shape (point, horizon + 1), are in units of the variance of one error.
    """
    reads, rows = points.reads, []
    for _ in range(horizon):
        rows.append(reads)
        reads = np.einsum("gd,gde->ge", reads, points.step)
    loads = np.stack(rows, axis=1)
    echoes = np.einsum("gkd,gd->gk", loads, points.gain)
    past = np.zeros((len(echoes), horizon, horizon))
    for row in range(horizon):
        past[:, row, row] = 1
        past[:, row, :row] = echoes[:, :row][:, ::-1]
    parts = np.vstack([np.eye(horizon), np.full(horizon, 1 / horizon)])
    return parts @ loads, np.sum((parts @ past) ** 2, axis=2)


def _weights(logs: Array) -> Array:
    """Weights that add up to 1 along the second axis, from their logarithms."""
    scaled = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights: Array = scaled / scaled.sum(axis=1, keepdims=True)
    return weights


def moving_mean(y: Array, k: int) -> Array:
    """Means over k periods, by the first of them; shape (time - k + 1,).

    >>> moving_mean(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [2.0, 4.0]
    """
    means: Array = np.lib.stride_tricks.sliding_window_view(y, k).mean(axis=1)
    return means
