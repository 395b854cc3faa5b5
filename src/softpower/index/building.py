"""Build an index: read the model, assemble the panel, replicate, and keep the result for next time.

A panel comes from the bundled snapshot or from a user's own table; from there on the way is the same. Several years are
built in the same replications, so that the change between two of them has an interval of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import indicators, observations
from softpower.index.assemble import assemble
from softpower.index.choices import shown, weigh_choices
from softpower.index.experiment import Experiment
from softpower.index.faults import parse_model, read_model
from softpower.index.keep import pack, unpack
from softpower.index.model import Model
from softpower.index.panel import Panel
from softpower.index.prepare import passing, prepare, read_columns
from softpower.index.result import Choices, Index
from softpower.index.scaling import all_equal, blurred, mixed_scales
from softpower.index.table import Sheet, Table, open_table, sheet_of
from softpower.index.weighing import unweighed
from softpower.world import members

DEFAULT_MODEL = "soft-power"
DEFAULT_DRAWS = 1000
DEFAULT_SEED = 7
# Fewer draws cannot fill the tails of a 90 % interval; more than these would need the memory of a large machine.
FEWEST_DRAWS, MOST_DRAWS = 100, 20_000

# An indicator known for a smaller share of the countries in a year would be mostly guesses: it is left out.
FEWEST_KNOWN = 0.25

# With fewer units of the snapshot no line of expectation can be drawn.
FEWEST_RANKED = 10

Array = NDArray[np.float64]
Progress = Callable[[str], None]
Data = Path | str | Sheet | Any


def load_model(
    model: Model | Path | str | None = None, *, columns: Collection[str] | None = None, table: str = ""
) -> Model:
    """A model: one at hand, a file, the name of a bundled one, or the default.

    Parameters
    ----------
    columns : the columns of the user's table that it is for; by default it is for the bundled series
    table : what messages call this table

    Raises
    ------
    BadModel
        The file cannot be read or has faults; all are listed with their lines.
    BadRequest
        No model is named for a table of one's own.
    """
    if isinstance(model, Model):
        return model
    if model is None and columns is not None:
        raise BadRequest("a table of your own needs a model of its own: softpower index build MODEL.toml --data FILE")
    known = dict.fromkeys((each.id for each in indicators()) if columns is None else columns)
    name = str(DEFAULT_MODEL if model is None else model)
    if not name:
        raise BadRequest(f"the name of the model is empty; leave it out for {DEFAULT_MODEL}")
    if columns is None and name in bundled_models():
        text = storage.bundled_text(f"models/{name}.toml")
        return parse_model(text, name=f"{name}.toml", series=known)
    return read_model(Path(name), series=known, table="" if columns is None else table or "the table")


def bundled_models() -> tuple[str, ...]:
    """Names of the models that come with the package."""
    return tuple(sorted(path.stem for path in (storage.DATA / "models").glob("*.toml")))


def build(
    model: Model | Path | str | None = None,
    data: Data | None = None,
    *,
    variant: str = "",
    year: int | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    weights: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Index:
    """Scores and ranks of one year for every unit with enough data, each rank with its interval.

    Parameters
    ----------
    model : a `Model`, the path of a model file, or the name of a bundled one; by default "soft-power"
    data : a table of one's own: a file (CSV, Parquet, Excel) or a dataframe, one row per unit and year, one column per
        indicator; by default the bundled snapshot
    variant : name of one of the model's variants; by default none
    year : reference year; by default the model's, or the last one of the table in which anybody can be ranked
    draws : replications, 100 to 20,000
    seed : start of all random streams; the same inputs and seed give the same bytes
    weights : other weights for some nodes or indicators
    progress : called with a line of text before each long step

    Raises
    ------
    BadModel
        The model file has faults.
    BadTable
        The table has cells that are no numbers, or rows that stand twice.
    NotEnoughData
        Too few units can be ranked in that year.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators.
    """
    if data is not None:
        built = build_years(
            model, data, years=None if year is None else [year], variant=variant, draws=draws, seed=seed,
            weights=weights, progress=progress,
        )  # fmt: skip
        return built[-1]
    loaded = load_model(model).reweighted(weights or {})
    check_draws(draws, seed)
    loaded.variant(variant)
    when = _year(loaded, year)

    def make() -> bytes:
        with threadpool_limits(1):  # sums in another order would differ in the last digit
            return pack(_from_snapshot(loaded, variant, when, draws, seed, progress or (lambda _: None)))

    return unpack(storage.cached(build_key("index", loaded, variant, when, draws, seed), make), loaded)


def build_years(
    model: Model | Path | str | None,
    data: Data,
    *,
    years: Sequence[int] | None = None,
    variant: str = "",
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    weights: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> tuple[Index, ...]:
    """An index for each year of a user's table, all from the same replications; see `build`.

    Parameters
    ----------
    years : by default all years of the table

    Returns
    -------
    tuple of Index
        In the order of ``years``. A year in which nobody can be ranked is left out, and the ``cautions`` of the others
        name it; where no year is left the question cannot be answered (`NotEnoughData`).
    """
    check_draws(draws, seed)
    tell = progress or (lambda _: None)
    tell("Reading the data")
    loaded, table = _read(model, data, weights)
    loaded.variant(variant)
    wanted = table.years if years is None else tuple(years)
    _check_years(table, wanted)
    with threadpool_limits(1):
        full, panel, empty = _without_empty(loaded, prepare(loaded, table))
        return _built(
            full, panel, variant, wanted, draws, seed, tell, version=table.digest[:12], dropped=empty, file=table.file
        )


def set_up(
    model: Model | Path | str | None = None,
    data: Data | None = None,
    *,
    variant: str = "",
    year: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> tuple[Experiment, int]:
    """A model on its data, ready to be replicated, and the year asked about; arguments and errors as for `build`."""
    if data is None:
        loaded = load_model(model).reweighted(weights or {})
        when = _year(loaded, year)
        full, panel, _ = _without_empty(loaded, gather(loaded, [when]), FEWEST_KNOWN)
        return Experiment.of(full, panel, variant=variant), when
    loaded, table = _read(model, data, weights)
    _check_years(table, [] if year is None else [year])
    full, panel, _ = _without_empty(loaded, prepare(loaded, table))
    experiment = Experiment.of(full, panel, variant=variant)
    if year is None:  # as in a build, the last one in which anybody can be ranked
        year = next((each for each in reversed(table.years) if experiment.ranked(each).size), table.years[-1])
    return experiment, year


def _year(model: Model, year: int | None) -> int:
    if not model.year and year is None:
        raise BadRequest(f"{model.id} names no year: give it a line year = 2024, or pass a year")
    return model.year if year is None else year


def _read(model: Model | Path | str | None, data: Data, weights: Mapping[str, float] | None) -> tuple[Model, Table]:
    """A model and the cells of a user's table that it asks for."""
    sheet = (
        data if isinstance(data, Sheet) else open_table(Path(data)) if isinstance(data, str | Path) else sheet_of(data)
    )
    loaded = load_model(model, columns=sheet.columns, table=sheet.name).reweighted(weights or {})
    return loaded, read_columns(sheet, loaded)


