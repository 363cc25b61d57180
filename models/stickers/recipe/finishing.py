"""The small UNet learns to end where the large one ends, from where its own steps lead.

Copying the large UNet's outputs on noisy data teaches too little of colour: a tone that is a little off costs next to
nothing at any one step, and adds up over fifteen. So the small one here makes the device's whole run, from what the
large one hands over, and at latents that it comes through it is told two things: the large one's own end of that run,
which matters most while there is much noise, and what the large one would say at this very latent, with and without the
caption (as in DAgger, Ross et al. 2011). So its own errors are among what it learns to mend.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import nn

from obclip_contract import NoiseSchedule, SamplerStep, apply_step, finish_table, sampler_table

from .storage import read_array, write_array
from .text import sample_captions
from .training import Run, Trainer, autocast, fit, pick_device, progress
from .unets import FLAT_WEIGHT, SCHEDULER, TAUGHT_GUIDANCE, Batches, new_small, start_from, taught_loss

STEPS: Final = 25
#: After how many of the large UNet's steps the device takes over.
HAND_OVERS: Final = (5, 10)
#: Runs a file, and runs between two looks at where the small UNet's own steps lead.
SHARD: Final = 128
#: Pictures of one call: two rows each.
_CALL: Final = 64
#: Share of the latents of a step at which the large UNet is asked: its answer costs as much as learning from it.
ASKED_SHARE: Final = 0.375


@dataclass(frozen=True)
class Runs:
    """Runs of the large UNet: what it hands over ``[N, 2, C, H, W]`` and its ends ``[N, C, H, W]``.

    ``states`` are the captions' text states, ``places`` the loss weights ``[N, 1, H, W]``.
    """

    handed: torch.Tensor
    ends: torch.Tensor
    states: torch.Tensor
    places: torch.Tensor


def schedule() -> NoiseSchedule:
    """The pair's noise schedule, as the device reads it."""
    return NoiseSchedule.from_diffusers(SCHEDULER)


def guided(
    unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor, nothing: torch.Tensor
) -> torch.Tensor:
    """Output float32 with guidance, ``[B, C, H, W]``; ``t`` is ``[B]``."""
    rows = torch.cat([x, x]).contiguous(memory_format=torch.channels_last)
    with autocast(x.device):
        out = unet(rows, torch.cat([t, t]), torch.cat([nothing.expand_as(states), states])).sample.float()
    without, within = out.chunk(2)
    return without + TAUGHT_GUIDANCE * (within - without)


@torch.no_grad()
def record(unet: nn.Module, noise: torch.Tensor, states: torch.Tensor, nothing: torch.Tensor) -> torch.Tensor:
    """Whole runs from ``noise`` ``[B, C, H, W]``: ``[B, 3, C, H, W]``, the latents at each hand-over and the end."""
    latent, x0, kept = noise, None, []
    for index, step in enumerate(sampler_table("dpmpp_2m", schedule(), STEPS).steps):
        if index in HAND_OVERS:
            kept.append(latent)
        output = guided(unet, latent, torch.full((len(noise),), float(step.timestep)), states, nothing)
        latent, x0 = apply_step(step, latent, output, x0)
    return torch.stack([*kept, latent], 1)


class Teacher:
    """Makes and reads the large UNet's runs, a shard at a time; a shard's prompts and noise follow from its number."""

    def __init__(self, folder: Path, tokenizer: Path, device: torch.device) -> None:
        self.folder, self.device = folder / "runs", device
        self.batches = Batches(folder, tokenizer, SHARD, device)
        self.nothing = self.batches.nothing

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:05d}.npy"

    def shards(self) -> list[int]:
        """Numbers of the shards that are there."""
        return sorted(int(f.stem) for f in self.folder.glob("[0-9]*.npy"))

    def _prompts(self, number: int) -> tuple[np.ndarray, torch.Tensor]:
        """Glyphs ``[SHARD]`` and text states of a shard."""
        made = self.batches
        rng = np.random.default_rng((13, number))
        index = rng.choice(len(made.labels), SHARD, p=made.weights)
        ground = rng.choice(len(made.names), SHARD, p=made.ground_weights)
        names = [made.names[g] for g in ground]
        texts = sample_captions(made.labels, index, names, random.Random(f"runs/{number}"))
        with torch.no_grad():
            return index, made.encoder(input_ids=made.ids(texts).to(self.device)).last_hidden_state

    def make(self, unet: nn.Module, count: int) -> None:
        """Write the shards below ``count`` that are missing."""
        missing = sorted(set(range(count)) - set(self.shards()))
        with progress("runs", len(missing)) as tick:
            for number in missing:
                _, states = self._prompts(number)
                rng, parts = np.random.default_rng((19, number)), []
                for at in range(0, SHARD, _CALL):
                    some = slice(at, at + _CALL)
                    noise = torch.from_numpy(rng.standard_normal((_CALL, 4, 16, 16), dtype=np.float32))
                    parts.append(record(unet, noise.to(self.device), states[some], self.nothing).half())
                write_array(self._path(number), torch.cat(parts).cpu().numpy())
                tick()

    def read(self, number: int) -> Runs:
        """One shard."""
        data = torch.from_numpy(np.array(read_array(self._path(number)))).float().to(self.device)
        index, states = self._prompts(number)
        hand_overs = len(HAND_OVERS)
        return Runs(
            handed=data[:, :hand_overs],
            ends=data[:, hand_overs],
            states=states,
            places=self.batches.places[index],
        )


