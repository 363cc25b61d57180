"""The simulation against a real engine on this machine: times alone are measured, then the same load on both.

The same requests at the same times go to the engine over HTTP and into the simulation, whose service times are drawn
from what the engine took when it had one request at a time. So what is compared is the queue, not the draw.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

from edge_sdk.cloud.loopback import loopback_engine
from obclip_contract import MEDIA_TYPE, GenerateRequest, open_bundle

from ..errors import BenchmarkError
from ..machine import describe
from ..sets import grids, set_cases
from .simulate import Fleet, simulate

#: Requests of each kind whose time is measured with nothing else asked, and the first that are not counted.
ALONE: Final = 30
WARMUP: Final = 5
#: Seconds between them at most, by chance: after a pause a machine takes longer than for one after the other, and
#: requests at random come after pauses.
PAUSE: Final = 0.3
#: Different requests of a kind.
SETS: Final = 15
PERCENTILES: Final = (50, 95)
_DEADLINE: Final = 120.0


@dataclass(frozen=True)
class _Trace:
    """Requests by time, as :class:`.load.Load` gives them."""

    times: tuple[float, ...]

    def arrivals(self, seconds: float, _: random.Random) -> Iterator[float]:
        return (at for at in self.times if at < seconds)


def check_engine(
    cloud_bundle: Path, mix: Mapping[int, float], plan: str, cloud_steps: int, seconds: float, busy: float, seed: int
) -> dict[str, Any]:
    """Measure alone, load for ``seconds`` at utilisation ``busy``, simulate the same, and compare.

    Raises:
        BenchmarkError: an answer is wrong or missing.
    """
    model = open_bundle(cloud_bundle, "cloud").manifest.model
    bodies = {n: _bodies(model, n, plan, cloud_steps) for n in mix}
    with loopback_engine(cloud_bundle) as url:
        alone = {n: _measure_alone(url, some) for n, some in bodies.items()}
        whole = sum(mix.values())
        mean = sum(share / whole * float(np.mean(alone[n])) for n, share in mix.items())
        rng = random.Random(seed)
        times = _poisson(busy / mean, seconds, rng)
        kinds = rng.choices(list(mix), list(mix.values()), k=len(times))
        real = asyncio.run(_load(url, times, kinds, bodies))
    order = iter(kinds)  # one engine serves in the order of arrival
    made = simulate(_Trace(times), Fleet(1, lambda draw: draw.choice(alone[next(order)]), len(times)), seconds, seed)
    rows = {
        f"p{p}": {
            "measured_s": round(float(np.percentile(real, p)), 4),
            "simulated_s": round(float(np.percentile(made.latencies, p)), 4),
        }
        for p in PERCENTILES
    }
    for row in rows.values():
        row["difference"] = round(row["simulated_s"] / row["measured_s"] - 1.0, 4)
    return {
        "benchmark": "fleet_check",
        "requests": len(times),
        "seconds": seconds,
        "busy": busy,
        "mix": dict(mix),
        "plan": plan,
        "cloud_steps": cloud_steps,
        "alone_ms": {n: round(1000 * float(np.median(some)), 1) for n, some in alone.items()},
        "percentiles": rows,
        "seed": seed,
        "machine": describe(),
    }


def table(result: dict[str, Any]) -> str:
    """GitHub's markdown."""
    lines = [
        f"{result['requests']} requests in {result['seconds']:g} s to one engine on this machine",
        "",
        "| | measured s | simulated s | difference |",
        "|---|---|---|---|",
    ]
    for name, row in result["percentiles"].items():
        lines.append(
            f"| {name} | {row['measured_s']:.3f} | {row['simulated_s']:.3f} | {100 * row['difference']:+.1f} % |"
        )
    return "\n".join(lines)


def _bodies(model: str, candidates: int, plan: str, cloud_steps: int) -> list[bytes]:
    cases = set_cases(grids(candidates)[0], SETS)
    return [
        GenerateRequest(
            model=model,
            lexicon="benchmark",
            grid=case.grid,
            seed=case.seed,
            steps=25,
            cloud_steps=cloud_steps,
            guidance_scale=2.0,
            negative_prompt="",
            sampler="dpmpp_2m",
            handover="restart",
            plan=plan,
        ).to_bytes()
        for case in cases
    ]


def _measure_alone(url: str, bodies: list[bytes]) -> list[float]:
    """Seconds of requests that nothing else was asked beside."""
    taken, rng = [], random.Random(len(bodies[0]))
    with httpx.Client(base_url=url, timeout=_DEADLINE) as client:
        for i in range(WARMUP + ALONE):
            time.sleep(PAUSE * rng.random())
            began = time.perf_counter()
            answer = client.post("/v1/latents", content=bodies[i % len(bodies)], headers=_HEADERS)
            _check_answer(answer)
            taken.append(time.perf_counter() - began)
    return taken[WARMUP:]


_HEADERS: Final = {"content-type": "application/json"}


async def _load(url: str, times: tuple[float, ...], kinds: list[int], bodies: dict[int, list[bytes]]) -> list[float]:
    """Send each request at its time, whatever became of those before; seconds of each."""
    began = time.perf_counter()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_DEADLINE, limits=limits) as client:

        async def one(at: float, body: bytes) -> float:
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            _check_answer(await client.post("/v1/latents", content=body, headers=_HEADERS))
            return time.perf_counter() - (began + at)

        jobs = [
            one(at, bodies[kind][i % len(bodies[kind])]) for i, (at, kind) in enumerate(zip(times, kinds, strict=True))
        ]
        return await asyncio.gather(*jobs)


def _check_answer(answer: httpx.Response) -> None:
    if answer.status_code == 429:
        raise BenchmarkError("the engine's queue was full; check with a smaller --busy")
    if answer.status_code != 200 or answer.headers.get("content-type") != MEDIA_TYPE:
        raise BenchmarkError(f"the engine answered {answer.status_code}: {answer.text[:200]}")


def _poisson(rate: float, seconds: float, rng: random.Random) -> tuple[float, ...]:
    times, at = [], rng.expovariate(rate)
    while at < seconds:
        times.append(at)
        at += rng.expovariate(rate)
    if not times:
        raise BenchmarkError("no request came in that time; give it more --seconds")
    return tuple(times)
