"""The finished pictures: what the compiled graphs draw against what torch draws, from the same hand-over.

The large UNet runs the first k of T steps in torch, as the cloud does; from there the small model finishes twice,
in torch and in the compiled graphs, through the device's own sampler loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_sdk.device.finishing import finish
from edge_sdk.device.tokenizer import PromptTokenizer
from obclip_contract import (
    Bundle,
    SamplerTable,
    apply_step,
    defaults,
    finish_table,
    guide,
    is_guided,
    sampler_table,
    standard_normal,
    unscale,
)

from ..pair import SourceModel
from . import graphs as verify
from .judging import Jury, find_jury
from .runtimes import TorchRuntime, runtime_for

#: The device's default run.
SAMPLER: Final = defaults.SAMPLER
STEPS: Final = defaults.STEPS
CLOUD_STEPS: Final = defaults.CLOUD_STEPS
#: With a judge: enough prompts (times about 4.6 scored axes) that one point is more than two answers.
PROMPTS_WITH_JUDGE: Final = 48
PROMPTS_ALONE: Final = 2
#: Judge accuracy over all axes may change by this many percentage points.
ACCURACY_POINTS: Final = 1.0
#: The picture's own floor: a step's rounding adds up over the run, so it is below the graphs' bounds.
PICTURE_DB: Final = 25.0
_BATCH: Final = 8
_PLAIN_PROMPTS: Final = (
    "a portrait of a woman",
    "a photo of an old man on a street",
    "a dog on a beach",
    "a bowl of fruit",
)


@dataclass(frozen=True)
class PictureCheck:
    """One format and precision over ``prompts`` pictures: PSNR against torch, judge accuracy of both (percent)."""

    format: str
    precision: str
    prompts: int
    psnr_db: float
    lowest_psnr_db: float
    accuracy_torch: float | None = None
    accuracy: float | None = None

    @property
    def failure(self) -> str:
        """What is wrong, or nothing."""
        if self.psnr_db < PICTURE_DB:
            return f"pictures differ from torch's: PSNR {self.psnr_db:.1f} dB, at least {PICTURE_DB:.0f} is asked"
        if self.accuracy is not None and self.accuracy_torch is not None:
            lost = self.accuracy_torch - self.accuracy
            if lost > ACCURACY_POINTS:
                return (
                    f"lose judge accuracy: {self.accuracy:.1f} % against torch's {self.accuracy_torch:.1f} %, "
                    f"at most {ACCURACY_POINTS:g} point is asked"
                )
        return ""

    def check(self) -> verify.Check:
        """The same as an entry among the graphs' checks."""
        what = f"pictures {self.format}"
        return verify.Check(what, self.precision, what, 0.0, self.precision, self.psnr_db, self.failure)


class Pictures:
    """Torch's pictures, made once, and the comparison of each format and precision with them."""

    def __init__(
        self, large: SourceModel, small: SourceModel, bundle: Bundle, count: int | None, judge: Path | None
    ) -> None:
        self.small, self.bundle = small, bundle
        self.notes: list[str] = []
        folder = judge or large.root.parent / "judge"
        self.jury: Jury | None = find_jury(folder, count or PROMPTS_WITH_JUDGE, required=judge is not None)
        if self.jury:
            prompts = list(self.jury.prompts)
        else:
            wanted = count or PROMPTS_ALONE
            prompts = [_PLAIN_PROMPTS[i % len(_PLAIN_PROMPTS)] for i in range(wanted)]
            self.notes.append("no judge beside the pair: pictures are compared by PSNR alone")
        self.ids = PromptTokenizer(bundle)([*prompts, ""])
        self.count = len(prompts)
        self._begin(large)
        self.torch_pictures = self._finish_all(TorchRuntime(small))

    def compare(self, form: str, precision: str) -> PictureCheck:
        """Finish every picture with one format and precision of the bundle."""
        runtime = runtime_for(self.bundle, form, precision)
        try:
            pictures = self._finish_all(runtime)
        finally:
            runtime.close()
        each = [verify.psnr_db(a, b, peak=2.0) for a, b in zip(pictures, self.torch_pictures, strict=True)]
        # The mean is over squared errors: one bad picture weighs as much as it should.
        whole = verify.psnr_db(pictures, self.torch_pictures, peak=2.0)
        judged = self.jury
        return PictureCheck(
            format=form,
            precision=precision,
            prompts=self.count,
            psnr_db=round(whole, 2),
            lowest_psnr_db=round(min(each), 2),
            accuracy_torch=judged.accuracy(self.torch_pictures) if judged else None,
            accuracy=judged.accuracy(pictures) if judged else None,
        )

    def _begin(self, large: SourceModel) -> None:
        """The cloud's part in torch: latents at the hand-over, one per prompt, and the device's table."""
        schedule, shape = large.schedule, large.latent_shape
        head = sampler_table(SAMPLER, schedule, STEPS).head(CLOUD_STEPS)
        runtime = TorchRuntime(large)
        states = runtime.encode_text(self.ids)
        latents = np.concatenate([standard_normal(1000 + i, shape)[None] for i in range(self.count)])
        guidance = self.bundle.manifest.guidance_default
        for start in range(0, self.count, _BATCH):
            rows = slice(start, start + _BATCH)
            x, previous = latents[rows], None
            text = states[:-1][rows]
            if is_guided(guidance):
                text = np.concatenate([text, np.repeat(states[-1:], len(x), 0)])
            for step in head.steps:
                out = runtime.denoise(np.concatenate([x] * (len(text) // len(x))), step.timestep, text)
                if is_guided(guidance):
                    out = guide(out[: len(x)], out[len(x) :], guidance)
                following, x0 = apply_step(step, x, out, previous)
                x, previous = following.astype(np.float32), x0.astype(np.float32)
            latents[rows] = x
        self.handed_over = latents
        self.table: SamplerTable = finish_table(SAMPLER, self.small.schedule, STEPS, head.end_log_snr)

    def _finish_all(self, runtime: Any) -> NDArray[Any]:
        manifest = self.bundle.manifest
        out = []
        for i in range(self.count):
            states = runtime.encode_text(self.ids[[i, self.count]])
            latent = self.handed_over[i : i + 1]
            for done in finish(runtime, self.table, latent, states, manifest.guidance_default):
                latent = done.latent
            out.append(runtime.decode(unscale(latent, manifest.scaling_factor, manifest.shift_factor))[0])
        return np.stack(out)
