"""Which layout and which published architecture a diffusers folder holds, from its configs alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import PairError
from .architectures import architectures

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
#: UNet options that would need inputs which no step graph has; each with what it means.
_UNSUPPORTED: Final = {
    "class_embed_type": "class labels",
    "num_class_embeds": "class labels",
    "encoder_hid_dim_type": "a projection of the text states",
    "time_cond_proj_dim": "a guidance embedding (LCM)",
}
_ADDITION: Final = {"sd": (None, "text"), "sdxl": ("text_time",)}


@dataclass(frozen=True)
class Layout:
    """What a folder holds.

    Args:
        name: ``sd``: one text encoder. ``sdxl``: two, pooled embeddings and time ids.
        architecture: name of the published architecture (``bk-sdm-small``, …), or ``"custom"``.
        unet: its ``unet/config.json``.
    """

    name: Literal["sd", "sdxl"]
    architecture: str
    unet: Mapping[str, Any]


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


def recognise(root: Path) -> Layout:
    """Read ``model_index.json`` and ``unet/config.json``; weights are not touched.

    Raises:
        PairError: no such folder, another pipeline, or a UNet with inputs that the step graphs do not have.
    """
    if not root.is_dir():
        raise PairError(f"there is no folder {root}")
    index = read_json(root / "model_index.json")
    classes = {
        part: (entry[1] if isinstance(entry, list) and len(entry) == 2 else None) for part, entry in index.items()
    }
    name: Literal["sd", "sdxl"] = "sdxl" if classes.get("text_encoder_2") else "sd"
    for part, wanted in _PARTS[name].items():
        found = classes.get(part)
        if found is None or str(found).removesuffix("Fast") != wanted:
            refiner = " (SDXL's refiner is no first stage)" if part == "text_encoder" and name == "sdxl" else ""
            raise PairError(f"{root}: {part} is {found}; this exporter takes {wanted}{refiner}")
    unet = read_json(root / "unet" / "config.json")
    _check_unet(root, name, unet)
    known = next((a.name for a in architectures() if a.is_unet(unet)), "custom")
    return Layout(name, known, unet)


def _check_unet(root: Path, layout: str, unet: Mapping[str, Any]) -> None:
    found = unet.get("_class_name", "UNet2DConditionModel")
    if str(found).removeprefix("Flax") != "UNet2DConditionModel":
        raise PairError(f"{root / 'unet'} is a {found}; this exporter takes UNet2DConditionModel")
    for key, meaning in _UNSUPPORTED.items():
        if unet.get(key) is not None:
            raise PairError(f"{root / 'unet'} takes {meaning} ({key}), which the step graphs do not have")
    if unet.get("in_channels", 4) != unet.get("out_channels", 4):
        raise PairError(
            f"{root / 'unet'} takes {unet['in_channels']} channels (inpainting or the like): use a base model"
        )
    addition = unet.get("addition_embed_type")
    if addition not in _ADDITION[layout]:
        many = "two text encoders" if layout == "sdxl" else "one text encoder"
        raise PairError(f"{root / 'unet'}: addition_embed_type {addition!r} does not fit a folder with {many}")
