import math

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

from obclip_contract import NoiseSchedule, SamplerError, apply_step, finish_table, sampler_table

BASE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
SPACINGS, PREDICTIONS, KINDS = ("linspace", "leading", "trailing"), ("epsilon", "v_prediction"), ("ddim", "dpmpp_2m")
#: Without (DDIM, ε, zero terminal SNR): diffusers divides by zero there.
CASES = [
    (kind, prediction, spacing, zero)
    for kind in KINDS
    for prediction in PREDICTIONS
    for spacing in SPACINGS
    for zero in (False, True)
    if not (zero and prediction == "epsilon" and kind == "ddim")
]


def fake_model(x, t, prediction):
    """A fixed, bounded stand-in: depends on latent and timestep as a denoiser does."""
    mixed = np.roll(x, 1, axis=-1) * 0.5 + x * 0.5
    if prediction == "v_prediction":
        return np.tanh(mixed) * 0.3 - 0.1 * math.sin(t / 300)
    return np.tanh(mixed) * (0.2 + 0.8 * t / 1000)


def ours(table, x, prediction, previous=None):
    for step in table.steps:
        x, previous = apply_step(step, x, fake_model(x, step.timestep, prediction), previous)
    return x, previous


def start():
    return np.random.default_rng(3).standard_normal((2, 4, 8, 8))


def config(prediction, spacing, zero, **change):
    return {
        **BASE,
        "prediction_type": prediction,
        "timestep_spacing": spacing,
        "steps_offset": 1 if spacing == "leading" else 0,
        "rescale_betas_zero_snr": zero,
        **change,
    }


def diffusers_scheduler(kind, settings):
    if kind == "ddim":
        return DDIMScheduler(clip_sample=False, set_alpha_to_one=True, **settings)
    return DPMSolverMultistepScheduler(
        algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero", **settings
    )


def theirs(scheduler, x, prediction, dtype, skip_last=False):
    x = torch.from_numpy(x).to(dtype)
    timesteps = scheduler.timesteps[:-1] if skip_last else scheduler.timesteps
    for t in timesteps:
        x = scheduler.step(torch.from_numpy(fake_model(x.numpy(), float(t), prediction)), t, x).prev_sample
    return x.numpy()


def difference(a, b):
    """Largest difference, relative where ε-prediction at zero SNR blows the latents up (in diffusers too)."""
    return float(np.abs(a - b).max()) / max(1.0, float(np.abs(b).max()))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("steps", [25, 50, 10, 4])
@pytest.mark.parametrize(("kind", "prediction", "spacing", "zero"), CASES)
def test_runs_as_diffusers_does(kind, prediction, spacing, zero, steps, dtype):
    settings = config(prediction, spacing, zero)
    scheduler = diffusers_scheduler(kind, settings)
    scheduler.set_timesteps(steps)
    table = sampler_table(kind, NoiseSchedule.from_diffusers(settings), steps)
    assert [s.timestep for s in table.steps] == [float(t) for t in scheduler.timesteps]
    x = start().astype(str(dtype).removeprefix("torch."))
    mine, _ = ours(table, x, prediction)
    assert mine.dtype == x.dtype
    assert difference(mine, theirs(scheduler, x, prediction, dtype)) <= 1e-5


@pytest.mark.parametrize("steps", [7, 15, 30])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_ddim_follows_diffusers_stride_where_the_grid_does_not_divide(steps, spacing):
    """The last step apart: ours always ends clean, diffusers' may end at timestep 0."""
    settings = config("v_prediction", spacing, True)
    scheduler = diffusers_scheduler("ddim", settings)
    scheduler.set_timesteps(steps)
    table = sampler_table("ddim", NoiseSchedule.from_diffusers(settings), steps)
    mine, _ = ours(table.head(steps - 1), start(), "v_prediction")
    assert difference(mine, theirs(scheduler, start(), "v_prediction", torch.float64, skip_last=True)) <= 1e-5
    assert (table.steps[-1].next_from_latent, table.steps[-1].next_from_x0) == (0.0, 1.0)


