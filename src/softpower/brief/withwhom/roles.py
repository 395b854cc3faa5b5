"""What can be said of the roles that policy texts claim: bridge, buffer, middle power."""

from __future__ import annotations

import math

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Quiet, Row, Span, Table, Text
from softpower.brief.withwhom import evidence
from softpower.vectors.roles import LATEST, Between, Roles

YARDSTICKS = {"root": "roots of world shares", "share": "world shares", "log": "logarithms"}


def roles_table(context: Context, roles: Roles) -> Table:
    """One row for each role, with its measure and what can be said."""
    rows = [_row("“Bridge”", "joins untied states of different regions, against chance", *_bridge(context, roles))]
    pairs = dict.fromkeys((each.one.id, each.other.id) for each in roles.buffers)
    shown = [[each for each in roles.buffers if (each.one.id, each.other.id) == pair] for pair in pairs]
    if shown:
        rows.append(_row("“Buffer”", "ties to two poles above prediction, poles apart", *_buffer(context, shown)))
    rows.append(_row("“Middle power”", "in the middle of three classes of capabilities", *_power(context, roles)))
    return Table(
        id="table-roles",
        headline=_headline(roles),
        sub="A role is said only if it holds in 95% of draws, or against chance at 5%",
        columns=[Column(heading="Role and measure"), Column(heading="Measured"), Column(heading="What can be said")],
        rows=rows,
    )


def _row(role: str, measure: str, figures: Text, said: str) -> Row:
    return Row(cells=[Cell(text=[f"{role}: {measure}"]), Cell(text=figures), Cell(text=[said])])


def _headline(roles: Roles) -> str:
    bridges = [each for each in roles.bridges if each.claim == "bridge"]
    buffers = [each for each in roles.buffers if each.found.claim == "buffer"]
    said = [
        f"A bridge in {words.listing([evidence.NETWORKS[each.measure] for each in bridges])}"
        if bridges
        else "No bridge can be shown"
    ]
    if roles.buffers:
        said.append("a buffer in some ties" if buffers else "no buffer")
    return "; ".join(said)


def _bridge(context: Context, roles: Roles) -> tuple[Text, str]:
    figures: Text = [Quiet("not measured")]
    if roles.bridges:
        spans: list[Span] = []
        for number, each in enumerate(roles.bridges):
            z = each.places["between groups"].z
            record = evidence.bridge(context, each)
            known = words.signed(z, 1) if math.isfinite(z) else "—"
            spans += [f"{'; ' if number else ''}{evidence.NETWORKS[each.measure]} ", value(record, f"z {known}")]
        figures = spans
    claims = {each.claim for each in roles.bridges}
    bridges = [evidence.NETWORKS[each.measure] for each in roles.bridges if each.claim == "bridge"]
    if bridges:
        return figures, f"A bridge in {words.listing(bridges)}"
    return figures, "Not distinguishable" if "not distinguishable" in claims else "Fewer than its ties would give"


def _buffer(context: Context, shown: list[list[Between]]) -> tuple[Text, str]:
    spans: list[Span] = []
    said: list[str] = []
    for each in (one for pair in shown for one in pair):
        record = evidence.buffer(context, each)
        if record is None or each.found.claim not in ("buffer", "probably a buffer", "not distinguishable"):
            continue
        between = f"{each.one.in_text} and {each.other.in_text}, {each.layer.lower()}"
        spans += ["; " if spans else "", f"{between} ", value(record, f"{record.value:.0f}% of draws")]
        if each.found.claim in ("buffer", "probably a buffer"):
            claim = each.found.claim.replace("a buffer", "").strip()
            said.append(f"{'Probably between' if claim == 'probably' else 'Between'} {between}")
    if not spans:
        return ["holds in under 5% of draws"], "No buffer"
    return spans, "; ".join(said) if said else "Not distinguishable"


def _power(context: Context, roles: Roles) -> tuple[Text, str]:
    """The share of sortings in the middle by each yardstick, and what the first of them allows to say."""
    home = context.home.iso3
    if any(math.isnan(share) for share in roles.power.of(home)):
        return [Quiet("not measured")], "Too little is known"
    spans: list[Span] = []
    for scale, found in roles.powers.items():
        record = evidence.power(context, found, LATEST)
        spans += [f"{'; by ' if spans else 'By '}{YARDSTICKS[scale]} ", value(record, f"{record.value:.0f}%")]
    others = {found.said_of(home) for found in roles.powers.values()} - {roles.power.said_of(home)}
    said = words.sentence(roles.power.said_of(home))
    return spans, f"{said}; by other yardsticks {' or '.join(sorted(others))}" if others else said
