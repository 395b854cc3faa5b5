"""An index as tables that other programs read: scores, cells, framework, rank probabilities, and where it came from.

Each table is one polars frame with a column for everything that names a row, so that tables can be filtered, joined and
stacked. What is unknown is null, never zero, and no rank stands without its interval (90 %). The column ``year`` is
left out where the data have no years.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower.errors import BadRequest, UnknownNode
from softpower.index.experiment import Experiment
from softpower.index.exported import Export, about, origins, stages, status_words, unit_of_measure, used_sources
from softpower.index.result import Index
from softpower.index.table import Table


def tables(
    index: Index | Sequence[Index],
    experiment: Experiment | None = None,
    *,
    table: Table | None = None,
    nodes: Sequence[str] = (),
    which: Collection[str] = (),
) -> dict[str, pl.DataFrame]:
    """An index, or several years of one, as tables by name.

    Parameters
    ----------
    index : as `softpower.build` or `softpower.index.build_years` gives it
    experiment : what it was built from, as `softpower.index.set_up` gives it; may be left out for the only year of its
        data
    table : the user's own table, if the columns of "raw" are to be its own
    nodes : nodes of the tables "acceptability" and "dominance"; by default the top nodes
    which : names of the tables wanted, a choice of `TABLES`; by default all

    Raises
    ------
    BadRequest
        There is no table of that name, or index and experiment do not belong together.
    UnknownNode
        The index has no node of that name.
    """
    if unknown := set(which) - set(TABLES):
        raise BadRequest(f"no table is called {', '.join(sorted(unknown))}: give one of {', '.join(TABLES)}")
    export = Export.of(index, experiment, table)
    for node in nodes:
        if node not in export.years[0].nodes:
            raise UnknownNode(node, nearest=export.years[0].nodes)
    return tables_of(export, nodes=nodes, which=which)


def tables_of(export: Export, *, nodes: Sequence[str] = (), which: Collection[str] = ()) -> dict[str, pl.DataFrame]:
    """Like `tables`, from what belongs together."""
    wanted = {name: make for name, make in TABLES.items() if not which or name in which}
    with threadpool_limits(1):  # sums in another order would differ in the last digit
        found = {name: make(export, nodes or export.built.tops) for name, make in wanted.items()}
    return {
        name: frame.with_columns(pl.selectors.float().fill_nan(None)).drop(
            [] if export.dated else ["year"], strict=False
        )
        for name, frame in found.items()
    }


# The tables


def _scores(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    weights = {part: share for part, _, share, _ in export.parts()}
    frames = []
    for index in export.years:
        frame = index.to_polars()
        frames.append(
            frame.with_columns(
                level=pl.col("node").replace_strict({node: export.built.level(node) for node in index.nodes}),
                name=pl.col("unit").replace_strict(export.names),
                weight=pl.col("node").replace_strict(weights),
            )
        )
    columns = ["node", "level", "unit", "name", "year", "score", "score_low", "score_high"]
    return pl.concat(frames).select(*columns, "rank", "rank_low", "rank_high", "weight")


def _ranks(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    frames = []
    for index in export.years:
        columns: dict[str, Any] = _keys(export, index)
        for node in export.nodes:
            place, scored = index.ranks(node), index.scored(node).tolist()
            for end, values in (("", place.central), ("_low", place.low), ("_high", place.high)):
                columns[f"{node}_rank{end}"] = [
                    value if has else None for value, has in zip(values.tolist(), scored, strict=True)
                ]
        frame = pl.DataFrame(columns).with_columns(pl.selectors.contains("_rank").cast(pl.Int64))
        frames.append(frame.sort(f"{export.built.tops[0]}_rank", "unit"))
    return pl.concat(frames)


def _cells(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    panel, units = export.experiment.panel, unit_of_measure(export)
    frames = []
    for index in export.years:
        place = panel.years.index(index.year)
        at = np.flatnonzero(panel.alive[place])
        codes = [panel.units[u] for u in at]
        ranked = set(index.units)
        for id in export.built.indicators:
            k = panel.indicators.index(id)
            filled, treated, normalised = (each[at] for each in stages(export, index, id))
            frames.append(
                pl.DataFrame(
                    {
                        "indicator": id,
                        "unit": codes,
                        "name": [export.names[code] for code in codes],
                        "year": pl.Series([index.year] * len(codes), dtype=pl.Int16),
                        "raw": panel.raw[place, at, k],
                        "unit_of_measure": pl.Series([units[id]] * len(codes), dtype=pl.String),
                        "status": status_words(panel.status[place, at, k], filled),
                        "latest_year": pl.Series(
                            [int(year) or None for year in panel.latest[place, at, k]], dtype=pl.Int16
                        ),
                        "treated": treated,
                        "normalised": normalised,
                        "ranked": [code in ranked for code in codes],
                    }
                )
            )
    return pl.concat(frames)


def _wide(stage: int) -> Callable[[Export, Sequence[str]], pl.DataFrame]:
    """One row per ranked unit, one column per indicator, after treatment (1) or on the common scale (2)."""

    def make(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
        frames = []
        for index in export.years:
            at = export.rows(index) % len(export.experiment.panel.units)
            values = {id: stages(export, index, id)[stage][at] for id in export.built.indicators}
            frames.append(pl.DataFrame(_keys(export, index) | values))
        return pl.concat(frames)

    return make


def _raw(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    frames = []
    for index in export.years:
        panel = export.experiment.panel
        place = panel.years.index(index.year)
        source = panel.alive if export.table is None else export.table.present
        units = panel.units if export.table is None else export.table.units
        at = np.flatnonzero(source[place if export.table is None else export.table.years.index(index.year)])
        columns: dict[str, Any] = {"unit": [units[u] for u in at]}
        columns["name"] = [export.names.get(unit, unit) for unit in columns["unit"]]
        columns["year"] = pl.Series([index.year] * len(at), dtype=pl.Int16)
        frames.append(pl.DataFrame(columns | _read(export, index, at)))
    return pl.concat(frames)


def _read(export: Export, index: Index, at: NDArray[np.int64]) -> dict[str, Any]:
    """Columns as the model reads them: those of the user's table, or the series of the snapshot."""
    if export.table is not None:
        t = export.table.years.index(index.year)
        labels = {name: [each or None for each in values[t, at]] for name, values in export.table.labels.items()}
        return labels | {name: values[t, at] for name, values in export.table.numbers.items()}
    model, panel = export.experiment.model, export.experiment.panel
    t = panel.years.index(index.year)
    shared = [each.series for each in model.indicators.values()]
    columns = {
        each.series if shared.count(each.series) == 1 and not each.denominator else id: panel.raw[
            t, at, panel.indicators.index(id)
        ]
        for id, each in model.indicators.items()
    }
    if model.expectation is not None:
        for k, name in enumerate((model.expectation.size, model.expectation.wealth)):
            columns.setdefault(name, np.exp(panel.context[t, at, k]))
    return columns


