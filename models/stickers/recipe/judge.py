"""The judge: says from a picture alone which role, gender, tone, age and background it shows.

It sees every glyph (held-out triples too: it measures, it does not draw) under augmentations, and nothing
trains against it. Its features carry the Fréchet distance of the benchmarks.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from . import glyphs
from .glyphs import BACKGROUNDS, Glyph
from .training import Run, Trainer, autocast, pick_device, progress

AXES: Final = ("role", "gender", "tone", "age", "background")
FEATURES: Final = 256
#: Side in pixels that the judge looks at.
SEES: Final = 64
#: A pixel differs when a channel of premultiplied RGBA differs by more than this (0 to 255).
PIXEL_DIFFERENCE: Final = 40.0
#: Roles where fewer of the drawn pixels differ between woman and man look alike (a helmet hides the hair):
#: gender is not scored there.
GENDER_SHARE: Final = 0.08


class ConvBlock(nn.Module):
    """Two 3×3 convolutions around a skip; ``[B, inside, H, W]`` -> ``[B, out, H / stride, W / stride]``."""

    def __init__(self, inside: int, out: int, stride: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.b = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.na, self.nb = nn.GroupNorm(8, out), nn.GroupNorm(8, out)
        self.skip = nn.Conv2d(inside, out, 1, stride, bias=False) if (inside, stride) != (out, 1) else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.nb(self.b(F.silu(self.na(self.a(x)))))
        return F.silu(y + self.skip(x))


class Judge(nn.Module):
    """float32 ``[B, 3, S, S]`` in [-1, 1] -> logits per axis; :meth:`features` gives ``[B, 256]``.

    ``S`` is a multiple of 64; the judge looks at 64×64, larger pictures are averaged down.
    """

    def __init__(self, values: dict[str, list[str]], gender_roles: list[str]) -> None:
        """``values`` are the answers of each axis; ``gender_roles`` the roles whose woman and man look different."""
        super().__init__()
        self.values, self.gender_roles = values, gender_roles
        self.stem = nn.Conv2d(3, 32, 3, 2, 1)
        self.body = nn.Sequential(
            ConvBlock(32, 32, 1), ConvBlock(32, 64, 2), ConvBlock(64, 128, 2), ConvBlock(128, FEATURES, 2)
        )
        self.heads = nn.ModuleDict({a: nn.Linear(FEATURES, len(values[a])) for a in values})

    def features(self, x: Tensor) -> Tensor:
        return self.body(self.stem(F.avg_pool2d(x, x.shape[-1] // SEES))).mean((2, 3))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        f = self.features(x)
        return {a: head(f) for a, head in self.heads.items()}

    @classmethod
    def load(cls, folder: Path) -> Judge:
        """From ``judge.json`` and ``judge.safetensors``."""
        spec = json.loads((folder / "judge.json").read_text())
        judge = cls(spec["values"], spec["gender_roles"])
        judge.load_state_dict({k: v.float() for k, v in load_file(folder / "judge.safetensors").items()})
        return judge.eval().requires_grad_(False)

    def save(self, folder: Path, report: dict[str, float]) -> None:
        """Weights in fp16, values, gender roles and the accuracy on unseen augmentations."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({k: v.half().contiguous() for k, v in self.state_dict().items()}, folder / "judge.safetensors")
        spec = {"values": self.values, "gender_roles": self.gender_roles, "accuracy": report}
        (folder / "judge.json").write_text(json.dumps(spec, indent=1))


def differing_roles(rgba: np.ndarray, labels: list[Glyph]) -> list[str]:
    """Roles whose woman and man drawings really differ, at every tone they have."""
    at = {(g.role, g.gender, g.tone, g.age, g.hair): i for i, g in enumerate(labels)}
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    least: dict[str, float] = {}
    for (role, gender, tone, age, hair), i in at.items():
        j = at.get((role, "man", tone, age, hair))
        if gender != "woman" or j is None:
            continue
        drawn = np.maximum(rgba[i, ..., 3], rgba[j, ..., 3]) > 0
        differs = np.abs(premultiplied[i] - premultiplied[j]).max(-1) > PIXEL_DIFFERENCE
        least[role] = min(least.get(role, math.inf), float(differs.sum() / drawn.sum()))
    return sorted(r for r, d in least.items() if d >= GENDER_SHARE)


