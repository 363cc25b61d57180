"""Make the cloud bundle of a pair; the edge bundle is :mod:`export.edge`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cloud_engine.step_graphs import UnsupportedUNetError
from obclip_contract import GraphSpec, write_bundle

from . import graphs
from .edge import EdgeOptions, export_edge
from .manifests import GUIDANCE, Exported, Report, manifest_of
from .onnx import graphs as onnx_graphs
from .onnx import sdxl as sdxl_text
from .onnx.half import write_half_graphs
from .onnx.steps import DEFAULT_PLANS, write_step_graphs
from .pair import load_source, token_ids
from .staging import staged
from .tensorrt.support import check_support
from .verify import graphs as verify

__all__ = ["GUIDANCE", "EdgeOptions", "Exported", "Report", "export_cloud", "export_edge"]

_TOOLS: Final = ("torch", "diffusers", "transformers", "onnx", "onnxruntime")
#: The engine's requests carry one text encoder's states.
_SDXL_NOTE: Final = (
    "SDXL: text encoders, step.text (text_embeds and time_ids as inputs) and step graphs; not served yet"
)


def export_cloud(
    large_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    overwrite: bool = False,
    plans: Sequence[str] = DEFAULT_PLANS,
    half: bool = False,
    report: Report = lambda _: None,
) -> Exported:
    """The large UNet and the text encoder: ONNX for ONNX Runtime, diffusers folders for torch.

    ``overwrite`` replaces a bundle that is there. ``plans`` are the step plans whose graphs it holds for ONNX
    Runtime (torch makes every graph from the folder); a UNet that has no step graphs gets none, with a note.
    ``half`` adds the same graphs in float16, for TensorRT.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    source = load_source(large_dir)
    specs, checks = [], []
    with staged(out, overwrite) as part:
        (part / "tokenizer.json").write_bytes(source.tokenizer_file.read_bytes())
        sdxl = source.text_encoder_2 is not None
        notes = [_SDXL_NOTE] if sdxl else []
        if sdxl:
            report("text_encoder to ONNX")
            spec, check = sdxl_text.write_text_encoder(source, token_ids(source.tokenizer_file)[1], part)
            specs.append(spec)
            checks.append(check)
        for graph in () if sdxl else (graphs.text_encoder(source, 2), graphs.unet(source, 4)):
            report(f"{graph.role} to ONNX")
            file = part / f"{graph.role}.onnx"
            onnx_graphs.convert(graph, file)
            check_support(file)
            checks.append(verify.check_onnx(graph, file))
            ins, outs = graph.specs(batch="batch")
            specs.append(GraphSpec(role=graph.role, format="onnx", file=file.name, inputs=ins, outputs=outs))
        for role in ("text_encoder", "text_encoder_2", "unet") if sdxl else ("text_encoder", "unet"):
            report(f"{role} for torch")
            specs.append(_copied(large_dir / role, part))
        try:
            step_specs, step_checks = write_step_graphs(source, part, plans, report) if plans else ([], [])
            specs += step_specs
            checks += step_checks
        except UnsupportedUNetError as error:
            plans = ()
            notes.append(f"no step graphs, the plan naive alone will run: {error}")
        if half:
            half_specs, half_checks = write_half_graphs(source, part, plans, report)
            specs += half_specs
            checks += half_checks
        report("hashing")
        manifest = write_bundle(part, manifest_of(source, "cloud", name, specs, guidance, _TOOLS))
    return Exported(out, manifest, checks, notes)


def _copied(folder: Path, part: Path) -> GraphSpec:
    """A part's configs and weights for the torch backend."""
    (part / folder.name).mkdir()
    for item in sorted(folder.iterdir()):
        if item.suffix in (".json", ".safetensors"):
            (part / folder.name / item.name).write_bytes(item.read_bytes())
    return GraphSpec(role=folder.name, format="diffusers", precision="fp16", file=folder.name)
