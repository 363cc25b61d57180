"""Taking a neighbour's latent back to an earlier noise level, and what level a cloud may claim."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge_sdk.device.handover import EARLY_SHARE, LEVEL_SLACK, check_level, early_level, take_back
from edge_sdk.errors import LatentError
from obclip_contract import NoiseSchedule, sampler_table, standard_normal

SCHEDULE = NoiseSchedule(prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True)


def _signal(log_snr: float) -> tuple[float, float]:
    if math.isinf(log_snr):
        return 1.0, 0.0
    alpha = math.sqrt(1 / (1 + math.exp(-log_snr)))
    return alpha, math.sqrt(1 - alpha**2)


@pytest.mark.parametrize("level", [-0.5, 2.0, math.inf])
def test_the_result_is_distributed_as_a_latent_of_the_earlier_level(level: float) -> None:
    shape, target = (64, 64, 64), -2.0
    clean = np.full((1, *shape), 3.0, np.float32)
    alpha, sigma = _signal(level)
    latent = (alpha * clean + sigma * standard_normal(1, shape)[None]).astype(np.float32)
    back = take_back(latent, level, target, seed=1)
    want_alpha, want_sigma = _signal(target)
    assert back.dtype == np.float32
    assert back.mean() == pytest.approx(want_alpha * 3.0, abs=0.01)
    assert back.std() == pytest.approx(want_sigma, abs=0.01)
    assert np.array_equal(back, take_back(latent, level, target, seed=1))
    assert not np.array_equal(back, take_back(latent, level, target, seed=2))


def test_the_early_level_leaves_the_share_of_the_steps_to_the_true_prompt() -> None:
    for steps in (1, 2, 3, 10, 25, 50):
        early = max(1, int(EARLY_SHARE * steps))
        assert early_level("dpmpp_2m", SCHEDULE, steps) == (
            sampler_table("dpmpp_2m", SCHEDULE, steps).head(early).end_log_snr
        )


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m"])
def test_a_level_must_fit_the_steps_asked_for(sampler: str) -> None:
    own = sampler_table(sampler, SCHEDULE, 25).head(10).end_log_snr
    for fine in (own, own - LEVEL_SLACK * 0.99, own + LEVEL_SLACK * 0.99):
        check_level(sampler, SCHEDULE, 25, 10, fine)
    check_level(sampler, SCHEDULE, 25, 25, math.inf)
    for bad in (own - LEVEL_SLACK * 1.01, own + LEVEL_SLACK * 1.01, 60.0, -60.0, math.inf, math.nan):
        with pytest.raises(LatentError, match="was asked for"):
            check_level(sampler, SCHEDULE, 25, 10, bad)
    with pytest.raises(LatentError):
        check_level(sampler, SCHEDULE, 25, 25, own)
