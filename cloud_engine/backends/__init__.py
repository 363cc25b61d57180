"""Backends of the cloud engine; each is imported only when it is chosen."""

from __future__ import annotations

import importlib
from typing import Any, Final

from obclip_contract import Bundle

from ..errors import ConfigError
from .protocol import Backend, BackendOptions

__all__ = ["BACKENDS", "Backend", "BackendOptions", "check_backend", "load_backend"]

#: Name on the command line -> module and class.
BACKENDS: Final = {
    "onnxruntime": ("cloud_engine.backends.onnxruntime.backend", "OnnxRuntimeBackend"),
    "torch": ("cloud_engine.backends.torch.backend", "TorchBackend"),
    "tensorrt": ("cloud_engine.backends.tensorrt.backend", "TensorRTBackend"),
    "tensorrt-rtx": ("cloud_engine.backends.tensorrt.backend", "TensorRTRTXBackend"),
}


def load_backend(name: str, bundle: Bundle, options: BackendOptions | None = None) -> Backend:
    """The named backend on this bundle. There is no fallback to another one.

    Raises:
        ConfigError: unknown name, a library that is not installed, or a device that is not there.
        GraphError: a graph cannot be loaded.
        obclip_contract.BundleError: the bundle holds no graph for this backend.
    """
    backend: Backend = _backend_class(name)(bundle, options or BackendOptions())
    return backend


def check_backend(name: str, bundle: Bundle, options: BackendOptions) -> None:
    """Refuse what :func:`load_backend` would refuse of this machine and this bundle, without loading a graph.

    Raises:
        ConfigError: unknown name, a library that is not installed, or a device that the backend does not run on.
        DeviceMissingError: the device is not there.
        GraphError: an engine is missing, or was built for another machine.
        obclip_contract.BundleError: the bundle holds no graph for this backend.
    """
    _backend_class(name).check(bundle, options)


def _backend_class(name: str) -> Any:
    if name not in BACKENDS:
        raise ConfigError(f"unknown backend {name!r}; there are: {', '.join(BACKENDS)}")
    module, class_name = BACKENDS[name]
    try:
        return getattr(importlib.import_module(module), class_name)
    except ImportError as error:
        extra = "cloud" if name == "onnxruntime" else name
        raise ConfigError(
            f"the {name} backend needs {error.name}, which is not installed: pip install 'obclip[{extra}]'"
        ) from error
