"""One person named twice is one person; two persons are two."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("1girl, solo, female focus, city", 6),
        ("solo, 1boy, male, male focus, forest", 6),
        ("1woman, woman, solo", 2),
        ("male portrait of a man", 2),
        ("a woman, perfect female silhouette, studio light", 2),
        ("The man is smiling. The man holds a cup.", 2),
        ("a woman. The woman wears a hat", 2),
        ("portrait of a young woman, beautiful woman, detailed face", 6),
    ],
)
def test_a_person_named_again_is_the_same(prompt: str, count: int) -> None:
    sent = hides(prompt)
    assert len(sent.members) == count
    for member in sent.members:
        female = any(w in member.lower() for w in ("girl", "woman", "female"))
        male = any(w in f" {member.lower()}".replace("woman", "").replace("female", "") for w in ("boy", "man", "male"))
        assert female != male, member
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("a woman and a woman", 4),
        ("a man and his brother", 4),
        ("a man, a woman, a man", 8),
        ("two men, three men", 4),
    ],
)
def test_two_persons_are_two(prompt: str, count: int) -> None:
    sent = hides(prompt)
    assert len(sent.members) == count
    is_closed(sent)
