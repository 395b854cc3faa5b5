"""Build an index: read the model, assemble the panel, replicate, and keep the result for next time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import indicators, observations
from softpower.index.choices import shown, variant_only, weigh_choices
from softpower.index.faults import parse_model, read_model
from softpower.index.keep import pack, unpack
from softpower.index.model import Model
from softpower.index.panel import Panel, assemble
from softpower.index.result import Index
from softpower.index.uncertainty import Replications, central_design, draw_cells, draw_designs, exact_cells
from softpower.world import members

DEFAULT_MODEL = "soft-power"
DEFAULT_DRAWS = 1000
DEFAULT_SEED = 7
# Fewer draws cannot fill the tails of a 90 % interval; more than these would need the memory of a large machine.
FEWEST_DRAWS, MOST_DRAWS = 100, 20_000

# An indicator known for a smaller share of the countries in a year would be mostly guesses: it is left out.
FEWEST_KNOWN = 0.25

Progress = Callable[[str], None]


def load_model(model: Model | Path | str | None = None) -> Model:
    """A model: one at hand, a file, the name of a bundled one, or the default.

    Raises
    ------
    BadModel
        The file cannot be read or has faults; all are listed with their lines.
    """
    if isinstance(model, Model):
        return model
    known = {each.id for each in indicators()}
    name = str(model or DEFAULT_MODEL)
    if name in bundled_models():
        text = (storage.DATA / "models" / f"{name}.toml").read_text(encoding="utf-8")
        return parse_model(text, name=f"{name}.toml", series=known)
    return read_model(Path(name), series=known)


def bundled_models() -> tuple[str, ...]:
    """Names of the models that come with the package."""
    return tuple(sorted(path.stem for path in (storage.DATA / "models").glob("*.toml")))


def build(
    model: Model | Path | str | None = None,
    *,
    variant: str = "",
    year: int | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Index:
    """Potential, performance and their gap for every country with enough data, each rank with its interval.

    Parameters
    ----------
    model : a `Model`, the path of a model file, or the name of a bundled one; by default "soft-power"
    variant : name of one of the model's variants; by default none
    year : reference year; by default the model's
    draws : replications, 100 to 20,000
    seed : start of all random streams; the same inputs and seed give the same bytes
    progress : called with a line of text before each long step

    Raises
    ------
    BadModel
        The model file has faults.
    NotEnoughData
        Fewer than ten countries can be ranked in that year.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators.
    """
    loaded = load_model(model)
    check_draws(draws)
    loaded.variant(variant)
    when = loaded.year if year is None else year

    def make() -> bytes:
        with threadpool_limits(1):  # sums in another order would differ in the last digit
            return pack(_build(loaded, variant, when, draws, seed, progress or (lambda _: None)))

    return unpack(storage.cached(build_key("index", loaded, variant, when, draws, seed), make), loaded)


def check_draws(draws: int) -> None:
    """Refuse a number of draws that would say too little or take too much."""
    if not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise BadRequest(f"draws must lie between {FEWEST_DRAWS:,} and {MOST_DRAWS:,}, not {draws:,}")


def build_key(kind: str, model: Model, *choices: object) -> str:
    """Name under which a build is kept: everything that decides its bytes."""
    parts = [
        kind,
        model.model_dump_json(),
        json.dumps(choices),
        ",".join(country.iso3 for country in members()),
        storage.data_version(),
        storage.code_version("index", "evidence", "world"),
        *(version(name) for name in ("numpy", "scipy", "polars")),
    ]
    return f"{kind}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def gather(model: Model, years: list[int]) -> Panel:
    """The panel of a model over all UN members."""
    series = {each.series for each in model.indicators.values()} | {model.expectation.size, model.expectation.wealth}
    zeros = {each.id: each.not_zero for each in indicators() if each.structural_zero}
    units = [country.iso3 for country in members()]
    return assemble(model, observations(sorted(series)), units=units, years=years, zeros=zeros)


def enough(built: Model, panel: Panel) -> NDArray[np.int64]:
    """Rows of the units of which enough is known, in every year, to rank them in every top node."""
    passed = np.ones(len(panel.units), dtype=bool)
    for top in built.tops:
        columns = [panel.indicators.index(leaf) for leaf in built.leaves(top)]
        share = panel.known[:, :, columns].mean(axis=2)
        passed &= (share >= built.screening.share - 1e-9).all(axis=0)
    return np.flatnonzero(passed)


def _build(model: Model, variant: str, year: int, draws: int, seed: int, progress: Progress) -> Index:
    progress("Reading the data")
    panel = gather(model, [year])
    known = panel.known.mean(axis=(0, 1))
    dropped = tuple(name for name, share in zip(panel.indicators, known, strict=True) if share < FEWEST_KNOWN)
    full, panel = model.without(*dropped), panel.without(*dropped)
    built = full.variant(variant)
    if missing := set(model.tops) - set(built.tops):
        raise NotEnoughData(
            f"no indicator of {', '.join(sorted(missing))} has data in {year}; try a year near {model.year}"
        )
    ranked = enough(built, panel)
    if ranked.size < 10:
        raise NotEnoughData(
            f"only {ranked.size} countries have {built.screening.share:.0%} of the indicators of {built.id} in {year}; "
            f"try a year nearer to {model.year}, or lower [screening] share"
        )
    progress(f"Drawing {draws:,} replications")
    central = Replications(full, panel, exact_cells(panel), central_design(full), keep=True)
    sampled = Replications(
        full, panel, draw_cells(panel, draws=draws, seed=seed), draw_designs(full, draws=draws, seed=seed), keep=True
    )
    left_out = variant_only(full, variant)
    nodes = tuple(built.nodes)
    scored = {
        name: {node: shown(full, each.node(node, without=left_out)[:, ranked]) for node in nodes}
        for name, each in (("central", central), ("sampled", sampled))
    }
    progress("Leaving out each part in turn")
    return Index(
        model=full,
        variant=variant,
        year=year,
        draws=draws,
        seed=seed,
        data_version=storage.data_version(),
        dropped=dropped,
        units=tuple(panel.units[row] for row in ranked),
        nodes=nodes,
        panel=panel,
        central={node: values[0].astype(np.float32) for node, values in scored["central"].items()},
        sampled={node: values.astype(np.float32) for node, values in scored["sampled"].items()},
        choices=weigh_choices(full, variant, central, sampled, ranked, seed=seed),
    )
