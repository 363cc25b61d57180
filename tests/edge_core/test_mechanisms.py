"""The core's mechanisms against the reference's: views, guarantees and starts on random domains, bit for bit."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Cells, Closed, Cover, Domain, Guarantee, KSubset, Local, Mechanism, Neutral, Ruler
from edge_sdk.mechanisms.protocol import log_up
from edge_sdk.mechanisms.ruler import plain
from edge_sdk.privacy.metric import measure
from obclip_contract import Axis, Phrase, RequestError

from . import metric_data
from .building import probe
from .coins import ByteCoins, RanOutError
from .lines import KINDS, bits, line, text

#: Axes as the lexicon has them, by how many of their values are taken.
NAMED = {
    "gender": ["woman", "man", "unspecified"],
    "age": ["child", "adult", "old", "unspecified"],
    "skin_tone": ["light", "medium", "dark", "pale"],
    "nationality": ["French", "German", "Chinese", "Indian", "Nigerian", "American", "Dutch", "Swiss", "Kenyan"],
    "religion": ["Christian", "Muslim", "Jewish", "Hindu"],
}
#: What a domain's phrase holds at most, so that the reference need not make more texts.
MOST_TEXTS = 5000


def _ruler(rng: random.Random, axis: Axis) -> Ruler:
    kind = rng.random()
    n = len(axis.values)
    if kind < 0.25:
        return plain(axis)
    if kind < 0.5:
        return measure(axis)
    apart = [[0] * n for _ in range(n)]
    top = rng.choice((1, 2, 5, 1000, 6720))
    for i in range(n):
        for j in range(i):
            apart[i][j] = apart[j][i] = rng.randint(1, top)
    prior = tuple(rng.choice((1, 1, 1, 2, 7, 1451)) for _ in range(n))
    first = frozenset(i for i in range(n) if rng.random() < rng.choice((0, 0.3)))
    return Ruler(tuple(map(tuple, apart)), prior, first, rng.randrange(n) if rng.random() < 0.2 else None)


def _axis(rng: random.Random, number: int, sizes: tuple[int, ...]) -> Axis:
    name = rng.choice(list(NAMED))
    if rng.random() < 0.5:
        kept = [v for v in NAMED[name] if rng.random() < 0.8] or NAMED[name][:1]
        return Axis(f"{name}.{number}", tuple(kept))
    return Axis(f"{name}.{number}", tuple(f"v'{i}" for i in range(rng.choice(sizes))))


def _domain(rng: random.Random) -> Domain:
    sizes = rng.choice(((1, 2, 3), (2, 3, 4, 5), (3, 8, 12, 13), (5, 40, 70, 200)))
    axes = tuple(_axis(rng, i, sizes) for i in range(rng.choice((0, 1, 1, 2, 2, 3, 4, 5, 7, 12))))
    rulers = {axis: _ruler(rng, axis) for axis in axes}
    phrases: dict[str, Phrase] = {}
    left = list(range(len(axes)))
    rng.shuffle(left)
    while left:
        take, left = left[: rng.choice((1, 1, 2, 3))], left[3:] if rng.random() < 0.5 else left[1:]
        count = math.prod(len(axes[a].values) for a in take)
        phrases[f"p{len(phrases)}"] = Phrase(tuple(take), tuple(map(str, range(count))) if count < MOST_TEXTS else ())
    return Domain("".join(f"{{{name}}} " for name in phrases), axes, phrases, rulers.__getitem__)


def _mechanism(rng: random.Random) -> tuple[str, Mechanism | InputError]:
    """As the probe reads it, and the reference's, or why there is none."""
    name = rng.choice(("closed", "cover", "cover", "cells", "cells", "k-subset", "epsilon", "local", "neutral"))
    n = rng.choice((0, 1, 2, 3, 5, 8, 13, 24, 40, 64, 65))
    made: Mechanism
    try:
        if name == "epsilon":
            epsilon = rng.choice((0.0, 1e-7, 0.001, 0.5, 1.0, 2.5, rng.uniform(0, 16), 16.0, 16.5, math.nan))
            spec = f"epsilon {bits(epsilon)} {n}"
            made = KSubset.of(epsilon, n)
        elif name == "k-subset":
            ratio = Fraction(rng.randint(1, 1 << 40), rng.choice((1, 3, 1 << 20)))
            spec = f"k-subset {ratio} {n}"
            made = KSubset(ratio, n)
        elif name in ("local", "neutral"):
            spec, made = name, Local() if name == "local" else Neutral()
        else:
            spec = f"{name} {n}"
            made = Closed(n) if name == "closed" else Cover(n) if name == "cover" else Cells(n)
    except InputError as error:
        return spec, error
    return spec, made


def _spoken(domain: Domain) -> Iterator[object]:
    yield len(domain.axes)
    for axis, ruler in zip(domain.axes, domain.rulers, strict=True):
        yield from (text(axis.name), len(axis.values), *map(text, axis.values))
        yield from ("measured", *(cell for row in ruler.apart for cell in row), *ruler.prior)
        yield from (int(i in ruler.first) for i in range(ruler.size))
        yield -1 if ruler.silent is None else ruler.silent
    yield len(domain.phrases)
    for name, phrase in domain.phrases.items():
        yield from (text(name), len(phrase.axes), *phrase.axes)


