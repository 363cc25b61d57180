"""What wears a server: many requests, models that come and go under load, a restart under load."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cloud_engine.engine import Engine
from cloud_engine.service import Models
from edge_sdk.cloud.client import CloudClient
from edge_sdk.privacy import release
from obclip_contract import limits, open_bundle

from .serving import PROMPT, Process, body, get, post, running

#: Of resident memory, over requests that are all alike.
_GROWTH = 0.05


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_does_not_grow(random_bundles: Path) -> None:
    """Good requests, refused ones, large ones and clients that leave."""
    serving = Process(random_bundles / "cloud", "--quiet", "--threads", "1")
    try:

        def use(rounds: int) -> None:
            for _ in range(rounds):
                assert post(serving.url, body()).status_code == 200
                assert post(serving.url, b"{").status_code == 422
                assert post(serving.url, b"x" * limits.MAX_REQUEST_BYTES).status_code == 422

        use(20)
        before = _memory(serving.process.pid)
        use(60)
        assert _memory(serving.process.pid) < (1 + _GROWTH) * before
    finally:
        serving.stop()


def test_a_model_that_is_unloaded_and_loaded_under_load(random_bundles: Path) -> None:
    """Every answer is right, or says that the model is not loaded now."""
    models = Models.of_bundles([random_bundles / "cloud"], Engine.from_bundle, warm=False)
    models.load("stickers")
    ends: list[tuple[int, bytes]] = []
    stop = threading.Event()
    with running(models) as server, ThreadPoolExecutor(4) as pool:
        right = post(server.url, body()).content

        def ask() -> None:
            while not stop.is_set():
                answer = post(server.url, body())
                ends.append((answer.status_code, answer.content if answer.status_code == 200 else b""))
                if answer.status_code != 200:
                    assert answer.json()["error"]["code"] == "model_not_loaded"

        asked = [pool.submit(ask) for _ in range(4)]
        for _ in range(3):
            models.unload("stickers")
            models.load("stickers")
            models.load("stickers")  # again from disk, while it serves
        stop.set()
        for future in asked:
            future.result()
        assert post(server.url, body()).content == right
    assert {status for status, _ in ends} <= {200, 503}
    assert {content for status, content in ends if status == 200} <= {right}


def test_a_restart_under_load_costs_the_devices_client_a_wait(random_bundles: Path) -> None:
    """The client sends the same bytes to the next address, where the same pair is served."""
    edge = open_bundle(random_bundles / "edge", "edge").manifest
    request = release(PROMPT).request(seed=3, cloud_steps=2, steps=8)
    shape: tuple[int, int, int] = (4, 16, 16)
    old, new = (Process(random_bundles / "cloud", "--quiet", "--grace", "0.2") for _ in range(2))
    try:
        with CloudClient([old.url, new.url]) as client:

            def ask(_: int) -> bytes:
                return client.latents(request, shape, pair_sha256=edge.pair_sha256).response.latents.tobytes()

            right = ask(0)
            with ThreadPoolExecutor(4) as pool:
                answers = [pool.submit(ask, i) for i in range(12)]
                code, error = old.stop()
                got = {answer.result() for answer in answers}
            assert (code, got) == (0, {right})
            assert "Traceback" not in error
            assert get(new.url, "/readyz").status_code == 200
    finally:
        if old.process.poll() is None:
            old.stop()
        new.stop()
