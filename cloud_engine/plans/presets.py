"""Presets: plans by name from public numbers (axes of the grid, k, T)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from .plan import CacheRead, Evaluation, PlanError, StepPlan, StepRow
from .schedules import Branching, Schedule, scheduled
from .validate import validate

__all__ = ["PRESETS", "preset"]

#: (name and size) of each axis, in the grid's order.
Axes = tuple[tuple[str, int], ...]
#: The paper's own (k, r, s): arXiv 2510.04153, section 4.
_PAPER_SETTINGS: Final = {5: (3, 3), 10: (4, 6)}
#: The paper refreshes its caches in steps whose index divides by this.
_PAPER_REFRESH: Final = 5
_DEEPCACHE_INTERVAL: Final = 3


def _naive(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Every member, every step, the full UNet with its own unconditional row."""
    return scheduled(name, axes, steps, Schedule(k, full=range(k)))


def _deepcache(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """DeepCache (arXiv 2312.00858): full every n-th step, shallow on the last deep feature otherwise."""
    n = int(name.partition("-")[2] or _DEEPCACHE_INTERVAL)
    if n < 1:
        raise PlanError("deepcache-N needs an interval of at least 1")
    return scheduled(name, axes, steps, Schedule(k, full=range(0, k, n)))


def paper_settings(k: int) -> tuple[int, int]:
    """(r, s) for k cloud steps: the paper's own for 5 and 10, else its shares (0.4 k, 0.6 k) of k = 10."""
    return _PAPER_SETTINGS.get(k, (max(1, round(0.4 * k)), max(1, round(0.6 * k))))


def _paper(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """ObCLIP (arXiv 2510.04153): attention maps of a pivot for i < r, cached attention for i >= r, and the up
    blocks alone for i >= s. The pivot rotates, so that no member is favoured (the paper's is fixed)."""
    match = re.fullmatch(r"paper(?:-r(\d+)-s(\d+))?", name)
    if match is None:
        raise PlanError("the paper's plan is named paper or paper-rR-sS")
    r, s = (int(match[1]), int(match[2])) if match[1] else paper_settings(k)
    if not 1 <= r <= s:
        raise PlanError("the paper's plan needs 1 <= r <= s")
    names = tuple(n for n, _ in axes)
    rows = []
    for i in range(k):
        refresh = r <= i < s and i % _PAPER_REFRESH == 0
        kind = "reuse" if i < r else "full" if refresh else "attn_cached" if i < s else "decoder_cached"
        rows.append(StepRow(names, "each", tuple(_paper_evaluation(kind, b, names, i, r, s) for b in _BRANCHES)))
    return StepPlan(name, axes, steps, 0, tuple(rows))


_BRANCHES: Final = ("uncond", "cond")


def _paper_evaluation(kind: str, branch: str, names: tuple[str, ...], i: int, r: int, s: int) -> Evaluation:
    wanted = {"reuse": ("attention", "skips"), "full": ("attention", "skips"), "attn_cached": ("skips",)}
    reads = {"attn_cached": ("attention",), "decoder_cached": ("attention", "skips")}.get(kind, ())
    keeps = i >= r - 1
    writes = tuple((t, f"{branch}.{t}") for t in wanted.get(kind, ()) if keeps and not (t == "skips" and i >= s))
    return Evaluation(
        branch="cond" if branch == "cond" else "uncond",
        graph=kind,
        axes=names,
        reads=tuple(CacheRead(t, f"{branch}.{t}") for t in reads),
        writes=writes,
        pivot="rotate" if kind == "reuse" else "none",
    )


def _branch_order(axes: Axes) -> tuple[str, ...]:
    """Axes by when they are told apart: what changes shape and composition first, flat colour last.

    Names are those of the lexicon, with a subject's prefix at most ("s1.age"); unknown axes come first.
    """
    late = {"skin_tone": 1, "tone": 1, "ethnicity": 1}
    return tuple(sorted((n for n, _ in axes), key=lambda n: late.get(n.rpartition(".")[2], 0)))


def _tree(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """One neutral row first, then one more axis a step; the unconditional row is shared throughout."""
    order = _branch_order(axes)
    branching = Branching(order, [min(j, k - 1) for j in range(1, len(order) + 1)])
    return scheduled(name, axes, steps, Schedule(k, full=range(k), branching=branching, shared=range(k)))


def _balanced(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    full: Sequence[int] = (0, 1, 3, 6) if k > 5 else (0, 2)
    return scheduled(name, axes, steps, Schedule(k, full=full, shared=range(k)))


def _fast(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    full: Sequence[int] = (0, 2, 5) if k > 5 else (0, 2)
    return scheduled(name, axes, steps, Schedule(k, full=full, shared=range(k)))


_Builder = Callable[[str, Axes, int, int], StepPlan]
_BUILDERS: Final[dict[str, _Builder]] = {
    "naive": _naive,
    "paper": _paper,
    "deepcache": _deepcache,
    "tree": _tree,
    "balanced": _balanced,
    "fast": _fast,
}
#: Names of the presets; ``deepcache-N`` and ``paper-rR-sS`` take numbers.
PRESETS: Final = tuple(_BUILDERS)
_NAME: Final = re.compile(r"naive|paper(-r\d{1,3}-s\d{1,3})?|deepcache(-\d{1,3})?|tree|balanced|fast")


def preset(name: str, axes: Axes, cloud_steps: int, steps: int) -> StepPlan:
    """The named plan for a grid's axes, k cloud steps of T; validated.

    Raises:
        PlanError: no such preset, or numbers it cannot be made for.
    """
    if not _NAME.fullmatch(name):
        raise PlanError(f"there is no plan of this name; there are: {', '.join(PRESETS)}")
    if not 1 <= cloud_steps <= steps:
        raise PlanError(f"cloud steps must be 1 to {steps}, not {cloud_steps}")
    plan = _BUILDERS[name.partition("-")[0]](name, axes, cloud_steps, steps)
    validate(plan)
    return plan
