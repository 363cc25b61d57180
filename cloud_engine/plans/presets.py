"""Presets: plans by name from public numbers (axes of the grid, k, T)."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Final

from obclip_contract.limits import MAX_STEPS

from .partitions import Rows
from .plan import CacheRead, Evaluation, PlanError, StepPlan, StepRow
from .schedules import Branching, Schedule, scheduled
from .validate import validate

__all__ = ["PRESETS", "is_preset", "preset"]

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
    blocks alone for i >= s. The pivot rotates, so that no member is favoured (the paper's is fixed). ``paper-cache``
    is without the pivot's maps: every member has its own for i < r."""
    match = re.fullmatch(r"paper(-cache)?(?:-r(\d+)-s(\d+))?", name)
    if match is None:
        raise PlanError("the paper's plan is named paper, paper-cache, or either with -rR-sS")
    r, s = (int(match[2]), int(match[3])) if match[2] else paper_settings(k)
    first = "full" if match[1] else "reuse"
    if not 1 <= r <= s:
        raise PlanError("the paper's plan needs 1 <= r <= s")
    names = tuple(n for n, _ in axes)
    rows = []
    for i in range(k):
        refresh = r <= i < s and i % _PAPER_REFRESH == 0
        kind = first if i < r else "full" if refresh else "attn_cached" if i < s else "decoder_cached"
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


#: Skip level of the presets' deep feature. On the default pair, level 1 keeps 44 dB where level 0 keeps 37.
_CUT: Final = 1
#: From this N on, a full evaluation of every member in the first step is more than the budget holds.
_MANY: Final = 12
_ONE_ROW: Final = Rows(((),))
#: Axes that change little but colour, by the first part of their name; they are told apart last.
_LATE: Final = ("skin_tone", "tone", "ethnicity")


def _shape_axes(axes: Axes) -> tuple[str, ...]:
    """Axes that change shape and composition (gender, age, ...): members that differ in them share no deep feature.

    If there is none, or nothing else, all of them. Names may carry a subject ("age.2").
    """
    names = tuple(n for n, _ in axes)
    early = tuple(n for n in names if n.partition(".")[0] not in _LATE)
    return early if early and early != names else names


def _tree(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """One neutral row, then shape axes, then colour: the latents branch a group at a time, and every row of a step is
    full; the unconditional row is shared throughout."""
    shapes = _shape_axes(axes)
    order = (*shapes, *(n for n, _ in axes if n not in shapes))
    at = [min(1 if n in shapes else 2, k - 1) for n in order]
    return scheduled(name, axes, steps, Schedule(k, full=range(k), branching=Branching(order, at), shared=range(k)))


def _is_large(axes: Axes) -> bool:
    """Many members, some of which differ in colour alone: these are told apart late and share deep features."""
    return math.prod(s for _, s in axes) >= _MANY and _shape_axes(axes) != tuple(n for n, _ in axes)


def _colour_late(axes: Axes, k: int) -> Branching:
    """Colour axes are told apart from step 1 on."""
    shapes = _shape_axes(axes)
    colours = tuple(n for n, _ in axes if n not in shapes)
    return Branching(colours, [min(1, k - 1)] * len(colours))


def _unskipped(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """For few steps in all, where a gap is too wide to extend an output over: few full steps (0, 3, 7 of ten; 0, 2 of
    five), shallow ones between; one unconditional deep feature for all.

    The unconditional output is one row in the first steps, where members' latents hardly differ, and a shallow row
    for each member later. Large sets branch on colour after step 0, and members that differ in colour alone share
    the deep feature of the second full step of ten; of five steps, they share the unconditional output instead.
    """
    names, shapes = tuple(n for n, _ in axes), _shape_axes(axes)
    if not _is_large(axes):
        schedule = Schedule(
            k,
            full=_spread(k),
            uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT: Rows((names,))},
            one_uncond_deep=True,
            cut=_CUT,
        )
    elif k <= _FEW:
        schedule = Schedule(
            k,
            full=_spread(k),
            uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT: Rows((shapes,))},
            branching=_colour_late(axes, k),
            one_uncond_deep=True,
            cut=_CUT,
        )
    else:
        schedule = Schedule(
            k,
            full=(0, 3, *range(6, k, _FULL_EVERY)),
            uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT: Rows((names,))},
            branching=_colour_late(axes, k),
            deep_rows={3: Rows((shapes,))},
            one_uncond_deep=True,
            cut=_CUT,
        )
    return scheduled(name, axes, steps, schedule)


