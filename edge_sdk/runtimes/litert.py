"""LiteRT (TFLite) on the device's CPU, through ``ai-edge-litert``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import Bundle, BundleError, GraphSpec

from ..errors import InputError
from .guarding import Guard

__all__ = ["MAX_THREADS", "LiteRtRuntime"]

_FORMAT: Final = "tflite"
#: More than any device has cores; LiteRT ends the process at tens of thousands.
MAX_THREADS: Final = 64


@dataclass(frozen=True)
class _Graph:
    """One loaded ``.tflite``: its signatures by the batch of their first input."""

    spec: GraphSpec
    runners: dict[int, Any]
    dtypes: dict[int, dict[str, Any]]

    def run(self, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Run on a batch of any size: a signature of that batch, else rows through the nearest one."""
        first = next(iter(inputs))
        rows = len(inputs[first])
        if rows in self.runners:
            return self._call(rows, inputs)
        size = min((b for b in self.runners if b > rows), default=max(self.runners))
        parts = []
        for start in range(0, rows, size):
            take = np.minimum(np.arange(start, start + size), rows - 1)  # the last rows repeat to fill up
            part = {k: v[take] if len(v) == rows and k != "timestep" else v for k, v in inputs.items()}
            parts.append(self._call(size, part)[: rows - start])
        return np.concatenate(parts)

    def _call(self, batch: int, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        dtypes = self.dtypes[batch]
        # The interpreter copies the inputs in; the result is copied out, as its buffer may be reused.
        result = self.runners[batch](**{k: np.ascontiguousarray(v, dtype=dtypes[k]) for k, v in inputs.items()})
        return np.array(result[self.spec.outputs[0].name], dtype=np.float32)


@dataclass
class LiteRtRuntime:
    """Runs an edge bundle's ``.tflite`` graphs; see :class:`~edge_sdk.runtimes.protocol.Runtime`.

    ``num_threads`` defaults to the machine's cores, ``precision`` ("fp32", "fp16", "int8") to the first that the
    bundle lists for each graph. A graph is loaded at its first use. Threads may share it: their calls take turns.
    """

    bundle: Bundle
    num_threads: int | None = None
    precision: str | None = None
    name: str = field(default="litert", init=False)
    _graphs: dict[str, _Graph] = field(default_factory=dict, init=False, repr=False)
    _guard: Guard = field(default_factory=Guard, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what LiteRT would take the process down with."""
        if self.num_threads is not None and not 1 <= self.num_threads <= MAX_THREADS:
            raise InputError(f"the runtime takes 1 to {MAX_THREADS} threads, not {self.num_threads}")

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """Token ids ``[B, L]`` to hidden states ``[B, L, D]``."""
        return self._run("text_encoder", {"input_ids": input_ids})

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[B, C, H, W]`` at one timestep to the model output ``[B, C, H, W]``."""
        when = np.array([timestep], dtype=np.float32)
        return self._run("unet", {"sample": latent, "timestep": when, "encoder_hidden_states": states})

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[1, C, H, W]`` (unscaled) to a picture ``[1, 3, h, w]`` in [-1, 1]."""
        return self._run("vae_decoder", {"latents": latent})

    def close(self) -> None:
        """Free every loaded graph, after the call in progress; later calls raise ``ClosedError``."""
        self._guard.close(self._graphs.clear)

    def _run(self, role: str, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        with self._guard.calling():
            if role not in self._graphs:
                self._graphs[role] = self._load(role, list(inputs))
            return self._graphs[role].run(inputs)

    def _load(self, role: str, names: list[str]) -> _Graph:
        from ai_edge_litert.interpreter import Interpreter

        spec = self.bundle.graph(role, _FORMAT, self.precision)
        if not spec.outputs:
            raise BundleError(f"the edge bundle's {role} names no output; export the bundle again")
        threads = self.num_threads or os.cpu_count() or 1
        try:
            interpreter = Interpreter(model_path=str(self.bundle.path(spec.file)), num_threads=threads)
            signatures = interpreter.get_signature_list()
            runners, dtypes = {}, {}
            for signature in signatures:
                runner = interpreter.get_signature_runner(signature)
                details = runner.get_input_details()
                if sorted(details) != sorted(names) or spec.outputs[0].name not in signatures[signature]["outputs"]:
                    raise BundleError(f"{spec.file} ({signature}) has other inputs or outputs than a {role}")
                batch = int(details[names[0]]["shape"][0])
                runners[batch] = runner
                dtypes[batch] = {k: d["dtype"] for k, d in details.items()}
        except (ValueError, RuntimeError, OSError) as error:
            raise BundleError(f"LiteRT cannot load {spec.file}: {_first_line(error)}; export it again") from None
        if not runners:
            raise BundleError(f"{spec.file} holds no signature; export the bundle again")
        return _Graph(spec, runners, dtypes)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
