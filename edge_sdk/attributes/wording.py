"""The text around the slots: what a removed word leaves, articles that must fit again, capitals that stay."""

from __future__ import annotations

import re

from obclip_contract import Phrase, article

from .document import Document
from .kinds import Kind, Place
from .marks import Mark

#: Where a removed word stood: the article before it must fit again.
GONE = "\x00"
_ARTICLE = re.compile(r"(?<![\w'{-])([Aa])[Nn]?((?:\s|\x00)(?:\s|\x00|[(\[])*)(\S)")
#: Spaces before a removed word that a sign or the end follows.
_HANGING = re.compile(r"[ \t]+(\x00+)(?=[,.;:!?)\]]|$)")
_OPENING, _CLOSING = "([", ")]"


def cut_before(document: Document, at: int, m: Mark) -> tuple[str, int]:
    """Text from ``at`` to a removed mark and where the text after it goes on; a comma that held it goes too, and the
    brackets and weight around it alone."""
    typed = document.typed
    start, end = _own_group(document, m.start, m.end)
    before = typed[at:start]
    if m.place in (Place.YEARS, Place.LISTED) and before.rstrip().endswith(","):
        return before.rstrip()[:-1], end
    behind = typed[end:].lstrip()
    if before.rstrip().endswith(",") and (not behind or behind[0] in ",.;"):
        return before.rstrip()[:-1], end
    comma = end + len(typed[end:]) - len(typed[end:].lstrip())
    loose = m.place in (Place.NONE, Place.LISTED) or (m.place is Place.YEARS and not typed[: max(0, start)].strip())
    if typed[comma : comma + 1] == "," and m.kind is Kind.AGE and loose:  # "9yo, 1girl"
        end = comma + 1
    while end < len(typed) and typed[end] in " -_\t\n":
        end += 1
    return before, end


def _is_weight(document: Document, i: int) -> bool:
    """Whether the sign at ``i`` only weighs words."""
    return 0 <= i < len(document.typed) and document.prompt[i] == " " and not document.typed[i].isspace()


def _own_group(document: Document, start: int, end: int) -> tuple[int, int]:
    """The stretch with the brackets and weights that hold nothing else: "(old:1.2)"."""
    typed = document.typed
    while True:
        i, j = start - 1, end
        while i >= 0 and typed[i].isspace():
            i -= 1
        while j < len(typed) and typed[j].isspace():
            j += 1
        if i >= 0 and typed[i] == "{" and typed[j : j + 1] == "}":
            start, end = i, j + 1
            continue
        if i < 0 or typed[i] not in _OPENING or not (_is_weight(document, i) and _is_weight(document, j)):
            return start, end
        while j < len(typed) and typed[j] not in _CLOSING:
            j += 1
        start, end = i, j + 1


def weights_within(document: Document, m: Mark) -> tuple[str, str]:
    """Brackets that open, and that close with their weight, inside a replaced stretch and have no partner there."""
    opened: list[str] = []
    closed, run = "", ""
    for i in range(m.start, m.end):
        c = document.typed[i]
        if not _is_weight(document, i):
            run = ""
            continue
        run += c
        if c in _OPENING:
            opened.append(c)
            run = ""
        elif c in _CLOSING:
            if opened:
                opened.pop()
            else:
                closed += run
            run = ""
    return "".join(opened), closed


def fit_articles(template: str) -> str:
    """Make "a"/"an" before a slot an article marker, and right it before words that moved next to it."""

    def right(m: re.Match[str]) -> str:
        marker = "A" if m.group(1) == "A" else "a"
        if m.group(3) == "{" and not template[m.end(3) :].startswith("{"):
            return "{" + marker + "}" + m.group(2) + m.group(3)
        if GONE not in m.group(2):
            return m.group()
        word = article(template[m.start(3) :])
        return (word.capitalize() if marker == "A" else word) + m.group(2) + m.group(3)

    template = _HANGING.sub(r"\1", template)
    return _ARTICLE.sub(right, template).replace(GONE, "")


def keep_capitals(
    template: str, phrases: dict[str, Phrase], prompt: str, raised: list[str]
) -> tuple[str, dict[str, Phrase]]:
    """A slot that begins a sentence is capitalised when its word was."""
    letter = re.search(r"[A-Za-z]", prompt)
    first = re.match(r"(?:\s|[(\[]|\{\{)*\{(s\d+)\}", template)
    names = set(raised) & set(re.findall(r"[.!?] +\{(s\d+)\}", template))
    if first is not None and letter is not None and letter.group().isupper():
        names.add(first.group(1))
    # A value with a capital of its own ("Asian") tells nothing of how the sentence began.
    names = {n for n in names if not any(t[:1].isupper() for t in phrases[n].text)}
    capital = {
        name: Phrase(old.axes, tuple(t[:1].upper() + t[1:] for t in old.text))
        for name, old in phrases.items()
        if name in names
    }
    return template, {**phrases, **capital}
