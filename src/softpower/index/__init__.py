"""The index: how strong, and how sure."""

from softpower.index.build import build, bundled_models, load_model
from softpower.index.estimate import Estimate, Standing
from softpower.index.model import Model, leaf_shares
from softpower.index.panel import Status as CellStatus
from softpower.index.result import CHOICE_FIELDS, Choices, Contribution, Index
from softpower.index.trend import Trend, build_trend

__all__ = [
    "CHOICE_FIELDS",
    "CellStatus",
    "Choices",
    "Contribution",
    "Estimate",
    "Index",
    "Model",
    "Standing",
    "Trend",
    "build",
    "build_trend",
    "bundled_models",
    "leaf_shares",
    "load_model",
]
