"""Cases worked out for the briefs: chosen by stated rules, and kept as they were computed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from softpower.activities import cases as module
from softpower.activities.cases import about, cases, worked
from softpower.activities.effects.verdict import Verdict
from softpower.activities.saying import detectable, interval
from softpower.cli.activities_effect import _first_year
from softpower.evidence import indicators
from softpower.evidence.ties import measures


def test_cases_name_entries_and_outcomes_there_are_and_start_by_the_rule_of_the_command() -> None:
    known = {each.id for each in indicators()} | {f"ties:{each}" for each in measures()}
    assert len(cases()) >= 4
    for each in cases():
        assert each.country in each.entry.sender
        assert each.outcome in known
        assert each.start == _first_year(each.entry)
        assert each.why
        assert not {each.country, *each.treated} & set(each.without)


def test_every_country_that_the_register_is_about_has_a_case() -> None:
    assert about() == ("KAZ", "TUR")


def test_others_at_the_same_time_are_counted_once_and_the_nearest_come_first() -> None:
    (case,) = [each for each in cases() if each.id == "expo_2017_arrivals"]
    ids = [each.id for each in case.concurrent]
    assert not {"KAZ-ANK-2016", "TUR-KAZ-2016"} <= set(ids)
    days = [abs((each.start - case.entry.start).days) for each in case.concurrent]
    assert days == sorted(days)


def test_a_case_says_what_the_effect_says() -> None:
    (case,) = [each for each in cases() if each.id == "scholarships_in_students"]
    found, computed = worked(case), case.effect()
    assert found.verdict == computed.report.finding.verdict.value
    ends = [each for each in (found.low, found.effect, found.high) if each is not None]
    assert len(ends) == 3
    assert ends == sorted(ends)
    low, high = (computed.amount(end) for end in interval(computed))
    assert found.low == pytest.approx(low, rel=1e-3)
    assert found.high == pytest.approx(high, rel=1e-3)
    assert found.detectable == pytest.approx(computed.amount(detectable(computed)), rel=1e-3)
    assert found.donors == len(computed.outcome.donors)
    assert (found.first, found.last) == (computed.outcome.labels[0], computed.outcome.labels[-1])
    assert found.path is not None
    assert found.path.treated[-1] == pytest.approx(computed.outcome.value[computed.outcome.treated[0], -1], rel=1e-3)
    assert found.path.gap == pytest.approx(
        [100 * (one / other - 1) for one, other in zip(found.path.treated, found.path.synthetic, strict=True)], abs=0.2
    )
    assert found.verdict in set(Verdict)


def test_a_case_is_worked_out_once_for_the_same_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path))
    asked = []

    def result(case: module.Case) -> dict[str, object]:
        asked.append(case.id)
        fields = [each.name for each in dataclasses.fields(module.Worked) if each.name != "case"]
        return dict.fromkeys(fields)

    monkeypatch.setattr(module, "_result", result)
    first, *_ = cases()
    assert worked(first) == worked(first)
    worked(dataclasses.replace(first, end=2018))
    assert asked == [first.id, first.id]
