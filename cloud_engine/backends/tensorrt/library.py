"""Find one of TensorRT's libraries and the GPU, or say in one line what is missing."""

from __future__ import annotations

import importlib
from typing import Any

from .flavours import FULL, Flavour, TensorRTUnavailableError, module_of

__all__ = ["TensorRTUnavailableError", "gpu_architecture", "library"]


def library(flavour: Flavour = FULL) -> Any:
    """The library's module, on a machine that can run its engines.

    Raises:
        TensorRTUnavailableError: no library, one that is too old, no torch with CUDA, or no GPU that it is for.
    """
    trt = module_of(flavour)
    gpu = gpu_architecture(flavour)
    if flavour.targets and gpu not in flavour.targets:
        raise TensorRTUnavailableError(f"{flavour.title} has no target {gpu}: use --backend {FULL.name} on this GPU")
    return trt


def gpu_architecture(flavour: Flavour = FULL) -> str:
    """Such as ``sm_90``.

    Raises:
        TensorRTUnavailableError: torch is not installed, or sees no GPU.
    """
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise TensorRTUnavailableError(
            f"the {flavour.name} backend keeps its tensors in torch: pip install 'obclip[{flavour.extra}]'"
        ) from error
    if not torch.cuda.is_available():
        raise TensorRTUnavailableError("no NVIDIA GPU is visible to torch: use --backend onnxruntime on a CPU")
    major, minor = torch.cuda.get_device_capability()
    return f"sm_{major}{minor}"
