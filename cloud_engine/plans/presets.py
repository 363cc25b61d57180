"""Presets: plans by name from public numbers (axes of the grid, k, T)."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from .partitions import Rows
from .plan import CacheRead, Evaluation, PlanError, StepPlan, StepRow
from .schedules import Branching, Schedule, scheduled
from .validate import validate

__all__ = ["CUT", "PRESETS", "is_preset", "preset"]

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
CUT: Final = 1
#: Level 3 keeps 86 dB at 0.87 of ``naive``'s work, level 1 80 dB at 0.80.
_NEAREST_CUT: Final = 3
#: From this N on, a full evaluation of every member in the first step is more than the budget holds.
_MANY: Final = 12
_ONE_ROW: Final = Rows(((),))
#: Axes that change little but colour, by the first part of their name; they are told apart last.
_LATE: Final = ("skin_tone", "tone", "ethnicity")


#: Steps 0, 1, 4, 7, 10, ..., full at 0, 7, 13, ...
_SPARSE: Final = ("Fs", "..s..F")
#: First step with more than one unconditional row: until then members' latents hardly differ.
_SPLIT: Final = 2
#: The most steps from one evaluated step to the next.
_WIDEST: Final = 9


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
            cut=CUT,
        )
    elif k <= _FEW:
        schedule = Schedule(
            k,
            full=_spread(k),
            uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT: Rows((shapes,))},
            branching=_colour_late(axes, k),
            one_uncond_deep=True,
            cut=CUT,
        )
    else:
        schedule = Schedule(
            k,
            full=(0, 3, *range(6, k, _FULL_EVERY)),
            uncond_rows={0: _ONE_ROW, _UNCOND_SPLIT: Rows((names,))},
            branching=_colour_late(axes, k),
            deep_rows={3: Rows((shapes,))},
            one_uncond_deep=True,
            cut=CUT,
        )
    return scheduled(name, axes, steps, schedule)


def _nearest(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """All but exact, a seventh cheaper than ``naive``: steps 2 and 4 are shallow with all but the innermost layers
    live, every other is full; one unconditional row in step 0, where members' latents are equal."""
    if steps < _DENSE_ENOUGH:
        return scheduled(name, axes, steps, Schedule(k, full=range(k), uncond_rows=_split(1, _own(axes))))
    return scheduled(name, axes, steps, replace(_patterned("FFsFs", "F", k, axes, split=1), cut=_NEAREST_CUT))


