"""The large UNet and the small one, on latents of scenes.

Both predict v on a zero-terminal-SNR schedule (Lin et al., arXiv 2305.08891). The large one starts from today's. The
small one starts from the large one's matching weights and copies its outputs below the noise of the hand-over.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from ..storage import write_folder
from ..text import Captions
from ..training import Run, Trainer, autocast, compiled, fit, pick_device
from ..unets import (
    DROP_CAPTION,
    FINISH_SHARE,
    FINISH_TIMESTEP,
    NOISE_SKEW,
    SCHEDULER,
    new_large,
    new_small,
    start_from,
    taught_loss,
)
from . import library
from .autoencoder import CHANNELS
from .latents import SHARD, load_shards
from .wording import caption
from .work import TOKENS, Plan, Work

#: Peak learning rates.
LARGE_RATE: Final = 6e-4
SMALL_RATE: Final = 1e-3


class Batches:
    """Draws ``(clean, noisy, noise, timesteps, text states, loss weights)`` for a step's number.

    ``finish`` draws the noise levels that the small UNet works at.
    """

    def __init__(self, work: Work, batch: int, device: torch.device, finish: bool = False) -> None:
        self.people = library.load(work.library).people
        self.scenes, self.shards = load_shards(work, self.people)
        self.ids = Captions(work.tokenizer, TOKENS)
        encoder = CLIPTextModel.from_pretrained(work.text_encoder, torch_dtype=torch.float32)
        self.encoder = encoder.to(device).eval().requires_grad_(False)
        known = DDPMScheduler().config
        self.scheduler = DDPMScheduler(**{k: v for k, v in SCHEDULER.items() if k in known and not k.startswith("_")})
        self.batch, self.device, self.finish = batch, device, finish
        with torch.no_grad():
            self.nothing = self.encoder(input_ids=self.ids([""]).to(device)).last_hidden_state

    def __call__(self, step: int) -> tuple[torch.Tensor, ...]:
        rng = np.random.default_rng((11, step))
        index = rng.integers(len(self.scenes), size=self.batch)
        rows = torch.from_numpy(np.stack([self.shards[i // SHARD][i % SHARD] for i in index])).float()
        clean, places = rows[:, :CHANNELS], rows[:, CHANNELS:]
        words = random.Random(step)
        texts = [caption(self.people[self.scenes[i].person], self.scenes[i], words) for i in index]
        share = 0.0 if self.finish else DROP_CAPTION
        texts = ["" if drop else t for t, drop in zip(texts, rng.random(self.batch) < share, strict=True)]
        t = torch.from_numpy(self._levels(rng) * 1000).long().clamp(0, 999)
        noise = torch.from_numpy(rng.standard_normal(clean.shape, dtype=np.float32))
        with torch.no_grad(), autocast(self.device):
            states = self.encoder(input_ids=self.ids(texts).to(self.device)).last_hidden_state.float()
        return clean, self.scheduler.add_noise(clean, noise, t), noise, t, states, places

    def _levels(self, rng: np.random.Generator) -> np.ndarray:
        # Stratified: every batch covers the whole range, so the loss is less noisy.
        u = (np.arange(self.batch) + rng.random(self.batch)) / self.batch
        if not self.finish:
            return 1 - u**NOISE_SKEW
        return np.where(rng.random(self.batch) < FINISH_SHARE, u * FINISH_TIMESTEP / 1000, u)

    def velocity(self, clean: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """What a UNet should say."""
        return self.scheduler.get_velocity(clean, noise, t)


def _fit_unet(
    model: UNet2DConditionModel, run: Run, batches: Batches, teacher: nn.Module | None, title: str, deadline: float
) -> bool:
    """Train ``model`` on the data, or on what ``teacher`` says; whether it is done."""
    device = batches.device
    model.to(device=device, memory_format=torch.channels_last).train()
    forward = compiled(model, device)
    guide = None if teacher is None else compiled(teacher, device)
    trainer = Trainer(model, run)

    def step(number: int) -> torch.Tensor:
        clean, noisy, noise, t, states, places = batches(number)
        x, t = noisy.to(device, memory_format=torch.channels_last), t.to(device)
        if guide is not None:
            return taught_loss(forward, guide, x, t, states, batches.nothing, places.to(device))
        with autocast(device):
            out = forward(x, t, states).sample
        want = batches.velocity(clean, noise, t.cpu()).to(device)
        return (places.to(device) * (out.float() - want).square()).mean()

    done = fit(title, trainer, step, deadline)
    trainer.average()
    return done


def train_large(work: Work, plan: Plan, deadline: float, todays: Path | None) -> bool:
    """Train the large UNet; writes ``large_unet`` when done."""
    torch.manual_seed(0)
    model = new_large(CHANNELS)
    if todays is not None:
        start_from(model, todays / "unet")
    run = Run(plan.large_steps, plan.large_batch, LARGE_RATE, work.root, "large", ema=0.9995)
    batches = Batches(work, plan.large_batch, pick_device())
    done = _fit_unet(model, run, batches, None, "large UNet", deadline)
    if done:
        write_folder(work.unet("large"), model.save_pretrained)
    return done


def train_small(work: Work, plan: Plan, deadline: float) -> bool:
    """Distil the small UNet from the large one; writes ``small_unet`` when done."""
    torch.manual_seed(1)
    device = pick_device()
    teacher = UNet2DConditionModel.from_pretrained(work.unet("large"), torch_dtype=torch.float32)
    teacher = teacher.to(device=device, memory_format=torch.channels_last).eval().requires_grad_(False)
    model = start_from(new_small(CHANNELS), work.unet("large"))
    run = Run(plan.small_steps, plan.small_batch, SMALL_RATE, work.root, "small", ema=0.999)
    done = _fit_unet(model, run, Batches(work, plan.small_batch, device, finish=True), teacher, "small UNet", deadline)
    if done:
        write_folder(work.unet("small"), model.save_pretrained)
    return done