@pytest.mark.parametrize("beta_schedule", ["linear", "squaredcos_cap_v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_other_beta_schedules_run_as_in_diffusers(kind, beta_schedule):
    settings = config("v_prediction", "leading", False, beta_schedule=beta_schedule, beta_start=0.0001, beta_end=0.02)
    scheduler = diffusers_scheduler(kind, settings)
    scheduler.set_timesteps(25)
    mine, _ = ours(sampler_table(kind, NoiseSchedule.from_diffusers(settings), 25), start(), "v_prediction")
    assert difference(mine, theirs(scheduler, start(), "v_prediction", torch.float64)) <= 1e-5


SCHEDULE = NoiseSchedule(
    **BASE, prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True
)


@pytest.mark.parametrize("k", [1, 5, 10, 24])
@pytest.mark.parametrize(("kind", "prediction", "spacing", "zero"), CASES)
def test_carry_is_the_uninterrupted_run(kind, prediction, spacing, zero, k):
    schedule = NoiseSchedule.from_diffusers(config(prediction, spacing, zero))
    table = sampler_table(kind, schedule, 25)
    whole, _ = ours(table, start(), prediction)
    head = table.head(k)
    x, x0 = ours(head, start(), prediction)
    # The levels as they travel: twelve digits.
    end, before = (float(f"{v:+.12e}") for v in (head.end_log_snr, head.steps[-1].log_snr))
    tail = finish_table(kind, schedule, 25, end, before)
    assert [s.timestep for s in tail.steps] == [s.timestep for s in table.steps[k:]]
    finished, _ = ours(tail, x, prediction, x0)
    assert difference(finished, whole) < 1e-9


def test_ddim_needs_no_memory_at_the_seam():
    table = sampler_table("ddim", SCHEDULE, 25)
    head = table.head(10)
    for previous in (None, head.steps[-1].log_snr):
        assert finish_table("ddim", SCHEDULE, 25, head.end_log_snr, previous).steps == table.steps[10:]


def test_a_grid_node_just_behind_the_hand_over_is_passed_over():
    grid = sampler_table("dpmpp_2m", SCHEDULE, 25)
    near = grid.steps[10].log_snr - 0.02 * (grid.steps[11].log_snr - grid.steps[10].log_snr)
    tail = finish_table("dpmpp_2m", SCHEDULE, 25, near)
    assert [s.timestep for s in tail.steps[1:]] == [s.timestep for s in grid.steps[11:]]
    assert max(abs(s.next_from_previous) for s in tail.steps) < 5
    clear = grid.steps[10].log_snr - 0.5 * (grid.steps[11].log_snr - grid.steps[10].log_snr)
    assert len(finish_table("dpmpp_2m", SCHEDULE, 25, clear).steps) == 16


@pytest.mark.parametrize("level", [-16.6, -8.0, 9.0, 59.0])
def test_a_level_beyond_the_device_schedule_still_ends_clean(level):
    device = NoiseSchedule(timestep_spacing="trailing")
    tail = finish_table("dpmpp_2m", device, 10, level)
    assert tail.steps[0].log_snr == level
    assert all(0 <= s.timestep <= 999 for s in tail.steps)
    assert tail.end_log_snr == math.inf
    assert tail.steps[-1].next_from_latent == 0.0


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
        lambda: NoiseSchedule(timestep_spacing="karras"),
        lambda: NoiseSchedule(num_train_timesteps=10**12),
        lambda: NoiseSchedule(num_train_timesteps=1),
        lambda: NoiseSchedule(num_train_timesteps=1000.0),
        lambda: NoiseSchedule(beta_start=0.02, beta_end=0.01),
        lambda: NoiseSchedule(beta_end=1.0),
        lambda: NoiseSchedule(beta_start=math.nan),
        lambda: NoiseSchedule(beta_start="0.1"),
        lambda: NoiseSchedule(steps_offset=-1),
        lambda: NoiseSchedule(rescale_betas_zero_snr=1),
        lambda: NoiseSchedule.from_diffusers({**BASE, "trained_betas": [0.1]}),
        lambda: NoiseSchedule.from_diffusers({**BASE, "timestep_spacing": None}),
        lambda: NoiseSchedule.from_dict({"beta_start": 0.1}),
        lambda: NoiseSchedule.from_dict({**NoiseSchedule().to_dict(), "more": 1}),
        lambda: sampler_table("ddim", NoiseSchedule(steps_offset=900), 25),
        lambda: sampler_table("ddim", SCHEDULE, 25).head(-1),
        lambda: finish_table("euler_a", SCHEDULE, 25, math.inf),
        lambda: finish_table("ddim", SCHEDULE, 25, -math.inf),
        lambda: finish_table("ddim", SCHEDULE, 25, math.nan),
        lambda: finish_table("ddim", SCHEDULE, 25, -1e300),
        lambda: finish_table("dpmpp_2m", SCHEDULE, 25, 0.0, math.nan),
        lambda: finish_table("dpmpp_2m", SCHEDULE, 25, 0.0, 0.0),
        lambda: sampler_table("ddim", SCHEDULE, 25).head(26),
        lambda: finish_table("dpmpp_2m", SCHEDULE, 25, 0.0, 1.0),
    ],
)
def test_what_is_not_known_is_refused(call):
    with pytest.raises(SamplerError):
        call()


@pytest.mark.parametrize("stated", [BASE, {}, {"timestep_spacing": "trailing"}, {**BASE, "steps_offset": 1}], ids=str)
@pytest.mark.parametrize("steps", [4, 25])
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_config_does_not_state_is_from_configs_default(kind, steps, stated):
    """Of whatever class the config is: the published SD-1.5 file is PNDM's and names no spacing."""
    settings = {**stated, "_class_name": "PNDMScheduler", "skip_prk_steps": True, "clip_sample": False}
    scheduler = {"ddim": DDIMScheduler, "dpmpp_2m": DPMSolverMultistepScheduler}[kind].from_config(settings)
    scheduler.set_timesteps(steps)
    schedule = NoiseSchedule.from_diffusers(settings)
    assert NoiseSchedule.from_dict(schedule.to_dict()) == schedule
    table = sampler_table(kind, schedule, steps)
    assert [s.timestep for s in table.steps] == [float(t) for t in scheduler.timesteps]
    assert np.abs(schedule.alphas_cumprod() - scheduler.alphas_cumprod.double().numpy()).max() < 1e-6


@pytest.mark.parametrize(
    ("prediction", "spacing", "zero"), [("v_prediction", "trailing", True), ("epsilon", "leading", False)]
)
def test_the_cumulative_product_is_diffusers(prediction, spacing, zero):
    settings = config(prediction, spacing, zero)
    theirs = DPMSolverMultistepScheduler(**settings).alphas_cumprod.double().numpy()
    mine = NoiseSchedule.from_diffusers(settings).alphas_cumprod()
    assert float(np.abs(mine - theirs).max()) < 1e-6
    assert np.all(np.diff(mine) < 0)
    with pytest.raises(ValueError, match="read-only"):
        mine[0] = 1.0
