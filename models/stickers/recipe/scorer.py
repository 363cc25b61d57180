"""The scorer: how well a picture and a prompt fit, from two small encoders with one space (CLIP, arXiv 2103.00020).

It stands where the paper has its CLIP score: CLIP itself knows little of stickers, and its weights are no part of this
repository. It sees every glyph (held-out triples too: it measures, it does not draw) under the judge's augmentations,
beside captions of the grammar, and nothing trains against it.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from . import glyphs
from .errors import RecipeError
from .judge import SEES, ConvBlock, augment
from .pairing import AXES, GROUP, Album
from .storage import write_folder
from .text import MAX_TOKENS, Captions
from .training import Run, Trainer, autocast, fit, pick_device

#: The score is this times the cosine, as CLIP scores are given.
SCALE: Final = 100.0
#: CLIP's first temperature, and the one below which a batch's loss would hang on its hardest pair alone.
FIRST_TEMPERATURE: Final = 0.07
LEAST_TEMPERATURE: Final = 0.01
#: Pairs among which the right one is to be found when the scorer is measured.
AMONG: Final = 64


@dataclass(frozen=True)
class Shape:
    """Sizes of both encoders. The defaults make 0.47 M parameters: less than a megabyte in fp16."""

    vocabulary: int
    tokens: int = MAX_TOKENS
    channels: tuple[int, ...] = (32, 48, 72, 96)
    width: int = 64
    layers: int = 2
    heads: int = 4
    shared: int = 96


class PictureEncoder(nn.Module):
    """float32 ``[B, 3, S, S]`` in [-1, 1] -> ``[B, shared]``. Looks at 64×64; ``S`` is a multiple of it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, shape.channels[0], 5, 2, 2)
        self.body = nn.Sequential(*(ConvBlock(inside, out, 2) for inside, out in pairwise(shape.channels)))
        self.out = nn.Linear(shape.channels[-1], shape.shared)

    def forward(self, x: Tensor) -> Tensor:
        small = F.avg_pool2d(x, x.shape[-1] // SEES)
        return self.out(self.body(self.stem(small)).mean((2, 3)))


class TextEncoder(nn.Module):
    """int64 ``[B, T]`` ids and bool ``[B, T]`` (which are the prompt's) -> ``[B, shared]``."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.token = nn.Embedding(shape.vocabulary, shape.width)
        self.place = nn.Parameter(0.02 * torch.randn(shape.tokens, shape.width))
        nn.init.normal_(self.token.weight, std=0.02)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                shape.width, shape.heads, 4 * shape.width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, shape.shared)

    def forward(self, ids: Tensor, said: Tensor) -> Tensor:
        x = self.token(ids) + self.place[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~said)
        weights = said.unsqueeze(-1).to(x.dtype)
        return self.out((self.norm(x) * weights).sum(1) / weights.sum(1))


class DualEncoder(nn.Module):
    """Pictures and token ids into unit vectors of one space; the logarithm of 1/temperature is learnt with them."""

    def __init__(self, shape: Shape, eos: int) -> None:
        super().__init__()
        self.shape, self.eos = shape, eos
        self.pictures, self.texts = PictureEncoder(shape), TextEncoder(shape)
        self.log_sharpness = nn.Parameter(torch.tensor(-math.log(FIRST_TEMPERATURE)))

    def embed_pictures(self, x: Tensor) -> Tensor:
        """float32 ``[B, 3, S, S]`` in [-1, 1] -> unit vectors ``[B, shared]``."""
        return F.normalize(self.pictures(x).float(), dim=-1)

    def embed_ids(self, ids: Tensor) -> Tensor:
        """int64 ``[B, T]``, padded with the end token -> unit vectors ``[B, shared]``."""
        ends = ids == self.eos
        said = (ends.cumsum(1) - ends.long()) == 0  # up to the first end token, which pads as well
        longest = int(said.sum(1).max())
        return F.normalize(self.texts(ids[:, :longest], said[:, :longest]).float(), dim=-1)


def contrast(pictures: Tensor, texts: Tensor, log_sharpness: Tensor, equal: Tensor) -> Tensor:
    """InfoNCE both ways (CLIP, section 2.3) over unit vectors ``[B, D]``, row ``i`` of one with row ``i`` of the other.

    ``equal`` bool ``[B, B]``: pairs that fit as well as a row's own; they are left out of the sum, not pushed apart.
    """
    logits = log_sharpness.clamp(max=-math.log(LEAST_TEMPERATURE)).exp() * pictures @ texts.T
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(equal & ~own, -math.inf)
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def hash_tokenizer(tokenizer: Path) -> str:
    """SHA-256 of a folder's ``tokenizer.json``."""
    return hashlib.sha256((tokenizer / "tokenizer.json").read_bytes()).hexdigest()


class Scorer:
    """The trained encoders with the pair's tokenizer: pictures and prompts in, scores out."""

    def __init__(self, model: DualEncoder, tokenizer: Path) -> None:
        """``tokenizer`` is the folder whose ids ``model`` was trained on."""
        self.model, self.tokenizer = model, tokenizer
        self.captions = Captions(tokenizer, model.shape.tokens)

    @classmethod
    def create(cls, tokenizer: Path) -> Scorer:
        """An untrained one."""
        captions = Captions(tokenizer)
        return cls(DualEncoder(Shape(captions.tokenizer.get_vocab_size()), captions.eos), tokenizer)

    @classmethod
    def load(cls, folder: Path, tokenizer: Path | None = None) -> Scorer:
        """From ``scorer.json`` and ``scorer.safetensors``; the tokenizer is that of ``large`` beside ``folder``.

        Raises:
            RecipeError: the tokenizer is another than the one of the training.
        """
        tokenizer = tokenizer or folder.parent / "large" / "tokenizer"
        spec = json.loads((folder / "scorer.json").read_text())
        if spec["tokenizer_sha256"] != hash_tokenizer(tokenizer):
            raise RecipeError(f"{folder} was trained on another tokenizer than {tokenizer}; train the scorer again")
        shape = Shape(**{**spec["shape"], "channels": tuple(spec["shape"]["channels"])})
        model = DualEncoder(shape, Captions(tokenizer, shape.tokens).eos)
        model.load_state_dict({k: v.float() for k, v in load_file(folder / "scorer.safetensors").items()})
        return cls(model.eval().requires_grad_(False), tokenizer)

    def save(self, folder: Path, report: dict[str, Any]) -> None:
        """Weights in fp16; shape, the tokenizer's hash and ``report`` in ``scorer.json``."""
        write_folder(folder, partial(self._write, report=report))

    def _write(self, folder: Path, report: dict[str, Any]) -> None:
        weights = {k: v.half().contiguous() for k, v in self.model.state_dict().items()}
        save_file(weights, folder / "scorer.safetensors")
        spec = {"shape": asdict(self.model.shape), "tokenizer_sha256": hash_tokenizer(self.tokenizer), **report}
        (folder / "scorer.json").write_text(json.dumps(spec, indent=1) + "\n")

    def embed_prompts(self, prompts: Sequence[str]) -> Tensor:
        """Unit vectors float32 ``[P, shared]``. What is behind the pair's 32 tokens is not read."""
        return self.model.embed_ids(self.captions(list(prompts)))

    def compare(self, pictures: Tensor, prompts: Sequence[str]) -> Tensor:
        """Scores of every picture with every prompt, float32 ``[B, P]``; inputs as in :meth:`score`."""
        with torch.no_grad():
            return SCALE * self.model.embed_pictures(pictures) @ self.embed_prompts(prompts).T

    def score(self, pictures: Tensor, prompts: Sequence[str]) -> Tensor:
        """100 times the cosine of each picture with its own prompt, float32 ``[B]`` in [-100, 100].

        ``pictures`` float32 ``[B, 3, S, S]`` in [-1, 1], ``S`` a multiple of 64; one prompt each. Negative scores stay:
        cutting them off at 0, as some do, would raise the mean of bad pictures.

        Raises:
            ValueError: not as many prompts as pictures.
        """
        if len(pictures) != len(prompts):
            raise ValueError(f"{len(pictures)} pictures and {len(prompts)} prompts")
        with torch.no_grad():
            return SCALE * (self.model.embed_pictures(pictures) * self.embed_prompts(prompts)).sum(1)


def train(
    folder: Path, tokenizer: Path, steps: int = 650, batch: int = 128, learning_rate: float = 2e-3, rounds: int = 100
) -> dict[str, Any]:
    """Train the scorer on the renders in ``folder`` into ``folder/scorer``; returns (and stores) what it tells apart.

    It is measured in ``rounds`` of 64 pairs (:func:`measure`).

    Raises:
        RecipeError: the loss is no number, or a step does not reach the model.
    """
    torch.manual_seed(0)
    device = pick_device()
    album = Album(*glyphs.load(folder))
    scorer = Scorer.create(tokenizer)
    model = scorer.model.to(device, memory_format=torch.channels_last)
    run = Run(steps, batch, learning_rate, folder, "scorer", warmup=100, weight_decay=0.05, ema=0.995)
    trainer = Trainer(model, run)
    fit("scorer", trainer, lambda step: compute_loss(scorer, album, batch, step, device))
    trainer.average()
    model.cpu().requires_grad_(False)
    report = measure(scorer, album, rounds)
    scorer.save(folder / "scorer", report)
    return report


def compute_loss(scorer: Scorer, album: Album, batch: int, seed: int, device: torch.device) -> Tensor:
    """The loss of one step: ``batch`` pairs in groups (:mod:`.pairing`), drawn from ``seed`` alone."""
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    drawn = album.gather(album.draw_groups(batch // GROUP, rng), rng)
    with autocast(device):
        pictures = scorer.model.embed_pictures(augment(drawn.rgba, drawn.ground, generator).to(device))
        texts = scorer.model.embed_ids(scorer.captions(drawn.captions).to(device))
    return contrast(pictures, texts, scorer.model.log_sharpness, drawn.equal.to(device))


def measure(scorer: Scorer, album: Album, rounds: int) -> dict[str, Any]:
    """What it tells apart on augmentations and captions that no training step used, as shares.

    ``retrieval``: the right one has the highest score among 64 pairs drawn at random (what looks or is called the same
    does not count as wrong). ``right_caption``: per axis, the right caption scores higher than one of the same picture
    with another value of that axis alone; ``cases`` has their numbers.
    """
    found = {"picture_to_text": 0, "text_to_picture": 0}
    right, cases = dict.fromkeys(AXES, 0), dict.fromkeys(AXES, 0)
    for i in range(rounds):
        rng, generator = random.Random(f"measure/{i}"), torch.Generator().manual_seed(2**40 + i)
        pairs = [album.draw(rng) for _ in range(AMONG)]
        drawn = album.gather(pairs, rng, unseen=True)
        with torch.no_grad():
            pictures = scorer.model.embed_pictures(augment(drawn.rgba, drawn.ground, generator))
            scores = pictures @ scorer.embed_prompts(drawn.captions).T
            for name, table in (("picture_to_text", scores), ("text_to_picture", scores.T)):
                found[name] += int(drawn.equal[torch.arange(AMONG), table.argmax(1)].sum())
            for axis in AXES:
                changed = [album.change(pair, axis, rng) for pair in pairs]
                rows = [row for row, pair in enumerate(changed) if pair is not None]
                wrong = [album.word(pair, rng, unseen=True) for pair in changed if pair is not None]
                if rows:
                    worse = (pictures[rows] * scorer.embed_prompts(wrong)).sum(1)
                    right[axis] += int((worse < scores.diagonal()[rows]).sum())
                    cases[axis] += len(rows)
    return {
        "retrieval": {name: count / (rounds * AMONG) for name, count in found.items()},
        "right_caption": {axis: right[axis] / max(1, cases[axis]) for axis in AXES},
        "cases": cases,
    }
