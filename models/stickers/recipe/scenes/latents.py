"""Scenes as latents, computed once: shards of 1,024 scenes that anyone can draw again from the shard's number.

A shard holds only what takes time: scaled latents and the places that the UNets' loss stresses. They belong to one
autoencoder and one library; shards of another are made again.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch.nn import functional as F

from ..storage import read_array, write_array, write_text
from ..training import pick_device, progress
from . import library
from .library import Library
from .pictures import compose, place
from .scenes import Drawer, Scene, style_index
from .work import Plan, Work

SHARD: Final = 1024
_BATCH: Final = 32
#: Loss weight, against 1 everywhere, of a place that is skin or the thing. A face is a few latent pixels; unweighted,
#: its colour is learnt last.
SKIN_WEIGHT, THING_WEIGHT = 3.0, 1.0


def shard_scenes(people: Sequence[Any], shard: int) -> list[Scene]:
    """The scenes of a shard, from its number alone."""
    draw, rng = Drawer(people), random.Random(f"shard/{shard}")
    return [draw(rng) for _ in range(SHARD)]


def stressed(drawings: Library, scenes: Sequence[Scene]) -> torch.Tensor:
    """Loss weights ``[B, 1, 16, 16]`` of mean 1."""
    skin = [drawings.skin[s.person, style_index(s.style)] for s in scenes]
    weights = 1 + SKIN_WEIGHT * _part(skin, [s.person_box for s in scenes])
    with_thing = [i for i, s in enumerate(scenes) if s.thing_box is not None]
    if with_thing:
        chosen = [scenes[i] for i in with_thing]
        alpha = [drawings.things[s.thing, style_index(s.style), ..., 3] > 127 for s in chosen]
        weights[with_thing] += THING_WEIGHT * _part(alpha, [s.thing_box for s in chosen])
    return weights / weights.mean((1, 2, 3), keepdim=True)


def _part(masks: list[NDArray[Any]], boxes: Sequence[Any]) -> torch.Tensor:
    """Share of every latent pixel that a mask covers, in its box."""
    laid = place(torch.from_numpy(np.stack(masks)).float()[:, None], boxes)
    return F.avg_pool2d(laid, laid.shape[-1] // 16)


def edition(work: Work) -> str:
    """What the shards belong to: the autoencoder's weights and the library's labels."""
    digest = hashlib.sha256()
    for path in (work.vae / "diffusion_pytorch_model.safetensors", work.library / "library.json"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def shards(work: Work) -> list[int]:
    """Numbers of the shards of this edition that are there."""
    stamp = work.latents / "edition"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != edition(work):
        return []
    return sorted(int(f.stem) for f in work.latents.glob("[0-9]*.npy"))


def _clear(work: Work) -> None:
    stamp = work.latents / "edition"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == edition(work):
        return
    for old in work.latents.glob("*.npy"):
        old.unlink()
    write_text(stamp, edition(work))


def make_shards(work: Work, plan: Plan, deadline: float) -> bool:
    """Write the shards that are missing, until ``deadline``; whether all are there.

    Raises:
        DiskFull: there is no room; the shards before are kept.
    """
    _clear(work)
    drawings, device = library.load(work.library), pick_device()
    vae = AutoencoderKL.from_pretrained(work.vae, torch_dtype=torch.float32).to(device).eval()
    missing = [n for n in range(plan.shards) if n not in set(shards(work))]
    with progress("latents", len(missing)) as tick:
        for number in missing:
            if time.monotonic() > deadline:
                return False
            _make(work.latents / f"{number:05d}.npy", drawings, vae, number)
            tick()
    return True


@torch.no_grad()
def _make(path: Path, drawings: Library, vae: AutoencoderKL, number: int) -> None:
    device, scale = next(vae.parameters()).device, float(vae.config.scaling_factor)
    scenes, parts, places = shard_scenes(drawings.people, number), [], []
    for at in range(0, SHARD, _BATCH):
        some = scenes[at : at + _BATCH]
        parts.append((vae.encode(compose(drawings, some).to(device)).latent_dist.mode() * scale).half().cpu())
        places.append(stressed(drawings, some).half())
    write_array(path, torch.cat([torch.cat(parts), torch.cat(places)], 1).numpy())


def load_shards(work: Work, people: Sequence[Any]) -> tuple[list[Scene], list[NDArray[Any]]]:
    """Every scene that is there and, per shard, ``[1024, channels + 1, 16, 16]`` fp16: latents, then loss weights."""
    there = shards(work)
    scenes = [s for n in there for s in shard_scenes(people, n)]
    return scenes, [read_array(work.latents / f"{n:05d}.npy") for n in there]
