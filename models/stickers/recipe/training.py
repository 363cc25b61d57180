"""What every stage shares: device and precision, learning rate, EMA, resumable checkpoints, progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from torch import nn

from .errors import RecipeError
from .storage import load_checkpoint, save_checkpoint

#: Checkpoints are written at most this often; a stop loses no more than that.
CHECKPOINT_SECONDS = 120.0
#: A first step that leaves more than this share of a model's tensors without any gradient is refused. A few may have
#: none by right; what is wrong cuts off whole halves.
DEAD_SHARE = 0.1


@dataclass(frozen=True)
class Run:
    """One training run: how long, how large the steps, where it keeps its state."""

    steps: int
    batch: int
    learning_rate: float
    folder: Path
    name: str
    seed: int = 0
    warmup: int = 200
    weight_decay: float = 0.01
    ema: float = 0.999

    @property
    def checkpoint(self) -> Path:
        return self.folder / f"{self.name}.ckpt"


def pick_device() -> torch.device:
    """The GPU when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(device: torch.device) -> torch.autocast:
    """bf16 autocast where the device computes bf16 itself; the weights stay fp32.

    A CPU without such instructions emulates it, twenty times slower than fp32 (36 against 1.8 pictures a
    second for the large UNet on a Zen 3).
    """
    native = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=native)


def compiled(module: nn.Module, device: torch.device) -> nn.Module:
    """``module``, compiled on a GPU.

    Not on a CPU: there the compiler of torch 2.13 lost the gradient at an upsampler, so that everything below it (all
    that reads the caption in the small UNet; most of the decoder, and what the encoder is told of pictures) got exactly
    zero, while outputs and losses were right. :class:`Trainer` refuses such a step, whatever its cause.
    """
    return torch.compile(module) if device.type == "cuda" else module


def dead(model: nn.Module) -> list[str]:
    """Names of the trained tensors whose gradient is missing or zero everywhere."""
    trained = ((n, p.grad) for n, p in model.named_parameters() if p.requires_grad)
    return [n for n, g in trained if g is None or not bool(g.any())]


def rate(step: int, run: Run) -> float:
    """Linear warm-up, then a cosine to 2 % of the peak; a factor of ``run.learning_rate``."""
    if step < run.warmup:
        return (step + 1) / run.warmup
    done = min(1.0, (step - run.warmup) / max(1, run.steps - run.warmup))
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


class Trainer:
    """Optimiser, EMA weights and the atomic checkpoint of one model (or ``ModuleDict``)."""

    def __init__(self, model: nn.Module, run: Run) -> None:
        self.model, self.run, self.step = model, run, 0
        params = [p for p in model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            params, lr=run.learning_rate, betas=(0.9, 0.99), weight_decay=run.weight_decay, fused=True
        )
        self.ema = {k: v.detach().clone() for k, v in model.state_dict().items()}
        self._saved = time.monotonic()
        self._checked = False
        if run.checkpoint.exists():
            self._load()

    def _load(self) -> None:
        state = load_checkpoint(self.run.checkpoint)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.ema = {k: v.to(self.ema[k].device) for k, v in state["ema"].items()}
        self.step = int(state["step"])

    def update(self, loss: torch.Tensor) -> float:
        """One optimiser step; returns the loss. Checkpoints by the clock.

        Raises:
            RecipeError: on this trainer's first step, no gradient came to a good part of the model.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.run.learning_rate * rate(self.step, self.run)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if not self._checked:
            self._check_gradients()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        decay = min(self.run.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            live = self.model.state_dict()
            floats = [k for k, v in live.items() if v.is_floating_point()]
            torch._foreach_lerp_([self.ema[k] for k in floats], [live[k] for k in floats], 1 - decay)
        if time.monotonic() - self._saved > CHECKPOINT_SECONDS:
            self.save()
        return float(loss.detach())

    def _check_gradients(self) -> None:
        self._checked = True
        count = sum(p.requires_grad for p in self.model.parameters())
        if len(names := dead(self.model)) > DEAD_SHARE * count:
            raise RecipeError(
                f"{self.run.name}: no gradient came to {len(names)} of {count} tensors ({names[0]} and more); "
                "they would drift and learn nothing. Something cuts the graph: a compiler, a detached input"
            )

    def save(self) -> None:
        """Write the checkpoint: never half a file, and the one before it is kept (:mod:`.storage`).

        Raises:
            DiskFull: there was no room; the checkpoints on the disk are as they were.
        """
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "ema": self.ema,
            "step": self.step,
        }
        save_checkpoint(self.run.checkpoint, state)
        self._saved = time.monotonic()

    def average(self) -> nn.Module:
        """The model with its EMA weights loaded (in place), in eval mode."""
        self.model.load_state_dict(self.ema)
        return self.model.eval()


def fit(title: str, trainer: Trainer, step: Callable[[int], torch.Tensor], deadline: float = math.inf) -> bool:
    """Steps until the run is done or ``time.monotonic()`` passes ``deadline``; saves; whether it is done.

    ``step`` gives the loss of the step of that number.

    Raises:
        RecipeError: the loss is no number; the last checkpoint is from before.
    """
    run, mean = trainer.run, math.nan
    with progress(title, run.steps, trainer.step) as tick:
        while trainer.step < run.steps and time.monotonic() < deadline:
            loss = step(trainer.step)
            if not bool(torch.isfinite(loss)):
                raise RecipeError(f"{title}: the loss is not finite at step {trainer.step}; lower the learning rate")
            value = trainer.update(loss)
            mean = value if math.isnan(mean) else 0.98 * mean + 0.02 * value
            tick(f"loss {mean:.4f}")
    trainer.save()
    return trainer.step >= run.steps


@contextmanager
def progress(title: str, total: int, start: int = 0) -> Iterator[Any]:
    """A bar with rate and remaining time; yields ``tick(text)``. Plain lines where no terminal is."""
    bar = Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    began = last = time.monotonic()
    done = start

    with bar:
        task = bar.add_task(title, total=total, completed=start, note="")

        def tick(note: str = "", advance: int = 1) -> None:
            nonlocal last, done
            done += advance
            bar.update(task, advance=advance, note=note)
            if not bar.console.is_terminal and time.monotonic() - last > 30:
                last = time.monotonic()
                per_second = (done - start) / (last - began)
                print(f"{title} {done}/{total} {note} {per_second:.2f} it/s", flush=True)

        yield tick
