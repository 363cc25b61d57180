"""Production on NVIDIA GPUs: the bundle's graphs as TensorRT engines that were built for this machine.

Engines of TensorRT lie beside the bundle (``../engines``), those of TensorRT for RTX in it, or both where
``OBCLIP_ENGINES`` says; ``obclip export cloud --backend tensorrt`` (or ``tensorrt-rtx``) builds them. Nothing is built
while serving, and an engine that does not fit is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from obclip_contract import Bundle, GraphSpec

from ...errors import GraphError, PlanUnavailableError
from ...step_graphs.spec import TEXT, StepGraphSpec
from ..protocol import BackendOptions, Float32Array, Int64Array
from ..steps import Buckets, serving_graph
from .engines import (
    EngineKey,
    EngineOptions,
    engines_folder,
    find_engine,
    keys_for,
    load_engine,
    load_settings,
    onnx_graphs,
)
from .flavours import FULL, RTX, Flavour, RuntimeCache
from .library import gpu_architecture, library
from .runtime import DeviceArena, EngineRunner, deserialize

__all__ = ["TensorRTBackend", "TensorRTRTXBackend", "TensorRTSteps"]

_STEP: Final = "step."


class _Graph:
    """One graph's engines, one per profile."""

    def __init__(self, spec: GraphSpec, runners: list[EngineRunner]) -> None:
        self._file = spec.file
        self._runners = runners
        tensors = [t for t in [*spec.inputs, *spec.outputs] if t.name != "timestep"]
        self.shapes = {t.name: tuple(int(size) for size in t.shape[1:]) for t in tensors}

    @property
    def most(self) -> int:
        """Rows that the largest engine takes."""
        return self._runners[-1].profile.most

    def run(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rows up to `most`, on the smallest engine that takes them."""
        rows = max(t.shape[0] for t in inputs.values())
        for runner in self._runners:
            if rows <= runner.profile.most:
                return runner(inputs)
        raise GraphError(f"the engines of {self._file} take at most {self.most} rows, not {rows}")

    def run_any(self, inputs: Mapping[str, Tensor], output: str) -> Tensor:
        """Any number of rows, in pieces; ``timestep`` goes to every piece."""
        rows = max(t.shape[0] for n, t in inputs.items() if n != "timestep")
        parts = []
        for start in range(0, rows, self.most):
            piece = {n: t if n == "timestep" else t[start : start + self.most] for n, t in inputs.items()}
            parts.append(self.run(piece)[output])
        return torch.cat(parts)


class TensorRTBackend:
    """Loads every engine of a bundle at once; they share one block of scratch memory and one stream.

    Raises:
        TensorRTUnavailableError: no library or no GPU.
        ForeignEngineError: an engine is missing, altered, or was built for something else.
        GraphError: TensorRT refuses an engine.
    """

    flavour: ClassVar[Flavour] = FULL
    name = FULL.name

    def __init__(self, bundle: Bundle, options: BackendOptions) -> None:
        trt = library(self.flavour)
        folder = engines_folder(bundle.root, self.flavour)
        candidates, built = load_settings(folder, self.flavour)
        machine = gpu_architecture(self.flavour), str(trt.__version__)
        self.arena = DeviceArena()
        cache = RuntimeCache.of_machine(*machine) if self.flavour.runtime_config else None
        stream = torch.cuda.Stream()
        runners: dict[str, list[EngineRunner]] = {}
        for graph, key in keys_for(bundle, *machine, candidates, built, self.flavour):
            engine = _load(trt, folder, key, built)
            runner = EngineRunner(trt, engine, key.profile, self.arena, stream, cache=cache)
            runners.setdefault(graph.role, []).append(runner)
        self._graphs = {graph.role: _Graph(graph, runners[graph.role]) for graph in onnx_graphs(bundle.manifest)}

    @classmethod
    def check(cls, bundle: Bundle, options: BackendOptions) -> None:
        """See `check_backend`."""
        version = str(library(cls.flavour).__version__)
        folder = engines_folder(bundle.root, cls.flavour)
        candidates, built = load_settings(folder, cls.flavour)
        for _, key in keys_for(bundle, gpu_architecture(cls.flavour), version, candidates, built, cls.flavour):
            find_engine(folder, key)

    def encode_text(self, input_ids: Int64Array) -> Float32Array:
        """See `Backend.encode_text`."""
        ids = torch.from_numpy(np.ascontiguousarray(input_ids, dtype=np.int32)).cuda()
        return _array(self._graph("text_encoder").run_any({"input_ids": ids}, "hidden_states"))

    def denoise(self, sample: Float32Array, timestep: float, hidden: Float32Array) -> Float32Array:
        """See `Backend.denoise`."""
        inputs = {
            "sample": _tensor(sample),
            "timestep": torch.tensor([timestep], dtype=torch.float32, device="cuda"),
            "encoder_hidden_states": _tensor(hidden),
        }
        return _array(self._graph("unet").run_any(inputs, "model_output"))

    def step_executor(self, max_rows: int) -> TensorRTSteps:
        """See `Backend.step_executor`."""
        return TensorRTSteps(self._graphs, max_rows)

    def _graph(self, role: str) -> _Graph:
        if role not in self._graphs:
            raise GraphError(f"the bundle has no {role} graph for TensorRT: export it again")
        return self._graphs[role]


class TensorRTRTXBackend(TensorRTBackend):
    """The same on TensorRT for RTX, whose engines were built ahead of time on any machine."""

    flavour = RTX
    name = RTX.name


class TensorRTSteps:
    """Step graphs on the backend's engines; see `StepExecutor`. Tensors stay on the GPU between calls."""

    def __init__(self, graphs: Mapping[str, Any], max_rows: int) -> None:
        steps = {role: graph for role, graph in graphs.items() if role.startswith(_STEP) and role != _STEP + TEXT}
        if _STEP + TEXT not in graphs or not steps:
            raise PlanUnavailableError(
                "this server's bundle has no step graphs: export it again, or ask for the plan naive"
            )
        self._text = graphs[_STEP + TEXT]
        self._steps = {StepGraphSpec.parse(role.removeprefix(_STEP)): graph for role, graph in steps.items()}
        self.buckets = Buckets.up_to(min(max_rows, *(graph.most for graph in self._steps.values())))

    def serves(self, spec: StepGraphSpec) -> StepGraphSpec:
        """See `StepExecutor.serves`."""
        return serving_graph(spec, self._steps)

    def shape(self, spec: StepGraphSpec, tensor: str) -> tuple[int, ...]:
        """See `StepExecutor.shape`."""
        shape: tuple[int, ...] = self._steps[spec].shapes[tensor]
        return shape

    def text(self, hidden: Float32Array) -> dict[str, Tensor]:
        """See `StepExecutor.text`."""
        whole = self.upload(hidden)
        most = self._text.most
        parts = [self._text.run({"encoder_hidden_states": whole[i : i + most]}) for i in range(0, len(whole), most)]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

    def run(self, spec: StepGraphSpec, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See `StepExecutor.run`."""
        out: dict[str, Tensor] = self._steps[spec].run(inputs)
        return {name: out[name] for name in spec.outputs}

    def zeros(self, floats: int) -> Tensor:
        """See `StepExecutor.zeros`."""
        return torch.zeros(floats, dtype=torch.float32, device="cuda")

    def upload(self, array: Float32Array) -> Tensor:
        """See `StepExecutor.upload`."""
        return _tensor(array)

    def download(self, array: Tensor) -> Float32Array:
        """See `StepExecutor.download`."""
        return _array(array)

    def concat(self, arrays: list[Tensor]) -> Tensor:
        """See `StepExecutor.concat`."""
        return arrays[0] if len(arrays) == 1 else torch.cat(arrays)


def _load(trt: Any, folder: Path, key: EngineKey, built: EngineOptions) -> Any:
    return deserialize(trt, load_engine(folder, key), key.name, lean=built.version_compatible)


def _tensor(array: Float32Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).cuda()


def _array(tensor: Tensor) -> Float32Array:
    result: Float32Array = tensor.float().cpu().numpy()
    return result
