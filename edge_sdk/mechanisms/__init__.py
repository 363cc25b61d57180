"""Mechanisms: what the cloud is shown for a prompt, each with its theorem, its formula and its exact test."""

from .closed import Closed
from .domain import Choice, Domain, View, base_axis
from .protocol import SYSTEM_COINS, Coins, Guarantee, Mechanism

__all__ = ["SYSTEM_COINS", "Choice", "Closed", "Coins", "Domain", "Guarantee", "Mechanism", "View", "base_axis"]
