"""Load and check the source: two Stable-Diffusion-style folders that share text encoders, tokenizer and VAE."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from tokenizers import Tokenizer
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from obclip_contract import NoiseSchedule, SamplerError, sha256_file

from .errors import PairError
from .families.recognise import Layout, read_json, recognise

_WEIGHTS: Final = ("diffusion_pytorch_model.safetensors", "model.safetensors")
_PICKLES: Final = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
#: Config values of text encoders and VAE that two models with equal weights could differ in.
_MEANINGS: Final = (
    "hidden_act",
    "num_attention_heads",
    "layer_norm_eps",
    "scaling_factor",
    "shift_factor",
    "norm_num_groups",
)
#: Time ids of SDXL: original size, crop and target size, two numbers each.
TIME_IDS: Final = 6


@dataclass(frozen=True)
class SourceModel:
    """One diffusers folder, loaded in one precision and in eval mode.

    ``text_encoder_2`` is there for SDXL alone. ``scratch`` keeps a tokenizer that had to be converted.
    """

    root: Path
    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel
    vae: AutoencoderKL
    schedule: NoiseSchedule
    tokenizer_file: Path
    max_tokens: int
    shared_sha256: str
    layout: Layout
    text_encoder_2: CLIPTextModelWithProjection | None = None
    scratch: Any = field(default=None, repr=False, compare=False)

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        size = int(self.unet.config.sample_size)
        return int(self.unet.config.in_channels), size, size

    @property
    def image_size(self) -> int:
        return int(self.latent_shape[1]) * 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def text_width(self) -> int:
        """Width of the text states that the UNet reads; SDXL's are both encoders' side by side."""
        second = int(self.text_encoder_2.config.hidden_size) if self.text_encoder_2 is not None else 0
        return int(self.text_encoder.config.hidden_size) + second

    @property
    def pooled_width(self) -> int | None:
        """Width of SDXL's pooled text, else ``None``."""
        return int(self.text_encoder_2.config.projection_dim) if self.text_encoder_2 is not None else None


def _weights(folder: Path) -> Path:
    """The folder's one safetensors file; pickles are refused even where safetensors lie beside them."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in _PICKLES:
            raise PairError(f"{file} is a pickle and may run code when loaded: convert it to safetensors first")
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise PairError(f"{folder} has no {' or '.join(_WEIGHTS)}")


def _load(cls: Any, folder: Path, dtype: torch.dtype) -> Any:
    _weights(folder)
    # transformers 5 and diffusers name the same argument differently.
    precision = {"dtype" if cls.__module__.startswith("transformers") else "torch_dtype": dtype}
    try:
        model = cls.from_pretrained(str(folder), use_safetensors=True, local_files_only=True, **precision)
    except Exception as error:  # three libraries, each with its own kinds; all mean "not this folder"
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PairError(f"{folder} cannot be loaded as {cls.__name__}: {first}") from None
    return model.eval().requires_grad_(False)


def load_source(root: Path, dtype: torch.dtype = torch.float32) -> SourceModel:
    """Load one folder.

    Args:
        dtype: float32, or float16 where fp32 weights would not fit into memory.

    Raises:
        PairError: missing or corrupt files, a pickle, another architecture, or an unknown schedule.
    """
    layout = recognise(root)
    try:
        schedule = NoiseSchedule.from_diffusers(read_json(root / "scheduler" / "scheduler_config.json"))
    except SamplerError as error:
        raise PairError(f"{root / 'scheduler'}: {error}") from None
    tokenizer_file, scratch = _tokenizer(root / "tokenizer")
    unet = _load(UNet2DConditionModel, root / "unet", dtype)
    text_encoder = _load(CLIPTextModel, root / "text_encoder", dtype)
    vae = _load(AutoencoderKL, root / "vae", dtype)
    second = _load(CLIPTextModelWithProjection, root / "text_encoder_2", dtype) if layout.name == "sdxl" else None
    encoders = ("text_encoder", "text_encoder_2") if second is not None else ("text_encoder",)
    digest = hashlib.sha256()
    for file in (*(_weights(root / e) for e in encoders), _weights(root / "vae"), tokenizer_file):
        digest.update(sha256_file(file).encode())
    digest.update(json.dumps([_meaning(m) for m in (text_encoder, second, vae) if m is not None]).encode())
    source = SourceModel(
        root=root,
        unet=unet,
        text_encoder=text_encoder,
        vae=vae,
        schedule=schedule,
        tokenizer_file=tokenizer_file,
        max_tokens=int(text_encoder.config.max_position_embeddings),
        shared_sha256=digest.hexdigest(),
        layout=layout,
        text_encoder_2=second,
        scratch=scratch,
    )
    _check_widths(source)
    return source


class _Scratch:
    """A temporary folder that goes with its last reference."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="obclip-tokenizer-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _meaning(model: Any) -> list[Any]:
    """What changes a shared model's results without changing its weights."""
    return [getattr(model.config, key, None) for key in _MEANINGS]


def _tokenizer(folder: Path) -> tuple[Path, Any]:
    """``tokenizer.json``; made from ``vocab.json`` and ``merges.txt`` where a folder has only those (as the
    published models do), in a temporary folder that lives as long as the second result."""
    file = folder / "tokenizer.json"
    if file.is_file():
        return file, None
    if not all((folder / name).is_file() for name in ("vocab.json", "merges.txt")):
        raise PairError(f"{file} is missing, and so are vocab.json and merges.txt to make it from")
    scratch = _Scratch()
    try:
        CLIPTokenizer.from_pretrained(str(folder), local_files_only=True).save_pretrained(scratch.folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PairError(f"{folder} cannot be read as a CLIP tokenizer: {str(error).splitlines()[0]}") from None
    return scratch.folder / "tokenizer.json", scratch


def _check_widths(source: SourceModel) -> None:
    config, root = source.unet.config, source.root
    if config.cross_attention_dim != source.text_width:
        encoders = "encoders write" if source.text_encoder_2 is not None else "encoder writes"
        raise PairError(
            f"{root}: the UNet reads text of width {config.cross_attention_dim}, "
            f"the text {encoders} {source.text_width}"
        )
    if source.pooled_width is not None:
        pooled = int(config.projection_class_embeddings_input_dim) - TIME_IDS * int(config.addition_time_embed_dim)
        if pooled != source.pooled_width:
            raise PairError(
                f"{root}: the UNet reads pooled text of width {pooled}, text_encoder_2 writes {source.pooled_width}"
            )
    if source.vae.config.latent_channels != config.in_channels:
        raise PairError(
            f"{root}: the UNet works on {config.in_channels} channels, "
            f"the VAE's latents have {source.vae.config.latent_channels}"
        )


def check_pair(large: SourceModel, small: SourceModel) -> None:
    """Refuse two models whose latents or text states would not fit together.

    Raises:
        PairError: text encoder, VAE or tokenizer differ, or the latent shape or prediction range does.
    """
    if large.layout.name != small.layout.name:
        raise PairError(
            f"{large.root} has the layout {large.layout.name}, {small.root} {small.layout.name}: "
            "both need the same text encoders"
        )
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
