"""`softpower activities`: a register from the first entry to its history, files in and out, and effects."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from softpower.cli.main import main
from tests.cli.runs import refused

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with a register of its own, which nobody has made yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SOFTPOWER_REGISTER", raising=False)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, ["activities", *arguments], input=stdin)

    return invoke


def said(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout


def add(run: Run, **changes: str) -> str:
    fields = {
        "title": "Nauryz concert",
        "instrument": "cultural_days",
        "sender": "KAZ",
        "start": "2026-03-21",
    } | changes
    options = [each for name, value in fields.items() for each in (f"--{name}", value)]
    return said(run("add", *options)).strip()


def test_who_is_active_in_turkiye_is_told_with_instruments_and_publics(run: Run) -> None:
    page = said(run("list", "--host", "TUR"))
    assert "Active in Türkiye, as registered" in page
    row = next(line for line in page.splitlines() if line.startswith("United Kingdom"))
    assert "1940-2014" in row
    assert "cultural institute" in row
    assert "students" in row
    document = json.loads(said(run("list", "--host", "Türkiye", "--json")))
    assert document["count"] == len(document["entries"])
    assert {each["iso3"] for each in document["host_view"]["presences"]} == {"KAZ", "GBR", "DEU", "RUS", "FRA", "KOR"}
    assert all("TUR" in each["host"] for each in document["entries"])


def test_the_congress_was_held_seven_times_by_the_middle_of_2025(run: Run) -> None:
    assert "KAZ-CONG as of 2025-06-30: held 7 times" in said(run("editions", "KAZ-CONG", "--as-of", "2025-06-30"))
    held = json.loads(said(run("editions", "KAZ-CONG", "--as-of", "2025-12-31", "--json")))
    assert (held["count"], held["years"]) == (8, [2003, 2006, 2009, 2012, 2015, 2018, 2022, 2025])
    assert "nearest: KAZ-CONG" in refused(run("editions", "KAZ-CONGR"))


def test_an_entry_is_added_edited_retired_and_restored_and_its_history_tells(run: Run) -> None:
    id = add(run, host="TUR", public="students", planned="visitors=3000")
    assert id == "KAZ-2026-NAURYZ-CONCERT"
    assert add(run, start="2026-03-22") == f"{id}-2"
    said(run("edit", id, "--set", "status=held", "--set", "host=TUR;AZE", "--why", "took place", "--who", "embassy"))
    entry = json.loads(said(run("show", id, "--json")))
    assert (entry["host"], entry["figures"][0]["planned"]) == (["TUR", "AZE"], 3000)
    said(run("retire", f"{id}-2", "--why", "entered by mistake"))
    assert f"{id}-2" not in said(run("list", "--own"))
    said(run("restore", f"{id}-2", "--why", "it was another one"))
    assert f"{id}-2" in said(run("list", "--own"))
    history = said(run("show", id, "--history"))
    assert "add by" in history
    assert "edit by embassy: took place" in history
    assert '["TUR"] -> ["TUR", "AZE"]' in history
    changes = json.loads(said(run("show", id, "--history", "--json")))
    assert [each["what"] for each in changes] == ["add", "edit"]
    assert changes[1]["before"]["host"] == ["TUR"]


def test_an_edit_of_another_version_than_one_saw_is_refused(run: Run) -> None:
    id = add(run)
    said(run("edit", id, "--set", "place=Ankara", "--version", "1", "--why", "seen"))
    message = refused(run("edit", id, "--set", "place=Izmir", "--version", "1", "--why", "seen"))
    assert "version" in message
    assert json.loads(said(run("show", id, "--json")))["place"] == "Ankara"


def test_what_looks_alike_is_named_and_merged_by_the_user_alone(run: Run) -> None:
    first = add(run, host="TUR")
    same = ("--title", "Nauryz concert", "--instrument", "cultural_days", "--sender", "KAZ", "--host", "TUR")
    second = run("add", *same, "--start", "2026-03-21")
    assert f"Much like {first}" in second.stderr
    other = second.stdout.strip()
    assert other in said(run("duplicates", "--own"))
    said(run("merge", other, first))
    assert said(run("duplicates", "--own")).startswith("No two entries")
    assert "1 of 1 entries" in said(run("list", "--own"))


def test_what_comes_with_softpower_is_copied_before_it_is_changed_and_stays_away_once_retired(run: Run) -> None:
    said(run("edit", "KAZ-EXPO-2017", "--set", "note=seen", "--why", "a remark"))
    assert json.loads(said(run("show", "KAZ-EXPO-2017", "--json")))["note"] == "seen"
    assert "copied from what comes with softpower" in said(run("show", "KAZ-EXPO-2017", "--history"))
    said(run("merge", "KAZ-ANK-2019N", "TUR-KAZ-2019N"))
    page = said(run("list", "--host", "TUR"))
    assert "KAZ-ANK-2019N" not in page
    assert "TUR-KAZ-2019N" in page
    said(run("retire", "KAZ-WNG-2024", "--why", "not ours"))
    assert "KAZ-WNG-2024" not in said(run("list"))
    assert "unknown activity" in refused(run("show", "KAZ-WNG-2024"))
    assert "KAZ-WNG-2024" in said(run("list", "--bundled"))


def test_money_partners_and_evaluation_are_recorded_and_an_id_is_made_of_any_title(run: Run) -> None:
    options = ("--instrument", "cultural_days", "--sender", "KAZ", "--start", "2026-03", "--partner", "City of Ankara")
    more = ("--budget", "1500000 KZT", "--spent", "900000 kzt", "--evaluation", "--one-way", "--language", "kk")
    id = said(run("add", "--title", "Наурыз думаны", *options, *more)).strip()
    assert id == "KAZ-2026-NAURYZ-DUMANY"
    entry = json.loads(said(run("show", id, "--json")))
    assert [(each["amount"], each["currency"], each["spent"]) for each in entry["budget"]] == [
        (1.5e6, "KZT", False),
        (9e5, "KZT", True),
    ]
    assert entry["actors"][0]["role"] == "partner"
    assert (entry["evaluation"], entry["two_way"]) == (True, False)
    assert "such as '1500000 KZT'" in refused(run("add", "--title", "x", *options, "--budget", "1500000"))


def test_an_id_that_was_retired_is_not_made_again(run: Run) -> None:
    first = add(run)
    said(run("retire", first, "--why", "mistake"))
    assert add(run) == f"{first}-2"


def test_what_is_to_come_is_planned_unless_one_says_otherwise(run: Run) -> None:
    later = add(run, title="Gala", start="2999-05-01")
    assert json.loads(said(run("show", later, "--json")))["status"] == "planned"
    assert json.loads(said(run("show", add(run, start="2020"), "--json")))["status"] == "held"


def test_an_entry_of_one_s_own_stands_in_for_the_bundled_one(run: Run) -> None:
    add(run, id="KAZ-EXPO-2017", title="Our expo")
    page = said(run("list", "--sender", "KAZ"))
    assert "Our expo" in page
    assert "Future Energy" not in page
    assert "Future Energy" in said(run("list", "--sender", "KAZ", "--bundled"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instrument": "exppo"}, "nearest: mega_event_expo"),
        ({"sender": "Kazakstann"}, "unknown country"),
        ({"start": "21.03.2026"}, "give a day, a month or a year"),
        ({"end": "2026-03-20"}, "before it starts"),
        ({"planned": "visitors"}, "such as visitors=3000"),
        ({"planned": "visitors=1,5 mln"}, "give digits with a point"),
        ({"url": "javascript:alert(1)", "source": "x"}, "does not begin with http"),
        ({"title": "a\x1b[31mb"}, "control characters"),
        ({"id": "two words"}, "give 1 to 120 letters"),
    ],
)
def test_a_bad_entry_is_refused_and_nothing_is_stored(run: Run, changes: dict[str, str], message: str) -> None:
    fields = {"title": "X", "instrument": "forum", "sender": "KAZ", "start": "2026-03-21"} | changes
    done = run("add", *[each for name, value in fields.items() for each in (f"--{name}", value)])
    assert message in refused(done)
    assert "\x1b" not in done.output
    assert "No entry is so" in said(run("list", "--own"))


def test_a_register_goes_out_to_files_and_comes_back(run: Run, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "xml"):
        file = tmp_path / f"out.{ending}"
        assert "96 entries" in said(run("export", str(file), "--bundled"))
        register = ("--register", str(tmp_path / f"{ending}.sqlite"))
        assert "96 entries stored" in said(run("import", str(file), *register))
        there = json.loads(said(run("list", "--own", "--json", *register)))["entries"]
        assert there == json.loads(said(run("list", "--bundled", "--json")))["entries"]
    written = str(tmp_path / "out.csv")
    assert "nothing was" in said(run("import", written, "--dry-run"))
    assert "given twice" in refused(run("import", written, written, "--dry-run"))
    assert "taken already" in refused(run("import", written, "--dry-run", "--register", str(tmp_path / "csv.sqlite")))
    before = (tmp_path / "out.csv").read_bytes()
    assert "--force" in refused(run("template", written))
    assert "--force" in refused(run("export", written))
    assert (tmp_path / "out.csv").read_bytes() == before
    said(run("export", written, "--bundled", "--force"))
    for ending in ("jsonld", "ics"):
        said(run("export", str(tmp_path / f"out.{ending}"), "--sender", "KAZ"))


def test_an_import_with_one_bad_row_stores_nothing_and_names_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    said(run("template", str(file)))
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    good = rows[0] | {"id": "A-1"}
    bad = rows[0] | {"id": "A-2", "start": "2026-05-02", "end": "2026-05-01"}
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows([good, bad])
    message = refused(run("import", str(file)))
    assert "row 3" in message
    assert "before it starts" in message
    assert "No entry is so" in said(run("list", "--own"))


def test_a_register_that_is_named_and_not_there_is_not_made_by_reading(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "no.sqlite"
    assert f"there is no register at {path}" in refused(run("list", "--register", str(path)))
    assert not path.exists()
    assert "there is no register of yours yet" in refused(run("show", "KAZ-EXPO-2017", "--history"))
    assert not (tmp_path / "data").exists()


def test_a_review_names_gaps_practice_and_delivery(run: Run) -> None:
    page = said(run("review", "KAZ", "--as-of", "2025-12-31"))
    assert "that is not nothing done" in page
    assert "5th World Nomad Games, 2024: athletes 2,500 of 4,000 to 5,000 planned (claimed) = 50-62%" in page
    document = json.loads(said(run("review", "KAZ", "--as-of", "2025-12-31", "--json")))
    assert document["entries"] > 70
    assert {"practice", "delivery", "gaps"} <= set(document)


def test_words_are_listed_and_an_unknown_list_is_refused(run: Run) -> None:
    assert "mega_event_expo" in said(run("words", "instrument"))
    assert "high" in json.loads(said(run("words", "--json")))["confidence"]
    assert "there are instrument" in refused(run("words", "colours"))


def _panel(path: Path, effect: float, units: int = 21, periods: int = 30, start: int = 24, seed: int = 5) -> Path:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=periods).cumsum()
    lines = ["country,year,visits"]
    for unit in range(units):
        values = 50 + unit + common + rng.normal(0, 1, periods)
        values[start:] += effect if unit == 0 else 0
        lines += [f"U{unit},{2000 + at},{value:.6f}" for at, value in enumerate(values)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _effect(run: Run, path: Path, *more: str) -> dict[str, Any]:
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--treated", "U0", "--start", "2024")
    found: dict[str, Any] = json.loads(said(run("effect", "--panel", str(path), *options, "--json", *more)))
    return found


def test_a_planted_effect_is_found_with_estimates_intervals_and_a_verdict(run: Run, tmp_path: Path) -> None:
    found = _effect(run, _panel(tmp_path / "p.csv", 5.0))
    by_method = {each["method"]: each for each in found["estimates"]}
    assert set(by_method) == {"sdid", "sc", "did"}
    assert by_method["sdid"]["att"] == pytest.approx(5, abs=1.2)
    for each in by_method.values():
        assert {"kind", "level", "low", "high"} <= set(each["intervals"][0])
        assert each["intervals"][0]["level"] == 0.9
        assert 0 < each["p_placebo"] <= 1
    assert found["verdict"] == "higher"
    assert 0 < found["smallest_detectable"] < 5
    assert found["pre_fit"]["rmspe"] > 0
    assert found["sentence"].startswith("The activity raised visits by")


def test_without_an_effect_the_smallest_that_would_have_been_seen_is_told(run: Run, tmp_path: Path) -> None:
    found = _effect(run, _panel(tmp_path / "p.csv", 0.0, seed=6))
    assert found["verdict"] == "no_detectable_change"
    assert "would have stood out in four of five cases" in found["sentence"]


def test_too_few_periods_or_donors_cannot_tell_and_still_print_estimates(run: Run, tmp_path: Path) -> None:
    found = _effect(run, _panel(tmp_path / "p.csv", 5.0, units=4))
    assert found["verdict"] == "cannot_tell"
    assert found["estimates"]
    assert found["estimates"][0]["intervals"]
    assert found["reasons"]


def test_donors_of_a_table_are_those_named_and_unknown_names_are_refused(run: Run, tmp_path: Path) -> None:
    path = _panel(tmp_path / "p.csv", 5.0)
    assert _effect(run, path, "--donors", ",".join(f"U{k}" for k in range(1, 12)))["donors"] == [
        f"U{k}" for k in range(1, 12)
    ]
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--treated", "U0", "--start", "2024")
    assert "has no unit 'nobody'" in refused(run("effect", "--panel", str(path), *options, "--without", "nobody"))
    assert "give it with --panel" in refused(run("effect", "KAZ-EXPO-2017", "--unit", "x", "--outcome", "y"))


def test_periods_are_told_as_the_file_writes_them(run: Run, tmp_path: Path) -> None:
    path = _panel(tmp_path / "p.csv", 5.0)
    head, *rows = path.read_text().splitlines()
    quarters = {f"{2000 + at}": f"{2000 + at // 4}-Q{1 + at % 4}" for at in range(30)}
    told = [",".join([unit, quarters[year], value]) for unit, year, value in (row.split(",") for row in rows)]
    path.write_text("\n".join([head, *told]) + "\n")
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--treated", "U0", "--start", "2006-Q1")
    found = json.loads(said(run("effect", "--panel", str(path), *options, "--json")))
    assert (found["first"], found["last"], found["treated"][0]["start"]) == ("2000-Q1", "2007-Q2", "2006-Q1")
    assert all(str(row["choices"]["from"]).startswith("200") for row in found["specifications"]["rows"])


def test_donors_that_move_alike_leave_no_verdict(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    rng = np.random.default_rng(1)
    rows = [
        f"U{unit},{2000 + at},{rng.normal() + 5 * (at > 23) if unit == 0 else unit}"
        for unit in range(25)
        for at in range(30)
    ]
    path.write_text("country,year,visits\n" + "\n".join(rows) + "\n")
    found = _effect(run, path)
    assert found["verdict"] == "cannot_tell"
    assert "move alike" in " ".join(found["reasons"])


def test_names_in_a_table_may_have_commas_and_never_control_a_terminal(run: Run, tmp_path: Path) -> None:
    path = _panel(tmp_path / "p.csv", 5.0)
    text = path.read_text().replace("U0,", '"Korea, Rep.",').replace("U1,", "\x1b[31mU1\x1b]0;x\x07,")
    path.write_text(text)
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--start", "2024")
    page = said(run("effect", "--panel", str(path), *options, "--treated", '"Korea, Rep."'))
    assert "Korea, Rep., from 2024 on" in page
    assert "\x1b" not in page
    assert "\x07" not in page


def test_every_interval_of_several_treated_is_shown_with_its_caveat(run: Run, tmp_path: Path) -> None:
    path = _panel(tmp_path / "p.csv", 5.0)
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--start", "2024", "--treated", "U0,U1,U2")
    page = said(run("effect", "--panel", str(path), *options))
    for kind in ("placebo", "rank", "bootstrap", "jackknife"):
        assert f" {kind} " in page
    assert "Resampling:" in page


def test_a_series_without_donors_names_no_cause(run: Run, tmp_path: Path) -> None:
    path = _panel(tmp_path / "p.csv", 8.0, units=1, periods=80, start=70)
    options = ("--unit", "country", "--time", "year", "--outcome", "visits", "--treated", "U0", "--start", "2070")
    found = json.loads(said(run("effect", "--panel", str(path), *options, "--json")))
    assert found["design"] == "series"
    assert found["pre_fit"] is None
    assert {each["level"] for method in found["estimates"] for each in method["intervals"]} == {0.9}
    assert all({"att", "p_placebo"} <= set(each) for each in found["estimates"])
    assert (found["methods"], found["agreement"]) == ([], "")
    assert 0.5 < found["specifications"]["median"] / found["estimate"] < 2  # in the unit of the outcome
    for causal in ("raised", "lowered", "caused", "because of"):
        assert causal not in found["sentence"]
    page = said(run("effect", "--panel", str(path), *options))
    assert "There is no comparison group: nothing here says why" in page


def test_an_activity_is_looked_at_beside_those_around_it(run: Run) -> None:
    page = said(run("effect", "KAZ-EXPO-2017", "--outcome", "wdi_tourist_arrivals", "--end", "2019"))
    assert "from 2017 on" in page
    assert "KAZ-UNIV-2017" in page
    assert "It assumes" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--outcome", "x"), "give the id of an activity, or a table"),
        (("KAZ-EXPO-2018", "--outcome", "wdi_tourist_arrivals"), "nearest: KAZ-EXPO-2017"),
        (("KAZ-EXPO-2017", "--outcome", "visitors"), "unknown indicator 'visitors'"),
        (("KAZ-EXPO-2017", "--outcome", "ties:friendship", "--treated", "TUR"), "no measure of ties"),
        (("KAZ-EXPO-2017", "--outcome", "ties:exports_usd"), "names no countries at which it was aimed"),
        (
            ("KAZ-EXPO-2017", "--outcome", "wdi_tourist_arrivals", "--start", "2017-06"),
            "series of softpower are by year",
        ),
        (("KAZ-CONG-8", "--outcome", "wdi_tourist_arrivals"), "no value of the treated from"),
        (("--panel", "no.csv", "--outcome", "y"), "needs --unit, --time, --treated, --start too"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_what_to_do(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused(run("effect", *arguments))
