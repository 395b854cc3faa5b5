"""Kazakhstan's trade by partner against the totals that its statisticians printed; see trade_kaz/README.md."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
import pytest

from softpower import evidence
from softpower.world import bloc_members

YEARS = range(2018, 2024)
# Last digits of the printed figures: hundreds of US$ in 2018 and for some totals of 2019.
DIGITS = 1e-7


@pytest.fixture(scope="module")
def printed() -> dict[tuple[int, str], dict[str, float]]:
    """Exports, imports and turnover in US$ by year and bloc."""
    table = pl.read_csv(Path(__file__).parent / "trade_kaz" / "published_totals.csv")
    return {
        (row["year"], row["bloc"]): {flow: 1000 * row[f"{flow}_kusd"] for flow in ("export", "import", "turnover")}
        for row in table.iter_rows(named=True)
    }


@pytest.fixture(scope="module")
def by_partner() -> pl.DataFrame:
    """Columns partner, year, flow, value in US$."""
    exports = evidence.ties("exports_usd").filter(pl.col("origin") == "KAZ")
    imports = evidence.ties("imports_usd").filter(pl.col("partner") == "KAZ")
    return pl.concat(
        [
            exports.select("partner", "year", "value", flow=pl.lit("export")),
            imports.select(pl.col("origin").alias("partner"), "year", "value", flow=pl.lit("import")),
        ]
    )


def total(by_partner: pl.DataFrame, year: int, members: Collection[str] | None = None, flow: str = "turnover") -> float:
    """Trade with ``members``, or with all."""
    chosen = by_partner.filter(pl.col("year") == year)
    if members is not None:
        chosen = chosen.filter(pl.col("partner").is_in(list(members)))
    if flow != "turnover":
        chosen = chosen.filter(pl.col("flow") == flow)
    return float(chosen["value"].sum())


Printed = dict[tuple[int, str], dict[str, float]]


@pytest.mark.parametrize("flow", ["export", "import", "turnover"])
@pytest.mark.parametrize("year", YEARS)
def test_partners_sum_to_the_printed_total(by_partner: pl.DataFrame, printed: Printed, year: int, flow: str) -> None:
    assert total(by_partner, year, flow=flow) == pytest.approx(printed[year, "WORLD"][flow], rel=DIGITS)


@pytest.mark.parametrize(("year", "share"), [(2018, 21.26), (2021, 26.13), (2023, 21.35)])
def test_the_share_of_the_eaeu_is_the_printed_one(
    by_partner: pl.DataFrame, printed: Printed, year: int, share: float
) -> None:
    ours = 100 * total(by_partner, year, bloc_members("EAEU", year=year)) / total(by_partner, year)
    assert ours == pytest.approx(share, abs=0.005)
    assert ours == pytest.approx(
        100 * printed[year, "EAEU"]["turnover"] / printed[year, "WORLD"]["turnover"], rel=DIGITS
    )


@pytest.mark.parametrize("flow", ["export", "import", "turnover"])
@pytest.mark.parametrize("year", YEARS)
def test_trade_with_the_members_of_the_eaeu_is_the_printed_one(
    by_partner: pl.DataFrame, printed: Printed, year: int, flow: str
) -> None:
    ours = total(by_partner, year, bloc_members("EAEU", year=year), flow)
    assert ours == pytest.approx(printed[year, "EAEU"][flow], rel=DIGITS)


@pytest.mark.parametrize("flow", ["export", "import", "turnover"])
@pytest.mark.parametrize("year", YEARS)
def test_trade_with_the_members_of_the_eu_is_the_printed_one_which_kept_the_united_kingdom_until_2022(
    by_partner: pl.DataFrame, printed: Printed, year: int, flow: str
) -> None:
    members = bloc_members("EU", year=year)
    assert ("GBR" in members) == (year <= 2019)
    counted = {*members, "GBR"} if year <= 2022 else members
    assert total(by_partner, year, counted, flow) == pytest.approx(printed[year, "EU"][flow], rel=DIGITS)


@pytest.mark.parametrize("year", YEARS)
def test_the_printed_cis_has_two_countries_more_than_members(
    by_partner: pl.DataFrame, printed: Printed, year: int
) -> None:
    counted = {*bloc_members("CIS", year=year), "TKM", "UKR"}
    assert total(by_partner, year, counted) == pytest.approx(printed[year, "CIS"]["turnover"], rel=DIGITS)


def test_what_the_eu_says_it_sends_is_of_the_size_that_kazakhstan_says_it_gets(by_partner: pl.DataFrame) -> None:
    """Two offices that do not know of each other; goods re-exported from Kazakhstan or held up on the way differ."""
    sent = evidence.ties("exports_eur").select(pl.col("origin").alias("partner"), "year", sent="value")
    got = by_partner.filter(pl.col("flow") == "import").join(sent, on=["partner", "year"])
    assert len(got) == 28 + 4 * 27
    for _, pairs in got.group_by("year"):
        assert pairs.select(pl.corr(pl.col("value").log(), pl.col("sent").log())).item() > 0.9
        # The dollar stood between 1.05 and 1.18 to the euro in these years.
        assert 0.7 < pairs.select(pl.col("value").sum() / pl.col("sent").sum()).item() < 1.2
