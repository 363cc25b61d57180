"""``obclip plan capacity``: how many engines a load needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from obclip_contract import defaults

if TYPE_CHECKING:
    from obclip_contract import Bundle

    from ..capacity import Sizing, Workload

from .options import FiniteRange

__all__ = ["command", "parse_mix"]

_MEASURED: Final = Path("benchmarks/results/plan_cost_onnxruntime.json")


def parse_mix(text: str) -> dict[int, float]:
    """``6:0.7,30:0.3`` as shares by N; a number alone is all of it.

    Raises:
        click.UsageError: malformed.
    """
    shares: dict[int, float] = {}
    for part in text.split(","):
        name, colon, share = part.strip().partition(":")
        try:
            candidates, value = int(name), float(share) if colon else 1.0
        except ValueError:
            raise click.UsageError("--mix is a list of N:share, such as 2:0.3,6:0.6,30:0.1") from None
        if candidates in shares:
            raise click.UsageError(f"--mix names N = {candidates} twice")
        shares[candidates] = value
    return shares


@click.command(
    name="capacity",
    epilog="Examples: obclip plan capacity --rps 100; obclip plan capacity --rps 20 --mix 6:0.7,30:0.3 --within 3000 "
    "--price 0.53 --json",
)
@click.option("--rps", type=FiniteRange(0, min_open=True), required=True, help="Requests a second, at the peak.")
@click.option("--mix", default="2:0.3,6:0.6,30:0.1", show_default=True, help="Shares of the set sizes, N:share.")
@click.option("--plan", default=defaults.PLAN, show_default=True)
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@click.option(
    "--measured",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_MEASURED,
    show_default=True,
    help="A result of 'obclip bench cost --json' on the machine that will serve.",
)
@click.option("--within", default=5000.0, show_default=True, type=FiniteRange(1), help="Milliseconds for 95 %.")
@click.option(
    "--utilisation",
    default=0.8,
    show_default=True,
    type=FiniteRange(0.05, 0.99),
    help="No engine is to be busier than this share of the time.",
)
@click.option("--spare", default=1, show_default=True, type=click.IntRange(0), help="Engines that may fail at once.")
@click.option("--price", type=FiniteRange(0), help="What one engine costs an hour, in your currency.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Cloud bundle: adds memory and bytes on the wire.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    rps: float,
    mix: str,
    plan: str,
    cloud_steps: int,
    measured: Path,
    within: float,
    utilisation: float,
    spare: int,
    price: float | None,
    bundle: Path | None,
    as_json: bool,
) -> None:
    """Size a service from measured milliseconds: engines, waiting times, memory, bytes on the wire, cost.

    A formula for requests that come at random to one shared queue. Failures, bursts and clients that come back are
    simulated by `obclip bench fleet`.
    """
    from ..capacity import read_measured, size

    workload = read_measured(measured, parse_mix(mix), plan, cloud_steps)
    found = size(workload, rps, within, utilisation, spare)
    result = _describe(found, workload, price)
    if bundle is not None:
        from obclip_contract import open_bundle

        result |= _on_the_wire(open_bundle(bundle, "cloud"), workload, rps)
    click.echo(json.dumps(result, indent=1) if as_json else _text(result, rps, within))


def _describe(found: Sizing, workload: Workload, price: float | None) -> dict[str, Any]:
    queue = found.queue
    result: dict[str, Any] = {
        "engines": found.replicas,
        "needed": found.needed,
        "spare": found.spare,
        "utilisation": round(queue.utilisation, 4),
        "service_ms": round(workload.mean_ms, 2),
        "waiting_share": round(queue.waiting_share, 4),
        "mean_wait_ms": round(queue.mean_wait_ms, 2),
        "latency_ms": {name: round(queue.latency_ms(share), 1) for name, share in _PERCENTILES},
        "mix": [{"kind": kind.name, "share": round(share, 4), "ms": kind.ms} for kind, share in workload.shares],
    }
    if price is not None:
        hourly = price * found.replicas
        result |= {"cost_hour": round(hourly, 4), "cost_1000": round(1000 * hourly / (3600 * queue.per_second), 6)}
    return result


_PERCENTILES: Final = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def _on_the_wire(bundle: Bundle, workload: Workload, rps: float) -> dict[str, Any]:
    """Memory of an engine's weights and caches, and the answers' bytes: exact, since their sizes are fixed."""
    import numpy as np

    from obclip_contract import LatentsResponse

    manifest = bundle.manifest

    def answer(candidates: int, steps: int, plan: str) -> int:
        latents = np.zeros((candidates, *manifest.latent_shape), np.float16)
        return len(LatentsResponse(latents, "0" * 64, manifest.pair_sha256, steps, 0.0, plan).to_bytes())

    mean = sum(s * answer(k.candidates, k.cloud_steps, k.plan) for k, s in workload.shares)
    return {
        "weights_bytes": sum(f.bytes for f in manifest.files),
        "cache_bytes": workload.cache_bytes,
        "answer_bytes": round(mean),
        "egress_mbit_s": round(8 * mean * rps / 1e6, 3),
    }


def _text(result: dict[str, Any], rps: float, within: float) -> str:
    times = result["latency_ms"]
    lines = [
        f"{result['engines']} engines for {rps:g} requests a second: {result['needed']} keep 95 % within "
        f"{within:g} ms, {result['spare']} spare",
        f"  busy     {100 * result['utilisation']:.0f} % of the time; {100 * result['waiting_share']:.0f} % wait, "
        f"{result['mean_wait_ms']:.0f} ms on average over all",
        f"  latency  p50 {times['p50']:.0f} ms, p95 {times['p95']:.0f} ms, p99 {times['p99']:.0f} ms",
    ]
    if "answer_bytes" in result:
        lines.append(
            f"  memory   {result['weights_bytes'] / 1e6:.0f} MB of files and {result['cache_bytes'] / 1e6:.1f} MB of "
            "caches an engine, beside the runtime's own"
        )
        lines.append(
            f"  egress   {result['egress_mbit_s']:.1f} Mbit/s; {result['answer_bytes'] / 1e3:.1f} kB an answer"
        )
    if "cost_hour" in result:
        lines.append(
            f"  cost     {result['cost_hour']:g} an hour, {result['cost_1000']:g} for 1,000 answers at that load"
        )
    return "\n".join(lines)
