"""Interrupting, cancelling a task, Ctrl-C: the run ends soon, the wait for the cloud too, and the connection goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_sdk import InputError, ObliviousPipeline, StoppedError
from edge_sdk.cancelling import Cancellation
from edge_sdk.events import Decoded, Detected, Finished

from ..conftest import Scripted
from ..http_server import serving
from .conftest import Slow, wait_until

PROMPT = "a sticker of a woman on a blue background"
#: Seconds from the stop to the end of the wait that apps are promised.
PROMISED = 0.3
FEW: dict[str, Any] = {"num_inference_steps": 4, "cloud_steps": 2, "seed": 1}


def _stopped_after(begin: Callable[[], object], stop: Callable[[], object], slow: Slow) -> float:
    """Seconds from ``stop`` to the end of ``begin``, which waits for the cloud in this thread."""
    at: list[float] = []

    def later() -> None:
        slow.asked.wait(30)
        time.sleep(0.1)
        at.append(time.monotonic())
        stop()

    thread = threading.Thread(target=later)
    thread.start()
    with pytest.raises(StoppedError, match="stopped"):
        begin()
    ended = time.monotonic()
    thread.join()
    return ended - at[0]


@pytest.mark.parametrize("how", ["interrupt", "close", "_interrupt"])
def test_a_wait_for_the_cloud_ends_at_once(random_bundles: Path, slow: Slow, how: str) -> None:
    pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", slow.url, 1)
    stops = {"interrupt": pipe.interrupt, "close": pipe.close, "_interrupt": lambda: setattr(pipe, "_interrupt", True)}
    assert _stopped_after(lambda: pipe(PROMPT, **FEW), stops[how], slow) < PROMISED
    assert wait_until(slow.left.is_set, 5)


def test_interrupt_ends_the_runs_that_were_begun_and_no_other(device: ObliviousPipeline) -> None:
    begun = device.steps(PROMPT, num_inference_steps=4, cloud_steps=0, seed=1)
    next(begun)
    device.interrupt()
    with pytest.raises(StoppedError, match="interrupted"):
        next(begun)
    assert device(PROMPT, num_inference_steps=2, cloud_steps=0).images


def test_a_callback_interrupts_its_own_run(device: ObliviousPipeline) -> None:
    seen: list[int] = []

    def on_step(pipe: ObliviousPipeline, step: int, timestep: float, tensors: dict[str, Any]) -> dict[str, Any]:
        seen.append(step)
        if step == 1:
            pipe._interrupt = True
        return tensors

    with pytest.raises(StoppedError):
        device(PROMPT, num_inference_steps=6, cloud_steps=0, callback_on_step_end=on_step)
    assert seen == [0, 1]


def test_the_async_twin_gives_the_same_events(random_bundles: Path, honest: Scripted) -> None:
    async def events(pipe: ObliviousPipeline) -> list[Any]:
        return [event async for event in pipe.astep(PROMPT, **FEW)]

    with serving(honest) as server, ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as pipe:
        wanted = list(pipe.steps(PROMPT, **FEW))
        made = asyncio.run(events(pipe))
    assert [type(e) for e in made] == [type(e) for e in wanted]
    assert isinstance(made[-1], Decoded)
    assert isinstance(wanted[-1], Decoded)
    assert np.array_equal(np.asarray(made[-1].output.images[0]), np.asarray(wanted[-1].output.images[0]))


def test_many_tasks_of_one_loop_and_previews_in_it(device: ObliviousPipeline) -> None:
    """The loop stays free, previews are made in it, and every picture is right."""
    arguments: dict[str, Any] = {"num_inference_steps": 4, "cloud_steps": 0, "output_type": "np"}
    wanted = [device(PROMPT, seed=i, **arguments).images[0] for i in range(6)]

    async def one(index: int) -> Any:
        picture = None
        async for event in device.astep(PROMPT, seed=index, **arguments):
            if isinstance(event, Finished):
                device.decode(event.latents)
            if isinstance(event, Decoded):
                picture = event.output.images[0]
        return picture

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(one(i) for i in range(6)))

    made = asyncio.run(all_of_them())
    assert sum(np.array_equal(a, b) for a, b in zip(made, wanted, strict=True)) == 6


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_awaitable_takes_callbacks_of_both_kinds(device: ObliviousPipeline, asynchronous: bool) -> None:
    threads: set[int] = set()

    def halve(pipe: ObliviousPipeline, step: int, timestep: float, tensors: dict[str, Any]) -> dict[str, Any]:
        threads.add(threading.get_ident())
        return {"latents": tensors["latents"] * np.float32(0.5)}

    async def halve_later(*arguments: Any) -> dict[str, Any]:
        await asyncio.sleep(0)
        return halve(*arguments)

    arguments: dict[str, Any] = {"num_inference_steps": 3, "cloud_steps": 0, "seed": 2}
    wanted = device(PROMPT, callback_on_step_end=halve, **arguments).images[0]
    callback: Any = halve_later if asynchronous else halve
    made = asyncio.run(device.acall(PROMPT, callback_on_step_end=callback, **arguments)).images[0]
    assert np.array_equal(np.asarray(made), np.asarray(wanted))
    assert threads == {threading.get_ident()}


def test_a_coroutine_function_is_refused_by_the_plain_call(device: ObliviousPipeline) -> None:
    async def on_step(*_: Any) -> None: ...

    with pytest.raises(InputError, match="acall"):
        device(PROMPT, num_inference_steps=2, cloud_steps=0, callback_on_step_end=on_step)


@pytest.mark.parametrize("twin", ["acall", "astep"])
def test_a_cancelled_task_ends_the_wait_for_the_cloud(random_bundles: Path, slow: Slow, twin: str) -> None:
    async def run() -> float:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", slow.url, 1)

        async def work() -> None:
            if twin == "acall":
                await pipe.acall(PROMPT, **FEW)
            async for _ in pipe.astep(PROMPT, **FEW):
                pass

        task = asyncio.create_task(work())
        while not slow.asked.is_set() and not task.done():
            await asyncio.sleep(0.01)
        assert not task.done(), task.exception()
        at = time.monotonic()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return time.monotonic() - at

    assert asyncio.run(run()) < PROMISED
    assert wait_until(slow.left.is_set, 5)


def test_leaving_the_loop_early_ends_the_run(random_bundles: Path, honest: Scripted) -> None:
    async def run(pipe: ObliviousPipeline) -> None:
        async with aclosing(pipe.astep(PROMPT, **FEW)) as events:
            async for event in events:
                assert isinstance(event, Detected)
                break

    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
        asyncio.run(run(pipe))
        assert wait_until(lambda: not any(t.name.startswith("obclip") for t in threading.enumerate()))
        assert server.bodies() == []


_SCRIPT = """
import sys, time
from edge_sdk import ObliviousPipeline
pipe = ObliviousPipeline.from_bundle(sys.argv[1], sys.argv[2], 1)
try:
    pipe(sys.argv[3], num_inference_steps=4, cloud_steps=2)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


def test_ctrl_c_ends_the_wait_for_the_cloud(random_bundles: Path, slow: Slow) -> None:
    command = [sys.executable, "-c", _SCRIPT, str(random_bundles / "edge"), slow.url, PROMPT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        assert slow.asked.wait(60)
        time.sleep(0.2)
        at = time.monotonic()  # the same clock in every process of a machine
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert float(told) - at < PROMISED
    assert wait_until(slow.left.is_set, 5)


def test_cancellation_wakes_whoever_waits_and_calls_once() -> None:
    stop, calls = Cancellation(), []
    with stop.calling(lambda: calls.append(1)):
        threading.Timer(0.05, stop.cancel).start()
        began = time.monotonic()
        assert stop.wait(30)
        assert time.monotonic() - began < 5
        stop.cancel("a second reason")
    assert calls == [1]
    assert stop.cancelled
    with pytest.raises(StoppedError, match="interrupted"):
        stop.check()
    with stop.calling(lambda: calls.append(2)):  # it is late: called at once
        assert calls == [1, 2]
    fresh = Cancellation()
    with fresh.calling(lambda: calls.append(3)):
        pass
    fresh.cancel()
    assert calls == [1, 2]
    assert not Cancellation().wait(0.01)
