"""Shares, overlaps and intervals: hand-worked cases, published figures, worlds in which the truth is known."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence.ties import ties
from softpower.vectors.figures import Array, draw_weights
from softpower.vectors.shares import balance, overlaps, share_bounds, shares, without_each
from softpower.world import bloc_members

values = arrays(np.float64, 8, elements=st.floats(0.01, 1000.0))
members = arrays(np.bool_, (3, 8))

# Six partners; the first vector is one country, the second has three members, the third four; they overlap in two.
VALUE = np.array([40.0, 20.0, 15.0, 10.0, 10.0, 5.0])
MEMBER = np.array([[1, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 0]], dtype=bool)


def test_shares_overlaps_and_concentration_of_six_partners_are_those_worked_out_by_hand():
    found = balance(VALUE, MEMBER, seed=1)
    assert found.total == 100
    assert found.shares.least == pytest.approx([0.40, 0.45, 0.35])
    assert found.overlaps.both == pytest.approx(np.array([[0.4, 0, 0], [0, 0.45, 0.25], [0, 0.25, 0.35]]))
    assert found.overlaps.several == pytest.approx(0.25)
    assert found.overlaps.none == pytest.approx(0.05)
    assert found.hhi.least == pytest.approx(0.16 + 0.04 + 0.0225 + 0.01 + 0.01 + 0.0025)
    assert found.effective.least == pytest.approx(1 / 0.245)
    # Cells after the split of 25 between two vectors: 40, 20 + 12.5, 10 + 12.5, 5.
    cell = np.array([0.4, 0.325, 0.225, 0.05])
    assert found.evenness.least == pytest.approx(-(cell * np.log(cell)).sum() / np.log(4))
    assert found.concentration.least == pytest.approx(1 - found.evenness.least)
    assert found.members.tolist() == [1, 3, 3]
    assert (found.partners, found.unknown) == (6, 0)


def test_what_is_exact_has_one_bound_and_an_interval_around_it():
    found = balance(VALUE, MEMBER, seed=1)
    for name in ("shares", "hhi", "effective", "effective_by_entropy", "evenness", "concentration"):
        figure = getattr(found, name)
        assert (figure.least == figure.most).all(), name
        assert (figure.low < figure.least).all(), name
        assert (figure.high > figure.most).all(), name


@given(values, members)
def test_several_and_none_are_what_inclusion_and_exclusion_give(value, member):
    found = overlaps(value, member)
    share = shares(value, member)
    known = member.any(axis=1)
    assert found.both.diagonal()[known] == pytest.approx(share[known], rel=1e-9)
    triple = (value * member.all(axis=0)).sum() / value.sum()
    pairs = found.both[0, 1] + found.both[0, 2] + found.both[1, 2]
    assert found.several == pytest.approx(pairs - 2 * triple, abs=1e-9)
    assert 1 - found.none == pytest.approx(np.nansum(share) - pairs + triple, abs=1e-9)


@given(values, members, st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter_nor_do_partners_without_a_tie(value, member, factor):
    wider = np.append(value, [0.0, 0.0]) * factor
    flags = np.column_stack([member, np.ones((3, 2), dtype=bool)])
    # A vector of one member would no longer be one country by definition.
    flags[member.sum(axis=1) == 1, -2:] = False
    flags[member.sum(axis=1) == 0, -2:] = False
    one, two = balance(value, member, seed=3, draws=20), balance(wider, flags, seed=3, draws=20)
    for name in ("shares", "hhi", "effective", "effective_by_entropy", "evenness", "concentration"):
        for field in fields(getattr(one, name)):
            a, b = (getattr(getattr(each, name), field.name) for each in (one, two))
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9, err_msg=f"{name}.{field.name}")


@given(values, members, st.permutations(range(3)))
def test_the_order_of_vectors_does_not_matter(value, member, order):
    one, two = (balance(value, flags, seed=4, draws=20) for flags in (member, member[order]))
    for field in fields(one.shares):
        np.testing.assert_allclose(
            getattr(two.shares, field.name), getattr(one.shares, field.name)[list(order)], rtol=1e-12
        )
        np.testing.assert_allclose(
            getattr(two.evenness, field.name), getattr(one.evenness, field.name), rtol=1e-9, atol=1e-12
        )


@given(values, members)
def test_a_share_is_the_same_whatever_other_vectors_are_asked_for(value, member):
    together = balance(value, member, seed=4, draws=5)
    for vector in range(3):
        alone = balance(value, member[[vector]], seed=4, draws=5)
        np.testing.assert_array_equal(alone.shares.least, together.shares.least[[vector]])
        np.testing.assert_array_equal(alone.hhi.high, together.hhi.high)


@given(values, members, st.randoms(use_true_random=False))
def test_the_order_of_partners_does_not_move_any_figure(value, member, random):
    order = list(range(8))
    random.shuffle(order)
    one, two = balance(value, member, seed=5, draws=5), balance(value[order], member[:, order], seed=5, draws=5)
    for name in ("shares", "hhi", "effective_by_entropy", "evenness"):
        np.testing.assert_allclose(getattr(two, name).least, getattr(one, name).least, rtol=1e-9, atol=1e-12)


@given(values, members, st.floats(0.0, 300.0), st.integers(0, 8))
def test_the_share_with_any_hidden_partner_lies_within_the_bounds(value, member, rest, whose):
    """The rest as one further partner, in vectors by the bits of ``whose``."""
    low, high = share_bounds(value, member, rest=rest)
    bits = np.array([whose >> bit & 1 for bit in range(3)], dtype=bool)
    revealed = shares(np.append(value, rest), np.column_stack([member, bits]))
    known = ~np.isnan(revealed) & ~np.isnan(low)
    assert (revealed[known] >= low[known] - 1e-12).all()
    assert (revealed[known] <= high[known] + 1e-12).all()


def test_bounds_meet_where_all_members_are_named_and_not_where_one_is_unknown():
    value = np.array([6.0, 2.0, np.nan])
    member = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]], dtype=bool)
    low, high = share_bounds(value, member, rest=2.0, whole=np.array([True, False, True]))
    assert low.tolist() == [0.6, 0.2, 0.2]
    assert high.tolist() == [0.6, 0.4, 0.4]


def test_unknown_is_not_zero():
    value = np.array([6.0, 4.0, np.nan, 0.0])
    member = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    found = balance(value, member, seed=1)
    np.testing.assert_array_equal(found.shares.least, [0.6, np.nan, 0.0, 0.4, np.nan])
    assert found.unknown_members.tolist() == [0, 1, 0, 1, 0]
    assert (found.partners, found.unknown) == (2, 1)
    # With a rest the unknown partner is in it: from nothing to all of it.
    low, high = share_bounds(value, member, rest=10.0)
    assert low.tolist() == [0.3, 0.0, 0.0, 0.2, 0.0]
    assert high[1] == 0.5


def test_one_partner_has_figures_but_no_interval():
    found = balance(np.array([7.0, 0.0]), np.array([[True, False], [True, True]]), seed=1)
    assert found.shares.least.tolist() == [1.0, 1.0]
    for figure in (found.hhi, found.effective, found.effective_by_entropy):
        assert figure.least == figure.most == 1.0
    for name in ("shares", "hhi", "effective", "effective_by_entropy", "evenness"):
        assert np.isnan(getattr(found, name).low).all(), name
        assert np.isnan(getattr(found, name).high).all(), name
    assert found.rests_on.tolist() == [-1, -1]
    assert np.isnan(found.without.hhi[0])


def test_a_vector_with_one_tie_or_all_but_one_has_no_interval_but_one_country_by_definition_has():
    value = np.array([5.0, 3.0, 2.0, 4.0, 0.0])
    one_country, one_tie, all_but_one_tie = [1, 0, 0, 0, 0], [0, 1, 0, 0, 1], [1, 0, 1, 1, 1]
    found = balance(value, np.array([one_country, one_tie, all_but_one_tie], dtype=bool), seed=1).shares
    assert np.isnan(found.low).tolist() == [False, True, True]
    assert 0 < found.low[0] < 5 / 14 < found.high[0] < 1


def test_one_country_stays_in_every_draw_and_only_the_others_are_drawn():
    """With equal others nothing is left to vary: the interval is the share itself."""
    value = np.array([30.0, 10.0, 10.0, 10.0, 10.0])
    found = balance(value, np.array([[1, 0, 0, 0, 0]], dtype=bool), seed=1).shares
    assert found.low[0] == pytest.approx(3 / 7, rel=1e-12)
    assert found.high[0] == pytest.approx(3 / 7, rel=1e-12)


def test_the_interval_of_equal_partners_is_the_expanded_one_of_the_beta_distribution():
    """With k members of n equal partners the bootstrapped share is Beta(k, n - k): Rubin (1981)."""
    from scipy.stats import beta, norm, t

    member = np.zeros((1, 20), dtype=bool)
    member[0, :6] = True
    found = balance(np.ones(20), member, draws=40_000, seed=2).shares
    assert found.behind == pytest.approx([6.0])
    tail = norm.cdf(-np.sqrt(6 / 5) * t.ppf(0.95, 5))
    assert found.low[0] == pytest.approx(beta.ppf(tail, 6, 14), abs=0.006)
    assert found.high[0] == pytest.approx(beta.ppf(1 - tail, 6, 14), abs=0.006)


def test_the_number_behind_a_share_is_that_of_the_weaker_side_without_named_countries():
    value = np.array([50.0, 10.0, 10.0, 10.0, 8.0, 8.0, 1.0])
    member = np.array([[1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0]], dtype=bool)
    found = balance(value, member, seed=1)
    # The first vector: all six others. The second: three of 10 inside; outside 17 ** 2 / (64 + 64 + 1) are fewer.
    assert found.shares.behind == pytest.approx([47**2 / (300 + 129), 17**2 / 129])
    assert found.evenness.behind == pytest.approx(47**2 / 429)
    assert found.hhi.behind == pytest.approx((value**2).sum() ** 2 / (value**4).sum())


def test_weights_are_exponential_with_mean_one_in_each_draw_and_one_for_whoever_is_fixed():
    fixed = np.array([False, True, False, False, False])
    weight = draw_weights(5, 20_000, 1, fixed=fixed)
    assert (weight[:, 1] == 1).all()
    np.testing.assert_allclose(weight[:, ~fixed].mean(axis=1), 1, rtol=1e-12)
    # n times a part of Dirichlet(1, ..., 1) has the variance (n - 1) / (n + 1).
    assert weight[:, 0].var() == pytest.approx(3 / 5, abs=0.02)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    one, two, other = (balance(VALUE, MEMBER, seed=seed).shares.low for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != other.tobytes()


def test_a_wider_level_holds_the_narrower_one():
    narrow, wide = (balance(VALUE, MEMBER, seed=1, level=level).shares for level in (0.5, 0.95))
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()


@given(values, members)
def test_leaving_a_partner_out_is_computing_without_it(value, member):
    found = without_each(value, member)
    for partner in range(8):
        kept = np.arange(8) != partner
        rest_of_share = shares(value[kept], member[:, kept])
        known = ~np.isnan(rest_of_share)
        assert found.shares[known, partner] == pytest.approx(rest_of_share[known], rel=1e-9, abs=1e-12)
        assert found.hhi[partner] == pytest.approx(((value[kept] / value[kept].sum()) ** 2).sum(), rel=1e-9)


def test_a_share_rests_on_the_partner_without_whom_it_would_move_most():
    found = balance(VALUE, MEMBER, seed=1)
    # One country: its largest rival. Second vector: 45 of 60 without the 40. Third: 35 of 60 without it.
    assert found.rests_on.tolist() == [1, 0, 0]
    assert found.without.shares[1, 0] == pytest.approx(0.75)
    heavy = np.array([50.0, 1.0, 20.0, 15.0, 14.0])
    assert balance(heavy, np.array([[1, 1, 0, 0, 0]], dtype=bool), seed=1).rests_on.tolist() == [0]


def test_intervals_under_a_rest_reach_from_below_the_least_to_above_the_most():
    found = balance(VALUE, MEMBER, rest=50.0, largest=5.0, unnamed=100, seed=1)
    assert found.shares.most - found.shares.least == pytest.approx([1 / 3] * 3)
    for name in ("shares", "hhi", "effective", "effective_by_entropy", "evenness", "concentration"):
        figure = getattr(found, name)
        assert (figure.low <= figure.least).all(), name
        assert (figure.least < figure.most).all(), name
        assert (figure.most <= figure.high).all(), name
    named = balance(VALUE, MEMBER, rest=50.0, whole=np.array([True, True, False]), seed=1)
    assert (named.shares.most == named.shares.least).tolist() == [True, True, False]
    assert np.isposinf(named.effective_by_entropy.high)


def _coverage(partners: int, spread: float, worlds: int) -> tuple[float, float]:
    """How often intervals hold the shares of the population that partners are drawn from: of three tenths of its
    partners, and of one country with a quarter of what passes with all others.
    """
    random = np.random.default_rng(11)
    mean = np.exp(spread**2 / 2)
    held = np.zeros(2)
    for seed in range(worlds):
        value = np.append(random.lognormal(0, spread, partners), partners * mean / 4)
        some = np.append(random.random(partners) < 0.3, False)
        found = balance(value, np.stack([some, np.arange(partners + 1) == partners]), draws=200, seed=seed).shares
        held += (found.low <= [0.24, 0.2]) & (found.high >= [0.24, 0.2])
    vector, country = held / worlds
    return vector, country


@pytest.mark.parametrize(("partners", "spread"), [(150, 0.5), (150, 1.5), (30, 1.0), (30, 1.5)])
def test_intervals_of_shares_hold_the_populations_share_in_about_nine_of_ten_worlds(partners, spread):
    vector, country = _coverage(partners, spread, worlds=200)
    assert 0.84 <= vector <= 0.99
    assert (0.84 if spread <= 1 else 0.7) <= country <= 0.97


def test_intervals_of_extremely_uneven_partners_hold_it_less_often():
    """Stated in docs/methods.md, so that nobody reads 90% for what it is not."""
    vector, country = _coverage(partners=30, spread=3.0, worlds=200)
    assert 0.4 <= vector <= 0.8
    assert 0.3 <= country <= 0.8


def test_intervals_of_concentration_hold_what_such_partners_have_on_average_less_often_than_those_of_shares():
    """Stated in docs/methods.md: the index counts the few largest partners, of whom each world has others."""
    random = np.random.default_rng(12)
    expected = np.mean([((v / v.sum()) ** 2).sum() for v in random.lognormal(0, 1, (5000, 60))])
    by_entropy = np.mean(
        [np.exp(-(v * np.log(v)).sum()) for v in (w / w.sum() for w in random.lognormal(0, 1, (5000, 60)))]
    )
    held = np.zeros(2)
    for seed in range(200):
        found = balance(random.lognormal(0, 1, 60), np.arange(60)[None] < 20, draws=200, seed=seed)
        held += (
            found.hhi.low <= expected <= found.hhi.high,
            (found.effective_by_entropy.low <= by_entropy <= found.effective_by_entropy.high),
        )
    assert 0.55 <= held[0] / 200 <= 0.85
    assert 0.72 <= held[1] / 200 <= 0.95


def test_faults_of_the_arrays_are_refused_by_name():
    for value, member, what in (
        (VALUE - 10, MEMBER, "negative or infinite"),
        (np.append(VALUE[:5], np.inf), MEMBER, "negative or infinite"),
        (VALUE[:5], MEMBER, "one row for each vector"),
        (VALUE, np.zeros((0, 6), dtype=bool), "one row for each vector"),
        (VALUE[None], MEMBER, "give one for each partner"),
    ):
        with pytest.raises(BadRequest, match=what):
            balance(value, member, seed=1)
    with pytest.raises(BadRequest, match="rest must be zero or more"):
        balance(VALUE, MEMBER, rest=-1.0, seed=1)
    with pytest.raises(BadRequest, match="one flag for each vector"):
        balance(VALUE, MEMBER, whole=np.array([True]), seed=1)
    with pytest.raises(BadRequest, match="level must lie between"):
        balance(VALUE, MEMBER, level=90, seed=1)
    with pytest.raises(BadRequest, match="draws must be 1 or more"):
        balance(VALUE, MEMBER, draws=0, seed=1)
    for nothing in (np.zeros(6), np.full(6, np.nan)):
        with pytest.raises(NotEnoughData, match="no partner is known to have a tie"):
            balance(nothing, MEMBER, seed=1)


def _turnover(year: int) -> tuple[list[str], Array]:
    """Kazakhstan's exports and imports of goods together, by partner."""
    sold = ties("exports_usd").filter((pl.col("origin") == "KAZ") & (pl.col("year") == year))
    bought = ties("imports_usd").filter((pl.col("partner") == "KAZ") & (pl.col("year") == year))
    both = pl.concat([sold.select("partner", "value"), bought.select(pl.col("origin").alias("partner"), "value")])
    summed = both.group_by("partner").agg(pl.col("value").sum()).sort("partner")
    return summed["partner"].to_list(), summed["value"].to_numpy()


