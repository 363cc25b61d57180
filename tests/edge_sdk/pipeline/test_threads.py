"""One pipeline, many users: threads, interleaved generators, callbacks that call it again. Every picture is right."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk import ClosedError, DeviceError, InputError, ObliviousPipeline, StoppedError
from edge_sdk.events import Decoded, Finished
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import open_bundle

from ..conftest import Scripted
from ..http_server import serving

#: One prompt and seed for each picture: a mix-up cannot go unseen.
PROMPTS = [f"a sticker of a {who} on a {place}" for who in ("woman", "man", "firefighter") for place in ("blue", "red")]
FEW: dict[str, Any] = {"num_inference_steps": 4, "output_type": "np"}


def _picture(pipe: ObliviousPipeline, index: int, cloud_steps: int) -> NDArray[Any]:
    prompt = PROMPTS[index % len(PROMPTS)]
    return np.asarray(pipe(prompt, seed=index, cloud_steps=cloud_steps, **FEW).images[0])


@pytest.fixture(scope="module")
def truth(random_bundles: Path) -> list[NDArray[Any]]:
    """What one thread alone makes of each, device-only."""
    with ObliviousPipeline.from_bundle(random_bundles / "edge", num_threads=1) as pipe:
        return [_picture(pipe, i, 0) for i in range(24)]


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("threads", [2, 4, 8])
def test_24_of_24_pictures_are_right(
    device: ObliviousPipeline, truth: list[NDArray[Any]], threads: int, warm: bool
) -> None:
    if warm:
        _picture(device, 0, 0)
    with ThreadPoolExecutor(threads) as pool:
        made = list(pool.map(lambda i: _picture(device, i, 0), range(24)))
    assert sum(np.array_equal(a, b) for a, b in zip(made, truth, strict=True)) == 24


def test_threads_with_a_cloud(random_bundles: Path, honest: Scripted) -> None:
    with serving(honest) as server:
        with ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as alone:
            wanted = [_picture(alone, i, 2) for i in range(12)]
        with (
            ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as pipe,
            ThreadPoolExecutor(4) as pool,
        ):
            made = list(pool.map(lambda i: _picture(pipe, i, 2), range(12)))
    assert sum(np.array_equal(a, b) for a, b in zip(made, wanted, strict=True)) == 12


def test_previews_from_another_thread_during_a_run(device: ObliviousPipeline, truth: list[NDArray[Any]]) -> None:
    shape = (1, *device.bundle.manifest.latent_shape)
    latents = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    wanted = np.asarray(device.decode(latents))
    wrong: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            if not np.array_equal(np.asarray(device.decode(latents)), wanted):
                wrong.append(1)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        made = [_picture(device, i, 0) for i in range(8)]
    finally:
        done.set()
        thread.join()
    assert not wrong
    assert all(np.array_equal(a, b) for a, b in zip(made, truth, strict=False))


def test_interleaved_generators_of_one_thread(device: ObliviousPipeline, truth: list[NDArray[Any]]) -> None:
    runs = [device.steps(PROMPTS[i % 6], seed=i, cloud_steps=0, **FEW) for i in range(3)]
    made: list[Any] = [None] * 3
    for _ in range(6):  # Detected, four steps, Decoded
        for i, run in enumerate(runs):
            event = next(run)
            made[i] = event.output.images[0] if isinstance(event, Decoded) else None
    assert all(np.array_equal(a, b) for a, b in zip(made, truth, strict=False))


def test_a_callback_may_call_the_pipeline_again(device: ObliviousPipeline, truth: list[NDArray[Any]]) -> None:
    inner: list[NDArray[Any]] = []

    def on_step(pipe: ObliviousPipeline, step: int, timestep: float, tensors: dict[str, Any]) -> None:
        pipe.decode(tensors["latents"])
        if step == 1:
            inner.append(_picture(pipe, 1, 0))

    outer = device(PROMPTS[0], seed=0, cloud_steps=0, callback_on_step_end=on_step, **FEW).images[0]
    assert np.array_equal(outer, truth[0])
    assert np.array_equal(inner[0], truth[1])


def test_an_abandoned_generator_holds_nothing(device: ObliviousPipeline, truth: list[NDArray[Any]]) -> None:
    run = device.steps(PROMPTS[0], seed=0, cloud_steps=0, **FEW)
    while not isinstance(next(run), Finished):
        pass
    with ThreadPoolExecutor(1) as pool:  # in the midst of a run that nobody goes on with
        assert np.array_equal(pool.submit(_picture, device, 1, 0).result(timeout=60), truth[1])
    del run
    gc.collect()
    assert np.array_equal(_picture(device, 2, 0), truth[2])


def test_after_close_everything_says_so(random_bundles: Path) -> None:
    with ObliviousPipeline.from_bundle(random_bundles / "edge", num_threads=1) as pipe:
        begun, fresh = (pipe.steps(PROMPTS[0], cloud_steps=0, **FEW) for _ in range(2))
        next(begun)
    pipe.close()  # a second time does nothing
    latents = np.zeros((1, 4, 16, 16), np.float32)
    calls: list[Callable[[], object]] = [
        lambda: pipe(PROMPTS[0]),
        lambda: pipe.steps(PROMPTS[0]),
        lambda: pipe.astep(PROMPTS[0]),
        lambda: pipe.decode(latents),
        pipe.__enter__,
        lambda: pipe.runtime.decode(latents),
    ]
    for call in calls:
        with pytest.raises(ClosedError, match="closed"):
            call()
    for run in (begun, fresh):
        with pytest.raises(StoppedError, match="closed"):
            next(run)


def test_close_during_runs_of_other_threads(random_bundles: Path) -> None:
    pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", num_threads=1)
    begun = threading.Barrier(3)
    ends: list[str] = []

    def work(first: int) -> None:
        begun.wait()
        for i in range(first, first + 1000):
            try:
                _picture(pipe, i, 0)
            except (ClosedError, StoppedError) as error:
                ends.append(type(error).__name__)
                return

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1000)]
    for thread in threads:
        thread.start()
    begun.wait()
    pipe.close()
    for thread in threads:
        thread.join(timeout=60)
    assert len(ends) == 2


def test_a_signal_handler_in_the_midst_of_a_graph_is_refused(random_bundles: Path) -> None:
    """It would wait for the call that it broke into, for ever."""
    runtime = LiteRtRuntime(open_bundle(random_bundles / "edge", "edge"), 1)
    latents = np.zeros((1, 4, 16, 16), np.float32)
    caught: list[BaseException] = []

    def handler(*_: object) -> None:
        try:
            runtime.decode(latents)
        except DeviceError as error:
            caught.append(error)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with runtime._guard.calling():
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert "signal handler" in str(caught[0])
    assert runtime.decode(latents).shape == (1, 3, 64, 64)


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_pipeline_is_not_copied(device: ObliviousPipeline, how: Callable[[object], object]) -> None:
    with pytest.raises(InputError, match="each process"):
        how(device)


@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # where another test has loaded JAX
def test_a_forked_process_is_refused(device: ObliviousPipeline) -> None:
    """The lock may be held by a thread that the fork does not have."""
    latents = np.zeros((1, 4, 16, 16), np.float32)
    device.decode(latents)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            device.decode(latents)
        except DeviceError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert "forked" in told.read()
    os.waitpid(child, 0)
