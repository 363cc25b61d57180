"""Cues beside persons: asked about, generalised where the axis is hidden anyway, left alone where nobody is."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError

from ..door import released
from .asserting import hides, is_closed, refuses, stays


@pytest.mark.parametrize(
    ("prompt", "word", "axis"),
    [
        ("a bearded pilot", "bearded", "gender"),
        ("a pilot with a beard", "beard", "gender"),
        ("a pregnant person", "pregnant", "gender"),
        ("a nurse in a hijab", "hijab", "religion"),
        ("a person in a kimono", "kimono", "nationality"),
        ("a nun praying", "nun", "religion"),
        ("a rabbi in a library", "rabbi", "religion"),
        ("a man and a person with a bra", "bra", "gender"),
    ],
)
def test_a_cue_of_an_axis_that_nobody_hides_is_asked_about(prompt: str, word: str, axis: str) -> None:
    error = refuses(prompt, ImpliedError, f"'{word}' gives the {axis} away.*Nothing was sent")
    assert isinstance(error, ImpliedError)
    assert (axis, word) in {(f.axis, f.surface) for f in error.implied}
    assert all(prompt[f.start : f.end] == f.surface for f in error.implied)


def test_all_cues_are_named_at_once() -> None:
    error = refuses("a singer with a rosary and a turban", ImpliedError, "'rosary'.*'turban'")
    assert isinstance(error, ImpliedError)
    assert len(error.implied) == 2


@pytest.mark.parametrize(
    ("prompt", "word", "members"),
    [
        ("a man with a beard", "beard", ("a woman", "a man")),
        ("a woman in a dress", "dress", ("a woman in an outfit", "a man in an outfit")),
        ("a woman with lipstick", "lipstick", ("a woman", "a man")),
    ],
)
def test_a_covered_cue_is_generalised_and_told(prompt: str, word: str, members: tuple[str, ...]) -> None:
    sent = hides(prompt, word)
    assert sent.members == members
    assert any(word in note and "replaced or left out" in note for note in sent.notes)
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a Muslim woman in a hijab", ("muslim", "hijab")),
        ("an old man with gray hair", ("old", "gray")),
        ("1girl, dress, garden", ("dress", "girl")),
        ("a Japanese person in a kimono", ("japanese", "kimono")),
        ("a girl with lipstick and a necktie", ("girl", "lipstick")),
    ],
)
def test_a_cue_of_a_hidden_axis_needs_no_question(prompt: str, words: tuple[str, ...]) -> None:
    hides(prompt, *words)


@pytest.mark.parametrize(
    "prompt",
    [
        "a sloth in a kilt",
        "a cat in a kimono",
        "high heels on a shelf",
        "a kippah on a table",
        "a church at dusk",
        "a castle with a turban shell",
        "a dress on a hanger",
    ],
)
def test_a_cue_needs_a_person_in_reach(prompt: str) -> None:
    stays(prompt)


def test_a_weak_hint_is_told_and_sent() -> None:
    sent = released("a doctor with a tie")
    assert sent.members == ("a doctor with a tie",)
    assert any("'tie' stays readable" in note for note in sent.notes)


def test_allowed_a_cue_stays_and_is_told() -> None:
    sent = released("a bearded pilot", on_implied="allow")
    assert sent.members == ("a bearded pilot",)
    assert any("'bearded' stays readable" in note for note in sent.notes)


@pytest.mark.parametrize("choice", ["slot", "generalise"])
def test_a_function_decides_each(choice: str) -> None:
    asked = []

    def decide(finding: object) -> str:
        asked.append(finding)
        return choice

    sent = released("a bearded pilot", on_implied=decide)
    assert len(asked) >= 1
    assert "bearded" not in sent.template
