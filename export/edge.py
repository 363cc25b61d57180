"""Make the edge bundle of a pair."""

from __future__ import annotations

from pathlib import Path

from contract import GraphSpec, write_bundle

from . import graphs, litert, verify
from .manifests import GUIDANCE, Exported, Report, manifest_of
from .pair import check_pair, load_source
from .staging import staged

_TOOLS = ("torch", "diffusers", "transformers", "litert-torch", "ai-edge-litert")


def export_edge(
    large_dir: Path,
    small_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    force: bool = False,
    report: Report = lambda _: None,
) -> Exported:
    """Text encoder, small UNet (signatures ``guided``: batch 2, ``plain``: batch 1) and VAE decoder as LiteRT.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    source = load_source(small_dir)
    check_pair(load_source(large_dir), source)
    parts: tuple[dict[str, graphs.Graph], ...] = (
        {"text_encoder": graphs.text_encoder(source, 2)},
        {"guided": graphs.unet(source, 2), "plain": graphs.unet(source, 1)},
        {"vae_decoder": graphs.vae_decoder(source)},
    )
    specs, checks = [], []
    with staged(out, force) as part:
        (part / "tokenizer.json").write_bytes(source.tokenizer_file.read_bytes())
        for signatures in parts:
            first = next(iter(signatures.values()))
            report(f"{first.role} to LiteRT")
            file = part / f"{first.role}.tflite"
            litert.convert(signatures, file)
            checks += verify.check_litert(signatures, file)
            ins, outs = first.specs()
            specs.append(GraphSpec(role=first.role, format="tflite", file=file.name, inputs=ins, outputs=outs))
        report("hashing")
        manifest = write_bundle(part, manifest_of(source, "edge", name, specs, guidance, _TOOLS))
    return Exported(out, manifest, checks)
