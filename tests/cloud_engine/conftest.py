"""A cloud bundle of diffusers folders alone: made in a second, it runs every plan on torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.manifests import manifest_of
from export.pair import load_source
from obclip_contract import GraphSpec, write_bundle


@pytest.fixture(scope="session")
def torch_bundle(random_pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The random pair's cloud bundle without ONNX graphs."""
    root = tmp_path_factory.mktemp("torch") / "cloud"
    root.mkdir()
    source = load_source(random_pair / "large")
    (root / "tokenizer.json").write_bytes(source.tokenizer_file.read_bytes())
    specs = []
    for role in ("text_encoder", "unet"):
        (root / role).mkdir()
        for item in (random_pair / "large" / role).iterdir():
            (root / role / item.name).write_bytes(item.read_bytes())
        specs.append(GraphSpec(role=role, format="diffusers", precision="fp16", file=role))
    write_bundle(root, manifest_of(source, "cloud", "stickers", specs, 3.5, ("torch",)))
    return root
