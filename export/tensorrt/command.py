"""What ``obclip export cloud --backend tensorrt`` (or ``tensorrt-rtx``) and ``--print-trtexec`` add to the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cloud_engine.backends.tensorrt.engines import EngineOptions

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
                type=click.Choice(["onnxruntime", "tensorrt", "tensorrt-rtx"]),
                default="onnxruntime",
                show_default=True,
                help="What the cloud bundle is for. tensorrt also holds float16 graphs, and builds engines for this "
                "machine's GPU (exit code 5 without TensorRT or a GPU). tensorrt-rtx likewise, into the bundle, for "
                "RTX GPUs and on any machine.",
            ),
            click.option(
                "--target",
                default="",
                metavar="SM,…",
                help="GPUs that tensorrt-rtx builds for: sm75, sm80, sm86, sm89, sm120, sm121 (default: all of them, "
                "in the same engines).",
            ),
            click.option("--print-trtexec", is_flag=True, help="Print the trtexec lines of every graph and profile."),
            click.option("--adopt-engines", is_flag=True, help="Take over engines that those lines built elsewhere."),
            click.option(
                "--engines",
                type=click.Path(path_type=Path),
                help="Folder of engines (default: OUT/engines; tensorrt-rtx: in the bundle).",
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
        TensorRTUnavailableError: no library, or no GPU where one is needed (exit code 5).
        ConfigError: an option that the chosen library does not have.
    """
    from cloud_engine.backends.tensorrt.engines import check_options
    from cloud_engine.backends.tensorrt.flavours import FLAVOURS, FULL, module_of, targets_of
    from cloud_engine.backends.tensorrt.library import library

    elsewhere = given["print_trtexec"] or given["adopt_engines"]
    flavour = FLAVOURS.get(given["backend"])
    if flavour is None:
        if given["target"]:
            raise click.UsageError("--target says what --backend tensorrt-rtx builds for")
        return
    if elsewhere and flavour is not FULL:
        raise click.UsageError(f"--print-trtexec and --adopt-engines are for --backend {FULL.name}")
    targets = targets_of(flavour, given["target"])
    check_options(flavour, _engine_options(given))
    if targets:
        module_of(flavour)
    elif not elsewhere:
        library(flavour)


def _engine_options(given: dict[str, Any]) -> EngineOptions:
    from cloud_engine.backends.tensorrt.engines import EngineOptions

    return EngineOptions(
        version_compatible=given["version_compatible"],
        hardware="ampere+" if given["hardware_compatible"] else "same",
        weight_streaming=given["weight_streaming"],
        refit=given["refit"],
    )


def bundle_is_enough(out: Path, large: Path, given: dict[str, Any]) -> bool:
    """Whether nothing has to be exported: lines or engines for a bundle that is there.

    A build of engines that was interrupted leaves the bundle without them; it goes on where the bundle is of this
    model and has its float16 graphs.
    """
    from obclip_contract.bundle import read_manifest, sha256_file

    if not (out / "cloud" / "bundle.json").is_file():
        return False
    if given["print_trtexec"] or given["adopt_engines"]:
        return True
    if given["backend"] == "onnxruntime" or given["overwrite"] or given.get("dry_run"):
        return False
    manifest = read_manifest(out / "cloud")
    same = manifest.model == given["name"] and manifest.guidance_default == given["guidance"]
    hashes = {
        f.path: f.sha256 for f in manifest.files if f.path.startswith("unet/") and f.path.endswith(".safetensors")
    }
    half = any(g.precision == "fp16" and g.format == "onnx" for g in manifest.graphs)
    sources = [(large / path, digest) for path, digest in hashes.items()]
    return same and half and bool(hashes) and all(p.is_file() and sha256_file(p) == digest for p, digest in sources)


def finish(out: Path, given: dict[str, Any], report: Callable[[str], None]) -> tuple[list[str], list[dict[str, Any]]]:
    """Build, print or take over engines for ``out/cloud``.

    Returns:
        Lines to print, and the same as records for ``--json``.
    """
    from cloud_engine.backends.tensorrt.flavours import FLAVOURS, FULL, RTX, targets_of
    from obclip_contract import open_bundle

    from . import placing, trtexec
    from .build import build_all

    flavour = FLAVOURS.get(given["backend"], FULL)
    if given["backend"] not in FLAVOURS and not (given["print_trtexec"] or given["adopt_engines"]):
        return [], []
    bundle = open_bundle(out / "cloud", "cloud")
    folder, how, candidates = given["engines"] or out / "engines", _engine_options(given), given["engine_candidates"]
    elsewhere = (bundle, folder, given["engine_gpu"], given["engine_tensorrt"], candidates, how)
    if given["print_trtexec"]:
        return trtexec.lines(*elsewhere), []
    if given["adopt_engines"]:
        return [f"took over {file}" for file in trtexec.adopt(*elsewhere)], []
    targets = targets_of(flavour, given["target"])
    inside = flavour is RTX and not given["engines"]
    if inside:
        folder = placing.folder_beside(bundle)
    done = build_all(bundle, folder, candidates, how, report, flavour, targets)
    if inside:
        placing.put_in(bundle, folder, [b.key.name for b in done])
    total = sum(b.bytes for b in done) / 1e6
    lines = [f"engines: {len(done)} of {flavour.title} ({total:.1f} MB, {sum(b.seconds for b in done):.0f} s)"]
    lines += [f"  {b.key.name}: {b.bytes / 1e6:.1f} MB, {'kept' if b.kept else f'{b.seconds:.1f} s'}" for b in done]
    return lines, [
        {
            "role": b.key.role, "rows": [b.key.profile.least, b.key.profile.most], "targets": b.key.gpu.split("+"),
            "library": f"{flavour.name} {b.key.tensorrt}", "file": f"{b.key.name}.engine", "bytes": b.bytes,
            "seconds": b.seconds, "kept": b.kept,
        }
        for b in done
    ]  # fmt: skip
