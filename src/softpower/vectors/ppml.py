"""Poisson pseudo-maximum likelihood with effects of origin and partner: what a flow would be, given what drives it.

The mean of a flow from ``o`` to ``d`` is ``exp(x b + a_o + g_d)``. The effects take up everything about either country
alone (size, wealth, remoteness), so that ``b`` is learnt from pairs. Flows may be zero, and their variance need not
equal their mean: the estimator only needs the mean to be right.

References
----------
Santos Silva & Tenreyro (2006), The log of gravity, Review of Economics and Statistics 88(4).
Correia, Guimaraes & Zylkin (2020), Fast Poisson estimation with high-dimensional fixed effects, Stata Journal 20(1).
Correia, Guimaraes & Zylkin (2021), Verifying the existence of maximum likelihood estimates for generalized linear
models, arXiv:1903.01633 (separation, and the iterative rectifier).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A regressor whose part that the effects leave over is this small against the whole is taken up by them.
COLLINEAR = 1e-9
TOLERANCE = 1e-10
MAX_STEPS = 100
# In the search for separated pairs: weight of pairs that flow, and what counts as zero.
_HEAVY = 1e6
_ZERO = 1e-5


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    coefficients : of the regressors, shape (regressor,); NaN where the effects, or other regressors, take one up
    errors : their standard errors, robust to any variance of the flows (HC1), shape (regressor,)
    fitted : mean of each pair, shape (pair,); 0 where `kept` is false
    kept : pairs that the estimate rests on; the others have no finite estimate (separation), their mean is zero
    origin_effects, partner_effects : by code, NaN for those without a kept pair; the mean of the latter is 0
    steps : Newton steps taken
    """

    coefficients: Array
    errors: Array
    fitted: Array
    kept: Flags
    origin_effects: Array
    partner_effects: Array
    steps: int


def ppml(
    flow: Array, x: Array, origin: Ints, partner: Ints, *, weights: Array | None = None, start: Fit | None = None
) -> Fit:
    """Coefficients, effects and means of a gravity model.

    Parameters
    ----------
    flow : array, shape (pair,), finite, not negative
    x : array, shape (pair, regressor), finite
    origin, partner : codes from 0, shape (pair,)
    weights : of pairs, positive; by default all 1
    start : a fit to the same pairs to start from; its separated pairs are taken as known

    Raises
    ------
    BadRequest
        Shapes differ, or a flow, a regressor or a weight is out of range.
    NotEnoughData
        Nothing flows, or fewer pairs are left than there are parameters.

    >>> origin, partner = np.divmod(np.arange(9), 3)
    >>> near = np.array([0.0, 1, 0, 0, 0, 1, 1, 0, 0])
    >>> flow = np.exp(2 * near + 0.5 * origin - 0.2 * partner)
    >>> ppml(flow, near[:, None], origin, partner).coefficients.round(6).tolist()
    [2.0]
    """
    flow, x = np.asarray(flow, dtype=float), np.asarray(x, dtype=float)
    w = np.ones(len(flow)) if weights is None else np.asarray(weights, dtype=float)
    _check(flow, x, origin, partner, w)
    kept = start.kept if start is not None else ~separated(flow, x, origin, partner)
    if not (flow[kept] > 0).any():
        raise NotEnoughData("nothing flows between these countries; give flows of which some are above zero")
    design = _Design(x[kept], origin[kept], partner[kept])
    y, w = flow[kept], w[kept]
    if len(y) <= design.parameters:
        raise NotEnoughData(
            f"{len(y)} pairs cannot carry {design.parameters} parameters; give more countries or fewer regressors"
        )
    eta = np.log(start.fitted[kept]) if start is not None else np.log((y + y.mean()) / 2)
    mean = np.exp(eta)
    deviance = np.inf
    steps = 0
    for _ in range(MAX_STEPS):
        steps += 1
        b, a, g = design.regress(eta + (y - mean) / mean, w * mean)
        eta = design.predict(b, a, g)
        mean = np.exp(np.clip(eta, -300, 300))
        before, deviance = deviance, _deviance(y, mean, w)
        if abs(before - deviance) <= TOLERANCE * (abs(deviance) + 0.1):
            break
    else:
        raise NotEnoughData(f"the gravity model did not settle in {MAX_STEPS} steps; leave out a regressor")
    fitted = np.zeros(len(flow))
    fitted[kept] = mean
    errors = design.errors(w * mean, w * (y - mean))
    return Fit(design.spread(b), design.spread(errors), fitted, kept, *design.effects(a, g), steps)


