"""Points of experts: read, checked, and as weights of a model, drawn and not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadModel, BadRequest, UnknownNode
from softpower.index import Model, build, load_model, replay, set_up
from softpower.index.experts import read_points, shares_of
from softpower.index.faults import parse_model, read_model
from softpower.index.model import Budget

COLUMNS = ("a", "b", "c", "d")
FILE = """\
id = "mine"
title = "Mine"
weights = "budget_allocation"
[nodes.top]
title = "Top"
[nodes.p]
title = "P"
parent = "top"
[nodes.q]
title = "Q"
parent = "top"
[indicators.a]
title = "A"
node = "p"
[indicators.b]
title = "B"
node = "p"
[indicators.c]
title = "C"
node = "q"
[indicators.d]
title = "D"
node = "q"
[budget]
points = 10
"""
EXPERTS = """\
[budget.experts]
ana = { p = 6, q = 4, a = 5, b = 5, c = 10, d = 0 }
"Ben K" = { p = 2, q = 8, a = 9, b = 1 }
"""
CSV = """expert;part;points
ana;p;6
ana;q;4
ana;a;5
ana;b;5
ana;c;10
ana;d;0
Ben K;p;2
Ben K;q;8
Ben K;a;9
Ben K;b;1
"""
TABLE = pl.DataFrame(
    {"unit": [f"U{k}" for k in range(9)]} | {c: np.random.default_rng(k).uniform(1, 9, 9) for k, c in enumerate("abcd")}
)


def model(more: str = EXPERTS) -> Model:
    return parse_model(FILE + more, name="mine.toml", series=COLUMNS)


def faults(text: str, folder: Path | None = None) -> list[str]:
    with pytest.raises(BadModel) as caught:
        parse_model(text, name="mine.toml", series=COLUMNS, folder=folder)
    return [str(each) for each in caught.value.faults]


def test_weights_are_the_mean_shares_of_those_who_gave_points() -> None:
    ready, _ = set_up(model(), TABLE)
    share = {part: ready.model.weight(part) / 2 for part in ("p", "q", *COLUMNS)}
    expected = {"p": 0.4, "q": 0.6, "a": 0.7, "b": 0.3, "c": 1.0, "d": 0.0}  # Ben passed over c and d
    assert share == pytest.approx(expected)


def test_a_file_beside_the_model_says_the_same_as_a_table_in_it(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(CSV)
    (tmp_path / "mine.toml").write_text(FILE + 'file = "points.csv"\n')
    read = read_model(tmp_path / "mine.toml", series=COLUMNS)
    assert read.budget is not None
    assert model().budget is not None
    assert read.budget.experts == model().budget.experts  # type: ignore[union-attr]
    assert load_model(tmp_path / "mine.toml", columns=COLUMNS) == read


def test_each_replication_takes_one_expert_in_all_nodes() -> None:
    ready, year = set_up(model(), TABLE)
    drawn = ready.designs(400, 7)
    ana = drawn.weights["p"] == 2 * 0.6
    assert 0.4 < ana.mean() < 0.6
    np.testing.assert_allclose(drawn.weights["q"], np.where(ana, 0.8, 1.6))
    np.testing.assert_allclose(drawn.weights["a"], np.where(ana, 1.0, 1.8))
    assert set(drawn.weights["c"]) == {2.0}
    found = replay(ready, year=year, number=5, draws=400, seed=7)
    assert found.weights["p"] == pytest.approx(0.6 if ana[5] else 0.2)


@pytest.mark.parametrize("method", ["draw", "bootstrap", "none"])
def test_a_replication_among_experts_is_built_again_exactly(method: str) -> None:
    each = model(EXPERTS + f'[uncertainty]\nexperts = "{method}"\n')
    built = build(each, TABLE, draws=100)
    ready, year = set_up(each, TABLE)
    for number in (0, 63):
        again = replay(ready, year=year, number=number, draws=100, seed=7)
        np.testing.assert_allclose(again.scores[0], built.sampled["top"][number], rtol=1e-6)
    width = built.scores("top").high - built.scores("top").low
    assert (width < 1e-4).all() == (method == "none")


def test_the_order_of_experts_and_units_changes_no_central_score() -> None:
    first = build(model(), TABLE, draws=100)
    turned = EXPERTS.splitlines(keepends=True)
    other = build(model("".join([turned[0], turned[2], turned[1]])), TABLE[::-1], draws=100)
    scores = dict(zip(other.units, other.central["top"], strict=True))
    np.testing.assert_allclose(first.central["top"], [scores[unit] for unit in first.units])


def test_points_for_a_part_that_is_left_out_go_to_the_others_in_proportion() -> None:
    points = {"ana": {"a": 5.0, "b": 3.0, "c": 2.0}, "ben": {"a": 0.0, "b": 0.0, "c": 10.0}, "cem": {}}
    flat = model().model_copy(update={"budget": Budget(experts=points)})
    shares = shares_of(flat, ("a", "b"))
    np.testing.assert_allclose(shares[0], [0.625, 0.375])
    assert np.isnan(shares[1:]).all()  # ben gave all to what is gone
    with pytest.raises(BadRequest, match="no expert gives points to d"):
        shares_of(flat, ("d",))


def test_another_weight_for_a_part_that_experts_weigh_is_refused() -> None:
    with pytest.raises(BadRequest, match=r'parts of p are weighed by budget_allocation.*a line weights = "given"'):
        build(model(), TABLE, draws=100, weights={"a": 2.0})
    with pytest.raises(UnknownNode):
        build(model(), TABLE, draws=100, weights={"z": 2.0})


# Faults


def test_every_fault_of_the_experts_names_expert_and_line() -> None:
    found = faults(
        FILE
        + """\
