"""Pictures against diffusers' own pipelines: ``python -m benchmarks.reference``.

Each row is a folder as people have it, scaled down with random weights: its own scheduler file, its own padding. The
model draws all steps alone, once by our tokens, table, guidance and loop in torch, once by diffusers' pipeline on the
same folder from the same noise. What cannot be drawn alike must be refused; such a row holds the refusal.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from export.errors import PairError
from export.pair import load_source
from export.verify.reference import REFERENCE_DB, ReferenceRun, compare, draw, draw_by_diffusers
from testing.folders import write_folder

from .machine import describe

__all__ = ["CASES", "Case", "command", "measure"]

_BETAS: Final = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
}
#: As published with Stable Diffusion 1.4 and 1.5: another class, and no spacing.
PNDM: Final = {
    **_BETAS,
    "_class_name": "PNDMScheduler",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}
V_PREDICTION: Final = {**PNDM, "_class_name": "DDIMScheduler", "prediction_type": "v_prediction"}
TRAILING: Final = {**_BETAS, "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing", "steps_offset": 1}
ZERO_SNR: Final = {**V_PREDICTION, "timestep_spacing": "trailing", "rescale_betas_zero_snr": True}
EULER: Final = {**PNDM, "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "leading"}
LCM: Final = {**PNDM, "_class_name": "LCMScheduler", "original_inference_steps": 50}


#: What a row that is drawn holds.
_FOUND: Final = ("latent_psnr_db", "picture_psnr_db")


@dataclass(frozen=True)
class Case:
    """One folder and how it is drawn. ``refused``: it must be, for these words."""

    name: str
    architecture: str
    scheduler: Mapping[str, Any]
    pad: str | None = None
    unet: Mapping[str, Any] = field(default_factory=dict)
    run: ReferenceRun = field(default_factory=lambda: ReferenceRun(7.5, 6))
    refused: str = ""


CASES: Final = (
    Case("SD-1.x: PNDM's file, no spacing", "sd-1.4", PNDM),
    Case("SD-1.x by DDIM, a negative prompt", "sd-1.4", PNDM, run=ReferenceRun(5.0, 6, "ddim", negative="blurry red")),
    Case("SD-2.x: v-prediction, padded with '!'", "sd-2.1", V_PREDICTION, pad="!"),
    Case("zero terminal SNR, trailing spacing", "sd-2.1", ZERO_SNR, pad="!"),
    Case("trailing spacing", "sd-1.4", TRAILING),
    Case("few steps without guidance (SD-Turbo's file)", "sd-2.1", TRAILING, pad="!", run=ReferenceRun(0.0, 4)),
    Case("BK-SDM-Tiny: no middle block", "bk-sdm-tiny", PNDM),
    Case("SDXL", "sdxl", EULER),
    Case("SDXL: tokenizer_2 padded with '!', a negative prompt", "sdxl", EULER, pad="!",
         run=ReferenceRun(5.0, 4, negative="blurry red")),
    Case("KOALA (SDXL's layout)", "koala-700m", EULER),
    Case("LCM's scheduler", "sd-1.4", LCM, refused="draws in a few steps"),
    Case("LCM's UNet (guidance embedding)", "sd-1.4", PNDM, unet={"time_cond_proj_dim": 64},
         refused="guidance embedding"),
)  # fmt: skip


def measure(case: Case, folder: Path) -> dict[str, Any]:
    """A case as a row: the PSNR in dB between both latents and both pictures, or what refused the folder."""
    write_folder(folder, case.architecture, scheduler=case.scheduler, pad=case.pad, unet=case.unet)
    row: dict[str, Any] = {"case": case.name, "architecture": case.architecture}
    run = case.run
    row |= {"sampler": run.sampler, "steps": run.steps, "guidance": run.guidance, "negative": run.negative}
    try:
        source = load_source(folder)
    except PairError as error:
        return {**row, "refused": str(error).replace(str(folder), "FOLDER")}
    theirs = draw_by_diffusers(source, run)
    latent, picture = compare(draw(source, run), theirs)
    found = {"latent_psnr_db": round(latent, 1), "picture_psnr_db": round(picture, 1)}
    return {**row, **found, "latent_deviation": round(float(theirs.latent.std()), 3)}


@click.command(name="reference")
@click.option("--json", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows here too.")
def command(out: Path | None) -> None:
    """PSNR of our latents and pictures to those of diffusers' own pipeline, folder by folder."""
    rows = []
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="obclip-reference-") as scratch:
            row = measure(case, Path(scratch) / "model")
        rows.append(row)
        right = case.refused in row["refused"] if case.refused and "refused" in row else not case.refused
        if not right or min(row.get(k, REFERENCE_DB) for k in _FOUND) < REFERENCE_DB:
            row["wrong"] = True
        drawn = "" if "refused" in row else "latents {} dB, pictures {} dB".format(*(row[k] for k in _FOUND))
        click.echo(f"{row['case']}: {row.get('refused', drawn)}")
    if out is not None:
        text = json.dumps({"machine": describe(), "peak": 2.0, "rows": rows}, indent=1)
        out.write_text(text + "\n", encoding="utf-8")
    if any("wrong" in row for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    command()
