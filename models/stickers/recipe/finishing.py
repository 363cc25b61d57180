"""The small UNet learns to end where the large one ends, from where its own steps lead.

Copying the large UNet's outputs on noisy data teaches too little of colour: a tone that is a little off costs next to
nothing at any one step, and adds up over fifteen. So the small one here makes the device's whole run, from what the
large one hands over, and at every latent that it comes through it is told the large one's own end of that run. There is
one such end for each hand-over, so no blur is learnt from chance, and its own errors are among what it learns to
mend (as in DAgger, Ross et al. 2011). The rows with and without a caption are held to the large one's, so that other
guidance stays possible.
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
from .unets import FLAT_WEIGHT, SCHEDULER, TAUGHT_GUIDANCE, Batches, new_small, start_from

STEPS: Final = 25
#: After how many of the large UNet's steps the device takes over.
HAND_OVERS: Final = (5, 10)
#: Steps of a run whose rows are kept too: some of those that the device makes.
_KEPT_ROWS: Final = 2
#: Runs a file, and runs between two looks at where the small UNet's own steps lead.
SHARD: Final = 128
#: Pictures of one call: two rows each.
_CALL: Final = 64
#: Weight of the large UNet's own rows beside its ends.
ROWS_WEIGHT: Final = 0.3


@dataclass(frozen=True)
class Runs:
    """Runs of the large UNet: what it hands over ``[N, 2, C, H, W]``, its ends ``[N, C, H, W]``, some of its rows.

    ``rows`` is ``[N, 2, 3, C, H, W]``: latent, output without caption, output with it, at timesteps ``times``
    ``[N, 2]``. ``states`` are the captions' text states, ``places`` the loss weights ``[N, 1, H, W]``.
    """

    handed: torch.Tensor
    ends: torch.Tensor
    rows: torch.Tensor
    times: torch.Tensor
    states: torch.Tensor
    places: torch.Tensor


def schedule() -> NoiseSchedule:
    """The pair's noise schedule, as the device reads it."""
    return NoiseSchedule.from_diffusers(SCHEDULER)


