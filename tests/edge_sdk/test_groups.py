"""Adjectives of several persons at once: what people hold, and the colours of a couple."""

from __future__ import annotations

import pytest

from edge_sdk.errors import PrivacyError
from edge_sdk.privacy.closing import slots

from .door import released


@pytest.mark.parametrize(
    ("prompt", "template", "axes"),
    [
        ("an Irish wedding", "{a} {s0} wedding", ["nationality"]),
        ("a Nigerian wedding", "{a} {s0} wedding", ["nationality"]),
        ("a traditional Jewish wedding", "a traditional {s0} wedding", ["religion"]),
        ("a Muslim wedding", "{a} {s0} wedding", ["religion"]),
        ("Sikh funerals", "{s0} funerals", ["religion"]),
        ("a Black wedding", "{a} {s0} wedding", ["ethnicity"]),
        ("a Muslim dancing", "{a} {s0} person dancing", ["religion"]),
    ],
)
def test_what_people_hold_says_who_they_are(prompt: str, template: str, axes: list[str]) -> None:
    """A nationality before a thing is none of a person; before a wedding it is one of everybody there."""
    found = slots(prompt)
    assert (found.template, [a.name for a in found.axes]) == (template, axes)


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        ("a black and white couple", "a couple"),
        ("a Black and White family on a beach", "a family on a beach"),
        ("black-and-white people at a bus stop", "people at a bus stop"),
        ("an interracial couple", "a couple"),
    ],
)
def test_colours_of_several_persons_are_left_out_and_told(prompt: str, sent: str) -> None:
    found = released(prompt)
    assert found.members == (sent,)
    assert any("left out" in note for note in found.notes)
    with pytest.raises(PrivacyError, match="on no list of values"):
        released(prompt, strict=True)


def test_black_and_white_is_how_a_picture_of_one_person_is_taken() -> None:
    assert released("a black and white woman").members == ("a black and white woman", "a black and white man")
