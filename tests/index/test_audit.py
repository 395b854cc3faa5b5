"""The audit of an index: its figures against COINr, numpy and known structures; what it advises; what is too few."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from softpower.errors import NotEnoughData
from softpower.index import Experiment, Model, set_up
from softpower.index.audit import audit, told_apart
from softpower.index.audit_advice import advise
from softpower.index.audit_figures import Audit, Dimension
from softpower.index.audit_text import markdown, text
from softpower.index.panel import Panel
from softpower.index.rank import dominance
from tests.index.toy import PILLARS, toy_model, toy_panel

REFERENCE = Path(__file__).parents[1] / "reference"
ASEM = REFERENCE / "coinr-asem"
LEAVES = [leaf for leaves in PILLARS.values() for leaf in leaves]


@cache
def asem() -> tuple[Experiment, Audit]:
    ready, year = set_up(REFERENCE / "asem.toml", ASEM / "inputs" / "asem_idata.csv")
    return ready, audit(ready, year=year, draws=100)


def gold(name: str) -> list[dict[str, str]]:
    with open(ASEM / "gold" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dimensions(found: Audit) -> dict[str, Dimension]:
    return {each.node: each for each in found.dimensions}


def of_toy(panel: Panel, model: Model | None = None, *, draws: int = 100) -> Audit:
    return audit(Experiment.of(model or toy_model(), panel), year=2020, draws=draws)


def with_cells(value: np.ndarray) -> Panel:
    """A panel of one year with these cells, shape (unit, indicator)."""
    units = tuple(f"U{number:02d}" for number in range(len(value)))
    return Panel.of(value[None], value[None], units=units, years=(2020,), indicators=tuple(LEAVES))


def cells(units: int = 60, *, seed: int = 1) -> np.ndarray:
    return toy_panel(units=units, seed=seed).value[0].copy()


def advice(found: Audit) -> dict[str, tuple[str, ...]]:
    return {each.what: each.cases for each in advise(found)}


# Against COINr 1.1.14 on the ASEM data (Becker and others 2022, JOSS 7(78), 4567).


def test_effective_weights_are_coinrs() -> None:
    found = {part.id: part.effective for part in asem()[1].parts}
    for row in gold("09_effective_weights"):
        assert found[row["iCode"]] == pytest.approx(float(row["EffWeight"]), rel=1e-9), row


def test_the_treatment_and_the_shape_of_the_data_are_coinrs() -> None:
    columns = {each.id: each for each in asem()[1].columns}
    seen = 0
    for row in gold("07_treated_default_details"):
        found = columns[row["iCode"]]
        if found.known == 51:  # COINr's figures count imputed cells too
            assert found.skew == pytest.approx(float(row["check_SkewKurt0.Skew"]), rel=1e-9)
            assert found.kurtosis == pytest.approx(float(row["check_SkewKurt0.Kurt"]), rel=1e-9)
        if row["check_SkewKurt0.Pass"] == "TRUE":
            assert (found.treatment, found.moved) == ("", 0)
        elif row["check_SkewKurt1.Pass"] == "TRUE":
            assert (found.treatment, found.moved) == ("winsorised", int(row["winsorise.nwin"]))
            assert abs(found.skew_scored) == pytest.approx(abs(float(row["check_SkewKurt1.Skew"])), rel=1e-9)
            assert found.kurtosis_scored == pytest.approx(float(row["check_SkewKurt1.Kurt"]), rel=1e-9)
            seen += 1
    assert seen > 3


def test_components_of_each_pillar_are_coinrs() -> None:
    found = dimensions(asem()[1])
    for row in gold("10_pca_eigen_L1"):
        place = int(row["PC"]) - 1
        assert found[row["Parent"]].eigenvalues[place] == pytest.approx(float(row["eigenvalue"]), rel=1e-9)
        assert found[row["Parent"]].explained[place] == pytest.approx(float(row["var_share"]), rel=1e-9)


def test_correlations_with_the_top_are_coinrs() -> None:
    found = {each.id: each.r_top for each in asem()[1].weighings}
    rows = [row for row in gold("15_corr_indicators_vs_index") if row["Var1"] == "Index" and row["Var2"] in found]
    assert len(rows) > 40
    for row in rows:
        assert found[row["Var2"]] == pytest.approx(float(row["Correlation"]), rel=1e-9), row


def test_correlations_within_pillars_are_coinrs() -> None:
    found = {(each.first, each.second): each.r for each in asem()[1].within}
    compared = 0
    for row in gold("15_corr_pearson_in_pillar"):
        if (pair := (row["Var1"], row["Var2"])) in found:
            assert found[pair] == pytest.approx(float(row["Correlation"]), rel=1e-9)
            compared += 1
    assert compared > 50


# Against numpy and scipy.


def test_consistency_adequacy_and_sphericity_follow_their_definitions() -> None:
    ready, found = asem()
    rows = ready.ranked(2018)
    for each in found.dimensions:
        scores = np.column_stack(
            [
                (ready.central.node(part) if part in ready.built.nodes else ready.central.indicator(part))[0, rows]
                for part in each.parts
            ]
        )
        r, k, n = np.corrcoef(scores.T), len(each.parts), len(rows)
        assert each.alpha == pytest.approx(k / (k - 1) * (1 - k / r.sum()))
        statistic = -(n - 1 - (2 * k + 5) / 6) * np.log(np.linalg.det(r))
        assert each.bartlett == pytest.approx(statistic)
        assert each.p == pytest.approx(stats.chi2.sf(statistic, k * (k - 1) / 2), rel=1e-6)
        inverse, off = np.linalg.inv(r), ~np.eye(k, dtype=bool)
        partial = inverse / np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
        expected = (r[off] ** 2).sum() / ((r[off] ** 2).sum() + (partial[off] ** 2).sum())
        if k > 2:
            assert each.kmo == pytest.approx(expected)
        else:
            assert np.isnan(each.kmo)


def test_with_certain_choices_every_pair_of_units_is_told_apart() -> None:
    model = toy_model(weights_cv=0.0, errors=False)
    (found,) = of_toy(toy_panel(), model).robustness
    assert (found.width, found.widest, found.told_apart) == (0.0, 0, 1.0)


def test_more_uncertain_weights_widen_the_intervals_and_join_pairs() -> None:
    little, much = (of_toy(toy_panel(), toy_model(weights_cv=cv)).robustness[0] for cv in (0.05, 0.8))
    assert little.width < much.width
    assert little.told_apart > much.told_apart


@pytest.mark.parametrize("units", [2, 3, 17])
def test_pairs_told_apart_are_those_of_the_table_of_who_is_ahead(units: int) -> None:
    drawn = np.random.default_rng(units).integers(0, 4, (40, units)) + np.linspace(0, 6, units).round()
    ahead = dominance(drawn)[np.triu_indices(units, 1)]
    assert told_apart(drawn, share=0.9) == pytest.approx(np.mean((ahead >= 0.9) | (ahead <= 1 - 0.9)))
    assert np.isnan(told_apart(drawn[:, :1]))


# What it advises.


def test_an_indicator_that_runs_the_wrong_way_is_named() -> None:
    x = cells()
    x[:, LEAVES.index("rails")] *= -1
    found = of_toy(with_cells(x), toy_model().model_copy(update={"expectation": None}))
    assert dimensions(found)["reach"].opposed == ("rails",)
    cases = advice(found)["Check the direction, or say why a trade-off belongs here: parts that pull apart."]
    r = np.corrcoef(x.T)[LEAVES.index("roads"), LEAVES.index("rails")]
    assert any(case.startswith("roads and rails in reach") and abs(float(case[-5:]) - r) < 0.05 for case in cases)


def test_two_indicators_that_say_the_same_are_redundant() -> None:
    x = cells()
    x[:, LEAVES.index("polls")] = x[:, LEAVES.index("reading")] * 3 + 7
    found = of_toy(with_cells(x), toy_model().model_copy(update={"expectation": None}))
    assert [(each.first, each.second, each.node) for each in found.redundant] == [("reading", "polls", "")]
    assert found.redundant[0].r == pytest.approx(1)
    assert found.groups == (("reading", "polls"),)
    assert any("reading and polls: r = 1.00" in case for cases in advice(found).values() for case in cases)


def test_an_indicator_closer_to_another_pillar_is_named() -> None:
    x = cells()
    rng = np.random.default_rng(2)
    x[:, LEAVES.index("ports")] = x[:, LEAVES.index("polls")] + 0.1 * rng.standard_normal(len(x))
    found = of_toy(with_cells(x), toy_model().model_copy(update={"expectation": None}))
    (case,) = [each for each in found.elsewhere if each.id == "ports"]
    assert (case.own, case.other) == ("reach", "trust")
    assert case.other_r > 0.95 > case.own_r


def test_indicators_without_a_reason_are_named_and_others_not() -> None:
    model = toy_model()
    silent = model.indicators["polls"].model_copy(update={"reason": " "})
    found = of_toy(toy_panel(), model.model_copy(update={"indicators": {**model.indicators, "polls": silent}}))
    assert found.unreasoned == ("polls",)
    assert advice(found)["Write down why these indicators are in the index."] == (
        "1 of 6 indicators have no reason in the model: polls",
    )
    assert of_toy(toy_panel()).unreasoned == ()


def test_an_indicator_known_for_few_units_is_named() -> None:
    x = cells()
    x[:30, LEAVES.index("ports")] = np.nan
    found = of_toy(with_cells(x), toy_model().model_copy(update={"expectation": None}))
    (case,) = advice(found)["Look for a fuller source, or leave out: known for fewer than 65 % of the units."]
    assert case == "ports: known for 30 of 60 units (50%)"


def test_a_part_of_double_weight_keeps_its_weight_among_its_siblings() -> None:
    found = of_toy(toy_panel(), toy_model().reweighted({"skill": 2.0}))
    weights = {part.id: (part.weight, part.effective) for part in found.parts}
    assert weights["skill"] == pytest.approx((0.5, 0.5))
    assert weights["reading"] == pytest.approx((0.5, 0.25))
    assert weights["polls"] == pytest.approx((1.0, 0.25))


# What is too few.


def test_one_indicator_in_a_pillar_is_said_and_not_judged() -> None:
    found = dimensions(of_toy(toy_panel()))["trust"]
    assert found.note == "one part: nothing to compare"
    assert found.eigenvalues == ()


def test_a_constant_indicator_is_left_out_of_components_and_named() -> None:
    x = cells()
    x[:, LEAVES.index("roads")] = 4.0
    found = of_toy(with_cells(x), toy_model().model_copy(update={"expectation": None}))
    reach = dimensions(found)["reach"]
    assert (reach.parts, reach.constant) == (("rails", "ports"), ("roads",))
    (case,) = advice(found)["Leave out: the same for all ranked units, so it counts for nothing."]
    assert case.startswith("roads")


@pytest.mark.parametrize("units", [1, 2, 3])
def test_fewer_units_than_indicators_are_too_few_and_no_crash(units: int) -> None:
    found = of_toy(with_cells(cells(units)), toy_model().model_copy(update={"expectation": None}))
    assert found.ranked == units
    assert "too few" in dimensions(found)["reach"].note
    assert "too few" in "\n".join(text(found))
    json.dumps(found.to_dict(), allow_nan=False)


def test_no_ranked_unit_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(NotEnoughData, match=r"nothing to audit; try another year, or lower \[screening\] share"):
        of_toy(with_cells(np.full((5, 6), np.nan)), toy_model().model_copy(update={"expectation": None}))


# As text.


def test_the_default_model_can_be_audited_in_both_forms() -> None:
    ready, year = set_up()
    found = audit(ready, year=year, draws=100)
    plain, marked = text(found), markdown(found)
    for section in ("Framework", "Data", "Correlation", "Redundancy", "Robustness"):
        assert section in plain
        assert f"## {section}" in marked
    assert found.unreasoned == ()
    assert max(map(len, plain)) <= 140
    assert not any("nan" in line.split() for line in plain)


def test_lines_keep_a_figure_beside_what_it_is_of_and_zero_has_no_sign() -> None:
    lines = text(asem()[1])
    assert not any(line.rstrip().endswith(" r") or line.rstrip().endswith("r =") for line in lines)
    assert not any("-0.0 " in f"{line} " or "-0.00 " in f"{line} " for line in lines)
    assert "\u00a0" not in "\n".join(lines)


def test_nodes_of_one_part_are_named_together() -> None:
    found = of_toy(toy_panel(), toy_model().without("reading"))
    assert "  - skill, trust: one part: nothing to compare." in text(found)


def test_titles_cannot_break_a_table_of_markdown() -> None:
    found = of_toy(toy_panel())
    hostile = replace(found, titles={**found.titles, "polls": "a|b<script>"})
    assert any("a\\|b\\<script\\>" in line for line in markdown(hostile))
    assert not any("a|b<script>" in line for line in markdown(hostile))


def test_the_same_seed_gives_the_same_audit() -> None:
    first, second = (of_toy(toy_panel(missing=0.1)).to_dict() for _ in range(2))
    assert first == second
