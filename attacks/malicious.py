"""(e) A malicious server: whatever it answers, the device's next bytes and its visible behaviour stay the same.

Condition C8 of the proof: all latents are received whole, checked by one rule, and only then is one taken.
For every trick, every candidate it is aimed at and every truth, the device runs twice (the second run is
what a person does who asks again) and everything that the server or a bystander can see is compared.

Not covered, and no protocol can cover it: what the *person* does on seeing a spoilt picture, and a mark
that survives into a picture that is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from edge_sdk.cloud import retries

from .bank import Truths, closed_sets
from .hostile import TRICKS, Trick, hostile
from .lab import Lab
from .outcome import Outcome, same
from .transcripts import Comparison, DeviceFor, sound, view
from .wire import forward, http

__all__ = ["compare_trick", "run", "short_waits"]

_PROMPTS = ("a woman", "portrait of an elderly lady")


@contextmanager
def short_waits() -> Iterator[None]:
    """The device's retry policy with short pauses; the number of tries stays, and what the cloud tells is read."""
    before = retries.wait_before

    def soon(again: int, told: str = "") -> float:
        return before(again, told) / 100

    retries.wait_before = soon
    try:
        yield
    finally:
        retries.wait_before = before


def compare_trick(lab: Lab, trick: Trick, truths: Truths, device: DeviceFor = sound) -> Comparison:
    """All pairs of truths under one trick, for every candidate that it can be aimed at."""
    out = Comparison()
    honest = forward(lab.engine_url, lab.memory)
    elsewhere = lab.server(lambda _: http(410, b""))  # where a redirect points; nobody should ever ask
    server = lab.server(honest)
    for target in range(1 if trick.once else len(truths.members)):
        views = []
        for index, member in enumerate(truths.members):
            server.respond = hostile(trick, target, honest, elsewhere.url)
            session = lab.play(member, server, device(truths, index), runs=2)
            led_away = elsewhere.take()
            views.append((*view(session), tuple(e.request.raw for e in led_away)))
        out.add(views, f"{trick.name}, aimed at {target}")
    elsewhere.close()
    server.close()
    return out


def run(lab: Lab) -> Iterator[Outcome]:
    """A row per group of tricks."""
    groups: dict[str, list[Comparison]] = {}
    sets = list(closed_sets(list(_PROMPTS[:1] if lab.quick else _PROMPTS), 6))
    with short_waits():
        for trick in TRICKS:
            for truths in sets:
                if len(truths.members) > 2 and trick.once:
                    continue
                lab.tick(f"malicious: {trick.name}")
                groups.setdefault(trick.group, []).append(compare_trick(lab, trick, truths))
    for group, results in groups.items():
        yield same(
            "malicious",
            f"closed: {group}",
            sum(r.differing for r in results),
            sum(r.pairs for r in results),
            "pairs of sessions differ",
            next((r.first for r in results if r.first), "")
            or f"{sum(t.group == group for t in TRICKS)} tricks, each at every candidate for every truth",
        )
