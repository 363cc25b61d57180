"""What is done about findings: all edits are collected on the original text and applied once.

Words are struck out or put in by token. Then what is left is made whole: a "with" that nothing follows goes, of a list
that lost an item the joining word goes, and the article fits what now stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from obclip_contract import article

from .axes import TRAITS
from .document import Document
from .findings import Finding, owner_of
from .kinds import Kind
from .matching import plain, tokens

#: Where a word was struck out, and what beside it goes with it: brackets that hold nothing, a comma of two, spaces.
_GONE: Final = "\x00"
_EMPTY_GROUP: Final = re.compile(r"[(\[][\s,]*\x00[\s,\x00]*(?::\s*[\d.]+\s*)?[)\]]")
_BETWEEN_COMMAS: Final = re.compile(r",\s*\x00[\s\x00]*(?=,)")
_BEFORE_SIGN: Final = re.compile(r"\s*\x00[\s\x00]*(?=[,.;:!?)\]]|$)")
_AT_START: Final = re.compile(r"^[\s,]*\x00[\s\x00]*,?[\s\x00]*")
_BEHIND_SPACE: Final = re.compile(r"(?<=\s)\x00[\s\x00]*")


def settle(document: Document, findings: Sequence[Finding], decide: Callable[[Finding], str]) -> str:
    """The prompt with each finding that can be changed slotted or generalised as ``decide`` says; "allow" leaves it.

    A slotted name stays: it becomes an axis. The result is read again by the caller; what it still holds refuses.
    """
    edit = _Edit(document)
    for f in findings:
        if not (f.strong or f.slot):
            continue
        choice = decide(f)
        if choice == "slot" and f.slot:
            edit.replace(f.start, f.end, f.slot)
        elif choice in ("slot", "generalise") and not (choice == "slot" and f.axis == "identity"):
            if f.instead:
                edit.replace(f.start, f.end, f.instead)
            else:
                edit.strike(f.start, f.end)
            if choice == "slot":
                edit.say(f)
    return edit.text()


@dataclass
class _Edit:
    document: Document
    #: By token: what is put before it, and what takes its place ("" strikes it out).
    before: dict[int, list[str]] = field(default_factory=dict)
    instead: dict[int, str] = field(default_factory=dict)
    said: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        # As typed, not as spelled for look-up: the tokens of the prompt itself.
        self.texts, self.starts, self.ends = tokens(plain(self.document.prompt))
        self.words = self.document.lex.words

    def _span(self, start: int, end: int) -> tuple[int, int]:
        inside = [i for i in range(len(self.texts)) if self.starts[i] < end and self.ends[i] > start]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)

    def replace(self, start: int, end: int, words: str) -> None:
        """Put words in the place of a stretch; the first of two edits of one place counts."""
        first, last = self._span(start, end)
        if first == last or any(i in self.instead for i in range(first, last)):
            return
        if words.startswith("a ") and first and self.texts[first - 1] in self.words["determiners"]:
            words = words.removeprefix("a ")
        self.instead.update(dict.fromkeys(range(first, last), ""))
        self.instead[first] = words

    def strike(self, start: int, end: int) -> None:
        """Take a stretch out, with the article and adjectives of its own noun phrase."""
        first, last = self._span(start, end)
        if first == last:
            return
        if not self._is_adjective(last):
            first = self._phrase_start(first)
        for i in range(first, last):
            self.instead.setdefault(i, "")

    def _is_adjective(self, end: int) -> bool:
        """Whether a noun for a person, or a word it could describe, follows at once: "a bearded pilot"."""
        for i, m in enumerate(self.document.marks):
            if end < len(self.texts) and m.start == self.starts[end]:
                tied = not self.document.prompt[self.ends[end - 1] : m.start].strip()
                verb = m.kind is Kind.WORD and m.word.endswith(("ing", "ly"))
                return tied and m.kind not in (Kind.STOP, Kind.PRONOUN) and not verb and i > 0
        return False

    def _phrase_start(self, first: int) -> int:
        """Where the noun phrase that ends at token ``first`` begins: over adjectives to its article."""
        i = first
        while i and self._is_modifier(i - 1):
            i -= 1
        if i and self.texts[i - 1] in self.words["determiners"]:
            i -= 1
        return i

    def _is_modifier(self, i: int) -> bool:
        text = self.texts[i]
        if not text.isalpha() or self.prompt_gap(i + 1) or text in self.words["determiners"]:
            return False
        at = next((m for m in self.document.marks if m.start <= self.starts[i] < m.end), None)
        plain_word = at is None or at.kind in (Kind.WORD, Kind.TONE, Kind.LITTLE) or at.start == at.end
        ends = text.endswith(("ed", "y", "ish", "ful", "ous", "al", "ic")) or text in self.words["cue_adjectives"]
        return plain_word and ends and text not in self.words["openers"]

    def prompt_gap(self, i: int) -> bool:
        """Whether something other than spaces or a hyphen stands before token ``i``."""
        return i >= len(self.texts) or bool(self.document.prompt[self.ends[i - 1] : self.starts[i]].strip())

    def say(self, f: Finding) -> None:
        """Say the axis in plain words before the noun the finding is about, unless it is said already."""
        document, i = self.document, owner_of(self.document, f)
        if i is None or not f.value or f.axis not in document.lex.values or (i, f.axis) in self.said:
            return
        if i in document.owner and document.persons[document.owner[i]].value(f.axis) is not None:
            return
        first, last = self._span(document.marks[i].start, document.marks[i].end)
        if first < last and first not in self.instead:
            self.said.add((i, f.axis))
            self.before.setdefault(first, []).append(self._adjective(f))

    def _adjective(self, f: Finding) -> str:
        lex = self.document.lex
        if f.axis == "gender":
            return lex.gender_adjectives[lex.values["gender"].index(f.value)]
        if f.axis in TRAITS:
            return lex.forms[f.axis].before[lex.values[f.axis].index(f.value)]
        return f"{f.value}-skinned" if f.axis == "skin_tone" else f.value

    def text(self) -> str:
        """The prompt as it is after all edits."""
        if not self.before and not self.instead:
            return self.document.typed
        self._mend()
        prompt, out, at = self.document.typed, [], 0
        for i in range(len(self.texts)):
            gap = prompt[at : self.starts[i]]
            at = self.ends[i]
            said = self.instead.get(i, prompt[self.starts[i] : self.ends[i]])
            words = [*self.before.get(i, ()), said] if said else list(self.before.get(i, ()))
            out.append((gap or " " * (i in self.before)) + " ".join(words) if words else gap + _GONE)
        return _tidy("".join(out) + prompt[at:])

    def _mend(self) -> None:
        """Strike what a struck word leaves hanging, and fit the articles."""
        changed = True
        while changed:
            live = [i for i in range(len(self.texts)) if self.instead.get(i) != ""]
            changed = sum(self._mend_at(live, n) for n in range(len(live))) > 0  # each, not the first alone
        live = [i for i in range(len(self.texts)) if self.instead.get(i) != ""]
        for n, i in enumerate(live):
            behind = live[n + 1] if n + 1 < len(live) else None
            if self.texts[i] in ("a", "an") and i not in self.instead and behind is not None:
                self._fit(i, behind)

    def _fit(self, i: int, behind: int) -> None:
        """The article at ``i`` before what stands behind it now; untouched where nothing changed."""
        if behind == i + 1 and behind not in self.instead and behind not in self.before:
            return
        said = self.instead.get(behind, self.document.prompt[self.starts[behind] :])
        new = article(" ".join((*self.before.get(behind, ()), said)))
        old = self.document.prompt[self.starts[i] : self.ends[i]]
        if new != old.lower():
            self.instead[i] = new.capitalize() if old[0].isupper() else new

    def _mend_at(self, live: list[int], n: int) -> bool:
        """Look at one living token beside struck ones; whether it was struck too."""
        i = live[n]
        behind = live[n + 1] if n + 1 < len(live) else None
        struck_behind = i + 1 < len(self.texts) and self.instead.get(i + 1) == "" and i not in self.instead
        struck_before = i > 0 and self.instead.get(i - 1) == ""
        text, after = self.texts[i], self.texts[behind] if behind is not None else ""
        words = self.words
        if i in self.instead or not (struck_behind or struck_before):
            return False
        strike = False
        if struck_behind and text in words["openers"]:
            joins = after in ("and", "or") and n + 2 < len(live) and self._begins_phrase(live[n + 2])
            if joins:
                self.instead[live[n + 1]] = ""
            strike = not joins
        elif struck_behind and (text in words["copulas"] or text in ("who", "that", "whose")):
            strike = after not in ("and", "but") or text in ("who", "that", "whose")
            if not strike and behind is not None:
                self.instead[behind] = ""
        elif text in ("and", "or", "but"):
            ends = behind is None or after in (",", ".", ";", "!", "?", ")") or after in words["openers"]
            first = n == 0 or self.texts[live[n - 1]] in (",", ".", ";", "(")
            strike = (struck_behind and ends) or (struck_before and first) or (struck_behind and behind is None)
        elif text == ",":
            strike = (struck_before and n == 0) or (struck_behind and after in ("", ",", ".", ";", "!", "?", ")"))
            strike = strike or (struck_before and behind is None)
        elif text in ("a", "an") and struck_behind:
            strike = behind is None or after in (",", ".", "and", "or") or after in words["openers"]
        if strike:
            self.instead[i] = ""
        return strike

    def _begins_phrase(self, i: int) -> bool:
        """Whether a noun phrase of the same list begins at token ``i``, not a new clause."""
        text = self.texts[i]
        return (
            text not in self.words["openers"] and not text.endswith("ing") and text not in self.words["clause_starts"]
        )


def _tidy(text: str) -> str:
    """The text without the marks of struck words, and what is whole again beside them; elsewhere nothing changes."""
    while (found := _EMPTY_GROUP.search(text)) is not None:
        text = text[: found.start()] + _GONE + text[found.end() :]
    text = _BETWEEN_COMMAS.sub("", text)
    text = _BEFORE_SIGN.sub("", text)
    text = _AT_START.sub("", text)
    return _BEHIND_SPACE.sub("", text).replace(_GONE, "")
