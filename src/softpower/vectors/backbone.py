"""The backbone of a weighted network: the ties that stand out for one of their two ends.

Nearly every country has some migrants, trade or students from nearly every other, so that a network of all ties says
little about who is joined with whom. A tie belongs to the backbone if so large a share of what its origin sends, or of
what its partner receives, would hardly come about by breaking the total into as many parts at random. Small countries
keep their own main ties in this way; a threshold for the whole world would leave only the large.

References
----------
Serrano, Boguna & Vespignani (2009), Extracting the multiscale backbone of complex weighted networks, PNAS 106(16),
equation 2; a tie stays if it stands out for either of its ends, of which one sends and one receives.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DEFAULT_ALPHA: Final = 0.05


def backbone(weights: Array, *, alpha: float = DEFAULT_ALPHA) -> Flags:
    """Ties that stand out for their origin or their partner.

    Parameters
    ----------
    weights : array, shape (country, country), not negative; row is the origin; the diagonal is ignored. NaN is unknown:
        such a tie is no part of any total and none of the backbone
    alpha : chance, between 0 and 1, below which a share counts as standing out

    Raises
    ------
    BadRequest
        The array is not square, a weight is negative or infinite, or ``alpha`` lies out of range.

    >>> weights = np.array([[0.0, 90, 5, 5], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]])
    >>> np.argwhere(backbone(weights)).tolist()
    [[0, 1]]
    """
    if not 0 < alpha < 1:
        raise BadRequest(f"alpha must lie between 0 and 1, not {alpha:g}")
    return np.minimum(*chances(weights)) < alpha


def chances(weights: Array) -> tuple[Array, Array]:
    """How often a tie takes as large a share by chance: of what its origin sends, of what its partner receives.

    Chance breaks the total of a country with k ties at k - 1 places drawn evenly: a part is then larger than a share p
    in ``(1 - p) ** (k - 1)`` of all cases. The only tie of a country cannot stand out for it.

    Parameters
    ----------
    weights : as for `backbone`

    Returns
    -------
    two arrays, shape (country, country), from 0 to 1; 1 where there is no tie

    >>> sent, received = chances(np.array([[0.0, 3, 1], [0, 0, 0], [0, 1, 0]]))
    >>> sent[0].tolist(), received[:, 1].tolist()
    ([1.0, 0.25, 0.75], [0.25, 1.0, 0.75])
    """
    known = _checked(weights)
    return _of_rows(known), _of_rows(known.T).T


def _of_rows(weights: Array) -> Array:
    ties = (weights > 0).sum(axis=1, keepdims=True)
    total = weights.sum(axis=1, keepdims=True)
    share = weights / np.where(total > 0, total, 1.0)
    found: Array = np.where(weights > 0, (1 - share) ** np.maximum(ties - 1, 0), 1.0)
    return found


def _checked(weights: Array) -> Array:
    """The weights without those unknown and without the diagonal."""
    if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
        raise BadRequest(f"weights must be a square array, origin by partner, not of shape {weights.shape}")
    bad = np.argwhere((weights < 0) | np.isinf(weights))
    if len(bad):
        row, column = bad[0]
        raise BadRequest(
            f"weight {weights[row, column]:g} from place {row} to place {column} ({len(bad)} such): "
            "give finite weights that are not negative, NaN where unknown"
        )
    known = np.nan_to_num(weights, nan=0.0)
    np.fill_diagonal(known, 0.0)
    return known
