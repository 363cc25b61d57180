"""The autoencoder: 128×128 RGB to 16×16×4 latents (f = 8) and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

from . import glyphs
from .training import Run, Trainer, autocast, compiled, pick_device, progress

#: Tiny: the latents need a bounded scale, not a Gaussian shape.
KL_WEIGHT = 1e-6
#: L1 beside MSE keeps edges crisp at the same PSNR.
L1_WEIGHT = 0.1
#: Weight of the distance to the latents that are kept (``keep``), in units of their deviation.
LATENT_WEIGHT = 0.05


def new_vae() -> AutoencoderKL:
    """An untrained ``AutoencoderKL`` of the pair's shape."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 96),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=glyphs.SIZE,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def pictures(rgba: np.ndarray, rng: np.random.Generator, jitter: bool = True) -> torch.Tensor:
    """Composite ``[B,S,S,4]`` over random plain colours -> float ``[B,3,S,S]`` in [-1, 1]."""
    named = np.array(list(glyphs.BACKGROUNDS.values()), np.float32)
    colours = named[rng.integers(len(named), size=len(rgba))]
    if jitter:  # other colours in half of the batch: the code must not know only nine
        other = rng.uniform(0, 255, colours.shape).astype(np.float32)
        colours = np.where(rng.random((len(rgba), 1)) < 0.3, other, colours)
    alpha = rgba[..., 3:].astype(np.float32) / 255
    rgb = rgba[..., :3] * alpha + colours[:, None, None] * (1 - alpha)
    if jitter and rng.random() < 0.5:
        rgb = rgb[:, :, ::-1]
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)) / 127.5 - 1)


def psnr(vae: AutoencoderKL, rgba: np.ndarray, device: torch.device) -> float:
    """Mean per-picture PSNR in dB (peak 1.0) of mean-latent reconstructions over named backgrounds."""
    rng = np.random.default_rng(1)
    values: list[float] = []
    with torch.no_grad():
        for i in range(0, len(rgba), 32):
            x = pictures(rgba[i : i + 32], rng, jitter=False).to(device)
            y = vae.decode(vae.encode(x).latent_dist.mode()).sample.clamp(-1, 1)
            mse = ((x - y) / 2).square().mean((1, 2, 3))
            values += (-10 * torch.log10(mse)).tolist()
    return float(np.mean(values))


class KeptLatents:
    """The latents of another autoencoder, on pictures shrunk to its size: what was trained on them stays good."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
        self.vae = vae.to(device).eval().requires_grad_(False)
        self.scaling_factor = float(vae.config.scaling_factor)
        self._shrink = glyphs.SIZE // int(vae.config.sample_size)

    @torch.no_grad()
    def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
        """``[B,3,S,S]`` -> unscaled latents ``[B,4,16,16]``."""
        return self.vae.encode(torch.nn.functional.avg_pool2d(pictures, self._shrink)).latent_dist.mode()

    def start(self, model: AutoencoderKL) -> None:
        """Copy every block of the same widths, counted from the latents: the outermost ones are new.

        What is copied of the decoder is fixed: it already turns these latents into pictures of half the size, and
        a step that trains the new stage alone takes half the time.
        """
        down = len(model.config.block_out_channels) - len(self.vae.config.block_out_channels)
        own, copied = model.state_dict(), set()
        for name, value in self.vae.state_dict().items():
            part, block, index, *rest = name.split(".")
            if part == "encoder" and block == "down_blocks":
                index = str(int(index) + down)
            here = ".".join((part, block, index, *rest))
            if here in own and own[here].shape == value.shape:
                own[here] = value
                copied.add(here)
        model.load_state_dict(own)
        for name, parameter in model.decoder.named_parameters():
            parameter.requires_grad_(f"decoder.{name}" not in copied)


def train(
    folder: Path, steps: int = 9000, batch: int = 24, learning_rate: float = 2e-3, keep: Path | None = None
) -> float:
    """Train on every glyph that is not held out; returns PSNR on the held-out ones.

    ``keep`` is the folder of another autoencoder with latents of the same shape: its latents are decoded, and the
    encoder learns to give them, so that the UNets need not be trained again.
    """
    torch.manual_seed(0)
    device = pick_device()
    rgba, labels = glyphs.load(folder)
    held = np.array([g.held_out for g in labels])
    vae = new_vae()
    kept = None if keep is None else KeptLatents(keep, device)
    if kept is not None:
        kept.start(vae)
        vae.register_to_config(scaling_factor=kept.scaling_factor)
    vae = vae.to(device=device, memory_format=torch.channels_last)
    run = Run(steps, batch, learning_rate, folder, "vae", weight_decay=1e-4, ema=0.998)
    trainer = Trainer(vae, run)
    seen = rgba[~held]
    encode, decode = compiled(vae.encoder, device), compiled(vae.decoder, device)
    with progress("autoencoder", steps, trainer.step) as tick:
        while trainer.step < steps:
            rng = np.random.default_rng((run.seed, trainer.step))
            x = pictures(seen[rng.integers(len(seen), size=batch)], rng)
            x = x.to(device, memory_format=torch.channels_last)
            target = None if kept is None else kept(x)
            with autocast(device):
                posterior = DiagonalGaussianDistribution(encode(x))
                y = decode(posterior.sample() if target is None else target)
            error = y.float() - x
            loss = error.square().mean() + L1_WEIGHT * error.abs().mean()
            if target is None or kept is None:
                loss = loss + KL_WEIGHT * posterior.kl().float().mean()
            else:
                loss = loss + LATENT_WEIGHT * ((posterior.mode() - target) * kept.scaling_factor).square().mean()
            value = trainer.update(loss)
            if not math.isfinite(value):
                raise SystemExit(f"autoencoder: loss is {value} at step {trainer.step}; lower --learning-rate")
            mse = float(error.detach().square().mean()) / 4
            tick(f"batch psnr {-10 * math.log10(max(mse, 1e-9)):.1f} dB")
    trainer.save()
    average = trainer.average()
    assert isinstance(average, AutoencoderKL)
    value = psnr(average, rgba[held], device)
    average.save_pretrained(folder / "vae")
    return value
