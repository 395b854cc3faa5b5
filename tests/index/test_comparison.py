"""Why a unit moves between two builds: what is said of it adds up to what happened to its score."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.index import Index, build, compare
from softpower.index.comparison import JOINING, Comparison
from softpower.index.faults import parse_model
from softpower.index.keep import pack, unpack
from softpower.index.model import Normalise, Screening
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


def text_of(steps: str = "", *, scale: str = "[1, 100]", plain_p: bool = True) -> str:
    """Two pillars of two indicators each; gaps stay, weights are certain; without ``plain_p`` the steps declare p."""
    head = (
        'id = "m"\ntitle = "M"\n[impute]\nmethod = "none"\n[screening]\nshare = 0.0\n[uncertainty]\nweights_cv = 0.0\n'
    )
    norm = f'[normalise]\nmethod = "minmax"\nscale = {scale}\n'
    tree = '[nodes.top]\ntitle = "Top"\n' + "".join(
        f'[nodes.{name}]\ntitle = "{name}"\nparent = "top"\n' for name in (("p", "q") if plain_p else ("q",))
    )
    leaves = "".join(
        f'[indicators.{leaf}]\ntitle = "{leaf}"\nnode = "{"p" if leaf in "ab" else "q"}"\n' for leaf in LEAVES
    )
    return head + norm + tree + leaves + steps


def built(
    cells: Sheet, steps: str = "", *, scale: str = "[1, 100]", year: int | None = None, plain_p: bool = True
) -> Index:
    """The index of a table under the model of `text_of`."""
    model = parse_model(text_of(steps, scale=scale, plain_p=plain_p), name="m.toml", series=cells.columns)
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


def pinned(*years: int) -> Index:
    """A build of 2021 with one indicator more weighed, from a table of these years, whose goalposts are fixed."""
    norm = '[normalise]\nmethod = "scaled"\nlow = 0\nhigh = 200\n'
    cells = table(years=years)
    text = text_of().replace('[normalise]\nmethod = "minmax"\nscale = [1, 100]\n', norm)
    model = parse_model(text, name="m.toml", series=cells.columns)
    return build(model, cells, draws=100, year=2021)


def test_years_beside_the_one_compared_change_no_reason_where_the_scale_is_given() -> None:
    # The cells of 2021 are the first drawn in both tables.
    alone, among = (pinned(*years) for years in ((2021,), (2021, 2022)))
    found = [
        compare(each, build(each.model.reweighted({"a": 3.0}), table(years=years), draws=100, year=2021))
        for each, years in ((alone, (2021,)), (among, (2021, 2022)))
    ]
    assert found[0].units == found[1].units
    for unit in found[0].units:
        first, second = (dict(each.reasons[unit]) for each in found)
        assert first.keys() == second.keys()
        np.testing.assert_allclose([*first.values()], [second[name] for name in first], atol=1e-12)


@pytest.mark.parametrize("steps", ["", GEOMETRIC, '[nodes.top.aggregate]\nmethod = "copeland"\n'])
def test_reasons_add_up_for_one_of_several_years_on_one_scale(steps: str) -> None:
    cells = table(years=(2020, 2021), gaps=True)
    first = built(cells, year=2021)
    for other in (
        built(cells, steps, year=2021),
        build(built(cells, steps).model.reweighted({"a": 3.0}), cells, draws=100, year=2021),
        build(built(cells, steps).model.without("b"), cells, draws=100, year=2021),
        built(cells, steps, year=2020),
    ):
        np.testing.assert_allclose(told(compare(first, other)), standing(other) - standing(first), atol=1e-9)


def test_only_the_normalisation_moves_units_of_a_panel_where_it_alone_differs() -> None:
    cells = table(years=(2020, 2021))
    other = built(cells, year=2021).model.model_copy(update={"normalise": Normalise(method="rank")})
    found = compare(built(cells, year=2021), build(other, cells, draws=100, year=2021))
    assert any(found.shift.value)
    assert all(found.reasons[unit] for unit in found.units)
    assert not any("differs" in reason for reason in found.to_polars()["reason"])


def test_weights_found_in_the_data_are_those_of_the_reasons() -> None:
    cells = table(years=(2020, 2021))
    first = built(cells, year=2021)
    second = built(cells, '[nodes.p]\ntitle = "p"\nparent = "top"\nweights = "entropy"\n', year=2021, plain_p=False)
    assert second.weights["a"] != second.weights["b"]
    np.testing.assert_allclose(told(compare(first, second)), standing(second) - standing(first), atol=1e-9)


def test_a_build_kept_as_bytes_gives_the_same_reasons() -> None:
    first, second = built(table(gaps=True)), built(table(gaps=True), GEOMETRIC)
    again = [unpack(pack(each), each.model) for each in (first, second)]
    assert compare(*again).reasons == compare(first, second).reasons
    assert compare(*again).joining == compare(first, second).joining


def test_who_leaves_the_ranking_moves_nobody_and_is_named_with_the_reason() -> None:
    rows = "A,9,9,9,9\nB,8,8,8,8\nC,,7,,7\nD,6,6,6,6\nE,5,5,5,5\n"
    cells = sheet(f"unit,a,b,c,d\n{rows}".encode(), name="t")
    first = built(cells)
    strict = first.model.model_copy(update={"screening": Screening(share=0.6)})
    found = compare(first, build(strict, cells, draws=100))
    assert found.units == ("A", "B", "D", "E")
    assert found.first == found.second == (1, 2, 3, 4)
    assert not found.shift.value.any()
    assert not found.shift.low.any()
    assert not found.shift.high.any()
    assert found.left == {"C": "known is 50% of Top, asked for 60%"}


def test_a_unit_that_only_one_table_has_left_for_that_reason() -> None:
    cells = sheet(b"unit,a,b,c,d\nA,1,2,3,4\nB,2,3,4,5\nC,3,4,5,6\n", name="t")
    fewer = sheet(b"unit,a,b,c,d\nA,1,2,3,4\nB,2,3,4,5\n", name="t")
    assert compare(built(cells), built(fewer)).left == {"C": "not in its data"}
    assert compare(built(fewer), built(cells)).left == {"C": "not in its data"}
