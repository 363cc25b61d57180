import math

import numpy as np
import pytest
import torch
from contract import NoiseSchedule, SamplerError, apply_step, finish_table, sampler_table
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

BASE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
#: DDIM in diffusers steps by T // n rather than to its own next node, so "linspace" is not compared there.
CASES = [
    (kind, prediction, spacing, zero)
    for kind in ("ddim", "dpmpp_2m")
    for prediction in ("epsilon", "v_prediction")
    for spacing in ("linspace", "leading", "trailing")
    for zero in (False, True)
    if not (zero and prediction == "epsilon") and not (kind == "ddim" and spacing == "linspace")
]


def fake_model(x, t, prediction):
    """A fixed, bounded stand-in: depends on latent and timestep as a denoiser does."""
    mixed = np.roll(x, 1, axis=-1) * 0.5 + x * 0.5
    if prediction == "v_prediction":
        return np.tanh(mixed) * 0.3 - 0.1 * np.sin(t / 300)
    return np.tanh(mixed) * (0.2 + 0.8 * t / 1000)


def ours(table, x, prediction, previous=None):
    for step in table.steps:
        x, previous = apply_step(step, x, fake_model(x, step.timestep, prediction), previous)
    return x, previous


def start():
    return np.random.default_rng(3).standard_normal((2, 4, 8, 8))


@pytest.mark.parametrize("steps", [25, 10, 4])
@pytest.mark.parametrize(("kind", "prediction", "spacing", "zero"), CASES)
def test_runs_as_diffusers_does(kind, prediction, spacing, zero, steps):
    config = {
        **BASE,
        "prediction_type": prediction,
        "timestep_spacing": spacing,
        "steps_offset": 1 if spacing == "leading" else 0,
        "rescale_betas_zero_snr": zero,
    }
    if kind == "ddim":
        theirs = DDIMScheduler(clip_sample=False, **config)
        if zero:
            theirs.alphas_cumprod[-1] = 2**-24  # what DPM-Solver++ uses in place of an exact zero
    else:
        theirs = DPMSolverMultistepScheduler(algorithm_type="dpmsolver++", final_sigmas_type="zero", **config)
    theirs.set_timesteps(steps)
    table = sampler_table(kind, NoiseSchedule.from_diffusers(config), steps)
    assert [s.timestep for s in table.steps] == [float(t) for t in theirs.timesteps]
    x = torch.from_numpy(start())
    for t in theirs.timesteps:
        x = theirs.step(torch.from_numpy(fake_model(x.numpy(), float(t), prediction)), t, x).prev_sample
    mine, _ = ours(table, start(), prediction)
    scale = max(1.0, float(np.abs(x.numpy()).max()))
    assert float(np.abs(mine - x.numpy()).max()) / scale <= 1e-5


SCHEDULE = NoiseSchedule(**BASE, prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True)


@pytest.mark.parametrize("k", [1, 5, 10, 24])
def test_carry_is_the_uninterrupted_run(k):
    table = sampler_table("dpmpp_2m", SCHEDULE, 25)
    whole, _ = ours(table, start(), "v_prediction")
    head = table.head(k)
    x, x0 = ours(head, start(), "v_prediction")
    tail = finish_table("dpmpp_2m", SCHEDULE, 25, head.end_log_snr, head.steps[-1].log_snr)
    assert len(tail.steps) == 25 - k
    finished, _ = ours(tail, x, "v_prediction", x0)
    assert np.abs(finished - whole).max() < 1e-9


def test_restart_is_first_order_at_the_seam_and_close():
    table = sampler_table("dpmpp_2m", SCHEDULE, 25)
    whole, _ = ours(table, start(), "v_prediction")
    x, _ = ours(table.head(10), start(), "v_prediction")
    tail = finish_table("dpmpp_2m", SCHEDULE, 25, table.head(10).end_log_snr)
    assert tail.steps[0].next_from_previous == 0.0
    assert tail.steps[1].next_from_previous != 0.0
    finished, _ = ours(tail, x, "v_prediction")
    assert 0 < np.abs(finished - whole).max() < 0.05


def test_hand_over_meets_the_noise_level_on_another_grid_and_schedule():
    cloud = sampler_table("dpmpp_2m", SCHEDULE, 25).head(10)
    device = NoiseSchedule(**{**BASE, "beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02})
    tail = finish_table("dpmpp_2m", device, 12, cloud.end_log_snr)
    assert tail.steps[0].log_snr == pytest.approx(cloud.end_log_snr, abs=1e-9)
    bar = device.alphas_cumprod()
    low = math.floor(tail.steps[0].timestep)
    snr = np.log(bar) - np.log1p(-bar)
    assert snr[low + 1] <= cloud.end_log_snr <= snr[low]
    assert all(a.log_snr < b.log_snr for a, b in zip(tail.steps, tail.steps[1:], strict=False))
    assert tail.end_log_snr == math.inf


def test_the_ends_of_the_hand_over():
    table = sampler_table("ddim", SCHEDULE, 25)
    assert table.head(25).end_log_snr == math.inf
    assert finish_table("ddim", SCHEDULE, 25, math.inf).steps == ()
    whole = finish_table("ddim", SCHEDULE, 25, table.steps[0].log_snr)
    assert [s.timestep for s in whole.steps] == [s.timestep for s in table.steps]


def test_torch_and_numpy_agree():
    step = sampler_table("dpmpp_2m", SCHEDULE, 25).steps[4]
    x, m, p = (np.random.default_rng(i).standard_normal((1, 4, 4, 4)).astype(np.float32) for i in range(3))
    a, _ = apply_step(step, x, m, p)
    b, _ = apply_step(step, torch.from_numpy(x), torch.from_numpy(m), torch.from_numpy(p))
    assert np.abs(a - b.numpy()).max() < 1e-6


def test_a_second_order_step_without_its_x0_is_refused():
    step = sampler_table("dpmpp_2m", SCHEDULE, 25).steps[4]
    with pytest.raises(SamplerError, match="second order"):
        apply_step(step, np.zeros(1), np.zeros(1))


@pytest.mark.parametrize(
    "call",
    [
        lambda: sampler_table("euler_a", SCHEDULE, 25),
        lambda: sampler_table("ddim", SCHEDULE, 0),
        lambda: sampler_table("ddim", SCHEDULE, 1000),
        lambda: NoiseSchedule(prediction_type="flow"),
        lambda: NoiseSchedule(beta_schedule="cosine"),
        lambda: NoiseSchedule.from_diffusers({"trained_betas": [0.1]}),
        lambda: sampler_table("ddim", SCHEDULE, 25).head(26),
        lambda: finish_table("dpmpp_2m", SCHEDULE, 25, 0.0, 1.0),
    ],
)
def test_what_is_not_known_is_refused(call):
    with pytest.raises(SamplerError):
        call()
