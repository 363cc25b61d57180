"""Device steps that do not ask the model: which they are, what stands in for its answer, and that no truth shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk import InputError, Settings
from edge_sdk.cancelling import Cancellation
from edge_sdk.device.finishing import computed_idle_rows, computed_rows, finish
from edge_sdk.device.start import Start
from edge_sdk.events import Finished
from edge_sdk.pipeline import run
from obclip_contract import SamplerTable, defaults, finish_table, sampler_table

from .test_finishing import SCHEDULE, STATES, Arithmetic

STRIDES = (1, 2, 3, 4)


def _noise() -> NDArray[Any]:
    return np.random.default_rng(3).standard_normal((1, 4, 8, 8)).astype(np.float32)


class Straight(Arithmetic):
    """A model whose output lies on a line over the timesteps, whatever the latent is."""

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        self.batches.append(len(latent))
        return np.full_like(latent, 0.25 + timestep / 1024)


def test_every_row_asks_by_default() -> None:
    assert Settings().device_stride == defaults.DEVICE_STRIDE == 1
    assert all(all(computed_rows(n, 1)) for n in range(200))


def test_the_rows_that_ask() -> None:
    def told(count: int, stride: int) -> list[int]:
        return [i for i, asks in enumerate(computed_rows(count, stride)) if asks]

    assert told(15, 2) == [0, 1, 3, 5, 7, 9, 11, 13, 14]
    assert told(15, 3) == [0, 1, 4, 7, 10, 13, 14]
    assert told(8, 4) == [0, 1, 5, 6, 7]
    assert [told(n, 3) for n in range(6)] == [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 3, 4]]


@pytest.mark.parametrize("stride", STRIDES)
def test_a_hit_asks_as_often_as_a_miss(stride: int) -> None:
    for whole in [*range(40), 100, 199, 200]:
        for idle in range(whole + 1):
            hit = computed_idle_rows(idle, whole - idle, stride) + computed_rows(whole - idle, stride)
            assert len(hit) == whole
            assert sum(hit) == sum(computed_rows(whole, stride))


@pytest.mark.parametrize("kind", ["ddim", "dpmpp_2m"])
def test_stride_one_gives_the_same_bytes_as_no_stride(kind: str) -> None:
    table = sampler_table(kind, SCHEDULE, 25)
    plain = list(finish(Arithmetic(), table, _noise(), STATES, 4.0))
    strode = list(finish(Arithmetic(), table, _noise(), STATES, 4.0, None, computed_rows(25, 1)))
    assert [r.latent.tobytes() for r in plain] == [r.latent.tobytes() for r in strode]
    assert all(r.computed for r in (*plain, *strode))


@pytest.mark.parametrize("stride", STRIDES)
def test_a_model_on_a_line_is_met(stride: int) -> None:
    table = finish_table("dpmpp_2m", SCHEDULE, 25, -0.37)
    rows = computed_rows(len(table.steps), stride)
    model = Straight()
    strode = list(finish(model, table, _noise(), STATES, 4.0, None, rows))
    whole = list(finish(Straight(), table, _noise(), STATES, 4.0))
    assert tuple(r.computed for r in strode) == rows
    assert len(model.batches) == sum(rows)
    np.testing.assert_allclose(strode[-1].latent, whole[-1].latent, atol=1e-5)


def test_a_smooth_model_is_followed_closely() -> None:
    table = finish_table("dpmpp_2m", SCHEDULE, 25, sampler_table("dpmpp_2m", SCHEDULE, 25).steps[10].log_snr)
    last = [
        list(finish(Arithmetic(), table, _noise(), STATES, 4.0, None, computed_rows(15, s)))[-1].latent for s in STRIDES
    ]
    assert 0 < np.abs(last[1] - last[0]).max() < 0.01
    assert np.abs(last[2] - last[0]).max() < 0.03


def _run(start: Start, stride: int) -> tuple[list[Finished], Arithmetic, NDArray[Any]]:
    """The device's part of a run of the pipeline."""
    model = Arithmetic()
    parts: Any = SimpleNamespace(runtime=model, tokenize=lambda texts: np.zeros((len(texts), 4), np.int32))
    told: Any = SimpleNamespace(settings=Settings(guidance_scale=4.0, device_stride=stride), words="")
    rows = run._finish(parts, told, start, run._Clock(), Cancellation())
    events: list[Finished] = []
    while True:
        try:
            event = next(rows)
        except StopIteration as stop:
            return events, model, stop.value
        assert isinstance(event, Finished)
        events.append(event)


@pytest.mark.parametrize("stride", STRIDES)
def test_a_run_has_an_event_a_step_and_one_length_for_every_truth(stride: int) -> None:
    whole = sampler_table("dpmpp_2m", SCHEDULE, 25)
    own = finish_table("dpmpp_2m", SCHEDULE, 25, whole.steps[10].log_snr)
    early = finish_table("dpmpp_2m", SCHEDULE, 25, whole.steps[5].log_snr)
    miss, miss_model, _ = _run(Start(_noise(), table=early), stride)
    hit, hit_model, latent = _run(Start(_noise(), table=own, idle=early.head(5)), stride)
    assert [(e.index, e.total) for e in hit] == [(e.index, e.total) for e in miss] == [(i, 20) for i in range(20)]
    assert hit_model.batches == miss_model.batches
    assert sum(e.computed for e in hit) == sum(e.computed for e in miss) == len(hit_model.batches)
    # What is thrown away leaves no trace.
    _, _, alone = _run(Start(_noise(), table=own), stride)
    assert latent.tobytes() == alone.tobytes()


def test_no_row_is_no_row() -> None:
    assert computed_rows(0, 2) == () == computed_idle_rows(0, 0, 2)
    none = SamplerTable("ddim", (), float("inf"))
    assert list(finish(Arithmetic(), none, _noise(), STATES, 1.0, None, ())) == []


@pytest.mark.parametrize("bad", [0, -1, 5, 2.0, "2", True])
def test_a_stride_that_cannot_be_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="device_stride"):
        Settings(device_stride=bad)


@pytest.mark.parametrize("level", [-20.0, 9.5])
def test_levels_beyond_the_schedule_share_a_timestep(level: float) -> None:
    table = finish_table("dpmpp_2m", SCHEDULE, 25, level)
    rows = computed_rows(len(table.steps), 2)
    assert all(np.isfinite(r.latent).all() for r in finish(Straight(), table, _noise(), STATES, 4.0, None, rows))
