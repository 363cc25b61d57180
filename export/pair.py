"""Load and check the source: two Stable-Diffusion-style folders that share text encoders, tokenizer and VAE."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from cloud_engine.step_graphs import Packing, packing_of
from obclip_contract import NoiseSchedule

from .errors import PairError
from .families.recognise import Layout, recognise
from .tokens import Tokens, read_tokens
from .weights import hash_tensors, load_model

_CLASSES: Final[dict[str, Any]] = {
    "unet": UNet2DConditionModel,
    "text_encoder": CLIPTextModel,
    "vae": AutoencoderKL,
    "text_encoder_2": CLIPTextModelWithProjection,
}
#: Config values of text encoders and VAE that two models with equal weights could differ in.
_MEANINGS: Final = (
    "hidden_act",
    "num_attention_heads",
    "layer_norm_eps",
    "scaling_factor",
    "shift_factor",
    "norm_num_groups",
)
#: Tensors of a VAE that draw the picture; its encoder is not exported.
_DECODER: Final = ("decoder.", "post_quant_conv.")


@dataclass(frozen=True)
class SourceModel:
    """One diffusers folder, loaded in one precision and in eval mode.

    ``text_encoder_2`` and ``second_pad`` (the id that pads its rows) are there for SDXL alone.
    """

    root: Path
    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel
    vae: AutoencoderKL
    tokens: Tokens
    shared_sha256: str
    layout: Layout
    text_encoder_2: CLIPTextModelWithProjection | None = None
    second_pad: int | None = None

    @property
    def schedule(self) -> NoiseSchedule:
        """The model's noise schedule."""
        return self.layout.schedule

    @property
    def max_tokens(self) -> int:
        """Length of a row of token ids."""
        return self.tokens.spec.max_length

    @property
    def tokenizer_file(self) -> Path:
        """The ``tokenizer.json``."""
        return self.tokens.file

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
    def packing(self) -> Packing | None:
        """How SDXL's pooled text travels with the states; ``None`` for one text encoder."""
        return packing_of(self.unet, self.max_tokens, self.image_size)

    @property
    def pooled_width(self) -> int | None:
        """Width of SDXL's pooled text, else ``None``."""
        return int(self.text_encoder_2.config.projection_dim) if self.text_encoder_2 is not None else None


def load_source(root: Path, dtype: torch.dtype = torch.float32, variant: str | None = None) -> SourceModel:
    """Load one folder.

    Args:
        dtype: float32, or float16 where fp32 weights would not fit into memory.
        variant: of the weights' files, such as ``fp16``.

    Raises:
        PairError: missing or corrupt files, a pickle, another architecture, an unknown schedule, or a config field that
            would be dropped.
    """
    layout = recognise(root, variant)
    sdxl = layout.name == "sdxl"
    unet, text_encoder, vae, second = (
        load_model(cls, root / part, layout.weights[part], dtype) if part in layout.weights else None
        for part, cls in _CLASSES.items()
    )
    positions = [int(e.config.max_position_embeddings) for e in (text_encoder, second) if e is not None]
    tokens = read_tokens(root / "tokenizer", min(positions))
    second_pad = _second_pad(root, tokens, min(positions)) if sdxl else None
    source = SourceModel(
        root=root,
        unet=unet,
        text_encoder=text_encoder,
        vae=vae,
        tokens=tokens,
        shared_sha256=_identity(text_encoder, second, vae, tokens, second_pad, layout),
        layout=layout,
        text_encoder_2=second,
        second_pad=second_pad,
    )
    _check_widths(source)
    return source


def _second_pad(root: Path, tokens: Tokens, positions: int) -> int:
    """What pads the second encoder's rows; all else of its tokenizer must be the first one's."""
    other = read_tokens(root / "tokenizer_2", positions)
    if _but_padding(other) != _but_padding(tokens):
        raise PairError(f"{root}: tokenizer and tokenizer_2 differ in more than their padding")
    return other.spec.pad_id


def _but_padding(tokens: Tokens) -> tuple[Any, ...]:
    return tokens.words, tokens.spec.model_copy(update={"pad_id": 0})


def _identity(text_encoder: Any, second: Any, vae: Any, tokens: Tokens, second_pad: int | None, layout: Layout) -> str:
    """Of what both models of a pair must share: equal for the same weights in any precision, shards or file."""
    digest = hashlib.sha256()
    decoder = {n: t for n, t in vae.state_dict().items() if n.startswith(_DECODER)}
    for tensors in (text_encoder.state_dict(), {} if second is None else second.state_dict(), decoder):
        digest.update(hash_tensors({n: t for n, t in tensors.items() if t.is_floating_point()}).encode())
    meanings = [_meaning(m) for m in (text_encoder, second, vae) if m is not None]
    shared = [tokens.words, tokens.spec.model_dump(), second_pad, layout.zeros_when_empty, *meanings]
    digest.update(json.dumps(shared, sort_keys=True).encode())
    return digest.hexdigest()


def _meaning(model: Any) -> list[Any]:
    """What changes a shared model's results without changing its weights."""
    return [getattr(model.config, key, None) for key in _MEANINGS]


def _check_widths(source: SourceModel) -> None:
    config, root = source.unet.config, source.root
    if config.cross_attention_dim != source.text_width:
        encoders = "encoders write" if source.text_encoder_2 is not None else "encoder writes"
        raise PairError(
            f"{root}: the UNet reads text of width {config.cross_attention_dim}, "
            f"the text {encoders} {source.text_width}"
        )
    if source.packing is not None and source.packing.pooled != source.pooled_width:
        raise PairError(
            f"{root}: the UNet reads pooled text of width {source.packing.pooled}, text_encoder_2 writes "
            f"{source.pooled_width}"
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
