"""(d) Classifiers on recorded traffic: order, length, headers and timing.

Real runs of the device through a recording proxy to a real engine, truths in balanced random order, seeds
drawn per run. For each kind of feature an attacker trains on one half and guesses the truths of the other.
Theorem: the features are functions of the request, which does not depend on the truth; so nothing beats
1/N. Timing is not covered by the theorem alone (the device's own work could differ by truth), which is why
it is measured, with an interval.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .bank import Truths, closed_sets
from .classifiers import by_key, by_numbers
from .lab import Lab, Session
from .outcome import Outcome, measured
from .transcripts import DeviceFor, sound
from .wire import Recorder

__all__ = ["Observed", "classify", "observe", "run"]

#: Sets of two and of six truths; runs in all, half of them to train on.
_PROMPTS = ("a woman", "an old man in a hat")
_RUNS, _RUNS_QUICK = 200, 24


@dataclass(frozen=True)
class Observed:
    """Runs in the order in which they happened, and which truth each had."""

    sessions: Sequence[Session]
    labels: Sequence[int]
    truths: int


def observe(
    lab: Lab, recorder: Recorder, truths: Truths, runs: int, device: DeviceFor = sound, *, fresh: bool = True
) -> Observed:
    """Play ``runs`` sessions, every truth equally often, in random order; ``fresh``: with a seed of its own each."""
    members = truths.members
    rng = random.Random(f"{lab.seed}/traffic/{len(members)}")
    labels = [i % len(members) for i in range(runs - runs % (2 * len(members)))]
    half = len(labels) // 2
    # Balanced within each half, so that the prior of both is exactly 1/N.
    halves = [labels[:half], labels[half:]]
    for part in halves:
        rng.shuffle(part)
    order = [*halves[0], *halves[1]]
    out = []
    for label in order:
        lab.tick("traffic: recording")
        seed = rng.getrandbits(64) if fresh else lab.seed
        out.append(lab.play(members[label], recorder, device(truths, label), seed=seed))
    return Observed(out, order, len(members))


def _order(s: Session) -> Hashable:
    return tuple((e.request.head.split(b"\r\n")[0], e.end) for e in s.exchanges)


def _length(s: Session) -> Hashable:
    return tuple((len(e.request.head), len(e.request.body)) for e in s.exchanges)


def _headers(s: Session) -> Hashable:
    return tuple(e.request.head for e in s.exchanges)


def _times(sessions: Sequence[Session], i: int) -> list[float]:
    """Durations inside run ``i``, and the silences before it and after it (the device's own work), in seconds."""
    out: list[float] = []
    exchanges = sessions[i].exchanges
    for n, e in enumerate(exchanges):
        out += [b - a for a, b in zip(e.times, e.times[1:], strict=False)]
        if n:
            out.append(e.times[0] - exchanges[n - 1].times[-1])
    before = sessions[i - 1].exchanges[-1].times[-1] if i and sessions[i - 1].exchanges else exchanges[0].times[0]
    last = i + 1 == len(sessions)
    after = exchanges[-1].times[-1] if last else sessions[i + 1].exchanges[0].times[0]
    return [*out, exchanges[0].times[0] - before, after - exchanges[-1].times[-1]]


def classify(seen: Observed) -> dict[str, tuple[int, int]]:
    """By kind of feature: right guesses and guesses on the second half."""
    half = len(seen.labels) // 2
    labels, truth = seen.labels[:half], seen.labels[half:]
    hits: dict[str, tuple[int, int]] = {}
    for name, feature in (("order", _order), ("length", _length), ("headers", _headers)):
        keys = [feature(s) for s in seen.sessions]
        guess = by_key(keys[:half], labels, keys[half:])
        hits[name] = sum(g == t for g, t in zip(guess, truth, strict=True)), len(truth)
    widths = {len(s.exchanges) for s in seen.sessions}
    if len(widths) == 1:  # else the number of exchanges differs, which "order" has seen
        numbers = np.array([_times(seen.sessions, i) for i in range(len(seen.sessions))], np.float64)
        predicted = by_numbers(numbers[:half], np.array(labels, np.int64), numbers[half:])
        hits["timing"] = int(np.sum(predicted == np.array(truth))), len(truth)
    return hits


def run(lab: Lab) -> Iterator[Outcome]:
    """Every kind of feature stays at 1/N."""
    recorder = lab.proxy(replay=False)
    for truths in closed_sets(list(_PROMPTS), 6):
        n = len(truths.members)
        seen = observe(lab, recorder, truths, _RUNS_QUICK if lab.quick else _RUNS)
        for kind, (hits, guesses) in classify(seen).items():
            yield measured("traffic", f"closed, N = {n}: {kind}", hits, guesses, Fraction(1, n), "accuracy")
