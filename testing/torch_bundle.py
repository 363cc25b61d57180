"""A cloud bundle of diffusers folders alone: made in a second, it runs every plan on torch."""

from __future__ import annotations

from pathlib import Path

from export.manifests import GUIDANCE, manifest_of
from export.pair import load_source
from obclip_contract import GraphSpec, write_bundle

__all__ = ["write_torch_bundle"]


def write_torch_bundle(large: Path, root: Path, guidance: float = GUIDANCE) -> Path:
    """Write the cloud bundle of the diffusers folder ``large`` into ``root``, without ONNX graphs."""
    root.mkdir()
    source = load_source(large)
    (root / source.tokens.spec.file).write_bytes(source.tokens.file.read_bytes())
    specs = []
    for role in ("text_encoder", "unet"):
        (root / role).mkdir()
        for item in (large / role).iterdir():
            (root / role / item.name).write_bytes(item.read_bytes())
        specs.append(GraphSpec(role=role, format="diffusers", precision="fp16", file=role))
    write_bundle(root, manifest_of(source, "cloud", "stickers", specs, guidance, ("torch",)))
    return root
