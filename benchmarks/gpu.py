"""``obclip bench gpu``: step graphs on an NVIDIA GPU, eager, captured as CUDA graphs, and through ``torch.compile``.

On the CPU too, eager, for the shares at real sizes. For the default pair's large UNet and for UNets of SD-1.4's and
SDXL's shape with random weights, which say nothing of quality, so only time and memory are measured. Each (graph,
batch) that a plan calls is timed alone, with CUDA events or, on the CPU, by the clock and all calls in turn; a plan's
time is the sum over its calls, relative to T calls of the full graph on two rows (one cloud-only picture with
guidance). Sampler arithmetic and caches in the arena are not in it.

**On a GPU this script was never run by the project**: there was none. Its arithmetic and its refusals are tested.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from cloud_engine.plans import StepPlan, preset
from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
from obclip_contract import defaults

from . import machine
from .errors import BenchmarkError
from .prompts import STICKERS
from .stats import spread

DEVICES: Final = ("cuda", "cpu")
MODES: Final = ("eager", "cuda_graph", "compile")
SHAPES: Final = ("stickers", "sd-1.4", "sdxl")
PLANS: Final = ("naive", "paper", "deepcache-3", "nearest", "close", "dense", "balanced", "fast")
#: Tokens of a prompt where the architecture does not say.
_CLIP_TOKENS: Final = 77
_WARM_UP: Final = 3
#: Axes by N, for the plans' rows.
AXES: Final[dict[int, tuple[tuple[str, int], ...]]] = {
    2: (("gender", 2),),
    6: (("gender", 2), ("skin_tone", 3)),
    30: (("gender", 2), ("age", 3), ("skin_tone", 5)),
}

Call = tuple[StepGraphSpec, int]


@dataclass(frozen=True)
class Measured:
    """One call: milliseconds (median) and peak memory beyond the weights, MiB; None on the CPU, which does not say."""

    milliseconds: float
    memory_mib: float | None


def require_gpu() -> None:
    """Refuse where there is nothing to measure.

    Raises:
        BenchmarkError: no NVIDIA GPU, or a torch without CUDA.
    """
    if torch.version.cuda is None:
        raise BenchmarkError(
            "this torch was built without CUDA: install a CUDA build of torch, on a machine with a GPU"
        )
    if not torch.cuda.is_available():
        raise BenchmarkError("torch sees no NVIDIA GPU on this machine; nothing was measured")


def plan_calls(plan: StepPlan) -> Counter[Call]:
    """How often a plan calls each graph at each batch; evaluations of one graph in one step are one call.

    ``reuse`` keeps its branches apart, since row 0 of a call gives the attention maps.
    """
    calls: Counter[Call] = Counter()
    for row in plan.rows:
        together: Counter[StepGraphSpec] = Counter()
        for e in row.evaluations:
            if e.graph == "reuse":
                calls[e.spec(plan.cut), plan.batch(e)] += 1
            else:
                together[e.spec(plan.cut)] += plan.batch(e)
        calls.update((spec, rows) for spec, rows in together.items())
    return calls


def baseline_call() -> Call:
    """One step of one guided picture."""
    return StepGraphSpec("full"), 2


def plan_milliseconds(plan: StepPlan, measured: Mapping[Call, Measured]) -> float:
    """Sum over the plan's calls."""
    return sum(count * measured[call].milliseconds for call, count in plan_calls(plan).items())


def unet_of(shape: str, large: Path) -> tuple[Any, int]:
    """The UNet (fp32, on the CPU) and the tokens of its prompts.

    Raises:
        BenchmarkError: an unknown shape.
    """
    from diffusers import UNet2DConditionModel

    if shape == "stickers":
        from export.pair import load_source

        source = load_source(large)
        return source.unet, source.max_tokens
    if shape not in SHAPES:
        raise BenchmarkError(f"there is no shape {shape!r}; there are: {', '.join(SHAPES)}")
    from export.families.architectures import architecture

    torch.manual_seed(0)
    return UNet2DConditionModel.from_config(dict(architecture(shape).configs["unet"])), _CLIP_TOKENS


def _events(call: Callable[[], Any], repeats: int) -> float:
    """Median milliseconds by CUDA events."""
    for _ in range(_WARM_UP):
        call()
    torch.cuda.synchronize()
    times = []
    for _ in range(repeats):
        began, ended = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        began.record()
        call()
        ended.record()
        ended.synchronize()
        times.append(began.elapsed_time(ended))
    return spread(times).median


