"""What every section is given, and the records that more than one of them shows.

Sections read the index only through this object, so that one number has one record, one id and one wording.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.brief import words
from softpower.brief.section import Ledger, Record, Status, Value
from softpower.drawing.marks import Interval
from softpower.evidence import Indicator, Source, indicator, observations, source, ties
from softpower.index import CHOICE_FIELDS, CellStatus, Index, Model, Trend
from softpower.index.choices import DEFAULT
from softpower.index.denominate import unit_per
from softpower.index.estimate import beyond
from softpower.world import Country, country

if TYPE_CHECKING:
    from softpower.activities.dossier import Dossier
    from softpower.vectors.profile import Profile

# Sources with this prefix are computed here, by the model that follows it.
OWN = "model:"

Tone = Literal["focus", "peer", "above", "below"]

_STATUS: dict[CellStatus, Status] = {
    CellStatus.OBSERVED: "observed",
    CellStatus.ESTIMATED: "estimated",
    CellStatus.BRIDGED: "imputed",
    CellStatus.CARRIED: "observed",
    CellStatus.ZERO: "zero",
    CellStatus.MISSING: "missing",
}


@dataclass(frozen=True)
class Context:
    """One brief in the making.

    Attributes
    ----------
    home : the country of the brief
    index : the index, and ``built`` its model as the variant built has it
    trend : the back-cast, or None where the model names none
    peers : ISO3 codes, nearest first
    ties : with whom the country's ties are, or None where the brief is of the index alone
    done : what is registered of its activities, or None where nothing is
    """

    home: Country
    index: Index
    built: Model
    trend: Trend | None
    peers: tuple[str, ...]
    ties: Profile | None = None
    done: Dossier | None = None
    ledger: Ledger = field(default_factory=Ledger)
    _cited: dict[str, Source] = field(default_factory=dict)

    @property
    def is_ranked(self) -> bool:
        """Whether the country of the brief is ranked."""
        return self.index.is_ranked(self.home.iso3)

    @property
    def source(self) -> str:
        """Source of what is computed here."""
        return f"{OWN}{self.index.model.id}"

    def source_of(self, measure: str) -> str:
        """Source of a measure of ties."""
        return str(ties(measure)["source_id"][0])

    def cite(self, cited: Source) -> str:
        """The id of a source that the registry does not have, kept for the list of sources."""
        return self._cited.setdefault(cited.id, cited).id

    def cited(self, id: str) -> Source:
        """A source that was cited, or else that of the registry."""
        return self._cited.get(id) or source(id)

    @property
    def total(self) -> int:
        """Number of ranked countries."""
        return len(self.index.units)

    # Judging differences

    def lean(self, record: Record) -> words.Lean:
        """How surely a difference lies on one side of zero; "neither" where nothing was sampled."""
        if record.above_zero is None or record.below_zero is None:
            return "neither"
        clear = beyond(self.index.draws)
        return words.lean(*record.bounds, record.above_zero, record.below_zero, clear=clear)

    def side(self, record: Record) -> words.Side:
        """The side of zero on which a difference clearly lies."""
        return words.side(self.lean(record))

    @property
    def variants(self) -> dict[str, tuple[str, str]]:
        """Title and reason of every variant but the one that was built, the model without any among them."""
        found = {name: (each.title, each.reason) for name, each in self.index.model.variants.items()}
        if self.index.variant:
            found = {DEFAULT: ("Default", "The model as it is declared."), **found}
        found.pop(self.index.variant, None)
        return found

    # Records of computed numbers

    def rank(self, node: str, iso3: str) -> Record:
        """Score and rank of a country in a node.

        In a pillar of a single series the choices that are sampled leave the order of countries as it is: where the
        country's own value was published, its place is an observed rank.
        """
        place = self.index.unit(iso3)
        score, standing = self.index.scores(node), self.index.ranks(node)
        low, central, high = (int(each[place]) for each in (standing.low, standing.central, standing.high))
        is_single = node not in self.built.tops and len(self.built.leaves(node)) == 1 and low == high
        return self.ledger.add(
            Record(
                id=f"score:{node}:{iso3}",
                label=f"{self.built.title_of(node)}, {country(iso3).name}",
                iso3=iso3,
                value=_round(score.value[place]),
                low=_round(score.low[place]),
                high=_round(score.high[place]),
                unit="points",
                year=self.index.year,
                source_id=self.source,
                note="one series; its order of countries was not sampled" if is_single else "",
                rank=None if is_single else central,
                rank_low=None if is_single else low,
                rank_high=None if is_single else high,
                observed_rank=central if is_single else None,
                ranked=self.total,
            )
        )

    def gap(self, iso3: str) -> Record:
        """Performance of a country minus what its potential predicts."""
        return self._difference("gap", "Performance minus what potential predicts", self.index.gap(), iso3)

    def above_expected(self, node: str, iso3: str) -> Record:
        """Score of a country minus what its size and wealth predict."""
        label = f"{self.built.title_of(node)} minus what size and wealth predict"
        return self._difference(f"above:{node}", label, self.index.above_expected(node), iso3)

    def _difference(self, kind: str, label: str, found: object, iso3: str) -> Record:
        place = self.index.unit(iso3)
        value, low, high, above, below = (
            float(getattr(found, name)[place]) for name in ("value", "low", "high", "up", "down")
        )
        known = bool(np.isfinite(value))
        return self.ledger.add(
            Record(
                id=f"{kind}:{iso3}",
                label=f"{label}, {country(iso3).name}",
                iso3=iso3,
                value=_round(value) if known else None,
                low=_round(low) if known else None,
                high=_round(high) if known else None,
                above_zero=_round(above) if known else None,
                below_zero=_round(below) if known else None,
                unit="points",
                year=self.index.year,
                source_id=self.source,
                status="computed" if known else "missing",
                note="" if known else "size or wealth is not known",
            )
        )

    def under(self, choice: str, measure: str, iso3: str | None = None) -> Record | None:
        """Score, gap and rank of a country under another variant. None if nothing changes."""
        found = None if choice == self.index.variant else self._choice(choice, measure, iso3)
        if found is None:
            return None
        stats, label = found
        has_rank = measure != "gap"
        return self.ledger.add(
            Record(
                id=f"under:{choice}:{measure}:{iso3 or self.home.iso3}",
                label=label,
                iso3=iso3 or self.home.iso3,
                value=_round(stats["value"]),
                low=_round(stats["low"]),
                high=_round(stats["high"]),
                above_zero=None if has_rank else _round(stats["up"]),
                below_zero=None if has_rank else _round(stats["down"]),
                unit="points",
                year=self.index.year,
                source_id=self.source,
                ranked=self.total if has_rank else None,
                rank=int(stats["rank"]) if has_rank else None,
                rank_low=int(stats["rank_low"]) if has_rank else None,
                rank_high=int(stats["rank_high"]) if has_rank else None,
            )
        )

    def moved_by(self, choice: str, measure: str, iso3: str | None = None) -> Record | None:
        """Places (plus is up), or points of the gap, that a choice moves a country. None where it touches nothing."""
        found = self._choice(choice, measure, iso3)
        if found is None:
            return None
        stats, label = found
        shift, low, high = (stats[f"shift{part}"] for part in ("", "_low", "_high"))
        if measure != "gap":  # a place is whole; bounds between two places are rounded outwards
            shift, low, high = float(np.rint(shift)), float(np.floor(low)), float(np.ceil(high))
        return self.ledger.add(
            Record(
                id=f"shift:{choice}:{measure}:{iso3 or self.home.iso3}",
                label=f"{label}: change",
                iso3=iso3 or self.home.iso3,
                value=_round(shift),
                low=_round(low),
                high=_round(high),
                above_zero=_round(stats["shift_up"]),
                below_zero=_round(stats["shift_down"]),
                unit="points" if measure == "gap" else words.PLACES,
                year=self.index.year,
                source_id=self.source,
            )
        )

    def _choice(self, choice: str, measure: str, iso3: str | None) -> tuple[dict[str, float], str] | None:
        choices, place = self.index.choices, self.index.unit(iso3 or self.home.iso3)
        if choice not in choices.ids:  # the variant that was built is no choice any more, nor is what it leaves out
            return None
        c, m = choices.ids.index(choice), choices.measures.index(measure)
        stats = {name: float(getattr(choices, name)[c, m, place]) for name in CHOICE_FIELDS}
        if not np.any(choices.shift[c, m]) and not np.any(choices.shift_high[c, m]):
            return None
        is_variant = choices.kinds[c] == "variant"  # a variant may bear the name of a part
        title = self.index.model.title_of(choice) if not is_variant else self.variants[choice][0]
        what = title if is_variant else f"without {words.mid(title)}"
        of = "Gap" if measure == "gap" else self.built.title_of(measure)
        return stats, f"{of}, {words.mid(what)}, {country(iso3 or self.home.iso3).name}"

    # Records of the back-cast

    def trend_change(self, node: str, iso3: str) -> Record | None:
        """Places gained over the whole back-cast, plus is up; None where the country has no trend."""
        if self.trend is None or iso3 not in self.trend.units:
            return None
        first, last = self.trend.years[node][0], self.trend.years[node][-1]
        found, place = self.trend.change(node, first, last), self.trend.unit(iso3)
        return self.ledger.add(
            Record(
                id=f"change:{node}:{iso3}",
                label=f"Places gained in {node}, {first}-{last}, {country(iso3).name}",
                iso3=iso3,
                value=float(found.value[place]),
                low=float(np.floor(found.low[place])),
                high=float(np.ceil(found.high[place])),
                above_zero=_round(found.up[place]),
                below_zero=_round(found.down[place]),
                unit=words.PLACES,
                year=last,
                source_id=f"{OWN}{self.trend.model.id}",
            )
        )

    def trend_rank(self, node: str, iso3: str, year: int) -> Record | None:
        """Score and rank in one year of the back-cast; None outside of it."""
        if self.trend is None or iso3 not in self.trend.units or year not in self.trend.years[node]:
            return None
        t, place, standing = self.trend.years[node].index(year), self.trend.unit(iso3), self.trend.standings(node)
        return self.ledger.add(
            Record(
                id=f"trend:{node}:{year}:{iso3}",
                label=f"{self.trend.model.title_of(node)} in the back-cast, {year}, {country(iso3).name}",
                iso3=iso3,
                value=_round(float(self.trend.central[node][t, place])),
                unit="points",
                year=year,
                source_id=f"{OWN}{self.trend.model.id}",
                note="the rank was sampled, the score was not",
                rank=int(standing.central[t, place]),
                rank_low=int(standing.low[t, place]),
                rank_high=int(standing.high[t, place]),
                ranked=len(self.trend.units),
            )
        )

    # Records of series

    def cell(self, name: str, iso3: str | None = None) -> Record:
        """What the index knows of a country in one of its indicators."""
        iso3 = iso3 or self.home.iso3
        each, series = self.index.model.indicators[name], self.series(name)
        k, place = self.index.panel.indicators.index(name), self.index.panel.units.index(iso3)
        raw = float(self.index.panel.raw[0, place, k])
        kind = CellStatus(int(self.index.panel.status[0, place, k]))
        first, latest, count = (
            int(getattr(self.index.panel, what)[0, place, k]) for what in ("first", "latest", "count")
        )
        status = _STATUS[kind]
        return self.ledger.add(
            Record(
                id=f"indicator:{name}:{iso3}",
                label=f"{each.title}, {country(iso3).name}",
                iso3=iso3,
                value=_round(raw, 6) if np.isfinite(raw) else None,
                unit=self.unit_of(name),
                year=latest or (series.last if kind == CellStatus.ZERO else None),
                source_id=series.source_id,
                status=status,
                note=self._cell_note(kind, words.years(first, latest, count), series, iso3),
                observed_rank=self.observed_rank(name, iso3) if status in ("observed", "estimated") else None,
                ranked=self.known_in(name) if status in ("observed", "estimated") else None,
            )
        )

    def published(self, name: str) -> Record | None:
        """Latest published value of an indicator for the country of the brief, up to the year of the index or, where
        a single edition is used, that edition; where that is what the index counts, `cell`. None where nothing was
        published at all."""
        each, series, cell = self.index.model.indicators[name], self.series(name), self.cell(name)
        upto = max(cell.year or 0, self.index.year)
        found = [row for row in _by_state(each.series).get(self.home.iso3, ()) if row[0] <= upto]
        if not found:
            return None
        year, number = found[-1]
        latest = _round(number, 6)
        if cell.status == "observed" and (cell.value, cell.year) == (latest, year):
            return cell
        return self.ledger.add(
            Record(
                id=f"published:{name}:{self.home.iso3}",
                label=f"{each.title}, latest published value, {self.home.name}",
                iso3=self.home.iso3,
                value=latest,
                unit=series.unit,
                year=year,
                source_id=series.source_id,
                status="observed",
            )
        )

    def _cell_note(self, kind: CellStatus, years: str, series: Indicator, iso3: str) -> str:
        if kind == CellStatus.MISSING:
            drawn = "; the index draws it from what is known of the country" if self.index.is_ranked(iso3) else ""
            return f"not measured{drawn}"
        if kind == CellStatus.ZERO:
            return series.structural_zero
        if kind == CellStatus.BRIDGED:
            return "on the line between two observations"
        if kind == CellStatus.CARRIED:
            return f"{years}, carried forward"
        return years if years.startswith("mean") else ""  # one year is what the column of years says already

    def is_old(self, name: str) -> bool:
        """Whether the country's last value is older than the indicator's window and so was carried forward."""
        k, place = self.index.panel.indicators.index(name), self.index.panel.units.index(self.home.iso3)
        return int(self.index.panel.status[0, place, k]) == CellStatus.CARRIED

    def unit_of(self, name: str) -> str:
        """In what the index counts an indicator: a size it is divided by included."""
        each, unit = self.index.model.indicators[name], self.series(name).unit
        return unit_per(unit, indicator(each.denominator).unit, each.per) if each.denominator else unit

    def series(self, name: str) -> Indicator:
        """The series behind an indicator of the model."""
        return indicator(self.index.model.indicators[name].series)

    def observed_rank(self, name: str, iso3: str) -> int | None:
        """Place among the UN members for which the indicator was published, 1 is strongest; None where it was not."""
        k, place = self.index.panel.indicators.index(name), self.index.panel.units.index(iso3)
        value, published = self.index.panel.value[0, :, k], self._published(name)
        return int((value[published] > value[place]).sum()) + 1 if published[place] else None

    def known_in(self, name: str) -> int:
        """Number of UN members for which the indicator was published: zeros that a list only implies do not count."""
        return int(self._published(name).sum())

    def _published(self, name: str) -> NDArray[np.bool_]:
        """The units with a value of the source in an indicator, shape (unit,)."""
        status = self.index.panel.status[0, :, self.index.panel.indicators.index(name)]
        published: NDArray[np.bool_] = ~np.isin(status, (CellStatus.MISSING, CellStatus.ZERO))
        return published

    def fact(self, series_id: str, label: str) -> tuple[Record, int]:
        """Latest published value of a series for the country of the brief, with its place among UN members, and
        how many of these have a value in the same series. Where absence from it means none, that is a zero without
        a place."""
        series = indicator(series_id)
        rows = observations([series_id]).filter(pl.col("iso3").is_in(list(self.index.panel.units)))
        latest = rows.sort("year").group_by("iso3", maintain_order=True).last()
        own = latest.filter(pl.col("iso3") == self.home.iso3)
        has_none = not len(own) and bool(series.structural_zero) and self.home.iso3 not in series.not_zero
        value = own["value"][0] if len(own) else 0.0 if has_none else None
        record = Record(
            id=f"fact:{series_id}:{self.home.iso3}",
            label=f"{label}, {self.home.name}",
            iso3=self.home.iso3,
            value=_round(value, 6) if value is not None else None,
            unit=series.unit,
            year=int(own["year"][0]) if len(own) else series.last if has_none else None,
            source_id=series.source_id,
            status="observed" if len(own) else "zero" if has_none else "missing",
            note=series.structural_zero if has_none else "",
            observed_rank=int((latest["value"] > value).sum()) + 1 if len(own) else None,
            ranked=len(latest) if len(own) else None,
        )
        return self.ledger.add(record), len(latest)

    def reference(
        self,
        name: str,
        label: str,
        text: str,
        source_id: str,
        value: float | None = None,
        unit: str = "",
        note: str = "",
    ) -> Record:
        """A plain fact of the country table."""
        return self.ledger.add(
            Record(
                id=f"fact:{name}:{self.home.iso3}",
                label=f"{label}, {self.home.name}",
                iso3=self.home.iso3,
                value=value,
                unit=unit,
                text=text,
                source_id=source_id,
                status="reference",
                note=note,
            )
        )

    # Marks

    def shift_mark(self, choice: str, measure: str) -> Interval:
        """Interval mark of what a choice moves, coloured by the side of zero on which it lies."""
        found = self._choice(choice, measure, None)
        stats = found[0] if found else dict.fromkeys(CHOICE_FIELDS, 0.0)
        record = self.moved_by(choice, measure)
        where: words.Side = "neither" if record is None else self.side(record)
        return interval_mark(where, *(stats[f"shift{part}"] for part in ("_low", "_q25", "", "_q75", "_high")))

    def gap_mark_under(self, choice: str) -> Interval:
        """Interval mark of the gap under a choice."""
        found = self._choice(choice, "gap", None)
        stats = found[0] if found else dict.fromkeys(CHOICE_FIELDS, 0.0)
        record = self.under(choice, "gap")
        where: words.Side = "neither" if record is None else self.side(record)
        return interval_mark(where, *(stats[part] for part in ("low", "q25", "value", "q75", "high")))

    def rank_mark(self, node: str, iso3: str) -> Interval:
        """Interval mark of a rank."""
        place, standing = self.index.unit(iso3), self.index.ranks(node)
        tone: Tone = "focus" if iso3 == self.home.iso3 else "peer"
        return Interval(
            low=float(standing.low[place]),
            q25=float(standing.q25[place]),
            central=float(standing.central[place]),
            q75=float(standing.q75[place]),
            high=float(standing.high[place]),
            tone=tone,
        )

    def gap_mark(self, iso3: str) -> Interval:
        """Interval mark of a gap, coloured by the side of zero on which it lies."""
        place, found = self.index.unit(iso3), self.index.gap()
        bounds = (float(getattr(found, name)[place]) for name in ("low", "q25", "value", "q75", "high"))
        return interval_mark(self.side(self.gap(iso3)), *bounds)


@lru_cache(maxsize=64)
def _by_state(series: str) -> dict[str, list[tuple[int, float]]]:
    """Years and values of a series by state, in the order of years."""
    found: dict[str, list[tuple[int, float]]] = {}
    for iso3, year, value in observations([series]).sort("year").select("iso3", "year", "value").iter_rows():
        found.setdefault(iso3, []).append((year, value))
    return found


def place_text(record: Record) -> str:
    """A rank as it stands in a table: its interval, or that it is an observed one."""
    if record.observed_rank is not None:
        return f"observed {record.observed_rank}"
    return words.rank_range(*record.place[1:])


def interval_mark(where: words.Side, low: float, q25: float, central: float, q75: float, high: float) -> Interval:
    """Mark of a difference: blue clearly above zero, orange clearly below, grey else."""
    tone: Tone = "peer" if where == "neither" else where
    return Interval(low=low, q25=q25, central=central, q75=q75, high=high, tone=tone)


def _round(value: float, digits: int = 4) -> float:
    """Enough digits for any reader, and none that change with the machine."""
    return float(f"{float(value):.{digits + 4}g}")


def value(record: Record, text: str) -> Value:
    """``text`` as the printed form of a record."""
    return Value(text, record.id)
