"""What the guide to one's own index says to put into the model file is put there, block by block, and built."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from softpower.errors import BadModel
from softpower.index import build, compare
from softpower.index.choices import leaving_out
from softpower.index.faults import parse_model
from softpower.index.table import sheet

GUIDE = (Path(__file__).parents[2] / "docs" / "own-index.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
MODEL = BLOCKS[0]
TABLE = sheet(re.findall(r"```\n(unit,.*?)```", GUIDE, re.DOTALL)[0].encode(), name="cities.csv")


def steps() -> list[str]:
    """Each further block of the guide; a bare key, which stands at the head of the file, with the block after it."""
    found, head = [], ""
    for block in BLOCKS[1:]:
        if block.startswith("["):
            found.append(head + block)
            head = ""
        else:
            head = block
    return found


STEPS = steps()


def followed(*blocks: str) -> str:
    """The model of the guide with other blocks at its end, but for keys that stand above the first table."""
    heads = [re.split(r"^\[", block, maxsplit=1, flags=re.MULTILINE)[0] for block in blocks]
    tails = [block.removeprefix(head) for block, head in zip(blocks, heads, strict=True)]
    keys, opening, tables = MODEL.partition("[nodes.appeal]")
    return "\n".join([keys + "".join(heads), opening + tables, *tails])


def tables(block: str) -> set[str]:
    """Tables that a block opens."""
    return set(re.findall(r"^\[([a-z_.]+)\]", block, re.MULTILINE))


def saying(text: str) -> str:
    """The block that says something."""
    (found,) = (block for block in STEPS if text in block)
    return found


# Said to need scores above zero, in alternatives too.
NEEDS_ABOVE_ZERO, GIVES_ZERO = saying("benefit_of_the_doubt"), saying("[[uncertainty.normalise]]")
TOGETHER = [
    pair
    for pair in combinations(STEPS, 2)
    if tables(pair[0]).isdisjoint(tables(pair[1])) and set(pair) != {NEEDS_ABOVE_ZERO, GIVES_ZERO}
]


def check(*blocks: str) -> None:
    """Build the model with these blocks: all units are ranked, and the last in all it is known for is last."""
    model = parse_model(followed(*blocks), name="cities.toml", series=TABLE.columns)
    found = build(model, TABLE, draws=100)
    assert len(found.units) == 6
    assert found.name_of(found.units[int(np.argmin(found.central["appeal"]))]) == "Corby"


def test_the_guide_has_the_ways_that_it_names() -> None:
    assert len(STEPS) == 7
    assert saying("budget_allocation").startswith("weights = ")
    assert all(
        saying(each) for each in ("kemeny", "benefit_of_the_doubt", "unknown", "percentile", "weigh]]", "over_time")
    )


@pytest.mark.parametrize("block", ["", *STEPS])
def test_the_model_of_the_guide_is_built_with_each_block(block: str) -> None:
    check(block)


@pytest.mark.parametrize("blocks", TOGETHER)
def test_blocks_that_open_different_tables_go_together(blocks: tuple[str, str]) -> None:
    check(*blocks)


def test_an_alternative_on_another_scale_is_refused_for_weights_that_need_one_above_zero() -> None:
    text = followed(NEEDS_ABOVE_ZERO, GIVES_ZERO)
    with pytest.raises(
        BadModel, match=r"above zero.*alternative 1 of \[\[uncertainty.normalise\]\].*scale = \[1, 100\]"
    ):
        parse_model(text, name="cities.toml", series=TABLE.columns)


@pytest.mark.parametrize("block", STEPS, ids=lambda block: " ".join(sorted(tables(block)))[:60])
def test_an_indicator_may_be_left_out_of_each(block: str) -> None:
    model = parse_model(followed(block), name="cities.toml", series=TABLE.columns)
    smaller, variant = leaving_out(model, "", "museums")
    found = compare(build(model, TABLE, draws=100), build(smaller, TABLE, variant=variant, draws=100))
    assert "without indicator museums" in found.differences
