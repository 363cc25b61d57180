"""(a) Transcript equality by enumeration: every truth of a set must put the same bytes on the wire.

Theorem (edge_sdk/privacy/closing.py): the request is a function of the set, and every member has the same set.
So any two truths x, x' of a set give transcripts that are equal as byte strings: no statistics are needed,
and one differing byte refutes the claim. Two levels: the whole device over real sockets (headers, order
of requests, how connections end, logs, phases), and the request body for many more prompts.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import InputError
from edge_sdk.ledger import Ledger
from edge_sdk.mechanisms import Cells, Choice
from edge_sdk.privacy import Privacy
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of

from . import neighbours
from .bank import Truths, bank, closed_set, closed_sets, plain_request, wire_prompts
from .lab import Client, Lab, Session
from .outcome import Outcome, same
from .wire import Recorder

__all__ = ["Comparison", "DeviceFor", "compare_bodies", "compare_sessions", "run", "sessions", "sound", "view"]

#: Members per set at most: on the wire each is a whole run of the device.
_MOST_WIRE, _MOST_WIRE_QUICK = 20, 6
#: For the other mechanisms: six truths, four of them in a set or cell.
_DOMAIN, _CELL = "an old man in a hat", 4
_MOST_BYTES, _MOST_BYTES_QUICK = 64, 12


@dataclass
class Comparison:
    """Counts over all pairs of truths; ``first`` names the first difference (positions, never a secret)."""

    pairs: int = 0
    differing: int = 0
    sets: int = 0
    first: str = ""

    def add(self, views: Sequence[object], name: str) -> None:
        """Compare all pairs of one set's views."""
        self.sets += 1
        classes: dict[object, int] = {}
        for view in views:
            classes[view] = classes.get(view, 0) + 1
        n = len(views)
        equal = sum(c * (c - 1) // 2 for c in classes.values())
        self.pairs += n * (n - 1) // 2
        self.differing += n * (n - 1) // 2 - equal
        if len(classes) > 1 and not self.first:
            a, b = list(classes)[:2]
            self.first = f"{name}: {_where(a, b)}"


def _where(a: object, b: object) -> str:
    """The first place where two views differ."""
    if isinstance(a, bytes) and isinstance(b, bytes):
        at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        return f"byte {at} ({a[at : at + 12]!r} or {b[at : at + 12]!r}), lengths {len(a)} and {len(b)}"
    if isinstance(a, tuple) and isinstance(b, tuple):
        for i, (x, y) in enumerate(itertools.zip_longest(a, b)):
            if x != y:
                return f"[{i}] {_where(x, y)}"
    return f"{str(a)[:60]!r} or {str(b)[:60]!r}"


def view(session: Session) -> tuple[object, ...]:
    """Everything an observer of one run can compare."""
    b = session.behaviour
    return (session.wire, b.phases, b.failure, b.logs)


#: Which client (the part of a device that talks) a truth's device has: from the set and the truth's position.
DeviceFor = Callable[[Truths, int], Client]


def sound(_: Truths, __: int) -> Client:
    """The device as it is shipped."""
    return CloudClient


def sessions(
    lab: Lab, recorder: Recorder, truths: Truths, device: DeviceFor = sound, **arguments: Any
) -> list[Session]:
    """One run of the whole device for the prompt as typed and for each truth of its set."""
    typed = lab.play(truths.prompt, recorder, device(truths, truths.chosen.index), **arguments)
    return [typed, *(lab.play(m, recorder, device(truths, i), **arguments) for i, m in enumerate(truths.members))]


def compare_sessions(
    lab: Lab, recorder: Recorder, prompts: list[str], device: DeviceFor = sound, **arguments: Any
) -> Comparison:
    """All pairs of truths of all prompts, over real sockets."""
    out = Comparison()
    for truths in closed_sets(prompts, _MOST_WIRE_QUICK if lab.quick else _MOST_WIRE):
        lab.tick("transcripts: whole sessions")
        out.add([view(s) for s in sessions(lab, recorder, truths, device, **arguments)], truths.prompt)
    return out


def compare_bodies(prompts: list[str], seed: int, most: int) -> Comparison:
    """All pairs of truths, request bodies only."""
    out = Comparison()
    for truths in closed_sets(prompts, most):
        views: list[object] = []
        for member in (truths.prompt, *truths.members):
            try:
                views.append(plain_request(closed_set(member), seed).to_bytes())
            except InputError as error:
                views.append((type(error).__name__, str(error)))
        out.add(views, truths.prompt)
    return out


def _other_mechanisms(lab: Lab, recorder: Recorder) -> Iterator[Outcome]:
    """Whole sessions under the other mechanisms, for every truth of one domain.

    ``cover`` and ``neutral``: the same for all. ``cells``: within each cell. ``k-subset``: once its draw is in the
    ledger, the same whatever the truth is then. ``local``: nothing at all.
    """
    own = slots(_DOMAIN)
    domain = domain_of(own)
    truths = {choice: domain.member(choice) for choice in domain.choices()}
    cells = Cells(_CELL)
    settings = (
        ("cover", Privacy("cover", max_candidates=_CELL), {"same": list(truths)}),
        ("cover, on a miss alone", Privacy("cover", max_candidates=_CELL, on_miss="local"), {"same": list(truths)}),
        ("neutral", Privacy("neutral"), {"same": list(truths)}),
        ("cells, within each", Privacy("cells", cell_size=_CELL), _grouped(truths, lambda c: cells.view(domain, c))),
        ("k-subset, draw kept", Privacy("k-subset", epsilon=1.0, max_candidates=2), {"same": list(truths)}),
        ("local", Privacy("local"), {"same": list(truths)}),
    )
    for name, privacy, classes in settings:
        lab.tick(f"transcripts: {name}")
        found = Comparison()
        with tempfile.TemporaryDirectory() as folder:
            for members in classes.values():
                played = [
                    lab.play(truths[c], recorder, ledger=Ledger(folder), privacy=privacy, num_inference_steps=4)
                    for c in members
                ]
                if privacy.mechanism == "local":
                    found.differing += sum(bool(s.exchanges) for s in played)
                found.add([view(s) for s in played], name)
        yield same(
            "transcripts",
            f"{name}, whole sessions",
            found.differing,
            found.pairs,
            "pairs of transcripts differ",
            found.first or f"{len(truths)} truths",
        )


def _grouped(truths: Iterable[Choice], key: Callable[[Choice], object]) -> dict[object, list[Choice]]:
    groups: dict[object, list[Choice]] = {}
    for truth in truths:
        groups.setdefault(key(truth), []).append(truth)
    return groups


def run(lab: Lab) -> Iterator[Outcome]:
    """Both levels; any differing pair breaks the claim."""
    recorder = lab.proxy()
    comparison = compare_sessions(lab, recorder, wire_prompts(lab.quick))
    yield same(
        "transcripts",
        "closed, whole sessions",
        comparison.differing,
        comparison.pairs,
        "pairs of transcripts differ",
        comparison.first or f"{comparison.sets} prompts, headers and connection ends included",
    )
    yield from _other_mechanisms(lab, recorder)
    prompts = [*bank("wire"), *bank("bytes")]
    lab.tick("transcripts: request bodies")
    bodies = compare_bodies(
        prompts[:24] if lab.quick else prompts, lab.seed, _MOST_BYTES_QUICK if lab.quick else _MOST_BYTES
    )
    yield same(
        "transcripts",
        "closed, request bodies",
        bodies.differing,
        bodies.pairs,
        "pairs of bodies differ",
        bodies.first or f"{bodies.sets} prompts",
    )
    yield from neighbours.run(lab)
