"""Alternative weightings: each draw takes one of them, and is then what it would be if the model declared it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadModel, BadRequest
from softpower.index import Experiment, Model, build, build_trend, load_model, replay, set_up
from softpower.index.faults import parse_model
from softpower.index.rank import acceptability, rank
from softpower.index.sensitivities import sensitivity
from softpower.index.smaa import smaa
from softpower.index.uncertainty import Replications

COLUMNS = ("a", "b", "c", "d", "e")
FILE = """\
id = "mine"
title = "Mine"
{head}
[nodes.top]
title = "Top"
[nodes.p]
title = "P"
parent = "top"
weight = 2
{p}
[nodes.q]
title = "Q"
parent = "top"
[indicators.a]
title = "A"
node = "p"
[indicators.b]
title = "B"
node = "p"
weight = 3
[indicators.c]
title = "C"
node = "p"
[indicators.d]
title = "D"
node = "q"
[indicators.e]
title = "E"
node = "q"
[normalise]
method = "minmax"
scale = [1, 100]
"""
BUDGET = """\
[budget.experts]
ana = { p = 60, q = 40, a = 50, b = 25, c = 25, d = 70, e = 30 }
ben = { p = 20, q = 80, a = 10, b = 60, c = 30, d = 50, e = 50 }
"""
CERTAIN = "[uncertainty]\nweights_cv = 0\n"
NOISY = "[uncertainty]\nweights_cv = 0.4\n"
GIVEN = "weights = { a = 4, p = 1, q = 3 }"


def cells(units: int = 25, gaps: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    common = rng.standard_normal(units)
    columns = {name: common + rng.standard_normal(units) for name in COLUMNS}
    for row in range(gaps):
        columns[COLUMNS[row % 5]][row] = np.nan
    return pl.DataFrame({"unit": [f"U{k:02}" for k in range(units)], **columns})


TABLE = cells()


def text(more: str = "", *, head: str = "", p: str = "") -> str:
    return FILE.format(head=head, p=p) + more


def model(more: str = "", *, head: str = "", p: str = "") -> Model:
    return parse_model(text(more, head=head, p=p), name="mine.toml", series=COLUMNS)


def choice(method: str = "given", *, weights: str = "", chance: float = 1.0) -> str:
    return f'[[uncertainty.weigh]]\nmethod = "{method}"\nchance = {chance}\n{weights}\n'


def ready(given: Model, table: pl.DataFrame = TABLE) -> Experiment:
    return set_up(given, table)[0]


def drawn(given: Model, table: pl.DataFrame = TABLE, *, draws: int = 200) -> np.ndarray:
    """Scores of the top node in each replication, shape (draw, unit)."""
    return ready(given, table).sampled(draws, 7).node("top")


# What a draw is


def test_an_alternative_equal_to_the_declared_weights_changes_nothing() -> None:
    for noise in (
        CERTAIN,
        NOISY,
        "[uncertainty]\nweights_noise = { 1 = 0.5, 2 = 0.3 }\nleave_out = { pillar = 0.5 }\n",
    ):
        without = build(model(noise), TABLE, draws=100)
        for weights in ("", "weights = { b = 3, p = 2 }"):
            found = build(model(noise + choice(weights=weights)), TABLE, draws=100)
            np.testing.assert_array_equal(found.central["top"], without.central["top"])
            np.testing.assert_array_equal(found.sampled["top"], without.sampled["top"])


def test_two_alternatives_by_hand() -> None:
    """Of (0, 8) and (6, 0) weights of 1 and 1 make 4 and 3, weights of 3 and 1 make 2 and 4.5; declared, 1 and 4."""
    lines = """\
