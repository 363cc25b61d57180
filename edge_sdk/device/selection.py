"""Take one's own latent out of the whole set. Everything was received and checked before this runs."""

from __future__ import annotations

from typing import Final

import numpy as np

from obclip_contract import LatentsResponse

from ..errors import LatentError
from .start import Start

__all__ = ["MAX_MAGNITUDE", "select"]

#: Largest magnitude of any value of any member. Latents are in the VAE's scaled space: noise stays below 7 and x0
#: below some ten. Without the rule a server could spoil one member with finite values that overflow a
#: half-precision graph, and see whether this device fails.
MAX_MAGNITUDE: Final = 64.0


def select(response: LatentsResponse, index: int) -> Start:
    """Member ``index`` of a checked response. Nothing observable from outside depends on ``index``.

    Raises:
        LatentError: some member, whichever, is out of range; the whole set is discarded.
    """
    for values in (response.latents, response.x0):
        if values is not None and float(np.abs(values).max()) > MAX_MAGNITUDE:
            raise LatentError(
                f"the cloud's latents reach beyond ±{MAX_MAGNITUDE:g}, where no picture is; the whole set is discarded"
            )
    own = slice(index, index + 1)
    return Start(
        latent=response.latents[own].astype(np.float32),
        log_snr=response.log_snr,
        x0=None if response.x0 is None else response.x0[own].astype(np.float32),
        x0_log_snr=response.x0_log_snr,
    )
