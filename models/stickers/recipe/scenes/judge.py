"""The judge of scenes: role, gender, age, tone, style, thing, place and background from a picture alone.

In Fluent's sets hair changes with the tone, so that a judge could read tone from hair. Half of the pictures that it
learns from therefore wear the hair of another tone: everything that differs by tone and is not skin is exchanged. It
sees every scene, held-out ones too: it measures, it does not draw, and nothing trains against it.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch.nn import functional as F

from ..glyphs import BACKGROUNDS
from ..judge import GENDER_SHARE, PIXEL_DIFFERENCE, Judge
from ..storage import write_folder
from ..training import Run, Trainer, autocast, fit, pick_device
from . import library
from .library import Library
from .packages import STYLES
from .people import ALL_TONES
from .pictures import compose, layers
from .scenes import Drawer, Scene, style_index
from .text import axes, targets
from .work import Plan, Work

#: Axes that are judged; hair styles are not scored.
SCORED: Final = ("role", "gender", "tone", "age", "style", "thing", "place", "background")
#: Share of pictures whose hair is another tone's.
HAIR_SHARE: Final = 0.5
#: A pixel differs between tones when a channel differs by more than this (0 to 255).
_DIFFERS: Final = 24
_REPORT: Final = 1600


def exchange_hair(drawings: NDArray[Any], skin: NDArray[Any], tone: int, other: int) -> NDArray[Any]:
    """The drawing of ``tone`` with everything from ``other`` that differs by tone and is not skin.

    ``drawings`` is ``[5 or 6, S, S, 4]``, ``skin`` bool ``[S, S]``; the edge of skin stays.
    """
    five = drawings[:5, ..., :3].astype(np.int16)
    varies = (five.max(0) - five.min(0)).max(-1) > _DIFFERS
    near = skin.copy()
    near[1:] |= skin[:-1]
    near[:-1] |= skin[1:]
    near[:, 1:] |= skin[:, :-1]
    near[:, :-1] |= skin[:, 1:]
    hair = varies & ~near
    out: NDArray[Any] = drawings[tone].copy()
    out[hair] = drawings[other][hair]
    return out


def _persons(drawings: Library, scenes: list[Scene], rng: random.Random) -> list[NDArray[Any]]:
    """The persons' drawings, half of them with another tone's hair."""
    out = []
    for scene in scenes:
        style, tone = style_index(scene.style), ALL_TONES.index(scene.tone)
        group = drawings.persons[scene.person, style]
        if tone < 5 and rng.random() < HAIR_SHARE:
            out.append(exchange_hair(group, drawings.skin[scene.person, style], tone, rng.randrange(5)))
        else:
            out.append(group[tone])
    return out


def augmented(drawings: Library, scenes: list[Scene], rng: random.Random, generator: torch.Generator) -> torch.Tensor:
    """Pictures ``[B, 3, S, S]`` in [-1, 1] with other hair, blur, noise and slight light changes."""
    n = len(scenes)

    def uniform(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, 1, 1, 1, generator=generator)

    layer = layers(drawings, scenes, _persons(drawings, scenes, rng))
    colours = torch.tensor([BACKGROUNDS[s.background] for s in scenes]) / 255
    pictures = layer[:, :3] + (1 - layer[:, 3:]) * colours[:, :, None, None]
    soft = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear", align_corners=False)
    pictures = pictures + uniform(0, 1) * (soft - pictures)
    pictures = pictures * uniform(0.95, 1.05) + uniform(-0.03, 0.03)
    noise = torch.randn(pictures.shape, generator=generator) * uniform(0, 0.05)
    return (pictures + noise).clamp(0, 1) * 2 - 1


def gender_roles(drawings: Library) -> list[str]:
    """Roles whose woman and man really differ in every style: elsewhere gender is not scored."""
    at = {(p.role, p.gender, p.age, p.hair): i for i, p in enumerate(drawings.people)}
    least: dict[str, float] = {}
    for (role, gender, age, hair), i in at.items():
        j = at.get((role, "man", age, hair))
        if gender != "woman" or j is None:
            continue
        for s, style in enumerate(STYLES):
            if style in drawings.people[i].styles and style in drawings.people[j].styles:
                share = _difference(drawings.persons[i, s, 2], drawings.persons[j, s, 2])
                least[role] = min(least.get(role, 1.0), share)
    return sorted(r for r, d in least.items() if d >= GENDER_SHARE)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Share of the drawn pixels that differ."""
    a, b = (x[..., :3].astype(np.float32) * (x[..., 3:] / 255) for x in (one, other))
    drawn = np.maximum(one[..., 3], other[..., 3]) > 0
    return float(((np.abs(a - b).max(-1) > PIXEL_DIFFERENCE) & drawn).sum() / max(1, drawn.sum()))


