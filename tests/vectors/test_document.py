"""The JSON of a profile: what the guide promises, nothing unknown as a number, every year within what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from softpower.vectors.document import document
from softpower.vectors.profile import profile
from softpower.vectors.tiefile import read_ties

GUIDE = Path(__file__).parents[2] / "docs" / "with-whom.md"
COUNTRIES = ("KAZ", "TUV", "USA", "VAT", "TWN")


@cache
def of(iso3: str, year: int | None = None) -> dict[str, Any]:
    """Through JSON and back, as a reader gets it; fails on NaN."""
    found: dict[str, Any] = json.loads(json.dumps(document(profile(iso3, year=year, draws=40)), allow_nan=False))
    return found


def years(made: Any) -> Iterator[int]:
    """Whatever is a year, as key or as value."""
    if isinstance(made, dict):
        for key, each in made.items():
            if re.fullmatch(r"(19|20)\d\d", key):
                yield int(key)
            if re.search(r"year|^from$|^to$|^first$|^last$", key):
                yield from (each,) if isinstance(each, int) else each if key == "years" else ()
            yield from years(each)
    elif isinstance(made, list):
        for each in made:
            yield from years(each)


def documented() -> list[str]:
    """The keys in the guide's table."""
    table = GUIDE.read_text(encoding="utf-8").split("## The JSON")[1]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [key for row in rows for key in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("iso3", COUNTRIES)
def test_the_keys_are_those_of_the_guide(iso3: str) -> None:
    assert {re.split(r"[.\[]", key)[0] for key in documented()} == set(of(iso3))


def test_every_key_within_is_named_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8").split("## The JSON")[1]
    named = set(re.findall(r"`([a-z_0-9]+)`", text)) | {key for each in documented() for key in re.split(r"\W+", each)}
    found = of("KAZ")
    own = {each["id"] for each in found["vectors"]}
    lists = ("vectors", "layers", "likeness", "excess", "split_votes", "hard_power")
    keys = {key for name in lists for each in found[name] for key in each}
    keys |= {key for each in found["layers"] for share in each["shares"].values() for key in share}
    keys |= {key for each in found["layers"] if each["concentration"] for key in each["concentration"]}
    keys |= {key for each in found["likeness"] for value in each["vectors"].values() for key in value}
    keys |= {key for name in ("bridge", "buffer") for each in found["roles"][name] for key in each}
    assert keys - own - named == set()


@pytest.mark.parametrize("iso3", COUNTRIES)
def test_vectors_are_the_same_in_every_part(iso3: str) -> None:
    found = of(iso3)
    ids = [each["id"] for each in found["vectors"]]
    for part, key in (("layers", "shares"), ("likeness", "vectors"), ("excess", "vectors")):
        for each in found[part]:
            assert list(each[key]) == ids
    for each in found["vectors"]:
        assert iso3 not in each["members"]
        for other, shared in each["overlaps"].items():
            beside = next(vector for vector in found["vectors"] if vector["id"] == other)
            assert set(shared) == set(each["members"]) & set(beside["members"])
            assert beside["overlaps"][each["id"]] == shared


def test_overlaps_are_stated() -> None:
    by_id = {each["id"]: each for each in of("KAZ")["vectors"]}
    assert "TUR" in by_id["turkic_world"]["overlaps"]["islamic_world"]
    trade = of("KAZ")["layers"][0]
    together = sum(each["least"] for each in trade["shares"].values())
    assert together + trade["in_no_vector"] > 1
    assert 0 < trade["in_several_vectors"] < 1


@pytest.mark.parametrize("iso3", COUNTRIES)
def test_figures_lie_in_their_bounds_and_intervals(iso3: str) -> None:
    for layer in of(iso3)["layers"]:
        figures = [*layer["shares"].values(), *(layer["concentration"] or {}).values()]
        for each in figures:
            if each["least"] is None:
                assert each["most"] is None
                continue
            if each["most"] is not None:
                assert each["least"] <= each["most"]
            if each["low"] is not None:
                assert each["low"] <= each["least"]
        assert sum(each["share"] for each in layer["largest"]) <= 1 + 1e-9
        assert layer["sources"]
        assert layer["caution"]


def test_the_last_year_of_a_path_is_the_share() -> None:
    for layer in of("KAZ")["layers"]:
        for each in layer["shares"].values():
            assert max(map(int, each["path"])) == layer["year"]
            assert each["path"][str(layer["year"])] == pytest.approx(each["least"])


@pytest.mark.parametrize("year", [1995, 2015])
def test_no_year_is_later_than_asked_for(year: int) -> None:
    found = of("KAZ", year)
    told = list(years(found))
    assert len(told) > 20
    assert max(told) <= year
    assert found["year"] == year


def test_what_is_unknown_is_null() -> None:
    emigrants = next(each for each in of("KAZ")["layers"] if each["id"] == "emigrants")
    assert emigrants["shares"]["china"]["least"] is None
    assert emigrants["shares"]["china"]["members_with_ties"] == 0
    assert of("VAT")["roles"] is None


def test_russia_and_china_split_the_votes_as_counted() -> None:
    (split,) = of("KAZ")["split_votes"]
    assert (split["one"], split["other"], split["years"]) == ("russia", "china", [2007, 2019])
    sides = [split[each] for each in ("with_one", "with_other", "abstained")]
    assert sum(each["n"] for each in sides) == split["roll_calls"]
    assert split["with_other"]["share"] > split["with_one"]["share"]


def test_every_excess_has_its_interval() -> None:
    for layer in of("KAZ")["excess"]:
        assert layer["partners"]
        for each in layer["partners"]:
            assert each["low"] <= each["excess"] <= each["high"]


def test_ties_of_ones_own_name_their_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("origin,partner,year,value\nKAZ,RUS,2024,5\nKAZ,CHN,2024,15\n", encoding="utf-8")
    found = document(profile("KAZ", own=read_ties(path), draws=20))
    json.dumps(found, allow_nan=False)
    (layer,) = found["layers"]
    assert layer["sources"] == ["file:mine.csv"]
    assert layer["shares"]["china"]["least"] == 0.75
    assert (found["roles"], found["likeness"], found["excess"]) == (None, [], [])
