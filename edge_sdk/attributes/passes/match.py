"""Mark the words that matter, in order, without deciding yet who they belong to."""

from __future__ import annotations

import re

from ..document import Dismissed, Document, Mark
from ..kinds import Kind, NounKind, Reason
from ..lexicon import Meaning, Noun
from ..matching import longest

#: Signs that end a noun phrase.
_SIGNS = frozenset(',.;:!?()"')
#: What follows an apostrophe and ends its noun phrase, or is a short verb.
_CLITICS = frozenset(("s", "re", "m", "ll", "d", "ve"))
#: Parts of a compound that leave the noun behind them what it is: "ex-husband".
_BEFORE = frozenset(("ex", "half", "co", "foster", "soon"))
_WORD = Meaning(Kind.WORD)
_TITLE_BEFORE = re.compile(r"\.?\s+[A-Z]")


class _Marker:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.prompt, self.lex = document.prompt, document.lex
        self.text, self.found = document.text, document.tokens
        self.marks: list[Mark] = []

    def run(self) -> list[Mark]:
        special = sorted(self.document.special, key=lambda s: (s[0], -s[1]))
        marks, phrases = self.marks, self.lex.phrases
        texts, starts, ends = self.found
        alone = self.lex.alone
        i, n, count = 0, 0, len(texts)
        until = special[0][0] if special else len(self.text)
        while i < count:
            if starts[i] >= until:
                marks.append(special[n][2])
                covered = special[n][1]
                n += 1
                until = special[n][0] if n < len(special) else len(self.text)
                while i < count and starts[i] < covered:
                    i += 1
            elif texts[i] in alone and "-" not in texts[max(0, i - 1) : i + 2]:
                m = alone[texts[i]]
                marks.append(Mark(starts[i], ends[i], m.kind, texts[i], m.noun, m.value, form=m.form))
                i += 1
            elif texts[i] in phrases:
                i = self._known(i, until)
            elif texts[i][0].isalpha():
                self._word(i)
                i += 1
            else:
                i = self._sign(i)
        return marks

    def _glued(self, i: int) -> bool:
        """Whether token ``i`` is a hyphen between two words without spaces."""
        texts, starts, ends = self.found
        return 0 < i < len(texts) - 1 and texts[i] == "-" and ends[i - 1] == starts[i] and ends[i] == starts[i + 1]

    def _known(self, i: int, until: int) -> int:
        """Mark the longest phrase that begins at token ``i`` and return the token behind it."""
        match = longest(self.lex.phrases, self.found, i)
        if match is not None and self.found.ends[match[0] - 1] <= until:
            j, meaning = match
            if self._stands(i, j, meaning):
                self._add(self.found.starts[i], self.found.ends[j - 1], meaning)
                return j
        self._word(i, match is None)
        return i + 1

    def _sign(self, i: int) -> int:
        texts, starts, ends = self.found
        if texts[i] in _SIGNS:
            self.marks.append(Mark(starts[i], ends[i], Kind.STOP, texts[i]))
        elif texts[i] == "'" and self._clitic(i):
            self.marks.append(Mark(starts[i], ends[i + 1], Kind.STOP, "'" + texts[i + 1]))
            return i + 2
        return i + 1

    def _clitic(self, i: int) -> bool:
        """Whether the apostrophe at ``i`` joins a short ending to a word: "woman's", "she's"."""
        texts, starts, ends = self.found
        glued = i > 0 and ends[i - 1] == starts[i] and i + 1 < len(texts) and starts[i + 1] == ends[i]
        return glued and texts[i + 1] in _CLITICS

    def _stands(self, i: int, j: int, meaning: Meaning) -> bool:
        """Whether the phrase of tokens ``i`` to ``j`` is not a part of a longer compound ("man-sized", "Afro-pop")."""
        texts, starts, _ = self.found
        left = i > 0 and texts[i - 1] == "-" and self._glued(i - 1)
        right = j < len(texts) and texts[j] == "-" and self._glued(j)
        if left and not right and texts[i - 2] in _BEFORE:
            left = False
        if (left or right) and not meaning.decoy:
            return False
        trait = meaning.trait
        if trait is None:
            return True
        start = starts[i]
        if trait.capital and not self.prompt[start].isupper():
            return False
        if j == i + 1 and texts[i] == "christian" and self.prompt[start].isupper() and j < len(texts):
            # A given name before a surname: "Christian Bale".
            named = self.prompt[starts[j]].isupper() and not self.prompt.isupper() and texts[j].isalpha()
            return not named or longest(self.lex.phrases, self.found, j) is not None
        return True

    def _add(self, start: int, end: int, meaning: Meaning) -> None:
        word = self.text[start:end].lower()
        if not word.isalpha():
            word = " ".join(word.replace("-", " ").split())
        if meaning.kind is Kind.NAME and not self.prompt[start].isupper():
            meaning = _WORD
        trait, value, near = meaning.trait, meaning.value, meaning.near
        if meaning.kind is Kind.AGE:
            near = word not in self.lex.words["exact_ages"]
        if trait is not None:
            value, near = -1 if trait.value is None else trait.value, trait.near
        was = Kind.NOUN if meaning.decoy else None
        self.marks.append(
            Mark(start, end, meaning.kind, word, meaning.noun, value, form=meaning.form, trait=trait, near=near, was=was)
        )
        if meaning.decoy:
            self.document.dismissed[start] = Dismissed(Reason.SENSE)

    def _word(self, i: int, unknown: bool = True) -> None:
        word, start, end = self.found.texts[i], self.found.starts[i], self.found.ends[i]
        if not word.isalpha():
            return
        if not (word in self.lex.titles or word.endswith(self.lex.suffixes)):
            self.marks.append(Mark(start, end, Kind.WORD, word))
        elif (
            word in self.lex.titles and self.prompt[start].isupper() and _TITLE_BEFORE.match(self.prompt[end : end + 4])
        ):
            self.marks.append(Mark(start, end, Kind.TITLE, word, value=self.lex.titles[word]))
        elif unknown and word.endswith(self.lex.suffixes) and not (self._glued(i - 1) or self._glued(i + 1)):
            self.marks.append(Mark(start, end, Kind.NOUN, word, Noun(NounKind.ROLE, word.endswith("s"))))
        else:
            self.marks.append(Mark(start, end, Kind.WORD, word))


def run(document: Document) -> None:
    """All marks of the prompt in order; they never overlap."""
    document.insert(_Marker(document).run())
