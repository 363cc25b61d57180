"""The tuner's search space: plans of one family as a small record that can be changed a little at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ..plans.partitions import Rows
from ..plans.plan import PlanError, StepPlan
from ..plans.schedules import Branching, Schedule, scheduled
from ..plans.validate import validate

__all__ = ["Genome", "mutate", "plan_of", "starts"]

#: Groups of axes, as :class:`Rows` has them, from a step on.
_Groups = tuple[tuple[str, ...], ...]
_Stages = tuple[tuple[int, _Groups], ...]


@dataclass(frozen=True)
class Genome:
    """A member of the family of :func:`cloud_engine.plans.schedules.scheduled`, by tuples in rising order.

    Args:
        full: steps of the full graph; 0 is always among them.
        shared: steps with one unconditional row for all members.
        held: steps that reuse the last unconditional output.
        late: pairs (axis, first step that tells it apart), for axes that branch after step 0.
        uncond: pairs (step, groups of axes): from that step on, the rows of the unconditional output.
        coarse: pairs (full step, groups of axes): the rows of its conditional deep feature.
        cut: skip level of the cached feature.
        forecast: whether the cached feature is extended in time.
        one_deep: whether the unconditional deep feature is always of one mean row.
        skipped: steps that are not evaluated.
    """

    full: tuple[int, ...]
    shared: tuple[int, ...] = ()
    held: tuple[int, ...] = ()
    late: tuple[tuple[str, int], ...] = ()
    uncond: _Stages = ()
    coarse: _Stages = ()
    cut: int = 0
    forecast: bool = False
    one_deep: bool = False
    skipped: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """A short description, unique in the space: ``f0.1.4-s9-c0``."""
        parts = ["f" + ".".join(map(str, self.full)), "s" + _runs(self.shared)]
        if self.held:
            parts.append("h" + _runs(self.held))
        parts += [f"{axis}@{step}" for axis, step in self.late]
        if self.skipped:
            parts.append("x" + _runs(self.skipped))
        for letter, stages in (("u", self.uncond), ("d", self.coarse)):
            parts += [f"{letter}{step}:{'|'.join('+'.join(group) for group in groups)}" for step, groups in stages]
        parts.append(f"c{self.cut}" + ("t" if self.forecast else "") + ("m" if self.one_deep else ""))
        return "-".join(parts)


def _runs(steps: tuple[int, ...]) -> str:
    """``(0, 1, 2, 5)`` as ``0..2.5``."""
    out: list[str] = []
    for i, step in enumerate(steps):
        if i and step == steps[i - 1] + 1:
            out[-1] = out[-1].partition("..")[0] + f"..{step}"
        else:
            out.append(str(step))
    return ".".join(out)


def plan_of(genome: Genome, name: str, axes: tuple[tuple[str, int], ...], k: int, steps: int) -> StepPlan | None:
    """The plan of a genome, or None where it is none (a held step without an earlier output, a merged latent)."""
    schedule = Schedule(
        k,
        full=genome.full,
        shared=genome.shared,
        held=genome.held,
        branching=Branching(tuple(a for a, _ in genome.late), [s for _, s in genome.late]),
        cut=genome.cut,
        forecast=genome.forecast,
        uncond_rows={step: Rows(groups) for step, groups in genome.uncond},
        one_uncond_deep=genome.one_deep,
        deep_rows={step: Rows(groups) for step, groups in genome.coarse},
        skipped=genome.skipped,
    )
    try:
        plan = scheduled(name, axes, steps, schedule)
        validate(plan)
    except (PlanError, ValueError, IndexError):
        return None
    return plan


def starts(k: int, cut: int = 0) -> list[Genome]:
    """Where the search begins: evenly and unevenly spaced full steps, guidance per member or shared; the presets'
    patterns among them. All are of one ``cut``."""
    everywhere = tuple(range(k))
    out = []
    for n in (1, 2, 3, 5):
        full = tuple(range(0, k, n))
        out += [Genome(full), Genome(full, shared=everywhere)]
    halving = tuple(sorted({0, 1, *(min(k - 1, 2**i + 1) for i in range(1, k.bit_length()))}))
    if k > 3:
        every_other = tuple(range(2, k, 2))
        thirds = tuple(i for i in everywhere if i > 1 and i % 3 != 1)
        first = Genome((0,), shared=(0, 1), forecast=True, one_deep=True)
        out += [
            Genome((0,), shared=everywhere, skipped=every_other),
            Genome((0, *range(3, k, 4)), shared=(0, 1), skipped=every_other, forecast=True),
            replace(first, skipped=tuple(i for i in everywhere if 1 < i < k - 2 or i == k - 1)),
            replace(first, full=(0, *range(7, k, 6)), skipped=thirds),
            Genome((0, *every_other), shared=(0,), forecast=True),
        ]
    out += [Genome(tuple(i for i in halving if i < k), shared=everywhere), Genome((0,), shared=everywhere)]
    return [replace(genome, cut=cut) for genome in dict.fromkeys(out)]


_Move = Callable[[Genome, random.Random, int, tuple[str, ...], int], Genome]


def _toggle(steps: tuple[int, ...], step: int) -> tuple[int, ...]:
    return tuple(sorted(set(steps) ^ {step}))


def _move_full(g: Genome, rng: random.Random, k: int, _: tuple[str, ...], __: int) -> Genome:
    if k == 1:
        return g
    inner = [i for i in g.full if i]
    if inner and rng.random() < 0.5:
        old = rng.choice(inner)
        new = min(k - 1, max(1, old + rng.choice((-1, 1))))
        return replace(g, full=tuple(sorted((set(g.full) - {old}) | {new})))
    return replace(g, full=_toggle(g.full, rng.randrange(1, k)))


def _move_shared(g: Genome, rng: random.Random, k: int, _: tuple[str, ...], __: int) -> Genome:
    first = rng.randrange(k + 1)
    options = ((), tuple(range(k)), tuple(range(first)), _toggle(g.shared, rng.randrange(k)))
    return replace(g, shared=rng.choice(options))


def _move_held(g: Genome, rng: random.Random, k: int, _: tuple[str, ...], __: int) -> Genome:
    if k == 1:
        return g
    return replace(g, held=_toggle(g.held, rng.randrange(1, k)))


def _move_branching(g: Genome, rng: random.Random, k: int, names: tuple[str, ...], _: int) -> Genome:
    if not names or k == 1:
        return g
    late = dict(g.late)
    axis = rng.choice(names)
    step = max(0, min(k - 1, late.get(axis, 0) + rng.choice((-1, 1, 2))))
    late[axis] = step
    return replace(g, late=tuple(sorted(((a, s) for a, s in late.items() if s), key=lambda x: (x[1], x[0]))))


def _move_cut(g: Genome, rng: random.Random, _: int, __: tuple[str, ...], max_cut: int) -> Genome:
    return replace(g, cut=rng.randrange(max_cut + 1))


def _move_switch(g: Genome, rng: random.Random, _: int, __: tuple[str, ...], ___: int) -> Genome:
    return replace(g, forecast=not g.forecast) if rng.random() < 0.5 else replace(g, one_deep=not g.one_deep)


def _some(rng: random.Random, names: tuple[str, ...]) -> _Groups:
    """Some of the axes, not all, as one group; or all of them in two groups."""
    few = set(rng.sample(names, rng.randrange(len(names))))
    chosen, others = tuple(n for n in names if n in few), tuple(n for n in names if n not in few)
    return (chosen, others) if chosen and rng.random() < 0.5 else (chosen,)


def _stage(stages: _Stages, rng: random.Random, steps: tuple[int, ...], names: tuple[str, ...]) -> _Stages:
    """One stage less, or one changed or new."""
    if stages and rng.random() < 0.4:
        gone = rng.choice(stages)
        return tuple(s for s in stages if s != gone)
    return tuple(sorted({**dict(stages), rng.choice(steps): _some(rng, names)}.items()))


def _move_uncond(g: Genome, rng: random.Random, k: int, names: tuple[str, ...], _: int) -> Genome:
    return replace(g, uncond=_stage(g.uncond, rng, tuple(range(k)), names)) if names else g


def _move_coarse(g: Genome, rng: random.Random, _: int, names: tuple[str, ...], __: int) -> Genome:
    kept = tuple(c for c in g.coarse if c[0] in g.full)
    return replace(g, coarse=_stage(kept, rng, g.full, names)) if names else g


def _move_skipped(g: Genome, rng: random.Random, k: int, _: tuple[str, ...], __: int) -> Genome:
    if k < 3:
        return g
    step = rng.randrange(2, k)
    return replace(g, skipped=_toggle(g.skipped, step), full=tuple(i for i in g.full if i != step))


#: Each move and how often it is drawn: where the full graph runs matters most.
_MOVES: Final[tuple[tuple[_Move, int], ...]] = (
    (_move_full, 5),
    (_move_skipped, 3),
    (_move_shared, 2),
    (_move_held, 2),
    (_move_branching, 2),
    (_move_uncond, 2),
    (_move_coarse, 2),
    (_move_cut, 2),
    (_move_switch, 2),
)


def mutate(genome: Genome, rng: random.Random, k: int, names: tuple[str, ...], max_cut: int) -> Genome:
    """One or two small changes."""
    for _ in range(rng.choice((1, 1, 2))):
        move = rng.choices([m for m, _ in _MOVES], [w for _, w in _MOVES])[0]
        genome = move(genome, rng, k, names, max_cut)
    return genome
