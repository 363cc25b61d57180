"""What a run of the tables opens: the cloud's engines, the device, and what looks at pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.stickers.recipe.glyphs import read_labels
from models.stickers.recipe.judge import Judge
from models.stickers.recipe.scorer import Scorer

from ..clouds import EngineCloud
from ..prompts import STICKERS
from ..quality import reference_moments
from . import few as few_steps
from .pictures import Device
from .scores import Eyes, held_out_triples
from .tables import Bench


@dataclass(frozen=True)
class Sides:
    """By their bundles and public numbers, so that each process opens its own.

    Args:
        few: cloud bundle of the few-step UNet, or None.
        rows: most rows of one UNet call; the paper's batch reuse needs all members in one.
        threads: of each graph's call; 0 leaves it to the libraries.
    """

    cloud: Path
    few: Path | None
    edge: Path
    steps: int
    guidance: float
    rows: int
    seed: int
    threads: int = 0


@lru_cache(maxsize=1)
def open_sides(sides: Sides) -> tuple[Bench, EngineCloud | None]:
    """Both sides, and the cloud of few steps where there is one."""
    if sides.threads:
        import torch

        torch.set_num_threads(sides.threads)

    def serve(bundle: Path, steps: int, guidance: float) -> EngineCloud:
        return EngineCloud(bundle, "onnxruntime", steps, guidance, sides.threads, sides.rows)

    cloud = serve(sides.cloud, sides.steps, sides.guidance)
    few = None if sides.few is None else serve(sides.few, few_steps.STEPS, 1.0)
    eyes = Eyes(
        Judge.load(STICKERS / "judge"),
        Scorer.load(STICKERS / "scorer"),
        reference_moments(),
        held_out_triples(read_labels(STICKERS / "glyphs.json")),
    )
    return Bench(cloud, Device(sides.edge, sides.guidance, sides.threads or None), eyes, sides.seed), few
