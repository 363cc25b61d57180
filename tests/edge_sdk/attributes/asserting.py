"""What the tests of the reader ask of a prompt, all through the one door."""

from __future__ import annotations

import re
from typing import Any

import pytest

from edge_sdk.errors import InputError
from edge_sdk.privacy import Release

from ..door import released

_SLOT = re.compile(r"\{[A-Za-z]\w*\}")
#: What no member may hold: a slot that was not filled, signs that were left behind, the wrong article or two of them.
_ODD = re.compile(r"\{s\d|  | [,.;]|,,|\b[Aa] [aeio]|\b[Aa]n [bcdfgjklmnpqrstvwxz]|\b[Aa]n? an?\b|\d an? ")
#: Members that are released again; of more, some at both ends and between.
_MOST_ASKED = 5


def is_readable(word: str, text: str) -> bool:
    """Whether a word stands in a text, not as a part of a longer one; signs count as letters' ends."""
    return re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", text.lower()) is not None


def hides(prompt: str, *words: str, **options: Any) -> Release:
    """What is sent for ``prompt``: none of ``words`` is public, nor in all members, and the members are one set."""
    sent = released(prompt, **options)
    public = _SLOT.sub(" ", sent.template)
    for word in words:
        assert not is_readable(word, public), f"{word!r} is public in {sent.template!r}"
        assert not all(is_readable(word, m) for m in sent.members), f"{word!r} is in all members: {sent.members[:3]}"
    assert sent.mechanism != "none", sent.template
    assert sent.guarantee.bits == 0
    assert len(set(sent.members)) == len(sent.members)
    for member in sent.members:
        assert _ODD.search(member) is None, member
    return sent


def is_closed(sent: Release, **options: Any) -> None:
    """Members give the request that they came from, byte for byte."""
    body = sent.request(seed=0).to_bytes()
    step = max(1, len(sent.members) // _MOST_ASKED)
    for member in {*sent.members[::step], sent.members[-1]}:
        assert released(member, **options).request(seed=0).to_bytes() == body, member


def stays(prompt: str, **options: Any) -> None:
    """Nothing is hidden, and every byte goes out as it was typed."""
    sent = released(prompt, **options)
    assert sent.mechanism == "none", sent.template
    assert sent.members == (prompt,)
    assert sent.epsilon is None


def refuses(prompt: str, error: type[InputError], message: str, **options: Any) -> InputError:
    """The prompt is refused with this class of error, and the message says ``message`` and that nothing was sent."""
    with pytest.raises(error, match=message) as caught:
        released(prompt, **options)
    assert type(caught.value) is error
    return caught.value
