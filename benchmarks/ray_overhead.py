"""What Ray Serve costs beside the plain service: one replica, the same requests, in turns on one machine.

    python -m benchmarks.ray_overhead --rounds 5 --json benchmarks/results/ray_overhead.json

Needs Ray (``pip install 'obclip[ray]'``). Both services run all the time; each round asks one and then the other, and
every other round in the other order, so that what else the machine does meets both.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import httpx
import psutil

from edge_sdk.privacy import release
from obclip_contract.places import SHOWN, default_bundle

from .machine import describe

PROMPT: Final = "a sticker of a woman firefighter with dark skin"
_JSON: Final = {"content-type": "application/json"}
_AGAIN: Final = (429, 503)
#: Ray's processes that a request passes through, by the titles that Ray gives them.
_PASSED: Final = ("ray::ProxyActor", "ray::ServeReplica")


@contextmanager
def serving(bundle: Path, threads: int, *more: str) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A service as a process of its own: its URL, and the processes that a request passes through."""
    command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(bundle), "--port", "0", "--json", "--quiet"]
    process = subprocess.Popen([*command, "--threads", str(threads), *more], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise click.ClickException("a service did not start; see above")
        own = psutil.Process(process.pid)
        passed = [p for p in own.children(recursive=True) if p.cmdline() and p.cmdline()[0].startswith(_PASSED)]
        yield json.loads(line)["url"], passed or [own]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def ask(client: httpx.Client, data: bytes) -> float:
    """Milliseconds of one answered request."""
    while True:
        begun = time.perf_counter()
        answer = client.post("/v1/latents", content=data, headers=_JSON)
        if answer.status_code == 200:
            return 1000 * (time.perf_counter() - begun)
        if answer.status_code not in _AGAIN:
            raise click.ClickException(f"a service answered {answer.status_code}")
        time.sleep(0.05)


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """That these processes have used."""
    return sum(p.cpu_times().user + p.cpu_times().system for p in processes)


def measure(
    service: tuple[str, list[psutil.Process]], data: bytes, requests: int, clients: int, seconds: float
) -> dict[str, float]:
    """p50 of one client, CPU time of each of its requests, and the rate of several clients at once."""
    url, processes = service
    with httpx.Client(base_url=url, timeout=300, trust_env=False) as client:
        ask(client, data)
        used = cpu_seconds(processes)
        alone = statistics.median(ask(client, data) for _ in range(requests))
        used = cpu_seconds(processes) - used
    done = [0] * clients
    until = time.perf_counter() + seconds

    def ask_on(number: int) -> None:
        with httpx.Client(base_url=url, timeout=300, trust_env=False) as client:
            while time.perf_counter() < until:
                ask(client, data)
                done[number] += 1

    begun = time.perf_counter()
    threads = [threading.Thread(target=ask_on, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    each = 1000 * used / requests
    return {"p50_ms": alone, "cpu_ms": each, "per_second": sum(done) / (time.perf_counter() - begun)}


def summarise(rounds: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Medians, least and most, of each service and of the rounds' differences."""
    out: dict[str, Any] = {}
    for key in ("p50_ms", "cpu_ms", "per_second"):
        for name in ("plain", "ray"):
            values = sorted(r[name][key] for r in rounds)
            out[f"{name}_{key}"] = [round(v, 2) for v in (statistics.median(values), values[0], values[-1])]
        ratios = sorted(r["ray"][key] / r["plain"][key] for r in rounds)
        out[f"ratio_{key}"] = [round(v, 3) for v in (statistics.median(ratios), ratios[0], ratios[-1])]
    for key in ("p50_ms", "cpu_ms"):
        more = sorted(r["ray"][key] - r["plain"][key] for r in rounds)
        out[f"more_{key}"] = [round(v, 2) for v in (statistics.median(more), more[0], more[-1])]
    return out


@click.command(
    epilog="Example: python -m benchmarks.ray_overhead --rounds 5 --json benchmarks/results/ray_overhead.json"
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    default=lambda: default_bundle("cloud"),
    show_default=SHOWN,
    help="The cloud bundle.",
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--requests", type=click.IntRange(1), default=20, show_default=True, help="Of one client, each round.")
@click.option("--clients", type=click.IntRange(1), default=8, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=15.0, show_default=True, help="Of several, each round.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Of the engine.")
@click.option("--cloud-steps", type=click.IntRange(1), default=2, show_default=True)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the result there.")
def main(
    bundle: Path,
    rounds: int,
    requests: int,
    clients: int,
    seconds: float,
    threads: int,
    cloud_steps: int,
    out: Path | None,
) -> None:
    """Compare `obclip serve --ray --replicas 1` with `obclip serve`."""
    data = release(PROMPT).request(seed=0, cloud_steps=cloud_steps, steps=25).to_bytes()
    measured: list[dict[str, dict[str, float]]] = []
    with serving(bundle, threads) as plain, serving(bundle, threads, "--ray", "--replicas", "1") as ray:
        for number in range(rounds):
            order = [("plain", plain), ("ray", ray)]
            measured.append(
                {n: measure(at, data, requests, clients, seconds) for n, at in order[:: -1 if number % 2 else 1]}
            )
            click.echo(json.dumps(measured[-1]), err=True)
    facts = {"rounds": rounds, "requests": requests, "clients": clients, "seconds": seconds, "threads": threads}
    result = {
        **summarise(measured),
        "of": "median, least, most",
        "request": {"prompt": PROMPT, "cloud_steps": cloud_steps, "steps": 25, "seed": 0},
        "settings": {**facts, "ray": version("ray"), "load": os.getloadavg()},
        "machine": describe(),
    }
    click.echo(json.dumps(result, indent=1))
    if out is not None:
        out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
