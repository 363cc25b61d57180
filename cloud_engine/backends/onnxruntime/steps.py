"""Step graphs on ONNX Runtime: the bundle's ``step.*`` graphs, one session each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from obclip_contract import Bundle, GraphSpec, TensorSpec

from ...errors import CacheShapeError, GraphError, PlanUnavailableError
from ...step_graphs.spec import TEXT, StepGraphSpec
from ..protocol import Float32Array
from ..steps import Buckets, serving_graph
from .session import FORMAT, Session

__all__ = ["OnnxRuntimeSteps"]

_ROLE: Final = "step."


class OnnxRuntimeSteps:
    """All step graphs of a bundle, loaded at once: a fault shows at the start, and no request waits for a load.

    Raises:
        PlanUnavailableError: the bundle has no step graphs.
        GraphError: a graph cannot be loaded, or has other inputs or outputs than its name and manifest state.
    """

    def __init__(self, bundle: Bundle, threads: int, max_rows: int) -> None:
        graphs = [g for g in bundle.manifest.graphs if g.role.startswith(_ROLE) and g.format == FORMAT]
        text = [g for g in graphs if g.role == _ROLE + TEXT and g.precision == "fp32"]
        steps = [g for g in graphs if g.role != _ROLE + TEXT and g.precision == "fp32"]
        if not text or not steps:
            raise PlanUnavailableError(
                "this server's bundle has no step graphs: export it again, or ask for the plan naive"
            )
        self._text = _Step(bundle, text[0], threads)
        self._steps: dict[StepGraphSpec, _Step] = {}
        for graph in steps:
            spec = _spec_of(graph)
            session = _Step(bundle, graph, threads)
            # A graph has no input that its UNet does not read: a shallow one may have no cross-attention.
            if not (set(session.inputs) <= set(spec.inputs) and set(spec.outputs) <= set(session.outputs)):
                raise GraphError(f"{graph.file} is not a step graph {spec.name}: export the bundle again")
            self._steps[spec] = session
        self.buckets = Buckets.up_to(max_rows)

    def serves(self, spec: StepGraphSpec) -> StepGraphSpec:
        """See `StepExecutor.serves`."""
        return serving_graph(spec, self._steps)

    def shape(self, spec: StepGraphSpec, tensor: str) -> tuple[int, ...]:
        """See `StepExecutor.shape`."""
        return self._steps[spec].shapes[tensor]

    def text(self, hidden: Float32Array) -> dict[str, Float32Array]:
        """See `StepExecutor.text`."""
        return self._text.run(("text_kv", "text_emb"), {"encoder_hidden_states": hidden})

    def run(self, spec: StepGraphSpec, inputs: Mapping[str, Float32Array]) -> dict[str, Float32Array]:
        """See `StepExecutor.run`."""
        return self._steps[spec].run(spec.outputs, inputs)

    def zeros(self, floats: int) -> Float32Array:
        """See `StepExecutor.zeros`."""
        return np.zeros(floats, dtype=np.float32)

    def upload(self, array: Float32Array) -> Float32Array:
        """See `StepExecutor.upload`."""
        return array

    def download(self, array: Float32Array) -> Float32Array:
        """See `StepExecutor.download`."""
        return array

    def concat(self, arrays: list[Float32Array]) -> Float32Array:
        """See `StepExecutor.concat`."""
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _spec_of(graph: GraphSpec) -> StepGraphSpec:
    try:
        return StepGraphSpec.parse(graph.role.removeprefix(_ROLE))
    except ValueError as error:
        raise GraphError(f"{graph.file}: {error}: export the bundle again") from error


def _shape(tensor: TensorSpec) -> tuple[int, ...]:
    return tuple(int(d) for d in tensor.shape[1:])


class _Step:
    """A session and the shapes that the manifest states, behind the batch."""

    def __init__(self, bundle: Bundle, graph: GraphSpec, threads: int) -> None:
        self._session, self._file = Session(bundle, graph, threads), graph.file
        self.inputs, self.outputs = list(self._session.inputs), self._session.outputs
        try:
            self.shapes = {t.name: _shape(t) for t in [*graph.inputs, *graph.outputs] if t.name != "timestep"}
        except ValueError as error:
            raise GraphError(f"{graph.file}: its manifest leaves a size open: export the bundle again") from error

    def run(self, outputs: tuple[str, ...], inputs: Mapping[str, Any]) -> dict[str, Float32Array]:
        inputs = {name: value for name, value in inputs.items() if name in self.inputs}
        for name, value in inputs.items():
            if name != "timestep" and tuple(value.shape[1:]) != self.shapes[name]:
                raise CacheShapeError(f"{self._file} takes {name} of shape {list(self.shapes[name])} a row")
        feeds = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in inputs.items()}
        return dict(zip(outputs, self._session.run(outputs, feeds), strict=True))