@pytest.mark.parametrize(
    ("year", "russia", "china", "hhi", "effective"),
    [(2018, 19.5, 12.3, 0.088, 20.8), (2021, 24.2, 17.7, 0.109, 18.9), (2023, 19.4, 21.5, 0.108, 18.4)],
)
def test_kazakhstans_trade_has_the_shares_and_the_concentration_computed_apart_from_this(
    year, russia, china, hhi, effective
):
    """Computed from the files of the Bureau of National Statistics before this module was written, to these digits."""
    partners, value = _turnover(year)
    member = np.array([[one == whose for one in partners] for whose in ("RUS", "CHN")])
    found = balance(value, member, seed=1)
    assert found.shares.least * 100 == pytest.approx([russia, china], abs=0.05)
    assert found.hhi.least == pytest.approx(hhi, abs=0.0005)
    assert found.effective_by_entropy.least == pytest.approx(effective, abs=0.05)


def test_the_share_of_the_turkic_states_tripled_and_that_of_the_west_fell_by_eleven_points():
    for year, turkic, west in ((2018, 3.2, 45.7), (2023, 9.1, 34.9)):
        partners, value = _turnover(year)
        blocs = [bloc_members(bloc, year=year) for bloc in ("OTS", "WEST")]
        share = shares(value, np.array([np.isin(partners, members) for members in blocs]))
        assert share * 100 == pytest.approx([turkic, west], abs=0.05)