def _check_years(table: Table, years: Sequence[int]) -> None:
    if unknown := sorted(set(years) - set(table.years)):
        span = f"{table.years[0]} to {table.years[-1]}" if table.years[0] else "no years"
        raise NotEnoughData(f"{table.file} has no rows of {unknown[0]}; it has {span}")


def check_draws(draws: int, seed: int) -> None:
    """Refuse a number of draws that would say too little or take too much, and a seed that is none."""
    if seed < 0:
        raise BadRequest(f"a seed is a whole number of zero or more, not {seed}")
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
    series = {each.series for each in model.indicators.values()}
    series |= {each.denominator for each in model.indicators.values() if each.denominator}
    if model.expectation is not None:
        series |= {model.expectation.size, model.expectation.wealth}
    zeros = {each.id: each.not_zero for each in indicators() if each.structural_zero}
    units = [country.iso3 for country in members()]
    return assemble(model, observations(sorted(series)), units=units, years=years, zeros=zeros)


def enough(built: Model, panel: Panel, known: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Places of the units of which enough is known, in every year, to rank them in every top node.

    Parameters
    ----------
    known : cells that count, shape (year, unit, indicator); by default those that are more than a guess
    """
    return np.flatnonzero(passing(built, panel, panel.known if known is None else known).all(axis=0))


def _known_less_than(panel: Panel, share: float) -> tuple[str, ...]:
    """Indicators known for fewer cells than this share, or for none."""
    known = panel.known.mean(axis=(0, 1))
    return tuple(name for name, each in zip(panel.indicators, known, strict=True) if each < share or each == 0)


def _without_empty(model: Model, panel: Panel, share: float = 0.0) -> tuple[Model, Panel, tuple[str, ...]]:
    """Model and panel less the indicators known for fewer cells than this share, or for none, and these."""
    dropped = _known_less_than(panel, share)
    if missing := set(model.tops) - set(model.without(*dropped).tops):
        raise NotEnoughData(
            f"no indicator of {', '.join(sorted(missing))} has a value"
            + (f" in {panel.years[0]}" if len(panel.years) == 1 and panel.years[0] else "")
            + (f"; try a year near {model.year}" if model.year else "; look at the columns of the table")
        )
    return model.without(*dropped), panel.without(*dropped), dropped


def _from_snapshot(model: Model, variant: str, year: int, draws: int, seed: int, tell: Progress) -> Index:
    tell("Reading the data")
    full, panel, dropped = _without_empty(model, gather(model, [year]), FEWEST_KNOWN)
    known = int(np.isfinite(panel.context).all(axis=2).sum())
    if full.expectation is not None and known < FEWEST_RANKED:
        raise NotEnoughData(
            f"size and wealth are known for {known} countries in {year}; try a year near {model.year or year}"
        )
    (found,) = _built(full, panel, variant, (year,), draws, seed, tell, version=storage.data_version(), dropped=dropped)
    return found


def _built(
    full: Model,
    panel: Panel,
    variant: str,
    years: Sequence[int],
    draws: int,
    seed: int,
    tell: Progress,
    *,
    version: str,
    dropped: tuple[str, ...],
    file: str = "",
) -> tuple[Index, ...]:
    """An index for each year; ``file`` is the user's table, without which the panel is of the snapshot."""
    tell(f"Drawing {draws:,} replications")
    experiment = Experiment.of(full, panel, variant=variant)
    declared, full, built, panel = full, experiment.model, experiment.built, experiment.panel
    central, sampled = experiment.central, experiment.sampled(draws, seed, keep=True, tell=tell)
    scores = {
        name: {node: each.node(node, without=experiment.without) for node in built.nodes}
        for name, each in (("central", central), ("sampled", sampled))
    }
    cells = {leaf: central.indicator(leaf)[0] for leaf in built.indicators}
    cautions = [
        *all_equal(built, panel, file=file),
        *blurred({name: central.indicator(name)[0] for name in built.indicators}, built),
        *mixed_scales(built),
        *unweighed(declared, full),
        *central.watch.cautions("central build"),
        *sampled.watch.cautions("replications"),
    ]
    choices = not file
    weighs = choices and not any(step.method == "kemeny" for step in full.aggregations)
    if choices and not weighs:
        # Each part left out would take a search for every replication again: hours.
        cautions.append("what leaving out a part would change is not shown for models with kemeny: build without it")
    ranked = {year: experiment.ranked(year, sampled) for year in years}
    empty = [year for year, rows in ranked.items() if rows.size < (FEWEST_RANKED if choices else 1)]
    if len(empty) == len(ranked):
        year, most = max(((year, rows.size) for year, rows in ranked.items()), key=lambda each: each[1])
        raise NotEnoughData(
            f"only {most} units have {built.screening.share:.0%} of the indicators of {built.id}"
            f"{f' in {year}' if year else ''}; try another year, or lower [screening] share"
        )
    if empty:
        left_out = ", ".join(map(str, empty))
        cautions.append(
            f"left out: {left_out}, in which nobody has a score and {built.screening.share:.0%} of the indicators of "
            "every top node"
        )
    found = []
    for year in (each for each in years if each not in empty):
        rows = ranked[year]
        with np.errstate(over="ignore"):
            on_scale = {
                name: {node: shown(full, values[:, rows]) for node, values in nodes.items()}
                for name, nodes in scores.items()
            }
        _refuse_endless(full, on_scale["sampled"], experiment.names(rows))
        if weighs:
            tell("Leaving out each part in turn")
        found.append(
            Index(
                model=full,
                variant=variant,
                year=year,
                draws=draws,
                seed=seed,
                data_version=version,
                dropped=dropped,
                units=experiment.names(rows),
                nodes=tuple(built.nodes),
                panel=panel.during([year]),
                central={node: values[0] for node, values in on_scale["central"].items()},
                sampled=on_scale["sampled"],
                cells={leaf: values[rows] for leaf, values in cells.items()},
                weights={part: built.weight(part) for part in (*built.nodes, *built.indicators)},
                choices=weigh_choices(full, variant, central, sampled, rows, seed=seed)
                if weighs
                else Choices.none(rows.size),
                cautions=tuple(dict.fromkeys(cautions)),
            )
        )
    return tuple(found)


def _refuse_endless(model: Model, scores: Mapping[str, Array], units: Sequence[str]) -> None:
    """Refuse a scale of the model on which somebody's score is beyond all numbers; scores of shape (draw, unit)."""
    for node, values in scores.items():
        if (beyond := np.isinf(values).any(axis=0)).any() and model.scale is not None:
            unit = units[int(beyond.argmax())]
            raise BadRequest(
                f"{model.file}, [scale]: mean {model.scale.mean:g} and sd {model.scale.sd:g} put {unit} in {node} "
                "beyond all numbers: give smaller ones, such as mean = 50 and sd = 15"
            )
