"""What an export will make and need, from configs and the headers of weight files: nothing is loaded.

Seconds and memory are a line through what was measured (``benchmarks/results/export.json``, ``export_scale.json``; AMD
EPYC, 2 cores): good to about a factor of two.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

from .errors import PairError
from .families.recognise import Layout, recognise
from .verify.precision import Choice
from .weights import Weights

__all__ = ["Estimate", "count_parameters", "estimate"]

_FP32: Final = 4
#: Seconds of any export, and for each million parameters of the UNet: in the cloud bundle, in one edge precision.
_CLOUD_SECONDS, _EDGE_SECONDS = (70.0, 0.7), (60.0, 0.4)
#: Peak memory: what the libraries take, and copies of the largest model in float32.
_LIBRARIES_GB, _COPIES = 1.0, 3.0
#: Disk: ONNX graphs of the UNet's size in a cloud bundle; what a converter writes on the way in an edge export.
_GRAPHS, _ROOM = 2.3, 4
_HEADER_LIMIT: Final = 100_000_000


@dataclass(frozen=True)
class Estimate:
    """``makes``: a line for each bundle."""

    makes: tuple[str, ...]
    seconds: float
    memory_gb: float
    disk_gb: float


def count_parameters(weights: Weights) -> int:
    """Elements of all tensors, from the files' headers.

    Raises:
        PairError: a header cannot be read.
    """
    total = 0
    for file in weights.files:
        try:
            with file.open("rb") as opened:
                (size,) = struct.unpack("<Q", opened.read(8))
                header = json.loads(opened.read(min(size, _HEADER_LIMIT)))
            total += sum(prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
            raise PairError(f"{file} cannot be read as safetensors") from None
    return total


def estimate(what: str, folders: Mapping[str, Path], choice: Choice, variant: str | None, half: bool) -> Estimate:
    """For ``cloud``, ``edge`` or ``all`` of these folders.

    Raises:
        PairError: see :func:`export.families.recognise`.
    """
    layouts = {which: recognise(folder, variant) for which, folder in folders.items()}
    sizes = {which: _count_all(layout) for which, layout in layouts.items()}
    makes, seconds, disk = [], 0.0, 0.0
    if what != "edge":
        unet = sizes["large"]["unet"]
        makes.append(_line("cloud", layouts["large"], unet, "onnx fp32 and fp16" if half else "onnx fp32"))
        seconds += (_CLOUD_SECONDS[0] + _CLOUD_SECONDS[1] * unet / 1e6) * (1.6 if half else 1.0)
        disk += _FP32 * unet * _GRAPHS * (1.5 if half else 1.0) + layouts["large"].weights["unet"].bytes
    if what != "cloud":
        unet = sizes["small"]["unet"]
        made = [f"{form} {precision}" for form, precisions in choice.precisions.items() for precision in precisions]
        makes.append(_line("edge", layouts["small"], unet, ", ".join(made)))
        seconds += _EDGE_SECONDS[0] + _EDGE_SECONDS[1] * unet / 1e6 * len(made)
        disk += _FP32 * sum(sizes["small"].values()) * _ROOM
    largest = max(sum(parts.values()) for parts in sizes.values())
    return Estimate(tuple(makes), seconds, _LIBRARIES_GB + _COPIES * _FP32 * largest / 1e9, disk / 1e9)


def _count_all(layout: Layout) -> dict[str, int]:
    return {part: count_parameters(weights) for part, weights in layout.weights.items()}


def _line(kind: str, layout: Layout, unet: int, form: str) -> str:
    notes = "".join(f"; {note}" for note in layout.notes)
    return f"{kind}: {layout.architecture} ({layout.name}), UNet of {unet / 1e6:.1f} M parameters, {form}{notes}"
