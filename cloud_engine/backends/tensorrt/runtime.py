"""One TensorRT engine in memory: contexts, buffers and CUDA graphs per batch size.

Written for TensorRT 10.1 to 11.x and TensorRT for RTX (docs/TENSORRT.md says what was run). Tensors are torch's: it
allocates them, TensorRT gets their addresses. All engines share one block of scratch memory, so they run one at a
time, on one stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from ...errors import GraphError, NonFiniteError
from .engines import Profile
from .flavours import RuntimeCache, rtx_context

__all__ = ["DeviceArena", "EngineRunner", "deserialize"]

#: Alignment that ``set_device_memory`` asks for; torch's CUDA allocator gives 512.
_ALIGNMENT: Final = 256


class DeviceArena:
    """Scratch memory for the activations of every engine: as large as the largest one needs."""

    def __init__(self) -> None:
        self._memory: Tensor | None = None
        self._bytes = 0

    def reserve(self, size: int) -> None:
        """Ask for at least ``size`` bytes; before anything runs."""
        if self._memory is not None:
            raise GraphError("the engines' memory is in use: reserve it before the first run")
        self._bytes = max(self._bytes, size)

    @property
    def bytes(self) -> int:
        """Size in bytes."""
        return self._bytes

    def address(self) -> int:
        """Where it lies; allocated when first asked for."""
        if self._memory is None:
            self._memory = torch.empty(max(self._bytes, _ALIGNMENT), dtype=torch.uint8, device="cuda")
        return self._memory.data_ptr()

    def clear(self) -> None:
        """Overwrite it with zeros."""
        if self._memory is not None:
            self._memory.zero_()


@dataclass
class _Prepared:
    """A context for one batch size, its buffers, and the captured graph (``None`` where none is used)."""

    context: Any
    buffers: dict[str, Tensor]
    outputs: tuple[str, ...]
    captured: Any


def deserialize(trt: Any, data: bytes, name: str, lean: bool) -> Any:
    """An ``ICudaEngine``. ``lean``: the engine carries a runtime of its own version, which is code.

    Raises:
        GraphError: TensorRT refuses the bytes.
    """
    runtime = trt.Runtime(trt.Logger(trt.Logger.ERROR))
    runtime.engine_host_code_allowed = lean
    engine = runtime.deserialize_cuda_engine(data)
    if engine is None:
        raise GraphError(f"TensorRT cannot load the engine {name}: build it again on this machine")
    if engine.streamable_weights_size > 0:
        engine.weight_streaming_budget_v2 = engine.get_weight_streaming_automatic_budget()
    return engine


class EngineRunner:
    """Runs one engine for any batch of its profile.

    Args:
        trt: the tensorrt module.
        engine: an ``ICudaEngine``.
        stream: the one stream that all engines use.
        graphs: capture a CUDA graph per batch size. Streamed weights are never captured.
        cache: of the kernels that TensorRT for RTX compiles here, which then captures the graphs itself.
    """

    def __init__(
        self,
        trt: Any,
        engine: Any,
        profile: Profile,
        arena: DeviceArena,
        stream: torch.cuda.Stream,
        graphs: bool = True,
        cache: RuntimeCache | None = None,
    ) -> None:
        self._trt = trt
        self._engine = engine
        self.profile = profile
        self._arena = arena
        self._stream = stream
        self._cache = cache
        self._graphs = graphs and cache is None and engine.streamable_weights_size == 0
        self._dtypes = {
            trt.DataType.FLOAT: torch.float32,
            trt.DataType.HALF: torch.float16,
            trt.DataType.INT32: torch.int32,
            trt.DataType.INT64: torch.int64,
            trt.DataType.BOOL: torch.bool,
        }
        names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
        self.inputs = tuple(n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT)
        self.outputs = tuple(n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.OUTPUT)
        self._prepared: dict[int, _Prepared] = {}
        arena.reserve(engine.device_memory_size_v2)

    def __call__(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Tensors by name on the GPU; outputs are new tensors in the engine's types.

        Raises:
            GraphError: other inputs than the engine's, or a batch outside its profile.
            NonFiniteError: an output holds an infinity or a NaN; nothing is returned.
        """
        if missing := set(self.inputs) - set(inputs):  # TensorRT may drop an input that a graph does not read
            raise GraphError(f"the engine takes {', '.join(self.inputs)}; missing: {', '.join(sorted(missing))}")
        rows = max(t.shape[0] for t in inputs.values())
        if not self.profile.least <= rows <= self.profile.most:
            raise GraphError(f"the engine takes {self.profile.least} to {self.profile.most} rows, not {rows}")
        if rows not in self._prepared:
            self._prepared[rows] = self._prepare(rows)
            if self._cache is not None:
                self._cache.save()
        ready = self._prepared[rows]
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for name in self.inputs:
                ready.buffers[name].copy_(inputs[name])  # casts to the engine's type
            if ready.captured is not None:
                ready.captured.replay()
            else:
                self._execute(ready.context)
            out = {name: ready.buffers[name].clone() for name in ready.outputs}
            finite = torch.stack([torch.isfinite(t).all() for t in out.values()]).all()
            for buffer in ready.buffers.values():
                buffer.zero_()  # nothing of a request stays behind in them
        torch.cuda.current_stream().wait_stream(self._stream)
        if not bool(finite):
            raise NonFiniteError("an engine's output is not finite; try a lower guidance scale, or fp32 engines")
        return out

    def _prepare(self, rows: int) -> _Prepared:
        engine, trt = self._engine, self._trt
        if self._cache is not None:
            context = rtx_context(trt, engine, self._cache)
        else:
            context = engine.create_execution_context(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
        if context is None:
            raise GraphError("TensorRT could not make an execution context: the GPU is out of memory")
        buffers: dict[str, Tensor] = {}
        for name in self.inputs:
            shape = tuple(rows if size == -1 else size for size in engine.get_tensor_shape(name))
            if not context.set_input_shape(name, shape):
                raise GraphError(f"the engine refuses the shape {list(shape)} for {name}")
            buffers[name] = self._buffer(name, shape)
        if unknown := context.infer_shapes():
            raise GraphError(f"the engine's shapes depend on {', '.join(unknown)}: export the graph again")
        for name in self.outputs:
            buffers[name] = self._buffer(name, tuple(context.get_tensor_shape(name)))
        for name, tensor in buffers.items():
            if not context.set_tensor_address(name, tensor.data_ptr()):
                raise GraphError(f"the engine refuses the memory of {name}")
        context.set_device_memory(self._arena.address(), self._arena.bytes)
        return _Prepared(context, buffers, self.outputs, self._capture(context))

    def _buffer(self, name: str, shape: tuple[int, ...]) -> Tensor:
        kind = self._engine.get_tensor_dtype(name)
        if kind not in self._dtypes:
            raise GraphError(f"the engine's {name} is of a type that this backend does not have: {kind}")
        return torch.zeros(shape, dtype=self._dtypes[kind], device="cuda")

    def _capture(self, context: Any) -> Any:
        """Run once (TensorRT finishes its setup then), and again into a CUDA graph of ours, where it makes none."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            self._execute(context)
        self._stream.synchronize()
        if not self._graphs:
            return None
        captured = torch.cuda.CUDAGraph()
        # Other threads (the HTTP service) may call CUDA meanwhile; only this one is recorded.
        with torch.cuda.graph(captured, stream=self._stream, capture_error_mode="thread_local"):
            self._execute(context)
        return captured

    def _execute(self, context: Any) -> None:
        if not context.execute_async_v3(self._stream.cuda_stream):
            raise GraphError("TensorRT could not run the engine; its log on standard error says why")