def _draw_any(drawings: Library) -> list[Drawer]:
    return [
        Drawer(drawings.people),
        Drawer(drawings.people),
        Drawer(drawings.people, "tone"),
        Drawer(drawings.people, "thing"),
    ]


def train_judge(work: Work, plan: Plan, deadline: float) -> bool:
    """Train the judge; when done, writes it with its accuracy per style and axis and the Fréchet reference."""
    torch.manual_seed(0)
    device = pick_device()
    drawings = library.load(work.library)
    every = axes(drawings.people)
    values = {a: every[a] for a in SCORED}
    judge = Judge(values, gender_roles(drawings)).to(device=device, memory_format=torch.channels_last)
    run = Run(plan.judge_steps, plan.judge_batch, 2e-3, work.root, "judge", weight_decay=0.02, ema=0.998)
    trainer = Trainer(judge, run)
    drawers, scored = _draw_any(drawings), set(judge.gender_roles)

    def step(number: int) -> torch.Tensor:
        rng = random.Random(number)
        scenes = [rng.choice(drawers)(rng) for _ in range(plan.judge_batch)]
        x = augmented(drawings, scenes, rng, torch.Generator().manual_seed(number))
        want = _scored(drawings, scenes, values, scored)
        with autocast(device):
            out = judge(x.to(device, memory_format=torch.channels_last))
        losses = [F.cross_entropy(out[a].float(), want[a].to(device), ignore_index=-1) for a in values]
        return torch.stack(losses).sum()

    if not fit("judge", trainer, step, deadline):
        return False
    trainer.average()
    report = measure(judge, drawings)
    moments = reference(judge, drawings)

    def save(folder: Path) -> None:
        judge.save(folder, report["all"])
        (folder / "accuracy.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
        save_file(moments, folder / "reference.safetensors")

    write_folder(work.judge, save)
    return True


def _scored(
    drawings: Library, scenes: list[Scene], values: dict[str, list[str]], roles: set[str]
) -> dict[str, torch.Tensor]:
    """Class numbers per axis; -1 where gender is not scored."""
    want = targets(drawings.people, scenes, values)
    alike = torch.tensor([drawings.people[s.person].role not in roles for s in scenes])
    want["gender"][alike] = -1
    return want


@torch.no_grad()
def measure(judge: Judge, drawings: Library, pictures: int = _REPORT) -> dict[str, dict[str, float]]:
    """Accuracy per axis over augmentations that no step used: in all, and by style."""
    device, rng = next(judge.parameters()).device, random.Random("judge")
    drawers, roles = _draw_any(drawings), set(judge.gender_roles)
    right: dict[str, dict[str, list[bool]]] = {k: {a: [] for a in judge.values} for k in ("all", *STYLES)}
    for at in range(0, pictures, 64):
        scenes = [rng.choice(drawers)(rng) for _ in range(64)]
        out = judge(augmented(drawings, scenes, rng, torch.Generator().manual_seed(2**40 + at)).to(device))
        for axis, want in _scored(drawings, scenes, judge.values, roles).items():
            for scene, says, wants in zip(scenes, out[axis].argmax(1).tolist(), want.tolist(), strict=True):
                if wants >= 0:
                    for part in ("all", scene.style):
                        right[part][axis].append(says == wants)
    return {part: {a: sum(r) / max(1, len(r)) for a, r in rows.items()} for part, rows in right.items()}


@torch.no_grad()
def reference(judge: Judge, drawings: Library, pictures: int = 4096) -> dict[str, torch.Tensor]:
    """Mean and covariance of the features over clean scenes, for the Fréchet distance."""
    device, rng, draw = next(judge.parameters()).device, random.Random("reference"), Drawer(drawings.people)
    rows = [
        judge.features(compose(drawings, [draw(rng) for _ in range(64)]).to(device)).float().cpu()
        for _ in range(0, pictures, 64)
    ]
    features = torch.cat(rows).double()
    return {"mean": features.mean(0).float(), "covariance": features.T.cov().float()}
