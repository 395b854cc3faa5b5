"""`softpower index compare`: leaving a part out is paired with keeping it, draw by draw, and says who left and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from softpower.cli import main
from tests.cli.runs import refused

PARTS = ("a", "b", "c", "d")
MODEL = 'id = "mine"\ntitle = "Mine"\n[nodes.top]\ntitle = "Top"\n' + "".join(
    f'[indicators.{part}]\ntitle = "{part}"\nnode = "top"\n' for part in PARTS
)
VARIANT = '[variants.lite]\ntitle = "Lite"\nreason = "A test"\nwithout = ["d"]\n'
CERTAIN = "[uncertainty]\nweights_cv = 0.0\n"


@pytest.fixture
def gaps(tmp_path: Path) -> Any:
    """Compares a model of a table of which a quarter of two columns is missing; says what was written."""
    rng = np.random.default_rng(5)
    common = rng.standard_normal(30)
    cells = 0.7 * common[:, None] + 0.7 * rng.standard_normal((30, 4))
    holes = np.zeros(cells.shape, dtype=bool)
    holes[:, 1:3] = rng.random((30, 2)) < 0.25
    lines = ["unit," + ",".join(PARTS)]
    for unit, (row, empty) in enumerate(zip(cells, holes, strict=True)):
        shown = ("" if hole else f"{cell:.4f}" for cell, hole in zip(row, empty, strict=True))
        lines.append(f"U{unit:02d}," + ",".join(shown))
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(text: str, *arguments: str) -> Any:
        (tmp_path / "m.toml").write_text(text, encoding="utf-8")
        files = [str(tmp_path / "m.toml"), "--data", str(tmp_path / "t.csv"), "--draws", "300"]
        return CliRunner().invoke(main, ["index", "compare", *files, *arguments])

    return run


def test_without_is_the_variant_that_leaves_out_the_same(gaps: Any) -> None:
    without, variant = (
        json.loads(gaps(MODEL + CERTAIN + VARIANT, *option, "--json").stdout)["shifts"]
        for option in (("--without", "d"), ("--variant", "lite"))
    )
    assert without == variant


def test_what_is_drawn_for_other_gaps_cancels(gaps: Any) -> None:
    shifts = json.loads(gaps(MODEL + CERTAIN, "--without", "d", "--json").stdout)["shifts"]
    widths = [row["shift_high"] - row["shift_low"] for row in shifts]
    # Two builds with gaps of their own would differ by some ten places.
    assert 0 < np.mean(widths) < 6


def test_parts_may_be_left_out_of_a_variant(gaps: Any) -> None:
    told = gaps(MODEL + VARIANT, "--variant", "lite", "--without", "c").stdout
    assert "without indicator c, d" in told
    assert "variants" not in told


def test_nothing_is_compared_with_a_top_node_of_which_nothing_is_left(gaps: Any) -> None:
    message = refused(gaps(MODEL, *(word for part in PARTS for word in ("--without", part))))
    assert "nothing of top is left without a, b, c, d" in message


DOUBT = '[nodes.top.aggregate]\nmethod = "benefit_of_the_doubt"\nshare = [0.2, 0.6]\n'
SCALE = '[normalise]\nmethod = "minmax"\nscale = [1, 100]\n'
BOTH = 'id = "mine"\ntitle = "Mine"\n[nodes.top]\ntitle = "Top"\n' + "".join(
    f'[indicators.{part}]\ntitle = "{part}"\nnode = "top"\n' for part in ("a", "d")
)


def test_a_part_left_out_gives_its_share_to_the_others_where_shares_are_bounded(gaps: Any) -> None:
    # One part alone could have three fifths at most.
    done = gaps(BOTH + SCALE + DOUBT, "--without", "d")
    assert done.exit_code == 0, done.output


def test_bounds_that_nothing_keeps_are_named_with_node_and_remedy(gaps: Any) -> None:
    message = refused(gaps(BOTH + SCALE + DOUBT, "--weight", "d=0"))
    assert "m.toml, node top, [nodes.top.aggregate]: the shares of a must sum to 1" in message
    assert "0.2 at least and 0.6 at most: widen share" in message


def test_who_left_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    rows = "A,Town A,9,9,9,9\nB,Town B,8,8,8,8\nC,Town C,7,,7,7\nD,Town D,6,6,6,6\n"
    (tmp_path / "t.csv").write_text(f"unit,name,a,b,c,d\n{rows}", encoding="utf-8")
    files = [str(tmp_path / "m.toml"), "--data", str(tmp_path / "t.csv"), "--draws", "100"]
    arguments = ["index", "compare", *files, "--without", "a", "--without", "c"]
    told = CliRunner().invoke(main, arguments).stdout
    assert "ranked in the first build alone: Town C (known is 50% of Top, asked for 67%)" in told
    assert "+1" not in told
    assert json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)["left"] == {
        "C": "known is 50% of Top, asked for 67%"
    }
