"""The index: how strong, and how sure."""

from softpower.index.build import build, build_years, bundled_models, load_model, set_up
from softpower.index.comparison import Comparison, compare
from softpower.index.estimate import Estimate, Standing
from softpower.index.experiment import Experiment
from softpower.index.model import Model, leaf_shares
from softpower.index.panel import Status as CellStatus
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
