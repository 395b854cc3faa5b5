"""From a plot to SVG text: rendered by vl-convert, then tidied so that the same chart is the same text everywhere.

A renderer needs seconds to start, so drawings are kept in the cache under their data, their code and the renderer's
version: a run that finds all of them imports neither Altair nor vl-convert.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from softpower import storage
from softpower.drawing.letters import visible
from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.theme import NARROW, tokens_css
from softpower.drawing.tidy import tidy
from softpower.storage import cached, code_version

if TYPE_CHECKING:
    import altair

Size = Literal["wide", "narrow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Plots on a sheet of fixed size.

    Attributes
    ----------
    width, height : of the sheet, px
    plots : with the place of each upper left corner; all in one row or all in one column
    """

    width: float
    height: float
    plots: Sequence[tuple[float, float, Plot]]


def render(make: Callable[[Size], Drawing], *, data: object, title: str) -> Chart:
    """A chart that is drawn at both sizes when a writer asks for it.

    Parameters
    ----------
    make : lays the chart out for a size; a named function of a module, since its name is part of the cache key
    data : what it draws; two data with the same ``repr`` are the same chart
    title : the finding; becomes the name of the drawing for those who do not see it
    """
    title = visible(title)
    key = f"chart {make.__module__} {_versions()} {data!r} {title!r}"

    def draw() -> bytes:
        sizes: tuple[Size, Size] = ("wide", "narrow")
        return json.dumps(
            [tidy(_svg(d), title=title, width=d.width, height=d.height, origin=_origin(d)) for d in map(make, sizes)]
        ).encode()

    def both() -> tuple[str, str]:
        wide, narrow = json.loads(cached(key, draw))
        return wide, narrow

    return Chart(draw=both)


@cache
def _versions() -> str:
    code = code_version("brief/charts", "drawing")
    look = hashlib.sha256(tokens_css().encode() + storage.bundled_bytes("fonts/fonts.json")).hexdigest()[:12]
    return f"{code} {look} {version('altair')} {version('vl-convert-python')}"


def _origin(drawing: Drawing) -> tuple[float, float]:
    left, top, _ = drawing.plots[0]
    return left, top


def _svg(drawing: Drawing) -> str:
    """The drawing as the renderer gives it."""
    spec = _joined(drawing).to_dict(validate=False)
    spec["config"] = {
        "aria": False,
        "background": "transparent",
        "font": NARROW,
        "view": {"stroke": "transparent"},
        "concat": {"spacing": 0},
    }
    return converted(spec)


def _joined(drawing: Drawing) -> altair.Chart | altair.LayerChart | altair.ConcatChart:
    """All plots of a drawing as one chart. Each stands at its place to the pixel: labels do not push plots about."""
    import altair as alt

    charts = [plot.chart() for _, _, plot in drawing.plots]
    if len(charts) == 1:
        return charts[0]
    (left, top, first), (left_2, top_2, _) = drawing.plots[:2]
    across = top == top_2
    spacing = left_2 - left - first.width if across else top_2 - top - first.height
    return alt.concat(*charts, columns=len(charts) if across else 1, bounds="flush", align="none", spacing=spacing)


@cache
def _converter() -> Callable[..., str]:
    import vl_convert

    vl_convert.register_font_directory(str(storage.bundled_folder("fonts")))
    return vl_convert.vegalite_to_svg


def converted(spec: dict[str, object]) -> str:
    """A Vega-Lite specification as the renderer's SVG, without any access to the network or to files."""
    import altair as alt

    convert, vl_version = _converter(), alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
    try:
        return convert(spec, vl_version=vl_version, allowed_base_urls=[])
    except ValueError:
        # A chart that failed spoils the next one in the same process, whoever asked for it; the one after is sound.
        return convert(spec, vl_version=vl_version, allowed_base_urls=[])
