"""(i) Mutation of the harness: devices broken on purpose, each of which an attack must notice.

An attack that never fails shows nothing. Every variant has one fault; the attacks run on it until one of
them breaks its bound, and the sound device goes through the same ones as a control.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from edge_sdk.attributes import CandidateSlots
from edge_sdk.cloud.client import CloudClient
from edge_sdk.mechanisms import KSubset, Mechanism
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of

from .bank import Truths, closed_sets
from .exact import repeated, worst_ratio
from .hostile import TRICKS
from .intervals import clopper_pearson
from .lab import Client, Lab
from .malicious import compare_trick, short_waits
from .mutant_mechanisms import CHOOSERS
from .mutants import TAINTED, TALKERS, Typed, device_of
from .outcome import CONFIDENCE, Outcome, caught, same
from .silence import silent_mutants
from .taint import MARKED, Places, watched_run
from .targets import mechanism_channel
from .traffic import classify, observe
from .transcripts import Comparison, DeviceFor, sound, view
from .wire import forward

__all__ = ["noticed_by", "run"]

#: A pronoun (agreement), three axes (order, pruning) and the smallest set (many runs).
_PRONOUN, _AXES, _SMALL = "a man and his dog", "an old man in a hat", "a woman"
#: Tricks that tempt a device to treat its own latent in a special way.
_TEMPTING: Final = ("NaN", "slow from it on", "truncated before it")
_RUNS: Final = 60


def _set(prompt: str) -> Truths:
    return next(closed_sets([prompt], 64))


def _transcripts(lab: Lab, device: DeviceFor) -> bool:
    recorder = lab.proxy()
    found = Comparison()
    for prompt in (_PRONOUN, _AXES):
        truths = _set(prompt)
        views = [view(lab.play(m, recorder, device(truths, i))) for i, m in enumerate(truths.members)]
        found.add(views, prompt)
        if found.differing:
            break
    recorder.close()
    return found.differing > 0


def _malicious(lab: Lab, device: DeviceFor) -> bool:
    with short_waits():
        return any(
            compare_trick(lab, trick, _set(_SMALL), device).differing for trick in TRICKS if trick.name in _TEMPTING
        )


def _timing(lab: Lab, device: DeviceFor) -> bool:
    recorder = lab.proxy()
    truths = _set(_SMALL)
    hits = classify(observe(lab, recorder, truths, _RUNS, device, fresh=False))
    recorder.close()
    return any(clopper_pearson(h, n, CONFIDENCE)[0] > 1 / len(truths.members) for h, n in hits.values())


_PROBES: Final[dict[str, Callable[[Lab, DeviceFor], bool]]] = {
    "transcripts": _transcripts,
    "malicious": _malicious,
    "traffic": _timing,
}


def noticed_by(lab: Lab, device: DeviceFor, every: bool = False) -> list[str]:
    """Names of the attacks that notice ``device``; stops at the first unless ``every``."""
    found = []
    for name, probe in _PROBES.items():
        if probe(lab, device):
            found.append(name)
            if not every:
                break
    return found


def _talkers(lab: Lab) -> Iterator[Outcome]:
    for leaky in TALKERS:
        lab.tick(f"mutation: {leaky.fault}")
        yield caught("mutation", leaky.fault, noticed_by(lab, device_of(leaky)), leaky.__name__)
    lab.tick("mutation: the sound device")
    wrongly = noticed_by(lab, sound, every=True)
    yield same("mutation", "control: the sound device", len(wrongly), len(_PROBES), "attacks raise an alarm")


def _tainted(lab: Lab) -> Iterator[Outcome]:
    honest = forward(lab.engine_url, lab.memory)
    for leaky in TAINTED:
        lab.tick(f"mutation: {leaky.fault}")
        places = Places()
        with short_waits():
            for options in ({}, {"plan": "no-such-plan"}):
                watched_run(lab, places, honest, client=_typing(leaky), **options)
        yield caught("mutation", leaky.fault, ["taint"] if any(places.found.values()) else [], leaky.__name__)


def _typing(leaky: type[Typed]) -> Client:
    def client(url: str) -> CloudClient:
        made = leaky(url)
        made.typed = MARKED[0]
        return made

    return client


def _choosers(lab: Lab) -> Iterator[Outcome]:
    for mechanism, fault in CHOOSERS:
        lab.tick(f"mutation: {fault}")
        prompt = _AXES if isinstance(mechanism, KSubset) else "a girl with dark skin"
        yield caught("mutation", fault, ["bayes"] if _beats(lab, mechanism, prompt) else [], type(mechanism).__name__)
    lab.tick("mutation: fresh draws")
    honest = KSubset(Fraction(3), 2)
    worst = worst_ratio(repeated(mechanism_channel(honest, _AXES, lab.seed), 2))
    fresh = worst is None or worst > honest.ratio
    yield caught("mutation", "k-subset that draws anew for every repeat", ["intersection"] if fresh else [])


def _beats(lab: Lab, mechanism: Mechanism, prompt: str) -> bool:
    """Whether the code's channel breaks what the mechanism states of itself."""
    own: CandidateSlots = slots(prompt)
    stated = mechanism.guarantee(domain_of(own))
    channel = mechanism_channel(mechanism, prompt, lab.seed)
    if stated.bits > 0:
        return len({v for row in channel.values() for v in row}) > round(2**stated.bits)
    worst = worst_ratio(channel)
    return worst is None or worst > stated.ratio


def run(lab: Lab) -> Iterator[Outcome]:
    """A row per broken variant, and the control."""
    yield from _talkers(lab)
    yield from _tainted(lab)
    yield from _choosers(lab)
    lab.tick("mutation: readers that say nothing")
    yield from silent_mutants()
