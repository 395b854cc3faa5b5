"""What can be said of the roles that policy texts claim: bridge, buffer, middle power."""

from __future__ import annotations

import math

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Quiet, Row, Span, Table, Text
from softpower.brief.withwhom import evidence
from softpower.vectors.brokers import Bridge
from softpower.vectors.roles import LATEST, NETWORKS, Between, Roles
from softpower.vectors.standing import BETWEEN
from softpower.vectors.wording import (
    YARDSTICKS,
    buffer_layers,
    by_poles,
    corrected,
    layers_of,
    opposed,
    poles,
    power_class,
)


def roles_table(context: Context, roles: Roles) -> Table:
    """One row for each role, with its measure and what can be said."""
    rows = [_row("“Bridge”", "joins untied states of different regions, against chance", *_bridge(context, roles))]
    if roles.buffers:
        measure = "ties to both poles above prediction, and their own below it or their votes opposed"
        rows.append(_row("“Buffer”", measure, *_buffer(context, by_poles(roles.buffers))))
    rows.append(_row("“Middle power”", "in the middle of three classes of capabilities", *_power(context, roles)))
    return Table(
        id="table-roles",
        headline=_headline(roles),
        sub="A role is said only if it holds in 95% of draws, or against chance at 5% for one state",
        columns=[Column(heading="Role and measure"), Column(heading="Measured"), Column(heading="What can be said")],
        rows=rows,
    )


def _row(role: str, measure: str, figures: Text, said: str) -> Row:
    return Row(cells=[Cell(text=[f"{role}: {measure}"]), Cell(text=figures), Cell(text=[said])])


def _headline(roles: Roles) -> str:
    bridges = _bridges(roles, "bridge")
    said = [f"A bridge in {bridges}" if bridges else "No bridge can be shown"]
    held = {(each.layer, each.year): each for each in roles.buffers if each.found.claim == "buffer"}
    if roles.buffers:
        only = " only" if len(held) < len({each.layer for each in roles.buffers}) else ""
        said.append(f"a buffer in {layers_of(list(held.values()))}{only}" if held else "no buffer")
    return "; ".join(said)


def _bridges(roles: Roles, claim: str) -> str:
    """Networks of which this is said, with their years; "" where there are none."""
    found = [f"{NETWORKS[each.measure]} of {each.year}" for each in _measured(roles) if each.claim == claim]
    return words.listing(found) if found else ""


def _measured(roles: Roles) -> list[Bridge]:
    """Networks in which chance leaves any choice."""
    return [each for each in roles.bridges if math.isfinite(each.places[BETWEEN].z)]


def _bridge(context: Context, roles: Roles) -> tuple[Text, str]:
    if not _measured(roles):
        return [Quiet("not measured")], "Not measured"
    spans: list[Span] = []
    for number, each in enumerate(roles.bridges):
        z = each.places[BETWEEN].z
        record = evidence.bridge(context, each)
        known = f"z {words.signed(z, 1)}" if math.isfinite(z) else "not measured"
        spans += [f"{'; ' if number else ''}{NETWORKS[each.measure]} {each.year} ", value(record, known)]
    bridges, fewer = _bridges(roles, "bridge"), _bridges(roles, "fewer than its ties would give")
    said = [f"a bridge in {bridges}"] if bridges else []
    said += [f"fewer than its ties would give in {fewer}"] if fewer else []
    return spans, words.sentence("; ".join(said) or corrected(len(_measured(roles))))


def _buffer(context: Context, shown: list[list[Between]]) -> tuple[Text, str]:
    """Pairs of poles of which something can be said, layer by layer."""
    spans: list[Span] = []
    said: list[str] = []
    for pair in shown:
        claimed = [each for each in pair if each.found.claim in ("buffer", "probably a buffer")]
        told = pair if claimed else [each for each in pair if each.found.claim == "not distinguishable"]
        if not told:
            continue
        spans += [f"{'; ' if spans else ''}{poles(pair[0])}: "]
        records = [(each, record) for each in told if (record := evidence.buffer(context, each)) is not None]
        for number, (each, record) in enumerate(records):
            name = f"{', ' if number else ''}{each.layer.lower()} {each.year} "
            spans += [name, value(record, f"{record.value:.0f}%")]
        for claim, start in (("buffer", "between"), ("probably a buffer", "probably between")):
            if where := buffer_layers(pair, claim):
                said.append(f"{start} {poles(pair[0])} {where}")
        if votes := opposed(claimed, dash=words.DASH):
            said.append(votes)
    if all(math.isnan(each.found.share) for pair in shown for each in pair):
        return [Quiet("not measured")], "Not measured"
    if not spans:
        return ["holds in under 5% of draws"], "No buffer"
    return [*spans, " of draws"], words.sentence("; ".join(said) or "not distinguishable")


def _power(context: Context, roles: Roles) -> tuple[Text, str]:
    """The share of sortings in the middle by each yardstick, and what the first of them allows to say."""
    home = context.home.iso3
    if any(math.isnan(share) for share in roles.power.of(home)):
        return [Quiet("not measured")], "Too little is known"
    spans: list[Span] = []
    said = [words.sentence(roles.power.said_of(home))]
    for scale, found in roles.powers.items():
        record = evidence.power(context, found, LATEST)
        spans += [f"{'; by ' if spans else 'By '}{YARDSTICKS[scale]} ", value(record, f"{record.value:.0f}%")]
        if found is not roles.power:
            said.append(f"by {YARDSTICKS[scale]} {power_class(found.said_of(home))}")
    return spans, "; ".join(said)
