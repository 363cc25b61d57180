"""Which form of a pronoun stands in the prompt: "her" and "his" have two each."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, PronounForm

#: Signs that may stand between a pronoun and what it owns: "her 'friend'".
_OPENING = "\"'\u2018\u201c("


def run(document: Document) -> None:
    """Decide the form of "her" and "his"; the lexicon's is right for all others."""
    for i in document.of_kind(Kind.PRONOUN):
        m = document.marks[i]
        if m.word in ("her", "his"):
            alone = PronounForm.OBJECT if m.word == "her" else PronounForm.OWN
            shown = (
                document.is_in(i - 1, document.lex.words["of"])
                and document.adjacent(i)
                and document.marks[i + 1].word.endswith("ing")
            )
            # "a photo of her dancing" shows somebody, as "of him dancing" does.
            opens = m.word == "her" and m.text(document.prompt)[:1].isupper() and document.is_sign(i - 1)
            owns = not shown and (opens or _owns(document, m.end))
            document.change(i, form=PronounForm.POSSESSIVE if owns else PronounForm.OBJECT if shown else alone)


def _owns(document: Document, end: int) -> bool:
    """Whether the word behind can be what "her" owns: not "with her in a boat", not "kisses her gently"."""
    word, at = _word_at(document.prompt, end)
    words = document.lex.words
    if not word or word in words["not_possessed"]:
        return False
    if not word.endswith("ly") or word in words["ly_adjectives"]:
        return True
    # "her vaguely humanoid body", but "kisses her gently on", "hugs her tightly, smiling".
    behind, _ = _word_at(document.prompt, at)
    return bool(behind) and behind not in words["not_possessed"]


def _word_at(text: str, end: int) -> tuple[str, int]:
    """The word that a space sets off from ``end``, in small letters, and where it ends; none behind a sign."""
    at = end
    while at < len(text) and text[at].isspace():
        at += 1
    if at == end:
        return "", at
    if at < len(text) and text[at] in _OPENING:
        at += 1
    stop = at
    while stop < len(text) and (text[stop].isalnum() or (stop > at and text[stop] in "'-_")):
        stop += 1
    return text[at:stop].lower(), stop
