"""What is due next: the stages in order, each done when its result is there, each going on where it stopped.

``train`` runs them until its time is over. Results and checkpoints are in the working folder; nothing is written into
the repository before ``pack``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..glyphs import EMOJI_TEST
from ..training import progress
from . import library
from .autoencoder import train_autoencoder
from .judge import train_judge
from .latents import make_shards, shards
from .packages import STYLES
from .text import train_text, train_tokenizer
from .things import THINGS
from .unets import train_large, train_small
from .work import Plan, Work


@dataclass(frozen=True)
class Options:
    """Where the second edition is made, how long its stages are, and what it starts from."""

    work: Work
    plan: Plan = field(default_factory=Plan)
    #: Folder of a pair to start from (today's large one); none starts from nothing.
    todays: Path | None = None
    names: Path = EMOJI_TEST


@dataclass(frozen=True)
class Stage:
    """One stage: ``run`` goes on until ``deadline`` (``time.monotonic``) and says whether it is done."""

    name: str
    is_done: Callable[[Options], bool]
    run: Callable[[Options, float], bool]


def _build_library(options: Options, _: float) -> bool:
    with progress("drawings", 0) as tick:
        library.build(options.work.library, options.work.npm, options.names, lambda name: tick(name))
    return True


def _tokenize(options: Options, _: float) -> bool:
    train_tokenizer(options.work)
    return True


STAGES: tuple[Stage, ...] = (
    Stage("library", lambda o: library.is_built(o.work.library), _build_library),
    Stage("tokenizer", lambda o: (o.work.tokenizer / "tokenizer.json").is_file(), _tokenize),
    Stage(
        "autoencoder",
        lambda o: (o.work.vae / "config.json").is_file(),
        lambda o, until: train_autoencoder(o.work, o.plan, until, o.todays),
    ),
    Stage(
        "text",
        lambda o: (o.work.text_encoder / "config.json").is_file(),
        lambda o, until: train_text(o.work, o.plan, until, o.todays),
    ),
    Stage(
        "latents",
        lambda o: len(shards(o.work)) >= o.plan.shards,
        lambda o, until: make_shards(o.work, o.plan, until),
    ),
    Stage(
        "large",
        lambda o: (o.work.unet("large") / "config.json").is_file(),
        lambda o, until: train_large(o.work, o.plan, until, o.todays),
    ),
    Stage(
        "small",
        lambda o: (o.work.unet("small") / "config.json").is_file(),
        lambda o, until: train_small(o.work, o.plan, until),
    ),
    Stage(
        "judge",
        lambda o: (o.work.judge / "judge.json").is_file(),
        lambda o, until: train_judge(o.work, o.plan, until),
    ),
)


def due(options: Options) -> Stage | None:
    """The first stage whose result is not there; none when all are."""
    return next((stage for stage in STAGES if not stage.is_done(options)), None)


def train(options: Options, hours: float, say: Callable[[str], None] = lambda _: None) -> Stage | None:
    """Go on with what is due for ``hours`` (0: without end); returns the stage that is due then.

    Raises:
        RecipeError: a stage cannot go on; what it had is kept.
    """
    deadline = time.monotonic() + hours * 3600 if hours > 0 else math.inf
    while (stage := due(options)) is not None and time.monotonic() < deadline:
        say(f"{stage.name}: {len(STYLES)} styles, {len(THINGS)} things" if stage.name == "library" else stage.name)
        if not stage.run(options, deadline):
            break
    return due(options)
