"""The working folder of the second edition: which file is where, and how much of each stage there is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Like every Stable Diffusion: captions of 32 tokens refused a third of real prompts for length alone.
TOKENS: Final = 77
VOCABULARY: Final = 3072


@dataclass(frozen=True)
class Plan:
    """How long each stage goes on: optimiser steps, and pictures a step."""

    text_steps: int = 3000
    text_batch: int = 96
    autoencoder_steps: int = 12000
    autoencoder_batch: int = 16
    shards: int = 64
    large_steps: int = 45000
    large_batch: int = 48
    small_steps: int = 8000
    small_batch: int = 32
    judge_steps: int = 8000
    judge_batch: int = 64


@dataclass(frozen=True)
class Work:
    """Paths under the working folder, which is never inside the repository."""

    root: Path

    @property
    def npm(self) -> Path:
        """``node_modules`` of the three sets."""
        return self.root / "npm" / "node_modules"

    @property
    def library(self) -> Path:
        return self.root / "library"

    @property
    def tokenizer(self) -> Path:
        return self.root / "tokenizer"

    @property
    def text_encoder(self) -> Path:
        return self.root / "text_encoder"

    @property
    def vae(self) -> Path:
        return self.root / "vae"

    @property
    def latents(self) -> Path:
        return self.root / "latents"

    @property
    def judge(self) -> Path:
        return self.root / "judge"

    def unet(self, name: str) -> Path:
        """``large`` or ``small``."""
        return self.root / f"{name}_unet"
