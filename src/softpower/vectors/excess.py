"""Excess ties: how many times what gravity predicts a tie is.

The prediction is the mean of the gravity model `softpower.vectors.ppml`: what would flow between two countries, given
the totals of both, if their distance, languages and past mattered as they do across the world. Expected ties of a
country add up to its observed ones, at either end, so that its excess ties have the mean 1, weighted by what is
expected: an excess tie is relative to the country's own total, and high with some only as it is low with others.

**Intervals** come from a Bayesian bootstrap over countries: each has an exponential weight, a pair the product of its
two (Owen & Eckles 2012), the coefficients are fitted again, and then the effects to the totals as they are. They say
how sure the prediction from both totals is. They hold nothing of errors in the data, and do not ask what the totals
would have been with other luck, or without the tie itself.

In simulated worlds of 80 and 160 countries (flows spread lognormally about their means, by 1.3 to 2.9 times these;
independently, alike in both directions, alike within blocs, or with a taste for distance of each country's own) the 90%
intervals held what the true coefficients expect of the totals in 82-96% of pairs, 88% on average, and sums over ten
partners as often. What the true effects as well would expect they held in a quarter of pairs: those of a country rest
on its few largest ties, and no interval that takes them for unknown is narrower than a factor of ten.

References
----------
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9(1).
Owen & Eckles (2012), Bootstrapping data arrays of arbitrary order, Annals of Applied Statistics 6(3).
Deming & Stephan (1940), On a least squares adjustment of a sampled frequency table when the expected marginal totals
are known, Annals of Mathematical Statistics 11(4) (the effects from the totals).
Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39(1).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import Final, Literal
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower.errors import BadRequest
from softpower.vectors.figures import LEVEL, tails
from softpower.vectors.pairtable import PairTable
from softpower.vectors.ppml import Fit, ppml, separated

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[str], None]
Engine = Literal["own", "pyfixest"]

DRAWS: Final = 200
SEED: Final = 7
# Means of a country that change by less than this share of their sum are settled: those of the fit, and of draws.
_SETTLED: Final = 1e-10
_SETTLED_DRAW: Final = 1e-6


@dataclass(frozen=True)
class Gravity:
    """A fitted gravity model and its draws.

    Attributes
    ----------
    fit : the model; with pools, its errors take what is shared out as if it had been seen
    origin, partner : codes of the pairs it was fitted to, shape (pair,)
    flow : observed, shape (pair,); NaN for pairs that are only known as part of a pool
    pools : sum of these by code of origin; NaN where there are none
    coefficients : of each draw, shape (draw, regressor)
    origin_effects, partner_effects : that give each country its observed total under these, shape (draw, code)
    """

    fit: Fit
    origin: Ints
    partner: Ints
    flow: Array
    pools: Array
    coefficients: Array
    origin_effects: Array
    partner_effects: Array

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.coefficients)

    @property
    def separated(self) -> Ints:
        """Codes of the pairs for which the model has no finite mean, shape (pair, 2): nobody knows their excess."""
        return np.column_stack([self.origin, self.partner])[~self.fit.kept]

    @property
    def shared_out(self) -> Array:
        """Each pair's flow or, where it is not named, its part of the pool as the model has it; shape (pair,)."""
        unnamed = np.isnan(self.flow)
        flow = self.flow.copy()
        flow[unnamed] = _shared_out(self.fit.fitted[unnamed], self.origin[unnamed], self.pools)
        return flow

    def expected(self, x: Array, origin: Ints, partner: Ints) -> tuple[Array, Array]:
        """Means of any pairs, and their draws.

        Parameters
        ----------
        x : regressors, shape (pair, regressor)
        origin, partner : codes, shape (pair,)

        Returns
        -------
        value, draws : shapes (pair,) and (draw, pair)
            NaN where there is no finite mean.
        """
        apart = np.zeros((len(self.fit.origin_effects), len(self.fit.partner_effects)), dtype=bool)
        apart[tuple(self.separated.T)] = True
        usable = np.where(apart[origin, partner], np.nan, 0.0)
        b = np.nan_to_num(np.vstack([self.fit.coefficients, self.coefficients]))
        a = np.vstack([self.fit.origin_effects, self.origin_effects])
        g = np.vstack([self.fit.partner_effects, self.partner_effects])
        means = np.exp(b @ np.asarray(x, dtype=float).T + a[:, origin] + g[:, partner] + usable)
        return means[0], means[1:]


