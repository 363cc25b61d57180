"""The graphs a bundle holds, as plain modules with named tensors, and the sample inputs to trace them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cloud_engine.step_graphs import Packing, SdxlText
from obclip_contract import TensorSpec

from .pair import SourceModel


class TextEncoderGraph(nn.Module):
    """int32 ``input_ids [B, L]`` -> float32 ``hidden_states [B, L, D]`` (after the final norm); SDXL's packed,
    see :mod:`cloud_engine.step_graphs.text`."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor) -> dict[str, Tensor]:
        if isinstance(self.encoder, SdxlText):
            return {"hidden_states": self.encoder(input_ids)}
        return {"hidden_states": self.encoder(input_ids=input_ids.long()).last_hidden_state}


class UNetGraph(nn.Module):
    """The step graph ``full``: one evaluation of the whole UNet. SDXL's reads packed states."""

    def __init__(self, unet: nn.Module, packing: Packing | None = None) -> None:
        super().__init__()
        self.unet = unet
        self.packing = packing

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> dict[str, Tensor]:
        if self.packing is not None:
            states, added = self.packing.unpack(encoder_hidden_states)
            out = self.unet(sample, timestep, states, added_cond_kwargs=added, return_dict=False)[0]
            return {"model_output": out}
        return {"model_output": self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]}


class DecoderGraph(nn.Module):
    """float32 ``latents [1, C, H, W]`` (already divided by the scaling factor) -> ``image [1, 3, S, S]``."""

    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: Tensor) -> dict[str, Tensor]:
        return {"image": self.vae.decode(latents, return_dict=False)[0].clamp(-1.0, 1.0)}


@dataclass(frozen=True)
class Graph:
    """One graph ready for a converter. ``inputs`` are fixed random samples, by name."""

    role: str
    module: nn.Module
    inputs: dict[str, Tensor]
    output: str

    def specs(self, batch: str | None = None) -> tuple[list[TensorSpec], list[TensorSpec]]:
        """Manifest entries of inputs and outputs; ``batch`` names the first dimension where it is free."""
        with torch.no_grad():
            out = self.module(**self.inputs)[self.output]
        ins = [_spec(n, t, batch if n != "timestep" else None) for n, t in self.inputs.items()]
        return ins, [_spec(self.output, out, batch)]


def _spec(name: str, tensor: Tensor, batch: str | None) -> TensorSpec:
    shape: list[int | str] = list(tensor.shape)
    if batch is not None:
        shape[0] = batch
    return TensorSpec(name=name, shape=shape, dtype=str(tensor.dtype).removeprefix("torch."))


def text_encoder(source: SourceModel, batch: int) -> Graph:
    """The text encoder at a batch."""
    generator = torch.Generator().manual_seed(1)
    top = int(source.text_encoder.config.vocab_size)
    ids = torch.randint(0, top, (batch, source.max_tokens), generator=generator, dtype=torch.int32)
    for row in range(batch if source.packing else 0):  # SDXL's pooled text is read at the end token
        ids[row, 5 + 3 * row :] = source.tokens.spec.pad_id
        ids[row, 5 + 3 * row] = source.tokens.spec.eos_id
    encoder = source.text_encoder if source.packing is None else sdxl_text(source)
    return Graph("text_encoder", TextEncoderGraph(encoder).eval(), {"input_ids": ids}, "hidden_states")


def sdxl_text(source: SourceModel) -> SdxlText:
    """Both of SDXL's text encoders as one module."""
    assert source.packing is not None
    assert source.second_pad is not None
    end, pad, zeros = source.tokens.spec.eos_id, source.tokens.spec.pad_id, source.layout.zeros_when_empty
    return SdxlText(
        source.text_encoder, source.text_encoder_2, source.packing, end, pad, source.second_pad, zeros
    ).eval()


def unet(source: SourceModel, batch: int) -> Graph:
    """The full UNet at a batch, one timestep for all rows."""
    generator = torch.Generator().manual_seed(2)
    rows = source.max_tokens + (source.packing.rows if source.packing else 0)
    inputs = {
        "sample": torch.randn(batch, *source.latent_shape, generator=generator),
        "timestep": torch.tensor([501.0]),
        "encoder_hidden_states": torch.randn(batch, rows, source.text_width, generator=generator),
    }
    return Graph("unet", UNetGraph(source.unet, source.packing).eval(), inputs, "model_output")


def vae_decoder(source: SourceModel) -> Graph:
    """The VAE decoder for one picture."""
    generator = torch.Generator().manual_seed(3)
    latents = torch.randn(1, *source.latent_shape, generator=generator)
    return Graph("vae_decoder", DecoderGraph(source.vae).eval(), {"latents": latents}, "image")
