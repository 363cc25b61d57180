"""The device's loop on fixed arithmetic in place of a network: the numbers must be exactly the table's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk.device.finishing import finish
from edge_sdk.errors import DeviceError
from obclip_contract import NoiseSchedule, SamplerTable, apply_step, finish_table, sampler_table

SCHEDULE = NoiseSchedule(prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True)
STATES = np.stack([np.full((3, 2), 0.5), np.full((3, 2), -0.25)]).astype(np.float32)


class Arithmetic:
    """A fixed function of latent, timestep and text as the model; records the batches it was asked for."""

    name = "arithmetic"

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain
        self.batches: list[int] = []

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        return STATES

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        assert len(latent) == len(states)
        self.batches.append(len(latent))
        text = states.mean(axis=(1, 2))[:, None, None, None]
        out: NDArray[Any] = (self.gain * (np.tanh(latent + text) * 0.5 + timestep / 4000)).astype(np.float32)
        return out

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        return latent


def _whole(kind: str, noise: NDArray[Any], guidance: float) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """The plain loop, written out: after each step (latent, x0)."""
    model, x, previous, out = Arithmetic(), noise, None, []
    for step in sampler_table(kind, SCHEDULE, 25).steps:
        wanted = model.denoise(x, step.timestep, STATES[:1])
        plain = model.denoise(x, step.timestep, STATES[1:])
        x, previous = apply_step(step, x, plain + np.float32(guidance) * (wanted - plain), previous)
        out.append((x, previous))
    return out


@pytest.mark.parametrize("kind", ["ddim", "dpmpp_2m"])
@pytest.mark.parametrize("cloud_steps", [1, 10, 24])
def test_carrying_on_gives_the_uninterrupted_run(kind: str, cloud_steps: int) -> None:
    noise = np.random.default_rng(3).standard_normal((1, 4, 8, 8)).astype(np.float32)
    states = _whole(kind, noise, 4.0)
    whole = sampler_table(kind, SCHEDULE, 25)
    x, x0 = states[cloud_steps - 1]
    table = finish_table(kind, SCHEDULE, 25, whole.steps[cloud_steps].log_snr, whole.steps[cloud_steps - 1].log_snr)
    rows = list(finish(Arithmetic(), table, x, STATES, 4.0, x0))
    assert [r.index for r in rows] == list(range(25 - cloud_steps))
    assert {r.count for r in rows} == {25 - cloud_steps}
    for row, (expected, _) in zip(rows, states[cloud_steps:], strict=True):
        np.testing.assert_allclose(row.latent, expected, atol=2e-5)


def test_restarting_needs_no_x0_and_stays_close() -> None:
    noise = np.random.default_rng(3).standard_normal((1, 4, 8, 8)).astype(np.float32)
    states = _whole("dpmpp_2m", noise, 4.0)
    table = finish_table("dpmpp_2m", SCHEDULE, 25, sampler_table("dpmpp_2m", SCHEDULE, 25).steps[10].log_snr)
    last = list(finish(Arithmetic(), table, states[9][0], STATES, 4.0))[-1]
    assert np.abs(last.latent - states[-1][0]).max() < 0.05


@pytest.mark.parametrize(("guidance", "batch"), [(1.0, 1), (4.0, 2), (0.0, 1)])
def test_guidance_runs_both_rows_in_one_call_and_none_where_it_has_no_weight(guidance: float, batch: int) -> None:
    model = Arithmetic()
    noise = np.zeros((1, 4, 8, 8), np.float32)
    rows = list(finish(model, sampler_table("ddim", SCHEDULE, 5), noise, STATES, guidance))
    assert model.batches == [batch] * 5
    assert rows[-1].latent.shape == (1, 4, 8, 8)
    assert rows[-1].latent.dtype == np.float32


def test_nothing_to_do_is_nothing_done() -> None:
    assert list(finish(Arithmetic(), SamplerTable("ddim", (), float("inf")), np.zeros((1, 4, 8, 8)), STATES, 1.0)) == []


def test_a_model_that_leaves_the_finite_numbers_is_named() -> None:
    table = sampler_table("ddim", SCHEDULE, 5)
    rows = finish(Arithmetic(gain=float("nan")), table, np.ones((1, 4, 8, 8), np.float32), STATES, 4.0)
    with pytest.raises(DeviceError, match="step 1 of 5"):
        next(rows)


def test_the_loop_can_be_left_early() -> None:
    model = Arithmetic()
    rows = finish(model, sampler_table("ddim", SCHEDULE, 25), np.zeros((1, 4, 8, 8), np.float32), STATES, 4.0)
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert len(model.batches) == 1
