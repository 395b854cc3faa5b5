"""A model file with faults: all of them at once, each with its line and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from softpower.errors import BadModel
from softpower.index.faults import parse_model, read_model

SERIES = ("gdp", "gdp_per_head", "students_inbound", "tourists")

SOUND = """\
id = "mine"
title = "Mine"
description = "A model of my own"
year = 2020

[expectation]
size = "gdp"
wealth = "gdp_per_head"

[nodes.potential]
title = "Potential"

[nodes.education]
title = "Education"
parent = "potential"

[indicators.students]
title = "Students"
node = "education"
series = "students_inbound"
reason = "They chose to come."
"""


def _faults(text: str) -> dict[int, str]:
    with pytest.raises(BadModel) as caught:
        parse_model(text, name="mine.toml", series=SERIES)
    return {fault.line: str(fault) for fault in caught.value.faults}


def test_a_sound_model_is_read() -> None:
    model = parse_model(SOUND, name="mine.toml", series=SERIES)
    assert model.tops == ("potential",)
    assert model.leaves("potential") == ("students",)


def test_seven_faults_are_listed_at_once_with_their_lines_and_nearest_names() -> None:
    text = (
        SOUND.replace("year = 2020", 'year = "2020"')
        .replace('wealth = "gdp_per_head"', 'wealth = "gdp_pre_head"')
        .replace('parent = "potential"', 'parent = "potental"')
        .replace('series = "students_inbound"', 'series = "studnets_inbound"\nwieght = 2\ndirection = 3\nwindow = 0')
    )
    found = _faults(text)
    assert len(found) == 8  # the eighth: nothing belongs to the node that was misspelt
    assert "'2020'" in found[4]
    assert "nearest: gdp_per_head" in found[8]
    assert "unknown node 'potental'; nearest: potential" in found[15]
    assert "nearest: students_inbound" in found[20]
    assert "wieght" in found[21]
    assert {22, 23} <= found.keys()


def test_weights_that_sum_to_zero_are_named_with_their_node() -> None:
    found = _faults(SOUND.replace('reason = "They', 'weight = 0\nreason = "They'))
    assert any("sum to zero" in each and "education" in each for each in found.values())


def test_a_circle_is_named() -> None:
    found = _faults(SOUND.replace('title = "Potential"', 'title = "Potential"\nparent = "education"'))
    assert any("a circle" in each for each in found.values())


def test_a_slip_in_the_file_itself_is_named_with_its_line() -> None:
    found = _faults(SOUND.replace('title = "Mine"', 'title = "Mine'))
    assert list(found) == [2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nodes = 3",
        "[nodes]\nx = 1",
        "indicators = []",
        'id = "</script><script>"',
        "a = " + "[" * 200,
        "x = nan",
        "\x00",
    ],
)
def test_no_text_gets_past_as_anything_but_a_bad_model(text: str) -> None:
    with pytest.raises(BadModel, match=r"mine\.toml: \d+ fault"):
        parse_model(text, name="mine.toml", series=SERIES)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    for path, why in (
        (tmp_path / "none.toml", "No such file"),
        (tmp_path, "directory"),
        (tmp_path / "latin.toml", "UTF-8"),
    ):
        with pytest.raises(BadModel, match=why):
            read_model(path, series=SERIES)
