"""The shapes of the map, against the country table, which had no part in drawing them."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

from softpower.storage import DATA
from softpower.world import country, find, members, shapes, topology

Point = tuple[float, float]

WORLD: dict[str, Any] = json.loads(topology())
GEOMETRIES = WORLD["objects"]["countries"]["geometries"]


def lines() -> list[list[Point]]:
    """The arcs of the topology in degrees (TopoJSON specification, 2.1.2 and 2.1.4)."""
    (sx, sy), (tx, ty) = WORLD["transform"]["scale"], WORLD["transform"]["translate"]
    found = []
    for arc in WORLD["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        found.append(points)
    return found


ARCS = lines()


def ring(indices: list[int]) -> list[Point]:
    points: list[Point] = []
    for index in indices:
        arc = ARCS[index] if index >= 0 else ARCS[~index][::-1]
        points += arc[1:] if points else arc
    return points


def crosses(point: Point, closed: list[Point]) -> bool:
    """Whether a ray from the point to the east crosses the ring an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(closed):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def drawn_at(point: Point) -> list[str]:
    """Names of the shapes that hold a point (longitude, latitude)."""
    found = []
    for shape in shapes():
        geometry = GEOMETRIES[shape.position]
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        if any(
            crosses(point, ring(outer)) and not any(crosses(point, ring(h)) for h in holes)
            for outer, *holes in polygons
        ):
            found.append(shape.name)
    return found


def test_the_bundled_file_is_the_one_of_world_atlas_2_0_2() -> None:
    content = (DATA / "shapes" / "countries-110m.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8"
    assert (DATA / "shapes" / "LICENSE").is_file()


def test_every_shape_is_listed_in_its_place() -> None:
    assert [shape.position for shape in shapes()] == list(range(len(GEOMETRIES)))
    codes = [shape.iso3 for shape in shapes() if shape.iso3]
    assert len(codes) == len(set(codes)) == 175


def test_natural_earths_own_names_lead_to_the_same_rows_as_its_numbers() -> None:
    for shape in shapes():
        name = GEOMETRIES[shape.position]["properties"]["name"]
        if shape.iso3 and name != "Congo":  # which `find` refuses as ambiguous
            assert find(name).iso3 == shape.iso3


def test_exactly_the_documented_shapes_are_hatched() -> None:
    assert {shape.name for shape in shapes() if shape.disputed} == {
        "Kosovo", "N. Cyprus", "Somaliland", "Crimea", "Western Sahara", "Falkland Is. (Malvinas)",
    }  # fmt: skip
    assert {shape.name for shape in shapes() if not shape.iso3} == {"N. Cyprus", "Somaliland", "Crimea"}
    assert next(shape for shape in shapes() if shape.name == "Kosovo").iso3 == "XKX"


def test_crimea_is_cut_out_and_in_nobody_elses_shape() -> None:
    assert drawn_at((34.2, 45.2)) == ["Crimea"]
    assert drawn_at((33.0, 48.5)) == ["Ukraine"]
    assert drawn_at((37.6, 55.7)) == ["Russian Federation"]


def test_disputed_shapes_lie_where_they_should() -> None:
    assert drawn_at((21.0, 42.6)) == ["Kosovo"]
    assert drawn_at((33.5, 35.3)) == ["N. Cyprus"]
    assert drawn_at((45.0, 9.8)) == ["Somaliland"]
    assert drawn_at((-13.0, 24.0)) == ["Western Sahara"]


def test_capitals_of_landlocked_members_lie_in_their_own_shapes() -> None:
    """Coordinates are the CIA World Factbook's; those on a border river may fall on its other bank at this scale."""
    drawn = {shape.iso3 for shape in shapes()}
    elsewhere = []
    for each in members():
        if each.landlocked and each.iso3 in drawn:
            assert each.capital_latitude is not None
            assert each.capital_longitude is not None
            if drawn_at((each.capital_longitude, each.capital_latitude)) != [each.label]:
                elsewhere.append(each.iso3)
    assert set(elsewhere) <= {"CAF", "LAO", "LSO", "TCD", "SVK", "MKD", "MDA", "SWZ", "BWA", "BDI", "ZWE"}
    assert drawn_at((71.43, 51.17)) == [country("KAZ").label]


def test_the_map_is_the_same_text_every_time() -> None:
    assert hashlib.sha256(topology().encode()).hexdigest() == hashlib.sha256(topology().encode()).hexdigest()
    assert "land" not in WORLD["objects"]
    assert len(topology()) < 110_000
