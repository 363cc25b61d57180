"""Tags that name a model of somebody: "<lora:locon_kristenschaal_v1:0.8>", "<lyco:emmaStone_v10:1>", "embedding:anna".

A model of a person says who is meant, so its tag may not be sent; a model of a dragon, a style or a detail says nothing
of anybody and stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .context import context
from .glued import Lookup, glued_axis, holds_name, pieces
from .letters import Token
from .table import Known, axis_of

#: Words of a character's or an artist's name in a tag at most.
_LONGEST: Final = 4
_LEAST_NAME: Final = 3
#: So many common words say what a model is of, whatever name stands among them.
_TELLING: Final = 2
#: Part of a name that may stand behind a common word in one: "fitnessruben".
_LEAST_TAIL: Final = 5

Stretch = tuple[int, int]


def tags(prompt: str) -> Iterator[Stretch]:
    """Where the model tags of a prompt stand: "<kind:name:weight>" and "embedding:name"."""
    at = 0
    while (start := prompt.find("<", at)) >= 0 and (end := prompt.find(">", start)) >= 0:
        kind = prompt[start + 1 : end].split(":")[0].strip().lower()
        if ":" in prompt[start:end] and kind in context("model_kinds"):
            yield start, end + 1
        at = start + 1
    at = 0
    lower = prompt.lower()
    while (start := lower.find("embedding:", at)) >= 0:
        end = start + len("embedding:")
        while end < len(prompt) and (prompt[end].isalnum() or prompt[end] in "_-."):
            end += 1
        if prompt.rfind("<", 0, start) <= prompt.rfind(">", 0, start):
            yield start, end
        at = end


def names_person(tag: str, look: Lookup) -> bool:
    """Whether a tag's name holds a person's or a character's name, or a word for a person."""
    name = tag.strip("<>").split(":")[1]
    parts = [p for p in pieces(name) if p not in context("model_words")]
    if not parts:
        return False
    listed = list(_phrases(pieces(name), look))
    if any(bits & Known.STYLE for _, bits in listed):
        return False
    if any(axis_of(bits) == "identity" for _, bits in listed):
        return True
    if any(p in context("model_persons") or p.endswith(tuple(context("model_endings"))) for p in parts):
        return True
    known = look(parts)
    works = [words for words, bits in listed if bits & Known.FICTION and len(words) > 1]
    works += [[p] for p in parts if p in context("series_short")]
    others = [p for p in parts if not any(p in words for words in works)]
    if works and any(_may_name(p, bits) for p, bits in zip(others, look(others), strict=True)):
        return True
    telling = sum(bool(bits & Known.WORD) for bits in known)  # what a model is of: "jadeCarvingOfAnna"
    if telling < _TELLING and any(_is_single(p, bits) for p, bits in zip(parts, known, strict=True)):
        return True
    words = [w for w in _words(name) if w.lower() not in context("model_words")]
    return any(
        holds_name(w, look) or glued_axis(w.lower(), look) or _is_tailed(w.lower(), look) for w in (name, *words)
    )


def _words(name: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in name).split()


def _phrases(parts: Sequence[str], look: Lookup) -> Iterator[tuple[list[str], int]]:
    """Each run of parts, and what the lists say of it."""
    for length in range(1, _LONGEST + 1):
        runs = [list(parts[i : i + length]) for i in range(len(parts) - length + 1)]
        yield from zip(runs, look([" ".join(run) for run in runs]), strict=True)


def _may_name(part: str, bits: int) -> bool:
    """Whether a part beside a work's title may be who is in it: "jinxLeagueOfLegends"."""
    return len(part) >= _LEAST_NAME and (bool(bits & Known.FICTION) or not bits & (Known.WORD | Known.RARE))


def _is_single(part: str, bits: int) -> bool:
    """Whether a part alone is a name before it is anything else: "locon_olga"."""
    other = Known.WORD | Known.RARE | Known.PLACE | Known.FICTION | Known.STYLE
    return bool(bits & (Known.GIVEN | Known.TOP | Known.SCARCE)) and not bits & other and len(part) >= _LEAST_NAME


def _is_tailed(word: str, look: Lookup) -> bool:
    """ "fitnessruben": a common word and a given name."""
    cuts = [(word[:k], word[k:]) for k in range(_LEAST_NAME, len(word) - _LEAST_TAIL + 1)] if word.isalpha() else []
    return not look([word])[0] and any(
        look([a])[0] & Known.WORD and look([b])[0] & Known.TOP and not look([b])[0] & Known.WORD for a, b in cuts
    )


def model_stretches(prompt: str, look: Lookup) -> list[Stretch]:
    """The tags that are to be left out."""
    return [(a, b) for a, b in tags(prompt) if names_person(prompt[a:b], look)] if ":" in prompt else []


def inside(tokens: Sequence[Token], stretches: Sequence[Stretch]) -> list[bool]:
    """Which tokens stand inside one of the stretches."""
    return [any(a <= t.start < b for a, b in stretches) for t in tokens]
