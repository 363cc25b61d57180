"""The device's part for many members at once, in torch: the small UNet's steps and the decoder, batched.

The phone finishes one picture with LiteRT. A benchmark finishes every member of every set, and batches of torch do
that several times faster; ``tests/benchmarks`` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from numpy.typing import NDArray

from export.pair import load_source
from obclip_contract import apply_step, defaults, finish_table, guide, is_guided, sha256_file, unscale

from .errors import BenchmarkError

#: Rows of one UNet call (a member is two: with and without its prompt).
ROWS: Final = 48


class Finisher:
    """The small model of a pair from its diffusers folder, in fp32.

    Raises:
        export.errors.PairError: the folder is missing or no such model.
    """

    def __init__(self, small: Path, guidance: float, steps: int = defaults.STEPS) -> None:
        from tokenizers import Tokenizer

        self.source = load_source(small)
        self.guidance, self.steps = guidance, steps
        self._tokenizer = Tokenizer.from_file(str(self.source.tokenizer_file))
        self._tokenizer.no_truncation()
        self._tokenizer.enable_padding(length=self.source.max_tokens, pad_id=self.source.tokens.spec.pad_id)
        self._states: dict[str, torch.Tensor] = {}
        self.unet_sha256 = sha256_file(small / "unet" / "diffusion_pytorch_model.safetensors")

    def pictures(self, latents: NDArray[Any], prompts: Sequence[str], log_snr: float) -> NDArray[Any]:
        """Finish ``[n, C, H, W]`` at ``log_snr`` with their own prompts: pictures ``[n, 3, S, S]`` in [-1, 1]."""
        with torch.inference_mode():
            parts = []
            for i in range(0, len(latents), ROWS // 2):
                some = slice(i, i + ROWS // 2)
                parts.append(self._decode(self._denoise(torch.from_numpy(latents[some]), prompts[some], log_snr)))
            pictures: NDArray[Any] = torch.cat(parts).numpy()
            return pictures

    def _denoise(self, latent: torch.Tensor, prompts: Sequence[str], log_snr: float) -> torch.Tensor:
        latent = latent.float()
        guided = is_guided(self.guidance)
        states = self._encode(prompts)
        if guided:
            states = torch.cat([self._encode([""]).expand_as(states), states])
        x0 = None
        for step in finish_table(defaults.SAMPLER, self.source.schedule, self.steps, log_snr).steps:
            rows = torch.cat([latent, latent]) if guided else latent
            output = self.source.unet(rows, step.timestep, states, return_dict=False)[0]
            if guided:
                plain, wanted = output.chunk(2)
                output = guide(wanted, plain, self.guidance)
            latent, x0 = apply_step(step, latent, output, x0)
        return latent

    def _decode(self, latent: torch.Tensor) -> torch.Tensor:
        config = self.source.vae.config
        unscaled = unscale(latent, config.scaling_factor, config.shift_factor or 0.0)
        picture: torch.Tensor = self.source.vae.decode(unscaled, return_dict=False)[0].clamp(-1.0, 1.0)
        return picture

    def _encode(self, prompts: Sequence[str]) -> torch.Tensor:
        if missing := [p for p in dict.fromkeys(prompts) if p not in self._states]:
            encodings = self._tokenizer.encode_batch(missing)
            if any(len(e.ids) > self.source.max_tokens for e in encodings):
                raise BenchmarkError(f"a prompt has more tokens than the model reads ({self.source.max_tokens})")
            ids = torch.tensor([e.ids for e in encodings])
            encoded = self.source.text_encoder(input_ids=ids).last_hidden_state
            self._states |= dict(zip(missing, encoded, strict=True))
        return torch.stack([self._states[p] for p in prompts])
