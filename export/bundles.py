"""Make the bundles of a pair: the cloud's, the edge's (:mod:`export.edge`), or both together."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cloud_engine.step_graphs import UnsupportedUNetError
from obclip_contract import GraphSpec, write_bundle

from . import graphs
from .edge import make_edge, room_needed
from .manifests import GUIDANCE, Exported, Report, manifest_of
from .onnx import graphs as onnx_graphs
from .onnx.half import write_half_graphs
from .onnx.steps import DEFAULT_PLANS, write_step_graphs
from .options import EdgeOptions
from .pair import SourceModel, check_pair, load_source
from .preflight import check_options
from .staging import need_room, staged_all
from .verify import graphs as verify
from .verify.reference import check_reference
from .weights import Weights

__all__ = ["GUIDANCE", "CloudOptions", "EdgeOptions", "Exported", "Report", "export_all", "export_cloud", "export_edge"]

_TOOLS: Final = ("torch", "diffusers", "transformers", "onnx", "onnxruntime")
#: In the second text encoder's folder of a bundle: what its own config does not say.
SECOND: Final = "obclip.json"


@dataclass(frozen=True)
class CloudOptions:
    """What the cloud bundle is to hold.

    ``plans``: step plans whose graphs it holds for ONNX Runtime (torch makes every graph from the folder); a UNet that
    has no step graphs gets none, with a note. ``half``: the same graphs in float16 too, for TensorRT.
    """

    plans: Sequence[str] = DEFAULT_PLANS
    half: bool = False


@dataclass(frozen=True)
class _Common:
    """What every export is told."""

    name: str = "stickers"
    guidance: float = GUIDANCE
    overwrite: bool = False
    variant: str | None = None
    origins: dict[str, str] = field(default_factory=dict)
    report: Report = lambda _: None


def export_cloud(
    large_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    overwrite: bool = False,
    plans: Sequence[str] = DEFAULT_PLANS,
    half: bool = False,
    variant: str | None = None,
    origins: dict[str, str] | None = None,
    report: Report = lambda _: None,
) -> Exported:
    """The large UNet and the text encoder: ONNX for ONNX Runtime, diffusers folders for torch.

    Args:
        overwrite: replace a bundle that is there.
        plans, half: see :class:`CloudOptions`.
        variant: of the weights' files, such as ``fp16``.
        origins: where a folder came from (``large``: a hub id with its revision), for the manifest.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    check_options(large_dir, None, [out], name=name, guidance=guidance, overwrite=overwrite, variant=variant)
    common = _Common(name, guidance, overwrite, variant, origins or {}, report)
    report("loading the model")
    source = load_source(large_dir, variant=variant)
    with staged_all([out], overwrite) as (part,):
        return _make_cloud(source, part, out, CloudOptions(plans, half), common)


def export_edge(
    large_dir: Path,
    small_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    options: EdgeOptions | None = None,
    overwrite: bool = False,
    force: bool = False,
    variant: str | None = None,
    origins: dict[str, str] | None = None,
    report: Report = lambda _: None,
) -> Exported:
    """Text encoder, small UNet (signatures ``guided``: batch 2, ``plain``: batch 1) and VAE decoder.

    ``overwrite`` replaces a bundle that is there; ``force`` writes one whose graphs failed their check and says
    so in its manifest.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    check_options(large_dir, small_dir, [out], name=name, guidance=guidance, overwrite=overwrite, variant=variant)
    large, small = _load_pair(large_dir, small_dir, variant, report)
    _need_room(out, small)
    with staged_all([out], overwrite) as (part,):
        return make_edge(large, small, part, out, name, guidance, options, force, origins or {}, report)


def export_all(
    large_dir: Path,
    small_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    cloud: CloudOptions | None = None,
    edge: EdgeOptions | None = None,
    overwrite: bool = False,
    force: bool = False,
    variant: str | None = None,
    origins: dict[str, str] | None = None,
    report: Report = lambda _: None,
) -> tuple[Exported, Exported]:
    """Both bundles, ``out/cloud`` and ``out/edge``, or none: they take their places together.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    outs = [out / "cloud", out / "edge"]
    check_options(large_dir, small_dir, outs, name=name, guidance=guidance, overwrite=overwrite, variant=variant)
    common = _Common(name, guidance, overwrite, variant, origins or {}, report)
    large, small = _load_pair(large_dir, small_dir, variant, report)
    _need_room(outs[1], small)
    with staged_all(outs, overwrite) as (cloud_part, edge_part):
        first = _make_cloud(large, cloud_part, outs[0], cloud or CloudOptions(), common)
        second = make_edge(large, small, edge_part, outs[1], name, guidance, edge, force, common.origins, report)
    return first, second


