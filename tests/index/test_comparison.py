"""Why a unit moves between two builds: what is said of it adds up to what happened to its score."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.index import Index, build, compare
from softpower.index.comparison import JOINING, Comparison
from softpower.index.faults import parse_model
from softpower.index.table import Sheet, sheet

LEAVES = ("a", "b", "c", "d")


def table(*, units: int = 12, years: tuple[int, ...] = (), gaps: bool = False, seed: int = 3) -> Sheet:
    """Random cells on 1-100; with gaps one cell of each of the first units is missing."""
    rng = np.random.default_rng(seed)
    lines = [",".join(("unit", *(["year"] if years else []), *LEAVES))]
    for year in years or (0,):
        for number in range(units):
            cells = [f"{cell:.3f}" for cell in rng.uniform(1, 100, len(LEAVES))]
            if gaps and number < len(LEAVES):
                cells[number] = ""
            lines.append(",".join((f"U{number:02d}", *([str(year)] if years else []), *cells)))
    return sheet("\n".join(lines).encode(), name="t.csv")


def built(cells: Sheet, steps: str = "", *, scale: str = "[1, 100]", year: int | None = None) -> Index:
    """Two pillars of two indicators each; gaps stay, weights are certain."""
    head = (
        'id = "m"\ntitle = "M"\n[impute]\nmethod = "none"\n[screening]\nshare = 0.0\n[uncertainty]\nweights_cv = 0.0\n'
    )
    norm = f'[normalise]\nmethod = "minmax"\nscale = {scale}\n'
    tree = '[nodes.top]\ntitle = "Top"\n' + "".join(
        f'[nodes.{name}]\ntitle = "{name}"\nparent = "top"\n' for name in ("p", "q")
    )
    leaves = "".join(
        f'[indicators.{leaf}]\ntitle = "{leaf}"\nnode = "{"p" if leaf in "ab" else "q"}"\n' for leaf in LEAVES
    )
    model = parse_model(head + norm + tree + leaves + steps, name="m.toml", series=cells.columns)
    return build(model, cells, draws=100, year=year)


def standing(index: Index) -> np.ndarray:
    """Standardised scores, by hand."""
    scores = index.central["top"]
    return (scores - scores.mean()) / scores.std()


def told(found: Comparison) -> np.ndarray:
    """All that is said of each unit, added up."""
    return np.array([sum(by for _, by in found.reasons[unit]) + found.joining[unit] for unit in found.units])


GEOMETRIC = '[aggregate]\nmethod = "geometric"\n'


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(
    "steps", [GEOMETRIC, '[nodes.p.aggregate]\nmethod = "harmonic"\n', '[nodes.top.aggregate]\nmethod = "copeland"\n']
)
def test_reasons_add_up_to_the_change_of_the_standardised_score(steps: str, gaps: bool) -> None:
    first, second = built(table(gaps=gaps)), built(table(gaps=gaps), steps)
    weighed = built(table(gaps=gaps), '\n[treat]\nmethod = "none"\n').model.reweighted({"a": 3.0})
    third = build(weighed, table(gaps=gaps), draws=100)
    for one, other in ((first, second), (first, third), (second, third)):
        np.testing.assert_allclose(told(compare(one, other)), standing(other) - standing(one), atol=1e-9)


def test_only_the_way_of_joining_moves_units_where_nothing_else_differs() -> None:
    found = compare(built(table()), built(table(), GEOMETRIC))
    assert all(found.reasons[unit] == () for unit in found.units)
    assert any(found.shift.value)
    assert {reason.partition(" +")[0].partition(" -")[0] for reason in found.to_polars()["reason"]} == {JOINING}
    assert "others moved" not in str(found.to_polars()["reason"].to_list())


def test_an_unbalanced_unit_loses_by_a_geometric_mean_and_a_balanced_one_gains() -> None:
    cells = sheet(b"unit,a,b,c,d\nEven,50,50,50,50\nOdd,100,1,100,1\nLow,1,1,1,1\nHigh,100,100,100,100\n", name="t")
    found = compare(built(cells), built(cells, GEOMETRIC))
    assert found.joining["Even"] > 0.1
    assert found.joining["Odd"] < -0.1


def test_a_scale_of_another_range_changes_nothing() -> None:
    found = compare(built(table(), scale="[0, 1]"), built(table(), scale="[10, 60]"))
    assert set(found.to_polars()["reason"]) == {""}


def test_contributions_are_those_of_the_normalised_cells() -> None:
    # The cells of a are far apart at one end: half of the range of published values is a tenth of the logarithms.
    cells = sheet(b"unit,a,b,c,d\nA,1,5,5,5\nB,10,5,5,6\nC,100,5,5,7\nD,1000,5,5,5\n", name="t")
    plain = built(cells)
    logs = plain.model.indicators["a"].model_copy(update={"transform": "log"})
    model = plain.model.model_copy(update={"indicators": {**plain.model.indicators, "a": logs}})
    found = compare(plain, build(model, cells, draws=100))
    moved = dict(found.reasons["C"])
    assert moved["a"] > 0  # 10 % of the range before, two thirds of it in logarithms
    assert set(moved) == {"a", "d"}  # whose share of the spread is another


def test_where_a_build_cannot_be_done_again_the_method_is_named() -> None:
    cells = table(years=(2020, 2021))
    first, second = built(cells, year=2021), built(cells, GEOMETRIC, year=2021)
    found = compare(first, second)
    assert found.untold == "the aggregation differs"
    assert set(found.to_polars()["reason"]) == {"the aggregation differs"}


def test_years_on_one_scale_are_compared_by_their_values() -> None:
    cells = table(years=(2020, 2021))
    found = compare(built(cells, year=2020), built(cells, year=2021))
    assert found.untold == ""
    assert all(found.reasons[unit] for unit in found.units)
