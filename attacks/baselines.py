"""(j) What must fall: random decoys around the truth, the paper's template 6, and no privacy at all.

If one of these held, the attacks would be too weak to mean anything.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from .bank import closed_set
from .exact import bayes_success, deterministic, priors, worst_ratio
from .lab import Lab
from .outcome import Outcome, falls
from .targets import closed_channel

__all__ = ["decoy_channel", "decoy_success", "decoy_zipf", "paper_set", "run"]

#: The paper's sampler: 40 combinations, eight sent; and the small case that is enumerated outright.
_DOMAIN, _SENT = 40, 8
_SMALL_DOMAIN, _SMALL_SENT = 6, 3
#: The paper's value lists (ObCLIP, arXiv 2510.04153, its template prompts).
PAPER_VALUES: Final = {
    "age": ("young", "middle-aged", "old"),
    "gender": ("male", "female"),
    "ethnicity": ("caucasian", "african", "asian", "indian", "european"),
}
#: A prompt in the form of its sixth template: a possessive after a gender slot that stays as it was typed.
TEMPLATE_6: Final = "a portrait of a {age} {ethnicity} {gender} with fine lines around {own} eyes"


def decoy_channel(d: int, k: int) -> dict[int, dict[frozenset[int], Fraction]]:
    """Truth + k−1 uniform decoys out of d values, as an exact channel (small d only)."""
    each = Fraction(1, math.comb(d - 1, k - 1))
    return {
        x: {frozenset({x, *rest}): each for rest in itertools.combinations([v for v in range(d) if v != x], k - 1)}
        for x in range(d)
    }


def decoy_success(d: int, k: int, times: int) -> Fraction:
    """Chance to name the truth after ``times`` fresh draws, uniform prior: E[1 / survivors], exact.

    The truth is in every set, so the attacker intersects them. Of j surviving decoys, i are drawn again with
    hypergeometric probability C(j, i) C(d−1−j, k−1−i) / C(d−1, k−1).
    """
    survivors = {k - 1: Fraction(1)}
    for _ in range(times - 1):
        following: dict[int, Fraction] = defaultdict(Fraction)
        for j, p in survivors.items():
            for i in range(min(j, k - 1) + 1):
                ways = math.comb(j, i) * math.comb(d - 1 - j, k - 1 - i)
                following[i] += p * Fraction(ways, math.comb(d - 1, k - 1))
        survivors = following
    return sum((p / (1 + j) for j, p in survivors.items()), Fraction(0))


def decoy_zipf(d: int, k: int) -> Fraction:
    """Success on one draw under the prior 1/rank: Σ over sets of the largest joint probability, in closed form.

    A set's best guess is its most probable member i; C(d−1−i, k−1) sets have i as their first.
    """
    weight = sum((Fraction(1, i + 1) for i in range(d)), Fraction(0))
    total = Fraction(math.comb(d - 1, k - 1))
    return sum((Fraction(1, i + 1) / weight * math.comb(d - 1 - i, k - 1) / total for i in range(d)), Fraction(0))


def paper_set(prompt: str) -> tuple[str, ...]:
    """Word-list replacement as the paper describes it: every listed word becomes a slot, nothing else changes."""
    slots: list[tuple[str, ...]] = []

    def mark(found: re.Match[str]) -> str:
        slots.append(next(values for values in PAPER_VALUES.values() if found.group() in values))
        return "\x00"

    words = "|".join(w for values in PAPER_VALUES.values() for w in sorted(values, key=len, reverse=True))
    parts = re.sub(rf"\b(?:{words})\b", mark, prompt).split("\x00")
    return tuple(
        "".join(itertools.chain.from_iterable(itertools.zip_longest(parts, choice, fillvalue="")))
        for choice in itertools.product(*slots)
    )


def _people() -> list[tuple[str, str]]:
    """What persons type who want each combination: the possessive agrees with the gender. (prompt, gender)."""
    out = []
    for age, gender, ethnicity in itertools.product(*PAPER_VALUES.values()):
        own = "her" if gender == "female" else "his"
        out.append((TEMPLATE_6.format(age=age, gender=gender, ethnicity=ethnicity, own=own), gender))
    return out


def _gender_success(
    channel: Mapping[str, Mapping[tuple[str, ...], Fraction]], people: Sequence[tuple[str, str]]
) -> Fraction:
    """Bayes success on the gender alone, all prompts equally likely."""
    mass: dict[object, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for prompt, gender in people:
        for view, p in channel[prompt].items():
            mass[view][gender] += p / len(people)
    return sum((max(by.values()) for by in mass.values()), Fraction(0))


def _template_6() -> Iterator[Outcome]:
    people = _people()
    prompts = [p for p, _ in people]
    theirs = deterministic(lambda p: paper_set(p), prompts)
    yield falls(
        "baselines",
        "the paper's set, template 6: gender",
        _gender_success(theirs, people),
        Fraction(1, 2),
        "success",
        detail='the text keeps "her eyes" or "his eyes": two halves of the 30 prompts give two different sets',
    )
    yield falls(
        "baselines",
        "the paper's set, template 6: member",
        bayes_success(theirs, priors(prompts)["uniform"]),
        Fraction(1, len(prompts)),
        "success",
    )


def run(lab: Lab) -> Iterator[Outcome]:
    """Every row must show more than the prior."""
    lab.tick("baselines")
    small = decoy_channel(_SMALL_DOMAIN, _SMALL_SENT)
    once = bayes_success(small, priors(list(small))["uniform"])
    assert once == decoy_success(_SMALL_DOMAIN, _SMALL_SENT, 1)
    infinite = worst_ratio(small) is None
    yield falls(
        "baselines",
        f"random decoys, {_SMALL_SENT} of {_SMALL_DOMAIN}, enumerated",
        once,
        Fraction(1, _SMALL_DOMAIN),
        f"ε = {'∞' if infinite else 'finite'}, success",
    )
    for times in (1, 2, 3, 4, 10):
        yield falls(
            "baselines",
            f"random decoys, {_SENT} of {_DOMAIN}, {times} draw{'s' if times > 1 else ''}",
            decoy_success(_DOMAIN, _SENT, times),
            Fraction(1, _DOMAIN),
            "success",
        )
    best = priors(list(range(_DOMAIN)))["Zipf"][0]
    yield falls(
        "baselines", f"random decoys, {_SENT} of {_DOMAIN}, Zipf prior", decoy_zipf(_DOMAIN, _SENT), best, "success"
    )
    yield from _template_6()
    members = closed_set("a girl with dark skin").members
    bare = deterministic(lambda m: m, members)
    yield falls(
        "baselines",
        "no privacy (the prompt itself is sent)",
        bayes_success(bare, priors(members)["uniform"]),
        Fraction(1, len(members)),
        "success",
    )
    assert bayes_success(closed_channel(members, lab.seed), priors(members)["uniform"]) == Fraction(1, len(members))
