"""A plan's time beside one cloud-only picture's, on this machine, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid

from ..engine import Engine
from ..planning import NAIVE

__all__ = ["relative_ms", "stand_in_request"]


def stand_in_request(engine: Engine, axes: Sequence[tuple[str, int]], k: int, steps: int, plan: str) -> GenerateRequest:
    """A request of these public numbers; its words mean nothing, and no plan looks at them."""
    grid = PromptGrid(
        "a person" + "".join(f" {{s{i}}}" for i in range(len(axes))),
        tuple(Axis(name, tuple(f"v{j}" for j in range(size))) for name, size in axes),
        {f"s{i}": Phrase((i,), tuple("abcdefgh"[j % 8] for j in range(size))) for i, (_, size) in enumerate(axes)},
    )
    return GenerateRequest(
        model=engine.manifest.model,
        lexicon=engine.manifest.lexicon,
        grid=grid,
        seed=1,
        guidance_scale=max(engine.manifest.guidance_default, 1.5),
        steps=steps,
        cloud_steps=k,
        plan=plan,
    )


def relative_ms(
    engine: Engine, axes: Sequence[tuple[str, int]], k: int, steps: int, plan: str, repeats: int
) -> tuple[float, float, float]:
    """(plan by picture, plan in ms, picture in ms): medians over ``repeats`` turns, each run once before."""
    requests = [
        stand_in_request(engine, (), steps, steps, NAIVE),
        stand_in_request(engine, axes, k, steps, plan),
    ]
    times: list[list[float]] = [[], []]
    for turn in range(repeats + 1):
        for i, request in enumerate(requests):
            began = time.perf_counter()
            engine.run(request)
            if turn:
                times[i].append(1000 * (time.perf_counter() - began))
    picture, own = (statistics.median(t) for t in times)
    ratios = [b / a for a, b in zip(*times, strict=True)]
    return statistics.median(ratios), own, picture
