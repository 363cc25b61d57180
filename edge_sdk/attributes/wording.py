"""The text around the slots: what a removed word leaves, articles that must fit again, capitals that stay."""

from __future__ import annotations

import re

from obclip_contract import Phrase, article

from .document import Mark
from .kinds import Kind, Place

#: Where a removed word stood: the article before it must fit again.
GONE = "\x00"
_ARTICLE = re.compile(r"(?<![\w'{-])([Aa])[Nn]?((?:\s|\x00)+)(\S)")


def cut_before(before: str, prompt: str, m: Mark) -> tuple[str, int]:
    """Text before a removed mark and where the text after it goes on; a comma that held it goes too."""
    end = m.end
    if m.place in (Place.YEARS, Place.LISTED) and before.rstrip().endswith(","):
        return before.rstrip()[:-1], end
    behind = prompt[end:].lstrip()
    if before.rstrip().endswith(",") and (not behind or behind[0] in ",.;"):
        return before.rstrip()[:-1], end
    comma = end + len(prompt[end:]) - len(prompt[end:].lstrip())
    if prompt[comma : comma + 1] == "," and m.kind is Kind.AGE and m.place in (Place.NONE, Place.LISTED):
        end = comma + 1
    while end < len(prompt) and prompt[end] in " -_\t\n":
        end += 1
    return before, end


def fit_articles(template: str) -> str:
    """Make "a"/"an" before a slot an article marker, and right it before words that moved next to it."""

    def right(m: re.Match[str]) -> str:
        marker = "A" if m.group(1) == "A" else "a"
        if m.group(3) == "{" and not template[m.end(3) :].startswith("{"):
            return "{" + marker + "} " + m.group(3)
        if "\x00" not in m.group(2):
            return m.group()
        word = article(template[m.start(3) :])
        return (word.capitalize() if marker == "A" else word) + " " + m.group(3)

    fixed = _ARTICLE.sub(right, template)
    return " ".join(fixed.replace(GONE, "").split())


def keep_capitals(
    template: str, phrases: dict[str, Phrase], prompt: str, raised: list[str]
) -> tuple[str, dict[str, Phrase]]:
    """A slot that begins a sentence is capitalised when its word was."""
    letter = re.search(r"[A-Za-z]", prompt)
    first = re.match(r"\{(s\d+)\}", template)
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
