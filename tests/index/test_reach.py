"""Cells and scores out of reach of the steps of a model: who is named, and whether the remedy is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadRequest, UnknownCountry, UnknownName
from softpower.index import Index, Model, build

SCALE = [1, 100]
ON_SCALE = {"method": "none", "scale": [0, 100]}


def model(normalise: dict[str, Any], *, x: dict[str, Any] | None = None, **steps: Any) -> Model:
    """One node of two indicators, x and y; nothing uncertain but cells."""
    parts = {"x": {"title": "X share", "node": "t"} | (x or {}), "y": {"title": "Y share", "node": "t"}}
    return Model.model_validate(
        {
            "id": "m",
            "title": "M",
            "nodes": {"t": {"title": "T"}},
            "indicators": parts,
            "normalise": normalise,
            "uncertainty": {"weights_cv": 0.0},
        }
        | steps
    )


def shares(**cells: list[float | None]) -> pl.DataFrame:
    """Two columns of shares in per cent that agree but for noise, and a standard error of the first."""
    x = [3.0, 21.0, 35.0, 52.0, 68.0, 81.0, 97.0, 99.0]
    y = [1.0, 25.0, 30.0, 50.0, 71.0, 84.0, 90.0, 99.5]
    usual = {"unit": list("ABCDEFGH"), "x": x, "y": y, "e": [4.0] * 8}
    return pl.DataFrame(usual | cells)


def refusal(model: Model, table: pl.DataFrame) -> str:
    with pytest.raises(BadRequest) as caught:
        build(model, table, draws=200)
    return str(caught.value)


# Cells left as they are, on a scale


def test_draws_of_cells_left_as_they_are_stay_on_the_scale_that_is_declared() -> None:
    table = shares(x=[None, 21.0, 35.0, 52.0, 68.0, 81.0, 97.0, None])
    keep = {"screening": {"share": 0.5}}
    for found in (
        build(model(ON_SCALE, **keep), table, draws=1000),
        build(model(ON_SCALE, x={"error": "e"}), shares(), draws=1000),
    ):
        assert len(found.units) == 8
        drawn = 2 * found.sampled["t"] - np.array(table["y"])  # x, as y is sure
        assert drawn.min() == 0
        assert drawn.max() == 100
        assert 0 <= found.central["t"].min() <= found.central["t"].max() <= 100


def test_a_guess_beyond_the_declared_scale_is_held_at_its_end() -> None:
    table = shares(x=[None, 21.0, 35.0, 52.0, 68.0, 81.0, 97.0, 99.0], y=[0.5, 25, 30, 50, 71, 84, 90, 99.5])
    free = build(model({"method": "none"}, screening={"share": 0.5}), table, draws=200)
    held = build(model(ON_SCALE, screening={"share": 0.5}), table, draws=200)
    drawn = free.sampled["t"][:, 0]  # half of x, and a quarter
    assert drawn.min() < 0.25
    assert drawn.max() > 50.25
    np.testing.assert_allclose(held.sampled["t"][:, 0], drawn.clip(0.25, 50.25))


def test_a_published_cell_off_the_declared_scale_is_named_with_column_unit_value_and_remedy() -> None:
    message = refusal(model(ON_SCALE), shares(x=[3.0, 130.0, 35.0, 52.0, 68.0, 81.0, -7.0, 99.0]))
    assert message == (
        "m, indicator x, [normalise]: cells of X share lie outside the scale from 0 to 100: B has 130 in column x and "
        '1 more: correct the column, write the scale that it is on, or method = "minmax"'
    )
    told = refusal(
        model({"method": "minmax"}, x={"normalise": ON_SCALE, "transform": "log", "below_zero": "zero"}),
        shares(x=[3.0, 1e50, 35.0, 52.0, 68.0, 81.0, 97.0, 99.0]),
    )
    assert "[indicators.x.normalise]" in told
    assert "B has 1e+50 in column x, 115" in told
    assert "after its transform or treatment" in told


def test_of_an_indicator_of_which_less_is_better_the_remedy_turns_its_scale_round() -> None:
    less = {"direction": -1}
    message = refusal(model(ON_SCALE, x=less), shares())
    assert "A has 3 in column x, of which less is better, so that it counts as -3 and 7 more: " in message
    remedy = 'write normalise = { method = "scaled", low = 0, high = 100, scale = [0, 100] } in [indicators.x]'
    assert message.endswith(remedy)
    turned = {"normalise": {"method": "scaled", "low": 0, "high": 100, "scale": [0, 100]}}
    found = build(model(ON_SCALE, x=less | turned), shares(), draws=100)
    np.testing.assert_allclose(found.central["t"], (100 - np.array(shares()["x"]) + np.array(shares()["y"])) / 2)


# Remedies of scores that are too low


def lifted(normalise: dict[str, Any], **more: Any) -> str:
    """What is said where errors of x carry its draws below what a geometric mean takes."""
    return refusal(model(normalise, x={"error": "e"}, aggregate={"method": "geometric"}, **more), shares())


def geometric(normalise: dict[str, Any]) -> Index:
    return build(model(normalise, x={"error": "e"}, aggregate={"method": "geometric"}), shares(), draws=200)


@pytest.mark.parametrize(
    ("normalise", "words", "better"),
    [
        (
            {"method": "distance_to_maximum", "scale": SCALE},
            'write method = "minmax" in [normalise] in place of distance_to_maximum',
            {"method": "minmax", "scale": SCALE},
        ),
        (
            {"method": "fraction_of_maximum", "scale": SCALE},
            'write method = "goalposts" and low = 0 and high = the largest value in [normalise] in place of fraction',
            {"method": "goalposts", "scale": SCALE, "low": 0, "high": 99.5},
        ),
        (
            {"method": "scaled", "low": 0, "high": 100, "scale": SCALE},
            'write method = "goalposts" and the same low and high in [normalise] in place of scaled',
            {"method": "goalposts", "low": 0, "high": 100, "scale": SCALE},
        ),
        (
            {"method": "goalposts", "low": 0, "high": 100, "scale": SCALE, "beyond": "extend"},
            'write beyond = "clip" in [normalise] (goalposts)',
            {"method": "goalposts", "low": 0, "high": 100, "scale": SCALE, "beyond": "clip"},
        ),
        (
            {"method": "distance_to_target", "target": 100, "low": 0, "scale": [0, 100]},
            'normalise to a scale that begins above zero, scale = [1, 100] and beyond = "clip" in [normalise] (dist',
            {"method": "distance_to_target", "target": 100, "low": 0, "scale": SCALE, "beyond": "clip"},
        ),
        (
            {"method": "scaled", "low": 0, "high": 100},
            'normalise to a scale that begins above zero, scale = [1, 100], and write method = "goalposts"',
            {"method": "goalposts", "low": 0, "high": 100, "scale": SCALE},
        ),
        (
            {"method": "zscore", "mean": 50, "sd": 30},
            "normalise to a scale that begins above zero, scale = [1, 100] in place of mean and sd in [normalise]",
            {"method": "zscore", "scale": SCALE},
        ),
        (
            {"method": "none", "scale": [0, 100]},
            'normalise to a scale that begins above zero, scale = [1, 100] and method = "minmax" in [normalise]',
            {"method": "minmax", "scale": SCALE},
        ),
    ],
)
def test_the_remedy_of_scores_that_are_too_low_is_one_and_not_what_the_file_says(
    normalise: dict[str, Any], words: str, better: dict[str, Any]
) -> None:
    message = lifted(normalise)
    assert words in message
    assert "it is that of x of A in a replication" in message
    if "begins" not in words:
        assert "scale = [1, 100]" not in message
    assert len(geometric(better).units) == 8


def test_draws_of_units_that_cannot_be_ranked_stop_nothing() -> None:
    gap = shares(x=[None, 21.0, 35.0, 52.0, 68.0, 81.0, 97.0, 99.0], y=[1.0, 55, 30, 90, 51, 64, 70, 99.5])
    # A third of the cells of A is missing, and its draws lie far below those of the others.
    far = {"method": "distance_to_maximum", "scale": [5, 100]}
    # The mean of both parts stays above zero but for A.
    worse = {"method": "distance_to_maximum", "scale": [1, 100]}
    pareto = {"method": "mazziotta_pareto"}
    assert build(model(worse, aggregate=pareto), gap, draws=1000).not_ranked == ("A",)
    assert "that of A is" in refusal(model(worse, aggregate=pareto, screening={"share": 0.5}), gap)
    for mean in ({"method": "geometric"}, {"method": "harmonic"}, {"method": "power", "power": 2.0}):
        strict = build(model(far, aggregate=mean), gap, draws=1000)
        assert strict.not_ranked == ("A",)
        assert np.isfinite(strict.sampled["t"]).all()
        message = refusal(model(far, aggregate=mean, screening={"share": 0.5}), gap)
        assert "that of x of A in a replication" in message


def test_of_a_node_the_remedy_is_for_the_indicator_below_it_that_goes_too_low() -> None:
    tree = {"t": {"title": "T"}, "p": {"title": "P", "parent": "t"}, "q": {"title": "Q", "parent": "t"}}
    parts = {
        "x": {"title": "X", "node": "p", "error": "e"},
        "y": {"title": "Y", "node": "q", "normalise": {"method": "minmax", "scale": SCALE}},
    }
    far = model({"method": "scaled", "low": 0, "high": 100, "scale": SCALE}, aggregate={"method": "harmonic"})
    nested = Model.model_validate(far.model_dump() | {"nodes": tree, "indicators": parts})
    nested = nested.model_copy(
        update={"nodes": {id: each.model_copy(update={"aggregate": None}) for id, each in nested.nodes.items()}}
    )
    own = {"p": {"title": "P", "parent": "t", "aggregate": {"method": "arithmetic"}}}
    message = refusal(Model.model_validate(nested.model_dump() | {"nodes": tree | own}), shares())
    assert "node t" in message
    assert 'write method = "goalposts" and the same low and high in [normalise] in place of scaled' in message
    assert "which x of p needs, or join p by another mean; it is that of p of A in a replication" in message


# Names that the data do not have


def test_units_that_screening_names_are_looked_for_in_the_table_and_named_with_both_files() -> None:
    for key in ("keep", "drop"):
        with pytest.raises(
            UnknownName, match=rf"^unknown name 'K' in {key} of \[screening\] in m, .* of the dataframe"
        ):
            build(model({"method": "minmax"}, screening={key: ["K"]}), shares(), draws=100)
    both = {"keep": ["A", "B"], "drop": ["B"]}
    assert refusal(model({"method": "minmax"}, screening=both), shares()).startswith("m, [screening]: B cannot both be")


def test_a_unit_that_is_not_ranked_is_one_of_the_table_and_no_country() -> None:
    gap = shares(x=[None, 21.0, 35.0, 52.0, 68.0, 81.0, 97.0, 99.0]).with_columns(name=pl.col("unit") + " Town")
    found = build(model({"method": "minmax"}), gap, draws=100)
    for unit, says in (
        ("Z", r"'Z' in the 7 units that m ranks: B, C, D, E, F, G, H$"),
        ("b town", r"'b town' in the 7 units that m ranks; nearest: B$"),
        ("A", r"'A' in the 7 units that m ranks, as too little is known of it$"),
    ):
        for ask in (found.unit, lambda unit: found.plot("ranks", units=[unit])):
            with pytest.raises(UnknownName, match=f"^unknown name {says}") as caught:
                ask(unit)
            assert not isinstance(caught.value, UnknownCountry)
    with pytest.raises(UnknownName, match="unknown name 'Z'"):
        found.explain("Z")


def test_a_reference_unit_that_is_not_given_or_unknown_is_asked_for_in_words_of_the_model_file() -> None:
    far = {"method": "distance_to_reference"}
    message = refusal(model(far), shares())
    assert message.startswith("m, indicator x, [normalise]: distance_to_reference needs the unit that others are")
    assert 'write its code, such as unit = "A"' in message
    assert "None" not in message
    assert "weakest is" not in message
    message = refusal(model(far | {"unit": "AA"}), shares())
    assert message == "m, indicator x, [normalise]: unknown name 'AA' in the 8 units of the data; nearest: A"
    bare = refusal(model({"method": "distance_to_target"}), shares())
    assert bare.startswith("m, indicator x, [normalise]: X share: distance_to_target needs target; write it in ")
    assert "weakest is" not in bare


@pytest.mark.parametrize("where", ["model", "node"])
def test_parts_that_a_method_cannot_weigh_are_named_with_file_and_what_to_write(where: str) -> None:
    opposed = shares().with_columns(y=-pl.col("y"), z=pl.col("x") ** 2)
    tree = {"t": {"title": "T"} | ({"weights": "pca"} if where == "node" else {})}
    parts = {name: {"title": name, "node": "t"} for name in "xyz"}
    steps = {"weights": "pca"} if where == "model" else {}
    weighed = Model.model_validate({"id": "m", "title": "M", "nodes": tree, "indicators": parts} | steps)
    message = refusal(weighed, opposed)
    assert message.startswith("m, the parts of t cannot be weighed by pca: ")
    assert 'give them no weight with mixed = "flag"' in message
    ready = weighed.model_dump() | {"mixed": "flag"}
    assert "y" in " ".join(build(Model.model_validate(ready), opposed, draws=100).cautions)
