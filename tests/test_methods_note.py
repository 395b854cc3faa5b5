"""The method note says something about every name that a model file may use, and cites what it lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from softpower.index.model import Model

NOTE = (Path(__file__).parents[1] / "docs" / "methods.md").read_text(encoding="utf-8")
BODY, LISTED = NOTE.split("\n## References\n")
# Authors as listed, then the year: "Box, Cox (1964)", "Saltelli and others (2010)", "Meeusen, van den Broeck (1977)".
CITATION = re.compile(
    r"(?:(?:De|Van|van den) )?[A-Z][\w'/-]+(?:, (?:(?:De|Van|van den) )?[A-Z][\w'/-]+)*(?: and others)? \(\d{4}\)"
)


def choices(annotation: Any, seen: set[type]) -> Iterator[str]:
    """Every text that a model file may choose from, in a type and whatever it is made of."""
    if get_origin(annotation) is Literal:
        yield from (value for value in get_args(annotation) if isinstance(value, str))
        return
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                yield from choices(field.annotation, seen)
        return
    for part in get_args(annotation):
        yield from choices(part, seen)


NAMES = sorted(set(choices(Model, set())))


def test_the_names_of_a_model_file_are_found() -> None:
    assert {"posterior", "winsorise", "percentile", "critic", "owa", "linear_constant", "box_cox"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_of_a_model_file_is_explained_in_the_note(name: str) -> None:
    assert f"`{name}`" in BODY


def test_every_work_cited_in_the_note_is_listed() -> None:
    cited = set(CITATION.findall(re.sub(r"\s+", " ", BODY)))
    assert "Meeusen, van den Broeck (1977)" in cited
    assert cited - {work for work in cited if f"\n- {work}, " in LISTED} == set()


def test_every_work_listed_in_the_note_is_cited() -> None:
    text = re.sub(r"\s+", " ", BODY)
    works = [line.split("), ")[0][2:] + ")" for line in LISTED.strip().splitlines()]
    assert len(works) > 50
    assert [work for work in works if work not in text] == []


def test_works_are_listed_in_alphabetical_order() -> None:
    works = [line[2:].split(" (")[0].lower() for line in LISTED.strip().splitlines()]
    assert works == sorted(works)


# Markdown is read before equations are: in one, a backslash before punctuation would be dropped, and a pair of stars
# would become emphasis.

DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"\$([^$\n]+)\$")


def equations() -> list[str]:
    return DISPLAYED.findall(NOTE) + INLINE.findall(DISPLAYED.sub("", NOTE))


def test_equations_survive_markdown() -> None:
    assert len(equations()) > 150
    assert [each for each in equations() if re.search(r"\\[^A-Za-z\s]|\*", each)] == []


def test_equations_are_closed() -> None:
    for each in equations():
        assert each.count("{") == each.count("}"), each
        assert len(re.findall(r"\\left\b", each)) == len(re.findall(r"\\right\b", each)), each
    assert [line for line in DISPLAYED.sub("", NOTE).splitlines() if line.count("$") % 2] == []


def test_displayed_equations_stand_alone() -> None:
    assert len(DISPLAYED.findall(NOTE)) == len(re.findall(r"(?<=\n\n)\$\$.+?\$\$(?=\n\n)", NOTE, re.DOTALL)) > 10
