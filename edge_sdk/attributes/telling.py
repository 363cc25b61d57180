"""Where two readings part: the words to name when a prompt has no closed set."""

from __future__ import annotations

from typing import Final

from .slots import CandidateSlots

#: Words that are shown on both sides of where two texts part.
_AROUND: Final = 3


def parting(found: CandidateSlots, member: str, again: CandidateSlots) -> str:
    """The words of ``member`` around the place where its own template parts from that of the set, for the person.

    They are words of one way to fill the prompt, not of the prompt: which one says nothing of the truth.
    """
    first, second = found.template.split(), again.template.split()
    same = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if same is None:
        same = min(len(first), len(second)) if len(first) != len(second) else _first_slot(first)
    words = member.split()
    shift = max(0, min(same, len(words) - 1))
    return " ".join(words[max(0, shift - _AROUND) : shift + _AROUND])


def _first_slot(words: list[str]) -> int:
    """The same text, other slots: where the last one stands."""
    return max((i for i, w in enumerate(words) if "{s" in w), default=0)
