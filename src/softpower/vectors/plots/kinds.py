"""The plots of a country's vectors by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from softpower.drawing.frame import Chart
from softpower.drawing.look import Mode
from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.excesses import Excesses
from softpower.vectors.facets import Facet
from softpower.vectors.likeness import yearly_agreement
from softpower.vectors.plots.concentration import UNEVEN, balance
from softpower.vectors.plots.lines import Line, Reference, lines
from softpower.vectors.plots.matrix import Cell, Row, matrix, percent
from softpower.vectors.plots.origin import of_measures, source_line
from softpower.vectors.plots.panels import Panel, Path, panels
from softpower.vectors.plots.standing import roles
from softpower.vectors.plots.worldmap import Tie, times, world_map
from softpower.vectors.profile import Profile
from softpower.vectors.votes import bundled_ideal_points
from softpower.vectors.wording import DOUBT, IMPLAUSIBLE, LEAST, at_least, enough, ranged, speaks
from softpower.world import country

GRAVITY = "Predicted from what each country has in total, distance, borders, languages and colonial past."
# Layers that a plot of excess ties shows unless another is asked for.
PEOPLE = ("emigrants", "students_abroad")
# On a log scale nothing is drawn below this.
FLOOR = 0.01
# The first session.
FIRST = 1946
COUNTED = "Shares are counts, without sampling error; vectors overlap and do not add up to 100%."


def ties(profile: Profile, *, theme: Mode = "light") -> Chart:
    """Shares of all layers and likenesses by vector."""
    rows = [
        Row(
            facet.title,
            str(facet.year),
            [
                Cell(least, most, predicted)
                for least, most, predicted in zip(
                    facet.bounds[0].tolist(),
                    facet.bounds[1].tolist(),
                    _predicted(profile, facet),
                    strict=True,
                )
            ],
        )
        for facet in profile.facets
    ]
    rows += [
        Row(
            each.title,
            str(each.last) if each.first == each.last else f"{each.first}\u2013{each.last % 100:02}",
            [Cell(value, value, each.all_states) for value in each.value],
        )
        for each in profile.likenesses
    ]
    most = _most_lopsided(profile)
    return matrix(
        rows,
        [vector.name for vector in profile.vectors],
        title=f"{profile.name}: {most}",
        sub=(
            "Share of each kind of tie by vector, a range where not all partners are named; sand tick: what gravity "
            "predicts. Votes, visas and organisations: mean over the members, sand tick the mean over all states. "
            f"{COUNTED}"
        ),
        source=source_line(profile, profile.facets),
        theme=theme,
    )


def _predicted(profile: Profile, facet: Facet) -> list[float]:
    """The share of each vector that gravity predicts, where the model is of the year shown."""
    found = profile.excesses.get(facet.id)
    if found is None or found.year != facet.year:
        return [math.nan] * len(facet.vectors)
    return found.predicted()


def shares(profile: Profile, layer: str = "", *, theme: Mode = "light") -> Chart:
    """Shares of one layer by vector over the years."""
    facet = of_layer(profile, layer or _longest(profile))
    named = (facet.members & ~np.isnan(facet.values)[:, None, :]).any(axis=-1)
    path = np.where(named, facet.path, np.nan)
    paths = [Path(facet.years, path[:, at].tolist()) for at in range(len(facet.vectors))]
    known = [at for at, each in enumerate(paths) if any(map(math.isfinite, each.value))]
    shown = [Panel(facet.vectors[at].name, paths[at], [paths[other] for other in known if other != at]) for at in known]
    return panels(
        shown,
        title=f"{profile.name}, {facet.title.lower()}: {_moved(facet)}",
        sub=(
            f"Share of {facet.title.lower()} by vector, {facet.years[0]}\u2013{facet.years[-1]}; grey: the "
            f"other vectors. {'At least, where not all partners are named. ' if _pooled(facet) else ''}{COUNTED}"
        ),
        source=source_line(profile, [facet]),
        say=percent,
        ticks=(0.0, 0.25, 0.5) if np.nanmax(path) < 0.6 else (0.0, 0.5, 1.0),
        theme=theme,
    )


def excess(profile: Profile, layer: str = "", *, theme: Mode = "light") -> Chart:
    """What exceeds gravity, partner by partner, in one layer or in two that belong together."""
    if layer:
        chosen = [of_model(profile, layer)]
    else:
        chosen = [profile.excesses[each] for each in PEOPLE if each in profile.excesses]
        chosen = chosen or list(profile.excesses.values())
    if not chosen:
        raise NotEnoughData(f"no layer of {profile.name} has a world-wide matrix")
    shown = [
        Line(
            name=country(row["partner"]).label,
            value=max(row["excess"], FLOOR),
            low=max(row["low"], FLOOR),
            high=max(row["high"], FLOOR),
            text=f"{times(row['excess'])} ({times(row['low'])} to {times(row['high'])})"
            if row["observed"]
            else f"none, {row['expected']:,.0f} predicted",
            group=f"{found.layer.title}, {found.year}" if len(chosen) > 1 else "",
        )
        for found in chosen
        for row in found.notable(14 if len(chosen) == 1 else 8).sort("excess", descending=True).iter_rows(named=True)
    ]
    if not shown:
        title = " and ".join(each.layer.title.lower() for each in chosen)
        raise NotEnoughData(
            f"{profile.name} has no {title} to be drawn, and gravity predicts less than one with any country"
        )
    return lines(
        shown,
        Reference(1.0, 1.0, "as predicted"),
        title=_farthest(profile, chosen),
        sub=(
            f"Ties observed over ties predicted, log scale, 90% interval; the largest partners by either. {GRAVITY}"
            f"{f' {DOUBT}.' if any(line.value > IMPLAUSIBLE for line in shown) else ''}"
        ),
        source=of_measures([each.measure for each in chosen], "geodist_cepii"),
        scale="log",
        theme=theme,
    )


def excess_map(profile: Profile, layer: str = "", *, theme: Mode = "light") -> Chart:
    """What exceeds gravity in one layer, on a map."""
    found = of_model(profile, layer or _mapped(profile))
    rows = found.partners.filter(pl.col("excess").is_not_null())
    known = [Tie(row["partner"], row["excess"], row["low"], row["high"]) for row in rows.iter_rows(named=True)]
    return world_map(
        profile.iso3,
        known,
        title=_farthest(profile, [found]),
        sub=(
            f"{found.layer.title}, {found.year}: observed over predicted ties; coloured where the 90% interval lies on "
            f"one side of 1. {GRAVITY}"
        ),
        source=of_measures([found.measure], "geodist_cepii"),
        theme=theme,
    )


def of_model(profile: Profile, layer: str) -> Excesses:
    """The excess ties of a layer.

    Raises
    ------
    BadRequest
        The layer has no world-wide matrix, or the country is not in it.
    """
    if layer not in profile.excesses:
        raise BadRequest(
            f"no excess ties of {profile.name} in layer {layer!r}; there are some in "
            f"{', '.join(profile.excesses) or 'none'}"
        )
    return profile.excesses[layer]


def _mapped(profile: Profile) -> str:
    if not profile.excesses:
        raise NotEnoughData(f"no layer of {profile.name} has a world-wide matrix")
    return "emigrants" if "emigrants" in profile.excesses else next(iter(profile.excesses))


def _farthest(profile: Profile, chosen: Sequence[Excesses]) -> str:
    """The clear excess among large ties that is farthest from what is predicted."""
    clear = [
        (max(row["low"], 1 / max(row["high"], FLOOR)), each, row)
        for each in chosen
        for row in each.notable(14, least=0.02).iter_rows(named=True)
        if (row["low"] > 1 or row["high"] < 1) and (row["observed"] or each.layer.absent == "zero")
    ]
    if not clear:
        return f"{profile.name}: no large tie is clearly off what is predicted"
    found = [(size, each.layer.title, row) for size, each, row in clear if speaks(each, row["excess"])]
    if not found:
        return f"{profile.name}: large ties beside what is predicted"
    _, layer, row = max(found, key=lambda each: each[0])
    partner = country(row["partner"]).label
    if not row["observed"]:
        return f"{profile.name}, {layer.lower()}: none with {partner}, where {row['expected']:,.0f} are predicted"
    said = times(row["excess"]).removesuffix("\u00d7")
    return f"{profile.name}, {layer.lower()}: with {partner} {said} times what is predicted"


def votes(profile: Profile, *, theme: Mode = "light") -> Chart:
    """How often it votes with each vector, year by year."""
    shown, last = [], {}
    for vector in profile.vectors:
        try:
            found = yearly_agreement(profile.iso3, [vector], first=FIRST)
        except (BadRequest, NotEnoughData):  # it never voted, or nobody of the vector in the same years
            continue
        mine = found.filter(pl.col("year") <= (profile.year or found["year"].max()))
        if mine.is_empty():
            continue
        years, value = mine["year"].to_list(), mine["agreement"].to_list()
        path = Path(years, value, mine["low"].to_list(), mine["high"].to_list())
        shown.append(Panel(vector.name, path, [Path(years, mine["with_all"].to_list())]))
        last[vector.in_text] = value[-1]
    if not shown:
        raise NotEnoughData(f"{profile.name} cast no ballot in the sessions at hand together with any vector")
    most, least = max(last, key=lambda name: last[name]), min(last, key=lambda name: last[name])
    return panels(
        shown,
        title=f"In the UN {profile.name} voted most with {most} ({percent(last[most])})"
        + (f", least with {least} ({percent(last[least])})" if most != least else ""),
        sub=(
            "Share of roll calls with the same ballot (exact rule), mean over the members that voted, with its 90% "
            f"interval, up to {max(path.subject.years[-1] for path in shown)}; grey: mean over all states"
        ),
        source="Source: Voeten, Strezhnev and Bailey, UN General Assembly voting data (CC0); own calculation.",
        say=percent,
        ticks=(0.0, 0.5, 1.0),
        domain=(0.0, 1.0),
        theme=theme,
    )


def ideal_points(profile: Profile, beside: Sequence[str] = (), *, theme: Mode = "light") -> Chart:
    """Where it stands in the votes of the UN, session by session, beside others."""
    rows = bundled_ideal_points()
    others = [each for each in beside or _pole_states(profile) if each != profile.iso3]
    unknown = [each for each in (profile.iso3, *others) if rows.filter(iso3=each).is_empty()]
    if unknown:
        raise NotEnoughData(f"{country(unknown[0]).name} cast no ballot in the sessions at hand")
    since = int(rows.filter(iso3=profile.iso3)["year"].min())  # type: ignore[arg-type]
    rows = rows.filter((pl.col("year") >= since) & (pl.col("year") <= (profile.year or 9999)))
    mine = rows.filter(iso3=profile.iso3)
    if mine.is_empty():
        raise NotEnoughData(f"{profile.name} cast no ballot up to {profile.year}")
    own = Path(mine["year"].to_list(), mine["ideal_point"].to_list(), mine["low"].to_list(), mine["high"].to_list())
    shown = []
    for each in others:
        theirs = rows.filter(iso3=each)
        path = Path(theirs["year"].to_list(), theirs["ideal_point"].to_list())
        shown.append(Panel(f"beside {country(each).label}", own, [path]))
    first, last = mine.row(0, named=True), mine.row(-1, named=True)
    apart = first["high"] < last["low"] or last["high"] < first["low"]
    moved = ("rose" if last["ideal_point"] > first["ideal_point"] else "fell") if apart else "did not clearly move"
    return panels(
        shown,
        title=f"On our scale the ideal point of {profile.name} {moved} between {first['year']} and {last['year']}",
        sub=(
            "Position on the one dimension that explains most votes in the General Assembly, on one scale over all "
            "sessions (mean 0, standard deviation 1, the United States above zero), with 90% interval; grey: the other"
        ),
        source="Source: Voeten, Strezhnev and Bailey, UN General Assembly voting data (CC0); own estimate.",
        say=lambda value: f"{value:+.1f}".replace("-", "\u2212"),
        ticks=(-1.0, 0.0, 1.0, 2.0),
        columns=3,
        theme=theme,
    )


def _pole_states(profile: Profile) -> list[str]:
    """One state for each pole: the country itself, and the United States for the West."""
    found = [
        vector.countries[0] if len(vector.countries) == 1 and not vector.blocs else "USA"
        for vector in profile.vectors
        if vector.pole
    ]
    return list(dict.fromkeys(found))


def of_layer(profile: Profile, layer: str) -> Facet:
    """The facet of a layer.

    Raises
    ------
    BadRequest
        The country has no such layer.
    """
    found = {facet.id: facet for facet in profile.facets}
    if layer not in found:
        raise BadRequest(f"{profile.name} has no layer {layer!r}; it has {', '.join(found)}")
    return found[layer]


def _longest(profile: Profile) -> str:
    """Trade, or else the layer with the most years, of those that a headline may be made of if there are any."""
    if not profile.facets:
        raise NotEnoughData(f"no ties of {profile.name} are known")
    return max(
        profile.facets,
        key=lambda each: (each.flows.layer.headline, each.id not in UNEVEN, each.id == "trade", len(each.years)),
    ).id


def _most_lopsided(profile: Profile) -> str:
    """The layer with the largest share that is surely of one vector."""
    found = [
        (float(facet.bounds[0][at]), float(facet.bounds[1][at]), facet.title.lower(), vector.in_text)
        for facet in profile.facets
        for at, vector in enumerate(facet.vectors)
        if facet.flows.layer.headline and enough(facet) and math.isfinite(facet.bounds[0][at])
    ]
    if not found:
        return "ties by layer and vector"
    least, most, layer, name = max(found)
    return f"{at_least(least, most)} of {layer} are with {name}"


def _moved(facet: Facet) -> str:
    """The clearest change of a share; of lower bounds no more than holds wherever the others belong."""
    if facet.id in UNEVEN or not enough(facet):
        return "shares by vector"
    moves = [
        (abs(by), vector.in_text, by)
        for vector, (by, verdict) in zip(facet.vectors, facet.moves, strict=False)
        if verdict in ("rose", "fell") and abs(by) >= LEAST
    ]
    if not moves:
        return "no clear change of any share" if len(facet.years) > 1 else "shares by vector"
    size, name, by = max(moves)
    points = f"{100 * size:.0f} {'point' if round(100 * size) == 1 else 'points'}"
    if _pooled(facet):
        points = f"at least {points}" if by > 0 else "a share"
    return f"{name} {'gained' if by > 0 else 'lost'} {points} from {facet.years[0]} to {facet.year}"


def _pooled(facet: Facet) -> bool:
    """Whether partners that are not named have part of the first or the last year's ties."""
    return any(ranged(0.0, facet.rest[k] / (np.nansum(facet.values[k]) + facet.rest[k])) for k in (0, -1))


KINDS: dict[str, Callable[..., Chart]] = {
    "ties": ties,
    "shares": shares,
    "balance": balance,
    "excess": excess,
    "map": excess_map,
    "votes": votes,
    "ideal-points": ideal_points,
    "roles": roles,
}
# What each takes besides ``theme``.
OPTIONS: dict[str, tuple[str, ...]] = {
    "ties": (),
    "shares": ("layer",),
    "balance": (),
    "excess": ("layer",),
    "map": ("layer",),
    "votes": (),
    "ideal-points": ("beside",),
    "roles": (),
}


def plot(profile: Profile, kind: str, **options: Any) -> Chart:
    """A plot of a profile.

    Parameters
    ----------
    kind : one of `KINDS`
    options : ``theme``, and those of `OPTIONS`

    Raises
    ------
    BadRequest
        There is no such plot.
    """
    if kind not in KINDS:
        raise BadRequest(f"there is no plot {kind!r} of vectors; there are {', '.join(KINDS)}")
    return KINDS[kind](profile, **options)
