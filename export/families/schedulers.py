"""A scheduler's config as a noise schedule: what diffusers' ``from_config`` gives, or a refusal by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from obclip_contract import NoiseSchedule, SamplerError

from ..errors import PairError

__all__ = ["CLASSES", "FEW_STEP_CLASSES", "HARMLESS", "HONOURED", "REFUSED", "TOLD", "read_schedule"]

#: Classes whose models the samplers here draw as diffusers' ``DPMSolverMultistepScheduler.from_config`` (or
#: ``DDIMScheduler.from_config``) of the same file does.
CLASSES: Final = (
    "DDIMScheduler", "DDIMParallelScheduler", "DDPMScheduler", "DDPMParallelScheduler", "PNDMScheduler",
    "LMSDiscreteScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler",
    "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "DEISMultistepScheduler",
    "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "DPMSolverSDEScheduler", "SASolverScheduler",
    "UniPCMultistepScheduler",
)  # fmt: skip
#: Models of these were distilled for a sampler that adds new noise at each of a few steps.
FEW_STEP_CLASSES: Final = ("LCMScheduler", "TCDScheduler")
#: The fields of :class:`obclip_contract.NoiseSchedule`.
HONOURED: Final = (
    "num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "prediction_type", "timestep_spacing",
    "steps_offset", "rescale_betas_zero_snr",
)  # fmt: skip
#: Field -> (values that ask for nothing, what another one asks for): other noise levels, or another x0.
REFUSED: Final[Mapping[str, tuple[tuple[Any, ...], str]]] = {
    "trained_betas": ((), "a table of betas"),
    "use_karras_sigmas": ((False,), "Karras' noise levels"),
    "use_exponential_sigmas": ((False,), "exponential noise levels"),
    "use_beta_sigmas": ((False,), "noise levels by a beta distribution"),
    "use_lu_lambdas": ((False,), "Lu's noise levels"),
    "use_flow_sigmas": ((False,), "the noise levels of flow matching"),
    "flow_shift": ((1, 1.0), "shifted noise levels"),
    "shift": ((1, 1.0), "shifted noise levels"),
    "use_dynamic_shifting": ((False,), "shifted noise levels"),
    "shift_terminal": ((), "shifted noise levels"),
    "sigma_min": ((), "noise levels of its own"),
    "sigma_max": ((), "noise levels of its own"),
    "interpolation_type": (("linear",), "interpolated noise levels"),
    "timestep_type": (("discrete",), "continuous timesteps"),
    "lambda_min_clipped": ((float("-inf"), "-inf"), "clipped noise levels"),
    "snr_shift_scale": ((1, 1.0), "shifted noise levels"),
    "thresholding": ((False,), "dynamic thresholding of each prediction"),
    "variance_type": (("fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"), "a learned variance"),
    "predict_x0": ((True,), "a solver of the noise"),
}
#: Field -> (sampler it belongs to, values as our samplers have it, what they do). Another value is said at export.
TOLD: Final[Mapping[str, tuple[str, tuple[Any, ...], str]]] = {
    "algorithm_type": ("dpmpp_2m", ("dpmsolver++", "deis"), "dpmsolver++"),
    "solver_order": ("dpmpp_2m", (2,), "order 2"),
    "solver_type": ("dpmpp_2m", ("midpoint", "logrho", "bh1", "bh2"), "midpoint"),
    "lower_order_final": ("dpmpp_2m", (True,), "a last step of first order"),
    "euler_at_final": ("dpmpp_2m", (False,), "a last step of first order as DPM-Solver++'s"),
    "final_sigmas_type": ("dpmpp_2m", ("zero",), "an end without noise"),
    "set_alpha_to_one": ("ddim", (True,), "an end without noise"),
    "clip_sample": ("ddim", (False,), "predictions that are not clipped"),
}
#: Field -> why no value of it changes what ``from_config`` of the samplers' classes draws.
HARMLESS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("skip_prk_steps", "solver_p", "disable_corrector", "predictor_order", "corrector_order", "tau_func",
         "noise_sampler_seed", "steps_offset_type", "original_inference_steps", "timestep_scaling"),
        "another solver's own",
    ),
    **dict.fromkeys(("dynamic_thresholding_ratio", "sample_max_value"), "of thresholding, which is refused"),
    "clip_sample_range": "of clip_sample, which is told",
    "time_shift_type": "of use_dynamic_shifting, which is refused",
    "clip_sigmas": "another solver's own",
}  # fmt: skip


def read_schedule(
    where: Any, config: Mapping[str, Any], index_class: str | None = None
) -> tuple[NoiseSchedule, list[str]]:
    """The schedule of a ``scheduler_config.json``, and what the samplers do otherwise than it says, for a note.

    Args:
        where: the file, for messages.
        index_class: what ``model_index.json`` calls its class.

    Raises:
        PairError: a class or a field that would draw another picture, by name.
    """
    for found in (index_class, config.get("_class_name")):
        _check_class(where, found)
    notes = []
    for name, value in config.items():
        if name.startswith("_") or value is None or name in HONOURED or name in HARMLESS:
            continue
        if name in REFUSED:
            allowed, meaning = REFUSED[name]
            if value not in allowed:
                raise PairError(f"{where}: {name} = {value!r} asks for {meaning}, which the samplers do not have")
        elif name in TOLD:
            sampler, as_here, does = TOLD[name]
            if value not in as_here:
                notes.append(f"scheduler: {name} = {value!r} is not followed: the sampler {sampler} has {does}")
        else:
            raise PairError(f"{where}: nothing here reads {name} = {value!r}, so the picture may differ: remove it")
    try:
        return NoiseSchedule.from_diffusers(config), notes
    except SamplerError as error:
        raise PairError(f"{where}: {error}") from None


def _check_class(where: Any, name: Any) -> None:
    if name is None or name in CLASSES:
        return
    if name in FEW_STEP_CLASSES:
        raise PairError(
            f"{where}: {name} is for a model that draws in a few steps and adds new noise at each; the samplers here, "
            "ddim and dpmpp_2m, would draw another picture. Export the model it was distilled from, or one that was "
            "distilled for a deterministic sampler (SD-Turbo's EulerDiscreteScheduler, spacing trailing)"
        )
    raise PairError(f"{where}: the samplers do not know {name!r}; known: {', '.join(CLASSES)}")
