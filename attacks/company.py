"""(l) Company: two clients of one cloud. What one gets must not tell the other's words, nor change by them.

Theorem: a request is computed alone, on an engine that keeps nothing between requests, and its work is a function of
its public numbers (N, k, T, plan). So an answer's bytes are those that the same request gets alone, and how long a
client waits behind another depends on the other's public numbers and never on what the other asks for. That somebody is
there at all shows in the waiting; no service that shares a machine can hide it, and this one does not claim to.

An attacker sends one request of its own right behind a victim's, which is one of two of equal numbers and different
words, and guesses which from how long it waited, what it got, and how the header looked.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import httpx
import numpy as np

from obclip_contract import GenerateRequest

from .classifiers import by_numbers
from .lab import Lab
from .outcome import Outcome, measured, same

__all__ = ["Meeting", "guess", "meet", "run"]

#: Two victims of two candidates each, of the same shape; the attacker's own.
_VICTIMS: Final = ("a woman with a red umbrella", "a king in front of a house")
_OWN: Final = "a man on a horse"
_RUNS, _RUNS_QUICK = 200, 40
_STEPS: Final = 8
#: Seconds between the victim's request and the attacker's: long enough that the victim's is begun first.
_BEHIND: Final = 0.05
_HEADERS: Final = {"content-type": "application/json"}


@dataclass(frozen=True)
class Meeting:
    """What the attacker saw: seconds that it waited, its answer's body, names and lengths of the answer's headers."""

    victim: int
    seconds: float
    body: bytes
    form: tuple[tuple[str, int], ...]


def _ask(url: str, body: bytes) -> httpx.Response:
    answer = httpx.post(f"{url}/v1/latents", content=body, headers=_HEADERS, timeout=120, trust_env=False)
    answer.raise_for_status()
    return answer


def meet(lab: Lab, url: str, victims: Sequence[bytes], own: bytes, runs: int) -> list[Meeting]:
    """``runs`` meetings, each victim equally often in both halves, in random order."""
    rng = random.Random(f"{lab.seed}/company")
    order: list[int] = []
    for _ in range(2):
        half = [i % len(victims) for i in range(runs // 2)]
        rng.shuffle(half)
        order += half
    out = []
    for victim in order:
        lab.tick("company: two clients")
        first = threading.Thread(target=_ask, args=(url, victims[victim]))
        first.start()
        time.sleep(_BEHIND)
        began = time.perf_counter()
        answer = _ask(url, own)
        seconds = time.perf_counter() - began
        first.join()
        form = tuple((name, len(value)) for name, value in answer.headers.items())
        out.append(Meeting(victim, seconds, answer.content, form))
    return out


def guess(meetings: Sequence[Meeting]) -> tuple[int, int]:
    """Right guesses of the victim from the waiting, and guesses, on the second half; trained on the first."""
    half = len(meetings) // 2
    waits = np.array([[m.seconds] for m in meetings], np.float64)
    labels = np.array([m.victim for m in meetings], np.int64)
    predicted = by_numbers(waits[:half], labels[:half], waits[half:])
    return int(np.sum(predicted == labels[half:])), len(meetings) - half


def _request(prompt: str, seed: int) -> GenerateRequest:
    from edge_sdk.privacy import Privacy, release

    return release(prompt, Privacy(axes=("gender",))).request(seed=seed, cloud_steps=_STEPS, steps=2 * _STEPS)


def run(lab: Lab) -> Iterator[Outcome]:
    """Bytes, header's form and waiting."""
    victims = [_request(prompt, i) for i, prompt in enumerate(_VICTIMS)]
    own = _request(_OWN, len(victims)).to_bytes()
    alone = [_ask(lab.engine_url, own) for _ in range(3)]
    bodies = [victim.to_bytes() for victim in victims]
    meetings = meet(lab, lab.engine_url, bodies, own, _RUNS_QUICK if lab.quick else _RUNS)
    form = tuple((name, len(value)) for name, value in alone[0].headers.items())
    for what, differing in (
        ("answers that differ from the one got alone", sum(m.body != alone[0].content for m in meetings)),
        ("headers of another form", sum(m.form != form for m in meetings)),
    ):
        yield same("company", "another client's request", differing, len(meetings), what)
    hits, guesses = guess(meetings)
    prior = Fraction(1, len(victims))
    yield measured("company", "another client's words", hits, guesses, prior, "accuracy from the waiting")
