"""Each model of conversion at the central scores, in every replication of the scores, and in samples of the units.

Two things are uncertain. Scores: each replication of the index gives all units other inputs and outputs at once, and a
frontier of its own. The frontier: it is known from the units there happen to be. Where both count, one sample of the
units is drawn in each replication of the scores, so that the spread over replications holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from softpower.errors import NotEnoughData
from softpower.index.decision_units import Names
from softpower.index.designs import stream
from softpower.index.envelope import efficiencies, shortfalls
from softpower.index.frontier_bootstrap import bootstrap, redrawn, reference_bandwidth, smoothed
from softpower.index.frontier_likelihoods import fit_many
from softpower.index.order_m import order_m, output_factors
from softpower.index.stochastic_frontier import efficiency_draws, stochastic_frontier

Array = NDArray[np.float64]

# Replications and samples that models take at most: where they have a closed form, where each unit needs a linear
# programme, and where a likelihood is climbed.
CLOSED, PROGRAMMES, LIKELIHOODS = 1000, 100, 400


@dataclass(frozen=True, slots=True)
class Scores:
    """What is compared: inputs and outputs at the central scores, and in each replication.

    Attributes
    ----------
    x, y : shape (unit, input) and (unit, output)
    x_draws, y_draws : shape (draw, unit, input) and (draw, unit, output)
    names : of units and nodes
    """

    x: Array
    y: Array
    x_draws: Array
    y_draws: Array
    names: Names

    def at_most(self, draws: int) -> Scores:
        """The same with no more than so many replications, evenly spread over those there are."""
        if len(self.x_draws) <= draws:
            return self
        some = np.linspace(0, len(self.x_draws) - 1, draws).round().astype(np.int64)
        return replace(self, x_draws=self.x_draws[some], y_draws=self.y_draws[some])

    @property
    def is_line(self) -> bool:
        """Whether there is one input and one output, so that frontiers can be drawn."""
        return bool(self.x.shape[1] == self.y.shape[1] == 1)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One model.

    Attributes
    ----------
    value : at the central scores, shape (unit,)
    low, high : interval of the frontier's sampling error, scores held at the central ones, shape (unit,)
    scores : in each replication, the frontier as it is there, shape (draw, unit)
    both : in each replication, the frontier from one sample of the units, shape (draw, unit)
    cautions : what to keep in mind
    push : by how much, in distance (1 over a share) or in points, errors of the scores push the frontier out for all
        units alike: see `pushed_out`; zero for models that leave room for chance
    """

    value: Array
    low: Array
    high: Array
    scores: Array
    both: Array
    cautions: tuple[str, ...]
    push: float = 0.0

    def without_push(self, draws: Array, *, measure: str) -> Array:
        """Draws of ``scores`` or ``both`` less the push of the errors, of which they hold two: see `pushed_out`.

        No unit is brought beyond the frontier.
        """
        if self.push == 0.0:
            return draws
        if measure == "points":
            return np.maximum(draws - 2.0 * self.push, 0.0)
        return np.asarray(1.0 / np.maximum(1.0 / draws - 2.0 * self.push, 1.0))


def pushed_out(distance: Array, draws: Array) -> float:
    """By how much units are further from the frontier of replications than from that of the scores, half of them more.

    The hull of units that are off by errors reaches further than that of the units as they are. Replications add as
    much again to scores that hold errors already, so that the scores themselves have pushed the frontier out by about
    as much as replications push it once more. Replications less twice the difference are where they would be without.

    Parameters
    ----------
    distance : from the frontier of the scores, shape (unit,)
    draws : the same in replications, shape (draw, unit)

    References
    ----------
    Cook, Stefanski (1994), Simulation-extrapolation estimation in parametric measurement error models, Journal of the
    American Statistical Association 89 (the idea, with one step).

    >>> pushed_out(np.array([1.0, 2.0, 3.0]), np.array([[1.5, 2.5, 6.0], [1.5, 2.5, 4.0]]))
    0.5
    """
    return max(0.0, float(np.median(draws.mean(axis=0) - distance)))


def by_dea(data: Scores, *, returns: str, draws: int, level: float, seed: int) -> Fitted:
    """Share of what the hull of all units allows, corrected for bias."""
    most = CLOSED if data.is_line else PROGRAMMES
    data, draws = data.at_most(most), draws if data.is_line else min(draws, PROGRAMMES)
    rng = stream(seed, "conversion", "dea")
    found = bootstrap(
        data.x, data.y, returns=returns, draws=draws, level=level, seed=int(rng.integers(2**31)), names=data.names
    )
    x, y = data.x_draws, data.y_draws
    distance = 1.0 / efficiencies(x, y, x, y, returns=returns, orientation="output")
    again = redrawn(x, y, distance, _smoothed(distance, rng), returns=returns, orientation="output")
    bias = 1.0 / found.efficiency - 1.0 / found.corrected
    both = 2.0 * distance - again
    return Fitted(
        value=found.corrected,
        low=found.low,
        high=found.high,
        scores=1.0 / (distance - bias),
        both=1.0 / both,
        cautions=found.cautions,
        push=pushed_out(1.0 / found.efficiency, distance),
    )


