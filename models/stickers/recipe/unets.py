"""The large UNet and the small one, trained on the latents of every glyph.

Both predict v on a zero-terminal-SNR schedule (Lin et al., arXiv 2305.08891), so that a plain
background comes out at its own colour. One caption in ten is empty: classifier-free guidance.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from . import glyphs
from .glyphs import BACKGROUNDS
from .text import Captions, sample_captions
from .training import Run, Trainer, autocast, compiled, pick_device, progress

DROP_CAPTION = 0.1
SCHEDULER = {
    "_class_name": "DPMSolverMultistepScheduler",
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
    "final_sigmas_type": "zero",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "timestep_spacing": "trailing",
    "rescale_betas_zero_snr": True,
    "steps_offset": 0,
}
#: How often a glyph is drawn: plain portraits carry the age axis, "person" and yellow are defaults.
PORTRAIT_WEIGHT, PERSON_WEIGHT, YELLOW_WEIGHT = 1.5, 0.6, 0.7
#: How often a background is drawn, white against each other colour.
WHITE_WEIGHT = 2.0
#: Noise levels are drawn as t = 1000 (1 - u ** NOISE_SKEW): above 1 favours high noise, where text alone decides
#: what is drawn. At low noise the noisy latent already shows it.
NOISE_SKEW = 1.5
#: The small UNet finishes: this share of its draws stays below the noise at which the device takes over after
#: 5 of 25 steps (t = 799; after 10 it is 599).
FINISH_SHARE, FINISH_TIMESTEP = 0.88, 820
#: Loss weight, against 1 everywhere, of the places where a glyph's drawings differ by an attribute. A face is a few
#: latent pixels of a sticker; unweighted, its colour is learnt last, and neighbouring tones need it most.
ATTRIBUTE_WEIGHTS = {"tone": 3.0, "gender": 1.0}
#: Most that one place may weigh, so that a tiny hand does not drown the rest.
_PLACE_LIMIT = 6.0
#: The small UNet copies what the large one says with guidance, as it is used: errors of its two rows add up there. The
#: data itself would add what no one can know from a noisy latent, and blur.
TAUGHT_GUIDANCE = 2.0
#: Loss weight of the error of 4x4 latent pixels' mean: a plain colour that is a little off is seen at once, and counts
#: little in a sum over pixels.
FLAT_WEIGHT = 4.0


#: What a sticker shows (role, gender, tone, background) is global: the pooled text also goes into the time embedding,
#: as SDXL does, beside cross-attention. It learns several times faster.
_POOLED_TEXT: dict[str, object] = {"addition_embed_type": "text", "addition_embed_type_num_heads": 4}


def _unet(
    channels: tuple[int, ...], down_attention: tuple[bool, ...], middle: bool, pooled: dict[str, object], latent: int
) -> UNet2DConditionModel:
    """Cross-attention below 16x16 on the way up; on the way down as told, highest resolution first."""
    down = tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in down_attention)
    up = ("CrossAttnUpBlock2D",) * (len(channels) - 1) + ("UpBlock2D",)
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent,
        out_channels=latent,
        down_block_types=down,
        up_block_types=up,
        mid_block_type="UNetMidBlock2DCrossAttn" if middle else None,
        block_out_channels=channels,
        layers_per_block=1,
        cross_attention_dim=192,
        attention_head_dim=tuple(c // 32 for c in channels),
        norm_num_groups=32,
        **pooled,
    )


def new_large(latent: int = 4) -> UNet2DConditionModel:
    """16.8 M parameters; three resolutions (16, 8, 4), cross-attention at 8, 4 and in the middle."""
    return _unet((64, 128, 256), (False, True, True), True, _POOLED_TEXT, latent)


def new_small(latent: int = 4) -> UNet2DConditionModel:
    """3.0 M parameters: the large one's two upper resolutions (16, 8) at its widths, no middle block.

    Without the pooled text: it finishes what the large one has begun, where the noisy latent shows most already.
    """
    return _unet((64, 128), (False, True), False, {}, latent)


@dataclass(frozen=True)
class Latents:
    """All pictures as scaled latents: ``table[glyph, background]`` float16 ``[G, 9, 4, 16, 16]``."""

    table: torch.Tensor
    scaling_factor: float


def encode_all(folder: Path) -> Latents:
    """Encode every glyph on every named background with the trained autoencoder; scale to unit deviation.

    The scaling factor is written into the autoencoder's own config.
    """
    rgba, labels = glyphs.load(folder)
    device = pick_device()
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(device).eval()
    rows: list[torch.Tensor] = []
    with progress("latents", len(rgba)) as tick, torch.no_grad():
        for one in rgba:
            batch = np.stack([glyphs.composite(one, c) for c in BACKGROUNDS.values()])
            x = torch.from_numpy(batch.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1).to(device)
            rows.append(vae.encode(x).latent_dist.mode().cpu())
            tick()
    table = torch.stack(rows)
    seen = torch.tensor([not g.held_out for g in labels])
    scale = 1.0 / float(table[seen].std())
    vae.register_to_config(scaling_factor=round(scale, 6))
    vae.save_pretrained(folder / "vae")
    latents = Latents((table * round(scale, 6)).half(), round(scale, 6))
    torch.save({"table": latents.table, "scaling_factor": latents.scaling_factor}, folder / "latents.pt")
    return latents


def load_latents(folder: Path) -> Latents:
    """The table of :func:`encode_all`, made on first use."""
    path = folder / "latents.pt"
    return Latents(**torch.load(path, weights_only=True)) if path.exists() else encode_all(folder)


def attribute_places(labels: list[glyphs.Glyph], latents: torch.Tensor) -> torch.Tensor:
    """Loss weights ``[G, 1, 16, 16]`` of mean 1: where the drawings of one glyph differ by tone or by gender.

    ``latents`` is ``[G, 4, 16, 16]`` on one background. Every glyph gets the same weight in all.
    """
    weights = torch.ones(len(labels), 1, *latents.shape[2:])
    for axis, weight in ATTRIBUTE_WEIGHTS.items():
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, g in enumerate(labels):
            rest = tuple(str(getattr(g, a)) for a in ("role", "gender", "tone", "age", "hair") if a != axis)
            groups.setdefault(rest, []).append(i)
        for members in groups.values():
            if len(members) < 2:
                continue
            spread = latents[members].float().var(0, unbiased=False).mean(0, keepdim=True)
            if float(spread.mean()) > 1e-3:  # drawn alike: nothing to stress
                weights[members] += weight * (spread / spread.mean()).clamp(max=_PLACE_LIMIT)
    return weights / weights.mean((1, 2, 3), keepdim=True)


def draw_weights(labels: list[glyphs.Glyph]) -> np.ndarray:
    """How often each glyph is drawn, ``[G]`` of sum 1; one that is held out never."""
    weights = []
    for g in labels:
        w = 0.0 if g.held_out else 1.0
        w *= PORTRAIT_WEIGHT if g.role == "portrait" else 1.0
        w *= PERSON_WEIGHT if g.gender == "person" and g.role != "portrait" else 1.0
        w *= YELLOW_WEIGHT if g.tone == "yellow" else 1.0
        weights.append(w)
    return np.array(weights) / sum(weights)


class Batches:
    """Draws ``(clean latents, noisy latents, noise, timesteps, text states, loss weights)`` for a step's number.

    ``finish`` draws mostly the noise levels that the small UNet works at.
    """

    def __init__(self, folder: Path, tokenizer: Path, batch: int, device: torch.device, finish: bool = False) -> None:
        _, self.labels = glyphs.load(folder)
        self.latents = load_latents(folder).table
        self.places = attribute_places(self.labels, self.latents[:, list(BACKGROUNDS).index("white")])
        self.finish = finish
        self.ids = Captions(tokenizer)
        self.encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").float().to(device).eval()
        self.scheduler = DDPMScheduler(
            **{k: v for k, v in SCHEDULER.items() if k in DDPMScheduler().config and not k.startswith("_")}
        )
        self.batch, self.device = batch, device
        with torch.no_grad():
            self.nothing = self.encoder(input_ids=self.ids([""]).to(device)).last_hidden_state
        self.weights = draw_weights(self.labels)
        names = list(BACKGROUNDS)
        ground = np.array([WHITE_WEIGHT if n == "white" else 1.0 for n in names])
        self.names, self.ground_weights = names, ground / ground.sum()

    def __call__(self, step: int) -> tuple[torch.Tensor, ...]:
        rng = np.random.default_rng((7, step))
        index = rng.choice(len(self.labels), self.batch, p=self.weights)
        ground = rng.choice(len(self.names), self.batch, p=self.ground_weights)
        texts = sample_captions(self.labels, index, [self.names[g] for g in ground], random.Random(step))
        share = 0.0 if self.finish else DROP_CAPTION
        texts = ["" if drop else t for t, drop in zip(texts, rng.random(self.batch) < share, strict=True)]
        clean = self.latents[index, ground].float()
        # Stratified timesteps: every batch covers the whole range, so the loss is less noisy.
        u = (np.arange(self.batch) + rng.random(self.batch)) / self.batch
        low = np.where(rng.random(self.batch) < FINISH_SHARE, u * FINISH_TIMESTEP / 1000, u)
        level = low if self.finish else 1 - u**NOISE_SKEW
        t = torch.from_numpy(level * 1000).long().clamp(0, 999)
        noise = torch.from_numpy(rng.standard_normal(clean.shape, dtype=np.float32))
        noisy = self.scheduler.add_noise(clean, noise, t)
        with torch.no_grad():
            states = self.encoder(input_ids=self.ids(texts).to(self.device)).last_hidden_state
        return clean, noisy, noise, t, states, self.places[index]

    def target(self, clean: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.scheduler.get_velocity(clean, noise, t)


def taught_loss(
    forward: nn.Module,
    teacher: nn.Module,
    x: torch.Tensor,
    t: torch.Tensor,
    states: torch.Tensor,
    nothing: torch.Tensor,
    places: torch.Tensor,
) -> torch.Tensor:
    """How far ``forward`` is from ``teacher`` on ``x``: without a caption, with it, and with guidance.

    ``nothing`` ``[1, L, C]`` are the text states of the empty caption.
    """
    x, t = torch.cat([x, x]).contiguous(memory_format=torch.channels_last), torch.cat([t, t])
    both = torch.cat([nothing.expand_as(states), states])
    with autocast(x.device):
        out = forward(x, t, both).sample
    with torch.no_grad(), autocast(x.device):
        want = teacher(x, t, both).sample.float()
    error = out.float() - want
    without, within = error.chunk(2)
    guided = without + TAUGHT_GUIDANCE * (within - without)
    flat = nn.functional.avg_pool2d(guided, 4).square().mean()
    per_row = (places * (without.square() + within.square())).mean() / 2
    return per_row + (places * guided.square()).mean() + FLAT_WEIGHT * flat


def _fit(model: UNet2DConditionModel, run: Run, batches: Batches, teacher: nn.Module | None, title: str) -> None:
    device = batches.device
    model.to(device=device, memory_format=torch.channels_last).train()
    forward = compiled(model, device)
    if teacher is not None:
        teacher = compiled(teacher, device)
    trainer = Trainer(model, run)
    with progress(title, run.steps, trainer.step) as tick:
        mean = math.nan
        while trainer.step < run.steps:
            clean, noisy, noise, t, states, places = batches(trainer.step)
            x = noisy.to(device, memory_format=torch.channels_last)
            t_dev, places = t.to(device), places.to(device)
            if teacher is None:
                with autocast(device):
                    out = forward(x, t_dev, states).sample
                want = batches.target(clean, noise, t).to(device)
                loss = (places * (out.float() - want).square()).mean()
            else:
                loss = taught_loss(forward, teacher, x, t_dev, states, batches.nothing, places)
            value = trainer.update(loss)
            if not math.isfinite(value):
                raise SystemExit(f"{title}: loss is {value} at step {trainer.step}; lower --learning-rate")
            mean = value if math.isnan(mean) else 0.98 * mean + 0.02 * value
            tick(f"loss {mean:.4f}")
    trainer.save()
    trainer.average()


def _of_level(name: str, deeper: int) -> str:
    """The name that a tensor of a UNet with ``deeper`` more resolutions has in the one without."""
    head, _, rest = name.partition(".")
    if head != "up_blocks":
        return name
    index, _, rest = rest.partition(".")
    return f"up_blocks.{int(index) - deeper}.{rest}"


def start_from(model: UNet2DConditionModel, init: Path | None) -> UNet2DConditionModel:
    """``model`` with the weights of the UNet in folder ``init``, as far as they have a place in it.

    Blocks of the way up are counted from the picture, so that a UNet of fewer resolutions finds its own.
    """
    if init is None:
        return model
    other = UNet2DConditionModel.from_pretrained(init, torch_dtype=torch.float32)
    deeper = len(other.config.block_out_channels) - len(model.config.block_out_channels)
    loaded = {_of_level(k, deeper): v for k, v in other.state_dict().items()}
    own = model.state_dict()
    fits = {k: v for k, v in loaded.items() if k in own and own[k].shape == v.shape}
    if len(fits) < len(own) / 2:
        raise SystemExit(f"{init} holds another architecture: {len(fits)} of {len(own)} tensors fit")
    for name in ("conv_in.weight", "conv_out.weight", "conv_out.bias"):
        fits.setdefault(name, _widened(own[name], loaded[name]))
    if deeper > 0:  # the first block on the way up reads less: from below it had what is no longer there
        fits |= {k: v for k in own.keys() - fits.keys() if (v := _read_less(own[k], loaded.get(k))) is not None}
    model.load_state_dict(fits, strict=False)
    return model


def _read_less(own: torch.Tensor, given: torch.Tensor | None) -> torch.Tensor | None:
    """A layer's weights for the last of its input channels, which are those that come across; none if it is another."""
    if given is None or own.dim() != given.dim():
        return None
    axis = 1 if own.dim() > 1 else 0
    if any(a != b for i, (a, b) in enumerate(zip(own.shape, given.shape, strict=True)) if i != axis):
        return None
    fewer = given.shape[axis] - own.shape[axis]
    return given.narrow(axis, fewer, own.shape[axis]) if fewer > 0 else None


