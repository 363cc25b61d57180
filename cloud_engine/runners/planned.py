"""Runs a step plan: any plan, on any backend that has its graphs.

The work is a function of the plan, hence of public numbers. Nothing in here looks at a value, except for the check
that all are finite, which ends the whole request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from obclip_contract import SamplerTable, apply_step, guide

from ..arena import Arena, ArenaMap, arena_map
from ..backends.protocol import Float32Array
from ..backends.steps import StepExecutor
from ..errors import CacheShapeError
from ..plans.partitions import Rows, merged, rows_of
from ..plans.plan import CacheRead, Evaluation, StepPlan, StepRow
from ..plans.slots import CacheUse, Slot, cache_use
from ..plans.validate import validate
from ..step_graphs.spec import StepGraphSpec
from .steps import Job, RunnerStep, require_finite

__all__ = ["PlanRunner"]

Array = Any


@dataclass
class _State:
    """A job under way: latents and x0 ``[rows of axes, ...]``; ``guided``: the last two guided outputs that were
    evaluated, with their timesteps, on the rows of the axes then."""

    job: Job
    arena: Arena
    text: dict[str, dict[str, Array]]
    axes: tuple[str, ...]
    latents: Float32Array
    x0: Float32Array | None = None
    outputs: dict[str, tuple[Rows, Float32Array]] = field(default_factory=dict)
    guided: list[tuple[float, tuple[str, ...], Float32Array]] = field(default_factory=list)


class PlanRunner:
    """A plan on an executor; the plan is validated and every graph looked up before anything runs.

    Raises:
        PlanError: the plan is ill-formed.
        PlanUnavailableError: a graph is missing.
        BucketError: a call that must stay whole is over the largest bucket.
    """

    def __init__(self, plan: StepPlan, executor: StepExecutor) -> None:
        validate(plan)
        self.plan = plan
        self._executor = executor
        self._graphs = {spec: executor.serves(spec) for spec in plan.specs()}
        for row in plan.rows:
            for e in row.evaluations:
                executor.buckets.pieces(plan.batch(e), divisible=e.graph != "reuse")
        self._use: CacheUse = cache_use(plan)
        self._map = arena_map(plan, self._shape)

    @property
    def arena_map(self) -> ArenaMap:
        """Places and size of one job's caches."""
        return self._map

    def steps(self, job: Job, table: SamplerTable) -> Iterator[RunnerStep]:
        """Yields after each step. A job gives the same bytes every time.

        Raises:
            NonFiniteError: an output overflowed; nothing is yielded for that step.
            CacheShapeError: a graph gave a tensor of another shape than the plan states.
        """
        state = self._start(job)
        try:
            for index, (row, step) in enumerate(zip(self.plan.rows, table.steps, strict=True)):
                self._branch(state, row)
                state.outputs.clear()
                for group in _together(row.evaluations):
                    self._call(state, group, index, step.timestep, table)
                output = self._output(state, row, index, table)
                with np.errstate(over="ignore", invalid="ignore"):  # judged right below, for all members alike
                    state.latents, state.x0 = apply_step(step, state.latents, output, state.x0)
                require_finite(state.latents, state.x0)
                yield self._result(state, index)
        finally:
            state.arena.clear()
            for _, _, guided in state.guided:
                guided[...] = 0
            for tensors in state.text.values():
                for tensor in tensors.values():
                    tensor[...] = 0

    def _start(self, job: Job) -> _State:
        executor = self._executor
        text = {"cond": {n: _own(t) for n, t in executor.text(job.members).items()}}
        if job.negative is not None:
            text["uncond"] = {n: _own(t) for n, t in executor.text(job.negative).items()}
        arena = Arena(self._map, executor.zeros(self._map.floats))
        axes = self.plan.rows[0].axes
        return _State(job, arena, text, axes, np.repeat(job.noise[None], self.plan.count(axes), axis=0))

    def _branch(self, state: _State, row: StepRow) -> None:
        if row.axes == state.axes:
            return
        spread = rows_of(state.axes, row.axes, self.plan.axes)
        state.latents = state.latents[spread]
        state.x0 = None if state.x0 is None else state.x0[spread]
        state.axes = row.axes

    def _call(
        self, state: _State, evaluations: list[Evaluation], index: int, timestep: float, table: SamplerTable
    ) -> None:
        """Evaluations of one graph, of both branches, in as few calls as the buckets allow."""
        work = [e for e in evaluations if e.branch == "cond" or state.job.negative is not None]
        whole = evaluations[0].graph == "reuse"
        for share in [[e] for e in work] if whole else [work] if work else []:
            inputs = [self._inputs(state, e, index, table) for e in share]
            spec = self._graphs[share[0].spec(self.plan.cut)]
            joined = {n: self._executor.concat([i[n] for i in inputs]) for n in inputs[0]}
            outputs = self._run(spec, joined, timestep, divisible=not whole)
            start = 0
            for e, own in zip(share, inputs, strict=True):
                stop = start + len(next(iter(own.values())))
                self._keep(state, e, index, {n: t[start:stop] for n, t in outputs.items()})
                start = stop

    def _run(self, spec: StepGraphSpec, inputs: dict[str, Array], timestep: float, divisible: bool) -> dict[str, Array]:
        executor = self._executor
        rows = len(next(iter(inputs.values())))
        when = executor.upload(np.array([timestep], dtype=np.float32))
        parts: list[dict[str, Array]] = []
        for start, stop, bucket in executor.buckets.pieces(rows, divisible):
            filled = np.minimum(np.arange(start, start + bucket), stop - 1)  # padding repeats the last row
            piece = {n: t[start:stop] if bucket == stop - start else t[filled] for n, t in inputs.items()}
            done = executor.run(spec, {**piece, "timestep": when})
            for name, tensor in done.items():
                if tuple(tensor.shape) != (bucket, *executor.shape(spec, name)):
                    raise CacheShapeError(f"the graph {spec.name} gave {name} of shape {list(tensor.shape)}")
            parts.append({n: t[: stop - start] for n, t in done.items()})
        return parts[0] if len(parts) == 1 else {n: executor.concat([p[n] for p in parts]) for n in parts[0]}

    def _inputs(self, state: _State, e: Evaluation, index: int, table: SamplerTable) -> dict[str, Array]:
        """Everything but the timestep, in the order that the graph takes its rows (a pivot first)."""
        plan = self.plan
        spec = e.spec(plan.cut)
        own: dict[str, Array] = {}
        if "sample" in spec.inputs:
            own["sample"] = self._executor.upload(e.rows.merge(state.latents, state.axes, plan.axes, np.concatenate))
        if e.branch == "cond":
            join = self._executor.concat
            own |= {n: e.rows.merge(t, plan.axis_names, plan.axes, join) for n, t in state.text["cond"].items()}
        else:
            rows = np.zeros(e.rows.count(plan.axes), dtype=np.int64)
            own |= {n: t[rows] for n, t in state.text["uncond"].items()}
        for read in e.reads:
            own[read.tensor] = self._read(state, read, index, e.rows, table)
        if e.pivot == "neutral":
            return {n: self._executor.concat([merged(t, e.axes, (), plan.axes), t]) for n, t in own.items()}
        if e.pivot == "rotate":
            order = _pivot_first(plan.count(e.axes), index)
            return {n: t[order] for n, t in own.items()}
        return own

    def _keep(self, state: _State, e: Evaluation, index: int, outputs: dict[str, Array]) -> None:
        if e.pivot == "neutral":
            outputs = {n: t[1:] for n, t in outputs.items()}
        elif e.pivot == "rotate":
            back = np.argsort(_pivot_first(self.plan.count(e.axes), index))
            outputs = {n: t[back] for n, t in outputs.items()}
        for tensor, cache in e.writes:
            state.arena.store(Slot(cache, index), outputs["model_output" if tensor == "output" else tensor])
        if e.is_output:
            state.outputs[e.branch] = (e.rows, self._executor.download(outputs["model_output"]))

    def _read(self, state: _State, read: CacheRead, index: int, rows: Rows, table: SamplerTable) -> Array:
        slots = self._use.slots(index, read)

        def load(slot: Slot) -> Array:
            stored, value = self._use.tensor[slot][1], state.arena.load(slot)
            if stored == rows:
                return value
            parts = [stored.spread(value, group, self.plan.axes) for group in rows.groups]
            return parts[0] if len(parts) == 1 else self._executor.concat(parts)

        latest = load(slots[0])
        if read.how == "forecast":
            now, last, before = (table.steps[i].timestep for i in (index, slots[0].step, slots[1].step))
            return latest + (latest - load(slots[1])) * float((last - now) / (before - last))
        if read.how == "corrected":
            return latest + (load(slots[1]) - load(slots[2]))
        return latest

    def _output(self, state: _State, row: StepRow, index: int, table: SamplerTable) -> Float32Array:
        """The guided output that the sampler takes: evaluated, or extended from the last two that were."""
        now = table.steps[index].timestep
        with np.errstate(over="ignore", invalid="ignore"):  # judged by the caller, for all members alike
            if row.guidance == "skipped":
                (before, *_), (last, *_) = state.guided
                past, latest = (output[rows_of(axes, row.axes, self.plan.axes)] for _, axes, output in state.guided)
                return latest + (latest - past) * np.float32((last - now) / (before - last))
            made = self._guided(state, row, index, table)
        # Kept whether or not a later step is skipped: two latents a member are little beside the caches.
        state.guided = [*state.guided[-1:], (now, row.axes, made)]
        return made

    def _guided(self, state: _State, row: StepRow, index: int, table: SamplerTable) -> Float32Array:
        rows, output = state.outputs["cond"]
        within = rows.spread(output, row.axes, self.plan.axes)
        if state.job.negative is None:
            return within
        if row.uncond is not None:
            without = self._executor.download(self._read(state, row.uncond, index, Rows((row.axes,)), table))
        else:
            rows, output = state.outputs["uncond"]
            without = rows.spread(output, row.axes, self.plan.axes)
        return guide(within, without, state.job.scale)

    def _result(self, state: _State, index: int) -> RunnerStep:
        spread = rows_of(state.axes, self.plan.axis_names, self.plan.axes)
        assert state.x0 is not None
        return RunnerStep(index, state.latents[spread], state.x0[spread])

    def _shape(self, tensor: str, cut: int) -> tuple[int, ...]:
        """Shape of a cache, asked of a graph that gives it."""
        if tensor == "output":
            return self._executor.shape(next(iter(self._graphs.values())), "model_output")
        for wanted, graph in self._graphs.items():
            if tensor in wanted.emits:
                return self._executor.shape(graph, tensor)
        raise CacheShapeError(f"no graph of this plan gives {tensor}")


def _together(evaluations: Sequence[Evaluation]) -> list[list[Evaluation]]:
    """Neighbours that run the same graph, as one batch; what a later one reads of an earlier one keeps them apart."""
    groups: list[list[Evaluation]] = []
    for e in evaluations:
        last = groups[-1] if groups else None
        if last and e.graph != "reuse" and (last[0].graph, _emits(last[0])) == (e.graph, _emits(e)):
            written = {cache for x in last for _, cache in x.writes}
            if not written & {c for r in e.reads for c in (r.cache, r.base)}:
                last.append(e)
                continue
        groups.append([e])
    return groups


def _emits(e: Evaluation) -> frozenset[str]:
    return frozenset(t for t, _ in e.writes if t != "output")


def _pivot_first(rows: int, index: int) -> Any:
    """Row (index mod rows) first, then the others in order."""
    pivot = index % rows
    return np.array([pivot, *(i for i in range(rows) if i != pivot)], dtype=np.int64)


def _own(tensor: Array) -> Array:
    """A copy that may be overwritten when the run ends."""
    return tensor.clone() if hasattr(tensor, "clone") else tensor.copy()