def _close(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Nearest to ``naive``, and as near for every member: the full UNet for each in steps 0, 1, 3, 5, ..., with its own
    unconditional row from step 1 on; the steps between are skipped."""
    own = Rows((tuple(n for n, _ in axes),))
    skipped = _every_other(k) if steps >= _DENSE_ENOUGH else ()
    schedule = Schedule(k, full=[i for i in range(k) if i not in skipped], skipped=skipped, uncond_rows=_split(1, own))
    return scheduled(name, axes, steps, schedule)


def _dense(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Steps 0, 1, 3, 5, ... are evaluated, full at 0, 3, 7, ... and shallow otherwise.

    One unconditional deep feature for all. Large sets tell colour apart after step 0.
    """
    if steps < _DENSE_ENOUGH:
        return _unskipped(name, axes, k, steps)
    own = Rows((tuple(n for n, _ in axes),))
    schedule = Schedule(
        k,
        full=[i for i in _FULL_DENSE if i < k],
        skipped=_every_other(k),
        uncond_rows=_split(_UNCOND_SPLIT, own),
        branching=_colour_late(axes, k) if _is_large(axes) else Branching(),
        one_uncond_deep=True,
        cut=_CUT,
    )
    return scheduled(name, axes, steps, schedule)


def _every_other(k: int) -> list[int]:
    """Steps 2, 4, 6, ...: the two before each are evaluated, or the last of them is."""
    return list(range(2, k, 2))


def _split(step: int, rows: Rows) -> dict[int, Rows]:
    """One unconditional row before ``step``, then ``rows``."""
    return {0: _ONE_ROW, step: rows}


def _fast(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Two full steps (0 and the middle), one unconditional row throughout; large sets branch on colour after step 0."""
    branching = _colour_late(axes, k) if _is_large(axes) else Branching()
    full = sorted({0, *range(max(1, k // 2), k, _FAST_EVERY)})
    return scheduled(name, axes, steps, Schedule(k, full=full, shared=range(k), branching=branching, cut=_CUT))


def _balanced(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Few steps are evaluated (0, 1, 3, 6, 8 of ten), the others are skipped; few of those are full (0 and 6).

    One unconditional deep feature for all, one unconditional row at first, a shallow one for each member later. From
    eight members on, those that differ in colour alone share their latent in step 0. In large sets deep features and
    unconditional outputs are then sums of effects: of the shape axes together, and of colour. A schedule of few steps
    has gaps too wide to extend an output over: there it is as ``dense`` is there.
    """
    if steps < _DENSE_ENOUGH:
        return _unskipped(name, axes, k, steps)
    names, shapes = tuple(n for n, _ in axes), _shape_axes(axes)
    large = _is_large(axes)
    evaluated = [i for i in (_EVALUATED_LARGE if large else _EVALUATED) if i < k]
    late = shapes != names and math.prod(size for _, size in axes) >= _SEVERAL
    effects = Rows((shapes, tuple(n for n in names if n not in shapes))) if large else Rows((names,))
    full = [i for i in evaluated if i in (_FULL_LARGE if large else _FULL)]
    schedule = Schedule(
        k,
        full=full,
        skipped=[i for i in range(k) if i not in evaluated],
        uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT - 1: effects},
        branching=_colour_late(axes, k) if late else Branching(),
        deep_rows=dict.fromkeys(full[1:], effects) if large else {},
        one_uncond_deep=True,
        cut=_CUT,
    )
    return scheduled(name, axes, steps, schedule)


def _stepped(start: Sequence[int], gaps: Sequence[int]) -> tuple[int, ...]:
    """``start``, and on from its last with these gaps in turn, for any k."""
    more = itertools.accumulate(itertools.cycle(gaps), initial=start[-1])
    return (*start[:-1], *itertools.takewhile(lambda step: step < MAX_STEPS, more))


#: Steps that ``balanced`` evaluates, and those of them that are full.
_EVALUATED: Final = _stepped((0, 1, 3, 6), (2, 3))
_FULL: Final = _stepped((0, 6), (5,))
_EVALUATED_LARGE: Final = _stepped((0, 1, 4, 7), (3,))
_FULL_LARGE: Final = _stepped((0, 4, 7), (3,))
_FULL_DENSE: Final = _stepped((0, 3), (4,))
#: From so many members on, a full row of each in step 0 costs more than it brings.
_SEVERAL: Final = 8
#: Below so many steps in all, the noise changes too much from one to the next.
_DENSE_ENOUGH: Final = 20
#: First step with more than one unconditional row in ``dense``.
_UNCOND_SPLIT: Final = 3
#: Cloud steps up to which two full steps are enough where none is skipped.
_FEW: Final = 5
#: From the second full step on, ``fast`` and plans that skip no step run one in so many.
_FULL_EVERY: Final = 4
_FAST_EVERY: Final = 8


def _spread(k: int) -> list[int]:
    """Full steps: 0, 3, 7, 11, ...; 0 and 2 for k = 5."""
    return sorted({0, *range(min(_FULL_EVERY - 1, max(1, k // 2)), k, _FULL_EVERY)})


_Builder = Callable[[str, Axes, int, int], StepPlan]
_BUILDERS: Final[dict[str, _Builder]] = {
    "naive": _naive,
    "paper": _paper,
    "deepcache": _deepcache,
    "tree": _tree,
    "close": _close,
    "dense": _dense,
    "balanced": _balanced,
    "fast": _fast,
}
#: Names of the presets; beside them there are ``deepcache-N``, ``paper-rR-sS`` and ``paper-cache``, also with numbers.
PRESETS: Final = tuple(_BUILDERS)
_NAME: Final = re.compile(
    r"naive|paper(-cache)?(-r\d{1,3}-s\d{1,3})?|deepcache(-\d{1,3})?|tree|close|dense|balanced|fast"
)


def is_preset(name: str) -> bool:
    """Whether this names a preset, with numbers or without."""
    return _NAME.fullmatch(name) is not None


def preset(name: str, axes: Axes, cloud_steps: int, steps: int) -> StepPlan:
    """The named plan for a grid's axes, k cloud steps of T; validated.

    Raises:
        PlanError: no such preset, or numbers it cannot be made for.
    """
    if not is_preset(name):
        raise PlanError(f"there is no plan of this name; there are: {', '.join(PRESETS)}")
    if not 1 <= cloud_steps <= steps:
        raise PlanError(f"cloud steps must be 1 to {steps}, not {cloud_steps}")
    plan = _BUILDERS[name.partition("-")[0]](name, axes, cloud_steps, steps)
    validate(plan)
    return plan
