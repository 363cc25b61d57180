"""``obclip plan``: show a step plan, cost it, tune one."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from obclip_contract import defaults

from .options import bundle_option

if TYPE_CHECKING:
    from ..plans import StepPlan

__all__ = ["command", "parse_axes"]

#: Grids of the lexicon by N, for those who give only a number.
_GRIDS: Final = {
    1: (),
    2: (("gender", 2),),
    3: (("age", 3),),
    5: (("skin_tone", 5),),
    6: (("gender", 2), ("age", 3)),
    10: (("gender", 2), ("skin_tone", 5)),
    15: (("age", 3), ("skin_tone", 5)),
    30: (("gender", 2), ("age", 3), ("skin_tone", 5)),
}
#: Subcommands that live in modules of their own: loaded when they are asked for.
_ELSEWHERE: Final = {"tune": "cloud_engine.cli.tune", "capacity": "cloud_engine.cli.capacity"}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        there = [n for n, module in _ELSEWHERE.items() if importlib.util.find_spec(module) is not None]
        return sorted([*super().list_commands(ctx), *there])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _ELSEWHERE and name in self.list_commands(ctx):
            found: click.Command = importlib.import_module(_ELSEWHERE[name]).command
            return found
        return super().get_command(ctx, name)


@click.group(
    name="plan",
    cls=_Group,
    short_help="Show, cost and tune step plans.",
    epilog="Examples: obclip plan show --candidates 6 --cloud-steps 10 --steps 25; "
    "obclip plan cost --plan balanced --candidates 6 --json",
)
def command() -> None:
    """Step plans: which graph runs on which rows with which caches, at every cloud step."""


def parse_axes(text: str | None, candidates: int) -> tuple[tuple[str, int], ...]:
    """``gender=2,age=3`` as axes; without it, the lexicon's grid of that N, or one axis of N members.

    Raises:
        click.UsageError: malformed, or the product is not N.
    """
    if text is None:
        return _GRIDS.get(candidates, (("member", candidates),))
    product = 1
    axes = []
    for part in text.split(","):
        name, _, size = part.partition("=")
        if not name or not size.isdigit() or int(size) < 1:
            raise click.UsageError("--axes is a list such as gender=2,age=3")
        axes.append((name, int(size)))
        product *= int(size)
    if product != candidates:
        raise click.UsageError(f"--axes has {product} members, --candidates says {candidates}")
    return tuple(axes)


def _numbers(f: Any) -> Any:
    for option in (
        click.option("--axes", help="The grid's axes, such as gender=2,age=3 (default: the lexicon's grid of that N)."),
        click.option(
            "--steps", default=defaults.STEPS, show_default=True, type=click.IntRange(1, 200), help="T, all steps."
        ),
        click.option(
            "--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1, 200), help="k."
        ),
        click.option("--candidates", default=6, show_default=True, type=click.IntRange(1, 64), help="N."),
        click.option("--plan", "name", default="balanced", show_default=True, help="A preset's name."),
    ):
        f = option(f)
    return f


def _preset(name: str, axes: str | None, candidates: int, cloud_steps: int, steps: int) -> StepPlan:
    from ..plans import preset

    return preset(name, parse_axes(axes, candidates), cloud_steps, steps)


@command.command(epilog="Example: obclip plan show --plan balanced --candidates 6 --cloud-steps 10")
@_numbers
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def show(name: str, candidates: int, cloud_steps: int, steps: int, axes: str | None, as_json: bool) -> None:
    """Print a plan, one line per evaluation."""
    plan = _preset(name, axes, candidates, cloud_steps, steps)
    if as_json:
        click.echo(plan.to_json())
        return
    grid = " x ".join(f"{n}={s}" for n, s in plan.axes) or "one member"
    click.echo(f"{plan.name}: {grid}, {plan.cloud_steps} of {plan.steps} steps, cut {plan.cut}")
    for index, row in enumerate(plan.rows):
        for e in row.evaluations:
            reads = ", ".join(f"{r.tensor} <- {r.cache}" + (f" ({r.how})" if r.how != "hold" else "") for r in e.reads)
            writes = ", ".join(f"{t} -> {c}" for t, c in e.writes)
            summed = " + ".join("x".join(group) for group in e.effects)
            note = "; ".join(n for n in (summed and f"effects {summed}", "" if e.is_output else "caches only") if n)
            rows = f"{plan.batch(e):>3} row" + ("s" if plan.batch(e) > 1 else " ")
            parts = "; ".join(p for p in (reads, writes, note) if p)
            click.echo(f"step {index:>2}  {e.branch:<6} {e.graph:<14} {rows}  {parts}".rstrip())
        if row.guidance == "skipped":
            click.echo(f"step {index:>2}  skipped: the last two guided outputs, extended")
        if row.uncond is not None:
            click.echo(f"step {index:>2}  uncond held: {row.uncond.cache} ({row.uncond.how})")


@command.command(epilog="Example: obclip plan cost --plan balanced --candidates 6 --cloud-steps 10 --json")
@_numbers
@bundle_option("The cloud bundle whose model is costed.")
@click.option("--backend", type=click.Choice(["onnxruntime", "torch"]), default="onnxruntime", show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="CPU threads of the timing.")
@click.option("--repeats", type=click.IntRange(0), default=3, show_default=True, help="Timed turns; 0: FLOPs only.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def cost(
    name: str,
    candidates: int,
    cloud_steps: int,
    steps: int,
    axes: str | None,
    bundle: Path,
    backend: str,
    threads: int,
    repeats: int,
    as_json: bool,
) -> None:
    """Cost a plan relative to one cloud-only picture: counted FLOPs, measured time, memory of its caches."""
    plan = _preset(name, axes, candidates, cloud_steps, steps)
    from obclip_contract import open_bundle

    opened = open_bundle(bundle, "cloud")  # refused before torch is loaded, which takes seconds
    from ..cost import CostModel

    done = CostModel.of_bundle(opened).cost(plan)
    timed: dict[str, Any] = {"relative_ms": None}
    if repeats:
        from ..backends import BackendOptions
        from ..engine import Engine
        from ..tuner.timing import relative_ms

        engine = Engine.from_bundle(bundle, backend, options=BackendOptions(threads=threads))
        ratio, own, picture = relative_ms(engine, plan.axes, cloud_steps, steps, name, repeats)
        timed = {"relative_ms": ratio, "ms": own, "picture_ms": picture, "backend": backend, "threads": threads}
    result = {
        "plan": name,
        "candidates": candidates,
        "cloud_steps": cloud_steps,
        "steps": steps,
        "relative_flops": done.relative_flops,
        **timed,
        "flops_per_step": list(done.flops_per_step),
        "text_flops": done.text_flops,
        "cache_bytes": done.cache_bytes,
        "baseline": {
            "flops": done.baseline_flops,
            "what": f"one cloud-only picture: {steps} steps with guidance, {2 * steps} UNet evaluations, 2 prompts",
        },
    }
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    click.echo(f"{name}, N = {candidates}, {cloud_steps} of {steps} steps, by one cloud-only picture:")
    click.echo(f"  FLOPs  {done.relative_flops:.3f}")
    if repeats:
        click.echo(f"  time   {timed['relative_ms']:.3f}  ({timed['ms']:.0f} ms by {timed['picture_ms']:.0f} ms)")
    click.echo(f"  caches {done.cache_bytes / 1e6:.2f} MB")
