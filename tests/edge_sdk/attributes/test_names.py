"""Names of persons: asked about, never kept by a safer choice; artists, streets and months are none."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError

from ..door import released
from .asserting import hides, is_closed, is_readable, refuses, stays

NAMES = [
    ("Ruth Kowalczyk in a garden", "Ruth Kowalczyk"),
    ("Miguel Okafor in a kitchen", "Miguel Okafor"),
    ("portrait of Aisha Ibrahim", "Aisha Ibrahim"),
    ("Hassan Lindgren, portrait", "Hassan Lindgren"),
]


@pytest.mark.parametrize(("prompt", "name"), NAMES)
def test_a_name_is_asked_about(prompt: str, name: str) -> None:
    error = refuses(prompt, ImpliedError, f"'{name}' gives the identity away.*Nothing was sent")
    assert isinstance(error, ImpliedError)
    assert [(f.axis, f.surface) for f in error.implied] == [("identity", name)]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("painting of maria, oil on canvas", "maria"),
        ("my neighbor Svetlana on a balcony", "Svetlana"),
        ("Mrs. Henderson baking bread", "Henderson"),
        ("Queen Elizabeth waving", "Elizabeth"),
        ("Frau Becker in a shop", "Becker"),
    ],
)
def test_first_names_and_titled_surnames_are_asked_about(prompt: str, name: str) -> None:
    refuses(prompt, ImpliedError, f"'{name}' gives the identity away")


@pytest.mark.parametrize(("prompt", "name"), NAMES)
def test_saying_less_leaves_no_part_of_the_name(prompt: str, name: str) -> None:
    sent = released(prompt, on_implied="generalise")
    assert len(sent.members) == 1
    assert "a person" in sent.members[0]
    assert not any(is_readable(part, sent.members[0]) for part in name.split())


@pytest.mark.parametrize(("prompt", "name"), [NAMES[0], NAMES[3]])
def test_as_a_slot_the_surname_goes_with_the_name(prompt: str, name: str) -> None:
    sent = hides(prompt, *name.split(), on_implied="slot")
    assert [a.name for a in sent.grid.axes] == ["first_names"]
    assert len(sent.members) == 8
    is_closed(sent, on_implied="slot")


@pytest.mark.parametrize(("prompt", "name"), NAMES)
def test_allowed_it_stays_and_is_told(prompt: str, name: str) -> None:
    sent = released(prompt, on_implied="allow")
    assert sent.members == (prompt,)
    assert any(name in note and "stays readable" in note for note in sent.notes)


@pytest.mark.parametrize(
    "prompt",
    [
        "a castle, by Ivan Petrov, Tom Baker, Anna Weiss",
        "art by greg rutkowski and alphonse mucha, a castle",
        "in the style of Vincent van Gogh, a field",
        "a Frank Lloyd Wright house",
        "Victoria street at dusk",
        "rose garden in june",
        "film by Denis Villeneuve",
    ],
)
def test_artists_and_places_are_public(prompt: str) -> None:
    stays(prompt)


def test_the_artist_stays_beside_a_person() -> None:
    sent = hides("a portrait of a woman by Ivan Petrov", "woman")
    assert sent.members == ("a portrait of a woman by Ivan Petrov", "a portrait of a man by Ivan Petrov")
