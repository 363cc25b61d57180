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
#: Characters that look like an ASCII one and are read as it: typographic quotes, hyphens, spaces, wide letters, and the
#: letters that ignoring case would match without lower() giving the same. One for one, so that positions stay.
_LIKE = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"'),
        **dict.fromkeys("\u0130\u0131", "i"),
        **dict.fromkeys("\u00e8\u00e9\u00ea\u00c8\u00c9\u00ca", "e"),
        "\u017f": "s",
        "\u212a": "k",
        **{chr(0xFEE0 + code): chr(code) for code in range(0x30, 0x7B) if chr(code).isalnum()},
    }
)


@dataclass(frozen=True)
class Mark:
    """One marked stretch of the prompt.

    ``kind``: noun, age, little, skin, tone, decade, title, pronoun, stop, animal, word.
    """

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
    decades: re.Pattern[str]
    skin: re.Pattern[str]
    skin_is: re.Pattern[str]


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
        years=_years(list(lex.numbers)),
        decades=re.compile(
            r"\bin\s+(?P<who>her|his)\s+(?:(?:early|mid|middle|late)[\s-]+)?"
            rf"(?P<decade>{_any(list(lex.decades))})\b",
            flags,
        ),
        skin=re.compile(
            rf"\b({_any(list(lex.tones))})(?:(?P<prefix>[\s-]skinned)\b"
            r"|[\s-](?:(?:colou?red|toned|tone)\s+)?(?:skin|complexion)\b(?!-))",
            flags,
        ),
        skin_is=re.compile(
            r"\b(?:(?:skin|complexion)(?:\s+(?:tone|colou?r))?\s*(?::|=|\bis\b)|skin\s+(?:tone|colou?r))\s*"
            rf"\b({_any(list(lex.tones))})\b(?!-)",
            flags,
        ),
    )


def _years(words: list[str]) -> re.Pattern[str]:
    number = rf"(\d{{1,3}}|(?:{_any(words)})(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?)"
    return re.compile(
        rf"\b(?:age(?:d|:)?\s+{number}\b(?!\s*(?:%|px))"
        rf"|{number}[\s-]*(?:years?|yrs?)(?:[\s-]*olds?|\s+of\s+age)\b|{number}\s*y/?o\b)",
        re.IGNORECASE,
    )


def _number(lex: Lexicon, text: str) -> int:
    if text.isdecimal():
        return int(text)
    return sum(lex.numbers.get(w, 0) for w in re.split(r"[\s-]+", text.lower()))


def mark(prompt: str) -> list[Mark]:
    """All marks of a prompt in order; they never overlap."""
    lex, patterns = lexicon(), _patterns()
    prompt = prompt.translate(_LIKE)
    marks: list[Mark] = []
    taken = bytearray(len(prompt))

    def take(start: int, end: int) -> bool:
        if any(taken[start:end]):
            return False
        taken[start:end] = b"\x01" * (end - start)
        return True

    for m in (*patterns.skin.finditer(prompt), *patterns.skin_is.finditer(prompt)):
        tone = re.sub(r"\s+", " ", m.group(1).lower())
        if take(m.start(), m.end()):
            prefix = m.re is patterns.skin and m.group("prefix") is not None
            marks.append(Mark(m.start(1), m.end(1), "skin", value=lex.tones[tone], prefix=prefix))
    for m in patterns.decades.finditer(prompt):
        gender = lex.pronouns["possessive"].index(m.group("who").lower())
        age = lex.age_of(lex.decades[m.group("decade").lower()])
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "decade", noun=Noun("decade", False, gender, age), value=age))
    for m in patterns.decoys.finditer(prompt):
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "word"))
    for m in patterns.phrases.finditer(prompt):
        words = re.sub(r"\s+", " ", m.group().lower())
        if take(m.start(), m.end()):
            marks.append(Mark(m.start(), m.end(), "noun", noun=lex.phrases[words]))
    for m in patterns.years.finditer(prompt):
        value = lex.age_of(_number(lex, next(g for g in m.groups() if g)))
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
    if word in lex.tone_adjectives:
        return Mark(start, end, "tone", value=lex.tones[word])
    if word in lex.child_adjectives:
        return Mark(start, end, "little")
    if word in lex.nouns:
        return Mark(start, end, "noun", noun=lex.nouns[word], value=lex.ages.get(word, -1))
    if word in lex.animals:
        return Mark(start, end, "animal")
    return Mark(start, end, "word")
