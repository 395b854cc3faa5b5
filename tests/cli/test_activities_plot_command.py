"""`softpower activities plot`: files of every kind of plot, from the register, the snapshot or a table of one's own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from softpower.cli.activities_effect import effect
from softpower.cli.activities_plot import path, specifications
from softpower.cli.main import main
from tests.cli.runs import refused

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with a register of its own, which nobody has made yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SOFTPOWER_REGISTER", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["activities", *arguments])


@pytest.fixture
def panel(tmp_path: Path) -> list[str]:
    """Options for a table in which one of twenty-five units rises by thirty from 2010 on."""
    rng = np.random.default_rng(1)
    with open(tmp_path / "panel.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["town", "year", "visits"])
        for unit in range(25):
            values = 100 + rng.normal(0, 2, 30).cumsum() + 30 * (unit == 0) * (np.arange(30) >= 20)
            rows.writerows([f"Town {unit}", 1990 + at, value] for at, value in enumerate(values.tolist()))
    return [
        "--panel", str(tmp_path / "panel.csv"), "--unit", "town", "--time", "year", "--outcome", "visits",
        "--treated", "Town 0", "--start", "2010",
    ]  # fmt: skip


def test_timeline_and_delivery_are_written_and_their_files_named(run: Run) -> None:
    for kind, ending in (("timeline", "svg"), ("delivery", "html")):
        done = run("plot", kind, "Kazakhstan", "--out", f"{kind}.{ending}")
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{kind}.{ending}\n"
        assert "<svg" in Path(f"{kind}.{ending}").read_text(encoding="utf-8")


def test_an_entry_of_ones_own_is_drawn_too(run: Run) -> None:
    added = run(
        "add", "--title", "Nauryz concert", "--instrument", "cultural_days", "--sender", "FJI", "--start", "2021-03-21"
    )
    assert added.exit_code == 0, added.output
    assert run("plot", "timeline", "FJI", "--out", "own.json").exit_code == 0
    assert "Nauryz concert" in Path("own.json").read_text(encoding="utf-8")


def test_an_effect_in_a_table_of_ones_own_is_drawn_with_what_the_command_says(run: Run, panel: list[str]) -> None:
    sentence = json.loads(run("effect", *panel, "--json").stdout)["sentence"]
    for kind in ("path", "specifications"):
        done = run("plot", kind, *panel, "--out", f"{kind}.json")
        assert done.exit_code == 0, done.output
        made = json.loads(Path(f"{kind}.json").read_text(encoding="utf-8"))
        title = " ".join(made["vconcat"][0]["title"]["text"])
        assert f"{title}." == sentence
        assert title.startswith("The activity raised visits by ")


def test_plots_of_effects_take_every_option_of_the_effect() -> None:
    asked = {each.name for each in effect.params} - {"as_json"}
    for command in (path, specifications):
        assert asked <= {each.name for each in command.params}


def test_what_cannot_be_drawn_is_refused_before_anything_is_computed(run: Run, panel: list[str]) -> None:
    assert "svg, png, pdf, html, json" in refused(run("plot", "path", *panel, "--out", "path.bmp"))
    assert "nothing registered is not nothing done" in refused(run("plot", "timeline", "FJI", "--out", "a.svg"))
    assert "no planned figure" in refused(run("plot", "delivery", "France", "--out", "a.svg"))
    assert "KAZ-EXPO-2017" in refused(
        run("plot", "path", "KAZ-EXPO-2071", "--outcome", "wdi_tourist_arrivals", "--out", "a.svg")
    )
    assert not list(Path().glob("*.svg"))
