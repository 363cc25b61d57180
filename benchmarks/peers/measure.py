"""The whole measurement: check every peer, time and judge all, and say on what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.stickers.recipe.judge import Judge
from obclip_contract import sha256_file

from .. import machine
from ..finishing import Finisher
from ..prompts import STICKERS
from ..quality import reference_moments
from ..sets import GridKind, set_cases
from .compare import compare
from .loop import Run
from .methods import BACKENDS, OURS, checked_peers, our_plans
from .packages import package_versions


@dataclass(frozen=True)
class Pair:
    """Diffusers folders of the large and the small model, and the cloud bundle of the large one."""

    large: Path
    small: Path
    cloud_bundle: Path

    def weights_sha256(self) -> dict[str, str]:
        """sha256 of the UNets' weights: which pair a result is about."""
        folders = {"large": self.large, "small": self.small}
        return {n: sha256_file(f / "unet" / "diffusion_pytorch_model.safetensors") for n, f in folders.items()}


def measure(
    pair: Pair,
    kind: GridKind,
    run: Run,
    *,
    plans: Sequence[str] = OURS,
    backends: Sequence[str] = BACKENDS,
    rounds: int,
    threads: int,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Everything that a result holds but the command and the load.

    Raises:
        BenchmarkError: a peer saves nothing, or is not the plain loop with its saving off; the bundle is of other
            weights; fewer than five rounds.
    """
    first = set_cases(kind, 1, seed)[0]
    methods = checked_peers(pair.large, run, first, tick=tick)
    methods |= our_plans(pair.large, pair.cloud_bundle, run, first, plans, threads, backends)
    finisher, judge = Finisher(pair.small, run.guidance, run.steps), Judge.load(STICKERS / "judge")
    found = compare(methods, finisher, judge, kind, run, rounds, seed, tick, reference_moments())
    return {
        "grid": kind.name,
        "candidates": kind.count,
        "cloud_steps": run.cloud_steps,
        "steps": run.steps,
        "rounds": rounds,
        "threads": threads,
        "guidance_scale": run.guidance,
        "weights": pair.weights_sha256(),
        "packages": package_versions(),
        "machine": machine.describe(),
        **found,
    }
