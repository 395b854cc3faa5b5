"""What the commands below `softpower index` work on: a model, with other weights if any are given, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from softpower.cli.index_options import Weights
    from softpower.index import Model
    from softpower.index.table import Sheet


def read(
    model: str | None, data: Path | None, *weights: Weights, without: Sequence[str] = ()
) -> tuple[Model, Sheet | None]:
    """The model with these weights, later ones before earlier, and the table, read once.

    Parameters
    ----------
    without : parts that are left out later; here they are only looked up

    Raises
    ------
    BadRequest
        A part that is weighed or left out is unknown; all are named, each with the file and row or the option.
    """
    from softpower.index import load_model
    from softpower.index.table import open_table

    sheet = open_table(data) if data else None
    loaded = load_model(model, columns=sheet.columns if sheet else None, table=sheet.name if sheet else "")
    return reweighted(loaded, *weights, without=without), sheet


def reweighted(model: Model, *weights: Weights, without: Sequence[str] = ()) -> Model:
    """A model with these weights; arguments and errors as for `read`."""
    from softpower.index.names import refuse_unknown

    asked = {part: where for each in weights for part, where in each.where.items()}
    refuse_unknown(model, asked | dict.fromkeys(without, "--without"))
    return model.reweighted({part: weight for each in weights for part, weight in each.items()})