@dataclass(frozen=True)
class Place:
    """One latent that the small UNet came through: its run, the latent, and the step that it made there."""

    run: int
    latent: torch.Tensor
    step: SamplerStep


@torch.no_grad()
def follow(unet: nn.Module, runs: Runs, nothing: torch.Tensor, rng: random.Random) -> list[Place]:
    """The small UNet's runs from each hand-over to the end: every latent on the way."""
    table = sampler_table("dpmpp_2m", schedule(), STEPS)
    took = [rng.randrange(len(HAND_OVERS)) for _ in range(len(runs.ends))]
    places = []
    for which, k in enumerate(HAND_OVERS):
        chosen = [i for i, h in enumerate(took) if h == which]
        latent, x0 = runs.handed[chosen, which], None
        for step in finish_table("dpmpp_2m", schedule(), STEPS, table.steps[k].log_snr).steps:
            places += [Place(i, one, step) for i, one in zip(chosen, latent, strict=True)]
            t = torch.full((len(chosen),), float(step.timestep))
            latent, x0 = apply_step(step, latent, guided(unet, latent, t, runs.states[chosen], nothing), x0)
    return places


def end_loss(error: torch.Tensor, sigma: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Error of the end as the outputs tell it ``[B, C, H, W]``: by places and by plain colour, more at high noise.

    ``sigma`` ``[B, 1, 1, 1]``: late in a run the end is decided, and asking for another one teaches blur.
    """
    flat = nn.functional.avg_pool2d(error, 4).square().mean((1, 2, 3), keepdim=True)
    return (((places * error.square()).mean((1, 2, 3), keepdim=True) + FLAT_WEIGHT * flat) * sigma).mean()


def own_loss(unet: nn.Module, runs: Runs, nothing: torch.Tensor, chosen: list[Place]) -> torch.Tensor:
    """How far from the large one's ends the small one would go at latents of its own runs."""
    at = [p.run for p in chosen]
    x = torch.stack([p.latent for p in chosen])
    t = torch.tensor([float(p.step.timestep) for p in chosen])
    from_latent, from_model = (
        torch.tensor([float(getattr(p.step, name)) for p in chosen])[:, None, None, None]
        for name in ("x0_from_latent", "x0_from_model")
    )
    output = guided(unet, x, t, runs.states[at], nothing)
    return end_loss(from_latent * x + from_model * output - runs.ends[at], from_model.abs(), runs.places[at])


def asked_loss(
    unet: nn.Module, teacher: nn.Module, runs: Runs, nothing: torch.Tensor, chosen: list[Place]
) -> torch.Tensor:
    """How far the small one is from what the large one would say at latents of the small one's runs."""
    at = [p.run for p in chosen]
    x, t = torch.stack([p.latent for p in chosen]), torch.tensor([float(p.step.timestep) for p in chosen])
    return taught_loss(unet, teacher, x, t, runs.states[at], nothing, runs.places[at])


def train_finisher(
    folder: Path,
    tokenizer: Path,
    steps: int = 2000,
    batch: int = 32,
    learning_rate: float = 2e-4,
    init: Path | None = None,
    shards: int = 24,
) -> bool:
    """Train the small UNet on its own runs; writes ``folder/small_unet``. ``init`` is the UNet to start from."""
    torch.manual_seed(1)
    device = pick_device()
    teacher = Teacher(folder, tokenizer, device)
    learnt = range(1, shards)  # the first is for looking at what was learnt
    large = UNet2DConditionModel.from_pretrained(folder / "large_unet")
    large = large.to(device=device, memory_format=torch.channels_last).eval().requires_grad_(False)
    teacher.make(large, shards)
    model = start_from(new_small(), init).to(device=device, memory_format=torch.channels_last)
    run = Run(steps, batch, learning_rate, folder, "finish", warmup=min(100, steps // 10), ema=0.998)
    trainer = Trainer(model, run)
    asked = max(1, round(ASKED_SHARE * batch))
    queue: list[list[Place]] = []
    runs: Runs | None = None

    def step(number: int) -> torch.Tensor:
        nonlocal queue, runs
        rng = random.Random(f"finish/{number}")
        if not queue or runs is None:
            runs = teacher.read(rng.choice(learnt))
            places = follow(model, runs, teacher.nothing, rng)
            rng.shuffle(places)
            queue = [places[i : i + batch] for i in range(0, len(places), batch)]
        places = queue.pop()
        own = own_loss(model, runs, teacher.nothing, places)
        return own + asked_loss(model, large, runs, teacher.nothing, places[:asked])

    done = fit("finishing", trainer, step)
    trainer.average()
    model.save_pretrained(folder / "small_unet")
    return done