def separated(flow: Array, x: Array, origin: Ints, partner: Ints) -> Flags:
    """Pairs whose mean the likelihood drives to zero, so that no finite estimate exists with them.

    Either a country has no flow at all in this direction, or some combination of regressors and effects is zero on all
    pairs that flow and positive on these alone; the latter are found by the iterative rectifier of Correia et al.

    >>> separated(np.array([1.0, 2, 0, 0]), np.zeros((4, 1)), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])).tolist()
    [False, False, True, True]
    """
    out = np.zeros(len(flow), dtype=bool)
    while True:
        live = ~out
        sends = np.bincount(origin[live], flow[live], minlength=origin.max() + 1) > 0
        gets = np.bincount(partner[live], flow[live], minlength=partner.max() + 1) > 0
        gone = live & ~(sends[origin] & gets[partner])
        if not gone.any():
            break
        out |= gone
    if not (flow > 0).any():
        return out
    live = np.flatnonzero(~out)
    design = _Design(x[live], origin[live], partner[live])
    zero = flow[live] == 0
    u = zero.astype(float)
    w = np.where(zero, 1.0, _HEAVY)
    for _ in range(MAX_STEPS):
        fit = design.predict(*design.regress(u, w))
        fit = np.where(np.abs(fit) < _ZERO, 0.0, fit)
        fit = np.where(zero, fit, 0.0)
        if (fit >= 0).all():
            out[live[fit > 0]] = True
            break
        u = np.maximum(fit, 0.0)
    return out


class _Design:
    """Regressors beside two sets of effects; the effects are eliminated exactly, not by repeated demeaning."""

    def __init__(self, x: Array, origin: Ints, partner: Ints) -> None:
        self.origins, self.o = np.unique(origin, return_inverse=True)
        self.partners, self.d = np.unique(partner, return_inverse=True)
        self.shape = (len(self.origins), len(self.partners))
        self.cell = self.o * self.shape[1] + self.d
        self.sizes = (int(origin.max()) + 1, int(partner.max()) + 1)
        self.width = x.shape[1]
        self.used = self._independent(x)
        self.x = x[:, self.used]
        self.parameters = len(self.used) + sum(self.shape) - 1

    def regress(self, y: Array, w: Array) -> tuple[Array, Array, Array]:
        """Coefficients, origin effects and partner effects of a weighted least-squares fit."""
        solve = _Solve(self, w)
        left = self._left_over(np.column_stack([self.x, y]), solve)
        xs, ys = left[:, :-1], left[:, -1]
        weighted = (xs * w[:, None]).T
        b = np.asarray(np.linalg.solve(weighted @ xs, weighted @ ys), dtype=np.float64)
        a, g = solve(y - self.x @ b)
        return b, a, g

    def predict(self, b: Array, a: Array, g: Array) -> Array:
        fitted: Array = self.x @ b + a[self.o] + g[self.d]
        return fitted

    def errors(self, w: Array, score: Array) -> Array:
        """Standard errors robust to heteroskedasticity, with the correction n / (n - parameters)."""
        xs = self._left_over(self.x, _Solve(self, w))
        bread = np.linalg.inv((xs * w[:, None]).T @ xs)
        meat = (xs * score[:, None]).T @ (xs * score[:, None])
        n = len(w)
        errors: Array = np.sqrt(np.diag(bread @ meat @ bread) * n / (n - self.parameters))
        return errors

    def spread(self, values: Array) -> Array:
        """Values of the regressors used, among all; NaN for the others."""
        full = np.full(self.width, np.nan)
        full[self.used] = values
        return full

    def effects(self, a: Array, g: Array) -> tuple[Array, Array]:
        """Effects by code, those of partners with mean 0."""
        whole_a, whole_g = np.full(self.sizes[0], np.nan), np.full(self.sizes[1], np.nan)
        whole_a[self.origins], whole_g[self.partners] = a + g.mean(), g - g.mean()
        return whole_a, whole_g

    def _left_over(self, columns: Array, solve: _Solve) -> Array:
        """What the effects cannot explain of each column."""
        left = np.empty_like(columns)
        for k in range(columns.shape[1]):
            a, g = solve(columns[:, k])
            left[:, k] = columns[:, k] - a[self.o] - g[self.d]
        return left

    def _independent(self, x: Array) -> Ints:
        """Regressors that neither the effects nor the regressors before them take up."""
        left = self._left_over(x, _Solve(self, np.ones(len(x))))
        used: list[int] = []
        basis = np.zeros((len(x), 0))
        for k in range(x.shape[1]):
            rest = left[:, k] - basis @ (basis.T @ left[:, k])
            size = float(np.linalg.norm(rest))
            if size > COLLINEAR * max(float(np.linalg.norm(x[:, k])), 1e-300):
                used.append(k)
                basis = np.column_stack([basis, rest / size])
        return np.array(used, dtype=np.int64)


