"""Load and check the source: two Stable-Diffusion-style folders that share text encoder, tokenizer and VAE."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import CLIPTextModel

from contract import NoiseSchedule, SamplerError, sha256_file

from .errors import PairError

_WEIGHTS: Final = ("diffusion_pytorch_model.safetensors", "model.safetensors")
_PICKLES: Final = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_PARTS: Final = {
    "text_encoder": "CLIPTextModel",
    "tokenizer": "CLIPTokenizer",
    "unet": "UNet2DConditionModel",
    "vae": "AutoencoderKL",
}


@dataclass(frozen=True)
class SourceModel:
    """One diffusers folder, loaded in fp32 and in eval mode."""

    root: Path
    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel
    vae: AutoencoderKL
    schedule: NoiseSchedule
    tokenizer_file: Path
    max_tokens: int
    shared_sha256: str

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        size = int(self.unet.config.sample_size)
        return int(self.unet.config.in_channels), size, size

    @property
    def image_size(self) -> int:
        return int(self.latent_shape[1]) * 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def text_width(self) -> int:
        return int(self.text_encoder.config.hidden_size)


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PairError(f"{path} is missing: the folder must have diffusers' layout") from None
    except (ValueError, UnicodeDecodeError):
        raise PairError(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise PairError(f"{path} is not a JSON object")
    return value


def _weights(folder: Path) -> Path:
    """The folder's one safetensors file; pickles are refused even where safetensors lie beside them."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in _PICKLES:
            raise PairError(f"{file} is a pickle and may run code when loaded: convert it to safetensors first")
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise PairError(f"{folder} has no {' or '.join(_WEIGHTS)}")


def _load(cls: Any, folder: Path) -> Any:
    _weights(folder)
    try:
        model = cls.from_pretrained(str(folder), use_safetensors=True, local_files_only=True)
    except (SafetensorError, OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise PairError(f"{folder} cannot be loaded as {cls.__name__}: {str(error).splitlines()[0]}") from None
    return model.to(torch.float32).eval().requires_grad_(False)


def load_source(root: Path) -> SourceModel:
    """Load one folder.

    Raises:
        PairError: missing or corrupt files, a pickle, another architecture, or an unknown schedule.
    """
    if not root.is_dir():
        raise PairError(f"there is no folder {root}")
    index = _json(root / "model_index.json")
    for part, wanted in _PARTS.items():
        found = (index.get(part) or [None, None])[1]
        if found is None or str(found).removesuffix("Fast") != wanted:
            raise PairError(f"{root}: {part} is {found}; this exporter takes {wanted}")
    if index.get("text_encoder_2"):
        raise PairError(f"{root}: two text encoders (SDXL) are not supported by this version")
    try:
        schedule = NoiseSchedule.from_diffusers(_json(root / "scheduler" / "scheduler_config.json"))
    except SamplerError as error:
        raise PairError(f"{root / 'scheduler'}: {error}") from None
    tokenizer_file = root / "tokenizer" / "tokenizer.json"
    if not tokenizer_file.is_file():
        raise PairError(f"{tokenizer_file} is missing: save the tokenizer with transformers 5 to get it")
    unet = _load(UNet2DConditionModel, root / "unet")
    text_encoder = _load(CLIPTextModel, root / "text_encoder")
    vae = _load(AutoencoderKL, root / "vae")
    if unet.config.cross_attention_dim != text_encoder.config.hidden_size:
        raise PairError(
            f"{root}: the UNet reads text of width {unet.config.cross_attention_dim}, "
            f"the text encoder writes {text_encoder.config.hidden_size}"
        )
    digest = hashlib.sha256()
    for file in (_weights(root / "text_encoder"), _weights(root / "vae"), tokenizer_file):
        digest.update(sha256_file(file).encode())
    return SourceModel(
        root=root,
        unet=unet,
        text_encoder=text_encoder,
        vae=vae,
        schedule=schedule,
        tokenizer_file=tokenizer_file,
        max_tokens=int(text_encoder.config.max_position_embeddings),
        shared_sha256=digest.hexdigest(),
    )


def check_pair(large: SourceModel, small: SourceModel) -> None:
    """Refuse two models whose latents or text states would not fit together.

    Raises:
        PairError: text encoder, VAE or tokenizer differ, or the latent shape or prediction range does.
    """
    if large.shared_sha256 != small.shared_sha256:
        raise PairError(
            f"{large.root} and {small.root} differ in text encoder, tokenizer or VAE: "
            "the device finishes the cloud's latents, so both must share all three"
        )
    if large.latent_shape != small.latent_shape:
        raise PairError(f"latent shapes differ: {large.latent_shape} and {small.latent_shape}")


def token_ids(tokenizer_file: Path) -> tuple[int, int, int]:
    """``(bos, eos, pad)`` ids: CLIP's start and end tokens; the end token pads.

    Raises:
        PairError: the tokenizer has no such tokens.
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    bos, eos = tokenizer.token_to_id("<|startoftext|>"), tokenizer.token_to_id("<|endoftext|>")
    if bos is None or eos is None:
        raise PairError(f"{tokenizer_file} has no CLIP start and end tokens")
    return bos, eos, eos