def guided(
    unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor, nothing: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Outputs float32 without the caption, with it, and with guidance; ``t`` is ``[B]``."""
    rows = torch.cat([x, x]).contiguous(memory_format=torch.channels_last)
    with autocast(x.device):
        out = unet(rows, torch.cat([t, t]), torch.cat([nothing.expand_as(states), states])).sample.float()
    without, within = out.chunk(2)
    return without, within, without + TAUGHT_GUIDANCE * (within - without)


@torch.no_grad()
def _record(
    unet: nn.Module, noise: torch.Tensor, states: torch.Tensor, nothing: torch.Tensor, kept: np.ndarray
) -> torch.Tensor:
    """Whole runs from ``noise`` ``[B, C, H, W]``: ``[B, 9, C, H, W]`` as :func:`_split` reads them."""
    latent, x0 = noise, None
    handed, rows = [], torch.zeros(len(noise), _KEPT_ROWS, 3, *noise.shape[1:])
    for index, step in enumerate(sampler_table("dpmpp_2m", schedule(), STEPS).steps):
        if index in HAND_OVERS:
            handed.append(latent)
        without, within, output = guided(unet, latent, torch.full((len(noise),), step.timestep), states, nothing)
        for k in range(_KEPT_ROWS):
            here = torch.from_numpy(kept[:, k] == index)
            rows[here, k] = torch.stack([latent, without, within], 1)[here]
        latent, x0 = apply_step(step, latent, output, x0)
    return torch.cat([torch.stack(handed, 1), latent[:, None], rows.flatten(1, 2)], 1)


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

    @staticmethod
    def _kept(number: int) -> np.ndarray:
        """Which steps' rows a shard keeps, ``[SHARD, 2]``: all are steps that the device makes."""
        rng = np.random.default_rng((17, number))
        return rng.integers(HAND_OVERS[0], STEPS, (SHARD, _KEPT_ROWS))

    def make(self, unet: nn.Module, count: int) -> None:
        """Write the shards below ``count`` that are missing."""
        missing = sorted(set(range(count)) - set(self.shards()))
        with progress("runs", len(missing)) as tick:
            for number in missing:
                _, states = self._prompts(number)
                rng, kept, parts = np.random.default_rng((19, number)), self._kept(number), []
                for at in range(0, SHARD, _CALL):
                    some = slice(at, at + _CALL)
                    noise = torch.from_numpy(rng.standard_normal((_CALL, 4, 16, 16), dtype=np.float32))
                    parts.append(_record(unet, noise.to(self.device), states[some], self.nothing, kept[some]).half())
                write_array(self._path(number), torch.cat(parts).cpu().numpy())
                tick()

    def read(self, number: int) -> Runs:
        """One shard."""
        data = torch.from_numpy(np.array(read_array(self._path(number)))).float().to(self.device)
        index, states = self._prompts(number)
        times = [float(s.timestep) for s in sampler_table("dpmpp_2m", schedule(), STEPS).steps]
        hand_overs = len(HAND_OVERS)
        return Runs(
            handed=data[:, :hand_overs],
            ends=data[:, hand_overs],
            rows=data[:, hand_overs + 1 :].unflatten(1, (_KEPT_ROWS, 3)),
            times=torch.tensor([[times[k] for k in row] for row in self._kept(number)]),
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
            latent, x0 = apply_step(step, latent, guided(unet, latent, t, runs.states[chosen], nothing)[2], x0)
    return places


def end_loss(error: torch.Tensor, sigma: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Error of the end as the outputs tell it ``[B, C, H, W]``: by places and by plain colour, less at high noise.

    ``sigma`` ``[B, 1, 1, 1]``: at high noise the end is less certain, and there is time to mend it.
    """
    flat = nn.functional.avg_pool2d(error, 4).square().mean((1, 2, 3), keepdim=True)
    return ((places * error.square()).mean((1, 2, 3), keepdim=True) + FLAT_WEIGHT * flat).div(sigma).mean()


def own_loss(unet: nn.Module, runs: Runs, nothing: torch.Tensor, chosen: list[Place]) -> torch.Tensor:
    """How far from the large one's ends the small one would go at latents of its own runs."""
    at = [p.run for p in chosen]
    x = torch.stack([p.latent for p in chosen])
    t = torch.tensor([float(p.step.timestep) for p in chosen])
    from_latent, from_model = (
        torch.tensor([float(getattr(p.step, name)) for p in chosen])[:, None, None, None]
        for name in ("x0_from_latent", "x0_from_model")
    )
    output = guided(unet, x, t, runs.states[at], nothing)[2]
    return end_loss(from_latent * x + from_model * output - runs.ends[at], from_model.abs(), runs.places[at])


def rows_loss(unet: nn.Module, runs: Runs, nothing: torch.Tensor, chosen: list[int]) -> torch.Tensor:
    """How far the small one's two rows are from the large one's, at latents of the large one's runs."""
    k = torch.arange(len(chosen)) % _KEPT_ROWS
    latent, without, within = runs.rows[chosen, k].unbind(1)
    said_without, said_within, _ = guided(unet, latent, runs.times[chosen, k], runs.states[chosen], nothing)
    error = (said_without - without).square() + (said_within - within).square()
    return (runs.places[chosen] * error).mean() / 2


def train_finisher(
    folder: Path,
    tokenizer: Path,
    steps: int = 6000,
    batch: int = 32,
    learning_rate: float = 5e-4,
    init: Path | None = None,
    shards: int = 24,
) -> bool:
    """Train the small UNet on its own runs; writes ``folder/small_unet``. ``init`` is the UNet to start from."""
    torch.manual_seed(1)
    device = pick_device()
    teacher = Teacher(folder, tokenizer, device)
    learnt = range(1, shards)  # the first is for looking at what was learnt
    if missing := set(range(shards)) - set(teacher.shards()):
        large = UNet2DConditionModel.from_pretrained(folder / "large_unet")
        large = large.to(device=device, memory_format=torch.channels_last).eval().requires_grad_(False)
        teacher.make(large, max(missing) + 1)
    model = start_from(new_small(), init).to(device=device, memory_format=torch.channels_last)
    run = Run(steps, batch, learning_rate, folder, "finish", warmup=min(100, steps // 10), ema=0.998)
    trainer = Trainer(model, run)
    rows = max(1, batch // 4)
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
        own = own_loss(model, runs, teacher.nothing, queue.pop())
        return own + ROWS_WEIGHT * rows_loss(model, runs, teacher.nothing, rng.choices(range(SHARD), k=rows))

    done = fit("finishing", trainer, step)
    trainer.average()
    model.save_pretrained(folder / "small_unet")
    return done
