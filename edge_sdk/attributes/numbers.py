"""Numbers, decades and years as the tokens of a prompt say them: "42", "sixty-five", "the 60s", "'62"."""

from __future__ import annotations

from typing import Final

from .document import Document

#: Nobody is older; larger numbers say something else.
_OLDEST: Final = 120
_DAYS: Final = 31
#: Two digits are a year of this century, or of the next if no month has as many days.
_CENTURY: Final = 1900
_SHORT: Final = 2


class Numbers:
    """The numbers of a document's tokens."""

    def __init__(self, document: Document) -> None:
        self.document, self.lex = document, document.lex
        self.texts, self.begins, self.ends = document.tokens

    def at(self, i: int) -> str:
        return self.texts[i] if 0 <= i < len(self.texts) else ""

    def glued(self, i: int) -> bool:
        """Whether token ``i`` follows its predecessor without a space."""
        return 0 < i < len(self.texts) and self.begins[i] == self.ends[i - 1]

    def number(self, i: int) -> tuple[int, int] | None:
        """A number at token ``i``, and the token behind it: "42", "sixty-five", "thirtyish"."""
        text = self.at(i)
        after = self.at(i + 2) if self.at(i + 2) != "-" else self.at(i + 3)
        pair = len(text) == len(self.at(i + 1)) == 1 and (text + self.at(i + 1)).isdecimal()
        if pair and (after in self.lex.words["year_units"] or after in ("yo", "y")):  # "2 5 yo": digits set apart
            return int(text + self.at(i + 1)), i + 2
        if text.isdecimal() and len(text) <= 3:
            return (int(text), i + 1) if int(text) <= _OLDEST else None
        if text.endswith("ish") and text[:-3] in self.lex.numbers:
            return self.lex.numbers[text[:-3]], i + 1
        if text == "one" and self.at(i + 1) == "hundred":
            return self.number(i + 1)
        if text not in self.lex.numbers:
            return None
        value = self.lex.numbers[text]
        j = i + 2 if self.at(i + 1) == "-" else i + 1
        unit = self.lex.numbers.get(self.at(j), 0)
        if value >= 20 and 1 <= unit <= 9:
            return value + unit, j + 1
        return value, i + 1

    def before_approximately(self, i: int) -> int:
        """Where the words before token ``i`` begin that only say how sure it is: "about", "ca."."""
        words = self.lex.words
        while True:
            if self.at(i - 1) in words["approximately"]:
                i -= 1
            elif self.at(i - 1) == "." and self.glued(i - 1) and self.at(i - 2) in words["approximately"]:
                i -= 2
            else:
                return i

    def approximately(self, i: int) -> int:
        """The token behind such words and behind those that lead to a number: "not yet", "nearly", "c."."""
        words = self.lex.words
        while self.at(i) in words["approximately"] or self.at(i) in words["age_path"]:
            i += 2 if self.at(i + 1) == "." and self.glued(i + 1) else 1
        return i

    def skip(self, i: int, words: tuple[str, ...] | frozenset[str]) -> int:
        while self.at(i) in words:
            i += 1
        return i

    def decade_at(self, i: int) -> tuple[int, int] | None:
        """ "forties", "40s", "40's": years, and the token behind."""
        text = self.at(i)
        if text in self.lex.decades:
            return self.lex.decades[text], i + 1
        j = i + 2 if self.at(i + 1) == "'" and self.glued(i + 1) and self.glued(i + 2) else i + 1
        if text.isdecimal() and self.at(j) == "s" and self.glued(j) and f"{text}s" in self.lex.decades:
            return self.lex.decades[f"{text}s"], j + 1
        return None

    def year(self, j: int) -> tuple[int, int] | None:
        """The year at token ``j``, and the token behind: "1950", "1950s", "the 60s", "'62"."""
        text = self.at(j)
        if text.isdecimal() and len(text) == 4:
            return int(text), j + 1 + (self.at(j + 1) == "s" and self.glued(j + 1))
        j += text == "'"
        decade = self.decade_at(j)
        if decade is not None:  # a decade is told by its middle
            return _CENTURY + decade[0], decade[1]
        if not self.at(j).isdecimal() or len(self.at(j)) != _SHORT:
            return None
        year = int(self.at(j))
        return (_CENTURY + year if year > _DAYS else _CENTURY + 100 + year), j + 1
