"""What stays readable: words outside the slots that still hint at an attribute.

The guarantee covers the slots only. A beard or a nationality goes to the cloud as it was typed, and the
person is told. The list is public, short and not complete: it warns, it promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from .lexicon import AXES, residue_words
from .spans import Span

#: Emoji that carry a gender or a skin tone: people, the two gender signs, the five modifiers.
_EMOJI = {
    "gender": re.compile("[\U0001f466-\U0001f469\U0001f474\U0001f475\U0001f478\U0001f473\U0001f385\U0001f936♀♂]"),
    "skin_tone": re.compile("[\U0001f3fb-\U0001f3ff]"),
}


@cache
def _pattern(axis: str) -> re.Pattern[str]:
    words = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(residue_words()[axis], key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)


def residue(prompt: str, found: Sequence[Span]) -> list[tuple[str, str]]:
    """``(axis, surface)`` of the words that stay in the request and hint at an axis, in order of the axes.

    Args:
        prompt: as typed.
        found: the spans that are hidden; "skin" beside a hidden tone is no hint.
    """
    toned = any(s.axis == "skin_tone" for s in found)
    out: list[tuple[str, str]] = []
    for axis in AXES:
        hits = [*_pattern(axis).finditer(prompt), *(_EMOJI[axis].finditer(prompt) if axis in _EMOJI else ())]
        for m in hits:
            hidden = any(m.start() < s.end and s.start < m.end() for s in found)
            if hidden or (toned and m.group().lower() in ("skin", "skinned", "complexion")):
                continue
            if (axis, m.group()) not in out:
                out.append((axis, m.group()))
    return out
