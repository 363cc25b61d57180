"""The autoencoder: 128×128 RGB to 8×16×16 latents and back.

Today's four latent channels cannot hold three styles and small things: each 8×8 patch has four numbers. Eight double
that at no cost to the UNets beyond their first and last layer. It starts from today's, whose channels are the first
four.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

from ..glyphs import BACKGROUNDS
from ..storage import write_folder
from ..training import Run, Trainer, autocast, compiled, fit, pick_device
from . import library
from .library import Library
from .packages import SIZE
from .pictures import compose
from .scenes import Drawer
from .work import Plan, Work

CHANNELS: Final = 8
#: Tiny: the latents need a bounded scale, not a Gaussian shape.
KL_WEIGHT: Final = 1e-6
L1_WEIGHT: Final = 0.1
#: Differences of neighbouring pixels: what an edge is. Without it, edges are what MSE gives up first.
EDGE_WEIGHT: Final = 0.2
#: Today's decoder leaves a frame, because a convolution sees zeros beyond the picture. So many pixels near the border
#: weigh more.
BORDER: Final = 3
BORDER_WEIGHT: Final = 4.0
#: Three steps of four are of crops of this size, four times as many: as much work as whole pictures, and more to learn
#: from. A crop is a picture in its own right, with borders of its own.
CROP: Final = 64
#: Share of pictures on a colour that has no name: the code must not know only nine.
OTHER_COLOURS: Final = 0.3
#: Peak learning rate. In trials of 60 steps 3e-4 and 1e-3 came to the same loss, 2e-3 to a higher one.
RATE: Final = 6e-4
#: Scenes that scale and PSNR are measured on.
MEASURED: Final = 256
#: What the model card asks for, in dB over held-out scenes.
AIM_DB: Final = 31.0


def new_autoencoder() -> AutoencoderKL:
    """An untrained autoencoder of the second edition's shape (1.6 M parameters)."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 96),
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=8,
        sample_size=SIZE,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def start_autoencoder(todays: Path | None) -> AutoencoderKL:
    """A new autoencoder; with ``todays`` (a pair's folder), its weights, and its latents as the first channels."""
    model = new_autoencoder()
    if todays is None:
        return model
    old = AutoencoderKL.from_pretrained(todays / "vae", torch_dtype=torch.float32)
    own, had = model.state_dict(), int(old.config.latent_channels)
    for name, value in old.state_dict().items():
        if own[name].shape == value.shape:
            own[name] = value
        elif name.startswith("encoder.conv_out"):  # means, then log-variances
            own[name][:had] = value[:had]
            own[name][CHANNELS : CHANNELS + had] = value[had:]
            own[name][CHANNELS + had :] = value[had:].mean(0)  # as sure as today's, or its noise drowns the rest
        elif name == "decoder.conv_in.weight":
            own[name][:, :had] = value
            own[name][:, had:] *= 0.1
    model.load_state_dict(own)
    return model


def border_weights(size: int) -> torch.Tensor:
    """Loss weights ``[size, size]`` of mean 1, higher at the border."""
    weights = torch.full((size, size), BORDER_WEIGHT)
    weights[BORDER:-BORDER, BORDER:-BORDER] = 1.0
    return weights / weights.mean()


