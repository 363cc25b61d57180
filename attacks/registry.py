"""The attacks by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from . import (
    baselines,
    bayes,
    company,
    context,
    intersection,
    malicious,
    mutation,
    plausibility,
    silence,
    taint,
    traffic,
    transcripts,
)
from .lab import Lab
from .outcome import Outcome

__all__ = ["ATTACKS", "Attack"]


@dataclass(frozen=True)
class Attack:
    """``run`` yields rows as they are ready."""

    name: str
    title: str
    run: Callable[[Lab], Iterator[Outcome]]


ATTACKS: Final = {
    a.name: a
    for a in (
        Attack("transcripts", "raw bytes of every truth of every set, compared pair by pair", transcripts.run),
        Attack("silence", "words of the lexicon that are readable in what is sent, and nobody was told", silence.run),
        Attack("bayes", "an attacker without limits: exact posteriors under three priors", bayes.run),
        Attack("intersection", "1 to 50 repeats, edited prompts, reuse after restart", intersection.run),
        Attack("traffic", "classifiers on order, length, headers and timing of recorded traffic", traffic.run),
        Attack("malicious", "a server that marks, swaps, spoils, delays and lies", malicious.run),
        Attack("company", "two clients of one cloud: what one gets, and how long it waits for it", company.run),
        Attack("taint", "where a marked secret turns up: encoder, logs, errors, files, wire", taint.run),
        Attack("plausibility", "a language model that scores the members", plausibility.run),
        Attack("context", "what the public words alone predict (reported, not bounded by ε)", context.run),
        Attack("baselines", "random decoys, the paper's template 6, no privacy: must fall", baselines.run),
        Attack("mutation", "devices broken on purpose: must be caught", mutation.run),
    )
}
