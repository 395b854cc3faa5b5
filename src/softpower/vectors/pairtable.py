"""Gravity models fitted again and again to the same pairs, with other weights, other totals, or pools to share out.

The steps are those of `softpower.vectors.ppml`; with all pairs in one table, sums over partners are sums along an axis,
which makes a step three times as fast.

References
----------
Deming & Stephan (1940), On a least squares adjustment of a sampled frequency table when the expected marginal totals
are known, Annals of Mathematical Statistics 11(4).
Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39(1).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.ppml import Fit

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Change of the effects, as a share, below which they are settled.
_SETTLED_EFFECT: Final = 1e-7
_MAX_STEPS: Final = 10_000


class PairTable:
    """Pairs as a table of origins by partners.

    Parameters
    ----------
    fit : a fit to these pairs, from which others start; its separated pairs are taken as known
    x : regressors, shape (pair, regressor)
    origin, partner : codes, shape (pair,)

    Raises
    ------
    BadRequest
        A pair stands in two rows.
    """

    def __init__(self, fit: Fit, x: Array, origin: Ints, partner: Ints) -> None:
        self.kept, self.sizes = (
            fit.kept,
            tuple(len(each) for each in (fit.coefficients, fit.origin_effects, fit.partner_effects)),
        )
        self.origins, o = np.unique(origin[fit.kept], return_inverse=True)
        self.partners, p = np.unique(partner[fit.kept], return_inverse=True)
        self.shape = (len(self.origins), len(self.partners))
        self.cell = o * self.shape[1] + p
        if len(np.unique(self.cell)) < len(self.cell):
            raise BadRequest("a pair of countries stands in two rows; give each pair once")
        self.used = np.flatnonzero(np.isfinite(fit.coefficients))
        regressors = x[np.ix_(fit.kept, self.used)]
        self.middle = regressors.mean(axis=0)
        self.x = self._spread(regressors - self.middle)

    def settle(
        self, flow: Array, weights: Array, mean: Array, named: Flags, total: Array, tolerance: float
    ) -> tuple[tuple[Array, Array, Array], Array]:
        """Estimates by code, and the mean of each pair, from ``mean`` on until it settles.

        Flows that are not named are the share of their pool that the mean of the step before gives them: expectation
        and maximisation in turn, the latter a single step.
        """
        y, w, now = (self._spread(each[self.kept]) for each in (flow, weights, mean))
        pooled = self._spread((~named[self.kept]).astype(float)) > 0
        total = np.nan_to_num(total[self.origins])
        cells = now > 0
        eta = np.log(now, out=np.zeros_like(now), where=cells)
        for _ in range(_MAX_STEPS):
            if pooled.any():
                parts = np.where(pooled, now, 0.0).reshape(self.shape)
                y = np.where(pooled, (parts * _ratio(total, parts.sum(axis=1))[:, None]).ravel(), y)
            b, a, g = self._regress(eta + _ratio(y - now, now), w * now)
            eta = self.x @ b + (a[:, None] + g).ravel()
            before, now = now, np.where(cells, np.exp(np.clip(eta, -300, 300)), 0.0)
            change, size = (w * abs(now - before)).reshape(self.shape), (w * now).reshape(self.shape)
            if max((change.sum(axis=k) / size.sum(axis=k)).max() for k in (0, 1)) <= tolerance:
                break
        else:
            raise NotEnoughData(f"the gravity model did not settle in {_MAX_STEPS} steps; leave out a regressor")
        means = np.zeros(len(self.kept))
        means[self.kept] = now[self.cell]
        return self._by_code(b, a - self.middle @ b, g), means

    def balance(self, b: Array, fit: Fit, flow: Array, named: Flags, total: Array) -> tuple[Array, Array]:
        """Effects by code that give every country its total at coefficients ``b``, by proportional fitting."""
        cells = self._spread(np.ones(len(self.cell)))
        kernel = (cells * np.exp(self.x @ b[self.used])).reshape(self.shape)
        y = self._spread(flow[self.kept]).reshape(self.shape)
        pooled = kernel * self._spread((~named[self.kept]).astype(float)).reshape(self.shape)
        total = np.nan_to_num(total[self.origins]) if pooled.any() else np.zeros(self.shape[0])
        sends, gets = y.sum(axis=1) + total, y.sum(axis=0)
        v = np.exp(fit.partner_effects[self.partners])
        for _ in range(_MAX_STEPS):
            u = sends / (kernel @ v)
            shared = v * (pooled.T @ _ratio(total, pooled @ v)) if pooled.any() else 0.0
            before, v = v, (gets + shared) / (kernel.T @ u)
            if abs(v / before - 1).max() <= _SETTLED_EFFECT:
                break
        else:
            raise NotEnoughData(f"the effects did not settle in {_MAX_STEPS} steps; leave out a regressor")
        u = sends / (kernel @ v)
        return self._by_code(np.zeros(len(self.used)), np.log(u) - self.middle @ b[self.used], np.log(v))[1:]

    def _regress(self, y: Array, w: Array) -> tuple[Array, Array, Array]:
        """Coefficients, origin effects and partner effects of a weighted least-squares fit."""
        from scipy.linalg import cho_factor, cho_solve

        k = self.x.shape[1]
        table = w.reshape(self.shape)
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        weighted = w[:, None] * np.column_stack([self.x, y])
        by_cell = weighted.reshape(*self.shape, k + 1)
        by_row, by_column = by_cell.sum(axis=1), by_cell.sum(axis=0)
        # Effects are known up to a constant that moves from one set to the other; the outer product picks one. Scaled
        # by what partners get, lest tiny ones drown in rounding.
        scale = 1 / np.sqrt(columns)
        schur = np.diag(columns) - table.T @ (table / rows[:, None])
        null = np.sqrt(columns / columns.sum())
        factor = cho_factor(schur * np.outer(scale, scale) + np.outer(null, null) + 1e-12 * np.eye(len(columns)))
        right = (by_column - table.T @ (by_row / rows[:, None])) * scale[:, None]
        g = cho_solve(factor, right) * scale[:, None]
        a = (by_row - table @ g) / rows[:, None]
        normal = self.x.T @ weighted - by_row[:, :k].T @ a - by_column[:, :k].T @ g
        b = np.asarray(np.linalg.solve(normal[:, :k], normal[:, k]), dtype=np.float64)
        return b, a[:, k] - a[:, :k] @ b, g[:, k] - g[:, :k] @ b

    def _spread(self, values: Array) -> Array:
        """Values of pairs in the cells of the table, zero in the others."""
        whole = np.zeros((self.shape[0] * self.shape[1], *values.shape[1:]))
        whole[self.cell] = values
        return whole

    def _by_code(self, b: Array, a: Array, g: Array) -> tuple[Array, Array, Array]:
        whole = tuple(np.full(size, np.nan) for size in self.sizes)
        for into, at, values in zip(
            whole, (self.used, self.origins, self.partners), (b, a + g.mean(), g - g.mean()), strict=True
        ):
            into[at] = values
        return whole  # type: ignore[return-value]


def _ratio(above: Array, below: Array) -> Array:
    """``above / below``, zero where the latter is."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
