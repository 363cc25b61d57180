"""Limits come before the costly check, and a refusal is the same for every truth."""

from __future__ import annotations

import time

import pytest

from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Domain
from edge_sdk.privacy import Privacy, release
from edge_sdk.privacy.limits import check_axes, check_limits, check_prompt
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


def test_what_fits_passes() -> None:
    check_limits(some(axes=limits.MAX_AXES, phrases=limits.MAX_PHRASES))
    check_axes(some(axes=limits.MAX_AXES))
    check_prompt("x" * limits.MAX_MEMBER_CHARS)
    with pytest.raises(InputError, match="characters"):
        check_prompt("x" * (limits.MAX_MEMBER_CHARS + 1))
