"""First pass: mark the words that matter, in order, without deciding yet who they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .lexicon import Lexicon, Noun, lexicon

#: Words and signs that end a noun phrase: an adjective before them does not reach a noun after them.
_STOPS = frozenset(
    [
        "with",
        "on",
        "in",
        "of",
        "at",
        "by",
        "for",
        "from",
        "and",
        "or",
        "but",
        "to",
        "as",
        "is",
        "are",
        "was",
        "were",
        "the",
        "a",
        "an",
        "that",
        "who",
        "which",
        "while",
        "near",
        "under",
        "over",
        "against",
        "into",
        "holding",
        "wearing",
        "riding",
        "sitting",
        "standing",
        "walking",
        "looking",
    ]
)


@dataclass(frozen=True)
class Mark:
    """One marked stretch of the prompt. ``kind``: noun, age, skin, title, pronoun, stop, word."""

    start: int
    end: int
    kind: str
    noun: Noun | None = None
    value: int = -1
    role: str = ""
    prefix: bool = False

    def text(self, prompt: str) -> str:
        """The prompt's own characters."""
        return prompt[self.start : self.end]


@dataclass(frozen=True)
class _Patterns:
    decoys: re.Pattern[str]
    phrases: re.Pattern[str]
    ages: re.Pattern[str]
    years: re.Pattern[str]
    skin: re.Pattern[str]


def _any(words: list[str]) -> str:
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=lambda w: (-len(w), w)))


@cache
def _patterns() -> _Patterns:
    lex = lexicon()
    several = [w for w in lex.ages if not w.isalpha()]
    flags = re.IGNORECASE
    return _Patterns(
        decoys=re.compile(rf"(?<![\w-])(?:{_any(list(lex.decoys))})(?![\w])", flags),
        phrases=re.compile(rf"\b(?:{_any(list(lex.phrases))})(?!\w)", flags),
        ages=re.compile(rf"\b(?:{_any(several)})(?!\w)", flags),
        years=re.compile(
            r"\b(?:aged?\s+(\d{1,3})\b(?!\s*(?:%|px))|(\d{1,3})[\s-]*years?[\s-]*olds?\b|(\d{1,3})\s*yo\b)", flags
        ),
        skin=re.compile(
            rf"\b({_any(list(lex.tones))})(?:(?P<prefix>[\s-]skinned)\b"
            r"|[\s-](?:(?:colou?red|toned|tone)\s+)?(?:skin|complexion)\b)",
            flags,
        ),
    )


def mark(prompt: str) -> list[Mark]:
    """All marks of a prompt in order; they never overlap."""
    lex, patterns = lexicon(), _patterns()
    marks: list[Mark] = []
    taken = bytearray(len(prompt))

    def take(start: int, end: int) -> bool:
        if any(taken[start:end]):
            return False
        taken[start:end] = b"\x01" * (end - start)
        return True

    for m in patterns.skin.finditer(prompt):
        tone = re.sub(r"\s+", " ", m.group(1).lower())
        if take(m.start(), m.end()):
            marks.append(
                Mark(m.start(1), m.end(1), "skin", value=lex.tones[tone], prefix=m.group("prefix") is not None)
            )
    for m in patterns.decoys.finditer(prompt):
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "word"))
    for m in patterns.phrases.finditer(prompt):
        words = re.sub(r"\s+", " ", m.group().lower())
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "noun", noun=lex.phrases[words]))
    for m in patterns.years.finditer(prompt):
        years = int(next(g for g in m.groups() if g))
        value = 0 if years < lex.child_below else 2 if years >= lex.old_from else 1
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "age", value=value, role="years"))
    for m in patterns.ages.finditer(prompt):
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "age", value=lex.ages[re.sub(r"\s+", " ", m.group().lower())]))
    for m in re.finditer(r"[A-Za-z]+|[,.;:!?()\"]", prompt):
        if not any(taken[m.start() : m.end()]):
            marks.append(_word(lex, prompt, m))
    return sorted(marks, key=lambda k: k.start)


def _word(lex: Lexicon, prompt: str, m: re.Match[str]) -> Mark:
    word, start, end = m.group().lower(), m.start(), m.end()
    joined = prompt[end : end + 1] == "-" or prompt[max(0, start - 1) : start] == "-"
    if not word.isalpha() or (word in _STOPS and not joined):
        return Mark(start, end, "stop")
    for role, forms in lex.pronouns.items():
        if word in forms:
            return Mark(start, end, "pronoun", value=forms.index(word), role=role)
    if word in lex.titles and re.match(r"\.?\s+[A-Z]", prompt[end : end + 4]) and prompt[start].isupper():
        return Mark(start, end, "title", value=lex.titles[word])
    if joined:  # part of a compound that no rule above knows: "man-sized", "T-shirt"
        return Mark(start, end, "word")
    if word in lex.ages and word not in lex.nouns:
        return Mark(start, end, "age", value=lex.ages[word])
    if word in lex.nouns:
        return Mark(start, end, "noun", noun=lex.nouns[word], value=lex.ages.get(word, -1))
    return Mark(start, end, "word")
