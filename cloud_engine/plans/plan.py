"""The step plan: one row per step, each with the evaluations of the UNet that it makes.

A plan is a function of public numbers only: the axes of the grid (names and sizes), k and T. It never sees a
prompt, a seed or a latent, so the work a request causes says nothing about its content.

*Rows of a batch.* ``axes`` of an evaluation names the axes that are told apart: one row per combination of their
values. All axes: one row per member. No axes: one row in all. A row for several members runs on the mean of their
latents and on the mean of their text (K, V and pooled text), so no member is favoured. ``effects`` puts several such
partitions side by side, whose sum stands for the members (:mod:`cloud_engine.plans.partitions`).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from ..errors import EngineError
from ..step_graphs.spec import StepGraphSpec
from .partitions import Rows

__all__ = ["CacheRead", "Evaluation", "PlanError", "StepPlan", "StepRow"]

Branch = Literal["cond", "uncond"]
How = Literal["hold", "forecast", "corrected"]
Guidance = Literal["each", "shared", "held", "skipped"]
Pivot = Literal["none", "rotate", "neutral"]
FORMAT: Final = 1


class PlanError(EngineError):
    """A step plan is ill-formed, or does not fit the request's public numbers; nothing was run."""

    exit_code = 2
    status = 422
    code = "plan"
    field = "plan"


@dataclass(frozen=True)
class CacheRead:
    """A cache that is read into one input of a graph.

    Args:
        tensor: the graph's input: ``deep``, ``attention``, ``skips``; or ``output`` where guidance is held.
        cache: its name in the arena. The part before the first dot is the branch ("cond.deep").
        how: ``hold`` reads what was written last; ``forecast`` extends the last two writes linearly in the timestep;
            ``corrected`` adds to the last write what ``base`` has changed since (a cache of coarser rows that was
            written both in that earlier step and in a later one).
        base: for ``corrected``.
    """

    tensor: str
    cache: str
    how: How = "hold"
    base: str = ""


@dataclass(frozen=True)
class Evaluation:
    """One call of a step graph.

    Args:
        branch: ``cond`` (the members' text) or ``uncond`` (the negative prompt).
        graph: a kind of :mod:`cloud_engine.step_graphs`: full, shallow, reuse, attn_cached, decoder, decoder_cached.
        axes: names of the axes that its rows tell apart, in the grid's order.
        reads: caches for its inputs.
        writes: pairs (tensor, cache): what it keeps; tensors are ``deep``, ``attention``, ``skips``, ``output``.
        pivot: for ``reuse``: ``rotate`` takes row (step mod rows), ``neutral`` adds a row of the mean.
        is_output: whether its model output drives the sampler (else it only fills caches).
        effects: groups of the ``axes``, disjoint, for which rows stand side by side instead of for their product.
    """

    branch: Branch
    graph: str
    axes: tuple[str, ...]
    reads: tuple[CacheRead, ...] = ()
    writes: tuple[tuple[str, str], ...] = ()
    pivot: Pivot = "none"
    is_output: bool = True
    effects: tuple[tuple[str, ...], ...] = ()

    @property
    def rows(self) -> Rows:
        """What its rows stand for."""
        return Rows(self.effects or (self.axes,))

    def spec(self, cut: int) -> StepGraphSpec:
        """The static graph that this evaluation runs."""
        return StepGraphSpec(self.graph, cut, tuple(t for t, _ in self.writes if t != "output"))


@dataclass(frozen=True)
class StepRow:
    """One step.

    Args:
        axes: axes branched so far: the latents are one per combination of their values.
        guidance: ``each`` (an unconditional row per latent), ``shared`` (fewer, on mean latents), ``held``
            (``uncond`` says which cache stands in for it), ``skipped`` (no evaluation at all: the guided output of the
            last two steps that had one is extended linearly in the timestep, as in ZEUS, arXiv 2604.01552).
        evaluations: in the order they run; none where guidance is ``skipped``.
        uncond: for ``held``.
    """

    axes: tuple[str, ...]
    guidance: Guidance
    evaluations: tuple[Evaluation, ...]
    uncond: CacheRead | None = None


@dataclass(frozen=True)
class StepPlan:
    """A whole plan.

    Args:
        name: as a request names it.
        axes: pairs (name, number of values) of the grid, in its order.
        steps: T, of the whole picture; k is the number of rows.
        cut: skip level at which ``deep`` is taken: 0 is nearest to the output (DeepCache's branch).
        rows: one per cloud step.
    """

    name: str
    axes: tuple[tuple[str, int], ...]
    steps: int
    cut: int
    rows: tuple[StepRow, ...]

    @property
    def candidates(self) -> int:
        """N."""
        return math.prod(size for _, size in self.axes)

    @property
    def cloud_steps(self) -> int:
        """k."""
        return len(self.rows)

    @property
    def axis_names(self) -> tuple[str, ...]:
        """All axes: the partition into single members."""
        return tuple(name for name, _ in self.axes)

    def count(self, axes: tuple[str, ...]) -> int:
        """Rows of a partition."""
        return math.prod(size for name, size in self.axes if name in axes)

    def batch(self, evaluation: Evaluation) -> int:
        """Rows of the call, a neutral pivot's included."""
        return evaluation.rows.count(self.axes) + (evaluation.pivot == "neutral")

    def specs(self) -> tuple[StepGraphSpec, ...]:
        """The graphs this plan needs, each once, in order of first use."""
        return tuple(dict.fromkeys(e.spec(self.cut) for row in self.rows for e in row.evaluations))

    def to_json(self) -> str:
        """Sorted JSON; equal plans give equal text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StepPlan:
        """Read :meth:`to_json`'s text; call :func:`cloud_engine.plans.validate` before use.

        Raises:
            PlanError: not a plan of this format.
        """
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw.pop("format") != FORMAT:
                raise PlanError(f"this plan has another format than {FORMAT}: tune it again")
            rows = tuple(_row(r) for r in raw.pop("rows"))
            axes = tuple((str(name), int(size)) for name, size in raw.pop("axes"))
            return cls(axes=axes, rows=rows, **raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PlanError("this is not a step plan: tune it again, or write it with StepPlan.to_json") from error


def _read(raw: dict[str, Any] | None) -> CacheRead | None:
    return None if raw is None else CacheRead(**raw)


def _row(raw: dict[str, Any]) -> StepRow:
    evaluations = tuple(
        Evaluation(
            **{
                **e,
                "axes": tuple(e["axes"]),
                "effects": tuple(tuple(group) for group in e.get("effects", ())),
                "reads": tuple(CacheRead(**r) for r in e["reads"]),
                "writes": tuple((str(t), str(c)) for t, c in e["writes"]),
            }
        )
        for e in raw["evaluations"]
    )
    return StepRow(tuple(raw["axes"]), raw["guidance"], evaluations, _read(raw["uncond"]))
