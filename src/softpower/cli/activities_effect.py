"""`softpower activities effect`: whether an activity changed an outcome."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from softpower.cli.activities_shared import JSON, REGISTER, WIDTH, columns, entries, entry_of, period
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.activities.activity import Activity
    from softpower.activities.effect import Effect
    from softpower.activities.effects.report import PanelReport
    from softpower.activities.effects.seriesreport import SeriesReport
    from softpower.activities.outcomes import Outcome

METHODS = {"sdid": "Synthetic difference in differences", "sc": "Synthetic control", "did": "Difference in differences"}
EXAMPLES = """\b
Examples:
  softpower activities effect KAZ-EXPO-2017 --outcome wdi_tourist_arrivals
  softpower activities effect KAZ-SCHOL-IN --outcome uis_inbound_students
  softpower activities effect --panel p.csv --unit State --time Year --outcome Packs --treated California --start 1989
"""
# Donors and activities named in text.
NAMED = 8

QUESTION = (
    click.option(
        "--outcome", required=True, help="A series (softpower sources list --indicators), ties:MEASURE, or a column."
    ),
    click.option(
        "--panel", type=click.Path(path_type=Path), help="A table of your own, CSV or Parquet, in place of a series."
    ),
    click.option("--unit", help="Its column of units."),
    click.option("--time", help="Its column of periods."),
    click.option(
        "--treated",
        help="Units that had the activity, with , between.  [default: the sender; of ties: whom it was aimed at]",
    ),
    click.option(
        "--start", help="First period that it could have moved.  [default: the year after it began, or of it by July]"
    ),
    click.option("--end", help="Last period looked at.  [default: the last there is]"),
    click.option(
        "--without", default="", help="Units that are no donors, with , between: they had the like or felt it."
    ),
    click.option("--donors", default="", help="The only donors, with , between."),
    click.option(
        "--toward",
        type=click.Choice(["home", "partners"]),
        default="home",
        show_default=True,
        help="Of ties: what flows to the sender, or from it.",
    ),
    click.option(
        "--as",
        "scale",
        type=click.Choice(["level", "log", "index"]),
        help="Levels, logarithms, or per cent of the mean before.  [default: log for counts and money, else level]",
    ),
    click.option("--season", type=int, help="Periods of a season, 12 for months; for a series without donors."),
    click.option(
        "--draws",
        default=999,
        show_default=True,
        type=click.IntRange(99, 100_000),
        help="Random assignments, where there are more than as many.",
    ),
    click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of the random numbers."),
)
Command = TypeVar("Command", bound=Callable[..., object])


def question(command: Command) -> Command:
    """The options that say of what an effect is estimated; `answer` takes their values."""
    for option in reversed(QUESTION):
        command = option(command)
    return command


@click.command(epilog=EXAMPLES, short_help="Did it change anything? Estimates, placebo tests, a verdict.")
@click.argument("id", required=False)
@question
@REGISTER
@JSON
def effect(id: str | None, address: str | None, as_json: bool, **asked: Any) -> None:
    """Estimate what the activity ID changed in an outcome, or what happened in a table of your own.

    With units to compare with: synthetic difference in differences, synthetic control and plain difference in
    differences, each tested against all units that had no activity. Without: a forecast from the series' own past,
    which names no cause. "Cannot tell" is an ordinary answer, and the smallest effect that could have been seen stands
    beside "no detectable change".
    """
    with progress() as tell:
        found = answer(id, address, tell=tell, **asked)
    if as_json:
        click.echo(json.dumps(found.document(), ensure_ascii=False, allow_nan=False))
        return
    for line in text(found):
        click.echo(line)


def answer(
    id: str | None,
    address: str | None,
    *,
    tell: Callable[[str], None],
    outcome: str,
    panel: Path | None,
    unit: str | None,
    time: str | None,
    treated: str | None,
    start: str | None,
    end: str | None,
    without: str,
    donors: str,
    toward: str,
    scale: str | None,
    season: int | None,
    draws: int,
    seed: int,
) -> Effect:
    """The effect that was asked for with `question`."""
    from softpower.activities.effect import effect as estimated
    from softpower.errors import BadRequest

    register = entries(address)
    activity = None if id is None else entry_of(id, register)
    if activity is None and panel is None:
        raise BadRequest(
            "give the id of an activity, or a table with --panel; softpower activities effect --help has examples"
        )
    if panel is None and (unit or time):
        raise BadRequest("--unit and --time name columns of a table: give it with --panel")
    tell("Reading the outcome")
    if panel is not None:
        what = _from_file(panel, unit, time, outcome, treated, start, end, without, donors, scale)
    else:
        assert activity is not None
        what = _from_snapshot(activity, outcome, treated, start, end, without, donors, toward, scale)
    if donors and not what.donors:
        raise BadRequest("none of the donors named has a value in every period; name others, or cut off periods: --end")
    tell(f"Comparing with {len(what.donors)} donors" if what.donors else "Comparing with its own past")
    return estimated(what, activity=activity, register=register, season=season, seed=seed, draws=draws)


def _from_file(
    panel: Path,
    unit: str | None,
    time: str | None,
    outcome: str,
    treated: str | None,
    start: str | None,
    end: str | None,
    without: str,
    donors: str,
    scale: str | None,
) -> Outcome:
    from softpower.activities.outcomefile import of_file
    from softpower.errors import BadRequest

    needed = {"--unit": unit, "--time": time, "--treated": treated, "--start": start}
    if lacking := [name for name, value in needed.items() if not value]:
        raise BadRequest(f"a table with --panel needs {', '.join(lacking)} too")
    return of_file(
        panel, unit=unit or "", time=time or "", outcome=outcome, treated=_split(treated or ""), start=start or "",
        end=end, without=_split(without), donors=_split(donors), scale=scale or "level",  # type: ignore[arg-type]  # click knows the choices
    )  # fmt: skip


def _from_snapshot(
    activity: Activity,
    outcome: str,
    treated: str | None,
    start: str | None,
    end: str | None,
    without: str,
    donors: str,
    toward: str,
    scale: str | None,
) -> Outcome:
    from softpower.activities.effect import aimed_at
    from softpower.activities.outcomes import TIE, country_codes, of_series, of_ties

    first = _year("--start", start) if start else _first_year(activity)
    options = {
        "end": None if end is None else _year("--end", end),
        "without": country_codes(_split(without)),
        "donors": country_codes(_split(donors)),
        "scale": scale,
    }
    if outcome.startswith(TIE):
        chosen = country_codes(_split(treated)) if treated else aimed_at(activity)
        return of_ties(outcome.removeprefix(TIE), activity.sender[0], chosen, first, toward=toward, **options)  # type: ignore[arg-type]
    chosen = country_codes(_split(treated)) if treated else activity.sender
    return of_series(outcome, chosen, first, **options)  # type: ignore[arg-type]


def _first_year(activity: Activity) -> int:
    """The first year that it could have moved: its own if it began in the first half or on an unknown day of it."""
    late = activity.date_precision != "year" and activity.start.month > 6
    return activity.start.year + late


def _year(name: str, text: str) -> int:
    from softpower.errors import BadRequest

    if not text.strip().isdecimal():
        raise BadRequest(f"{name} {text}: series of softpower are by year; give one, such as 2017")
    return int(text)


def _split(text: str) -> list[str]:
    """Names between commas; a name with commas of its own stands in quotation marks."""
    return [each.strip() for each in next(csv.reader([text], skipinitialspace=True), []) if each.strip()]


def text(found: Effect) -> Iterator[str]:
    """A result in lines."""
    from softpower.activities.effects.report import PanelReport

    what = found.outcome
    named = ", ".join(what.units[at] for at in what.treated[:NAMED])
    title = what.title if found.activity is None else f"{found.activity.name}: {what.title}"
    yield title
    after = len(what.times) - what.start
    yield f"{named}, from {what.labels[what.start]} on; {what.start} periods before, {after} after"
    if what.left_out:
        none = "" if what.donors else "; none is whole, so that there is nothing to compare with"
        yield f"{len(what.left_out)} units with a gap in these periods are left out{none}"
    yield ""
    yield from textwrap.wrap(found.sentence, WIDTH)
    yield ""
    if isinstance(found.report, PanelReport):
        yield from _panel(found, found.report)
    else:
        yield from _series(found, found.report)
    yield from _concurrent(found)


def _panel(found: Effect, report: PanelReport) -> Iterator[str]:
    rows = [("Method", "Effect", f"{report.level:.0%} intervals", "p", "Verdict alone")]
    for each in report.methods:
        if each.placebos is None:
            rows.append((METHODS[each.method], "-", "; ".join(each.finding.reasons), "-", "cannot tell"))
            continue
        told = [f"{i.kind} {found.said(i.low)} to {found.said(i.high)}" for i in each.intervals]
        p, said = f"{each.placebos.p_value:.3f}", each.finding.verdict.value.replace("_", " ")
        rows.append((METHODS[each.method], found.said(each.placebos.att), told[0] if told else "-", p, said))
        rows += [("", "", interval, "", "") for interval in told[1:]]
    yield from columns(rows, (35, 9, 34, 6, 21))
    unit = found.unit or "units of the outcome"
    yield f"Effects in {unit}; p: share of assignments to other units with as large an effect"
    if report.agreement:
        yield report.agreement
    chief = report.chief
    for caveat in dict.fromkeys(i.caveat for each in report.methods for i in each.intervals if i.caveat):
        yield from textwrap.wrap(f"Resampling: {caveat}", WIDTH)
    if report.finding.verdict.value == "no_detectable_change" and any(i.low > 0 or i.high < 0 for i in chief.intervals):
        yield f"An interval of {report.level:.0%} leaves out zero; the verdict asks for p {report.size:g} at most."
    if chief.placebos is not None and chief.detectable is not None:
        fit = chief.placebos.estimate
        yield ""
        yield from textwrap.wrap(
            "Smallest effect that would have stood out in four of five cases: "
            f"{_size(found, chief.detectable.by_rank)}. Before the start the comparison missed the treated by "
            f"{_size(found, fit.pre_rmspe)} (root mean square).",
            WIDTH,
        )
        weights = ", ".join(f"{unit} {weight:.2f}" for unit, weight in chief.weights[:NAMED])
        yield from textwrap.wrap(f"Donors with most weight: {weights}, of {len(found.outcome.donors)}.", WIDTH)
        if chief.left_out is not None:
            low, high = chief.left_out
            yield f"Without any one donor: {found.said(low)} to {found.said(high)}."
        if chief.in_time:
            earlier = ", ".join(f"{back} earlier {found.said(att)}" for back, att in chief.in_time[:NAMED])
            yield from textwrap.wrap(f"Placebo in time, the start so many periods earlier: {earlier}.", WIDTH)
    curve = report.curve
    yield from textwrap.wrap(
        f"Over {len(curve.rows)} other choices of method, periods and donors: median {found.said(curve.median)}, from "
        f"{found.said(curve.least)} to {found.said(curve.most)}.",
        WIDTH,
    )
    from softpower.activities.effects.verdict import assumptions

    yield ""
    yield "It assumes"
    for assumption in assumptions(report.chief.method):
        yield from textwrap.wrap(assumption, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _size(found: Effect, size: float) -> str:
    """An amount without a sign, with its unit."""
    unit = f"{'' if found.unit.startswith('%') else ' '}{found.unit}" if found.unit else ""
    return found.said(size).removeprefix("+") + unit


def _series(found: Effect, report: SeriesReport) -> Iterator[str]:
    from softpower.activities.effects.forecast import ASSUMPTIONS

    rows = [("Interval", f"{report.level:.0%}")]
    rows += [
        (each.kind.replace("_", " "), f"{found.said(each.low)} to {found.said(each.high)}") for each in report.intervals
    ]
    yield f"Observed less expected: {found.said(report.estimate)} {found.unit}".rstrip()
    yield from columns(rows, (20, 60))
    yield f"p {report.p:.3f}; smallest change that would have stood out: {_size(found, report.smallest_detectable)}"
    for name, why in report.refused.items():
        yield from textwrap.wrap(f"{name.replace('_', ' ')}: {why}", WIDTH)
    yield ""
    yield "There is no comparison group: nothing here says why. It assumes"
    for each in ASSUMPTIONS:
        yield from textwrap.wrap(each, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _concurrent(found: Effect) -> Iterator[str]:
    if found.activity is None:
        return
    yield ""
    if not found.concurrent:
        yield "No other activity of the same sender is registered around the start; that does not mean there was none."
        return
    yield "Also registered around the start; this design cannot tell them apart"
    for each in found.concurrent[:NAMED]:
        yield "  " + textwrap.shorten(f"{period(each)} {each.name} ({each.id})", WIDTH, placeholder=" ...")
    if len(found.concurrent) > NAMED:
        yield f"  and {len(found.concurrent) - NAMED} more"
