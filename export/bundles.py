"""Make the cloud bundle of a pair; the edge bundle is :mod:`export.edge`'s."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from contract import GraphSpec, write_bundle

from . import graphs, onnx_graphs, verify
from .edge import EdgeOptions, export_edge
from .manifests import GUIDANCE, Exported, Report, manifest_of
from .pair import load_source
from .staging import staged

__all__ = ["GUIDANCE", "EdgeOptions", "Exported", "Report", "export_cloud", "export_edge"]

_TOOLS: Final = ("torch", "diffusers", "transformers", "onnx", "onnxruntime")


def export_cloud(
    large_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    overwrite: bool = False,
    report: Report = lambda _: None,
) -> Exported:
    """The large UNet and the text encoder: ONNX for ONNX Runtime, diffusers folders for torch.

    ``overwrite`` replaces a bundle that is there.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    source = load_source(large_dir)
    specs, checks = [], []
    with staged(out, overwrite) as part:
        (part / "tokenizer.json").write_bytes(source.tokenizer_file.read_bytes())
        for graph in (graphs.text_encoder(source, 2), graphs.unet(source, 4)):
            report(f"{graph.role} to ONNX")
            file = part / f"{graph.role}.onnx"
            onnx_graphs.convert(graph, file)
            checks.append(verify.check_onnx(graph, file))
            ins, outs = graph.specs(batch="batch")
            specs.append(GraphSpec(role=graph.role, format="onnx", file=file.name, inputs=ins, outputs=outs))
            report(f"{graph.role} for torch")
            folder = part / graph.role
            folder.mkdir()
            for item in sorted((large_dir / graph.role).iterdir()):
                if item.suffix in (".json", ".safetensors"):
                    (folder / item.name).write_bytes(item.read_bytes())
            specs.append(GraphSpec(role=graph.role, format="diffusers", precision="fp16", file=graph.role))
        report("hashing")
        manifest = write_bundle(part, manifest_of(source, "cloud", name, specs, guidance, _TOOLS))
    return Exported(out, manifest, checks)