def _error(error: Exception) -> dict[str, Any]:
    return {"error": str(error), "kind": KINDS.index("INPUT")}


def _guaranteed(g: Guarantee) -> dict[str, Any]:
    return {
        "ratio": str(g.ratio),
        "bits": bits(g.bits),
        "epsilon": None if g.epsilon is None else bits(g.epsilon),
        "by_axis": [[name, bits(b)] for name, b in g.bits_by_axis.items()],
        "says": g.says,
    }


def _shown(
    mechanism: Mechanism, domain: Domain, truth: tuple[int, ...], data: bytes, with_grid: bool
) -> dict[str, Any]:
    coins = ByteCoins(data)
    try:
        view = mechanism.view(domain, truth, coins)
    except InputError as error:
        return _error(error)
    except RanOutError:
        told = "the random bytes ran out: give more of them, fresh ones. Nothing was sent"
        return {"error": told, "kind": KINDS.index("MISUSE")}
    out: dict[str, Any] = {"view": [list(row) for row in view], "used": coins.used}
    if view:
        out["start"] = mechanism.start(domain, view, truth)
        if with_grid:
            try:
                out["grid"] = list(domain.grid(view).expand())
            except RequestError as error:
                out["grid"] = _error(error)
    return out


def _truths(rng: random.Random, domain: Domain) -> list[tuple[int, ...]]:
    if domain.size <= 40:
        return list(domain.choices())
    return [tuple(rng.randrange(n) for n in domain.sizes) for _ in range(20)]


def _compare(seed: int, count: int) -> None:
    rng = random.Random(seed)
    lines: list[str] = []
    expected: list[dict[str, Any]] = []
    for _ in range(count):
        spec, mechanism = _mechanism(rng)
        domain = _domain(rng)
        truths = _truths(rng, domain)
        data = rng.randbytes(rng.choice((10, 2000, 2000)))
        with_grid = all(p.text for p in domain.phrases.values())
        spoken = (*_spoken(domain), len(truths), *(v for truth in truths for v in truth), int(with_grid))
        lines.append(line((spec, *spoken, data.hex())))
        if isinstance(mechanism, InputError):
            expected.append(_error(mechanism))
            continue
        try:
            guarantee = _guaranteed(mechanism.guarantee(domain))
        except InputError as error:
            guarantee = _error(error)
        expected.append(
            {
                "name": mechanism.name,
                "may_miss": mechanism.may_miss,
                "speaks": mechanism.speaks,
                "guarantee": guarantee,
                "truths": [_shown(mechanism, domain, truth, data, with_grid) for truth in truths],
            }
        )
    for said, want, asked in zip(map(json.loads, probe("mechanisms")(lines)), expected, lines, strict=True):
        assert said == want, asked[:300]


@pytest.mark.parametrize("seed", range(8))
def test_same_views_and_guarantees(seed: int) -> None:
    """Each mechanism on random domains: every truth of a small one, 20 of a large one."""
    _compare(seed, 100)


def test_numbers() -> None:
    """Numbers as text, logarithms that are not below the truth, quotients, and coins."""
    rng = random.Random(3)
    floats = [0.0, 0.5, 1.5, 2.5, 1e-5, 9.995, 0.00099995, 999999.5, 1e16, 1e22, 1e300, 5e-324, math.inf, 0.1, 1000.0]
    floats += [rng.uniform(0, 20) for _ in range(500)] + [10 ** rng.uniform(-20, 20) for _ in range(500)]
    floats += [round(rng.uniform(0, 9), 3) for _ in range(500)] + [rng.randrange(10**6) / 8 for _ in range(500)]
    ratios = [Fraction(rng.randint(1 << 20, 1 << rng.choice((21, 44, 64, 3000))), 1 << 20) for _ in range(500)]
    ratios += [Fraction(a := rng.randint(1, 10**9), rng.randint(1, a)) ** rng.choice((1, 5, 60)) for _ in range(500)]
    draws = [rng.choice((1, 2, 3, 256, 257, 10**6, 2**64, 3**50, rng.randint(1, 2**90))) for _ in range(300)]
    data = rng.randbytes(4096)
    run = probe("mechanisms")
    for value, said in zip(floats, run([f"format {bits(v)}" for v in floats]), strict=True):
        want = [t for d in (0, 2, 3, 6) for t in (f"{value:.{d}f}", f"{value:.{d + 1}g}")]
        assert json.loads(said) == want
    for ratio, said in zip(ratios, run([f"log_up {r}" for r in ratios]), strict=True):
        try:
            quotient = bits(float(ratio))
        except OverflowError:
            quotient = bits(math.inf)
        assert json.loads(said) == [bits(log_up(ratio)), quotient]
    coins = ByteCoins(data)
    assert json.loads(run([line(("coins", data.hex(), *draws))])[0]) == [coins(n) for n in draws]


def test_metric_data_are_the_reference_s() -> None:
    """The C++ table is what the JSON file says."""
    assert metric_data.SOURCE.read_text(encoding="utf-8") == metric_data.source()
