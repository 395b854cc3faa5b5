"""What commands say of a model that does not fit its table."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from softpower.cli import main
from softpower.errors import BadModel
from softpower.index import build, load_model
from tests.cli.runs import refused

MODEL = 'id = "mine"\ntitle = "Mine"\n[nodes.top]\ntitle = "Top"\n' + "".join(
    f'[indicators.{part}]\ntitle = "{part}"\nnode = "top"\n' for part in ("museums", "visitors")
)
COMMANDS = ("build", "compare", "sensitivity", "audit", "smaa")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The model file."""
    path = tmp_path / "m.toml"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_column_that_is_not_there_is_named_with_the_table_its_columns_and_the_nearest(
    model: Path, tmp_path: Path, command: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("unit,year,Museums,beds\nA,2020,1,2\n", encoding="utf-8")
    more = ["--without", "museums"] if command == "compare" else []
    message = refused(CliRunner().invoke(main, ["index", command, str(model), "--data", str(table), *more]))
    assert "line 5, indicators.museums.series: t.csv has no column 'museums'; nearest: Museums" in message
    assert "its columns are: Museums, beds" in message
    assert message.count("its columns are") == 1
    assert "line 8, indicators.visitors.series: t.csv has no column 'visitors'" in message
    assert "unknown series" not in message


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_of_an_own_table_without_it_is_told_to_give_the_table(model: Path, command: str) -> None:
    more = ["--without", "museums"] if command == "compare" else []
    message = refused(CliRunner().invoke(main, ["index", command, str(model), *more]))
    assert "unknown series 'museums'; a column of a table of your own? Then give the table too, with --data" in message


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_without_a_model_is_told_to_take_one(tmp_path: Path, command: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text("unit,a\nA,1\n", encoding="utf-8")
    more = ["--without", "a"] if command == "compare" else []
    message = refused(CliRunner().invoke(main, ["index", command, "--data", str(table), *more]))
    assert "a table of your own needs a model of its own" in message


def test_a_dataframe_is_named_too(model: Path) -> None:
    import polars as pl

    with pytest.raises(BadModel, match="the dataframe has no column 'museums'"):
        build(model, pl.DataFrame({"unit": ["A"], "a": [1.0]}))
    with pytest.raises(BadModel, match="the table has no column 'museums'"):
        load_model(model, columns=["a"])
