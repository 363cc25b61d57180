"""Where the device takes over: one record, from the response's own member to the rows still to do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from obclip_contract import SamplerTable

__all__ = ["NO_ROWS", "Start"]

NO_ROWS: Final = SamplerTable("", (), math.inf)


@dataclass(frozen=True)
class Start:
    """A latent, its noise level, and what is still to be done with it.

    Attributes:
        latent: float32 ``[1, C, H, W]`` at ``log_snr``.
        x0: the cloud's last x0, same shape, at ``x0_log_snr``; ``None`` unless it was carried.
        table: the rows still to do.
        idle: rows that are computed first and thrown away, so that the device works as long for every truth.
    """

    latent: NDArray[Any]
    log_snr: float = -math.inf
    x0: NDArray[Any] | None = None
    x0_log_snr: float | None = None
    table: SamplerTable = NO_ROWS
    idle: SamplerTable = NO_ROWS
