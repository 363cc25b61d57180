"""SDXL's text side as one graph: two encoders, side by side, and the pooled text of the second."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from obclip_contract import GraphSpec, TensorSpec

from ..errors import VerificationError
from ..pair import SourceModel
from ..tensorrt.support import check_support
from ..verify.graphs import Check
from .graphs import OnnxGraph, convert

__all__ = ["SdxlTextGraph", "text_encoder", "write_text_encoder"]

#: Text states in fp32 follow torch this closely.
_MAX_ERROR: Final = 1e-4


class SdxlTextGraph(nn.Module):
    """int32 ``input_ids [B, L]`` -> ``hidden_states [B, L, D1 + D2]`` (each encoder's states before its last layer)
    and ``text_embeds [B, P]``.

    The second tokenizer differs from the first in its padding alone ("!", id 0, where the first repeats the end
    token), so its ids are made here: everything behind the first end token becomes 0.
    """

    def __init__(self, source: SourceModel, end_id: int) -> None:
        super().__init__()
        assert source.text_encoder_2 is not None
        self.first, self.second = source.text_encoder, source.text_encoder_2
        self.end_id = end_id

    def forward(self, input_ids: Tensor) -> dict[str, Tensor]:
        ids = input_ids.long()
        # The end token repeats to the end of the row: what has one before it is padding.
        before = torch.cat([torch.zeros_like(ids[:, :1]), ids[:, :-1]], dim=1)
        padded = torch.where(before == self.end_id, torch.zeros_like(ids), ids)
        first = self.first(input_ids=ids, output_hidden_states=True).hidden_states[-2]
        second = self.second(input_ids=padded, output_hidden_states=True)
        states = torch.cat([first, second.hidden_states[-2]], dim=-1)
        return {"hidden_states": states, "text_embeds": second.text_embeds}


def text_encoder(source: SourceModel, end_id: int, batch: int = 2) -> OnnxGraph:
    """The graph on sample ids: words, an end token, padding."""
    generator = torch.Generator().manual_seed(1)
    top = int(source.text_encoder.config.vocab_size)
    ids = torch.randint(2, top, (batch, source.max_tokens), generator=generator, dtype=torch.int32)
    for row in range(batch):
        ids[row, 5 + 3 * row :] = end_id
    return OnnxGraph("text_encoder", SdxlTextGraph(source, end_id).eval(), {"input_ids": ids},
                     ("hidden_states", "text_embeds"))  # fmt: skip


def write_text_encoder(source: SourceModel, end_id: int, part: Path) -> tuple[GraphSpec, Check]:
    """Write ``text_encoder.onnx`` below ``part``; its manifest entry, and how it compares to torch.

    Raises:
        ExportError: it cannot be converted, TensorRT would not take it, or it differs from torch.
    """
    job = text_encoder(source, end_id)
    file = part / "text_encoder.onnx"
    convert(job, file)
    check_support(file)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    got = session.run(list(job.outputs), {n: t.numpy() for n, t in job.inputs.items()})
    reference = job.reference()
    error = max(float(np.abs(v - reference[n].numpy()).max()) for n, v in zip(job.outputs, got, strict=True))
    if not error <= _MAX_ERROR:  # also where it is not a number
        raise VerificationError(f"{file.name} differs from torch by {error:.2e}; at most {_MAX_ERROR:.0e} is rounding")
    spec = GraphSpec(
        role=job.role,
        format="onnx",
        file=file.name,
        inputs=[_spec(n, t) for n, t in job.inputs.items()],
        outputs=[_spec(n, t) for n, t in reference.items()],
    )
    return spec, Check(job.role, "sdxl", file.name, error)


def _spec(name: str, tensor: Tensor) -> TensorSpec:
    return TensorSpec(name=name, shape=["batch", *tensor.shape[1:]], dtype=str(tensor.dtype).removeprefix("torch."))
