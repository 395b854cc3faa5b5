"""Acceptability under unknown weights, against the areas of weight space that they are."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from softpower.cli import main
from softpower.errors import BadRequest, UnknownNode
from softpower.index import Experiment, Model, build, set_up
from softpower.index.smaa import Acceptability, central_weights, smaa
from tests.index.polygons import area_and_centre, clipped

UNITS = ("A", "B", "C", "D")


def ready(x: np.ndarray, **steps: object) -> tuple[Experiment, int]:
    """A flat index of parts a, b, c ... as they are, nothing uncertain unless given."""
    names = "abcdef"[: x.shape[1]]
    table = pl.DataFrame({"unit": list(UNITS[: len(x)])} | {name: x[:, k] for k, name in enumerate(names)})
    parts = {name: {"title": name, "node": "top"} for name in names}
    model = Model.model_validate(
        {
            "id": "flat",
            "title": "Flat",
            "nodes": {"top": {"title": "Top"}},
            "indicators": parts,
            "normalise": {"method": "none"},
            "uncertainty": {"weights_cv": 0.0},
        }
        | steps
    )
    return set_up(model, table)


def found(x: np.ndarray, draws: int = 40_000, **steps: object) -> Acceptability:
    experiment, year = ready(x, **steps)
    return smaa(experiment, year=year, draws=draws)


def exact(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Acceptability and central weights of units with three parts: each rank is a set of polygons."""
    count = len(x)
    shares, centres = np.zeros((count, count)), np.full((count, 3), np.nan)
    for unit in range(count):
        others = [other for other in range(count) if other != unit]
        for signs in product((1, -1), repeat=len(others)):
            polygon = np.eye(3)
            for sign, other in zip(signs, others, strict=True):
                polygon = clipped(polygon, sign * (x[unit] - x[other]), 0.0)
            size, centre = area_and_centre(polygon)
            place = signs.count(-1)
            shares[unit, place] += size
            if place == 0 and size > 0:
                centres[unit] = centre
    return shares, centres


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_three_parts_give_the_areas_of_polygons_and_their_centres(seed: int) -> None:
    x = np.random.default_rng(seed).uniform(0, 10, (4, 3))
    shares, centres = exact(x)
    result = found(x)
    np.testing.assert_allclose(result.acceptability, shares, atol=0.012)
    np.testing.assert_allclose(result.expected_rank, shares @ [1, 2, 3, 4], atol=0.03)
    np.testing.assert_allclose(result.best(2), shares[:, :2].sum(axis=1), atol=0.012)
    clear = shares[:, 0] > 0.02
    np.testing.assert_allclose(result.weights[clear], centres[clear], atol=0.02)
    # Weight space of a first rank is convex, and so its centre lies in it: with nothing else uncertain that is sure.
    assert (result.confidence[clear] == 1.0).all()
    assert np.isnan(result.weights[shares[:, 0] == 0]).all()


def test_two_parts_cut_the_line_of_weights_in_closed_form() -> None:
    """A is ahead of B where 4 w + 1 (1 - w) > 2 w + 2 (1 - w), that is w > 1/3."""
    result = found(np.array([[4.0, 1.0], [2.0, 2.0]]))
    np.testing.assert_allclose(result.acceptability, [[2 / 3, 1 / 3], [1 / 3, 2 / 3]], atol=0.01)
    np.testing.assert_allclose(result.weights, [[2 / 3, 1 / 3], [1 / 6, 5 / 6]], atol=0.01)
    assert result.confidence.tolist() == [1.0, 1.0]


def test_bounds_cut_the_line_shorter() -> None:
    bounded = {"weights": "unknown", "weight_bounds": {"a": [0.2, 0.6]}}
    result = found(np.array([[4.0, 1.0], [2.0, 2.0]]), uncertainty=bounded)
    np.testing.assert_allclose(result.acceptability[0], [2 / 3, 1 / 3], atol=0.01)  # (0.6 - 1/3) / 0.4
    np.testing.assert_allclose(result.weights[0, 0], (1 / 3 + 0.6) / 2, atol=0.01)


def test_confidence_is_that_of_known_errors_at_the_central_weights() -> None:
    """A leads B by 2 w - (1 - w), w being the weight of the part whose errors of 0.5 make a lead err by w sqrt(1/2)."""
    x = np.array([[4.0, 1.0], [2.0, 2.0]])
    table = pl.DataFrame({"unit": ["A", "B"], "a": x[:, 0], "b": x[:, 1], "e": [0.5, 0.5]})
    parts = {name: {"title": name, "node": "top"} for name in "ab"}
    parts["a"]["error"] = "e"
    model = Model.model_validate(
        {"id": "flat", "title": "F", "nodes": {"top": {"title": "T"}}, "indicators": parts}
        | {"normalise": {"method": "none"}}
    )
    experiment, year = set_up(model, table)
    result = smaa(experiment, year=year, draws=20_000)
    w = result.weights[0, 0]
    expected = norm.cdf((2 * w - (1 - w)) / (w * np.sqrt(0.5)))
    assert result.confidence[0] == pytest.approx(expected, abs=0.03)
    assert 0.8 < result.confidence[0] < 1


