"""The table of indicators: name, unit, source, years and known traps of every series in the snapshot."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from softpower.errors import BadTable
from softpower.evidence.build.declared import DERIVED, FURTHER_INDICATORS
from softpower.evidence.build.traps import FROZEN_SOURCES, NOT_ZERO, NOTES, STRUCTURAL_ZERO


def catalogue(observations: Mapping[str, pl.DataFrame], listed: pl.DataFrame) -> pl.DataFrame:
    """One row per series.

    Parameters
    ----------
    observations : tables of observations by file name
    listed : columns ``indicator``, ``name``, ``unit``, ``note`` as published beside the raw files

    Raises
    ------
    BadTable
        A series has no name, or its unit differs from the listed one.
    """
    found = pl.concat(
        frame.group_by("indicator").agg(
            unit=pl.col("unit").first(),
            source_id=pl.col("source_id").first(),
            file=pl.lit(name),
            first=pl.col("year").min(),
            last=pl.col("year").max(),
            countries=pl.col("iso3").n_unique().cast(pl.Int16),
        )
        for name, frame in observations.items()
    ).sort("indicator")
    names = {row["indicator"]: row for row in listed.iter_rows(named=True)}
    derived = {recipe.id: recipe for recipe in DERIVED}
    rows = []
    for row in found.iter_rows(named=True):
        id = row.pop("indicator")
        if id in derived:
            name, unit = derived[id].name, derived[id].unit
            notes = [f"Derived: {derived[id].formula}.", derived[id].note]
        elif id in FURTHER_INDICATORS:
            name, unit = FURTHER_INDICATORS[id][0], row["unit"]
            notes = [FURTHER_INDICATORS[id][1]]
        elif id in names:
            name, unit = names[id]["name"], names[id]["unit"]
            notes = [names[id]["note"] or "", NOTES.get(id, "")]
        else:
            raise BadTable(f"series {id!r} is not in the list of indicators, so it has no name")
        if unit != row["unit"]:
            raise BadTable(f"series {id!r} is in {row['unit']!r}, the list of indicators says {unit!r}")
        rows.append(
            {
                "id": id,
                "name": name,
                **row,
                "structural_zero": STRUCTURAL_ZERO.get(id, ""),
                "not_zero": list(NOT_ZERO.get(id, ())),
                "frozen": row["source_id"] in FROZEN_SOURCES,
                "note": " ".join(note for note in notes if note),
            }
        )
    return pl.DataFrame(
        rows,
        schema_overrides={"first": pl.Int16, "last": pl.Int16, "countries": pl.Int16, "not_zero": pl.List(pl.String)},
    )
