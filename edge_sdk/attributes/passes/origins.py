"""Origins and faiths told in a phrase: "born in Lagos", "with Korean roots", "converted to Islam"."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind
from ..lexicon import Noun, Origin, Trait
from ..marks import Mark
from ..matching import longest


def run(document: Document) -> None:
    """Collect the phrases; the matching of words takes them over."""
    texts, lex = document.tokens.texts, document.lex
    for i, text in enumerate(texts):
        if text in lex.frame_starts:
            for before, behind, kind in lex.frame_starts[text]:
                j = i + len(before)
                if texts[i:j] == list(before) and (end := _read(document, j, behind, kind)) is not None:
                    _add(document, i, *end)
                    break
        elif text in lex.origins and texts[i + 1 : i + 2]:
            match = longest(lex.origins, document.tokens, i)
            for _, behind, kind in lex.frame_starts[""] if match is not None else ():
                if match is not None and texts[match[0] : match[0] + len(behind)] == list(behind):
                    origin = _of_kind(document, match[1], kind)
                    if origin is not None:
                        _add(document, i, match[0] + len(behind), origin)
                        break


def _read(document: Document, i: int, behind: tuple[str, ...], kind: str) -> tuple[int, Origin] | None:
    """The origin of this kind at token ``i`` with the words of the frame behind it: the token behind, and it."""
    if i >= len(document.tokens.texts) or document.tokens.texts[i] not in document.lex.origins:
        return None
    match = longest(document.lex.origins, document.tokens, i)
    if match is None:
        return None
    end = match[0] + len(behind)
    origin = _of_kind(document, match[1], kind)
    return (end, origin) if origin is not None and document.tokens.texts[match[0] : end] == list(behind) else None


def _of_kind(document: Document, found: tuple[Origin, ...], kind: str) -> Origin | None:
    return next((o for o in found if o.kind == kind and o.axis in document.axes), None)


def _add(document: Document, i: int, end: int, origin: Origin) -> None:
    _, starts, ends = document.tokens
    start, stop = starts[i], ends[end - 1]
    if any(a < stop and start < b for a, b, _ in document.special):
        return
    texts = document.tokens.texts
    if texts[i] in document.lex.words["followers"] and document.is_counted_token(i - 1):
        noun = Noun(NounKind.ROLE, False)
        person = document.lex.neutral[0][1]
        document.special.append((start, start, Mark(start, start, Kind.NOUN, person, noun, literal=f"{person} ")))
    # "a Tokyo-born chef" stands before its noun, everything else behind one.
    before = texts[i] in document.lex.origins and texts[i] not in document.lex.frame_starts
    before = before and end < len(texts) and texts[end] in document.lex.nouns
    trait = Trait(origin.axis, origin.value, behind=not before, adjective=before, near=True)
    value = -1 if origin.value is None else origin.value
    word = " ".join(document.text[start:stop].lower().split())
    document.special.append((start, stop, Mark(start, stop, Kind.TRAIT, word, value=value, trait=trait, near=True)))