@given(st.data())
def test_what_the_list_of_the_largest_leaves_out_lies_within_the_bounds(data):
    """Any world, of which the largest few are named and the others only summed up."""
    value = data.draw(arrays(np.float64, 10, elements=st.floats(0.01, 100.0)))
    member = data.draw(arrays(np.bool_, (3, 10)))
    named = data.draw(st.integers(1, 9))
    order = np.argsort(-value, kind="stable")
    seen = value.copy()
    seen[order[named:]] = np.nan
    rest, smallest = value[order[named:]].sum(), value[order[named - 1]]
    low, high = share_bounds(seen, member, rest=rest, whole=np.ones(3, dtype=bool), largest=smallest)
    truth = shares(value, member)
    some = member.any(axis=1)
    assert (low[some] <= truth[some] + 1e-9).all()
    assert (high[some] >= truth[some] - 1e-9).all()
    loose = share_bounds(seen, member, rest=rest, whole=np.ones(3, dtype=bool))[1]
    assert (high <= loose + 1e-12).all()
    unnamed = (member & np.isnan(seen)).sum(axis=1)
    assert high == pytest.approx(low + np.minimum(rest, unnamed * smallest) / value.sum())


def test_a_vector_with_members_off_the_axis_may_hold_all_of_the_rest():
    low, high = share_bounds(np.array([6.0, 2.0]), np.eye(2, dtype=bool), rest=2.0, largest=0.1)
    assert (high - low) == pytest.approx([0.2, 0.2])
