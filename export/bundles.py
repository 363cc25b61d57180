"""Make the cloud bundle and the edge bundle of a pair."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from contract import BundleManifest, GraphSpec, TokenizerSpec, write_bundle
from edge_sdk.attributes import LEXICON_VERSION

from . import graphs, litert, onnx_graphs, verify
from .pair import SourceModel, check_pair, load_source, token_ids
from .staging import staged

_TOOLS: Final = {
    "cloud": ("torch", "diffusers", "transformers", "onnx", "onnxruntime"),
    "edge": ("torch", "diffusers", "transformers", "litert-torch", "ai-edge-litert"),
}

#: Guidance scale that suits the default pair; measured in benchmarks/results.
GUIDANCE: Final = 3.5

Report = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """A written bundle and how its graphs compared to torch."""

    path: Path
    manifest: BundleManifest
    checks: list[verify.Check]


def _manifest(
    source: SourceModel, kind: Literal["cloud", "edge"], name: str, specs: list[GraphSpec], guidance: float
) -> BundleManifest:
    bos, eos, pad = token_ids(source.tokenizer_file)
    return BundleManifest(
        kind=kind,
        model=name,
        graphs=specs,
        latent_shape=source.latent_shape,
        image_size=source.image_size,
        scaling_factor=float(source.vae.config.scaling_factor),
        shift_factor=float(source.vae.config.shift_factor or 0.0),
        noise_schedule=source.schedule.to_dict(),
        guidance_default=guidance,
        tokenizer=TokenizerSpec(
            file="tokenizer.json", max_length=source.max_tokens, bos_id=bos, eos_id=eos, pad_id=pad
        ),
        lexicon=LEXICON_VERSION,
        licences={"weights": "Apache-2.0"},
        tools={"python": platform.python_version(), **{t: version(t) for t in _TOOLS[kind]}},
        pair_sha256=source.shared_sha256,
    )


def export_cloud(
    large_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    force: bool = False,
    report: Report = lambda _: None,
) -> Exported:
    """The large UNet and the text encoder: ONNX for ONNX Runtime, diffusers folders for torch.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    source = load_source(large_dir)
    specs, checks = [], []
    with staged(out, force) as part:
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
        manifest = write_bundle(part, _manifest(source, "cloud", name, specs, guidance))
    return Exported(out, manifest, checks)


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
        manifest = write_bundle(part, _manifest(source, "edge", name, specs, guidance))
    return Exported(out, manifest, checks)
