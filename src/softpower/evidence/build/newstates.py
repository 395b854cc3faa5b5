"""Zeros that stand for "not reported": publishers fill the years before a new state's first figures with them.

The World Development Indicators give Serbia no article and no investment up to 2006 and thousands of each from 2007.
Read as reports, such zeros are the greatest rise of any country in the year in which a statistical office was founded.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

# A statistical office founded with its state publishes within these years; zeros that last longer are its own reports.
FIRST_REPORT_YEARS = 3
# A first report below this share of the usual level is growth from nothing, so that nothing may have been before it.
SUDDEN = 1 / 20


def unreported(observations: pl.DataFrame, began: Mapping[str, int]) -> pl.DataFrame:
    """Rows whose zero is no report.

    All zeros before a state's first other value in a series count as none if the first of them is for a year no later
    than that in which the state came into being, the first other value for one at most `FIRST_REPORT_YEARS` later,
    and that value at least `SUDDEN` times the median size of all the state's values that are not zero. So Serbia's
    inward investment is missing until 2006, but Kazakhstan's mobile telephones of 1990, followed by a few, stay none.

    Parameters
    ----------
    observations : columns ``indicator``, ``iso3``, ``year``, ``value``, each key once
    began : year in which a state came into being, by ISO3 code; states without one are never doubted

    Returns
    -------
    DataFrame
        Some of the rows of ``observations``, with its columns.

    >>> rows = {"indicator": ["x"] * 4, "iso3": ["MNE"] * 4, "year": [2005, 2006, 2007, 2008], "value": [0.0, 0, 5, 6]}
    >>> unreported(pl.DataFrame(rows), {"MNE": 2006})["year"].to_list()
    [2005, 2006]
    """
    series = ["indicator", "iso3"]
    value, size = pl.col("value"), pl.col("value").abs()
    states = pl.DataFrame(list(began.items()), {"iso3": pl.String, "began": pl.Int64}, orient="row")
    reports = (
        observations.filter(value != 0)
        .group_by(series)
        .agg(
            first_report=pl.col("year").min(),
            level=size.sort_by("year").first(),
            usual=size.median(),
        )
    )
    doubtful = (
        observations.group_by(series)
        .agg(opens=pl.col("year").min())
        .join(states, on="iso3")
        .join(reports, on=series)
        .filter(
            pl.col("opens") <= pl.col("began"),
            pl.col("first_report") <= pl.col("began") + FIRST_REPORT_YEARS,
            pl.col("level") >= SUDDEN * pl.col("usual"),
        )
        .select(*series, "first_report")
    )
    rows = observations.join(doubtful, on=series, maintain_order="left")
    return rows.filter(pl.col("year") < pl.col("first_report")).select(observations.columns)
