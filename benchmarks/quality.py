"""``obclip bench quality``: judge accuracy and Fréchet distance per mode."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file

from models.stickers.recipe.judge import Judge
from obclip_contract import psnr

from . import frechet, machine, sharpness
from .modes import Mode, Studio
from .prompts import STICKERS, Case, cases

#: What the closed set protects, plus what shows whether the picture is the one that was asked for.
SCORED = ("role", "gender", "tone", "age", "background")


class Scores:
    """Right and scored counts per axis, and the features, over one mode's pictures."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.right: dict[str, list[bool]] = {a: [] for a in SCORED}
        self.features: list[np.ndarray[Any, Any]] = []
        self.gradients: list[float] = []
        self.near: list[float] = []

    def add(self, picture: np.ndarray[Any, Any], case: Case, clouds_own: np.ndarray[Any, Any] | None = None) -> None:
        """Judge one picture against what its prompt asked for, and against the cloud's own of the same seed."""
        self.gradients.append(sharpness.gradient(picture))
        if clouds_own is not None and clouds_own is not picture:
            self.near.append(float(psnr(picture[None], clouds_own[None], sharpness.PICTURE_PEAK)[0]))
        x = torch.from_numpy(picture[None])
        with torch.no_grad():
            self.features.append(self.judge.features(x)[0].numpy())
            says = {a: self.judge.values[a][int(o.argmax())] for a, o in self.judge(x).items()}
        wants = {**{a: getattr(case.glyph, a) for a in SCORED if a != "background"}, "background": case.background}
        for axis in SCORED:
            if axis == "gender" and case.glyph.role not in self.judge.gender_roles:
                continue
            self.right[axis].append(says[axis] == wants[axis])

    def summary(self, reference: tuple[Any, Any]) -> dict[str, Any]:
        """Accuracy in percent with its standard error and count per axis, and the Fréchet distance."""
        out: dict[str, Any] = {}
        for axis, right in self.right.items():
            n = len(right)
            p = sum(right) / n if n else float("nan")
            error = 100 * (p * (1 - p) / n) ** 0.5 if n else None
            out[axis] = {
                "percent": round(100 * p, 1),
                "standard_error": None if error is None else round(error, 1),
                "n": n,
            }
        moments = frechet.moments(np.stack(self.features))
        out["frechet_distance"] = round(frechet.distance(moments, reference), 2)
        out["gradient"] = round(float(np.mean(self.gradients)), 5)
        out["psnr_to_cloud_only_db"] = round(float(np.mean(self.near)), 2) if self.near else None
        return out


def reference_moments() -> tuple[Any, Any]:
    """Moments of the judge's features over real renders of the same population (made with the judge)."""
    stored = load_file(STICKERS / "judge" / "reference.safetensors")
    return stored["mean"].astype(np.float64), stored["covariance"].astype(np.float64)


def run(
    studio: Studio,
    modes: Sequence[Mode],
    prompts: int,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """All modes over ``prompts`` prompts: two thirds seen triples, one third held out; same seeds for all."""
    held = prompts // 3
    split = {"seen": cases(prompts - held, False, seed), "held_out": cases(held, True, seed)}
    judge = Judge.load(STICKERS / "judge")
    reference = reference_moments()
    scores = {(mode, part): Scores(judge) for mode in modes for part in (*split, "all")}
    began = time.monotonic()
    for part, chosen in split.items():
        for case in chosen:
            pictures = studio.pictures(case, modes)
            clouds_own = pictures.get(Mode("cloud"))
            for mode, picture in pictures.items():
                scores[mode, part].add(picture, case, clouds_own)
                scores[mode, "all"].add(picture, case, clouds_own)
            tick(part.replace("_", " "))
    rows = {mode.name: {part: scores[mode, part].summary(reference) for part in (*split, "all")} for mode in modes}
    return {
        "benchmark": "quality",
        "prompts": {part: len(c) for part, c in split.items()},
        "sampler": "dpmpp_2m",
        "steps": studio.steps,
        "guidance_scale": studio.guidance,
        "plan": studio.plan,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "machine": machine.describe(),
        "rows": rows,
    }


def table(result: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    lines = [
        "| mode | triples | role | gender | skin tone | age | background | Fréchet |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, parts in result["rows"].items():
        for part in ("seen", "held_out"):
            row = parts[part]
            cells = [f"{row[a]['percent']:.1f}" for a in SCORED]
            lines.append(f"| {name} | {part.replace('_', ' ')} | {' | '.join(cells)} | {row['frechet_distance']:.1f} |")
    return "\n".join(lines)


DEFAULT_MODES = ("cloud", "device", "hybrid:5", "hybrid:10", "oblivious:5", "oblivious:10")
RESULTS = Path(__file__).resolve().parent / "results"