FRAMEWORK = {
    "id": pl.String,
    "label": pl.String,
    "kind": pl.String,
    "node": pl.String,
    "level": pl.Int64,
    "weight": pl.Float64,
    "effective_weight": pl.Float64,
    "direction": pl.Int64,
    "unit_of_measure": pl.String,
    "series": pl.String,
    "denominator": pl.String,
    "transform": pl.String,
    "source": pl.String,
    "reason": pl.String,
}


def _framework(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    units, origin = unit_of_measure(export), origins(export)
    rows = []
    for id, node, share, effective in export.parts():
        leaf = export.built.indicators.get(id)
        rows.append(
            {
                "id": id,
                "label": export.built.title_of(id),
                "kind": "node" if leaf is None else "indicator",
                "node": node or None,
                "level": export.built.level(id),
                "weight": share,
                "effective_weight": effective,
                "direction": None if leaf is None else leaf.direction,
                "unit_of_measure": units.get(id),
                "series": None if leaf is None else leaf.series,
                "denominator": None if leaf is None else leaf.denominator or None,
                "transform": None if leaf is None else leaf.transform,
                "source": origin.get(id),
                "reason": (export.built.nodes[id] if leaf is None else leaf).reason or None,
            }
        )
    return pl.DataFrame(rows, schema=FRAMEWORK)


def _acceptability(export: Export, nodes: Sequence[str]) -> pl.DataFrame:
    frames = []
    for index in export.years:
        for node in nodes:
            shares = np.nan_to_num(index.acceptability(node))
            unit, place = np.nonzero(shares)
            codes = [index.units[u] for u in unit]
            frames.append(
                pl.DataFrame(
                    {
                        "node": [node] * len(codes),
                        "unit": codes,
                        "name": [export.names[code] for code in codes],
                        "year": pl.Series([index.year] * len(codes), dtype=pl.Int16),
                        "rank": place + 1,
                        "probability": shares[unit, place],
                    }
                )
            )
    return pl.concat(frames)


def _dominance(export: Export, nodes: Sequence[str]) -> pl.DataFrame:
    frames = []
    for index in export.years:
        for node in nodes:
            scored = np.flatnonzero(index.scored(node))
            first, second = (each.ravel() for each in np.meshgrid(scored, scored, indexing="ij"))
            apart = first != second
            first, second = first[apart], second[apart]
            frames.append(
                pl.DataFrame(
                    {
                        "node": [node] * len(first),
                        "unit": [index.units[u] for u in first],
                        "other": [index.units[u] for u in second],
                        "year": pl.Series([index.year] * len(first), dtype=pl.Int16),
                        "share_ahead": index.dominance(node)[first, second],
                    }
                )
            )
    return pl.concat(frames)


SOURCES = dict.fromkeys(("id", "title", "publisher", "licence", "attribution", "address", "vintage"), pl.String) | {
    "share_alike": pl.Boolean
}


def _sources(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    rows = [{name: getattr(each, name) for name in SOURCES} for each in used_sources(export)]
    return pl.DataFrame(rows, schema=SOURCES)


def _about(export: Export, _nodes: Sequence[str]) -> pl.DataFrame:
    facts = about(export)
    return pl.DataFrame(
        {"what": list(facts), "value": list(facts.values())}, schema={"what": pl.String, "value": pl.String}
    )


# By name, the most wanted first.
TABLES: Mapping[str, Callable[[Export, Sequence[str]], pl.DataFrame]] = {
    "scores": _scores,
    "ranks": _ranks,
    "raw": _raw,
    "treated": _wide(1),
    "normalised": _wide(2),
    "cells": _cells,
    "framework": _framework,
    "acceptability": _acceptability,
    "dominance": _dominance,
    "sources": _sources,
    "about": _about,
}


def _keys(export: Export, index: Index) -> dict[str, Any]:
    return {
        "unit": list(index.units),
        "name": [export.names[unit] for unit in index.units],
        "year": pl.Series([index.year] * len(index.units), dtype=pl.Int16),
    }
