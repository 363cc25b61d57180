"""The mechanisms as channels: exact probabilities of the request's bytes, by truth, and what each states.

A channel here begins at the person's words and ends at the bytes: for every truth the prompt is written out,
read by the device's own detection, given to the mechanism with every tape of coins, and made a request.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from edge_sdk.attributes import LEXICON_VERSION
from edge_sdk.ledger import Ledger
from edge_sdk.mechanisms import Cells, Closed, Cover, Domain, KSubset, Local, Mechanism, Neutral
from edge_sdk.privacy import Privacy, release
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of
from obclip_contract import GenerateRequest

from .bank import MODEL, closed_set, plain_request
from .coins import enumerate_law
from .exact import bayes_success, check, deterministic, prior_success, priors, repeated, worst_ratio
from .outcome import Outcome, exact, same

__all__ = ["Target", "closed_channel", "mechanism_channel", "repeated_outcomes", "targets"]

ByteChannel = Mapping[str, Mapping[bytes, Fraction]]
NOTHING: Final = b""
GAIN: Final = "gain over the prior"
#: Small sets, for the mechanisms that are enumerated over every subset; larger products for the others.
_SMALL, _LARGE = "an old man in a hat", "an old man with dark skin and a young woman"
_LARGE_QUICK: Final = "a girl with dark skin"


def closed_channel(members: Sequence[str], seed: int) -> dict[str, dict[bytes, Fraction]]:
    """Truth to request bytes, for one tape of coins (the seed is drawn before the prompt is read)."""
    return deterministic(lambda m: plain_request(closed_set(m), seed).to_bytes(), members)


def mechanism_channel(mechanism: Mechanism, prompt: str, seed: int) -> dict[str, dict[bytes, Fraction]]:
    """Truth to request bytes under ``mechanism``, for every truth that the slots of ``prompt`` could hold."""
    whole = domain_of(slots(prompt))
    made: dict[object, bytes] = {}

    def bytes_of(words: str) -> dict[bytes, Fraction]:
        own = slots(words)
        domain = domain_of(own)
        public = (domain.template, domain.axes, tuple(domain.phrases.items()))
        out: dict[bytes, Fraction] = {}
        for view, p in enumerate_law(lambda coins: mechanism.view(domain, own.choice, coins)).items():
            key = (public, view)
            if key not in made:
                made[key] = _body(domain, view, seed)
            out[made[key]] = out.get(made[key], Fraction(0)) + p
        return out

    return {words: bytes_of(words) for words in (whole.member(c) for c in whole.choices())}


def _body(domain: Domain, view: Sequence[tuple[int, ...]], seed: int) -> bytes:
    if not view:
        return NOTHING
    grid = domain.grid(tuple(view))
    return GenerateRequest(model=MODEL, lexicon=LEXICON_VERSION, grid=grid, seed=seed).to_bytes()


@dataclass(frozen=True)
class Target:
    """A mechanism's exact channel and what it states of itself.

    ``ratio``: e^ε, ``None`` for infinite (cells). ``gain``: by which factor a guess may get better than the prior
    (Smith 2009: the multiplicative capacity). ``views``: how many different views there may be, for 2^bits.
    """

    name: str
    channel: ByteChannel
    ratio: Fraction | None
    gain: Fraction
    views: int | None = None

    def outcomes(self) -> Iterator[Outcome]:
        """The worst ratio against e^ε, and the success under each prior against its bound."""
        check(self.channel)
        known = priors(list(self.channel))
        size = f"{len(self.channel)} truths, every tape of coins"
        if self.views is not None:
            seen = Fraction(len({view for row in self.channel.values() for view in row}))
            yield exact(
                "bayes", f"{self.name}: 2^bits", seen, Fraction(self.views), what="different views", detail=size
            )
        if self.ratio is not None:
            worst = worst_ratio(self.channel)
            got = Fraction(10**9) if worst is None else worst
            yield exact("bayes", f"{self.name}: e^ε", got, self.ratio, what="worst ratio", detail=size)
        if self.gain == 1:
            gained = max(bayes_success(self.channel, p) - prior_success(p) for p in known.values())
            yield exact("bayes", f"{self.name}, {len(known)} priors", gained, Fraction(0), equal=True, what=GAIN)
            return
        for name, prior in known.items():
            bound = min(Fraction(1), self.gain * prior_success(prior))
            yield exact(
                "bayes", f"{self.name}, {name} prior", bayes_success(self.channel, prior), bound, what="success"
            )


def targets(seed: int, quick: bool) -> Iterator[Target]:
    """Every mechanism besides ``closed`` over the bank, with its stated bound taken from its own guarantee."""
    large = _LARGE_QUICK if quick else _LARGE
    for mechanism, prompt in _chosen(large):
        domain = domain_of(slots(prompt))
        stated = mechanism.guarantee(domain)
        channel = mechanism_channel(mechanism, prompt, seed)
        name = f"{mechanism.name}, d = {domain.size}"
        if stated.bits > 0:
            views = round(2**stated.bits)
            yield Target(name, channel, None, Fraction(views), views)
            yield _within_cell(name, channel)
        elif isinstance(mechanism, KSubset):
            r, k, d = stated.ratio, mechanism.k, domain.size
            yield Target(f"{name}, k = {k}", channel, r, r * d / (k * r + d - k))
        else:
            yield Target(name, channel, stated.ratio, stated.ratio)


def _chosen(large: str) -> list[tuple[Mechanism, str]]:
    return [
        (Closed(), _LARGE_QUICK),
        (Cover(8), large),
        (Cells(8), large),
        (KSubset(Fraction(3), 2), _SMALL),
        (KSubset(Fraction(2), 3), _SMALL),
        (Neutral(), large),
        (Local(), large),
    ]


def _within_cell(name: str, channel: ByteChannel) -> Target:
    """Inside the largest cell nothing is told: that part of the channel must be flat."""
    cells: dict[bytes, list[str]] = {}
    for truth, row in channel.items():
        cells.setdefault(next(iter(row)), []).append(truth)
    largest = max(cells.values(), key=len)
    one = Fraction(1)
    return Target(f"{name}, inside a cell of {len(largest)}", {t: channel[t] for t in largest}, one, one)


def repeated_outcomes(seed: int, quick: bool) -> Iterator[Outcome]:
    """k-subset after t fresh draws against e^(tε), and after t sendings of one kept draw against e^ε.

    Exact: d = 6, k = 2, e^ε = 3/2. The device keeps its draw for the template, so the second row is what it
    does; the first shows what would be lost without that.
    """
    mechanism = KSubset(Fraction(3, 2), 2)
    channel = mechanism_channel(mechanism, _SMALL, seed)
    prior = priors(list(channel))["uniform"]
    once = bayes_success(channel, prior)
    for times in (2, 3) if quick else (2, 3, 4):
        many = repeated(channel, times)
        worst = worst_ratio(many)
        assert worst is not None
        yield exact(
            "intersection",
            f"k-subset, {times} fresh draws: e^(tε)",
            worst,
            mechanism.ratio**times,
            what="worst ratio",
            detail=f"success {float(bayes_success(many, prior)):.3f} after {float(once):.3f} at one draw, "
            f"prior 1/{len(channel)}; ε {times * math.log(mechanism.ratio):.3f}",
        )
    yield _kept_draw(seed)


def _kept_draw(seed: int) -> Outcome:
    """50 repeats of one template by persons of every truth, the ledger opened anew each time, as after a restart."""
    privacy = Privacy("k-subset", epsilon=1.0, max_candidates=2)
    members = closed_set(_SMALL).members
    bodies = []
    with tempfile.TemporaryDirectory() as folder:
        for n in range(50):
            shown = release(members[n % len(members)], privacy, ledger=Ledger(folder))
            bodies.append(shown.request(model=MODEL, seed=seed).to_bytes())
        account = Ledger(folder).account()
    return same(
        "intersection",
        "k-subset, 50 repeats with the draw kept",
        sum(b != bodies[0] for b in bodies) + (account.draws != 1),
        len(bodies),
        "requests differ",
        f"the ledger counts {account.draws} draw and ε {account.basic:.4f}",
    )
