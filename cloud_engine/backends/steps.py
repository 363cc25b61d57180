"""What runs step graphs: the second half of a backend, used by every plan but ``naive``.

Arrays are the executor's own (numpy on a CPU, torch on a GPU); both index, add and reshape alike, so the runner
is written once. Rows are independent, except in ``reuse``, whose row 0 gives the attention maps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import BucketError, PlanUnavailableError
from ..step_graphs.spec import StepGraphSpec
from .protocol import Float32Array

__all__ = ["Buckets", "StepExecutor", "serving_graph"]

Array = Any


@dataclass(frozen=True)
class Buckets:
    """The batch sizes that graphs run at: fixed and public, so that a size says nothing but N.

    ``sizes`` ascend. A batch is cut into pieces of the largest size; the last piece is padded up to the next size.
    """

    sizes: tuple[int, ...]

    @classmethod
    def up_to(cls, rows: int) -> Buckets:
        """Every size from 1 to ``rows``: for backends whose graphs take any batch."""
        return cls(tuple(range(1, rows + 1)))

    def pieces(self, rows: int, divisible: bool = True) -> list[tuple[int, int, int]]:
        """(start, stop, bucket) of each call.

        Raises:
            BucketError: the batch must stay whole and is over the largest bucket.
        """
        largest = self.sizes[-1]
        if rows > largest and not divisible:
            raise BucketError(f"this plan needs {rows} rows in one call, this server takes {largest}: use another plan")
        out = []
        for start in range(0, rows, largest):
            size = min(largest, rows - start)
            out.append((start, start + size, next(b for b in self.sizes if b >= size)))
        return out


class StepExecutor(Protocol):
    """Runs the text graph and the step graphs of one model."""

    buckets: Buckets

    def serves(self, spec: StepGraphSpec) -> StepGraphSpec:
        """The graph that runs for a spec: itself, or one that writes more.

        Raises:
            PlanUnavailableError: there is none.
        """

    def shape(self, spec: StepGraphSpec, tensor: str) -> tuple[int, ...]:
        """Shape of an input or output of a graph, behind its batch."""

    def text(self, hidden: Float32Array) -> dict[str, Array]:
        """``[B, L, D]`` -> ``text_kv``, ``text_emb``."""

    def run(self, spec: StepGraphSpec, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """One call at a bucket's size; ``inputs`` and outputs are those of ``spec``."""

    def zeros(self, floats: int) -> Array:
        """A float32 array ``[floats]`` for an arena."""

    def upload(self, array: Float32Array) -> Array:
        """Numpy to the executor's kind."""

    def download(self, array: Array) -> Float32Array:
        """The executor's kind to numpy."""

    def concat(self, arrays: list[Array]) -> Array:
        """Along the batch."""


def serving_graph(spec: StepGraphSpec, available: Collection[StepGraphSpec]) -> StepGraphSpec:
    """The available graph of that kind that writes what is wanted and least besides.

    Raises:
        PlanUnavailableError: none does.
    """
    wanted = set(spec.emits)
    matching = [
        s
        for s in available
        if s.kind == spec.kind
        and wanted <= set(s.emits)
        and ("deep" not in (*spec.emits, *spec.reads) or s.cut == spec.cut)
    ]
    if not matching:
        raise PlanUnavailableError(
            f"this server's bundle has no step graph {spec.name}: export it with the graphs of this plan, or ask for "
            "the plan naive"
        )
    return min(matching, key=lambda s: (len(s.emits), s.name))
