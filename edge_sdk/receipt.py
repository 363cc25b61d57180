"""The record of what left the device, and what a picture cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Receipt"]


@dataclass(frozen=True)
class Receipt:
    """What one run disclosed and took.

    Attributes:
        mechanism: "closed" (ε = 0 on the members), "none" (no attribute found: nothing is hidden) or
            "local" (nothing was sent).
        epsilon: privacy loss on the protected attributes; ``None`` where there was nothing to protect.
        n: candidates sent; 0 for "local".
        template: the public text that the cloud read; "" for "local".
        axes: names of the protected axes, in the grid's order. None of these tells a true value.
        bytes_up, bytes_down: HTTP bodies, of the exchange that succeeded.
        ms: milliseconds of the phases "detect", "cloud", "finish", "decode" and of all ("total").
        request_sha256: of the exact request body; "" for "local".
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
    ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), repr=False)