def by_direction(data: Scores, *, draws: int, level: float, seed: int) -> Fitted:
    """Points that each unit is short of what the hull allows, on every output alike, corrected for bias.

    The bootstrap is that of shares, with what is short in points in place of inefficiency.

    References
    ----------
    Simar, Vanhems, Wilson (2012), Statistical inference for DEA estimators of directional distances, EJOR 220.
    """
    most = CLOSED if data.is_line else PROGRAMMES
    data, draws = data.at_most(most), draws if data.is_line else min(draws, PROGRAMMES)
    rng = stream(seed, "conversion", "directional")
    point = np.ones(data.y.shape[1])
    short = shortfalls(data.x, data.y, data.x[None], data.y[None], direction=point)[0]
    drawn = smoothed(1.0 + short, bandwidth=reference_bandwidth(1.0 + short), draws=draws, rng=rng) - 1.0
    off = 2.0 * short - _shortened(data.x, data.y, short, drawn, point)
    low, high = np.quantile(off, [(1 - level) / 2, (1 + level) / 2], axis=0)
    x, y = data.x_draws, data.y_draws
    scores = shortfalls(x, y, x, y, direction=point)
    again = _shortened(x, y, scores, _smoothed(1.0 + scores, rng) - 1.0, point)
    value = off.mean(axis=0)
    push = pushed_out(short, scores)
    return Fitted(value, low, high, scores + (value - short), 2.0 * scores - again, (), push)


def _shortened(x: Array, y: Array, short: Array, drawn: Array, point: Array) -> Array:
    """Points to the hull of units that are short of theirs by other numbers of points, shape (draw, unit)."""
    moved = y + (short - drawn)[:, :, None] * point
    return shortfalls(x, y, np.broadcast_to(x, (len(moved), *x.shape[-2:])), moved, direction=point)


def _smoothed(distance: Array, rng: np.random.Generator) -> Array:
    """One draw of all distances from each row's own smoothed distribution, shape (draw, unit).

    Where all units of a row lie on its frontier there is nothing to draw from, and they stay there.
    """
    drawn = np.array(distance)
    for row in drawn:
        try:
            width = reference_bandwidth(row)
        except NotEnoughData:
            continue
        row[:] = smoothed(row, bandwidth=width, draws=1, rng=rng)[0]
    return drawn


def by_order_m(data: Scores, *, draws: int, level: float, seed: int) -> Fitted:
    """Share of the expected best of m units with no more, m a third of all units."""
    most = CLOSED if data.is_line else PROGRAMMES
    data, draws = data.at_most(most), draws if data.is_line else min(draws, PROGRAMMES)
    rng = stream(seed, "conversion", "order_m")
    units = len(data.x)
    m = max(2, round(units / 3))
    found = order_m(data.x, data.y, m=m, names=data.names)

    def resampled(x: Array, y: Array, otherwise: Array) -> Array:
        times = rng.multinomial(units, np.full(units, 1.0 / units), size=len(x)).astype(np.float64)
        factors = output_factors(x, y, m=m, times=times)
        # Where nobody with no more was drawn, there are still the units there are.
        return np.asarray(1.0 / np.where(np.isfinite(factors), factors, otherwise))

    x, y = (np.broadcast_to(each, (draws, *each.shape)) for each in (data.x, data.y))
    sample = resampled(x, y, found.factor)
    low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2], axis=0)
    scores = output_factors(data.x_draws, data.y_draws, m=m)
    both = resampled(data.x_draws, data.y_draws, scores)
    return Fitted(found.efficiency, low, high, 1.0 / scores, both, found.cautions)


def by_likelihood(data: Scores, *, distribution: str, draws: int, level: float, seed: int) -> Fitted:
    """Share of what a product of powers of the inputs allows, chance apart; one output only.

    Intervals hold what a residual leaves open of inefficiency, and, by fits to resampled units, the error of the
    parameters.

    References
    ----------
    Simar, Wilson (2010), Inferences from cross-sectional, stochastic frontier models, Econometric Reviews 29
    (resampling).
    """
    data, draws = data.at_most(LIKELIHOODS), min(draws, LIKELIHOODS)
    rng = stream(seed, "conversion", distribution)
    found = stochastic_frontier(data.x, data.y, distribution=distribution, level=level, names=data.names)

    def fitted(x: Array, y: Array, drawn: NDArray[np.int64] | None) -> Array:
        design = np.concatenate([np.ones((*x.shape[:2], 1)), np.log(x)], axis=2)
        response = np.log(y[:, :, 0])
        if drawn is None:
            fits = fit_many(design, response, shape=distribution, ratio=found.ratio)
        else:
            fits = fit_many(
                np.take_along_axis(design, drawn[:, :, None], axis=1),
                np.take_along_axis(response, drawn, axis=1),
                shape=distribution,
                ratio=found.ratio,
            )
        residual = response - np.einsum("doc,dc->do", design, fits.coefficients)
        return efficiency_draws(
            residual,
            sigma_v=fits.sigma_v,
            sigma_u=fits.sigma_u,
            distribution=distribution,
            rng=None if drawn is None else rng,
        )

    def resampled(count: int) -> NDArray[np.int64]:
        return rng.integers(0, len(data.x), size=(count, len(data.x)))

    central = [np.broadcast_to(each, (draws, *each.shape)) for each in (data.x, data.y)]
    sample = fitted(central[0], central[1], resampled(draws))
    scores = fitted(data.x_draws, data.y_draws, None)
    both = fitted(data.x_draws, data.y_draws, resampled(len(data.x_draws)))
    low, high = np.nanquantile(sample, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Fitted(
        found.efficiency, np.minimum(low, found.efficiency), np.maximum(high, found.efficiency), scores, both,
        found.cautions,
    )  # fmt: skip
