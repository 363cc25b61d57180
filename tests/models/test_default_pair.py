"""The committed pair: what it must be, and a whole oblivious run on it that the judge recognises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from benchmarks.prompts import STICKERS
from cloud_engine.engine import Engine
from cloud_engine.service import create_app
from edge_sdk import ObliviousPipeline
from export.bundles import EdgeOptions, export_edge
from models.stickers.recipe.judge import Judge
from obclip_contract import open_bundle
from testing.cached import keep
from testing.torch_bundle import write_torch_bundle
from tests.conftest import RunningServer

PROMPT = "a sticker of a woman health worker with dark skin on a blue background"


@pytest.fixture(scope="module")
def bundles() -> Path:
    """The real pair: folders for torch, which makes the default plan's step graphs itself, and the int8 edge bundle.

    Finished pictures are judged below; comparing them with torch belongs to a real export and takes minutes here.
    """

    def make(out: Path) -> None:
        write_torch_bundle(STICKERS / "large", out / "cloud")
        export_edge(STICKERS / "large", STICKERS / "small", out / "edge", options=EdgeOptions(pictures=0))

    return keep("stickers", make, [STICKERS / "large", STICKERS / "small"])


@pytest.fixture(scope="module")
def url(bundles: Path) -> Iterator[str]:
    server = RunningServer(create_app(Engine.from_bundle(bundles / "cloud", "torch")))
    yield server.url
    server.stop()


def test_size_and_shape_of_the_pair() -> None:
    files = [f for f in STICKERS.rglob("*") if f.is_file() and f.suffix != ".pyc"]
    weights = [f for f in files if f.suffix == ".safetensors"]
    assert len(weights) >= 8
    assert sum(f.stat().st_size for f in weights) <= 60e6
    assert sum(f.stat().st_size for f in set(files) - set(weights)) <= 1e6
    assert not [f for f in files if f.suffix in (".bin", ".pt", ".ckpt", ".pkl")]
    large = UNet2DConditionModel.from_pretrained(STICKERS / "large" / "unet").num_parameters()
    small = UNet2DConditionModel.from_pretrained(STICKERS / "small" / "unet").num_parameters()
    assert 15e6 <= large <= 40e6
    assert small <= 0.2 * large


def test_both_sides_share_encoder_and_autoencoder(bundles: Path) -> None:
    cloud, edge = open_bundle(bundles / "cloud", "cloud"), open_bundle(bundles / "edge", "edge")
    assert cloud.manifest.pair_sha256 == edge.manifest.pair_sha256
    assert edge.manifest.guidance_default == cloud.manifest.guidance_default


def test_the_judge_recognises_what_was_asked_for(bundles: Path, url: str) -> None:
    """Over HTTP, all ten candidates, finished on LiteRT; most of a few seeds must show the prompt."""
    judge = Judge.load(STICKERS / "judge")
    pipe = ObliviousPipeline.from_bundle(bundles / "edge", cloud=url)
    right = {"gender": 0, "tone": 0, "background": 0}
    wanted = {"gender": "woman", "tone": "dark", "background": "blue"}
    for seed in range(6):
        output = pipe(PROMPT, seed=seed)
        assert output.receipt.n == 10
        pixels = np.asarray(output.images[0], np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
        with torch.no_grad():
            says = {a: judge.values[a][int(o.argmax())] for a, o in judge(torch.from_numpy(pixels)).items()}
        for axis, value in wanted.items():
            right[axis] += says[axis] == value
    assert all(n >= 4 for n in right.values()), right
