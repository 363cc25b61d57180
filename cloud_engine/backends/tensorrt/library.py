"""Find TensorRT and the GPU, or say in one line what is missing."""

from __future__ import annotations

import importlib
import re
from typing import Any, Final

from ...errors import DeviceMissingError

__all__ = ["OLDEST", "TensorRTUnavailableError", "gpu_architecture", "library", "version_of"]

#: First version with ``set_device_memory`` and ``device_memory_size_v2``; 11.4 is the newest that was looked at.
OLDEST: Final = (10, 1)


class TensorRTUnavailableError(DeviceMissingError):
    """This machine has no TensorRT library, an old one, or no NVIDIA GPU."""

    code = "no_tensorrt"


def library() -> Any:
    """The ``tensorrt`` module, on a machine that can use it.

    Raises:
        TensorRTUnavailableError: no library, one that is too old, no torch with CUDA, or no GPU.
    """
    try:
        trt: Any = importlib.import_module("tensorrt")
        version = str(trt.__version__)
    except (ImportError, OSError, AttributeError) as error:
        raise TensorRTUnavailableError(
            f"TensorRT cannot be loaded here ({_first_line(error)}): pip install 'obclip[tensorrt]' on a machine with "
            "an NVIDIA GPU, or use --backend onnxruntime"
        ) from error
    if version_of(version) < OLDEST:
        raise TensorRTUnavailableError(
            f"TensorRT {version} is too old: {'.'.join(map(str, OLDEST))} or newer is needed (10.x or 11.x)"
        )
    gpu_architecture()
    return trt


def gpu_architecture() -> str:
    """Such as ``sm_90``.

    Raises:
        TensorRTUnavailableError: torch is not installed, or sees no GPU.
    """
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise TensorRTUnavailableError(
            "the tensorrt backend keeps its tensors in torch: pip install 'obclip[tensorrt]'"
        ) from error
    if not torch.cuda.is_available():
        raise TensorRTUnavailableError("no NVIDIA GPU is visible to torch: use --backend onnxruntime on a CPU")
    major, minor = torch.cuda.get_device_capability()
    return f"sm_{major}{minor}"


def version_of(text: str) -> tuple[int, ...]:
    """``10.16.1.11`` as numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
