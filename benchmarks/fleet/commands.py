"""``obclip bench fleet``: simulate a fleet, or hold the simulation against a real engine on this machine."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any, Final

import click

from cloud_engine.cli.options import FiniteRange
from obclip_contract import defaults

_MEASURED: Final = Path("benchmarks/results/plan_cost_onnxruntime.json")
#: What a simulation of minutes can hold.
MOST_REPLICAS: Final = 10_000
MOST_FACTOR: Final = 1000
#: Requests of one size of the fleet; a million took 18 seconds of CPU on an AMD EPYC.
MOST_REQUESTS: Final = 20_000_000
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


def _read_replicas(text: str) -> list[int]:
    try:
        first, _, rest = text.partition("-")
        last, _, step = rest.partition(":")
        found = range(int(first), int(last or first) + 1, int(step or 1))
    except ValueError:
        raise click.UsageError("--replicas is a number or a range, such as 40-80:5") from None
    if not found or found[0] < 1 or found[-1] > MOST_REPLICAS:
        raise click.UsageError(f"--replicas is a number or a range up to {MOST_REPLICAS}, such as 40-80:5")
    return list(found)


def _read_burst(text: str) -> Any:
    from .load import Burst

    try:
        start, length, factor = (float(part) for part in text.split(":"))
        if not (0 <= start < math.inf and 0 < length < math.inf and 0 < factor <= MOST_FACTOR):
            raise ValueError(text)
    except ValueError:
        raise click.UsageError(
            f"--burst is START:SECONDS:FACTOR, such as 600:120:3; FACTOR is at most {MOST_FACTOR}"
        ) from None
    return Burst(start, length, factor)


def _read_loss(text: str) -> Any:
    from .simulate import Loss

    try:
        at, length, replica = text.split(":")
        loss = Loss(float(at), float(length), int(replica))
        if not (0 <= loss.at < math.inf and 0 < loss.length < math.inf):
            raise ValueError(text)
    except ValueError:
        raise click.UsageError("--loss is START:SECONDS:ENGINE, such as 900:60:0") from None
    return loss


@click.command(
    epilog="Examples: obclip bench fleet --devices 1000000 --replicas 15-40:5 --plot fleet.png; "
    "obclip bench fleet --devices 200000 --replicas 6 --loss 600:120:0 --burst 1200:60:3; "
    "obclip bench fleet --check --seconds 120   (loads a real engine on this machine)"
)
@click.option("--devices", default=1_000_000, show_default=True, type=click.IntRange(1), help="Phones in all.")
@click.option("--pictures", default=2.0, show_default=True, type=FiniteRange(0), help="Each asks for, a day.")
@click.option("--swing", default=0.6, show_default=True, type=FiniteRange(0, 1), help="Of the day's rhythm.")
@click.option("--hours", default=1.0, show_default=True, type=FiniteRange(0.01, 24), help="Around the peak.")
@click.option("--replicas", default="15-40:5", show_default=True, help="Engines: a number or FIRST-LAST:STEP.")
@click.option("--queue", default=8, show_default=True, type=click.IntRange(0), help="Requests that wait at each.")
@click.option("--mix", default="2:0.3,6:0.6,30:0.1", show_default=True, help="Shares of the set sizes, N:share.")
@click.option("--plan", default=defaults.PLAN, show_default=True)
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@click.option("--measured", type=_FILE, default=_MEASURED, show_default=True, help="'obclip bench cost --json'.")
@click.option("--burst", "bursts", multiple=True, help="START:SECONDS:FACTOR; repeatable.")
@click.option("--loss", "losses", multiple=True, help="START:SECONDS:ENGINE; repeatable.")
@click.option("--seed", default=0, show_default=True)
@click.option("--check", is_flag=True, help="Load a real engine on this machine and compare p50 and p95.")
@click.option("--seconds", default=120.0, show_default=True, type=FiniteRange(10), help="With --check: of load.")
@click.option("--busy", default=0.6, show_default=True, type=FiniteRange(0.05, 0.9), help="With --check.")
@click.option("--cloud-bundle", type=click.Path(path_type=Path), default=Path("build/bundles/stickers/cloud"))
@click.option("--plot", "plot_file", type=_FILE, help="PNG to write.")
@click.option("--json", "json_file", type=_FILE, help="Write the result here too.")
def fleet(
    devices: int,
    pictures: float,
    swing: float,
    hours: float,
    replicas: str,
    queue: int,
    mix: str,
    plan: str,
    cloud_steps: int,
    measured: Path,
    bursts: tuple[str, ...],
    losses: tuple[str, ...],
    seed: int,
    check: bool,
    seconds: float,
    busy: float,
    cloud_bundle: Path,
    plot_file: Path | None,
    json_file: Path | None,
) -> None:
    """Latency percentiles of a fleet under a day's rhythm, bursts and lost engines (simulated)."""
    from cloud_engine.cli.capacity import parse_mix

    if check:
        from .check import check_engine
        from .check import table as check_table

        checked = check_engine(cloud_bundle, parse_mix(mix), plan, cloud_steps, seconds, busy, seed)
        _write(json_file, checked)
        click.echo(check_table(checked))
        return
    from cloud_engine.capacity import read_measured

    from .load import Load
    from .report import Row, plot, table
    from .service import of_workload
    from .simulate import Fleet, simulate

    sizes, chosen = _read_replicas(replicas), tuple(_read_loss(text) for text in losses)
    if any(not 0 <= loss.replica < sizes[0] for loss in chosen):
        raise click.UsageError(f"--loss names an engine from 0 to {sizes[0] - 1}")
    workload = read_measured(measured, parse_mix(mix), plan, cloud_steps)
    peak = 20.0
    load = Load(devices, pictures, swing, peak, peak - hours / 2, tuple(_read_burst(text) for text in bursts))
    if (count := load.count(3600 * hours)) > MOST_REQUESTS:
        raise click.UsageError(
            f"that is about {count:.0f} requests for each size of the fleet, and at most {MOST_REQUESTS:,} are "
            "simulated: give fewer --devices, --pictures or --hours"
        )
    service, began, rows = of_workload(workload), time.perf_counter(), []
    for size in sizes:
        outcome = simulate(load, Fleet(size, service, queue, losses=chosen), 3600 * hours, seed)
        rows.append(Row.of(outcome))
        click.echo(f"{size} engines: {outcome.asked} requests simulated", err=True)
    title = (
        f"{devices:,} devices, {pictures:g} pictures a day each, {hours:g} h around the peak "
        f"({load.rate(1800 * hours):.1f} requests/s)"
    )
    result = {
        "benchmark": "fleet", "title": title, "mix": parse_mix(mix), "plan": plan, "service_ms": workload.mean_ms,
        "queue": queue, "bursts": bursts, "losses": losses, "seed": seed,
        "seconds": round(time.perf_counter() - began, 1), "rows": [row.to_dict() for row in rows],
    }  # fmt: skip
    _write(json_file, result)
    if plot_file is not None:
        plot_file.parent.mkdir(parents=True, exist_ok=True)
        plot(rows, title, plot_file)
    click.echo(f"{title}\n\n{table(rows)}")


def _write(file: Path | None, result: dict[str, Any]) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
