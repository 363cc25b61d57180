"""Tokenizer of 77 tokens and the text encoder, which learns to say what a caption asks for.

The encoder starts from today's: words that both vocabularies know keep their vectors.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextModel

from ..glyphs import BACKGROUNDS
from ..storage import write_folder
from ..text import Captions, new_text_encoder, write_tokenizer
from ..training import Run, Trainer, fit, pick_device
from . import library
from .packages import STYLES
from .people import ALL_TONES, Person
from .scenes import Drawer, Scene
from .things import PLACES, THINGS
from .wording import caption
from .work import TOKENS, VOCABULARY, Plan, Work

_CORPUS: Final = 60000
#: Captions that the accuracy is measured on.
_REPORT: Final = 512
#: Loss weights, against 1: tones have many words, things are many.
_WEIGHTS: Final = {"thing": 2.0, "role": 1.5}


def train_tokenizer(work: Work) -> int:
    """Train the BPE on captions of seen scenes; returns its size."""
    people = library.load(work.library).people
    draw, rng = Drawer(people), random.Random(0)
    scenes = [draw(rng) for _ in range(_CORPUS)]
    captions = [caption(people[s.person], s, rng) for s in scenes]
    size = 0

    def save(folder: Path) -> None:
        nonlocal size
        size = write_tokenizer(captions, folder, VOCABULARY, TOKENS)

    write_folder(work.tokenizer, save)
    return size


def axes(people: Sequence[Person]) -> dict[str, list[str]]:
    """The answers of every axis that captions and judge share, in a fixed order."""
    return {
        "role": sorted({p.role for p in people}),
        "gender": sorted({p.gender for p in people}),
        "age": sorted({p.age for p in people}),
        "hair": sorted({p.hair for p in people}),
        "tone": list(ALL_TONES),
        "style": list(STYLES),
        "thing": ["", *(t.name for t in THINGS)],
        "place": ["", *PLACES],
        "background": list(BACKGROUNDS),
    }


def answers(person: Person, scene: Scene) -> dict[str, str]:
    """What one scene shows, by axis."""
    return {
        "role": person.role,
        "gender": person.gender,
        "age": person.age,
        "hair": person.hair,
        "tone": scene.tone,
        "style": scene.style,
        "thing": scene.thing_name,
        "place": scene.place,
        "background": scene.background,
    }


def targets(people: Sequence[Person], scenes: Sequence[Scene], values: dict[str, list[str]]) -> dict[str, torch.Tensor]:
    """Class numbers ``[B]`` of every axis in ``values``."""
    said = [answers(people[s.person], s) for s in scenes]
    return {axis: torch.tensor([v.index(a[axis]) for a in said]) for axis, v in values.items()}


def start_encoder(ids: Captions, todays: Path | None) -> CLIPTextModel:
    """A new encoder; with ``todays`` (a pair's folder), from its weights as far as they have a place."""
    vocabulary = ids.tokenizer.get_vocab(with_added_tokens=True)
    encoder = new_text_encoder(ids.tokenizer.get_vocab_size(), ids.bos, ids.eos, TOKENS)
    if todays is None:
        return encoder
    old = CLIPTextModel.from_pretrained(todays / "text_encoder", torch_dtype=torch.float32)
    words: dict[str, int] = json.loads((todays / "tokenizer" / "vocab.json").read_text(encoding="utf-8"))
    own, given = encoder.state_dict(), old.state_dict()
    for name, value in given.items():
        if own[name].shape == value.shape:
            own[name] = value
        elif name.endswith("token_embedding.weight"):
            for token, index in vocabulary.items():
                if token in words:
                    own[name][index] = value[words[token]]
        elif name.endswith("position_embedding.weight"):
            own[name][: len(value)] = value
            own[name][len(value) :] = value[-1]
    encoder.load_state_dict(own)
    return encoder


class _Reader(nn.Module):
    """The encoder with one head an axis, on the state of the first end token."""

    def __init__(self, encoder: CLIPTextModel, values: dict[str, list[str]]) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict({a: nn.Linear(192, len(v)) for a, v in values.items()})

    def forward(self, tokens: torch.Tensor) -> dict[str, torch.Tensor]:
        states = self.encoder(input_ids=tokens).last_hidden_state
        end = (tokens == self.encoder.config.eos_token_id).int().argmax(1)
        pooled = states[torch.arange(len(tokens), device=tokens.device), end]
        return {a: head(pooled) for a, head in self.heads.items()}


def train_text(work: Work, plan: Plan, deadline: float, todays: Path | None) -> bool:
    """Train on captions of seen scenes; writes the encoder and its accuracy on held-out ones when done."""
    torch.manual_seed(0)
    device = pick_device()
    people = library.load(work.library).people
    values, draw, ids = axes(people), Drawer(people), Captions(work.tokenizer, TOKENS)
    reader = _Reader(start_encoder(ids, todays), values).to(device)
    run = Run(plan.text_steps, plan.text_batch, 1e-3, work.root, "text", weight_decay=0.02, ema=0.995)
    trainer = Trainer(reader, run)

    def step(number: int) -> torch.Tensor:
        rng = random.Random(number)
        scenes = [draw(rng) for _ in range(plan.text_batch)]
        out = reader(ids([caption(people[s.person], s, rng) for s in scenes]).to(device))
        want = targets(people, scenes, values)
        losses = [_WEIGHTS.get(a, 1.0) * F.cross_entropy(out[a], want[a].to(device)) for a in values]
        return torch.stack(losses).sum()

    if not fit("text encoder", trainer, step, deadline):
        return False
    trainer.average()
    report = {part: _accuracy(reader, people, values, ids, part) for part in ("tone", "thing")}

    def save(folder: Path) -> None:
        reader.encoder.save_pretrained(folder)
        (folder / "accuracy.json").write_text(json.dumps(report, indent=1), encoding="utf-8")

    write_folder(work.text_encoder, save)
    return True


def _accuracy(
    reader: _Reader, people: Sequence[Person], values: dict[str, list[str]], ids: Captions, part: str
) -> dict[str, float]:
    """Share of right answers per axis over captions of held-out scenes, after the ones that are unsaid are left out."""
    draw, rng = Drawer(people, part), random.Random(-1)
    device = next(reader.parameters()).device
    right: dict[str, list[Any]] = {a: [] for a in values}
    for _ in range(_REPORT // 64):
        scenes = [draw(rng) for _ in range(64)]
        with torch.no_grad():
            out = reader(ids([caption(people[s.person], s, rng) for s in scenes]).to(device))
        for axis, want in targets(people, scenes, values).items():
            right[axis] += (out[axis].argmax(1).cpu() == want).tolist()
    return {a: sum(r) / len(r) for a, r in right.items()}