def _load_pair(
    large_dir: Path, small_dir: Path, variant: str | None, report: Report
) -> tuple[SourceModel, SourceModel]:
    report("loading the pair")
    large, small = (load_source(folder, variant=variant) for folder in (large_dir, small_dir))
    check_pair(large, small)
    return large, small


def _need_room(out: Path, small: SourceModel) -> None:
    for place in (out.parent, Path(tempfile.gettempdir())):
        need_room(place, room_needed(small))


def _make_cloud(source: SourceModel, part: Path, out: Path, options: CloudOptions, common: _Common) -> Exported:
    """Fill the folder ``part``, which becomes ``out``."""
    began, report, plans = time.monotonic(), common.report, options.plans
    specs, checks = [], []
    notes = [*source.layout.notes]
    need_room(out.parent, 2 * sum(4 * p.numel() for p in source.unet.parameters()))
    report("a picture by diffusers' own pipeline")
    checks.append(check_reference(source, "large", common.guidance))
    verify.settle(checks)
    shutil.copyfile(source.tokens.file, part / source.tokens.spec.file)
    for graph in (graphs.text_encoder(source, 2), graphs.unet(source, 4)):
        report(f"{graph.role} to ONNX")
        file = part / f"{graph.role}.onnx"
        onnx_graphs.convert(graph, file)
        checks.append(verify.check_onnx(graph, file))
        ins, outs = graph.specs(batch="batch")
        specs.append(GraphSpec(role=graph.role, format="onnx", file=file.name, inputs=ins, outputs=outs))
    for role in ("text_encoder", "text_encoder_2", "unet"):
        if role in source.layout.weights:
            report(f"{role} for torch")
            specs.append(_copied(source, role, part))
    try:
        step_specs, step_checks = write_step_graphs(source, part, plans, report) if plans else ([], [])
        specs += step_specs
        checks += step_checks
    except UnsupportedUNetError as error:
        plans = ()
        notes.append(f"no step graphs, the plan naive alone will run: {error}")
    if options.half:
        half_specs, half_checks = write_half_graphs(source, part, plans, report)
        specs += half_specs
        checks += half_checks
    report("hashing")
    manifest = manifest_of(source, "cloud", common.name, specs, common.guidance, _TOOLS, common.origins)
    return Exported(out, write_bundle(part, manifest), checks, notes, seconds=time.monotonic() - began)


def _copied(source: SourceModel, role: str, part: Path) -> GraphSpec:
    """A part's config and weights for the torch backend: what is loaded, and nothing that lies beside it."""
    folder, weights = part / role, source.layout.weights[role]
    folder.mkdir()
    shutil.copyfile(source.root / role / "config.json", folder / "config.json")
    for file, name in _plain_names(weights):
        shutil.copyfile(file, folder / name)
    if role == "text_encoder_2":
        facts = {"pad_id": source.second_pad, "zeros_when_empty": source.layout.zeros_when_empty}
        (folder / SECOND).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
    return GraphSpec(role=role, format="diffusers", precision="fp16", file=role)


def _plain_names(weights: Weights) -> list[tuple[Path, str]]:
    """Files with the names that they are loaded by without a variant."""
    mark = f".{weights.variant}" if weights.variant else ""
    if weights.index is None:
        return [(f, f.name.replace(f"{mark}.safetensors", ".safetensors")) for f in weights.files]
    return [(weights.index, weights.index.name.replace(f"{mark}.json", ".json")), *((f, f.name) for f in weights.files)]
