"""``obclip bench clients``: many devices' own clients on one real service; every answer compared, shares and memory
watched, and the service's throughput beside the bare engine's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import httpx
import numpy as np

from cloud_engine.cli.options import FiniteRange
from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import CloudError, RefusedError
from edge_sdk.privacy import release
from obclip_contract import GenerateRequest, LatentsResponse, open_bundle

from .errors import BenchmarkError
from .machine import describe
from .stats import ratios

__all__ = ["clients"]

#: The requests that are sent in turn: two, six and ten candidates; the seed makes them different.
PROMPTS: Final = ("a woman with a red hat", "an old man in the rain", "a woman firefighter with dark skin")
STEPS: Final = 25
#: Requests of each prompt, each with its reference.
SEEDS: Final = 3
#: Parts of the clients that each token has; all of them always have something waiting, so shares are to be equal.
PARTS: Final = (8, 4, 2, 2)
#: Seconds after which memory is compared.
WARM_UP: Final = 20.0
#: Rounds of bare engine and saturated service in turn, and seconds of each.
ROUNDS: Final = 5
ROUND_SECONDS: Final = 10.0
_SATURATED: Final = 4
_WAIT: Final = 300.0


@dataclass
class Load:
    """What the clients saw. ``seconds``: of each right answer. ``shares``: evaluations done by token."""

    seconds: list[float] = field(default_factory=list)
    shares: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    queue: list[float] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    evaluations: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Served:
    """``obclip serve`` with tokens, as a process of its own."""

    def __init__(self, bundle: Path, threads: int, folder: Path) -> None:
        obclip, file = [sys.executable, "-m", "edge_sdk", "serve"], str(folder / "tokens.json")
        new = [*obclip, "token", "new", "--tokens", file]
        self.tokens = [
            subprocess.run([*new, "--role", role], capture_output=True, text=True, check=True).stdout.strip()
            for role in (*["use"] * len(PARTS), "metrics")
        ]
        command = [*obclip, "--bundle", str(bundle), "--port", "0", "--json", "--quiet", "--tokens", file]
        command += ["--threads", str(threads)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchmarkError("the service did not start; its error stands above")
        self.url = str(json.loads(line)["url"])
        self._ask = httpx.Client(trust_env=False, timeout=30)

    def metric(self, name: str) -> float:
        """One number of ``/metrics``."""
        bearer = {"authorization": f"Bearer {self.tokens[-1]}"}
        lines = self._ask.get(f"{self.url}/metrics", headers=bearer).text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """End it."""
        self._ask.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@contextmanager
def _served(bundle: Path, threads: int) -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        served = Served(bundle, threads, Path(folder))
        try:
            yield served
        finally:
            served.stop()


def make_requests(model: str, cloud_steps: int) -> list[GenerateRequest]:
    """The requests of a run; no two are equal."""
    common: dict[str, Any] = {"model": model, "steps": STEPS, "cloud_steps": cloud_steps}
    return [release(prompt).request(seed=seed, **common) for seed in range(SEEDS) for prompt in PROMPTS]


def load_service(
    served: Served, requests: Sequence[GenerateRequest], right: Sequence[bytes], shape: Any, pair: str, n: int, s: float
) -> Load:
    """``n`` clients, each with one request at a time, for ``s`` seconds."""
    load, until = Load(), time.monotonic() + s
    owners = [token for token, part in enumerate(PARTS) for _ in range(part)]
    before = served.metric("obclip_unet_evaluations_total")
    costs = {r.grid.count: r.grid.count for r in requests}

    def be_client(number: int) -> None:
        owner, turn = owners[number * len(owners) // n], number
        with CloudClient(served.url, token=served.tokens[owner], deadline=_WAIT) as client:
            while time.monotonic() < until:
                turn += 1
                request = requests[turn % len(requests)]
                began = time.monotonic()
                try:
                    got = client.latents(request, shape, pair_sha256=pair).response
                except RefusedError as error:
                    with load.lock:
                        load.ends[error.code or str(error.status)] += 1
                    continue
                except CloudError as error:
                    with load.lock:
                        load.ends[type(error).__name__] += 1
                    continue
                ended = time.monotonic()
                good = got.latents.tobytes() == right[turn % len(requests)]
                with load.lock:
                    load.ends["right" if good else "WRONG"] += 1
                    load.seconds.append(ended - began)
                    if ended < until:  # afterwards fewer and fewer have something waiting
                        load.shares[owner] += costs[request.grid.count]

    threads = [threading.Thread(target=be_client, args=(i,)) for i in range(n)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        load.queue.append(served.metric("obclip_num_queue_reqs"))
        load.memory.append((time.monotonic() - began, served.memory()))
        time.sleep(0.5)
    load.evaluations = (served.metric("obclip_unet_evaluations_total") - before) / (time.monotonic() - began)
    for thread in threads:
        thread.join()
    return load


def compare_with_engine(
    served: Served, bundle: Path, threads: int, requests: Sequence[GenerateRequest], right: Sequence[bytes], pair: str
) -> dict[str, Any]:
    """Requests a second of the bare engine and of the saturated service, in turn; the median of the rounds' ratios."""
    from cloud_engine.backends import BackendOptions
    from cloud_engine.engine import Engine

    engine = Engine.from_bundle(bundle, options=BackendOptions(threads=threads))
    shape, bare, face = engine.manifest.latent_shape, [], []
    for _ in range(ROUNDS):
        began, done = time.monotonic(), 0
        while time.monotonic() < began + ROUND_SECONDS:
            engine.run(requests[done % len(requests)]).to_bytes()
            done += 1
        bare.append(done / (time.monotonic() - began))
        load = load_service(served, requests, right, shape, pair, _SATURATED, ROUND_SECONDS)
        # The last ones end after the time is over: from the first to the last, as for the engine.
        face.append(len(load.seconds) / (ROUND_SECONDS + sum(load.seconds[-_SATURATED:]) / _SATURATED))
    told = ratios(bare, face)
    return {"bare_per_s": bare, "service_per_s": face, "engine_over_service": told.to_dict()}


