"""Mechanisms: what the cloud is shown for a prompt, each with its theorem, its formula and its exact test."""

from .cells import Cells
from .closed import Closed
from .cover import Cover
from .domain import Choice, Domain, View, base_axis
from .k_subset import KSubset
from .local import Local
from .neutral import Neutral
from .protocol import SYSTEM_COINS, Coins, Guarantee, Mechanism
from .ruler import Metric, Ruler

__all__ = [
    "SYSTEM_COINS",
    "Cells",
    "Choice",
    "Closed",
    "Coins",
    "Cover",
    "Domain",
    "Guarantee",
    "KSubset",
    "Local",
    "Mechanism",
    "Metric",
    "Neutral",
    "Ruler",
    "View",
    "base_axis",
]
