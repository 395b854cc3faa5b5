"""How a cell comes about: windows, bridges, values carried forward, zeros by declaration, and never a guess."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from softpower.index.assemble import assemble
from softpower.index.model import Expectation, Indicator, Model, Node
from softpower.index.panel import CellStatus, Panel
from softpower.index.series import log_offset

UNITS = ("AAA", "BBB", "CCC", "DDD")


def _panel(
    rows: list[tuple[str, int, float]],
    years: tuple[int, ...] = (2020,),
    *,
    zero: bool = False,
    heads: Sequence[tuple[str, int, float]] = (),
    **how: object,
) -> Panel:
    indicator = Indicator(title="One", node="top", series="one", reason="a test", **how)  # type: ignore[arg-type]
    model = Model(
        id="test",
        title="Test",
        description="A test",
        year=2020,
        nodes={"top": Node(title="Top")},
        indicators={"one": indicator},
        expectation=Expectation(size="size", wealth="wealth"),
    )
    frame = pl.DataFrame(
        [
            (name, unit, year, value, None, "observed")
            for name, part in (("one", rows), ("heads", heads))
            for unit, year, value in part
        ],
        schema={
            "indicator": pl.String,
            "iso3": pl.String,
            "year": pl.Int16,
            "value": pl.Float64,
            "se": pl.Float64,
            "status": pl.String,
        },
        orient="row",
    )
    return assemble(model, frame, units=UNITS, years=years, zeros={"one": ("DDD",)} if zero else {})


def test_a_value_is_the_mean_of_the_window() -> None:
    panel = _panel(
        [("AAA", 2018, 1.0), ("AAA", 2019, 2.0), ("AAA", 2020, 6.0), ("AAA", 2015, 99.0), ("BBB", 2020, 4.0)]
    )
    assert panel.raw[0, 0, 0] == 3.0
    assert panel.latest[0, 0, 0] == 2020
    assert panel.status[0, 0, 0] == CellStatus.OBSERVED


def test_a_later_shock_stays_out_where_the_model_says_so() -> None:
    rows = [("AAA", 2018, 5.0), ("AAA", 2019, 5.0), ("AAA", 2020, 0.0), ("BBB", 2019, 1.0)]
    assert _panel(rows, until=2019).raw[0, 0, 0] == 5.0
    assert _panel(rows).raw[0, 0, 0] < 5.0


def test_an_old_value_is_carried_forward_so_far_and_never_back() -> None:
    rows = [("AAA", 2012, 5.0), ("BBB", 2005, 5.0), ("CCC", 2022, 5.0), ("DDD", 2020, 1.0)]
    panel = _panel(rows, max_age=10)
    assert panel.status[0, :3, 0].tolist() == [CellStatus.CARRIED, CellStatus.MISSING, CellStatus.MISSING]
    assert panel.latest[0, 0, 0] == 2012


def test_a_year_between_two_observations_lies_on_their_line() -> None:
    panel = _panel([("AAA", 2010, 1.0), ("AAA", 2020, 11.0), ("BBB", 2015, 3.0)], (2015,), window=1)
    assert panel.raw[0, 0, 0] == 6.0
    assert panel.status[0, 0, 0] == CellStatus.BRIDGED


def test_a_snapshot_is_used_near_its_year_and_never_carried_back() -> None:
    rows = [("AAA", 2021, 5.0), ("BBB", 2021, 1.0)]
    panel = _panel(rows, (2010, 2020, 2030, 2040), vintage=True)
    assert panel.known[:, 0, 0].tolist() == [False, True, True, False]


def test_absence_is_zero_only_where_declared_and_not_for_those_excepted() -> None:
    rows = [("AAA", 2020, 5.0), ("BBB", 2020, 3.0)]
    declared, plain = _panel(rows, zero=True), _panel(rows)
    assert declared.raw[0, 2, 0] == 0.0
    assert declared.status[0, 2:, 0].tolist() == [CellStatus.ZERO, CellStatus.MISSING]
    assert np.isnan(plain.raw[0, 2, 0])
    assert _panel(rows, (1990,), zero=True).known.sum() == 0


def test_taking_a_value_away_is_not_setting_it_to_zero() -> None:
    rows = [("AAA", 2020, 5.0), ("BBB", 2020, 3.0)]
    without, zeroed = _panel(rows), _panel([*rows, ("CCC", 2020, 0.0)])
    assert without.status[0, 2, 0] == CellStatus.MISSING
    assert zeroed.status[0, 2, 0] == CellStatus.OBSERVED
    assert zeroed.value[0, 2, 0] == 0.0


def test_the_error_of_a_value_grows_with_its_age() -> None:
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.standard_normal((4, 21)), axis=1)
    rows = [(unit, 2000 + t, walk[u, t]) for u, unit in enumerate(UNITS) for t in range(21) if u or t <= 12]
    panel = _panel(rows, (2013, 2016, 2020), window=1, max_age=20)
    grown = panel.se[:, 0, 0]
    assert 0 < grown[0] < grown[1] < grown[2]
    assert np.all(panel.se[:, 1:, 0] == 0)
    np.testing.assert_allclose(grown[2] ** 2 / grown[0] ** 2, 8.0)


def test_order_of_rows_changes_nothing() -> None:
    rows = [(unit, year, float(year - 2000 + u)) for u, unit in enumerate(UNITS) for year in range(2010, 2021)]
    first, second = _panel(rows, transform="log"), _panel(rows[::-1], transform="log")
    np.testing.assert_array_equal(first.value, second.value)
    np.testing.assert_array_equal(first.se, second.se)


def test_the_offset_of_a_logarithm_is_the_tenth_percentile_of_the_positive() -> None:
    assert log_offset(np.array([0.0, -5.0, np.nan, *range(1, 12)])) == 2.0


def test_the_age_of_the_last_value_decides_and_its_window_may_reach_further_back() -> None:
    rows = [("AAA", year, float(year)) for year in range(2009, 2014)] + [("BBB", 2020, 1.0), ("CCC", 2010, 1.0)]
    panel = _panel(rows, max_age=10, window=5)
    assert panel.raw[0, 0, 0] == 2011.0  # mean of 2009-2013, of which 2009 and 2010 alone would be too old
    assert (panel.first[0, 0, 0], panel.latest[0, 0, 0], panel.count[0, 0, 0]) == (2009, 2013, 5)
    assert panel.status[0, 2, 0] == CellStatus.MISSING


def test_the_last_value_of_a_series_that_ends_early_is_carried_forward_and_so_is_an_old_edition() -> None:
    rows = [("AAA", 2014, 5.0), ("BBB", 2014, 7.0)]
    for how in ({"until": 2014}, {"vintage": True}):
        panel = _panel(rows, **how)
        assert panel.raw[0, 0, 0] == 5.0
        assert panel.status[0, 0, 0] == CellStatus.CARRIED
    assert _panel([("AAA", 2019, 5.0), ("BBB", 2019, 7.0)], until=2019).status[0, 0, 0] == CellStatus.OBSERVED


def test_an_indicator_per_head_is_divided_year_by_year() -> None:
    rows = [("AAA", 2018, 10.0), ("AAA", 2020, 30.0), ("BBB", 2020, 8.0), ("CCC", 2020, 3.0), ("DDD", 2020, 1.0)]
    heads = [("AAA", 2018, 100.0), ("AAA", 2020, 200.0), ("BBB", 2017, 4.0), ("DDD", 2020, 0.0)]
    panel = _panel(rows, heads=heads, denominator="heads", per=100)
    assert panel.raw[0, 0, 0] == np.mean([10.0, 15.0])  # not 20 per 150
    assert panel.raw[0, 1, 0] == 200.0  # the population of three years before stands in
    assert np.isnan(panel.raw[0, 2, 0])  # no size at all
    assert np.isnan(panel.raw[0, 3, 0])  # per nobody