def augment(rgba: Tensor, ground: Tensor, generator: torch.Generator) -> Tensor:
    """Shift, scale, blur, noise and slight light changes; ``[B,S,S,4]`` uint8 -> ``[B,3,S,S]`` in [-1, 1]."""
    n = len(rgba)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator)

    x = rgba.permute(0, 3, 1, 2).float() / 255
    x = torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = uniform(0.92, 1.15, n)
    theta[:, :, 2] = uniform(-0.1, 0.1, n, 2)
    x = F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)
    pictures = x[:, :3] + (1 - x[:, 3:]) * ground[:, :, None, None]
    soft = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear", align_corners=False)
    blur = uniform(0, 1, n, 1, 1, 1)
    pictures = pictures + blur * (soft - pictures)
    pictures = pictures * uniform(0.95, 1.05, n, 1, 1, 1) + uniform(-0.03, 0.03, n, 1, 1, 1)
    noise = torch.randn(pictures.shape, generator=generator) * uniform(0, 0.05, n, 1, 1, 1)
    return (pictures + noise).clamp(0, 1) * 2 - 1


def _batch(
    rgba: Tensor, targets: dict[str, Tensor], grounds: Tensor, size: int, generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    index = torch.randint(len(rgba), (size,), generator=generator)
    ground = torch.randint(len(grounds), (size,), generator=generator)
    want = {a: t[index] for a, t in targets.items()}
    want["background"] = ground
    return augment(rgba[index], grounds[ground], generator), want


def train(folder: Path, steps: int = 2500, batch: int = 64, learning_rate: float = 2e-3) -> dict[str, float]:
    """Train the judge; returns (and stores) accuracy per axis on augmentations it never saw."""
    torch.manual_seed(0)
    device = pick_device()
    rgba, labels = glyphs.load(folder)
    values = {a: sorted({getattr(g, a) for g in labels}) for a in AXES if a != "background"}
    values["background"] = list(BACKGROUNDS)
    gender_roles = differing_roles(rgba, labels)
    judge = Judge(values, gender_roles).to(device)
    scored = torch.tensor([g.role in gender_roles for g in labels])
    targets = {a: torch.tensor([values[a].index(getattr(g, a)) for g in labels]) for a in AXES if a != "background"}
    # -100 is cross_entropy's "do not score": roles where the drawings look alike.
    targets["gender"] = torch.where(scored, targets["gender"], torch.tensor(-100))
    pictures = torch.from_numpy(rgba)
    grounds = torch.tensor(list(BACKGROUNDS.values())).float() / 255
    trainer = Trainer(judge, Run(steps, batch, learning_rate, folder, "judge", weight_decay=0.05, ema=0.995))
    with progress("judge", steps, trainer.step) as tick:
        while trainer.step < steps:
            generator = torch.Generator().manual_seed(trainer.step)
            x, want = _batch(pictures, targets, grounds, batch, generator)
            with autocast(device):
                out = judge(x.to(device))
            loss = torch.stack([F.cross_entropy(out[a].float(), want[a].to(device)) for a in AXES]).sum()
            value = trainer.update(loss)
            if not math.isfinite(value):
                raise SystemExit(f"judge: loss is {value} at step {trainer.step}; lower --learning-rate")
            tick(f"loss {value:.3f}")
    trainer.save()
    trainer.average()
    report = _accuracy(judge, pictures, targets, grounds, device)
    judge.save(folder / "judge", report)
    save_file(reference(judge, rgba, labels, device), folder / "judge" / "reference.safetensors")
    return report


def reference(judge: Judge, rgba: np.ndarray, labels: list[Glyph], device: torch.device) -> dict[str, Tensor]:
    """Mean and covariance of the features over clean renders of what the benchmark's prompts ask for."""
    rows = []
    wanted = [i for i, g in enumerate(labels) if g.gender != "person" and g.tone != "yellow" and not g.hair]
    with torch.no_grad():
        for colour in BACKGROUNDS.values():
            for at in range(0, len(wanted), 64):
                pictures = glyphs.composite(rgba[wanted[at : at + 64]], colour)
                x = torch.from_numpy(pictures.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1)
                rows.append(judge.features(x.to(device)).cpu())
    features = torch.cat(rows).double()
    return {"mean": features.mean(0).float(), "covariance": features.T.cov().float()}


def _accuracy(
    judge: Judge, pictures: Tensor, targets: dict[str, Tensor], grounds: Tensor, device: torch.device
) -> dict[str, float]:
    """Accuracy per axis over 6,400 fresh augmentations (seeds no training step used)."""
    right = dict.fromkeys(AXES, 0)
    total = dict.fromkeys(AXES, 0)
    with torch.no_grad():
        for i in range(100):
            x, want = _batch(pictures, targets, grounds, 64, torch.Generator().manual_seed(2**40 + i))
            out = judge(x.to(device))
            for a in AXES:
                mask = want[a] >= 0
                right[a] += int((out[a].argmax(1).cpu() == want[a])[mask].sum())
                total[a] += int(mask.sum())
    return {a: right[a] / total[a] for a in AXES}
