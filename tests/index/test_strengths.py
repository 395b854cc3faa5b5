"""What a unit is best and worst at, on tables small enough to rank by hand."""

from __future__ import annotations

import pytest

from softpower.errors import BadRequest, UnknownName, UnknownNode
from softpower.index import Index, build
from softpower.index.faults import parse_model
from softpower.index.strengths import strengths
from softpower.index.table import sheet

# By hand for B: a 1 of 4; b 2 of 4 with one equal; c smallest is best, so 4 of 4; d missing; e the same for all;
# f 3 of 3, since C has none.
TABLE = "unit,a,b,c,d,e,f\nA,1,9,1,1,5,9\nB,9,5,8,,5,1\nC,5,5,2,3,5,\nD,3,1,4,2,5,7\n"


@pytest.fixture(scope="module")
def index() -> Index:
    tables = "".join(
        f'[indicators.{name}]\ntitle = "Title of {name}"\nnode = "{"one" if name in "abc" else "two"}"\n'
        + ("direction = -1\n" if name == "c" else "")
        for name in "abcdef"
    )
    nodes = '[nodes.top]\ntitle = "Top"\n' + "".join(
        f'[nodes.{name}]\ntitle = "{name}"\nparent = "top"\n' for name in ("one", "two")
    )
    text = f'id = "mine"\ntitle = "Mine"\n[screening]\nshare = 0.0\n{nodes}{tables}'
    table = sheet(TABLE.encode(), name="mine.csv")
    return build(parse_model(text, name="mine.toml", series=table.columns), table, draws=100)


def test_places_are_those_counted_by_hand(index: Index) -> None:
    found = strengths(index, "B")
    told = {each.indicator: (each.rank, each.of, each.equals) for each in (*found.strengths, *found.weaknesses)}
    assert told == {"a": (1, 4, 1), "b": (2, 4, 2), "c": (4, 4, 1), "f": (3, 3, 1)}
    assert [each.indicator for each in found.strengths] == ["a", "b"]
    assert [each.indicator for each in found.weaknesses] == ["c", "f"]


def test_the_table_has_a_row_for_each_with_its_value_as_published(index: Index) -> None:
    frame = strengths(index, "B", top=1).to_polars()
    assert frame.select("kind", "indicator", "value").rows() == [("strength", "a", 9.0), ("weakness", "c", 8.0)]


def test_a_node_has_strengths_of_its_own(index: Index) -> None:
    found = strengths(index, "B", node="two")
    assert (found.strengths, [each.indicator for each in found.weaknesses]) == ((), ["f"])


def test_to_be_first_is_no_weakness_and_to_be_last_no_strength(index: Index) -> None:
    # By hand: A is first in b, c and f, last in a and in d; D is last in b alone, and first in nothing.
    found = strengths(index, "A")
    assert [each.indicator for each in found.weaknesses] == ["a", "d"]
    assert [each.indicator for each in found.strengths] == ["b", "c", "f"]
    assert "b" not in {each.indicator for each in strengths(index, "D").strengths}


def test_what_there_is_not_is_refused_by_name(index: Index) -> None:
    with pytest.raises(UnknownName, match="Z"):
        strengths(index, "Z")
    with pytest.raises(UnknownNode, match="three"):
        strengths(index, "A", node="three")
    with pytest.raises(BadRequest, match="top must be 1 or more, not 0"):
        strengths(index, "A", top=0)
