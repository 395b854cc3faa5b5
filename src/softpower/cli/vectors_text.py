"""The profile of a country by vector, as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from softpower.vectors.wording import (
    DOUBT,
    IMPLAUSIBLE,
    NOT_MEASURED,
    YARDSTICKS,
    balance,
    by_poles,
    corrected,
    incomplete,
    number_range,
    opposed,
    percent_range,
    poles,
    speaks,
    times,
)

if TYPE_CHECKING:
    from softpower.vectors.excesses import Excesses, Gap
    from softpower.vectors.facets import Facet
    from softpower.vectors.likeness import Likeness
    from softpower.vectors.profile import Profile
    from softpower.vectors.roles import Between, Roles

NAMES, COLUMN, WIDTH = 32, 13, 110
CLASSES = ("upper", "middle", "lower")
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
            "size would be as concentrated (1 / Herfindahl index). "
            f"{incomplete(each.id for each in profile.facets)}"
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
            f"{_OPEN if any(map(_open, profile.excesses.values())) else ''}"
        )
        yield from _partners(profile)
        if any(_doubtful(each) for each in profile.excesses.values()):
            yield _note(f"{DOUBT}.")
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
    """Values of a layer, and their intervals below; an interval alone where too much is not listed for a value."""
    both = [(times(each.excess), _interval(each.low, each.high)) for each in found.groups]
    alone = [math.isnan(each.excess) and each.high >= 0 for each in found.groups]
    yield [f"{found.layer.title}, {found.year}", *(b if only else a for (a, b), only in zip(both, alone, strict=True))]
    yield ["", *("" if only else b for (_, b), only in zip(both, alone, strict=True))]


_OPEN = (
    " One without a value reaches from none to all that statistics can leave out, taken to be no more per country than "
    "the smallest they list."
)


def _open(found: Excesses) -> bool:
    """Whether a vector has an interval and no value."""
    return any(math.isnan(each.excess) and each.high >= 0 for each in found.groups)


def _interval(low: float, high: float) -> str:
    return f"{times(low)}-{times(high)}" if high >= 0 else ""


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


def _doubtful(found: Excesses) -> bool:
    """Whether a partner that is named lies so far from what is predicted that the cell is doubted."""
    return bool((found.notable(PARTNERS)["excess"] > IMPLAUSIBLE).any())


def _gaps(profile: Profile) -> Iterator[str]:
    """Which of two poles the ties lean to."""
    lines = [
        f"  {found.layer.title}, {found.year}: {balance(each)}{_doubts(found, each)}"
        for found in profile.excesses.values()
        for each in found.gaps
    ]
    if lines:
        yield "Balance between poles, in excess over gravity (90% interval)"
        yield from lines
        yield ""


def _doubts(found: Excesses, gap: Gap) -> str:
    """Why a clear gap says little."""
    if gap.low <= 0 <= gap.high:
        return ""
    if not speaks(found, 1.0):
        return "; few people"
    return "; doubtful" if max(abs(gap.low), abs(gap.high)) > math.log(IMPLAUSIBLE) else ""


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
    looked_at = len([each for each in roles.bridges if math.isfinite(each.places["between groups"].z)])
    for bridge in roles.bridges:
        place = bridge.places["between groups"]
        name = f"Bridge between regions, {NETWORKS.get(bridge.measure, bridge.measure)} {bridge.year}"
        if not math.isfinite(place.z):
            yield from _item(f"{name}: not measured (every random network gives it the same place)")
            continue
        others = len([each for each in bridge.alike if each != profile.iso3])
        said = corrected(looked_at) if bridge.claim == "not distinguishable" else bridge.claim
        yield from _item(
            f"{name}: {said} (joins {place.observed:,.0f} untied pairs, chance gives {place.mean:,.0f}; "
            f"z {place.z:+.1f}; {_others(others)} called a bridge)"
        )
    if looked_at:
        expected = max(bridge.by_chance for bridge in roles.bridges)
        yield from _item(
            f"If no state were a bridge, chance alone would on average still name {expected:.1f} at most in a network"
        )
    if roles.buffers:
        yield from _item(
            "A buffer has ties to two poles above prediction, and the poles' own tie is below it or their votes are "
            "opposed"
        )
    for pair in by_poles(roles.buffers):
        votes = opposed(pair)
        yield from _item(
            f"Buffer between {poles(pair[0])}{f' ({votes})' if votes else ''}: {'; '.join(map(_layer, pair))}"
        )
    yield from _item(f"Middle power: {_power(roles, profile.iso3)}")
    yield ""


def _layer(each: Between) -> str:
    """What can be said of one layer, with its year."""
    found = each.found
    if math.isnan(found.share):
        return f"not measured in {each.layer.lower()} of {each.year}"
    return (
        f"{found.claim} in {each.layer.lower()} of {each.year} (holds in {found.share:.0%} of draws; {found.alike} of "
        f"{found.others} others are one)"
    )


def _item(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _others(count: int) -> str:
    return "no other state is" if not count else f"{count} other {'state is' if count == 1 else 'states are'}"


def _power(roles: Roles, iso3: str) -> str:
    """What may be said by the first yardstick, and by each the class that it is put in most often."""
    said = []
    for scale, found in roles.powers.items():
        shares = found.of(iso3)
        if math.isnan(shares[0]):
            return "not measured (too little is known)"
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
