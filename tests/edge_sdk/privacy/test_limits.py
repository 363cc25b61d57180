"""Limits come before the costly check, and a refusal is the same for every truth."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Domain
from edge_sdk.privacy import Privacy, release
from edge_sdk.privacy.limits import check_axes, check_limits, check_prompt
from edge_sdk.privacy.tokens import most_tokens
from obclip_contract import Axis, Phrase, limits

CROWD = "an old blind Muslim man, " * 20


@pytest.mark.parametrize("prompt", [CROWD, "in her sixties with dark skin, " * 40, "a girl, " * 60])
@pytest.mark.parametrize("mechanism", ["auto", "closed", "cover", "neutral"])
def test_a_crowd_is_refused_soon_and_says_what_helps(prompt: str, mechanism: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InputError, match=r"Nothing was sent|shorten"):
        release(prompt, Privacy(mechanism))
    assert time.perf_counter() - began < 2


def test_too_many_axes_say_how_many_persons() -> None:
    with pytest.raises(InputError, match=r"\d+ attributes of \d+ persons .*describe fewer persons"):
        release(CROWD)


def some(axes: int = 1, phrases: int = 1, text: str = "x", template: str = "") -> Domain:
    names = [f"p{i}" for i in range(phrases)]
    return Domain(
        template or " ".join("{" + n + "}" for n in names),
        tuple(Axis(f"axis.{i}", ("v", "w")) for i in range(axes)),
        {n: Phrase((0,), (text, "y")) for n in names},
    )


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        (some(axes=limits.MAX_AXES + 1), "fewer persons"),
        (some(phrases=limits.MAX_PHRASES + 1), "fewer persons"),
        (some(text="x" * (limits.MAX_PHRASE_CHARS + 1)), "shorter"),
        (some(template="{p0}" + "x" * limits.MAX_TEMPLATE_CHARS), "public part"),
        (some(phrases=40, text="x" * 150), "up to"),
    ],
)
def test_each_limit_is_named(domain: Domain, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_limits(domain)


GLUED = [
    "a Mexican/Indian/Chinese/French woman",
    "Mexican/Indian/Greek/French/Turkish men",
    "an old/young/Mexican/Indian/Chinese/French woman, with a hat",
]


@pytest.mark.parametrize("prompt", GLUED)
@pytest.mark.parametrize("mechanism", ["auto", "cover", "cells", "neutral"])
def test_slots_without_spaces_are_refused_before_their_forms_are_made(prompt: str, mechanism: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"without a space .*put spaces between them.*Nothing was sent"):
            release(prompt, Privacy(mechanism, on_implied="allow"))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_domain_made_by_hand_is_measured_within_the_same_limit() -> None:
    axes = tuple(Axis(f"axis.{i}", tuple(f"v{v}" for v in range(16))) for i in range(5))
    phrases = {f"p{i}": Phrase((i,), tuple("x" * (v + 1) for v in range(16))) for i in range(5)}
    fits = Domain("{p0}/{p1}/{p2} {p3} {p4}", axes, phrases)
    assert most_tokens(fits, lambda texts: [len(t) for t in texts]) == 16 * 5 + 2
    with pytest.raises(InputError, match="without a space"):
        most_tokens(Domain("{p0}/{p1}/{p2}/{p3}/{p4}", axes, phrases), lambda texts: [len(t) for t in texts])


def test_what_fits_passes() -> None:
    check_limits(some(axes=limits.MAX_AXES, phrases=limits.MAX_PHRASES))
    check_axes(some(axes=limits.MAX_AXES))
    check_prompt("x" * limits.MAX_MEMBER_CHARS)
    with pytest.raises(InputError, match="characters"):
        check_prompt("x" * (limits.MAX_MEMBER_CHARS + 1))
