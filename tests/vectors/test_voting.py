"""Votes by vector, topic and pole, and cohesion: invented assemblies worked by hand, and known facts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.cohesion import agreement_index, cohesion
from softpower.vectors.resampling import wilson
from softpower.vectors.sheets import TOPICS, sheet
from softpower.vectors.votes import agreement_table, bundled_assembly
from softpower.vectors.voting import pole_choices, pole_gap, state_agreement, vector_agreement
from softpower.world import Vector
from tests.vectors.assemblies import invented

TITLES = ("Armaments in transparency", "Right to development", "Occupied Syrian Golan", "Global coal markets")


def _vector(*countries: str, blocs: tuple[str, ...] = (), id: str = "v") -> Vector:
    return Vector(id=id, name=id, blocs=blocs, countries=countries, without=("KAZ",))


# Session 69 is 2014, 70 is 2015, when Armenia came into the Eurasian Economic Union.
SMALL = invented(
    [
        (69, {"KAZ": 1, "RUS": 1, "ARM": 3, "USA": 3}),
        (69, {"KAZ": 1, "RUS": 3, "ARM": 3, "USA": 3}),
        (70, {"KAZ": 1, "RUS": 2, "ARM": 1, "USA": 3}),
        (70, {"KAZ": 3, "RUS": 3, "ARM": 0, "USA": 1}),
        (70, {"KAZ": 0, "RUS": 1, "ARM": 1, "USA": 1}),
    ]
)


# How often one votes with another


def test_a_vector_counts_each_member_once_and_only_while_it_belongs() -> None:
    found = vector_agreement("KAZ", [_vector(blocs=("EAEU",), id="union")], found=SMALL, draws=20)
    by_year = {row["year"]: row for row in found.iter_rows(named=True)}
    # 2014: no member yet (the Union began in 2015); 2015: Russia 1 of 2, Armenia 1 of 1.
    assert set(by_year) == {2015}
    assert by_year[2015]["agreement"] == pytest.approx((1 / 2 + 1) / 2)
    assert (by_year[2015]["members"], by_year[2015]["n_votes"]) == (2, 2)
    assert by_year[2015]["with_all"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert (by_year[2015]["rule"], by_year[2015]["first"]) == ("exact", 2015)


def test_over_a_span_who_joined_counts_from_then_on() -> None:
    russia_and_union = _vector("RUS", blocs=("EAEU",), id="union")
    row = vector_agreement("KAZ", [russia_and_union], found=SMALL, by="span", draws=20).row(0, named=True)
    # Russia 2 of 4 over both years; Armenia only its one ballot of 2015, not the two of 2014.
    assert row["agreement"] == pytest.approx((2 / 4 + 1) / 2)
    assert (row["first"], row["year"], row["members"], row["n_votes"]) == (2014, 2015, 2, 4)


def test_half_credit_is_a_rule_with_a_name() -> None:
    row = state_agreement("KAZ", ["RUS"], found=SMALL, first=2015, rule="half", draws=20).row(0, named=True)
    assert (row["agreement"], row["rule"]) == (pytest.approx(0.75), "half")


def test_the_vector_of_one_state_is_that_state_and_agrees_with_the_table_of_pairs() -> None:
    by_vector = vector_agreement("KAZ", [_vector("CHN")], first=2000, draws=10)
    by_state = state_agreement("KAZ", ["CHN"], first=2000, draws=10)
    assert by_vector["agreement"].equals(by_state["agreement"])
    assert by_vector["low"].equals(by_state["low"])
    pairs = agreement_table(bundled_assembly().whole(), "exact").filter(origin="KAZ", partner="CHN")
    both = by_state.join(pairs, on="year", suffix="_of_pairs")
    assert len(both) == 20
    np.testing.assert_allclose(both["agreement"], both["agreement_of_pairs"], atol=1e-12)
    assert (both["n_votes"] == both["n_votes_of_pairs"]).all()


@pytest.mark.parametrize(("pole", "share"), [("CHN", 0.82), ("RUS", 0.71), ("DEU", 0.61), ("USA", 0.24)])
def test_kazakhstan_agrees_with_the_poles_as_counted_apart(pole: str, share: float) -> None:
    """On all roll calls of 2007-2019, counted outside this library."""
    row = state_agreement("KAZ", [pole], found=bundled_assembly(), first=2007, last=2019, by="span", draws=10)
    assert row["agreement"][0] == pytest.approx(share, abs=0.005)


def test_the_interval_of_a_year_holds_its_number_and_the_seed_decides_it() -> None:
    one = vector_agreement("KAZ", first=2015, draws=50, seed=1)
    assert (one["low"] <= one["agreement"]).all()
    assert (one["agreement"] <= one["high"]).all()
    assert one["high"].is_between(0, 1).all()
    assert one.equals(vector_agreement("KAZ", first=2015, draws=50, seed=1))
    assert not one["low"].equals(vector_agreement("KAZ", first=2015, draws=50, seed=2)["low"])
    assert one["vector"].unique(maintain_order=True).to_list()[:3] == ["russia", "china", "west"]


def test_what_cannot_be_answered_is_said() -> None:
    with pytest.raises(BadRequest, match=r"no votes of 2023: those at hand are of sessions of 1946-2019"):
        vector_agreement("KAZ", last=2023)
    with pytest.raises(BadRequest, match=r"no votes of 2013: those at hand are of sessions of 2014-2015"):
        state_agreement("KAZ", ["RUS"], found=SMALL, first=2013)
    with pytest.raises(BadRequest, match="2015-2014: the first lies after the last"):
        cohesion(["RUS", "USA"], found=SMALL, first=2015, last=2014)
    with pytest.raises(BadRequest, match="KAZ cast no ballot in 1946-1990"):
        state_agreement("KAZ", ["USA"], last=1990)
    with pytest.raises(NotEnoughData, match="no member of the vector nobody voted together with KAZ in 2014-2015"):
        vector_agreement("KAZ", [_vector("RUS"), _vector("FRA", id="nobody")], found=SMALL)
    with pytest.raises(NotEnoughData, match="no member of the partner FRA voted"):
        state_agreement("KAZ", ["FRA"], found=SMALL)
    with pytest.raises(BadRequest, match="no partner to compare KAZ with"):
        state_agreement("KAZ", [], found=SMALL)
    with pytest.raises(BadRequest, match="KAZ among its own partners"):
        state_agreement("KAZ", ["RUS", "KAZ"], found=SMALL)
    with pytest.raises(BadRequest, match="rule 'kappa' is no mean over roll calls"):
        state_agreement("KAZ", ["RUS"], found=SMALL, rule="kappa")  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="by 'decade'"):
        state_agreement("KAZ", ["RUS"], found=SMALL, by="decade")  # type: ignore[arg-type]


def test_the_gap_between_poles_rests_on_roll_calls_that_all_three_voted_on() -> None:
    found = pole_gap("KAZ", "RUS", "ARM", found=SMALL, by="span", draws=50).row(0, named=True)
    # With Russia on the first of three roll calls (yes-yes, yes-no, yes-abstain), with Armenia on the third.
    assert (found["gap"], found["n_votes"]) == (pytest.approx(0), 3)
    assert found["low"] < 0 < found["high"]
    turned = pole_gap("KAZ", "ARM", "RUS", found=SMALL, by="span", draws=50).row(0, named=True)
    assert (turned["low"], turned["high"]) == (pytest.approx(-found["high"]), pytest.approx(-found["low"]))
    with pytest.raises(BadRequest, match="KAZ between KAZ and RUS: name three states"):
        pole_gap("KAZ", "KAZ", "RUS")
    never = invented([(70, {"KAZ": 1, "RUS": 1}), (70, {"KAZ": 1, "ARM": 1})])
    with pytest.raises(NotEnoughData, match="KAZ, RUS and ARM never voted on the same roll call in 2015"):
        pole_gap("KAZ", "RUS", "ARM", found=never)


def test_kazakhstan_is_nearer_to_china_than_to_the_united_states_in_every_recent_year() -> None:
    found = pole_gap("KAZ", "CHN", "USA", first=2010, draws=100)
    assert len(found) == 10
    assert (found["low"] > 0.3).all()
    both = state_agreement("KAZ", ["CHN", "USA"], first=2010, draws=10)
    china, america = (both.filter(partner=each)["agreement"].to_numpy() for each in ("CHN", "USA"))
    np.testing.assert_allclose(found["gap"], china - america, atol=0.03)  # the poles are absent now and then


def test_agreement_above_all_others_has_an_interval_of_its_own() -> None:
    asia = vector_agreement("KAZ", first=2010, by="span").filter(vector="central_asia").row(0, named=True)
    west = vector_agreement("KAZ", first=2010, by="span").filter(vector="west").row(0, named=True)
    assert 0 < asia["above_low"] < asia["agreement"] - asia["with_all"] < asia["above_high"]
    assert west["above_high"] < 0


# Topics


def test_a_topic_keeps_the_roll_calls_that_bear_its_mark() -> None:
    rows = [(70, {"KAZ": 1, "RUS": vote}) for vote in (1, 3, 3)]
    found = invented(rows, issues=["hr|me", None, "me"])
    assert state_agreement("KAZ", ["RUS"], found=found, topic="hr")["agreement"].to_list() == [1.0]
    assert state_agreement("KAZ", ["RUS"], found=found, topic="me")["agreement"].to_list() == [0.5]
    assert state_agreement("KAZ", ["RUS"], found=found, topic="me")["topic"].to_list() == ["me"]
    with pytest.raises(NotEnoughData, match="no roll call of 2015 on nuclear weapons and nuclear energy: none is"):
        sheet(found, topic="nu")
    with pytest.raises(BadRequest, match=r"unknown topic 'oil'; give one of co \(colonialism\), di"):
        sheet(found, topic="oil")


def test_every_topic_of_the_bundled_votes_has_a_name() -> None:
    marks = bundled_assembly().calls["issues"].drop_nulls().str.split("|").explode().unique()
    assert set(marks) == set(TOPICS)


def test_a_session_with_one_list_for_three_topics_counts_for_arms_control_only() -> None:
    """In session 74 the same 16 roll calls are marked as colonialism, arms control and development."""
    with pytest.raises(NotEnoughData, match="the marks of session 74 do not tell it from arms control"):
        sheet(first=2019, topic="co")
    assert set(sheet(first=2018, topic="ec").year) == {2018}
    assert len(sheet(first=2019, topic="di").year) == 16
    same = invented([(70, {"KAZ": 1, "RUS": 1})] * 2, issues=["co|di|ec"] * 2)
    assert len(sheet(same, topic="co").year) == 2  # two alike may be chance


# Cohesion


def test_cohesion_is_the_mean_over_pairs_within_and_with_the_outside() -> None:
    found = cohesion(["KAZ", "RUS", "ARM"], found=SMALL, draws=20)
    kaz_rus, kaz_arm, rus_arm = 2 / 4, 1 / 3, 2 / 4
    kaz_usa, rus_usa, arm_usa = 0 / 4, 2 / 5, 3 / 4
    assert found.within.value == pytest.approx((kaz_rus + kaz_arm + rus_arm) / 3)
    assert found.outside.value == pytest.approx((kaz_usa + rus_usa + arm_usa) / 3)
    assert found.gap.value == pytest.approx(found.within.value - found.outside.value)
    # Yes, yes, no: (2 - 1/2) / 3; yes, no, no; yes, abstain, yes; no, no; yes, yes.
    assert found.agreement_index.value == pytest.approx((0.5 + 0.5 + 0.5 + 1 + 1) / 5)
    assert (found.members, found.n_votes, found.rule) == (("ARM", "KAZ", "RUS"), 5, "exact")
    assert found.within.low < found.within.value < found.within.high


def test_who_joins_is_inside_from_then_on_and_no_outsider_to_itself() -> None:
    found = cohesion(_vector("RUS", blocs=("EAEU",)), found=SMALL, draws=20)
    # Within: Russia and Armenia in 2015 (abstain-yes, yes-yes). Outside: Russia with Armenia in 2014 (0: yes-no, 1:
    # no-no), with Kazakhstan (2 of 4) and the USA (2 of 5); Armenia of 2015 with Kazakhstan 1 of 1, the USA 1 of 2.
    assert found.within.value == pytest.approx(1 / 2)
    assert found.outside.value == pytest.approx((1 / 2 + 2 / 4 + 2 / 5 + 1 + 1 / 2) / 5)


def test_a_set_that_votes_as_one_is_fully_united() -> None:
    random = np.random.default_rng(5)
    rows = []
    for _ in range(40):
        ours, *others = random.integers(1, 4, 6).tolist()
        strangers = {f"A{at}": vote for at, vote in enumerate(others)}
        rows.append((70, dict.fromkeys(["DEU", "FRA", "ITA"], ours) | strangers))
    found = cohesion(["DEU", "FRA", "ITA"], found=invented(rows))
    assert (found.within.value, found.within.low, found.agreement_index.value) == (1.0, 1.0, 1.0)
    assert found.outside.value == pytest.approx(1 / 3, abs=0.1)
    assert found.gap.low > 0


def test_a_set_of_one_or_of_strangers_has_no_cohesion() -> None:
    for group in (["KAZ"], ["KAZ", "FRA"]):
        with pytest.raises(NotEnoughData, match="no two members of the set voted on the same roll call in 2014-2015"):
            cohesion(group, found=SMALL)


def test_the_agreement_index_runs_from_an_even_split_to_one_voice() -> None:
    table = np.array([[1, 2, 3], [1, 1, 1], [3, 0, 0], [1, 1, 2]], dtype=np.int8)
    index, known = agreement_index(table)
    np.testing.assert_allclose(index, [0, 1, np.nan, 0.5])
    assert known.tolist() == [True, True, False, True]


# Between two poles


def test_where_china_and_russia_oppose_each_other_kazakhstan_votes_with_china() -> None:
    """Counted by hand: 46 roll calls of 2007-2019, 34 with China, 10 with Russia, 2 abstentions."""
    found = pole_choices("CHN", "RUS", found=bundled_assembly(), first=2007, last=2019).filter(iso3="KAZ")
    assert dict(found.select("choice", "n").iter_rows()) == {"CHN": 34, "RUS": 10, "abstain": 2}
    assert found["n_votes"].to_list() == [46] * 3
    assert found["share"].sum() == pytest.approx(1)
    # They put few questions, year after year: the interval must be wider than that of 46 independent votes.
    assert found["n_questions"][0] < 46 / 3
    low, high = wilson(34 / 46, 46)
    assert found["low"][0] < low < 34 / 46 < high < found["high"][0]


def test_votes_on_one_question_count_as_one() -> None:
    def votes(titles: list[str | None]) -> pl.DataFrame:
        rows = [(69 + at % 2, {"CHN": 1, "RUS": 3, "KAZ": 1 + 2 * (at // 2 == 1)}) for at in range(4)]
        return pole_choices("CHN", "RUS", found=invented(rows, titles=titles)).filter(choice="CHN")

    once, twice = votes(list(TITLES)), votes([TITLES[0], TITLES[0], TITLES[1], TITLES[1]])
    assert (once["share"][0], once["n_questions"][0]) == (0.5, 4)
    assert (once["low"][0], once["high"][0]) == pytest.approx(wilson(0.5, 4))
    assert twice["n_questions"][0] == 2
    assert (twice["low"][0], twice["high"][0]) == pytest.approx(wilson(0.5, 2))


def test_poles_that_cannot_be_compared_are_named() -> None:
    with pytest.raises(BadRequest, match="CHN cannot oppose itself"):
        pole_choices("CHN", "CHN")
    with pytest.raises(BadRequest, match="QQQ cast no ballot"):
        pole_choices("CHN", "QQQ")
    with pytest.raises(NotEnoughData, match="ARM and USA opposed each other on no roll call of 2014"):
        pole_choices("ARM", "USA", found=SMALL, first=2014, last=2014)
