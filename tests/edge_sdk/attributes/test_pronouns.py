"""Pronouns go with their person; one that means somebody else is said as a noun."""

from __future__ import annotations

import pytest

from ..door import released
from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        ("a pilot and her dog", ("a pilot and her dog", "a pilot and his dog")),
        ("a firefighter. He smiles", ("a firefighter. She smiles", "a firefighter. He smiles")),
        ("she looks at herself", ("she looks at herself", "he looks at himself")),
        ("his hat on a chair", ("her hat on a chair", "his hat on a chair")),
        ("two women and their dogs", ("two women and their dogs", "two men and their dogs")),
        ("a teacher with his students", ("a teacher with her students", "a teacher with his students")),
        (
            "A woman who says that she is tired",
            ("A woman who says that she is tired", "A man who says that he is tired"),
        ),
    ],
)
def test_a_pronoun_goes_with_its_person(prompt: str, members: tuple[str, ...]) -> None:
    sent = hides(prompt)
    assert sent.members == members
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "template"),
    [
        ("a man gives her a rose", "{a} {s0} gives {a} {s1} a rose"),
        ("a woman looks at him", "{a} {s0} looks at {a} {s1}"),
        ("a man kisses her", "{a} {s0} kisses {a} {s1}"),
    ],
)
def test_a_pronoun_for_somebody_else_becomes_a_noun(prompt: str, template: str) -> None:
    sent = hides(prompt)
    assert sent.template == template
    assert len(sent.members) == 4
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        ("photo of him painting", ("photo of a woman painting", "photo of a man painting")),
        ("a photo of her dancing", ("a photo of a woman dancing", "a photo of a man dancing")),
    ],
)
def test_somebody_doing_something_is_no_owner(prompt: str, members: tuple[str, ...]) -> None:
    assert hides(prompt).members == members


def test_the_pronoun_of_a_second_person_is_theirs() -> None:
    sent = hides("a man with a woman beside him")
    assert set(sent.members) == {
        f"a {one} with a {other} beside {him}"
        for one, him in (("woman", "her"), ("man", "him"))
        for other in ("woman", "man")
    }
    is_closed(sent)


@pytest.mark.parametrize("prompt", ["the moon in her glory", "the sun in his splendour over a lake"])
def test_things_spoken_of_like_persons_stay(prompt: str) -> None:
    stays(prompt)


def test_several_are_not_one() -> None:
    assert released("birds and their nests").mechanism == "none"
