"""A pair that the core runs: the random one's bundles, with its tokenizer in the form of CLIP's."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from obclip_contract.bundle import read_manifest, write_bundle

from ..conftest import RunningServer

#: The core reads tokenizers of this form alone (edge_core/src/device/tokenizer_file.cc).
CLIP: Final = Path(__file__).parents[2] / "models/stickers/small/tokenizer/tokenizer.json"


@pytest.fixture(scope="session")
def bundles(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with ``cloud`` and ``edge``, in float32."""
    form = json.loads(CLIP.read_text())
    folder = tmp_path_factory.mktemp("bundles")
    for kind in ("cloud", "edge"):
        bundle = shutil.copytree(random_bundles / kind, folder / kind)
        manifest = read_manifest(bundle)
        tokenizer = json.loads((bundle / manifest.tokenizer.file).read_text())
        for name in ("normalizer", "pre_tokenizer", "decoder"):
            tokenizer[name] = form[name]
        vocabulary = tokenizer["model"]["vocab"]
        for token in [t for t in vocabulary if len(t) == 1]:  # every byte ends a word too
            vocabulary.setdefault(f"{token}</w>", vocabulary[token])
        text = json.dumps(tokenizer)
        (bundle / manifest.tokenizer.file).write_text(text)
        pair = hashlib.sha256((manifest.pair_sha256 + text).encode()).hexdigest()
        (bundle / "bundle.json").unlink()
        write_bundle(bundle, manifest.model_copy(update={"pair_sha256": pair}))
    return folder


@pytest.fixture(scope="session")
def edge(bundles: Path) -> Path:
    """The device's bundle."""
    return bundles / "edge"


@pytest.fixture(scope="session")
def cloud(bundles: Path) -> Iterator[str]:
    """An engine that every page may use."""
    from cloud_engine.engine import Engine
    from cloud_engine.service import create_app

    app = create_app(Engine.from_bundle(bundles / "cloud", "onnxruntime"), origins=["*"])
    server = RunningServer(app)
    yield server.url
    server.stop()
