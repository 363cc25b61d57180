"""What a text encoder gives a UNet: one tensor of states, SDXL's pooled text among them.

SDXL's UNet also reads the pooled text of its second encoder and the picture's sizes. The sizes are the bundle's; the
pooled text travels as further rows behind the states, so that whatever carries text states carries it unread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Packing", "SdxlText", "packing_of"]

#: Latent pixels to a side of the picture where nobody says the picture's size.
_SCALE = 8


@dataclass(frozen=True)
class Packing:
    """States ``[B, length, width]`` and pooled text ``[B, pooled]`` as one tensor ``[B, length + rows, width]``.

    ``size``: pixels of the picture's side, for SDXL's time ids: original and target size, no crop.
    """

    length: int
    width: int
    pooled: int
    size: int

    @property
    def rows(self) -> int:
        """Rows behind the states that hold the pooled text, zeros at its end."""
        return math.ceil(self.pooled / self.width)

    def pack(self, states: Tensor, pooled: Tensor) -> Tensor:
        """One tensor of both."""
        filled = functional.pad(pooled, (0, self.rows * self.width - self.pooled))
        return torch.cat([states, filled.unflatten(1, (self.rows, self.width))], dim=1)

    def unpack(self, packed: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The states, and what diffusers calls ``added_cond_kwargs`` (float32: it joins both before it casts)."""
        pooled = packed[:, self.length :].flatten(1)[:, : self.pooled].float()
        sizes = torch.tensor([[self.size, self.size, 0, 0, self.size, self.size]], dtype=torch.float32)
        ids = sizes.to(packed.device).expand(packed.shape[0], -1)
        return packed[:, : self.length], {"text_embeds": pooled, "time_ids": ids}


def packing_of(unet: Any, length: int, size: int | None = None) -> Packing | None:
    """How the text of a UNet is packed; ``None`` where it reads states alone.

    Args:
        length: tokens of a prompt.
        size: pixels of the picture's side; eight times the latents' if ``None``.
    """
    config = unet.config
    if config.addition_embed_type != "text_time":
        return None
    ids = 6 * int(config.addition_time_embed_dim)
    dim = config.cross_attention_dim
    return Packing(
        length=length,
        width=int(dim if isinstance(dim, int) else dim[0]),
        pooled=int(config.projection_class_embeddings_input_dim) - ids,
        size=_SCALE * int(config.sample_size) if size is None else size,
    )


class SdxlText(nn.Module):
    """Both text encoders of SDXL: ids ``[B, L]`` -> packed states, each encoder's states before its last layer.

    The second tokenizer differs from the first in its padding alone, so its ids are made here: the padding at a row's
    end becomes ``second_pad``. ``zeros_when_empty``: a text without words is zeros, as diffusers has it where no
    negative prompt is given.

    Args:
        end_id, pad_id: of the first tokenizer's rows. Where the end token pads, the first of the run at a row's end is
            the end itself.
    """

    def __init__(
        self,
        first: Any,
        second: Any,
        packing: Packing,
        end_id: int,
        pad_id: int,
        second_pad: int,
        zeros_when_empty: bool,
    ) -> None:
        super().__init__()
        self.first, self.second, self.packing = first, second, packing
        self.end_id, self.pad_id, self.second_pad = end_id, pad_id, second_pad
        self.zeros_when_empty = zeros_when_empty

    def forward(self, input_ids: Tensor) -> Tensor:
        """``[B, L + rows, D1 + D2]``."""
        ids = input_ids.long()
        # Of what stands at a place and behind it (one place before, where the end token pads), how much is no padding.
        square = torch.ones(ids.shape[1], ids.shape[1], device=ids.device)
        rest = torch.tril(square, diagonal=1 if self.pad_id == self.end_id else 0)
        behind = (ids != self.pad_id).float() @ rest < 0.5
        padded = torch.where(behind, torch.full_like(ids, self.second_pad), ids)
        first = self.first(input_ids=ids, output_hidden_states=True).hidden_states[-2]
        second = self.second(input_ids=padded, output_hidden_states=True)
        states = torch.cat([first, second.hidden_states[-2]], dim=-1)
        packed = self.packing.pack(states, second.text_embeds)
        if self.zeros_when_empty:
            empty = torch.logical_and(ids[:, 1] == self.end_id, behind[:, 2])
            packed = packed * (1.0 - empty.float()).to(packed.dtype)[:, None, None]
        return packed