def gravity(
    flow: Array,
    x: Array,
    origin: Ints,
    partner: Ints,
    *,
    named: Flags | None = None,
    pools: Array | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    engine: Engine = "own",
    tell: Progress = lambda _: None,
) -> Gravity:
    """A gravity model with draws of all it estimates.

    Parameters
    ----------
    flow : array, shape (pair,), finite and not negative where ``named``
    x : array, shape (pair, regressor), finite
    origin, partner : codes of countries from 0, the same at either end, shape (pair,)
    named : pairs whose flow is known by itself; by default all
    pools : sum of the flows that are not named, by code of country, for it as an origin; NaN where nobody knows it:
        then the model does without these pairs. It also does without those of a partner with no named flow above zero
    draws : fits to reweighted countries, 0 or more
    engine : "own", or "pyfixest" for the fit itself (not the draws), which gives the same
    tell : called with a line of text before each long step

    Raises
    ------
    BadRequest
        As for `softpower.vectors.ppml.ppml`; or pools that do not fit the pairs; or pyfixest is not installed.
    NotEnoughData
        As there; or weights of a draw with which the fit does not settle.

    >>> origin, partner = np.divmod(np.arange(36), 6)
    >>> far = np.abs(origin - partner)[:, None] + 1.0
    >>> flow = np.exp(3 - 0.5 * far[:, 0])
    >>> flow[8] *= 4
    >>> model = gravity(flow, np.log(far), origin, partner, draws=20)
    >>> value, drawn = model.expected(np.log(far), origin, partner)
    >>> float((flow / value)[8].round(1)), drawn.shape
    (1.9, (20, 36))
    """
    if draws < 0:
        raise BadRequest(f"draws must be 0 or more, not {draws}")
    flow, x = np.array(flow, dtype=float), np.asarray(x, dtype=float)
    seen = np.ones(len(flow), dtype=bool) if named is None else np.asarray(named, dtype=bool)
    countries = int(max(origin.max(), partner.max())) + 1 if len(flow) else 0
    total = _pools(pools, seen, origin, countries)
    # Of a partner that nobody names no pool says how much it gets: its part would fall to nothing.
    gets = np.bincount(partner[seen], flow[seen] > 0, minlength=countries) > 0
    used = seen | (np.isfinite(total[origin]) & gets[partner])
    flow, x, origin, partner, seen = flow[used], x[used], origin[used], partner[used], seen[used]
    flow[~seen] = np.nan
    total[np.bincount(origin[~seen], minlength=countries) == 0] = np.nan
    import scipy.linalg  # noqa: F401  # limits bind only the libraries that are there already

    tell("Fitting the gravity model")
    with threadpool_limits(1):  # many small products: threads would wait for one another
        fit = _padded(_fit(flow, x, origin, partner, seen, total, engine), countries)
        if not draws:
            b, a, g = (np.empty((0, len(each))) for each in _estimates(fit))
        else:
            tell(f"Fitting it to {draws:,} reweightings of the countries")
            b, a, g = _bootstrap(fit, flow, x, origin, partner, seen, total, draws, seed)
    return Gravity(fit, origin, partner, flow, total, b, a, g)


def excess(
    observed: Array | float, expected: Array | float, draws: Array, *, level: float = LEVEL
) -> tuple[Array, Array, Array]:
    """Observed over expected ties, with an interval.

    For the excess of a group, give sums over its members: of the observed, the expected, and each draw.

    Parameters
    ----------
    observed, expected : arrays, shape (...)
    draws : of what is expected, shape (draw, ...)
    level : share of draws inside the interval

    Returns
    -------
    value, low, high : arrays, shape (...)
        NaN where what is observed or expected is unknown; the ends also where there are no draws.

    >>> [float(end) for end in excess(6.0, 3.0, np.array([2.0, 3.0, 4.0]), level=1)]
    [2.0, 1.5, 3.0]
    """
    seen, mean = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    if draws.shape[1:] != seen.shape or seen.shape != mean.shape:
        raise BadRequest(
            f"observed {seen.shape}, expected {mean.shape} and draws {draws.shape} do not belong together; "
            "give the same pairs, with draws along the first axis"
        )
    if len(draws):
        least, most = np.quantile(draws, tails(level), axis=0)
    else:
        least = most = np.full(mean.shape, np.nan)
    return seen / mean, seen / most, seen / least