[budget.experts]
ana = { p = 6, q = 5, a = 5, b = 5, c = 10, d = 0 }
Ben = { p = 2, z = 8 }
[uncertainty]
weights_cv = 0.2
"""
    )
    assert [each.partition(":")[0] for each in found] == [
        "line 27, budget.experts.ana",
        "line 28, budget.experts.Ben",
        "line 28, budget.experts.Ben",
    ]
    assert "points of ana for top (p, q) sum to 11, not 10" in found[0]
    assert "Ben gives no points to q of top: write 0" in found[1]
    assert "Ben gives points to z, which no node" in found[2]


def test_a_node_without_experts_and_experts_without_a_node_are_faults() -> None:
    only = "[budget.experts]\nana = { p = 6, q = 4, a = 5, b = 5 }\n"
    assert faults(FILE + only) == ["line 9, nodes.q: no expert gives points to its parts: c, d"]
    bare = FILE.replace("[budget]\npoints = 10\n", "")
    assert "line 3, weights: budget_allocation needs a table [budget]" in faults(bare)[0]
    plain = FILE.replace('weights = "budget_allocation"\n', "")
    assert "no node is weighed by it" in faults(plain + EXPERTS)[0]


def test_what_is_wrong_with_the_file_is_told_with_its_rows(tmp_path: Path) -> None:
    text = FILE + 'file = "points.csv"\n'
    assert "cannot be read: No such file" in faults(text, tmp_path)[0]
    assert "must be the name of a file in the folder" in faults(text)[0]
    assert "must be the name of a file in the folder" in faults(FILE + 'file = "../points.csv"\n', tmp_path)[0]
    (tmp_path / "points.csv").write_text(CSV + "ana;a;7\nana;b\nBen K;;3\nBen K;c;-1\n")
    found = faults(text, tmp_path)
    assert [each.partition("points.csv, ")[2].partition(":")[0] for each in found] == [
        "row 12", "row 13", "row 14", "row 15",
    ]  # fmt: skip
    assert all(each.startswith("line 26, budget.file") for each in found)
    assert "ana gives points to a a second time" in found[0]
    (tmp_path / "points.csv").write_bytes(b"expert,part,points\n\xff\xfe")
    assert "not UTF-8" in faults(text, tmp_path)[0]
    assert "keep the file or" in faults(text + EXPERTS, tmp_path)[0]


def test_a_missing_number_is_not_a_zero() -> None:
    points, wrong = read_points("expert,part,points\nana,a,\nana,b,0\n")
    assert points == {"ana": {"b": 0.0}}
    assert wrong == ["row 2: points of ana for a must be a number of zero or more, not ''"]
    assert read_points("")[1][0].startswith("row 1: a header with the columns expert, part, points is needed")
