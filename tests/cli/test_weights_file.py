"""`--weights FILE`: weights from a file count as those given one by one, and a bad file is told from row to row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from softpower.cli import main
from tests.cli.runs import refused

TABLE = "unit,a,b\nA,1,9\nB,5,2\nC,9,4\n"
MODEL = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[indicators.a]
title = "First"
node = "top"
[indicators.b]
title = "Second"
node = "top"
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Builds the model, with a file of weights of this text if there is any."""
    (tmp_path / "mine.toml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")

    def built(text: str | None, *more: str) -> Result:
        path = tmp_path / "w.csv"
        given = [] if text is None else ["--weights", str(path)]
        path.write_text(text or "", encoding="utf-8")
        files = [str(tmp_path / "mine.toml"), "--data", str(tmp_path / "mine.csv"), "--draws", "100"]
        return CliRunner().invoke(main, ["index", "build", *files, "--json", *given, *more])

    return built


@pytest.mark.parametrize(
    "text", ["a,3\nb,1\n", "part,weight\na,3\nb,1\n", "\ufeffPart;Weight\r\na;3\r\nb;1\r\n", "\n a\t 3\n\nb\t1"]
)
def test_a_file_weighs_as_options_do(run: Any, text: str) -> None:
    found = json.loads(run(text).stdout)["scores"]
    assert found == json.loads(run(None, "--weight", "a=3", "--weight", "b=1").stdout)["scores"]
    assert found != json.loads(run(None).stdout)["scores"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("part,weight\na,2\na,3\n", "row 3: a stands in row 2 already; keep one"),
        ('a,"2,5"\n', "row 1: the weight of a is '2,5'; write 2.5"),
        ("a;2,5\n", "row 1: the weight of a is '2,5'; write 2.5"),
        ("a,2,5\n", "row 1: 3 columns in place of two"),
        ("a,1\nb,much\n", "row 2: the weight of b is 'much'; write a number"),
        ("much,more\na,1\n", "row 1: the weight of much is 'more'"),
        ("a,-1\n", "row 1: the weight of a is '-1'; write a number of zero or more"),
        ("a,nan\n", "row 1: the weight of a is 'nan'"),
        ("a,\n", "row 1: the weight of a is ''"),
        ("part,weight\na\n", "row 2: 1 column in place of two"),
        (",2\n", "row 1: the weight 2 belongs to no part"),
    ],
)
def test_a_row_that_is_no_weight_is_named_with_its_file_and_remedy(run: Any, text: str, said: str) -> None:
    message = refused(run(text))
    assert "w.csv, row" in message
    assert said in message


def test_all_bad_rows_are_told_at_once(run: Any) -> None:
    message = refused(run("a,x\nb,y\na,1\na,2\n"))
    assert all(f"row {row}: " in message for row in (1, 2, 4))
    assert "row 3" in message  # that a stands there already
