"""Every field of the configs of a Stable Diffusion folder: honoured, without effect, or refused by name."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import diffusers
import pytest
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTokenizer

from export.errors import PairError
from export.families import architectures
from export.families.fields import FIELDS, check_fields
from export.families.schedulers import CLASSES, FEW_STEP_CLASSES, HARMLESS, HONOURED, REFUSED, TOLD, read_schedule


def _arguments(cls: Any) -> dict[str, Any]:
    found = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in found if p.name not in ("self", "kwargs", "args")}


#: Part -> field -> default, of the libraries that load it.
KNOWN: dict[str, dict[str, Any]] = {
    "unet": _arguments(UNet2DConditionModel),
    "vae": _arguments(AutoencoderKL),
    "text_encoder": {k: v for k, v in CLIPTextConfig().to_dict().items() if not k.startswith("_")},
    "tokenizer": {k: v for k, v in _arguments(CLIPTokenizer).items() if k not in ("vocab", "merges")},
    "model_index": {**_arguments(StableDiffusionPipeline), **_arguments(StableDiffusionXLPipeline)},
}


@pytest.mark.parametrize(("part", "field"), [(part, field) for part, known in KNOWN.items() for field in known])
def test_every_field_of_the_libraries_has_a_rule(part: str, field: str) -> None:
    rule = FIELDS[part][field]
    assert rule.kind in ("honoured", "irrelevant", "refused")
    assert rule.why
    if rule.kind == "refused":
        check_fields(part, "config", {field: None})
        with pytest.raises(PairError, match=field):
            check_fields(part, "config", {field: "odd"})
        if part != "model_index":
            check_fields(part, "config", {field: KNOWN[part][field]})  # the library's default asks for nothing
    else:
        check_fields(part, "config", {field: "odd"})


@pytest.mark.parametrize("part", FIELDS)
def test_a_field_that_nothing_reads_is_refused_by_name(part: str) -> None:
    with pytest.raises(PairError, match=r"config: nothing here reads warp_factor = 3, .* remove it"):
        check_fields(part, "config", {"warp_factor": 3})
    check_fields(part, "config", {"_class_name": "Any", "_note": 1, "warp_factor": None})


@pytest.mark.parametrize("name", [a.name for a in architectures()])
def test_published_configs_pass(name: str) -> None:
    found = next(a for a in architectures() if a.name == name)
    for part, config in found.configs.items():
        if part == "scheduler":
            read_schedule("config", config)
        else:
            check_fields(part.removesuffix("_2"), "config", config)


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_of_every_scheduler_class_has_a_rule(name: str) -> None:
    known = _arguments(getattr(diffusers, name))
    for field, default in known.items():
        assert (field in HONOURED) + (field in REFUSED) + (field in TOLD) + (field in HARMLESS) == 1, field
        if field in REFUSED:
            with pytest.raises(PairError, match=field):
                read_schedule("config", {"_class_name": name, field: "odd"})
            read_schedule("config", {"_class_name": name, field: default})
        if field in TOLD:
            _, notes = read_schedule("config", {"_class_name": name, field: "odd"})
            assert [n for n in notes if field in n]


@pytest.mark.parametrize("cls", [DPMSolverMultistepScheduler, DDIMScheduler])
def test_our_samplers_own_classes_state_nothing_odd(cls: Any) -> None:
    defaults = _arguments(cls)
    _, notes = read_schedule("config", {"_class_name": cls.__name__, **defaults})
    # DDIM's default clips each prediction; published Stable Diffusion files say that they do not.
    assert [n for n in notes if "clip_sample" not in n] == []


@pytest.mark.parametrize("name", [*FEW_STEP_CLASSES, "FlowMatchEulerDiscreteScheduler", "EDMEulerScheduler", "Mine"])
def test_classes_that_draw_otherwise_are_refused(name: str) -> None:
    says = "distilled" if name in FEW_STEP_CLASSES else "do not know"
    for config, index in (({"_class_name": name}, None), ({}, name)):
        with pytest.raises(PairError, match=says):
            read_schedule(Path("scheduler_config.json"), config, index)


@pytest.mark.parametrize(
    "change",
    [
        {"use_karras_sigmas": True},
        {"use_flow_sigmas": True},
        {"use_exponential_sigmas": True},
        {"thresholding": True},
        {"trained_betas": [0.1, 0.2]},
        {"interpolation_type": "log_linear"},
        {"flow_shift": 3.0},
        {"prediction_type": "sample"},
        {"variance_type": "learned_range"},
        {"new_key": 1},
    ],
)
def test_other_noise_levels_are_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(PairError, match=next(iter(change))):
        read_schedule("config", {"_class_name": "EulerDiscreteScheduler", **change})
