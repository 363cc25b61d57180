"""Wordings that no person would type, looked for in the members of a set: a first sieve, not a grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_PERSON: Final = r"(?:woman|man|girl|boy|person|child|women|men|girls|boys|people|persons|children)"
_MANY: Final = r"(?:women|men|people|girls|boys|children|persons)"
_ONE: Final = r"(?:woman|man|girl|boy|person|child)"
_AGE: Final = r"(?:young|old|elderly|middle-aged|adult|teenage)"
#: What is wrong, and how it shows.
_PATTERNS: Final = {
    "doubled word": r"\b([a-z]+) \1\b",
    "two articles": r"\b(?:an?|the) (?:an?|the)\b",
    "article": r"\ba (?:[aeio]|u(?!n[ia]|s[eu]|rin|kr))[a-z]|\ban (?!hour|honest|heir|herb)[b-df-hj-np-tv-z][a-z]",
    "two nouns": rf"\b{_PERSON} {_PERSON}\b",
    "two ages": rf"\b{_AGE},? {_AGE}\b",
    "age and noun contradict": r"\b(?:old|elderly|adult|middle-aged) (?:girl|boy|child|children|girls|boys)\b",
    "number": rf"\b(?:an?|one) {_MANY}\b|\b(?:two|three|four|five) {_ONE}\b(?!-)",
    "empty place": r"\(\s*\)|\[\s*\]|,\s*,|^\s*,|,\s*$|\s,|  +",
    "dangling": r"\b(?:is|with|of|in|by|and|an?|the|who|very)\s*(?:$|[,.])|\b(?:is|was)[.,]",
    "pronoun": r"\bthey (?:is|has|was)\b|\b(?:he|she) (?:are|have|were)\b|\b(?:him|them) (?:dog|hands?|son|daughter)\b",
    "placeholder": r"[{}]",
}
_COMPILED: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}


def oddities(prompt: str, members: Sequence[str]) -> list[str]:
    """``kind: member`` of each kind that a member shows and the prompt does not; the first member of each."""
    out = []
    for name, pattern in _COMPILED.items():
        typed = {m.group().lower() for m in pattern.finditer(prompt)}
        shown = (m for m in members if any(hit.group().lower() not in typed for hit in pattern.finditer(m)))
        first = next(shown, None)
        if first is not None:
            out.append(f"{name}: {first!r}")
    return out
