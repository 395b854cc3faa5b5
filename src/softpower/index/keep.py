"""Builds as bytes, for the cache: plain arrays and a JSON header, no pickles."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.index.estimate import Estimate, Standing
from softpower.index.model import Model
from softpower.index.panel import Panel
from softpower.index.result import CHOICE_FIELDS, Choices, Index

Arrays = Mapping[str, NDArray[Any]]

_PANEL_ARRAYS = ("raw", "value", "se", "latest", "first", "count", "status", "context", "alive")


def to_bytes(arrays: Arrays, header: Mapping[str, Any]) -> bytes:
    """Arrays and a header that JSON can hold."""
    packed: dict[str, Any] = dict(arrays)
    packed["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    out = io.BytesIO()
    np.savez(out, **packed)
    return out.getvalue()


class Stored(Mapping[str, NDArray[Any]]):
    """The arrays that `to_bytes` wrote, each read when it is asked for: most briefs need few of them."""

    def __init__(self, content: bytes) -> None:
        self._file = np.load(io.BytesIO(content), allow_pickle=False)
        self._read: dict[str, NDArray[Any]] = {}
        self.header: dict[str, Any] = json.loads(self._file["header"].tobytes())

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._read:
            self._read[name] = self._file[name]
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(name for name in self._file.files if name != "header")

    def __len__(self) -> int:
        return len(self._file.files) - 1

    def under(self, prefix: str) -> Mapping[str, NDArray[Any]]:
        """The arrays whose name begins with ``prefix``, by what follows it."""
        return _Under(self, prefix)


class _Under(Mapping[str, NDArray[Any]]):
    def __init__(self, stored: Stored, prefix: str) -> None:
        self._stored, self._prefix = stored, prefix

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._stored[self._prefix + name]

    def __iter__(self) -> Iterator[str]:
        return iter(name.removeprefix(self._prefix) for name in self._stored if name.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def pack(index: Index) -> bytes:
    """An index less its model."""
    arrays: dict[str, NDArray[Any]] = {f"central/{node}": values for node, values in index.central.items()}
    arrays |= {f"sampled/{node}": values for node, values in index.sampled.items()}
    arrays |= {f"cells/{leaf}": values for leaf, values in index.cells.items()}
    arrays |= {f"choices/{name}": getattr(index.choices, name) for name in CHOICE_FIELDS}
    arrays |= {f"panel/{name}": getattr(index.panel, name) for name in _PANEL_ARRAYS}
    for node in index.nodes:
        arrays[f"summary/scores/{node}"] = index.scores(node).stacked()
        if index.has_expectation:
            arrays[f"summary/above/{node}"] = index.above_expected(node).stacked()
        arrays[f"summary/ranks/{node}"] = index.ranks(node).stacked()
    if {"potential", "performance"} <= set(index.nodes):
        arrays["summary/gap/"] = index.gap().stacked()
    return to_bytes(arrays, _header(index))


def _header(index: Index) -> dict[str, Any]:
    return {
        "variant": index.variant,
        "year": index.year,
        "draws": index.draws,
        "seed": index.seed,
        "data_version": index.data_version,
        "dropped": index.dropped,
        "cautions": index.cautions,
        "units": index.units,
        "nodes": index.nodes,
        "weights": dict(index.weights),
        "panel": {"units": index.panel.units, "years": index.panel.years, "indicators": index.panel.indicators},
        "choices": {"ids": index.choices.ids, "kinds": index.choices.kinds, "measures": index.choices.measures},
    }


def unpack(content: bytes, model: Model) -> Index:
    """The index that `pack` wrote; ``model`` as read from its file."""
    stored = Stored(content)
    header = stored.header
    axes: dict[str, Any] = {name: tuple(values) for name, values in header.pop("panel").items()}
    named: dict[str, Any] = {name: tuple(values) for name, values in header.pop("choices").items()}
    axes |= {name: stored[f"panel/{name}"] for name in _PANEL_ARRAYS}
    named |= {name: stored[f"choices/{name}"] for name in CHOICE_FIELDS}
    dropped = tuple(header.pop("dropped"))
    summaries: dict[tuple[str, str], Estimate | Standing] = {}
    for name, rows in stored.under("summary/").items():
        measure, _, node = name.partition("/")
        kind: type[Estimate] | type[Standing] = Standing if measure == "ranks" else Estimate
        summaries[measure, node] = kind.unstacked(rows)
    return Index(
        model=model.without(*dropped),
        dropped=dropped,
        units=tuple(header.pop("units")),
        nodes=tuple(header.pop("nodes")),
        cautions=tuple(header.pop("cautions")),
        panel=Panel(**axes),
        central=dict(stored.under("central/")),
        sampled=stored.under("sampled/"),
        cells=stored.under("cells/"),
        choices=Choices(**named),
        summaries=summaries,
        **header,
    )
