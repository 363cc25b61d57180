"""Finite latents that no picture has: refused for every truth alike, before one is taken."""

from __future__ import annotations

import numpy as np
import pytest

from edge_sdk.device.selection import MAX_MAGNITUDE, select
from edge_sdk.errors import LatentError
from obclip_contract import LatentsResponse


def _response(spoilt: int | None, value: float) -> LatentsResponse:
    latents = np.random.default_rng(0).standard_normal((4, 4, 8, 8)).astype(np.float16)
    if spoilt is not None:
        latents[spoilt, 0, 0, 0] = value
    return LatentsResponse(latents, "0" * 64, "1" * 64, 1, 0.5, "naive")


@pytest.mark.parametrize("value", [65504.0, -65504.0, 2 * MAX_MAGNITUDE])
def test_one_extreme_latent_discards_the_set_whoever_it_belongs_to(value: float) -> None:
    told = set()
    for spoilt in range(4):
        for own in range(4):
            with pytest.raises(LatentError) as caught:
                select(_response(spoilt, value), own)
            told.add(str(caught.value))
    assert len(told) == 1


def test_ordinary_latents_pass() -> None:
    for own in range(4):
        assert select(_response(None, 0.0), own).latent.shape == (1, 4, 8, 8)
        assert select(_response(2, MAX_MAGNITUDE), own).log_snr == 0.5
