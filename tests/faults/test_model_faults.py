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


@pytest.mark.parametrize("weight", ["nan", "inf", "-1.0", '"heavy"', "[1]"])
def test_a_weight_that_weighs_nothing_sensible_is_named(weight: str) -> None:
    found = _faults(SOUND.replace('reason = "They', f'weight = {weight}\nreason = "They'))
    assert list(found) == [21]
    assert "indicators.students.weight" in found[21]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('title = "Education"', "title = 3"),
        ('parent = "potential"', "parent = [1]"),
        ('parent = "potential"', 'parent = "potential"\nvariant = { a = 1 }'),
        ('parent = "potential"', 'parent = "potential"\nweight = {}'),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_and_hides_no_other_fault(right: str, wrong: str) -> None:
    text = SOUND.replace('series = "students_inbound"', 'series = "students_outbound"').replace(right, wrong)
    found = " ".join(_faults(text).values())
    assert "nodes.education." in found
    assert "nearest: students_inbound" in found


def test_a_table_that_is_missing_is_named() -> None:
    with pytest.raises(BadModel, match="nodes: is missing"):
        parse_model(SOUND.replace("[nodes.", "[knots."), name="mine.toml", series=SERIES)


def test_size_and_wealth_must_differ() -> None:
    found = _faults(SOUND.replace('wealth = "gdp_per_head"', 'wealth = "gdp"'))
    assert "one series" in found[8]


def test_a_variant_that_leaves_nothing_of_a_top_node_is_named() -> None:
    found = _faults(SOUND + '[variants.bare]\ntitle = "Bare"\nreason = "A test"\nwithout = ["education"]\n')
    assert found == {
        25: "line 25, variants.bare.without: this variant leaves nothing of the top node potential",
    }


def test_a_top_node_that_only_variants_fill_is_named() -> None:
    variant = '[variants.rich]\ntitle = "Rich"\nreason = "A test"\n'
    found = _faults(SOUND.replace('reason = "They', 'variant = "rich"\nreason = "They') + variant)
    assert "nothing is left without one" in found[10]


def test_a_tree_without_a_top_or_without_an_end_is_named() -> None:
    assert any(
        "every node has a parent" in each
        for each in _faults(SOUND.replace('title = "Potential"', 'title = "Potential"\nparent = "education"')).values()
    )
    deep = "".join(f'[nodes.n{k}]\ntitle = "Node"\nparent = "{f"n{k - 1}" if k else "education"}"\n' for k in range(30))
    assert any("deeper than" in each for each in _faults(SOUND + deep).values())


def test_weights_that_vary_more_than_weights_can_are_named() -> None:
    assert "weights_cv" in _faults(SOUND + "[uncertainty]\nweights_cv = 1.5\n")[23]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a" * 1_000_000, "larger than"),
        (SOUND + "#" * 10_000, "line is longer"),
        ("a" + ".a" * 900 + " = 1\n", "unknown key"),
        ("a = " + "[" * 1_500, "nested too deep"),
        ("year = " + "9" * 1_900, "year"),
        ("".join(f'[nodes.n{k}]\nparent = "n{k - 1}"\n' for k in range(4_000)), "deeper than"),
        ('x = """\n' + "[ " * 900 + '\n"""', "x"),
    ],
)
def test_hostile_text_is_refused_before_it_can_keep_anyone_busy(text: str, why: str) -> None:
    with pytest.raises(BadModel, match=why):
        parse_model(text, name="mine.toml", series=SERIES)


def test_a_message_repeats_no_long_or_unprintable_name_in_full() -> None:
    text = SOUND + f'[nodes."\\u001b[31m"]\ntitle = "{"x" * 500}"\nparent = "{"y" * 500}"\n'
    with pytest.raises(BadModel) as caught:
        parse_model(text, name="mine.toml", series=SERIES)
    assert "\x1b" not in str(caught.value)
    assert max(len(str(fault)) for fault in caught.value.faults) < 300


def test_a_mark_of_byte_order_and_foreign_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "windows.toml").write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert read_model(tmp_path / "windows.toml", series=SERIES).title == "Mine"
