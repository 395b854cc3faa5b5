"""The whole report on a panel: what it holds, what its document says, and that it is there where little is known."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from softpower.activities.effects.estimate import METHODS, estimate
from softpower.activities.effects.intervals import by_rank
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.placebo import in_space, in_time, without_each
from softpower.activities.effects.report import PanelReport, panel_report
from softpower.activities.effects.verdict import Verdict
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.worlds import california, factor_world, named, persistent_world


@pytest.fixture(scope="module")
def report() -> PanelReport:
    return panel_report(california())


@pytest.fixture(scope="module")
def document(report: PanelReport) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(report.document(), allow_nan=False))
    return found


def test_the_document_of_proposition_99_holds_the_published_estimates(document: dict[str, Any]) -> None:
    att = {each["method"]: each["att"] for each in document["estimates"]}
    assert att["sdid"] == pytest.approx(-15.604, abs=0.05)
    assert att["did"] == pytest.approx(-27.349, abs=0.01)
    assert document["estimates"][0]["p_placebo"] == pytest.approx(2 / 39)
    assert document["verdict"] == "no_detectable_change"
    assert document["smallest_detectable"] > 15.604
    assert document["pre_fit"]["rmspe"] > 0
    assert document["test_interval"]["level"] == 0.95
    assert document["test_interval"]["low"] < 0 < document["test_interval"]["high"]
    low, high = document["methods"][0]["without_range"]
    assert low < -15.604 < high
    assert document["treated"] == [{"unit": "California", "start": 1989}]
    assert len(document["donors"]) == 38


def test_every_estimate_has_intervals_of_the_level_and_every_method_its_parts(
    report: PanelReport, document: dict[str, Any]
) -> None:
    panel = california()
    assert [each["method"] for each in document["estimates"]] == list(METHODS)
    for found, said in zip(report.methods, document["estimates"], strict=True):
        assert [(each["kind"], each["level"]) for each in said["intervals"]] == [("placebo", 0.9), ("rank", 0.9)]
        placebos = in_space(panel, found.method)
        assert found.test == by_rank(placebos, 0.95)
        assert dict(found.without) == without_each(panel, found.method)
        assert dict(found.in_time) == in_time(panel, found.method)
        assert sum(weight for _, weight in found.weights) == pytest.approx(1)
        sizes = [weight for _, weight in found.weights]
        assert sizes == sorted(sizes, reverse=True)
        assert found.left_out is not None
        assert found.left_out[0] <= placebos.att <= found.left_out[1]


def test_the_report_of_proposition_99_takes_at_most_15_seconds() -> None:
    begin = time.process_time()
    panel_report(california())
    assert time.process_time() - begin < 15


def test_paths_are_the_outcome_and_what_it_is_compared_with(report: PanelReport) -> None:
    panel = california()
    for method in METHODS:
        (path,) = report.path(method)
        fit = estimate(panel, method).fits[0]
        np.testing.assert_array_equal(path.treated, panel.outcome[panel.treated[0]])
        weighted = fit.unit_weights @ panel.outcome[panel.donors]
        assert np.ptp(path.synthetic - weighted) == pytest.approx(0, abs=1e-9)
        if method == "sc":
            np.testing.assert_allclose(path.synthetic, weighted, atol=1e-9)
        np.testing.assert_allclose(path.treated - path.synthetic, path.gap, atol=1e-9)
        assert path.placebo_gaps.shape == (38, 31)
        assert (path.units, path.start) == (("California",), 1989)


def test_the_table_of_specifications_has_every_combination_once(report: PanelReport) -> None:
    rows = [row.choices for row in report.curve.rows]
    assert len(set(rows)) == len(rows) == 3 * 2 * 2 * 4
    full = dict(method="sdid", **{"from": 1970, "to": 2000, "without": None})
    (whole,) = [row for row in report.curve.rows if dict(row.choices) == full]
    assert whole.estimate == pytest.approx(-15.604, abs=0.05)
    assert (whole.n_pre, whole.n_post, whole.refused) == (19, 12, "")
    short = full | {"from": 1979, "to": 1994, "without": "Nevada"}
    (row,) = [row for row in report.curve.rows if dict(row.choices) == short]
    panel = california()
    part = panel.subset(np.flatnonzero([unit != "Nevada" for unit in panel.units])).within(9, 25)
    assert row.estimate == pytest.approx(estimate(part, "sdid").att)
    assert row.low <= row.estimate <= row.high
    assert (row.p, row.n_pre, row.n_post) == (in_space(part, "sdid").p_value, 10, 6)


def test_periods_after_the_end_play_no_part() -> None:
    panel = factor_world(22, 1, 14, 9, 3)
    spoilt = panel.outcome.copy()
    spoilt[:, 12:] += 1e3 * np.random.default_rng(1).normal(size=(22, 2))
    found = panel_report(named(spoilt, panel.start), end=11, methods=["did"])
    cut = panel_report(named(panel.outcome[:, :12], np.minimum(panel.start, 12)), methods=["did"])
    assert found.document() == cut.document()
    with pytest.raises(BadRequest, match="end 30 is no period of the panel: these are 0 to 13"):
        panel_report(panel, end=30)


def test_the_same_seed_gives_the_same_document_and_another_one_other_draws() -> None:
    panel = factor_world(16, 4, 12, 8, 3)
    first, same, other = (panel_report(panel, seed=seed, draws=60, methods=["did"]).document() for seed in (1, 1, 2))
    assert first == same
    assert first["methods"][0]["p_placebo_error"] > 0
    assert first["estimates"][0]["intervals"] != other["estimates"][0]["intervals"]


def test_methods_that_disagree_say_so() -> None:
    """Levels of the treated are far from those of donors, which synthetic control takes for a bad fit."""
    panel = persistent_world(25, 1, 14, 10, 0.0, np.random.default_rng(1))
    outcome = panel.outcome.copy()
    outcome[0] += 40
    outcome[0, 10:] += 8
    found = panel_report(named(outcome, panel.start))
    assert found.finding.verdict is Verdict.HIGHER
    assert found.agreement == "Methods do not contradict each other: sdid higher, sc cannot tell, did higher."
    assert found.sentence(outcome="visits", unit="thousand").startswith("The activity raised visits by ")


LITTLE: dict[str, tuple[int, tuple[int, ...], int]] = {
    "one donor": (2, (4,), 8),
    "two and two": (4, (4, 4), 8),
    "six and six": (12, (6,) * 6, 10),
    "one period before": (8, (1,), 8),
    "a start with one period before": (8, (1, 5), 8),
    "one period after": (24, (7,), 8),
}


@pytest.mark.parametrize("case", LITTLE)
def test_however_little_is_known_estimates_are_printed_and_what_cannot_be_told_has_its_reasons(case: str) -> None:
    units, starts, periods = LITTLE[case]
    start = np.array([*starts, *[periods] * (units - len(starts))])
    outcome = np.random.default_rng(6).normal(size=(units, periods))
    found = panel_report(named(outcome, start), draws=199).document()
    json.dumps(found, allow_nan=False)
    assert [each["method"] for each in found["estimates"]][-1] == "did"
    assert all(each["intervals"] for each in found["estimates"])
    if case not in ("six and six", "one period after"):
        assert found["verdict"] == "cannot_tell"
        assert found["reasons"]
    if "one period before" in case:
        assert [each["method"] for each in found["estimates"]] == ["sc", "did"]
        assert found["pre_fit"] is None
        assert "one period before the start" in found["reasons"][0]
    if case == "one donor":
        assert found["smallest_detectable"] is None
        assert found["methods"][0]["test_interval"]["low"] is None


def test_a_method_without_an_estimate_has_no_path() -> None:
    panel = named(np.random.default_rng(6).normal(size=(6, 4)), np.array([1, 4, 4, 4, 4, 4]))
    with pytest.raises(NotEnoughData, match="sdid gives no estimate here: one period before the start"):
        panel_report(panel, draws=19).path()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 5}, "size 5"),
        ({"level": 90}, "level 90"),
        ({"draws": 0}, "0 placebos"),
        ({"methods": ["ols"]}, "methods ols: give some of sdid, sc, did"),
        ({"methods": []}, "methods none"),
    ],
)
def test_requests_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        panel_report(factor_world(8, 1, 8, 5, 1), **given)


def test_labels_that_json_does_not_know_are_written_out() -> None:
    from datetime import date

    times = tuple(date(2020, month, 1) for month in range(1, 9))
    outcome = np.random.default_rng(6).normal(size=(6, 8))
    panel = Panel(outcome, np.array([5, 8, 8, 8, 8, 8]), tuple("ABCDEF"), times)
    found = json.loads(json.dumps(panel_report(panel, methods=["did"]).document()))
    assert found["treated"] == [{"unit": "A", "start": "2020-06-01"}]
    assert {row["choices"]["to"] for row in found["specifications"]["rows"]} == {"2020-07-01", "2020-08-01"}
