"""The record of what left the device, and what a picture cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Receipt"]


@dataclass(frozen=True)
class Receipt:
    """What one run disclosed and took.

    Attributes:
        mechanism: "closed", "cover", "cells", "k-subset" or "neutral" (:mod:`edge_sdk.mechanisms`), "none" (no
            attribute found: nothing is hidden) or "local" (nothing was sent).
        epsilon: privacy loss on the protected attributes by this template; ``None`` where there was nothing to
            protect, and where there is none to give: ``bits`` leak for certain (cells). ``epsilon_spent`` of it is
            new; ``epsilon_total`` is the ledger's sum over all templates, ``None`` without a ledger.
        bits: bits about the values that the choice of what was sent gives away at most (cells).
        guarantee: what the mechanism promises, in a sentence.
        hints: ``(axis, words)`` that the cloud could read and that hint at an axis.
        n: candidates sent; 0 for "local".
        template: the public text that the cloud read; "" for "local".
        axes: names of the protected axes, in the grid's order. None of these tells a true value.
        bytes_up, bytes_down: HTTP bodies, of the exchange that succeeded.
        ms: milliseconds of the phases "detect", "cloud", "finish", "decode" and of all ("total").
        request_sha256: of the exact request body; "" for "local".
        cloud: address of the cloud that answered; "" for "local".
        notes: what the person should know, in plain words.
    """

    mechanism: str
    epsilon: float | None
    n: int
    template: str
    axes: tuple[str, ...]
    lexicon: str
    cloud_steps: int
    steps: int
    plan: str
    seed: int
    bytes_up: int
    bytes_down: int
    request_sha256: str
    epsilon_spent: float = 0.0
    epsilon_total: float | None = None
    bits: float = 0.0
    guarantee: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    cloud: str = ""
    ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), repr=False)
