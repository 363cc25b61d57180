"""The large UNet learns to draw in eight steps without guidance rows: trajectory distillation with fixed edges.

The eight nodes of a trailing grid cut a run into eight phases, as in phased consistency models (Wang et al., arXiv
2405.18407) and TCD (Zheng et al., arXiv 2402.19159). At a node the student is told where the teacher, with guidance and
in three smaller steps of DPM-Solver++, comes to at the next node. With only three of them between two nodes the
teacher's answer is computed, not bootstrapped from an average of the student. Going from node to node by what it says
is DDIM, TCD's sampler at gamma 0: a request's sampler is ``ddim``, and all members share one noise.

The latents are those of runs, half of them the student's own (as in DAgger), so no drawing is needed to learn from.
What is learnt is an adapter of low rank (LoRA, Hu et al., arXiv 2106.09685), a tenth of the UNet.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn
from transformers import CLIPTextModel

from obclip_contract import SamplerStep, SamplerTable, apply_step, finish_table, sampler_table

from .errors import RecipeError
from .finishing import guided, schedule
from .glyphs import BACKGROUNDS, Glyph, read_labels
from .pack import forget_origin
from .storage import write_folder
from .text import Captions, sample_captions
from .training import Run, Trainer, autocast, fit, pick_device
from .unets import FLAT_WEIGHT, SCHEDULER, draw_weights

STEPS: Final = 8
#: Steps of the teacher between two nodes.
SUBSTEPS: Final = 3
RANK: Final = 16
#: Every layer that has weights, but the norms and the first and last convolution.
_LAYERS: Final = (
    r".*(conv1|conv2|conv_shortcut|samplers\.0\.conv|to_q|to_k|to_v|to_out\.0|proj_in|proj_out|ff\.net\.0\.proj|"
    r"ff\.net\.2|time_emb_proj|linear_1|linear_2)"
)
#: Runs whose latents are learnt from before new ones are made, and how often each latent is.
SHARD: Final = 32
PASSES: Final = 3
#: File of an adapter, as diffusers names it.
ADAPTER: Final = "pytorch_lora_weights.safetensors"
#: Share of the runs that go on, at a node, where the student leads.
OWN_SHARE: Final = 0.5


def rows() -> tuple[SamplerStep, ...]:
    """The student's rows: DDIM on the eight nodes."""
    return sampler_table("ddim", schedule(), STEPS).steps


def teacher_rows() -> list[list[SamplerStep]]:
    """For each node the teacher's rows up to the next, the first of them of first order."""
    fine = STEPS * SUBSTEPS
    nodes = sampler_table("dpmpp_2m", schedule(), fine).steps[::SUBSTEPS]
    return [list(finish_table("dpmpp_2m", schedule(), fine, n.log_snr).steps[:SUBSTEPS]) for n in nodes]


def lead(
    unet: nn.Module, phase: list[SamplerStep], x: torch.Tensor, states: torch.Tensor, nothing: torch.Tensor
) -> torch.Tensor:
    """Where the teacher comes to from ``x`` ``[B, C, H, W]`` at a node by these rows."""
    x0 = None
    for step in phase:
        t = torch.full((len(x),), float(step.timestep), device=x.device)
        x, x0 = apply_step(step, x, guided(unet, x, t, states, nothing), x0)
    return x