class _Solve:
    """Weighted regression on the two sets of effects alone, factored once for many right-hand sides."""

    def __init__(self, design: _Design, w: Array) -> None:
        from scipy.linalg import cho_factor

        self.design, self.w = design, w
        n, m = design.shape
        self.table = np.bincount(design.cell, w, minlength=n * m).reshape(n, m)
        self.rows = self.table.sum(axis=1)
        columns = self.table.sum(axis=0)
        schur = np.diag(columns) - self.table.T @ (self.table / self.rows[:, None])
        # The effects of a group of countries that trade only among themselves are known up to a constant: a ridge along
        # the constant picks one, and leaves fitted values as they are.
        scale = columns.mean()
        self.factor = cho_factor(schur + scale / m + np.diag(np.full(m, 1e-12 * scale)))

    def __call__(self, y: Array) -> tuple[Array, Array]:
        from scipy.linalg import cho_solve

        d = self.design
        by_row = np.bincount(d.o, self.w * y, minlength=d.shape[0])
        by_column = np.bincount(d.d, self.w * y, minlength=d.shape[1])
        g: Array = cho_solve(self.factor, by_column - self.table.T @ (by_row / self.rows))
        a: Array = (by_row - self.table @ g) / self.rows
        return a, g


def _deviance(y: Array, mean: Array, w: Array) -> float:
    ratio = np.where(y > 0, y / mean, 1.0)
    return float(2 * (w * (y * np.log(ratio) - (y - mean))).sum())


def _check(flow: Array, x: Array, origin: Ints, partner: Ints, w: Array) -> None:
    if x.ndim != 2 or not len(flow) == len(x) == len(origin) == len(partner) == len(w):
        raise BadRequest(
            f"flows {flow.shape}, regressors {x.shape}, origins {origin.shape}, partners {partner.shape} and weights"
            f" {w.shape} do not belong together; give one row for each pair"
        )
    bad = ~np.isfinite(flow) | (flow < 0)
    if bad.any():
        k = int(np.argmax(bad))
        raise BadRequest(f"flow {flow[k]} of pair {k} ({int(bad.sum())} such): give finite flows that are not negative")
    if not np.isfinite(x).all():
        raise BadRequest("a regressor is missing or infinite; leave out such pairs or fill the gap")
    if not (np.isfinite(w).all() and (w > 0).all()):
        raise BadRequest("weights of pairs must be finite and above zero")