def pack(model: Gravity) -> bytes:
    """A model as bytes, for the cache: plain arrays, no pickles."""
    arrays = {f"fit/{field.name}": getattr(model.fit, field.name) for field in fields(Fit)}
    arrays |= {field.name: getattr(model, field.name) for field in fields(Gravity) if field.name != "fit"}
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def unpack(content: bytes) -> Gravity:
    """The model that `pack` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        found = {field.name: stored[f"fit/{field.name}"] for field in fields(Fit)}
        fit = Fit(**found | {"steps": int(found["steps"])})
        return Gravity(fit=fit, **{field.name: stored[field.name] for field in fields(Gravity) if field.name != "fit"})


def _pools(pools: Array | None, named: Flags, origin: Ints, countries: int) -> Array:
    """Sum of the flows that are not named, by origin; NaN where it is unknown."""
    if pools is None:
        return np.full(countries, np.nan)
    total = np.array(pools, dtype=float)
    if total.shape != (countries,):
        raise BadRequest(f"pools have the shape {total.shape}; give one for each of the {countries} countries")
    bad = np.isinf(total) | (total < 0)
    if bad.any():
        k = int(np.argmax(bad))
        raise BadRequest(f"pool {total[k]} of origin {k} ({int(bad.sum())} such): give sums that are not negative")
    alone = (total > 0) & (np.bincount(origin[~named], minlength=countries) == 0)
    if alone.any():
        k = int(np.argmax(alone))
        raise BadRequest(f"pool {total[k]} of origin {k} belongs to no pair ({int(alone.sum())} such): all are named")
    return total


def _fit(flow: Array, x: Array, origin: Ints, partner: Ints, named: Flags, total: Array, engine: Engine) -> Fit:
    estimate = {"own": ppml, "pyfixest": _pyfixest}.get(engine)
    if estimate is None:
        raise BadRequest(f"engine {engine!r}: give own or pyfixest")
    if named.all():
        return estimate(flow, x, origin, partner)
    # First as if pools were shared out in proportion to what their partners get otherwise, then until that is what
    # the model says.
    gets = np.bincount(partner[named], flow[named], minlength=len(total))
    weights = gets[partner[~named]] + gets.mean()
    filled = np.where(named, flow, 0.0)
    filled[~named] = _shared_out(weights, origin[~named], total)
    start = ppml(filled, x, origin, partner)
    table = PairTable(start, x, origin, partner)
    _, mean = table.settle(filled, np.ones(len(flow)), start.fitted, named, total, _SETTLED)
    filled[~named] = _shared_out(mean[~named], origin[~named], total)
    return estimate(filled, x, origin, partner)


def _padded(fit: Fit, countries: int) -> Fit:
    """The fit with effects of all countries, NaN for those without a pair."""
    a, g = (np.pad(each, (0, countries - len(each)), constant_values=np.nan) for each in _estimates(fit)[1:])
    return replace(fit, origin_effects=a, partner_effects=g)


def _shared_out(weights: Array, origin: Ints, total: Array) -> Array:
    """The pool of each origin in proportion to ``weights``."""
    sums = np.bincount(origin, weights, minlength=len(total))[origin]
    parts: Array = np.divide(total[origin] * weights, sums, out=np.zeros(len(weights)), where=sums > 0)
    return parts


def _estimates(fit: Fit) -> tuple[Array, Array, Array]:
    return fit.coefficients, fit.origin_effects, fit.partner_effects


def _bootstrap(
    fit: Fit, flow: Array, x: Array, origin: Ints, partner: Ints, named: Flags, total: Array, draws: int, seed: int
) -> tuple[Array, Array, Array]:
    """Draws of the coefficients, and the effects that go with each."""
    random = np.random.default_rng(seed)
    table = PairTable(fit, x, origin, partner)
    filled = np.where(named, flow, 0.0)
    rows: list[tuple[Array, Array, Array]] = []
    for _ in range(draws):
        weight = random.standard_exponential(len(total))
        weights = weight[origin] * weight[partner]
        (b, _, _), _ = table.settle(filled, weights, fit.fitted, named, total, _SETTLED_DRAW)
        rows.append((b, *table.balance(b, fit, filled, named, total)))
    b, a, g = (np.stack(column) for column in zip(*rows, strict=True))
    return b, a, g


def _pyfixest(flow: Array, x: Array, origin: Ints, partner: Ints) -> Fit:
    """The fit by pyfixest's `fepois`; pairs without a finite mean are found by ours, effects are read off its means."""
    try:
        pandas, pyfixest = import_module("pandas"), import_module("pyfixest")
    except ImportError as error:
        raise BadRequest('engine "pyfixest" is not installed: pip install pyfixest') from error
    names = [f"x{k}" for k in range(x.shape[1])]
    kept = ~separated(flow, x, origin, partner)
    frame = pandas.DataFrame(x[kept], columns=names).assign(flow=flow[kept], origin=origin[kept], partner=partner[kept])
    means = np.zeros(len(flow))
    with catch_warnings():
        simplefilter("ignore")  # of regressors it leaves out, which ours are NaN, and of pandas to its authors
        found = pyfixest.fepois(f"flow ~ {' + '.join(names)} | origin + partner", frame, vcov="hetero", iwls_tol=1e-12)
        means[kept] = np.asarray(found.predict(type="response"), dtype=float)
    own = ppml(means, x, origin, partner)
    b, errors = found.coef(), found.se()
    return Fit(
        coefficients=np.array([b.get(name, np.nan) for name in names]),
        errors=np.array([errors.get(name, np.nan) for name in names]),
        fitted=means,
        kept=kept,
        origin_effects=own.origin_effects,
        partner_effects=own.partner_effects,
        steps=own.steps,
    )