def _close(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Near to ``naive``: full and shallow evaluations for every member in turn, each with its own unconditional row,
    the cached feature extended in time, and two steps skipped early, where that costs least."""
    if steps < _DENSE_ENOUGH:
        return scheduled(name, axes, steps, Schedule(k, full=range(k), uncond_rows=_split(1, _own(axes))))
    return scheduled(name, axes, steps, _patterned("Fs.sF.", "Fs", k, axes, split=1))


def _dense(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Steps 0, 1, 3, 5, 7, ... are evaluated for every member, full at 0, 3, 7, 11, ... and shallow otherwise, on the
    cached feature extended in time; own unconditional rows from step 2 on."""
    if steps < _DENSE_ENOUGH:
        return _unskipped(name, axes, k, steps)
    return scheduled(name, axes, steps, _patterned("Fs.", "F.s.", k, axes))


def _own(axes: Axes) -> Rows:
    """A row for each member."""
    return Rows((tuple(n for n, _ in axes),))


def _patterned(
    first: str, then: str, k: int, axes: Axes, split: int = _SPLIT, one_uncond_deep: bool = False
) -> Schedule:
    """Steps by their letters: ``F`` full, ``s`` shallow, ``.`` skipped; ``then`` is repeated.

    One unconditional row before step ``split``, then one for each member.
    """
    letters = list(itertools.islice(itertools.chain(first, itertools.cycle(then)), k))
    return Schedule(
        k,
        full=[i for i, letter in enumerate(letters) if letter == "F"],
        skipped=[i for i, letter in enumerate(letters) if letter == "."],
        uncond_rows=_split(split, _own(axes)),
        one_uncond_deep=one_uncond_deep,
        cut=CUT,
        forecast=True,
    )


def _split(step: int, rows: Rows) -> dict[int, Rows]:
    """One unconditional row before ``step``, then ``rows``."""
    return {0: _ONE_ROW, step: rows}


def _fast(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """The fewest evaluations: steps 0, 1 and, from k = 6 on, k - 2, the first alone full (up to k = 12).

    Large sets tell colour apart after step 0 instead; their later deep features and unconditional outputs are sums of
    effects: of the shape axes together, and of colour. That favours some members. Of few steps in all none is skipped:
    two are full, and one unconditional row serves all of them.
    """
    branching = _colour_late(axes, k) if _is_large(axes) else Branching()
    if steps < _DENSE_ENOUGH:
        full = sorted({0, *range(max(1, k // 2), k, _FAST_EVERY)})
        return scheduled(name, axes, steps, Schedule(k, full=full, shared=range(k), branching=branching, cut=CUT))
    if not _is_large(axes):
        first = _sparsest(k) if k > _FEW else "Fs"
        return scheduled(name, axes, steps, _patterned(first, ".", k, axes, one_uncond_deep=True))
    shapes = _shape_axes(axes)
    effects = Rows((shapes, tuple(n for n, _ in axes if n not in shapes)))
    few = _patterned(*_SPARSE, k, axes, one_uncond_deep=True)
    later = [i for i in few.full if i]
    schedule = replace(
        few, branching=branching, uncond_rows=_split(_SPLIT, effects), deep_rows=dict.fromkeys(later, effects)
    )
    return scheduled(name, axes, steps, schedule)


def _balanced(name: str, axes: Axes, k: int, steps: int) -> StepPlan:
    """Few steps are evaluated, the others are skipped; few of those are full. Every member has rows of its own in all
    of them, so none is nearer to ``naive`` than another by more than its picture makes it; the unconditional deep
    feature alone is one for all, as is the unconditional output of steps 0 and 1.

    Up to eleven members: steps 0, 1, 4, 7, 10, ..., full at 0, 7, 13, .... From twelve on a full step of all members
    costs more than half a picture: up to k = 12 there is one, step 0, then shallow ones at 1 and k - 2, as for all
    sets up to k = 5. A schedule of few steps has gaps too wide to extend an output over: there nothing is skipped.
    """
    if steps < _DENSE_ENOUGH:
        return _unskipped(name, axes, k, steps)
    sparsest = k <= _FEW or math.prod(size for _, size in axes) >= _MANY
    first, then = (_sparsest(k), ".") if sparsest else _SPARSE
    return scheduled(name, axes, steps, _patterned(first, then, k, axes, one_uncond_deep=True))


def _sparsest(k: int) -> str:
    """Letters of the fewest steps: 0, 1 and the last but one; between them, evenly, so many that no gap is over
    ``_WIDEST``, full and shallow in turn."""
    letters = ["F", *"s" * (k > 1), *"." * (k - 2)]
    last = k - 2
    parts = -(-(last - 1) // _WIDEST)
    for i in range(1, parts + 1):
        letters[1 + round(i * (last - 1) / parts)] = "s" if i == parts or i % 2 == 0 else "F"
    return "".join(letters)


#: Below so many steps in all, the noise changes too much from one to the next.
_DENSE_ENOUGH: Final = 20
#: First step with more than one unconditional row where no step is skipped.
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
    "nearest": _nearest,
    "close": _close,
    "dense": _dense,
    "balanced": _balanced,
    "fast": _fast,
}
#: Names of the presets; beside them there are ``deepcache-N``, ``paper-rR-sS`` and ``paper-cache``, also with numbers.
PRESETS: Final = tuple(_BUILDERS)
_NAME: Final = re.compile(
    r"naive|paper(-cache)?(-r\d{1,3}-s\d{1,3})?|deepcache(-\d{1,3})?|tree|nearest|close|dense|balanced|fast"
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
