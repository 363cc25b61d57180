"""Calibration of the default pair for ``obclip plan tune``: candidate sets, and the judge as scorer.

The sets are drawn with other seeds than the benchmarks', so that a tuned plan is not measured on what it was tuned
with: other noises and backgrounds; roles are the same few dozen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloud_engine.tuner.search import Calibration
from models.stickers.recipe.judge import Judge

from . import frechet
from .finishing import Finisher
from .judging import Scored, judge_set, judged_axes
from .prompts import STICKERS
from .quality import reference_moments
from .sets import GridKind, SetCase, grids, set_cases

#: Added to the seed, so that calibration and measurement never draw the same sets.
_OWN_SEEDS: Final = 10_000


@dataclass(frozen=True)
class JudgeScorer:
    """Finishes and judges: percent of protected attributes right, the worst member's, and the Fréchet distance."""

    kind: GridKind
    cases: Sequence[SetCase]
    finisher: Finisher
    judge: Judge
    reference: tuple[Any, Any]
    log_snr: float

    def __call__(self, latents: Sequence[NDArray[Any]]) -> Mapping[str, float]:
        """See `cloud_engine.tuner.Scorer`."""
        scored, axes = Scored(), judged_axes(self.kind)
        for case, members in zip(self.cases, latents, strict=True):
            judge_set(self.judge, self.finisher.pictures(members, case.members, self.log_snr), case, axes, scored)
        right = 100 * scored.protected(axes)
        moments = frechet.moments(np.concatenate(scored.features))
        return {
            "protected": float(right.mean()),
            "worst_member": float(right.mean(0).min()),
            "frechet": frechet.distance(moments, self.reference),
        }


def calibration(
    candidates: int,
    sets: int,
    seed: int,
    *,
    steps: int,
    guidance: float,
    log_snr: float,
    kinds: Sequence[GridKind] | None = None,
) -> list[Calibration]:
    """One calibration per grid of that size, or of ``kinds``; ``--calibration benchmarks.tuning:calibration`` calls it.

    Raises:
        BenchmarkError: no grid has that many members.
    """
    finisher = Finisher(Path(STICKERS) / "small", guidance, steps)
    judge, reference = Judge.load(STICKERS / "judge"), reference_moments()
    out = []
    for kind in grids(candidates) if kinds is None else kinds:
        cases = set_cases(kind, sets, _OWN_SEEDS + seed)
        scorer = JudgeScorer(kind, cases, finisher, judge, reference, log_snr)
        out.append(Calibration(kind.name, tuple((c.grid, c.seed) for c in cases), scorer))
    return out