def test_weights_are_uniform_within_each_node_of_a_tree() -> None:
    """One part alone in a node has half of the index on average, not a third, and is uniform; so are the two others."""
    experiment, year = ready(
        np.array([[9.0, 0.0, 0.0], [0.0, 9.0, 9.0]]),
        nodes={
            "top": {"title": "Top"},
            "p": {"title": "P", "parent": "top"},
            "q": {"title": "Q", "parent": "top"},
        },
        indicators={name: {"title": name, "node": "p" if name == "a" else "q"} for name in "abc"},
    )
    result = smaa(experiment, year=year, node="top", draws=20_000)
    np.testing.assert_allclose(result.acceptability, 0.5, atol=0.015)
    assert result.parts == ("p", "q", "a", "b", "c")
    np.testing.assert_allclose(result.weights[0], [0.75, 0.25, 1.0, 0.5, 0.5], atol=0.015)
    inside = smaa(experiment, year=year, node="q", draws=200)
    assert inside.parts == ("b", "c")


def test_a_build_with_unknown_weights_has_the_same_acceptability() -> None:
    x = np.random.default_rng(5).uniform(0, 10, (4, 3))
    experiment, _ = ready(x, uncertainty={"weights": "unknown"})
    table = pl.DataFrame({"unit": UNITS} | {name: x[:, k] for k, name in enumerate("abc")})
    built = build(experiment.model, table, draws=10_000)
    np.testing.assert_allclose(built.acceptability("top"), exact(x)[0], atol=0.02)


@given(st.permutations(range(4)), st.floats(0.01, 100))
@settings(max_examples=5, deadline=None)
def test_neither_the_order_of_units_nor_their_scale_matter(order: list[int], factor: float) -> None:
    x = np.random.default_rng(6).uniform(0, 10, (4, 3))
    usual, other = found(x, 500), found(x[order] * factor, 500)
    np.testing.assert_allclose(other.acceptability, usual.acceptability[order])
    np.testing.assert_allclose(other.weights, usual.weights[order])


def test_a_part_without_weight_stays_without() -> None:
    parts = {name: {"title": name, "node": "top", "weight": 0.0 if name == "c" else 1.0} for name in "abc"}
    result = found(np.array([[4.0, 1.0, 0.0], [2.0, 2.0, 99.0]]), indicators=parts)
    np.testing.assert_allclose(result.acceptability[0], [2 / 3, 1 / 3], atol=0.01)
    np.testing.assert_allclose(result.weights[:, 2], 0.0)


def test_the_table_and_what_is_refused() -> None:
    experiment, year = ready(np.array([[4.0, 1.0], [2.0, 2.0], [1.0, 1.0]]))
    frame = smaa(experiment, year=year, draws=1000).to_polars()
    assert frame["unit"].to_list() == ["A", "B", "C"]
    assert frame.columns[-2:] == ["weight_a", "weight_b"]
    with pytest.raises(UnknownNode):
        smaa(experiment, year=year, node="bottom")
    with pytest.raises(BadRequest, match="between 100 and 100,000, not 5"):
        smaa(experiment, year=year, draws=5)
    assert np.isnan(central_weights(np.array([[0.5, 0.5]]), np.array([[1, 2]]))[1]).all()


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_interval_of_a_rank_is_that_of_the_areas(level: float) -> None:
    x = np.random.default_rng(3).uniform(0, 10, (4, 3))
    shares, _ = exact(x)
    low, high = found(x).rank_interval(level=level)
    for unit, own in enumerate(shares):
        tail, below = (1 - level) / 2, np.concatenate([[0.0], np.cumsum(own)])
        # At most a tail lies before the interval and behind it; one rank less at either end, and more would.
        assert below[low[unit] - 1] < tail + 0.01
        assert below[low[unit]] > tail - 0.01
        assert below[high[unit]] > 1 - tail - 0.01
        assert below[high[unit] - 1] < 1 - tail + 0.01


def test_one_unit_is_one(tmp_path: Path) -> None:
    data, model = tmp_path / "t.csv", tmp_path / "m.toml"
    data.write_text("unit,a\nA,1\n")
    model.write_text('id = "one"\ntitle = "One"\n[nodes.t]\ntitle = "T"\n[indicators.a]\ntitle = "A"\nnode = "t"\n')
    for command in ("smaa", "build"):
        shown = CliRunner().invoke(main, ["index", command, str(model), "--data", str(data)]).output
        assert shown.startswith("T: 1 unit, ")


def test_the_command_prints_shares_and_what_it_would_take(tmp_path: Path) -> None:
    data, model = tmp_path / "t.csv", tmp_path / "m.toml"
    pl.DataFrame({"unit": ["A", "B"], "name": ["Aston", "Bexley"], "a": [4.0, 2.0], "b": [1.0, 2.0]}).write_csv(data)
    parts = "".join(f'[indicators.{name}]\ntitle = "{name}"\nnode = "top"\n' for name in "ab")
    head = 'id = "flat"\ntitle = "Flat"\n[nodes.top]\ntitle = "Top"\n'
    model.write_text(f'{head}{parts}[normalise]\nmethod = "none"\n')
    command = ["index", "smaa", str(model), "--data", str(data)]
    shown = CliRunner().invoke(main, command).output
    document = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)
    assert "1.3 (1–2)        100%  Aston: a 0.67" in shown
    assert "1.7 (1–2)        100%  Bexley: b 0.8" in shown
    assert "Top: 2 units, " in shown
    assert document["units"]["A"]["central_weights"]["a"] == pytest.approx(2 / 3, abs=0.01)
    assert document["units"]["B"]["acceptability"][0] == pytest.approx(1 / 3, abs=0.02)
