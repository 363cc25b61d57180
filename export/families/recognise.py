"""Which layout and which published architecture a diffusers folder holds, from its configs alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from obclip_contract import NoiseSchedule

from ..errors import PairError
from ..weights import Weights, find_weights
from .architectures import architectures
from .fields import check_fields
from .schedulers import read_schedule

__all__ = ["Layout", "read_json", "recognise"]

_CLIP, _PROJECTED = "CLIPTextModel", "CLIPTextModelWithProjection"
_PARTS: Final[dict[str, dict[str, str]]] = {
    "sd": {"text_encoder": _CLIP, "tokenizer": "CLIPTokenizer", "unet": "UNet2DConditionModel", "vae": "AutoencoderKL"},
    "sdxl": {
        "text_encoder": _CLIP,
        "text_encoder_2": _PROJECTED,
        "tokenizer": "CLIPTokenizer",
        "tokenizer_2": "CLIPTokenizer",
        "unet": "UNet2DConditionModel",
        "vae": "AutoencoderKL",
    },
}
_PIPELINES: Final = {"sd": "StableDiffusionPipeline", "sdxl": "StableDiffusionXLPipeline"}
#: Latent pixels of a side.
_MAX_SIZE: Final = 1024
_ADDITION: Final = {"sd": (None, "text"), "sdxl": ("text_time",)}


@dataclass(frozen=True)
class Layout:
    """What a folder holds.

    Args:
        name: ``sd``: one text encoder. ``sdxl``: two, pooled embeddings and time ids.
        architecture: name of the published architecture (``bk-sdm-small``, …), or ``"custom"``.
        unet: its ``unet/config.json``.
        weights: files of each part.
        schedule: of its scheduler.
        zeros_when_empty: an empty text is zeros (SDXL, as diffusers does where no negative prompt is given).
        notes: what of its configs is not followed.
    """

    name: Literal["sd", "sdxl"]
    architecture: str
    unet: Mapping[str, Any]
    weights: Mapping[str, Weights]
    schedule: NoiseSchedule
    zeros_when_empty: bool = False
    notes: tuple[str, ...] = ()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        PairError: no such file, not JSON, or not an object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PairError(f"{path} is missing: the folder must have diffusers' layout") from None
    except (OSError, ValueError):
        raise PairError(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise PairError(f"{path} is not a JSON object")
    return value


def recognise(root: Path, variant: str | None = None) -> Layout:
    """Read every config of a folder and look for its weights, which are not touched.

    Args:
        variant: of the weights' files, such as ``fp16``.

    Raises:
        PairError: no such folder, another pipeline, a UNet with inputs that the step graphs do not have, a config field
            that would be dropped, or weights that are not there.
    """
    if not root.is_dir():
        raise PairError(f"there is no folder {root}")
    index = read_json(root / "model_index.json")
    check_fields("model_index", root / "model_index.json", index)
    name = _layout(root, index)
    unet = read_json(root / "unet" / "config.json")
    _check_unet(root, name, unet)
    _check_pipeline(root, name, index)
    check_fields("vae", root / "vae" / "config.json", read_json(root / "vae" / "config.json"))
    encoders = [part for part in _PARTS[name] if part.startswith("text_encoder")]
    for part in encoders:
        check_fields("text_encoder", root / part / "config.json", read_json(root / part / "config.json"))
    file = root / "scheduler" / "scheduler_config.json"
    schedule, notes = read_schedule(file, read_json(file), _class_of(index.get("scheduler")))
    return Layout(
        name=name,
        architecture=next((a.name for a in architectures() if a.is_unet(unet)), "custom"),
        unet=unet,
        weights={part: find_weights(root / part, variant) for part in ("unet", "vae", *encoders)},
        schedule=schedule,
        zeros_when_empty=name == "sdxl" and index.get("force_zeros_for_empty_prompt", True) is not False,
        notes=tuple(notes),
    )


def _class_of(entry: Any) -> Any:
    return entry[1] if isinstance(entry, list) and len(entry) == 2 else None


def _layout(root: Path, index: Mapping[str, Any]) -> Literal["sd", "sdxl"]:
    classes = {part: _class_of(entry) for part, entry in index.items()}
    name: Literal["sd", "sdxl"] = "sdxl" if classes.get("text_encoder_2") else "sd"
    for part, wanted in _PARTS[name].items():
        found = classes.get(part)
        if found is None or str(found).removesuffix("Fast") != wanted:
            refiner = " (SDXL's refiner is no first stage)" if part == "text_encoder" and name == "sdxl" else ""
            raise PairError(f"{root}: {part} is {found}; this exporter takes {wanted}{refiner}")
    return name


def _check_pipeline(root: Path, name: str, index: Mapping[str, Any]) -> None:
    found = index.get("_class_name", _PIPELINES[name])
    if found != _PIPELINES[name]:
        raise PairError(f"{root}: {found} draws otherwise; this exporter takes {_PIPELINES[name]} with these parts")


def _check_unet(root: Path, layout: str, unet: Mapping[str, Any]) -> None:
    file = root / "unet" / "config.json"
    found = unet.get("_class_name", "UNet2DConditionModel")
    if str(found).removeprefix("Flax") != "UNet2DConditionModel":
        raise PairError(f"{root / 'unet'} is a {found}; this exporter takes UNet2DConditionModel")
    check_fields("unet", file, unet)
    if unet.get("in_channels", 4) != unet.get("out_channels", 4):
        raise PairError(
            f"{root / 'unet'} takes {unet['in_channels']} channels (inpainting or the like): use a base model"
        )
    size = unet.get("sample_size")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _MAX_SIZE:
        raise PairError(f"{file}: sample_size is one whole number, for square pictures, not {size!r}")
    addition = unet.get("addition_embed_type")
    if addition not in _ADDITION[layout]:
        many = "two text encoders" if layout == "sdxl" else "one text encoder"
        raise PairError(f"{root / 'unet'}: addition_embed_type {addition!r} does not fit a folder with {many}")
