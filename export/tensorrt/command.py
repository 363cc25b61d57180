"""What ``obclip export cloud --backend tensorrt`` and ``--print-trtexec`` add to the export command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["bundle_is_enough", "check_first", "finish", "options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
#: Stands in file names for what is only known where ``trtexec`` runs.
_GPU, _VERSION = "sm_90", "10.16.1.11"


def options(function: _Command) -> _Command:
    """The command's options for the cloud's GPU side."""
    for option in reversed(
        (
            click.option(
                "--backend",
                type=click.Choice(["onnxruntime", "tensorrt"]),
                default="onnxruntime",
                show_default=True,
                help="What the cloud bundle is for: tensorrt also holds float16 graphs, and builds engines for this "
                "machine's GPU (exit code 5 without TensorRT or a GPU).",
            ),
            click.option("--print-trtexec", is_flag=True, help="Print the trtexec lines of every graph and profile."),
            click.option("--adopt-engines", is_flag=True, help="Take over engines that those lines built elsewhere."),
            click.option(
                "--engines", type=click.Path(path_type=Path), help="Folder of engines (default: OUT/engines)."
            ),
            click.option(
                "--engine-candidates",
                default="1,2,6,15",
                show_default=True,
                callback=_counts,
                help="Candidate counts that get an engine of their own.",
            ),
            click.option("--engine-gpu", default=_GPU, show_default=True, help="Of --print-trtexec, --adopt-engines."),
            click.option(
                "--engine-tensorrt", default=_VERSION, show_default=True, help="Likewise: TensorRT's version."
            ),
            click.option("--version-compatible", is_flag=True, help="Engines for later TensorRT versions too."),
            click.option("--hardware-compatible", is_flag=True, help="Engines for every GPU from Ampere on."),
            click.option("--weight-streaming", is_flag=True, help="Weights may stay in host memory."),
            click.option("--refit", is_flag=True, help="Weights can be replaced later."),
        )
    ):
        function = option(function)
    return function


def _counts(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        counts = tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("whole numbers, separated by commas") from None
    if not counts or min(counts) < 1:
        raise click.BadParameter("each must be at least 1")
    return counts


def check_first(given: dict[str, Any]) -> None:
    """Say that engines cannot be built here before anything is exported.

    Raises:
        TensorRTUnavailableError: no library or no GPU (exit code 5).
    """
    if given["backend"] == "tensorrt" and not (given["print_trtexec"] or given["adopt_engines"]):
        from cloud_engine.backends.tensorrt.library import library

        library()


def bundle_is_enough(out: Path, given: dict[str, Any]) -> bool:
    """Whether nothing has to be exported: lines or engines for a bundle that is there."""
    return (given["print_trtexec"] or given["adopt_engines"]) and (out / "cloud" / "bundle.json").is_file()


def finish(out: Path, given: dict[str, Any], report: Callable[[str], None]) -> list[str]:
    """Build, print or take over engines for ``out/cloud``.

    Returns:
        Lines to print.
    """
    from cloud_engine.backends.tensorrt.engines import EngineOptions
    from obclip_contract import open_bundle

    from . import trtexec
    from .build import build_all

    if given["backend"] != "tensorrt" and not (given["print_trtexec"] or given["adopt_engines"]):
        return []
    bundle = open_bundle(out / "cloud", "cloud")
    folder = given["engines"] or out / "engines"
    how = EngineOptions(
        version_compatible=given["version_compatible"],
        hardware="ampere+" if given["hardware_compatible"] else "same",
        weight_streaming=given["weight_streaming"],
        refit=given["refit"],
    )
    elsewhere = (bundle, folder, given["engine_gpu"], given["engine_tensorrt"], given["engine_candidates"], how)
    if given["print_trtexec"]:
        return trtexec.lines(*elsewhere)
    if given["adopt_engines"]:
        return [f"took over {file}" for file in trtexec.adopt(*elsewhere)]
    done = build_all(bundle, folder, given["engine_candidates"], how, report)
    return [f"  {b.key.name}: {b.bytes / 1e6:.1f} MB{' (kept)' if b.kept else ''}" for b in done]
