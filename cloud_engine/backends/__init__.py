"""Backends run a bundle's graphs. They are chosen by name, never silently."""

from __future__ import annotations

from typing import Final

from contract import Bundle

from ..errors import BackendError
from .protocol import Backend

NAMES: Final = ("onnxruntime", "torch")

__all__ = ["NAMES", "Backend", "open_backend"]


def open_backend(name: str, bundle: Bundle, threads: int | None = None) -> Backend:
    """Load a backend by name.

    Raises:
        BackendError: unknown name, or its packages are not installed.
        contract.BundleError: the bundle has no graphs for it.
    """
    try:
        if name == "onnxruntime":
            from .onnxruntime_backend import OnnxRuntimeBackend

            return OnnxRuntimeBackend(bundle, threads)
        if name == "torch":
            from .torch_backend import TorchBackend

            return TorchBackend(bundle, threads)
    except ModuleNotFoundError as error:
        raise BackendError(f"backend {name} needs {error.name}: pip install 'obclip[cloud]'") from None
    raise BackendError(f"there is no backend {name!r}; known: {', '.join(NAMES)}")
