"""Put the trained parts into the two diffusers folders and those of judge and scorer that the repository holds."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

from .storage import write_folder
from .unets import SCHEDULER

_INDEX: Final = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def forget_origin(config: Path) -> None:
    """Take the training machine's path out of a saved config."""
    value = json.loads(config.read_text(encoding="utf-8"))
    value.pop("_name_or_path", None)
    config.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _write(root: Path, unet: UNet2DConditionModel, encoder: CLIPTextModel, vae: AutoencoderKL, tokenizer: Path) -> None:
    """Fill ``root`` with one model in diffusers' layout."""
    unet.save_pretrained(root / "unet")
    encoder.save_pretrained(root / "text_encoder")
    vae.save_pretrained(root / "vae")
    forget_origin(root / "unet" / "config.json")
    forget_origin(root / "vae" / "config.json")
    shutil.copytree(tokenizer, root / "tokenizer")
    (root / "scheduler").mkdir()
    (root / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2) + "\n")
    (root / "model_index.json").write_text(json.dumps(_INDEX, indent=2) + "\n")


def pack(folder: Path, tokenizer: Path, out: Path) -> dict[str, int]:
    """Write ``out/large``, ``out/small``, ``out/judge``, ``out/scorer`` (fp16 safetensors); returns bytes per folder.

    A folder is replaced when its new content is whole; the one before stays where there is no room.
    """
    encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").to(torch.float16)
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(torch.float16)
    for name in ("large", "small"):
        source = folder / f"{name}_unet"
        if source.is_dir():
            unet = UNet2DConditionModel.from_pretrained(source).to(torch.float16)
            write_folder(out / name, partial(_write, unet=unet, encoder=encoder, vae=vae, tokenizer=tokenizer))
    for name in ("judge", "scorer"):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, out / name, dirs_exist_ok=True)
    for labels in (folder / "glyphs.json", folder / "library" / "library.json"):
        if labels.is_file():
            shutil.copy(labels, out / labels.name)
    return {
        name: sum(f.stat().st_size for f in (out / name).rglob("*") if f.is_file())
        for name in ("large", "small", "judge", "scorer")
        if (out / name).is_dir()
    }
