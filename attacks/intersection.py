"""(c) Intersection: the same person asks 1 to 50 times, edits the prompt, adds and drops words.

Bound for ε = 0: any number of requests composes to 0, so after any sequence the posterior is the prior. The
sequences are played for every truth and compared byte for byte; the posterior follows exactly. For the
randomised mechanism the exact posterior after t fresh draws is computed beside its bound e^(tε), and the
permanent response (memoised draw) must stay at that of one draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random

from edge_sdk.errors import InputError
from obclip_contract import PromptGrid

from .bank import Truths, bank, closed_set, closed_sets, plain_request
from .exact import bayes_success, deterministic, priors
from .lab import Lab
from .outcome import Outcome, exact
from .targets import repeated_outcomes

__all__ = ["edited", "run"]

_REPEATS = 50
_PROMPTS = ("a woman", "an old man in a hat", "a woman firefighter with light skin", "a man and his dog")


def _choice_names(grid: PromptGrid, member: int) -> dict[str, str]:
    """Axis name to value name of one member."""
    choice = grid.choices()[member]
    return {axis.name: axis.values[v] for axis, v in zip(grid.axes, choice, strict=True)}


def edited(truths: Truths) -> list[list[str]]:
    """For each truth, the prompts that its person types one after another (see ``edits`` in the bank).

    Words that depend on the person's own truth (a possessive) are written as that person would.
    """
    out = []
    for index, member in enumerate(truths.members):
        gender = _choice_names(truths.chosen.grid, index).get("gender", "person")
        possessive = bank("possessive").get(gender, "their")
        texts = [member]
        for edit in bank("edits"):
            grown = edit.get("prepend", "") + texts[-1] + edit.get("append", "").format(possessive=possessive)
            texts.append(grown)
        out.append(texts)
    return out


def _body(prompt: str, seed: int) -> object:
    try:
        return plain_request(closed_set(prompt), seed).to_bytes()
    except InputError as error:
        return type(error).__name__, str(error)


def _repeats(lab: Lab) -> Iterator[Outcome]:
    tape = Random(f"{lab.seed}/repeats")
    seeds = [tape.getrandbits(64) for _ in range(_REPEATS)]
    worst = dict.fromkeys((1, 2, 5, 10, 50), Fraction(0))
    sets = 0
    for truths in closed_sets(list(_PROMPTS[:2] if lab.quick else _PROMPTS), 10):
        lab.tick("intersection: repeats")
        sets += 1
        prior = priors(truths.members)["uniform"]
        # One run per repeat and truth: nothing is assumed about what the device remembers.
        views = {m: tuple(plain_request(closed_set(m), s).sha256 for s in seeds) for m in truths.members}
        for times in worst:
            channel = deterministic(lambda m, t=times, v=views: v[m][:t], truths.members)  # type: ignore[misc]
            worst[times] = max(worst[times], bayes_success(channel, prior) - max(prior.values()))
    for times, gain in worst.items():
        yield exact(
            "intersection",
            f"closed, {times} repeat{'s' if times > 1 else ''}",
            gain,
            Fraction(0),
            equal=True,
            what="gain over the prior",
            detail=f"{sets} sets, fresh seeds each time",
        )


def _edits(lab: Lab) -> Iterator[Outcome]:
    bases: Sequence[str] = bank("edit_bases")
    worst, sets, requests = Fraction(0), 0, 0
    for truths in closed_sets(list(bases[:1] if lab.quick else bases), 30):
        lab.tick("intersection: edits")
        sets += 1
        histories = edited(truths)
        views = {h[0]: tuple(_body(p, lab.seed) for p in h) for h in histories}
        requests += sum(isinstance(v, bytes) for view in views.values() for v in view)
        channel = deterministic(lambda m, v=views: v[m], truths.members)  # type: ignore[misc]
        prior = priors(truths.members)["uniform"]
        worst = max(worst, bayes_success(channel, prior) - max(prior.values()))
    yield exact(
        "intersection",
        "closed, edited prompts",
        worst,
        Fraction(0),
        equal=True,
        what="gain over the prior",
        detail=f"{sets} histories of {1 + len(bank('edits'))} prompts for every truth, {requests} requests",
    )


def run(lab: Lab) -> Iterator[Outcome]:
    """Repeats and edits of ``closed``; then the randomised mechanisms."""
    yield from _repeats(lab)
    yield from _edits(lab)
    lab.tick("intersection: randomised mechanisms")
    yield from repeated_outcomes(lab.seed, lab.quick)
