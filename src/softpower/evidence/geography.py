"""What lies between two countries: distance, a border, languages, a colonial past."""

from __future__ import annotations

import polars as pl

from softpower import storage


def geography() -> pl.DataFrame:
    """One row per ordered pair of different countries, as of about 2010; see the pitfalls of its source.

    Returns
    -------
    DataFrame
        Columns ``origin``, ``partner`` (ISO3), ``distance_km`` (float64, whole km above zero, between main cities
        weighted by their people), and booleans: ``contiguous``, ``common_language`` (official in both),
        ``common_ethnic_language`` (spoken by at least 9 % in both), ``colony`` (one ever ruled the other),
        ``common_colonizer`` (the same ruled both after 1945), ``same_country`` (both were one). Each is the same from
        either side. Sorted by the first two. A country without rows has no figures: South Sudan and Montenegro among
        members of the United Nations.

    >>> geography().filter(origin="KAZ", partner="RUS").select("distance_km", "contiguous", "colony").row(0)
    (2153.0, True, True)
    """
    return storage.bundled("geography")
