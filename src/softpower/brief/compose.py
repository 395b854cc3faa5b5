"""Put a brief together, and write it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from softpower.activities.dossier import Dossier, dossier
from softpower.brief import words
from softpower.brief.context import OWN, Context
from softpower.brief.finding import finding
from softpower.brief.peers import chosen, similar
from softpower.brief.section import Brief
from softpower.brief.sections import SECTIONS
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import Source
from softpower.index import Index, Model, Trend, build, build_trend
from softpower.index.building import DEFAULT_DRAWS, DEFAULT_SEED, Progress, load_model
from softpower.storage import write_all_atomic
from softpower.vectors.profile import Profile, profile
from softpower.world import Country, find, members

FORMATS = ("html", "pdf", "json")
# Draws of partners behind what is said of a change of shares.
TIE_DRAWS = 200
# The nodes without a parent that a brief is about.
TOPS = ("potential", "performance")


class UnrankedPeers(UserWarning):
    """Too little is known of every country that was named for comparison."""


def compose(
    index: Index,
    home: Country,
    *,
    trend: Trend | None = None,
    peers: Sequence[str] = (),
    ties: Profile | None = None,
    done: Dossier | None = None,
) -> Brief:
    """The brief of a country, ready for any writer.

    Parameters
    ----------
    index : the index it is about
    home : a UN member, ranked or not
    trend : the back-cast, if there is one
    peers : names or codes; by default the five ranked countries most like it
    ties : with whom its ties are, if the brief is to say so
    done : what is registered of its activities, if the brief is to say so

    Raises
    ------
    BadRequest
        ``home`` is no UN member, or the model lacks what every brief shows.
    """
    _check_member(home)
    _check_model(index.model)
    context = Context(
        home=home,
        index=index,
        built=index.model.variant(index.variant),
        trend=trend,
        peers=chosen(peers, home.iso3) if peers else _default_peers(index, home),
        ties=ties,
        done=done,
    )
    opening = finding(context)
    sections = [section for each in SECTIONS if (section := each(context)) is not None]
    return Brief(
        iso3=home.iso3,
        name=home.name,
        title="Country brief: soft power",
        head=[
            ("Reference year", f"{index.year}, snapshot {index.data_version}"),
            ("Model", index.model.id + (f", {index.variant}" if index.variant else "")),
            ("Draws", f"{index.draws:,}, seed {index.seed}"),
        ],
        finding=opening,
        sections=sections,
        ledger=context.ledger,
        sources=_sources(context),
        meta=_meta(context),
    )


def _check_member(home: Country) -> None:
    if not home.un_member:
        raise BadRequest(f"{home.name} is not a UN member; briefs are written for the {len(members())} members")


def _check_model(model: Model) -> None:
    """A brief sets performance against potential, and both against size and wealth."""
    if set(model.tops) != set(TOPS):
        raise BadRequest(
            f"a brief needs the top nodes {' and '.join(TOPS)}; model {model.id} has "
            f"{words.listing(model.tops)}: `softpower index build` takes any"
        )
    if model.expectation is None:
        raise BadRequest(
            f"a brief needs an [expectation]; model {model.id} has none: name the series of size and wealth there"
        )


def _default_peers(index: Index, home: Country) -> tuple[str, ...]:
    try:
        return similar(index, home.iso3)
    except NotEnoughData:
        return ()


def _sources(context: Context) -> tuple[Source, ...]:
    """The registry's sources of all records, in the order in which they are first used."""
    used = dict.fromkeys(record.source_id for record in context.ledger)
    return tuple(context.cited(id) for id in used if not id.startswith(OWN))


def _meta(context: Context) -> dict[str, object]:
    index = context.index
    return {
        "softpower": version("softpower"),
        "model": index.model.id,
        "variant": index.variant,
        "year": index.year,
        "draws": index.draws,
        "seed": index.seed,
        "data_version": index.data_version,
        "ranked": context.is_ranked,
        "ranked_states": context.total,
        "peers": list(context.peers),
        "missing": [name for name in context.built.indicators if context.cell(name).status == "missing"],
        "known_share": index.known_share(context.home.iso3),
        "size_in_disguise": {node: round(index.size_in_disguise(node), 4) for node in context.built.tops},
    }


def write_brief(
    name: str,
    *,
    out: Path | str = "briefs",
    peers: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
    model: Model | Path | str | None = None,
    variant: str = "",
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the brief of a country: ``KAZ.html``, ``KAZ.pdf`` and ``KAZ.json``.

    Parameters
    ----------
    name : ISO code or name of a UN member
    out : folder, made if need be; nothing is written unless everything can be
    peers : names or codes of countries to compare with; by default the five most like it
    formats : any of "html", "pdf", "json"
    model, variant, draws, seed : as for `softpower.build`

    Returns
    -------
    tuple of Path
        The files written, in the order of ``formats``.

    Raises
    ------
    UnknownCountry
        Nothing here bears the name.
    BadRequest
        The folder or a format has no name, or the model lacks what every brief shows.
    CannotWrite
        The folder or the disk refused; no file was changed.
    """
    unknown = [each for each in formats if each not in FORMATS]
    if unknown or not formats:
        raise BadRequest(f"formats are {', '.join(FORMATS)}, not {', '.join(unknown) or 'none'}")
    if not str(out).strip():
        raise BadRequest("the folder to write to has no name; leave it out for briefs, or write . for this one")
    home = find(name)
    _check_member(home)
    loaded = load_model(model)
    _check_model(loaded)
    named = chosen(peers, home.iso3) if peers else ()  # before the build: a slip should not cost a minute
    tell = progress or (lambda _: None)
    index = build(loaded, variant=variant, draws=draws, seed=seed, progress=progress)
    back = index.model.trend_model
    if named and not any(map(index.is_ranked, named)):
        warnings.warn("none of the peers named can be ranked; the scorecard has one row", UnrankedPeers, stacklevel=2)
    trend = build_trend(back, draws=draws, seed=seed, progress=progress) if back else None
    ties = profile(home.iso3, draws=TIE_DRAWS, tell=tell)
    done = dossier(home.iso3, as_of=date(index.year, 12, 31), tell=tell)
    whole = compose(index, home, trend=trend, peers=named, ties=ties, done=done)
    contents: dict[Path, bytes] = {}
    for each in dict.fromkeys(formats):
        tell(f"Writing {home.iso3}.{each}")
        contents[Path(out) / f"{home.iso3}.{each}"] = _writer(each)(whole)
    write_all_atomic(contents)
    return tuple(contents)


def _writer(name: str) -> Callable[[Brief], bytes]:
    """The writer of a format; each is imported only when it is asked for."""
    if name == "html":
        from softpower.brief.html import write_html

        return write_html
    if name == "pdf":
        from softpower.brief.pdf import write_pdf

        return write_pdf
    from softpower.brief.json import write_json

    return write_json
