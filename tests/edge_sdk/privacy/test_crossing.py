"""Closure over everything that can be chosen: every member of a set gives the same set, and nothing crashes.

Three hundred prompts in an ordinary run; ``python -m tests.edge_sdk.privacy.crossing`` looks at any number.
"""

from __future__ import annotations

import os

import pytest

from edge_sdk.errors import InputError, PrivacyError
from edge_sdk.privacy import Privacy, release

from . import crossing

EXAMPLES = int(os.environ.get("OBCLIP_CROSS_EXAMPLES", "300"))


def test_every_member_of_a_set_gives_the_same_set() -> None:
    failures, looked, counts = crossing.run(0, EXAMPLES)
    assert failures == []
    assert looked == EXAMPLES
    assert counts["sent"] > EXAMPLES / 3


def test_it_sees_a_set_that_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that refuses one value of gender, or words its template by it, is told."""
    real = crossing.release

    def refuses(prompt, privacy, **rest):
        if " man" in prompt:
            raise PrivacyError("no")
        return real(prompt, privacy, **rest)

    monkeypatch.setattr(crossing, "draw", lambda _: ("a woman on a beach", {"mechanism": "closed"}))
    monkeypatch.setattr(crossing, "release", refuses)
    assert "is refused" in crossing.run(0, 1)[0][0].what
    monkeypatch.setattr(crossing, "release", lambda p, q, **rest: real(p + " at dusk" * (" man" in p), q, **rest))
    assert "another set" in crossing.run(0, 1)[0][0].what
    monkeypatch.setattr(crossing, "release", lambda *_, **__: 1 // 0)
    assert "crash" in crossing.run(0, 1)[0][0].what


@pytest.mark.parametrize(
    ("prompt", "privacy"),
    [
        ("[nuba|wonan], best quality", Privacy(unspecified=True, on_implied="slot")),
        ("a sticker of an old smiling chauffeur", Privacy(strict=True)),
        ("a boxer who is old", Privacy(strict=True)),
        ("dancer, female, old, long hair", Privacy(strict=True)),
    ],
)
def test_every_value_can_be_typed(prompt: str, privacy: Privacy) -> None:
    """What a cross found: a word for an origin that holds a noun, and a value that "strict" refused."""
    found = release(prompt, privacy)
    assert {release(m, privacy).request(seed=1).to_bytes() for m in found.members} == {found.request(seed=1).to_bytes()}


@pytest.mark.parametrize("prompt", ["((amazonian))", "(wiccan:1.2)", "postulant"])
def test_a_prompt_of_which_nothing_is_left_is_refused(prompt: str) -> None:
    with pytest.raises(InputError, match="nothing is left"):
        release(prompt, Privacy(on_implied="generalise", unspecified=True))


def test_a_profession_that_is_opted_in_but_not_hidden_stays() -> None:
    found = release("an elderly Turkish dancer", Privacy(opt_in=("profession",), axes=("gender", "nationality")))
    assert found.template == "an elderly {s0} dancer"