def _widened(own: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """The first or last layer of a UNet with more latent channels: the other one's are its first."""
    if any(a < b for a, b in zip(own.shape, given.shape, strict=True)):
        return own
    widened = own.clone()
    widened[tuple(slice(n) for n in given.shape)] = given
    return widened


def train_large(
    folder: Path,
    tokenizer: Path,
    steps: int = 12000,
    batch: int = 40,
    learning_rate: float = 8e-4,
    init: Path | None = None,
) -> float:
    """Train the large UNet; writes ``folder/large_unet``. Returns seconds."""
    began = time.monotonic()
    torch.manual_seed(0)
    model = start_from(new_large(), init)
    run = Run(steps, batch, learning_rate, folder, "large", ema=0.999)
    _fit(model, run, Batches(folder, tokenizer, batch, pick_device()), None, "large UNet")
    model.save_pretrained(folder / "large_unet")
    return time.monotonic() - began


def train_small(
    folder: Path,
    tokenizer: Path,
    steps: int = 4500,
    batch: int = 32,
    learning_rate: float = 1e-3,
    teacher: bool = False,
    init: Path | None = None,
) -> float:
    """Train the small UNet; writes ``folder/small_unet``. Returns seconds.

    ``teacher`` adds the large UNet's output to the loss: better per step, but a step costs two and a half
    times as much, so it pays only where time is plenty.
    """
    began = time.monotonic()
    torch.manual_seed(1)
    device = pick_device()
    guide: nn.Module | None = None
    if teacher:
        guide = UNet2DConditionModel.from_pretrained(folder / "large_unet")
        guide = guide.to(device=device, memory_format=torch.channels_last).eval().requires_grad_(False)
    model = start_from(new_small(), init)
    run = Run(steps, batch, learning_rate, folder, "small", warmup=min(200, steps // 10), ema=0.998)
    _fit(model, run, Batches(folder, tokenizer, batch, device, finish=True), guide, "small UNet")
    model.save_pretrained(folder / "small_unet")
    return time.monotonic() - began
