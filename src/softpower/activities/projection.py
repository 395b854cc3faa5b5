"""Forecasts of a series from every origin, each from what was known by then.

Each model is a state that follows from one-step errors, y[t] = w'x[t-1] + e[t] and x[t] = F x[t-1] + g e[t]. Errors are
linear in the first state, so that one pass over the series gives, at every origin and every point of a grid of what is
not linear (how fast levels adapt, slopes or departures fade), the least squares fit, by running sums of squares.
`softpower.activities.forecast` says what the models are, and why forecasts are averaged over the grid.

Forecasts move with the unit and the origin of the outcome; those of `level_drift` and `ar1_trend` also with any
straight line added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from softpower.activities.ranking import refuse_straight
from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = Literal["level_drift", "damped_trend", "ar1_trend"]

MODELS: Final[tuple[Model, ...]] = get_args(Model)
# Periods from which a model is fitted at least: two coefficients, a variance, and how errors persist.
FEWEST: Final = 8
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
        average over the horizon. The first origin has `FEWEST` periods before it, the last all.
    df : array, shape (origin,), degrees of freedom
    model : at the last origin
    errors : by model tried, root mean squared error of the forecasts of averages whose periods have passed by the last
        origin; NaN where they are too few to compare
    """

    mean: Array
    se: Array
    df: Array
    model: Model
    errors: dict[Model, float]


def paths(y: Array, horizon: int, model: Model | None = None) -> Paths:
    """Forecasts of a series from every origin.

    Parameters
    ----------
    y : array, shape (time,), at least `FEWEST` periods, no NaN
    horizon : periods ahead, at least 1
    model : one of `MODELS`; by default, at each origin, the one that erred least at those before it

    Raises
    ------
    NotEnoughData
        The series is a straight line.
    BadRequest
        An unknown model.

    >>> paths(np.array([1.0, 3, 2, 4, 3, 5, 4, 6, 5, 7]), 2).mean.shape
    (3, 3)
    """
    models = _models(model)
    refuse_straight(y)
    centre, scale = float(y.mean()), float(y.std())
    runs = [run((y - centre) / scale, horizon, grid(each)) for each in models]
    means, ses = np.stack([mean for mean, _ in runs]), np.stack([se for _, se in runs])
    origins = len(y) - FEWEST + 1
    errors = np.full((len(models), origins), np.nan)
    passed = origins - horizon
    if passed >= _COMPARED:
        actual = moving_mean((y - centre) / scale, horizon)[FEWEST:]
        squares = (actual - means[:, :passed, -1]) ** 2
        errors[:, horizon:] = np.sqrt(np.cumsum(squares, axis=1) / np.arange(1, passed + 1))
        errors[:, : horizon + _COMPARED - 1] = np.nan
    chosen = np.where(np.isnan(errors[0]), 0, np.nan_to_num(errors).argmin(axis=0))
    at = chosen, np.arange(origins)
    return Paths(
        mean=means[at] * scale + centre,
        se=ses[at] * scale,
        df=np.arange(FEWEST - 2.0, len(y) - 1),
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


def run(y: Array, horizon: int, points: Grid) -> tuple[Array, Array]:
    """Mean and standard error of forecasts from each origin, averaged over the grid; shapes (origin, horizon + 1)."""
    errors, slopes, states, moves = _filter(y, points)
    weighted, held = errors.copy(), slopes.copy()
    weighted[0] *= points.first
    held[0] *= points.first[:, None]
    cross = np.cumsum(held[..., :, None] * held[..., None, :], axis=0)[FEWEST - 1 :]
    with_y = np.cumsum(held * weighted[..., None], axis=0)[FEWEST - 1 :]
    inverse = np.linalg.inv(cross)
    beta = np.einsum("sgij,sgj->sgi", inverse, with_y)
    squares = np.cumsum(weighted**2, axis=0)[FEWEST - 1 :] - np.sum(beta * with_y, axis=2)
    squares = np.maximum(squares, np.finfo(float).tiny)
    free = np.arange(FEWEST, len(y) + 1)[:, None] - points.free.shape[1]
    weights = _weights(np.log(points.first) - np.linalg.slogdet(cross)[1] / 2 - free / 2 * np.log(squares))
    loads, noise = _ahead(horizon, points)
    state = states[FEWEST - 1 :] + np.einsum("sgdq,sgq->sgd", moves[FEWEST - 1 :], beta)
    means = np.einsum("gkd,sgd->sgk", loads, state)
    tilt = np.einsum("gkd,sgdq->sgkq", loads, moves[FEWEST - 1 :])
    spread = noise + np.einsum("sgkq,sgqr,sgkr->sgk", tilt, inverse, tilt)
    variance = spread * (squares / free)[..., None]
    mean = np.einsum("sg,sgk->sk", weights, means)
    total = np.einsum("sg,sgk->sk", weights, variance + (means - mean[:, None]) ** 2)
    return mean, np.sqrt(total)


def _filter(y: Array, points: Grid) -> tuple[Array, Array, Array, Array]:
    """One-step errors and states from a first state of zero, and how each moves with what is free of that state.

    Shapes (time, point), (time, point, coefficient), (time, point, state), (time, point, state, coefficient).
    """
    state = np.zeros_like(points.reads)
    move = np.broadcast_to(points.free, (len(state), *points.free.shape))
    errors, slopes, states, moves = [], [], [], []
    for value in y:
        error = value - np.sum(points.reads * state, axis=1)
        slope = np.einsum("gd,gdq->gq", points.reads, move)
        state = np.einsum("gde,ge->gd", points.step, state) + points.gain * error[:, None]
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