def measure(bundle: Path, count: int, seconds: float, threads: int, cloud_steps: int) -> dict[str, Any]:
    """One run.

    Raises:
        BenchmarkError: the service does not start.
    """
    from cloud_engine.backends import BackendOptions
    from cloud_engine.engine import Engine

    manifest = open_bundle(bundle, "cloud").manifest
    requests, pair = make_requests(manifest.model, cloud_steps), manifest.pair_sha256
    engine = Engine.from_bundle(bundle, options=BackendOptions(threads=threads))
    right = [_reference(engine.run(request)) for request in requests]
    with _served(bundle, threads) as served:
        busy = os.getloadavg()
        load = load_service(served, requests, right, manifest.latent_shape, pair, count, seconds)
        after = os.getloadavg()
        beside = compare_with_engine(served, bundle, threads, requests, right, pair)
    warm = [m for at, m in load.memory if at >= min(WARM_UP, seconds / 3)]
    total = sum(load.shares.values()) or 1
    fair = 1 / len(PARTS)
    return {
        "benchmark": "clients", "machine": describe(), "load_average_before": busy, "load_average_after": after,
        "clients": count, "seconds": seconds, "threads": threads, "prompts": PROMPTS, "steps": [cloud_steps, STEPS],
        "ends": dict(load.ends), "queue_most": max(load.queue),
        "latency_s": {f"p{p}": float(np.percentile(load.seconds, p)) for p in (50, 95, 99)},
        "evaluations_per_s": load.evaluations, "memory_mib": [warm[0] / 2**20, warm[-1] / 2**20],
        "memory_growth": warm[-1] / warm[0] - 1,
        "shares": [load.shares[i] / total for i in range(len(PARTS))],
        "farthest_from_fair": max(abs(load.shares[i] / total / fair - 1) for i in range(len(PARTS))), "beside": beside,
    }  # fmt: skip


def _reference(response: LatentsResponse) -> bytes:
    return response.latents.tobytes()


@click.command(epilog="Example: obclip bench clients --clients 64 --seconds 120 --json clients.json")
@click.option("--clients", "count", default=64, show_default=True, type=click.IntRange(16, 512))
@click.option("--seconds", default=120.0, show_default=True, type=FiniteRange(5, 3600))
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="Of the engine.")
@click.option("--cloud-steps", default=5, show_default=True, type=click.IntRange(1, STEPS))
@click.option("--cloud-bundle", type=click.Path(path_type=Path), default=Path("build/bundles/stickers/cloud"))
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here too.")
def clients(
    count: int, seconds: float, threads: int, cloud_steps: int, cloud_bundle: Path, json_file: Path | None
) -> None:
    """Load one service on this machine with many clients; exit code 1 if an answer is wrong or lost."""
    told = measure(cloud_bundle, count, seconds, threads, cloud_steps)
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    click.echo(json.dumps(told, indent=1))
    if set(told["ends"]) - {"right", "busy"}:
        click.get_current_context().exit(1)