def _captured(module: Any, inputs: Mapping[str, torch.Tensor]) -> Callable[[], Any]:
    """The module as a CUDA graph on these inputs: warmed up on a side stream, captured once, replayed."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP):
            module(**inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        module(**inputs)
    return graph.replay


def measure_call(family: GraphFamily, call: Call, mode: str, repeats: int) -> Measured:
    """One graph at one batch in one mode, fp16 on the GPU."""
    spec, rows = call
    samples = family.samples(spec, rows, device="cuda")
    inputs = {n: t if n == "timestep" else t.half() for n, t in samples.items()}
    module: Any = family.step(spec)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    with torch.inference_mode():
        if mode == "compile":
            module = torch.compile(module, fullgraph=True, dynamic=False)
        run = _captured(module, inputs) if mode == "cuda_graph" else lambda: module(**inputs)
        milliseconds = _events(run, repeats)
    return Measured(milliseconds, (torch.cuda.max_memory_allocated() - before) / 2**20)


def measure_on_cpu(
    family: GraphFamily, calls: Iterable[Call], repeats: int, tick: Callable[[str], None]
) -> dict[Call, Measured]:
    """All calls in turn, so often, in fp32 after one turn that does not count: medians of the clock."""
    ready = [(call, family.step(call[0]), family.samples(*call)) for call in calls]
    times: dict[Call, list[float]] = {call: [] for call, _, _ in ready}
    with torch.inference_mode():
        for turn in range(repeats + 1):
            for call, module, inputs in ready:
                began = time.perf_counter()
                module(**inputs)
                if turn:
                    times[call].append(1000 * (time.perf_counter() - began))
                tick(f"{call[0].name} × {call[1]}")
    return {call: Measured(spread(values).median, None) for call, values in times.items()}


def _needed(plans: Iterable[StepPlan]) -> list[Call]:
    calls = {baseline_call(): None}
    for plan in plans:
        calls |= dict.fromkeys(plan_calls(plan))
    return list(calls)


def run(
    shapes: Iterable[str],
    modes: Iterable[str],
    large: Path = STICKERS / "large",
    *,
    candidates: int = 6,
    cloud_steps: int = defaults.CLOUD_STEPS,
    steps: int = defaults.STEPS,
    repeats: int = 20,
    device: str = "cuda",
    names: Iterable[str] = PLANS,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """All shapes in all modes, one result; on the CPU there is one mode, eager.

    Raises:
        BenchmarkError: no GPU, an unknown shape or mode, or an N without axes.
    """
    if device == "cuda":
        require_gpu()
    modes = list(modes) if device == "cuda" else ["eager"]
    if unknown := [m for m in modes if m not in MODES]:
        raise BenchmarkError(f"there is no mode {unknown[0]!r}; there are: {', '.join(MODES)}")
    if candidates not in AXES:
        raise BenchmarkError(f"candidates are {', '.join(map(str, AXES))}, not {candidates}")
    plans = {name: preset(name, AXES[candidates], cloud_steps, steps) for name in names}
    rows: list[dict[str, Any]] = []
    for shape in shapes:
        unet, tokens = unet_of(shape, large)
        if device == "cpu":
            family = GraphFamily(unet.float().eval().to(memory_format=torch.channels_last), tokens)
            told = partial(_named, tick, shape)
            rows += summarise(
                shape, "cpu", plans, measure_on_cpu(family, _needed(plans.values()), repeats, told), steps
            )
            continue
        family = GraphFamily(unet.half().to("cuda", memory_format=torch.channels_last), tokens)
        for mode in modes:
            measured: dict[Call, Measured] = {}
            for call in _needed(plans.values()):
                measured[call] = measure_call(family, call, mode, repeats)
                tick(f"{shape} {mode} {call[0].name} × {call[1]}")
            rows += summarise(shape, mode, plans, measured, steps)
        del family, unet
        torch.cuda.empty_cache()
    return {
        "benchmark": "gpu",
        **({"gpu": torch.cuda.get_device_name()} if device == "cuda" else {"device": "cpu", "repeats": repeats}),
        "candidates": candidates,
        "cloud_steps": cloud_steps,
        "steps": steps,
        "machine": machine.describe(),
        "rows": rows,
    }


def summarise(
    shape: str, mode: str, plans: Mapping[str, StepPlan], measured: Mapping[Call, Measured], steps: int
) -> list[dict[str, Any]]:
    """A row per plan: milliseconds, share of one cloud-only picture, largest memory of its calls."""
    picture = steps * measured[baseline_call()].milliseconds
    return [
        {
            "shape": shape,
            "mode": mode,
            "plan": name,
            "milliseconds": round(plan_milliseconds(plan, measured), 3),
            "relative_ms": round(plan_milliseconds(plan, measured) / picture, 4),
            "memory_mib": _most(measured[c].memory_mib for c in plan_calls(plan)),
        }
        for name, plan in plans.items()
    ]


def _named(tick: Callable[[str], None], shape: str, what: str) -> None:
    tick(f"{shape} {what}")


def _most(memory: Iterable[float | None]) -> float | None:
    known = [value for value in memory if value is not None]
    return round(max(known), 1) if known else None


def table(result: Mapping[str, Any]) -> str:
    """The result as Markdown."""
    lines = ["| shape | mode | plan | ms per set | of one picture | MiB |", "|---|---|---|---|---|---|"]
    for r in result["rows"]:
        lines.append(
            f"| {r['shape']} | {r['mode']} | {r['plan']} | {r['milliseconds']:.1f} | {r['relative_ms']:.2f} "
            f"| {'' if r['memory_mib'] is None else round(r['memory_mib'])} |"
        )
    return "\n".join(lines)
