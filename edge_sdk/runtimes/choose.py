"""The runtime that suits a bundle's format: named by what was exported, never guessed."""

from __future__ import annotations

from obclip_contract import Bundle, BundleError

from .coreml import CoreMlRuntime
from .litert import LiteRtRuntime

__all__ = ["open_runtime"]


def open_runtime(
    bundle: Bundle, num_threads: int | None = None, precision: str | None = None
) -> LiteRtRuntime | CoreMlRuntime:
    """LiteRT where the bundle holds ``.tflite`` graphs, CoreML where it holds only ``.mlpackage`` graphs.

    Raises:
        BundleError: the bundle holds neither, or none in that precision.
    """
    formats = {g.format for g in bundle.manifest.graphs if precision in (None, g.precision)}
    if "tflite" in formats:
        return LiteRtRuntime(bundle, num_threads, precision)
    if "mlpackage" in formats:
        return CoreMlRuntime(bundle, precision)
    have = ", ".join(sorted({f"{g.format} {g.precision}" for g in bundle.manifest.graphs})) or "no graph"
    raise BundleError(f"the bundle {bundle.root} holds {have}; export it with that --format and --precision")
