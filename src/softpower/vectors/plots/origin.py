"""Who published what a plot shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from softpower.vectors.facets import Facet
from softpower.vectors.profile import Profile


def source_line(profile: Profile, facets: Sequence[Facet]) -> str:
    """The publishers of these layers, and of the likenesses too where they are all of the profile."""
    ids = [id for facet in facets for id in facet.flows.sources]
    if list(facets) == list(profile.facets):
        ids += [id for each in profile.likenesses for id in each.sources]
    return attributed(ids)


def of_measures(measures: Iterable[str], *more: str) -> str:
    """The publishers of measures of `softpower.evidence.ties`, and of further sources."""
    from softpower.evidence.ties import ties

    return attributed([*(ties(each)["source_id"][0] for each in dict.fromkeys(measures)), *more])


def attributed(ids: Iterable[str]) -> str:
    """Who published what, and that the rest is ours."""
    from softpower.errors import UnknownSource
    from softpower.evidence.sources import source

    said = []
    for id in dict.fromkeys(ids):
        try:
            said.append(source(id).attribution.removeprefix("Source: ").rstrip(". "))
        except UnknownSource:  # a user's own file
            said.append(id.removeprefix("file:"))
    return f"Source: {'; '.join(dict.fromkeys(said))}; own calculation."
