"""Where a country stands in networks beside random ones: what the role of a bridge rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.look import Mode
from softpower.errors import NotEnoughData
from softpower.vectors.brokers import Bridge
from softpower.vectors.plots.lines import Line, Reference, Tone, lines
from softpower.vectors.plots.origin import of_measures
from softpower.vectors.profile import Profile
from softpower.vectors.roles import NETWORKS, Roles
from softpower.vectors.standing import BETWEEN
from softpower.vectors.wording import buffer_layers, by_poles, corrected, listed, poles

# Nine of ten random networks lie between these, in standard deviations.
CHANCE = 1.64
# Statistic, heading, and the sign that makes more of it more of the role.
SHOWN = (
    (BETWEEN, "Joins states of different regions (bridge)", 1),
    ("betweenness", "Lies on shortest paths", 1),
    ("constraint", "Fills structural holes", -1),
)
SAID: dict[str, tuple[str, Tone]] = {
    "bridge": ("more than by chance", "focus"),
    "fewer than its ties would give": ("less than by chance", "low"),
    "not distinguishable": ("not distinguishable", "peer"),
}


def roles(profile: Profile, *, theme: Mode = "light") -> Chart:
    """Bridge, shortest paths and structural holes by network, in standard deviations of random networks.

    Raises
    ------
    NotEnoughData
        It is no member of the United Nations, has ties of one's own only, or nothing that chance could change.
    """
    found = profile.roles
    if found is None:
        raise NotEnoughData(
            f"roles of {profile.name} are not known: members of the United Nations are compared, by bundled ties"
        )
    shown = [line for name, heading, sign in SHOWN for line in _lines(found, name, heading, sign)]
    if not shown:
        raise NotEnoughData(f"{profile.name} has so few ties that every random network gives it the same place")
    return lines(
        shown,
        Reference(-CHANCE, CHANCE, "9 of 10 random networks"),
        title=f"{profile.name}: {_finding(found)}",
        sub=frame.sentences(
            "Standard deviations from random networks in which everybody has as many ties to each region; bridges blue "
            f"or orange where chance is excluded at 5%, else {corrected(_measured(found))}; the others carry no claim",
            _buffers(found),
            f"By capabilities: {found.power.said_of(profile.iso3)}",
        ),
        source=of_measures([*(each.measure for each in found.bridges), *(each.measure for each in found.buffers)]),
        head="z, against chance",
        theme=theme,
    )


def _measured(roles: Roles) -> int:
    """In how many networks chance leaves any choice."""
    return len([each for each in roles.bridges if math.isfinite(each.places[BETWEEN].z)])


def _lines(roles: Roles, name: str, heading: str, sign: int) -> Iterator[Line]:
    """One for each network in which chance leaves any choice."""
    for each in roles.bridges:
        z = sign * each.places[name].z
        if not math.isfinite(z):
            continue
        # No role is claimed from the others, which rest on fewer networks.
        words, tone = SAID[each.claim] if name == BETWEEN else ("", "peer")
        yield Line(_network(each), z, z, z, ", ".join(filter(None, (_signed(z), words))), heading, tone)


def _signed(z: float) -> str:
    """With a real minus.

    >>> _signed(-0.76), _signed(3.74)
    ('\u22120.8', '+3.7')
    """
    return f"{z:+.1f}".replace("-", "\u2212")


def _network(bridge: Bridge) -> str:
    name = NETWORKS.get(bridge.measure, bridge.measure)
    return f"{name[0].upper()}{name[1:]}, {bridge.year}"


def _finding(roles: Roles) -> str:
    """The roles that may be claimed, with the years of the ties that they rest on."""
    joined = [
        f"{NETWORKS.get(each.measure, each.measure)} of {each.year}" for each in roles.bridges if each.claim == "bridge"
    ]
    between = [pair for pair in by_poles(roles.buffers) if buffer_layers(pair)]
    told = [f"a bridge between regions in {listed(joined)}"] if joined else []
    if between:
        told.append(listed([f"a buffer between {poles(pair[0])} {buffer_layers(pair)}" for pair in between[:2]]))
    if not joined:
        return f"{told[0]}; no clear bridge" if told else "neither a clear bridge nor a clear buffer"
    return "; ".join(told)


def _buffers(roles: Roles) -> str:
    """Pairs of poles between which it is a buffer, with how many others are."""
    likely = [each for each in roles.buffers if each.found.claim in ("buffer", "probably a buffer")]
    if not likely:
        return "no buffer between poles" if roles.buffers else ""
    return "; ".join(
        f"{each.found.claim} between {poles(each)} in {each.layer.lower()} of {each.year} ({each.found.share:.0%} of "
        f"draws; {each.found.alike} of {each.found.others} other states are one)"
        for each in likely
    )
