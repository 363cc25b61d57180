"""What a run is unless somebody says otherwise: each default of a request, here and nowhere else."""

from __future__ import annotations

from typing import Final

#: Denoising steps T in all.
STEPS: Final = 25
#: Of them in the cloud, k.
CLOUD_STEPS: Final = 10
#: Classifier-free guidance of a pair whose bundle names no other.
GUIDANCE: Final = 5.0
SAMPLER: Final = "dpmpp_2m"
HANDOVER: Final = "restart"
#: Every device step asks the model; 2 asks it at every other step (docs/PIPELINE.md). Nothing of it is sent.
DEVICE_STRIDE: Final = 1
#: Less than one picture's work for six candidates (docs/PLANS.md).
PLAN: Final = "balanced"


def follow_steps(steps: int) -> int:
    """Cloud steps k for a run of ``steps`` where only those were said: the same share as by default, at least one.

    25 gives 10, 50 gives 20, 4 gives 2, 1 gives 1.
    """
    return min(steps, max(1, (2 * steps * CLOUD_STEPS + STEPS) // (2 * STEPS)))
