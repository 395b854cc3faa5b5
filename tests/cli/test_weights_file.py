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
        ("weight,part\n2,a\n", "row 1: the titles are weight and part; write the part first"),
        ("a,2\nnope,1\n", "row 2: unknown part 'nope'"),
        ("part,weight\nA,1\n", "row 2: unknown part 'A', nearest: a"),
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


@pytest.mark.parametrize("text", ["", "\n \n", "part,weight\n"])
def test_a_file_without_weights_is_refused(run: Any, text: str) -> None:
    assert "w.csv has no weights; write a row for each part" in refused(run(text))


def test_unknown_parts_are_told_at_once_with_those_there_are(run: Any) -> None:
    message = refused(run("nope,1\na,1\nfirstt,2\n", "--weight", "other=3"))
    assert "w.csv, row 1: unknown part 'nope'; " in message
    assert "w.csv, row 3: unknown part 'firstt'" in message
    assert "--weight other=3: unknown part 'other'" in message
    assert "Parts of mine.toml: top, a, b" in message


COMMANDS = {
    "audit": ("audit", "--json"),
    "compare": ("compare", "--draws", "100", "--json"),
    "conversion": ("conversion", "--draws", "100", "--inputs", "p", "--outputs", "q", "--json"),
    "sensitivity": ("sensitivity", "-n", "64", "--json"),
}
TREE = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
""" + "".join(f'[nodes.{node}]\ntitle = "{node}"\nparent = "top"\n' for node in "pq")
LEAVES = "".join(
    f'[indicators.{leaf}]\ntitle = "{leaf}"\nnode = "{node}"\n' for leaf, node in (("a", "p"), ("b", "p"), ("c", "q"))
)


@pytest.fixture
def larger(tmp_path: Path) -> Any:
    """Runs a command on a model of three indicators of twelve units."""
    (tmp_path / "mine.toml").write_text(TREE + LEAVES, encoding="utf-8")
    rows = "".join(f"U{k:02d},{k * 5 % 13},{k * k % 11},{k * 7 % 17}\n" for k in range(1, 13))
    (tmp_path / "mine.csv").write_text("unit,a,b,c\n" + rows, encoding="utf-8")

    def ran(name: str, *more: str) -> Result:
        command, *rest = COMMANDS.get(name, (name,))
        files = [str(tmp_path / "mine.toml"), "--data", str(tmp_path / "mine.csv")]
        return CliRunner().invoke(main, ["index", command, *files, *rest, *more])

    return ran


@pytest.mark.parametrize("name", [*COMMANDS])
def test_other_commands_take_a_file_as_they_take_options(larger: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "w.csv").write_text("part,weight\na,5\nb,1\n", encoding="utf-8")
    file, options, heavier = (
        larger(name, *given)
        for given in (
            ("--weights", str(tmp_path / "w.csv")),
            ("--weight", "a=5", "--weight", "b=1"),
            ("--weight", "a=1", "--weight", "b=5"),
        )
    )
    assert file.exit_code == 0, file.output
    assert json.loads(file.stdout) == json.loads(options.stdout)
    assert json.loads(file.stdout) != json.loads(heavier.stdout)


def test_plots_take_a_file_of_weights(larger: Any, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("a,5\n", encoding="utf-8")
    drawn = []
    for number, given in enumerate((("--weights", str(tmp_path / "w.csv")), ("--weight", "a=5"), ())):
        out = tmp_path / f"{number}.json"
        command = ["index", "plot", "ranks", str(tmp_path / "mine.toml"), "--data", str(tmp_path / "mine.csv")]
        done = CliRunner().invoke(main, [*command, "--draws", "100", "--out", str(out), *given])
        assert done.exit_code == 0, done.output
        drawn.append(out.read_text(encoding="utf-8"))
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


@pytest.mark.parametrize("name", ["compare", "plot"])
def test_parts_to_leave_out_that_are_unknown_are_told_with_those_there_are(
    larger: Any, tmp_path: Path, name: str
) -> None:
    if name == "plot":
        files = [str(tmp_path / "mine.toml"), "--data", str(tmp_path / "mine.csv"), "--out", str(tmp_path / "x.svg")]
        done = CliRunner().invoke(main, ["index", "plot", "compare", *files, "--without", "nope"])
    else:
        done = larger("compare", "--without", "nope")
    message = refused(done)
    assert "--without: unknown part 'nope'" in message
    assert "Parts of mine.toml: top, p, q, a, b, c" in message
