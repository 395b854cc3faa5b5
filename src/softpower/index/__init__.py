"""The index: how strong, and how sure.

>>> import numpy as np
>>> from softpower.index import normalise
>>> normalise.zscore(np.array([1.0, 2.0, 3.0])).tolist()
[-1.0, 0.0, 1.0]

The names in ``__all__`` are loaded when first used: the arithmetic on plain arrays (`softpower.index.normalise` and
its neighbours) then needs numpy alone, and neither the tables nor the model files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softpower.index.building import build, build_years, bundled_models, load_model, set_up
    from softpower.index.comparison import Comparison, compare
    from softpower.index.estimate import Estimate, Standing
    from softpower.index.experiment import Experiment
    from softpower.index.model import Model, leaf_shares
    from softpower.index.panel import CellStatus
    from softpower.index.replays import Replay, replay
    from softpower.index.result import CHOICE_FIELDS, Changes, Choices, Contribution, Index
    from softpower.index.sensitivities import Sensitivity, sensitivity
    from softpower.index.trend import Trend, build_trend

__all__ = [
    "CHOICE_FIELDS",
    "CellStatus",
    "Changes",
    "Choices",
    "Comparison",
    "Contribution",
    "Estimate",
    "Experiment",
    "Index",
    "Model",
    "Replay",
    "Sensitivity",
    "Standing",
    "Trend",
    "build",
    "build_trend",
    "build_years",
    "bundled_models",
    "compare",
    "leaf_shares",
    "load_model",
    "replay",
    "sensitivity",
    "set_up",
]

_HOMES = {
    "building": ("build", "build_years", "bundled_models", "load_model", "set_up"),
    "comparison": ("Comparison", "compare"),
    "estimate": ("Estimate", "Standing"),
    "experiment": ("Experiment",),
    "model": ("Model", "leaf_shares"),
    "panel": ("CellStatus",),
    "replays": ("Replay", "replay"),
    "result": ("CHOICE_FIELDS", "Changes", "Choices", "Contribution", "Index"),
    "sensitivities": ("Sensitivity", "sensitivity"),
    "trend": ("Trend", "build_trend"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home, and remember it."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"softpower.index.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'softpower.index' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