def wanted_output(step: SamplerStep, x: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
    """The output that takes ``x`` to ``following`` by this row of DDIM."""
    x0 = (following - step.next_from_latent * x) / step.next_from_x0
    return (x0 - step.x0_from_latent * x) / step.x0_from_model


def say(unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """The student's output, float32: one row a picture."""
    with autocast(x.device):
        out: torch.Tensor = unet(x.contiguous(memory_format=torch.channels_last), t, states).sample
    return out.float()


def run_student(unet: nn.Module, noise: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """The end of the student's run from ``noise``, ``[B, C, H, W]``."""
    x = noise
    for step in rows():
        t = torch.full((len(x),), float(step.timestep), device=x.device)
        x, _ = apply_step(step, x, say(unet, x, t, states))
    return x


@dataclass(frozen=True)
class Pairs:
    """Latents ``x`` ``[B, C, H, W]`` at timesteps ``t`` ``[B]``, the outputs ``want`` that they should get."""

    x: torch.Tensor
    t: torch.Tensor
    states: torch.Tensor
    want: torch.Tensor

    def split(self, batch: int, rng: random.Random) -> list[Pairs]:
        """All of them in batches, in an order of its own."""
        order = list(range(len(self.x)))
        rng.shuffle(order)
        parts = [order[i : i + batch] for i in range(0, len(order) - batch + 1, batch)]
        return [Pairs(self.x[p], self.t[p], self.states[p], self.want[p]) for p in parts]


class Prompts:
    """Captions and noise of a shard, from its number."""

    def __init__(self, pair: Path, labels: Path, device: torch.device) -> None:
        self.labels: list[Glyph] = read_labels(labels)
        self.weights = draw_weights(self.labels)
        self.ids, self.device = Captions(pair / "tokenizer"), device
        self.encoder = CLIPTextModel.from_pretrained(pair / "text_encoder").float().to(device).eval()
        self.nothing = self._states([""])

    @torch.no_grad()
    def _states(self, texts: list[str]) -> torch.Tensor:
        states: torch.Tensor = self.encoder(input_ids=self.ids(texts).to(self.device)).last_hidden_state
        return states

    def draw(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Noise ``[SHARD, 4, 16, 16]`` and text states ``[SHARD, L, D]``."""
        rng = np.random.default_rng((29, number))
        index = rng.choice(len(self.labels), SHARD, p=self.weights)
        grounds = [list(BACKGROUNDS)[i] for i in rng.integers(len(BACKGROUNDS), size=SHARD)]
        texts = sample_captions(self.labels, index, grounds, random.Random(f"few/{number}"))
        noise = torch.from_numpy(rng.standard_normal((SHARD, 4, 16, 16), dtype=np.float32))
        return noise.to(self.device), self._states(texts)


@torch.no_grad()
def ask(student: nn.Module, teacher: nn.Module, prompts: Prompts, number: int) -> Pairs:
    """One shard: runs from noise, and at every node of each where the teacher would go."""
    x, states = prompts.draw(number)
    rng = np.random.default_rng((31, number))
    seen, times, want = [], [], []
    for step, phase in zip(rows(), teacher_rows(), strict=True):
        t = torch.full((len(x),), float(step.timestep), device=x.device)
        goal = lead(teacher, phase, x, states, prompts.nothing)
        seen.append(x)
        times.append(t)
        want.append(wanted_output(step, x, goal))
        own, _ = apply_step(step, x, say(student, x, t, states))
        goes_own = torch.from_numpy(rng.random((len(x), 1, 1, 1)) < OWN_SHARE).to(x.device)
        x = torch.where(goes_own, own, goal)
    return Pairs(torch.cat(seen), torch.cat(times), states.repeat(STEPS, 1, 1), torch.cat(want))


def few_loss(student: nn.Module, pairs: Pairs) -> torch.Tensor:
    """Squared error of the output, and of its mean over 4x4 latent pixels: a plain colour a little off is seen."""
    error = say(student, pairs.x, pairs.t, pairs.states) - pairs.want
    return error.square().mean() + FLAT_WEIGHT * nn.functional.avg_pool2d(error, 4).square().mean()


def with_adapter(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """``unet`` with a fresh adapter, the only part that is trained."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, target_modules=_LAYERS))
    for name, parameter in unet.named_parameters():
        if "lora_B" in name:  # zeros, as usual, would keep the first gradients from the other half
            nn.init.normal_(parameter, std=1e-4)
    return unet


def train_few_steps(
    folder: Path, pair: Path, labels: Path, steps: int = 2000, batch: int = 32, learning_rate: float = 1e-3
) -> dict[str, Any]:
    """Train the adapter of the UNet in ``pair``; writes ``folder/few_steps``.

    Returns the PSNR in dB of the student's ends to the teacher's on a shard that nothing learnt from.
    """
    torch.manual_seed(2)
    device = pick_device()
    place = {"device": device, "memory_format": torch.channels_last}
    teacher, base = (UNet2DConditionModel.from_pretrained(pair / "unet", torch_dtype=torch.float32) for _ in range(2))
    teacher = teacher.to(**place).eval().requires_grad_(False)
    student = with_adapter(base).to(**place)
    prompts = Prompts(pair, labels, device)
    run = Run(
        steps, batch, learning_rate, folder, "few_steps", warmup=min(50, steps // 10), weight_decay=0.0, ema=0.995
    )
    trainer = Trainer(student, run)
    queue: list[Pairs] = []
    numbers = _shards(trainer.step, batch)

    def step(_: int) -> torch.Tensor:
        if not queue:
            number = next(numbers)
            pairs = ask(student, teacher, prompts, number)
            for turn in range(PASSES):
                queue.extend(pairs.split(batch, random.Random(f"few/{number}/{turn}")))
        return few_loss(student, queue.pop(0))

    fit("few steps", trainer, step)
    trainer.average()
    write_folder(folder / "few_steps", partial(_save_adapter, student))
    return {"psnr_db": round(compare(student, teacher, prompts), 2)}


def _save_adapter(student: UNet2DConditionModel, out: Path) -> None:
    """The adapter alone, in fp16. Its convolutions lie in memory as channels_last, which a file does not."""
    weights = {n: t.half().contiguous() for n, t in get_peft_model_state_dict(student).items()}
    save_file(weights, out / ADAPTER, metadata={"format": "pt"})  # without it diffusers looks for a pickle


def _shards(step: int, batch: int) -> Iterator[int]:
    """Shards from the one that a step falls into; shard 0 is for looking at what was learnt."""
    number = 1 + step // max(1, PASSES * (SHARD * STEPS // batch))
    while True:
        yield number
        number += 1


@torch.no_grad()
def compare(student: nn.Module, teacher: nn.Module, prompts: Prompts) -> float:
    """PSNR in dB, at the teacher's own range, of the student's ends to the teacher's on shard 0."""
    noise, states = prompts.draw(0)
    end = noise
    x0 = None
    table: SamplerTable = sampler_table("dpmpp_2m", schedule(), STEPS * SUBSTEPS)
    for step in table.steps:
        t = torch.full((len(end),), float(step.timestep), device=end.device)
        end, x0 = apply_step(step, end, guided(teacher, end, t, states, prompts.nothing), x0)
    error = (run_student(student, noise, states) - end).square().mean((1, 2, 3))
    peak = end.amax((1, 2, 3)) - end.amin((1, 2, 3))
    return float((10 * torch.log10(peak.square() / error)).mean())


def merged(pair: Path, adapter: Path) -> UNet2DConditionModel:
    """The UNet of ``pair`` with the adapter's weights in its own, fp16.

    Raises:
        RecipeError: the adapter is missing, or of another UNet.
    """
    unet = UNet2DConditionModel.from_pretrained(pair / "unet", torch_dtype=torch.float32)
    if not (adapter / ADAPTER).is_file():
        raise RecipeError(f"there is no adapter in {adapter}: train one with 'few-steps'")
    try:
        unet.load_lora_adapter(adapter, prefix=None, weight_name=ADAPTER, use_safetensors=True)
        if not any("lora" in name for name, _ in unet.named_parameters()):
            raise ValueError("no tensor of it has a place")
    except (OSError, RuntimeError, ValueError) as error:
        raise RecipeError(f"the adapter in {adapter} is of another UNet than {pair}: {error}") from error
    unet.fuse_lora()
    unet.unload_lora()
    return unet.half()


def write_merged(pair: Path, adapter: Path, out: Path) -> None:
    """A diffusers folder that draws in eight steps of DDIM without guidance: ``pair`` with the merged UNet.

    Raises:
        RecipeError: see :func:`merged`.
    """
    unet = merged(pair, adapter)

    def save(root: Path) -> None:
        for part in ("text_encoder", "tokenizer", "vae"):
            shutil.copytree(pair / part, root / part)
        unet.save_pretrained(root / "unet")
        forget_origin(root / "unet" / "config.json")
        (root / "scheduler").mkdir()
        scheduler = {k: v for k, v in SCHEDULER.items() if k not in _OF_MULTISTEP} | _DDIM
        (root / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
        index = json.loads((pair / "model_index.json").read_text(encoding="utf-8"))
        index["scheduler"] = ["diffusers", "DDIMScheduler"]
        (root / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")

    out.parent.mkdir(parents=True, exist_ok=True)
    write_folder(out, save)


#: Fields of the pair's scheduler that DDIM has not, and its own.
_OF_MULTISTEP: Final = ("_class_name", "algorithm_type", "solver_order", "final_sigmas_type")
_DDIM: Final = {"_class_name": "DDIMScheduler", "clip_sample": False, "set_alpha_to_one": True}