id = "hand"
title = "By hand"
[nodes.top]
title = "Top"
[indicators.a]
title = "A"
node = "top"
[indicators.b]
title = "B"
node = "top"
weight = 4
[normalise]
method = "none"
"""
    alternatives = choice(weights="weights = { b = 1 }", chance=3) + choice(weights="weights = { a = 3, b = 1 }")
    given = parse_model(lines + CERTAIN + alternatives, name="hand.toml", series=("a", "b"))
    table = pl.DataFrame({"unit": ["A", "B"], "a": [0.0, 6.0], "b": [8.0, 0.0]})
    found = build(given, table, draws=4000)
    np.testing.assert_allclose(found.central["top"], [6.4, 1.2])
    second = found.sampled["top"][:, 0] == 2
    np.testing.assert_allclose(found.sampled["top"], np.where(second[:, None], [2.0, 4.5], [4.0, 3.0]))
    # Chances of 3 and 1 are three quarters and a quarter; four standard errors of that share are 0.027.
    assert second.mean() == pytest.approx(0.25, abs=0.027)
    np.testing.assert_allclose(
        found.acceptability("top"), [[1 - second.mean(), second.mean()], [second.mean(), 1 - second.mean()]]
    )


METHODS = ["equal", "pca", "factor", "entropy", "critic", "equal_influence", "budget_allocation"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("noise", [CERTAIN, NOISY])
def test_one_alternative_alone_is_the_build_that_declares_it(method: str, noise: str) -> None:
    budget = BUDGET if method == "budget_allocation" else ""
    noise += "leave_out = { indicator = 0.3 }\n"
    table = cells(gaps=4)
    found = drawn(model(budget + noise + choice(method)), table)
    declared = drawn(model(budget + noise, head=f'weights = "{method}"'), table)
    np.testing.assert_array_equal(found, declared)
    assert np.abs(found - drawn(model(noise), table)).max() > 0.1


def test_given_weights_are_those_named_and_for_the_rest_the_declared_ones() -> None:
    found = model(NOISY + choice(weights=GIVEN))
    declared = model(NOISY).reweighted({"a": 4, "p": 1, "q": 3})
    np.testing.assert_array_equal(drawn(found), drawn(declared))
    assert ready(found).model.weightings[0].weight("b") == 3


def test_only_the_proportions_of_given_weights_count() -> None:
    once, tenfold = (
        drawn(model(NOISY + choice(weights=f"weights = {{ a = {k}, b = {2 * k}, c = {4 * k} }}"))) for k in (1, 10)
    )
    np.testing.assert_allclose(once, tenfold, rtol=1e-12)


def test_declared_weights_are_an_alternative_to_those_found_in_the_data() -> None:
    found = model(NOISY + choice(), head='weights = "pca"')
    np.testing.assert_array_equal(drawn(found), drawn(model(NOISY)))
    pca = build(model(NOISY, head='weights = "pca"'), TABLE, draws=100)
    built = build(found, TABLE, draws=100)
    np.testing.assert_array_equal(built.central["top"], pca.central["top"])
    # A model whose weights are filled in already is filled in anew alike.
    np.testing.assert_array_equal(build(built.model, TABLE, draws=100).sampled["top"], built.sampled["top"])


def test_a_node_that_says_itself_how_it_is_weighed_is_weighed_so_under_every_alternative() -> None:
    own = 'weights = "given"'
    found = ready(model(CERTAIN + choice("equal"), p=own)).model.weightings[0]
    assert [found.weight(part) for part in ("p", "q", "a", "b", "c")] == [1, 1, 1, 3, 1]
    named = ready(model(CERTAIN + choice(weights="weights = { a = 5 }"), p=own)).model.weightings[0]
    assert [named.weight(part) for part in ("a", "b", "c")] == [5, 3, 1]


def test_weights_are_found_once_on_the_central_cells_and_not_in_each_replication() -> None:
    table = cells(gaps=4)
    built = ready(model(CERTAIN + choice("pca")), table)
    weights = built.designs(50, 1).weights
    assert all(np.ptp(each) == 0 for each in weights.values())
    other = ready(model(CERTAIN, head='weights = "pca"'), table).model
    assert {part: float(each[0]) for part, each in weights.items()} == {part: other.weight(part) for part in weights}


# Random streams


def test_alternatives_change_no_other_draw() -> None:
    unsure = (
        NOISY
        + "leave_out = { indicator = 0.5 }\n[[uncertainty.normalise]]\n[[uncertainty.normalise]]\nmethod = 'rank'\n"
    )
    alternatives = choice(chance=0.5) + choice("equal", chance=0.5)
    table = cells(gaps=4)
    with_them, without = (ready(model(unsure + more), table) for more in (alternatives, ""))
    found, usual = with_them.designs(300, 7), without.designs(300, 7)
    taken = found.methods["weigh"]
    assert set(taken) == {1, 2}
    assert 0.4 < (taken == usual.methods["normalise"]).mean() < 0.6  # a stream of its own
    np.testing.assert_array_equal(found.methods["normalise"], usual.methods["normalise"])
    np.testing.assert_array_equal(found.gone["indicator"], usual.gone["indicator"])
    for part in usual.weights:
        np.testing.assert_array_equal(found.weights[part][taken == 1], usual.weights[part][taken == 1])
    for one, other in zip(with_them.cells(found, 7).drawn, without.cells(usual, 7).drawn, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_drawn_around_a_weighting_and_which_is_taken_can_come_from_different_replications() -> None:
    alternatives = [choice("equal"), choice(weights=GIVEN), choice("critic")]
    designs = ready(model(NOISY + "".join(alternatives))).designs(60, 7)
    alone = [ready(model(NOISY + each)).designs(60, 7) for each in alternatives]
    draws, weighting = np.arange(30), np.arange(59, 29, -1)
    found = designs.weights_of(draws, weighting=weighting)
    for k in range(30):
        own = alone[designs.methods["weigh"][weighting[k]] - 1]
        assert all(found[part][k] == own.weights[part][k] for part in found)


# Results


def test_ranks_are_the_mixture_of_those_of_the_separate_builds_by_chance() -> None:
    chances = {"equal": 0.5, "critic": 0.3, "entropy": 0.2}
    draws = 4000
    found = build(
        model(CERTAIN + "".join(choice(each, chance=chance) for each, chance in chances.items())), TABLE, draws=draws
    )
    separate = [build(model(CERTAIN, head=f'weights = "{each}"'), TABLE, draws=100) for each in chances]
    places = np.stack([rank(each.central["top"]) for each in separate])
    taken = (rank(found.sampled["top"])[:, None] == places).all(axis=2)
    assert len(np.unique(places, axis=0)) == 3
    assert (taken.sum(axis=1) == 1).all()
    share = np.array(list(chances.values()))
    np.testing.assert_allclose(taken.mean(axis=0), share, atol=4 * 0.5 / np.sqrt(draws))
    mixture = sum(each * acceptability(row[None]) for each, row in zip(share, places, strict=True))
    np.testing.assert_allclose(found.acceptability("top"), mixture, atol=4 * 0.5 / np.sqrt(draws))


@pytest.mark.parametrize("noise", [CERTAIN, NOISY])
def test_a_replication_names_its_weighting_and_is_built_again_exactly(noise: str) -> None:
    given = model(noise + choice("pca") + choice(weights=GIVEN))
    built = build(given, TABLE, draws=100)
    start, year = set_up(given, TABLE)
    taken = start.designs(100, 7).methods["weigh"]
    said = ({"method": "pca"}, {"method": "given", "weights": {"a": 4.0, "p": 1.0, "q": 3.0}})
    for number in (*np.flatnonzero(taken == 1)[:2].tolist(), *np.flatnonzero(taken == 2)[:2].tolist()):
        again = replay(start, year=year, number=number, draws=100, seed=7)
        assert again.methods == {"weighting": said[taken[number] - 1]}
        np.testing.assert_allclose(again.scores[0], built.sampled["top"][number], rtol=1e-12)
        if noise == CERTAIN and taken[number] == 2:
            assert again.weights == pytest.approx(
                {"p": 1 / 4, "q": 3 / 4, "a": 4 / 8, "b": 3 / 8, "c": 1 / 8, "d": 0.5, "e": 0.5}
            )


def test_unknown_weights_are_drawn_whatever_the_alternatives() -> None:
    built = [set_up(model(NOISY + more), TABLE) for more in ("", choice("pca") + choice("equal"))]
    first, second = (smaa(start, year=year, draws=200) for start, year in built)
    np.testing.assert_array_equal(first.acceptability, second.acceptability)
    np.testing.assert_array_equal(first.weights, second.weights)


def test_a_trend_takes_weightings_found_on_the_cells_of_all_its_years() -> None:
    base = load_model("soft-power-trend")

    def ranks(*weigh: dict[str, object]) -> np.ndarray:
        unsure = base.uncertainty.model_dump() | {"weigh": list(weigh)}
        found = build_trend(Model.model_validate(base.model_dump() | {"uncertainty": unsure}), draws=100)
        return found.ranks["performance"]

    mixed, critic = ranks({"method": "given"}, {"method": "critic"}), ranks({"method": "critic"})
    # Replications that took the same weighting are the same in all years, others in none.
    same = (mixed == critic).all(axis=(1, 2))
    assert 0.3 < same.mean() < 0.7


# Weights of zero


def test_a_part_without_weight_but_under_an_alternative_counts_under_that_alone() -> None:
    flat = FILE.replace('title = "C"\nnode = "p"', 'title = "C"\nnode = "p"\nweight = 0').format(head="", p="")
    alternatives = choice(chance=0.5) + choice(weights="weights = { c = 2 }", chance=0.5)
    found, none = (parse_model(flat + NOISY + more, name="m.toml", series=COLUMNS) for more in (alternatives, ""))
    taken = ready(found).designs(200, 7).methods["weigh"]
    np.testing.assert_array_equal(ready(found).central.node("top"), ready(none).central.node("top"))
    both, with_it = drawn(found), drawn(none.reweighted({"c": 2}))
    np.testing.assert_allclose(both[taken == 1], drawn(none)[taken == 1], rtol=1e-12)
    np.testing.assert_allclose(both[taken == 2], with_it[taken == 2], rtol=1e-12)


def test_a_part_that_an_alternative_leaves_without_weight_plays_no_role_under_it() -> None:
    table = cells(gaps=5).with_columns(c=pl.Series([1e6, *TABLE["c"][1:]]))
    given = model(NOISY + choice(weights="weights = { c = 0 }"))
    without = drawn(model(NOISY).reweighted({"c": 0}), table)
    np.testing.assert_allclose(drawn(given, table), without, rtol=1e-12)
    np.testing.assert_array_equal(
        ready(given, table).central.node("top"), ready(model(NOISY), table).central.node("top")
    )


def test_no_part_is_left_out_without_which_an_alternative_would_leave_nothing() -> None:
    weights = "weights = { a = 1, b = 0, c = 0, q = 0 }"
    given = model("[uncertainty]\nleave_out = { indicator = 1, pillar = 1 }\n" + choice() + choice(weights=weights))
    designs = ready(given).designs(200, 7)
    assert "a" not in designs.parts["indicator"]
    assert designs.parts["pillar"] == ("q",)
    assert np.isfinite(drawn(given)).all()
    found = build(given, TABLE, draws=100)
    assert len(found.units) == 25


# Sensitivity


def test_where_only_the_weighting_matters_its_indices_are_one() -> None:
    start, year = set_up(model(CERTAIN + choice("equal") + choice(weights=GIVEN) + choice("critic")), TABLE)
    found = sensitivity(start, year=year, n=4096, resamples=20)
    assert found.factors == ("weighting",)
    assert found.idle == {}
    np.testing.assert_allclose([found.shift.first[0], found.shift.total[0]], 1, atol=0.005)
    moved = ~found.unit.flat
    assert moved.any()
    np.testing.assert_allclose(found.unit.total[0, moved], 1, atol=0.005)
    assert found.changed.tolist() == [1.0]


def test_indices_of_weighting_and_normalisation_are_those_of_all_combinations() -> None:
    scales = "".join(f'[[uncertainty.normalise]]\nmethod = "{each}"\nscale = [1, 100]\n' for each in ("minmax", "rank"))
    start, year = set_up(
        model(CERTAIN + choice("equal") + choice(weights=GIVEN, chance=2) + choice("critic") + scales), TABLE
    )
    found = sensitivity(start, year=year, n=4096, resamples=20)
    assert found.factors == ("normalisation", "weighting")
    grid = np.stack(np.meshgrid((1, 2), (1, 2, 3), indexing="ij"), axis=-1).reshape(-1, 2)
    every = start.designs(len(grid), 1)
    every = replace(every, methods={**every.methods, "normalise": grid[:, 0], "weigh": grid[:, 1]})
    rows = np.arange(len(grid))
    every = replace(every, weights=every.weights_of(rows, weighting=rows))
    scores = Replications(start.model, start.panel, start.cells(every, 1), every, keep=False).node("top")
    usual = rank(start.central.node("top")[0])
    y, chance = np.abs(rank(scores) - usual).mean(axis=1).reshape(2, 3), [np.full(2, 0.5), np.array([0.25, 0.5, 0.25])]
    variance = np.average(y**2, weights=np.outer(*chance)) - np.average(y, weights=np.outer(*chance)) ** 2
    for factor in range(2):
        mean = np.average(y, axis=1 - factor, weights=chance[1 - factor])
        overall = np.average(mean, weights=chance[factor])
        first = np.average((mean - overall) ** 2, weights=chance[factor]) / variance
        assert found.shift.first[factor] == pytest.approx(first, abs=0.02)
        along = [np.average(each, axis=factor, weights=chance[factor]) for each in (y, y**2)]
        total = np.average(along[1] - along[0] ** 2, weights=chance[1 - factor]) / variance
        assert found.shift.total[factor] == pytest.approx(total, abs=0.02)


def test_noise_around_a_weighting_is_a_factor_beside_it() -> None:
    start, year = set_up(model("[uncertainty]\nweights_cv = 0.02\n" + choice("equal") + choice(weights=GIVEN)), TABLE)
    found = sensitivity(start, year=year, n=512, resamples=50)
    assert found.factors == ("weights", "weighting")
    assert found.shift.total[1] > 0.9
    assert found.shift.total[0] < 0.2
    assert found.changed.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (choice("equal"), choice(weights="weights = { b = 1, p = 1 }")),
        (choice(), choice(weights="weights = { p = 4, q = 2 }")),
    ],
)
def test_alternatives_that_come_to_the_same_are_an_error(first: str, second: str) -> None:
    start, year = set_up(model(CERTAIN + first + second), TABLE)
    with pytest.raises(BadRequest, match="switching weighting changed nothing"):
        sensitivity(start, year=year, n=64, resamples=20)


def test_alternatives_that_differ_by_rounding_come_to_the_same() -> None:
    tenths, whole = (choice(weights=f"weights = {{ a = {2 * k}, b = {3 * k}, c = {k} }}") for k in (0.1, 1))
    start, year = set_up(model(CERTAIN + tenths + whole), TABLE)
    with pytest.raises(BadRequest, match="switching weighting changed nothing"):
        sensitivity(start, year=year, node="p", n=64, resamples=20)


def test_alternatives_that_no_node_takes_are_left_out_and_named() -> None:
    noise = "[uncertainty]\nweights_noise = { 1 = 0.5 }\n"
    start, year = set_up(model(noise + choice("equal") + choice("pca"), p='weights = "given"'), TABLE)
    found = sensitivity(start, year=year, node="p", n=64, resamples=20)
    assert found.factors == ("weights",)
    assert found.idle == {"weighting": "no node that counts joins two parts by weights not its own"}


# Faults


def faults(more: str, *, head: str = "", p: str = "") -> list[str]:
    with pytest.raises(BadModel) as caught:
        parse_model(text(more, head=head, p=p), name="mine.toml", series=COLUMNS)
    return [f"{each.line - text(head=head, p=p).count(chr(10))}: {each.what}" for each in caught.value.faults]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (choice("equals"), "2: must be 'given', 'equal'"),
        (choice("equals"), "nearest: equal"),
        (choice(weights="weights = { top = 2, aa = 1 }"), "4: unknown part of a node 'top'"),
        (choice(weights="weights = { zz = 2 }").replace("zz", "p_"), "4: unknown part of a node 'p_'; nearest: p"),
        (choice(weights="weights = { a = -1 }"), "4: input should be greater than or equal to 0, not -1"),
        (choice("pca", weights="weights = { a = 2 }"), "4: pca finds the weights itself: leave them out"),
        (choice(weights="weights = { p = 0, q = 0 }"), "4: the weights of the 2 parts of top sum to zero"),
        (choice(chance=0) + choice("pca", chance=0), "1: the chances sum to zero"),
        (choice().replace("chance", "chanse"), "3: unknown key; nearest: chance"),
        ('[uncertainty]\nweights = "unknown"\n' + choice("pca"), "3: weights are unknown here: weigh says how"),
        ('[[uncertainty.weights]]\nmethod = "pca"', "1: alternative weightings are tables [[uncertainty.weigh]]"),
        (choice("budget_allocation"), "2: budget_allocation needs a table [budget]"),
        (
            '[nodes.q.aggregate]\nmethod = "owa"\norder = [2, 1]\n' + choice(weights="weights = { d = 0 }"),
            "7: q is joined by owa, which weighs places and not parts",
        ),
    ],
)  # fmt: skip
def test_faults_name_line_and_remedy(more: str, expected: str) -> None:
    assert any(expected in each for each in faults(more)), faults(more)


def test_weights_for_parts_of_a_node_that_finds_its_own_are_a_fault() -> None:
    (found,) = faults(choice(weights="weights = { a = 2, q = 2 }"), p='weights = "pca"')
    assert found.startswith("4: the parts of p are weighed by pca under every alternative")
    assert found.endswith("leave out a, or move that line to the model")


def test_what_only_an_alternative_needs_is_no_fault() -> None:
    assert model(choice("pca"), head='mixed = "flag"').mixed == "flag"
    assert faults(choice("critic"), head='mixed = "flag"')[0].endswith("leave it out, or weigh by one of them")
    assert model(BUDGET + choice("budget_allocation")).budget is not None


def test_data_that_an_alternative_cannot_weigh_are_refused_by_its_name() -> None:
    against = TABLE.with_columns(c=-pl.col("c"))
    with pytest.raises(
        BadRequest, match=r"mine.toml, alternative 2 of \[\[uncertainty.weigh\]\]: the parts of p cannot"
    ):
        build(model(choice() + choice("pca")), against, draws=100)
    assert build(model(choice() + choice("pca", chance=0)), against, draws=100).units  # never taken
    flagged = build(model(choice() + choice("pca"), head='mixed = "flag"'), against, draws=100)
    assert "p, weighed by pca in alternative 2 of [[uncertainty.weigh]]: no weight for c" in flagged.cautions


def test_an_alternative_that_leaves_nothing_of_a_variant_is_refused() -> None:
    variant = '[variants.less]\ntitle = "Less"\nreason = "A test"\nwithout = ["q"]\n'
    with pytest.raises(BadRequest, match=r"alternative 1 .*nothing that has a weight is left in the variant less"):
        build(model(variant + choice(weights="weights = { p = 0 }")), TABLE, draws=100)