def picture_loss(made: torch.Tensor, want: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """MSE and L1 over pixels, and L1 over differences of neighbours."""
    error = made.float() - want
    across, down = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
    pixels = (weights * (error.square() + L1_WEIGHT * error.abs())).mean()
    return pixels + EDGE_WEIGHT * (across.abs().mean() + down.abs().mean()) / 2


def _crop(pictures: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """A crop of each picture, at multiples of a latent pixel's eight."""

    def at() -> slice:
        start = 8 * rng.randint(0, (SIZE - CROP) // 8)
        return slice(start, start + CROP)

    return torch.stack([picture[:, at(), at()] for picture in pictures])


def draw_batch(drawings: Library, draw: Drawer, number: int, batch: int) -> torch.Tensor:
    """Pictures of the step of that number: ``batch`` crops, or in every fourth step a quarter as many whole ones."""
    rng, whole = random.Random(number), number % 4 == 0
    pictures = _pictures(drawings, draw, rng, max(1, batch // 4) if whole else batch)
    return pictures if whole else _crop(pictures, rng)


def _pictures(drawings: Library, draw: Drawer, rng: random.Random, size: int) -> torch.Tensor:
    scenes = [draw(rng) for _ in range(size)]
    colours = torch.tensor([BACKGROUNDS[s.background] for s in scenes]) / 255
    for i in range(size):
        if rng.random() < OTHER_COLOURS:
            colours[i] = torch.tensor([rng.random() for _ in range(3)])
    return compose(drawings, scenes, colours)


def train_autoencoder(work: Work, plan: Plan, deadline: float, todays: Path | None) -> bool:
    """Train on seen scenes; when done, writes the autoencoder, its scale and its PSNR on held-out scenes."""
    torch.manual_seed(0)
    device = pick_device()
    drawings = library.load(work.library)
    draw = Drawer(drawings.people)
    # Not channels_last: its step takes a quarter longer on a CPU at these widths.
    model = start_autoencoder(todays).to(device)
    run = Run(plan.autoencoder_steps, plan.autoencoder_batch, RATE, work.root, "vae", weight_decay=1e-4, ema=0.998)
    trainer = Trainer(model, run)
    weights = {size: border_weights(size).to(device) for size in (SIZE, CROP)}
    encode, decode = compiled(model.encoder, device), compiled(model.decoder, device)

    def step(number: int) -> torch.Tensor:
        x = draw_batch(drawings, draw, number, plan.autoencoder_batch).to(device)
        with autocast(device):
            posterior = DiagonalGaussianDistribution(encode(x))
            made = decode(posterior.sample())
        return picture_loss(made, x, weights[x.shape[-1]]) + KL_WEIGHT * posterior.kl().float().mean()

    if not fit("autoencoder", trainer, step, deadline):
        return False
    trainer.average()
    save_autoencoder(work, drawings, model)
    return True


def save_autoencoder(work: Work, drawings: Library, model: AutoencoderKL) -> dict[str, float]:
    """Write the autoencoder with its scale, and its PSNR on held-out scenes beside it; returns that report."""
    report = {part: psnr(model, drawings, part) for part in ("tone", "thing")}
    model.register_to_config(scaling_factor=measure_scale(model, drawings))

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        (folder / "psnr.json").write_text(json.dumps(report, indent=1), encoding="utf-8")

    write_folder(work.vae, save)
    return report


@torch.no_grad()
def measure_scale(model: AutoencoderKL, drawings: Library) -> float:
    """1 / deviation of the latents of seen scenes."""
    device = next(model.parameters()).device
    draw, rng = Drawer(drawings.people), random.Random("scale")
    parts = []
    for _ in range(MEASURED // 32):
        x = compose(drawings, [draw(rng) for _ in range(32)]).to(device)
        parts.append(model.encode(x).latent_dist.mode().float().cpu())
    return round(1.0 / float(torch.cat(parts).std()), 6)


@torch.no_grad()
def psnr(model: AutoencoderKL, drawings: Library, held_out: str) -> float:
    """Mean PSNR in dB (peak 1.0) over held-out scenes, decoded from the latents' means."""
    device = next(model.parameters()).device
    draw, rng = Drawer(drawings.people, held_out), random.Random("psnr")
    values: list[float] = []
    for _ in range(MEASURED // 32):
        x = compose(drawings, [draw(rng) for _ in range(32)]).to(device)
        y = model.decode(model.encode(x).latent_dist.mode()).sample.clamp(-1, 1)
        values += (-10 * torch.log10(((x - y) / 2).square().mean((1, 2, 3)))).tolist()
    return sum(values) / len(values)
