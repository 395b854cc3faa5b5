"""The profile of a country by vector, as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softpower.vectors.excesses import Excesses
    from softpower.vectors.facets import Facet
    from softpower.vectors.likeness import Likeness
    from softpower.vectors.profile import Profile
    from softpower.vectors.roles import Roles

NAMES, COLUMN, WIDTH = 32, 13, 110
NOT_MEASURED = "-"
CLASSES = ("upper", "middle", "lower")
YARDSTICKS = {"root": "roots of world shares", "share": "world shares", "log": "logarithms"}
# Partners named for each layer.
PARTNERS = 8


def text(profile: Profile) -> str:
    """The whole profile."""
    return "\n".join(_parts(profile))


def _parts(profile: Profile) -> Iterator[str]:
    heads = [vector.name for vector in profile.vectors]
    yield f"{profile.name}: with whom\n"
    if profile.facets:
        yield from _table(
            "Share of each kind of tie, %",
            heads,
            [_shares(each) for each in profile.facets],
            last="effective\npartners",
        )
        yield _note(
            "A range where not all partners are named; - not measured. Shares are counts, not samples. Vectors overlap "
            f"({_overlap(profile)}), so that a row may add up to more than 100. Effective partners: as many of equal "
            "size would be as concentrated (1 / Herfindahl index)."
        )
    if profile.likenesses:
        yield from _table(
            "Likeness, %, mean over the members of each vector",
            heads,
            [_alike(each) for each in profile.likenesses],
            last="all\nstates",
        )
        yield _note("; ".join(f"{each.title}: {each.what}" for each in profile.likenesses) + ".")
    if profile.excesses:
        yield from _table(
            "Excess ties, times what gravity predicts (90% interval below)",
            heads,
            [row for each in profile.excesses.values() for row in _excess(each)],
            last="",
        )
        yield _note(
            "Gravity predicts ties from what each country has in total, distance, borders, languages and colonial "
            "past. An interval that spans 1 cannot be told from the prediction."
        )
        yield from _partners(profile)
        yield from _gaps(profile)
    yield from _split(profile)
    if profile.roles is not None:
        yield from _roles(profile, profile.roles)
    if profile.china:
        yield from _china(profile)
    if profile.hard_power:
        from softpower.vectors.hardpower import BESIDE

        yield "Hard power, for context"
        yield from (f"  {each.text}" for each in profile.hard_power)
        yield f"  {BESIDE}"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, last: str) -> Iterator[str]:
    """Lines of a table: names left, numbers right."""
    yield title
    tops = [textwrap.wrap(head, COLUMN - 2)[:3] or [""] for head in heads] + [last.split("\n")]
    height = max(len(top) for top in tops)
    for line in range(height):
        cells = [top[line - height + len(top)] if line >= height - len(top) else "" for top in tops]
        yield (" " * NAMES + "".join(cell.rjust(COLUMN) for cell in cells)).rstrip()
    for row in rows:
        yield (row[0][: NAMES - 1].ljust(NAMES) + "".join(cell.rjust(COLUMN) for cell in row[1:])).rstrip()


def _shares(facet: Facet) -> list[str]:
    least, most = facet.bounds[0], facet.bounds[1]
    cells = [percent_range(a, b) for a, b in zip(least.tolist(), most.tolist(), strict=True)]
    few = facet.balance.effective
    number = number_range(float(few.least), float(few.most)) if facet.flows.layer.concentrates else NOT_MEASURED
    return [f"{facet.title}, {facet.year}", *cells, number]


def _alike(likeness: Likeness) -> list[str]:
    years = f"{likeness.first}-{likeness.last % 100:02}" if likeness.first < likeness.last else str(likeness.last)
    cells = [percent_range(value, value) for value in likeness.value]
    return [f"{likeness.title}, {years}", *cells, percent_range(likeness.all_states, likeness.all_states)]


def _excess(found: Excesses) -> Iterator[list[str]]:
    """Values of a layer, and their intervals below."""
    yield [f"{found.layer.title}, {found.year}", *(times(each.excess) for each in found.groups)]
    yield ["", *(f"{times(each.low)}-{times(each.high)}" if each.excess >= 0 else "" for each in found.groups)]


def _partners(profile: Profile) -> Iterator[str]:
    """The partners with whom ties lie farthest from what is predicted."""
    from softpower.world import country

    for found in profile.excesses.values():
        rows = found.notable(PARTNERS).sort("excess", descending=True)
        said = [
            f"{country(row['partner']).label} {times(row['excess'])} ({times(row['low'])}-{times(row['high'])})"
            if row["observed"]
            else f"{country(row['partner']).label} none, with {row['expected']:,.0f} predicted"
            for row in rows.iter_rows(named=True)
        ]
        if said:
            yield textwrap.fill(
                f"{found.layer.title}, {found.year}: {', '.join(said)}",
                WIDTH,
                initial_indent="  ",
                subsequent_indent="    ",
            )
    yield ""


def _gaps(profile: Profile) -> Iterator[str]:
    """Which of two poles the ties lean to."""
    lines = []
    for found in profile.excesses.values():
        for each in found.gaps:
            stronger, weaker = (each.one, each.other) if each.log_ratio > 0 else (each.other, each.one)
            ratio = math.exp(abs(each.log_ratio))
            said = (
                f"not distinguishable between {each.one.in_text} and {each.other.in_text}"
                if each.low <= 0 <= each.high
                else f"the excess with {stronger.in_text} is {times(ratio)} times that with {weaker.in_text}"
            )
            lines.append(f"  {found.layer.title}, {found.year}: {said}")
    if lines:
        yield "Balance between poles, in excess over gravity"
        yield from lines
        yield ""


def _china(profile: Profile) -> Iterator[str]:
    """Sums of what AidData counted."""
    said = [
        f"{each.title} {each.value:,.0f}{' ' if each.unit else ''}{each.unit} ({each.first}-{each.last % 100:02})"
        for each in profile.china
    ]
    yield from _item(
        f"China towards {profile.name}, as AidData counted it (no other sender is counted so): {'; '.join(said)}"
    )
    yield ""


def _split(profile: Profile) -> Iterator[str]:
    """Ballots where two poles oppose each other."""
    for each in profile.split:
        yield f"Votes where {each.one.in_text} and {each.other.in_text} oppose each other, {each.first}-{each.last}"
        for choice, words in (
            (each.with_one, f"with {each.one.in_text}"),
            (each.with_other, f"with {each.other.in_text}"),
            (each.abstained, "abstained"),
        ):
            yield f"  {choice.n:>4} {words} ({choice.share:.0%}, 90% interval {choice.low:.0%}-{choice.high:.0%})"
        yield (
            f"  on {each.n_votes} roll calls about {each.n_questions} questions; the median state: {each.median:.0%} "
            f"with {each.one.in_text}"
        )
        yield ""


def _roles(profile: Profile, roles: Roles) -> Iterator[str]:
    """Bridge, buffer, middle power: what can be said, and of how many others."""
    from softpower.vectors.roles import NETWORKS

    yield "Roles"
    for bridge in roles.bridges:
        place = bridge.places["between groups"]
        others = len([each for each in bridge.alike if each != profile.iso3])
        yield from _item(
            f"Bridge between regions, {NETWORKS.get(bridge.measure, bridge.measure)} {bridge.year}: {bridge.claim} "
            f"(joins {place.observed:,.0f} untied pairs, chance gives {place.mean:,.0f}; z {place.z:+.1f}; "
            f"{_others(others)} called a bridge)"
        )
    for each in roles.buffers:
        found = each.found
        against = ", whose votes are opposed" if each.opposition is not None and each.opposition.opposed else ""
        yield from _item(
            f"Buffer between {each.one.in_text} and {each.other.in_text}{against}, {each.layer.lower()} {each.year}: "
            f"{found.claim} (holds in {found.share:.0%} of draws; {found.alike} of {found.others} others are one)"
        )
    yield from _item(f"Middle power: {_power(roles, profile.iso3)}")
    yield ""


def _item(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _others(count: int) -> str:
    return "no other state is" if not count else f"{count} other {'state is' if count == 1 else 'states are'}"


def _power(roles: Roles, iso3: str) -> str:
    """What may be said, and the class that each yardstick puts it in most often."""
    said = []
    for scale, found in roles.powers.items():
        shares = found.of(iso3)
        most = max(range(3), key=lambda at: shares[at])
        said.append(f"{CLASSES[most]} class in {shares[most]:.0%} by {YARDSTICKS[scale]}")
    middle = len(roles.power.called("middle power"))
    return f"{roles.power.said_of(iso3)}; {', '.join(said)}; {middle} states are middle powers by the first"


def _overlap(profile: Profile) -> str:
    """An example of two vectors that share members."""
    from softpower.world import overlap

    year = max(facet.year for facet in profile.facets)
    for at, one in enumerate(profile.vectors):
        for other in profile.vectors[at + 1 :]:
            if shared := overlap(one, other, year=year):
                return f"{one.name} and {other.name} share {len(shared)} {'member' if len(shared) == 1 else 'members'}"
    return "none of those shown do"


def _note(words: str) -> str:
    return textwrap.fill(words, WIDTH) + "\n"


def percent_range(low: float, high: float) -> str:
    """Shares in per cent, as one number where both are the same.

    >>> percent_range(0.194, 0.194), percent_range(0.81, 0.85), percent_range(0.004, 0.004)
    ('19', '81-85', '0.4')
    """
    if math.isnan(low):
        return NOT_MEASURED
    first, second = (_percent(each) for each in (low, high))
    return first if first == second else f"{first}-{second}"


def number_range(low: float, high: float) -> str:
    """Two numbers to one decimal, as one where both are the same.

    >>> number_range(9.31, 9.31), number_range(1.5, 2.25)
    ('9.3', '1.5-2.2')
    """
    first, second = f"{low:.1f}", f"{high:.1f}"
    return first if first == second else f"{first}-{second}"


def times(value: float) -> str:
    """How many times, to two figures.

    >>> times(13.05), times(0.128), times(2.2), times(0.0), times(584.0)
    ('13', '0.13', '2.2', '0', '584')
    """
    if math.isnan(value):
        return NOT_MEASURED
    return f"{value:,.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}" if value >= 0.995 else f"{value:.2g}"


def _percent(share: float) -> str:
    value = 100 * share
    return f"{value:.0f}" if value >= 0.95 or value == 0 else f"{value:.1g}"
