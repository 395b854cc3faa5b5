"""What size and wealth alone predict, and how far a country departs from a prediction.

Published soft-power rankings are reproduced almost fully by two numbers, the size and the wealth of an economy. A score
says something only where it departs from what these predict; performance says something about conversion only
where it departs from what potential predicts. Both are residuals of a straight line through all other countries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import NotEnoughData

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Prediction for each unit from a line through the other units.

    Attributes
    ----------
    expected : array, shape (draw, unit), NaN where a predictor is unknown; never beyond `range`
    spread : residual standard deviation, shape (draw,)
    leverage : array, shape (draw, unit): variance of the prediction, in units of the squared spread
    r_squared : share of variance that the predictors explain, shape (draw,)
    range : lowest and highest score that any unit has, shape (2, draw, 1)
    """

    expected: Array
    spread: Array
    leverage: Array
    r_squared: Array
    range: Array


def predict(y: Array, x: Array) -> Prediction:
    """Least squares of ``y`` on ``x`` in each draw, each unit predicted without itself.

    Scores end somewhere, a line does not: for the smallest and largest economies it points beyond any score there is.
    Nobody is held to that; such a prediction is the lowest or the highest score that anyone has.

    Parameters
    ----------
    y : array, shape (draw, unit)
    x : array, shape (draw, unit, predictor) or (1, unit, predictor); NaN where unknown

    Raises
    ------
    NotEnoughData
        Fewer than ten units with all predictors known.

    References
    ----------
    Cook, Weisberg (1982), Residuals and Influence in Regression, chapter 2: the deleted residual is e / (1 - h).
    """
    known = np.isfinite(x).all(axis=(0, 2))
    if known.sum() < 10:
        raise NotEnoughData(
            f"a prediction needs at least ten countries with known size and wealth, here are {known.sum()}"
        )
    design = np.concatenate([np.ones((*x[:, known].shape[:2], 1)), x[:, known]], axis=2)
    target = y[:, known]
    inverse = np.linalg.inv(np.swapaxes(design, 1, 2) @ design)
    beta = np.einsum("dij,duj,du->di", inverse, design, target, optimize=True)
    residual = target - np.einsum("dui,di->du", design, beta)
    hat = np.einsum("dui,dij,duj->du", design, inverse, design, optimize=True)
    freedom = known.sum() - design.shape[2]
    squares = (residual**2).sum(axis=1)
    expected, leverage = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    expected[:, known] = target - residual / (1 - hat)
    leverage[:, known] = np.broadcast_to(hat / (1 - hat), target.shape)
    total = ((target - target.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    explained = 1 - np.divide(squares, total, out=np.ones_like(total), where=total > 0)
    ends = np.stack([y.min(axis=1, keepdims=True), y.max(axis=1, keepdims=True)])
    return Prediction(np.clip(expected, *ends), np.sqrt(squares / freedom), leverage, explained, ends)


def departures(y: Array, prediction: Prediction, rng: np.random.Generator) -> Array:
    """Draws of y minus its prediction, the uncertainty of the line included; shape (draw, unit)."""
    noise = rng.standard_normal(y.shape) * np.sqrt(prediction.leverage) * prediction.spread[:, None]
    return y - np.clip(prediction.expected + noise, *prediction.range)
