"""`obclip export all` and `obclip generate` on pairs of the published families, scaled down, with random weights: all
steps in the cloud give the picture that diffusers' own pipeline gives on the large model's folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.reference import EULER, PNDM, V_PREDICTION
from export.pair import load_source
from export.verify.graphs import psnr_db
from export.verify.reference import ReferenceRun, draw_by_diffusers
from testing.cached import ROOT, SOURCES, keep
from testing.folders import write_folder

PROMPT, STEPS, GUIDANCE, SEED = "a sticker of a woman firefighter", 8, 7.5, 5
#: Large, small, both schedulers' file, padding token, fields of the small UNet.
PAIRS: dict[str, tuple[str, str, Mapping[str, Any], str | None, Mapping[str, Any]]] = {
    "SDXL and KOALA": ("sdxl", "koala-700m", EULER, None, {}),
    "SD-1.4 and BK-SDM-Tiny": ("sd-1.4", "bk-sdm-tiny", PNDM, None, {}),
    "SD-2.1, v-prediction, padded with '!'": ("sd-2.1", "sd-2.1", V_PREDICTION, "!", {"layers_per_block": 1}),
}


def obclip(*arguments: str | Path) -> str:
    done = subprocess.run([sys.executable, "-m", "edge_sdk", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module", params=list(PAIRS))
def pair(request: pytest.FixtureRequest) -> Path:
    """Folder with ``large``, ``small`` and their ``bundles``."""
    large, small, scheduler, pad, fields = PAIRS[request.param]

    def make(folder: Path) -> None:
        write_folder(folder / "large", large, scheduler=scheduler, pad=pad)
        write_folder(folder / "small", small, scheduler=scheduler, pad=pad, unet=fields)
        for part in (p.name for p in (folder / "large").glob("tokenizer*")):  # the trainer's merges differ each time
            shutil.rmtree(folder / "small" / part)
            shutil.copytree(folder / "large" / part, folder / "small" / part)
        models = ["--large", folder / "large", "--small", folder / "small"]
        obclip("export", "all", *models, "--out", folder / "bundles", "--precision", "fp32", "--pictures", "0")

    name = "whole-" + "".join(c if c.isalnum() else "-" for c in request.param.lower())
    return keep(name, make, [ROOT / "testing/folders.py", Path(__file__)], SOURCES)


def drawn(pair: Path, out: Path, prompt: str, cloud_steps: int) -> NDArray[Any]:
    """The picture's values, 0 to 255, ``[S, S, 3]``."""
    bundles = ["--bundle", pair / "bundles/edge", "--cloud-bundle", pair / "bundles/cloud"]
    run = ["--steps", STEPS, "--cloud-steps", cloud_steps, "--plan", "naive", "--guidance", GUIDANCE, "--seed", SEED]
    told = json.loads(obclip("generate", prompt, "--out", out, *bundles, *map(str, run), "--json"))
    assert told["n"] == 2  # woman, man
    return np.asarray(Image.open(out).convert("RGB"), dtype=np.float64)


def test_all_steps_in_the_cloud_give_the_picture_of_diffusers(pair: Path, tmp_path: Path) -> None:
    got = drawn(pair, tmp_path / "a.png", PROMPT, STEPS)
    theirs = draw_by_diffusers(load_source(pair / "large"), ReferenceRun(GUIDANCE, STEPS, prompt=PROMPT, seed=SEED))
    want = np.rint((theirs.picture[0].transpose(1, 2, 0) + 1) * 127.5).clip(0, 255)
    assert psnr_db(got, want, peak=255.0) >= 50
    # Random weights hear little of the words: another word must be seen all the same.
    other = drawn(pair, tmp_path / "b.png", PROMPT.replace("firefighter", "on a blue background"), STEPS)
    assert psnr_db(other, want, peak=255.0) < psnr_db(got, want, peak=255.0) - 6


def test_the_device_finishes_what_the_cloud_began(pair: Path, tmp_path: Path) -> None:
    whole, begun, alone = (drawn(pair, tmp_path / f"{k}.png", PROMPT, k) for k in (STEPS, STEPS // 2, 1))
    # The more steps the large model made, the nearer to its own picture.
    assert psnr_db(begun, whole, peak=255.0) > psnr_db(alone, whole, peak=255.0)
