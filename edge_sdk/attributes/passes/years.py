"""Ages in numbers: "30-year-old", "aged 40", "25yo", "mid-forties", "pushing 70", "born in 1950", "a man, 80,"."""

from __future__ import annotations

from typing import Final

from ..document import Document, Mark
from ..kinds import Kind, NounKind, Place
from ..lexicon import Noun

#: Nobody is older; larger numbers say something else.
_OLDEST: Final = 120
#: A year of birth is read against this year, not against a clock: the same prompt is read the same for ever.
_REFERENCE_YEAR: Final = 2025
_BORN_FROM: Final = 1900
_DAYS: Final = 31
#: Signs between which a number stands alone, and is an age behind a person.
_OPENERS: Final = (",", "(")
_CLOSERS: Final = (",", ";", ".", ")")


def run(document: Document) -> None:
    """Collect the marks of ages in numbers; the matching of words takes them over."""
    reader = _Years(document)
    texts, count = document.tokens.texts, len(document.tokens.texts)
    i = 0
    while i < count:
        text = texts[i]
        end = reader.read_at(i) if text in reader.starts or text.isdecimal() or text.endswith("ish") else i
        i = max(end, i + 1)


class _Years:
    def __init__(self, document: Document) -> None:
        self.document, self.lex = document, document.lex
        self.texts, self.begins, self.ends = document.tokens
        words = document.lex.words
        self.starts = words["age_openers"] | words["decade_parts"] | words["decade_owners"]
        self.starts |= {*self.lex.numbers, *self.lex.decades, ",", "("}

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
        if text not in self.lex.numbers:
            return None
        value = self.lex.numbers[text]
        j = i + 2 if self.at(i + 1) == "-" else i + 1
        unit = self.lex.numbers.get(self.at(j), 0)
        if value >= 20 and 1 <= unit <= 9:
            return value + unit, j + 1
        return value, i + 1

    def take(self, i: int, end: int, value: int) -> int:
        """Mark tokens ``i`` to ``end`` as an age value."""
        while self.at(i - 1) in self.lex.words["approximately"]:
            i -= 1
        if self.at(i - 1) in self.lex.words["bounds"] and self.at(i - 2) in self.lex.words["before_bounds"]:
            i -= 2  # "up to 80 years old"
        begin, stop = self.begins[i], self.ends[end - 1]
        word = self.document.text[begin:stop].lower()
        mark = Mark(begin, stop, Kind.AGE, word, value=value, place=Place.YEARS, near=True)
        self.document.special.append((begin, stop, mark))
        return end

    def read_at(self, i: int) -> int:
        """Every form that can begin at token ``i``; the token behind it, or ``i``."""
        for form in (self.decade, self.stated, self.counted, self.passing, self.led, self.born, self.bare):
            end = form(i)
            if end > i:
                return end
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

    def decade(self, i: int) -> int:
        """ "in her (early) sixties", "mid-forties", "(…, 50s)"."""
        parts = self.lex.words["decade_parts"]
        j, who = i, ""
        if self.at(i) == "in" and self.at(i + 1) in self.lex.words["decade_owners"]:
            who, j = self.at(i + 1), i + 2
        elif self.at(i) in self.lex.words["decade_owners"] and self.at(i - 1) != "in":
            who, j = self.at(i), i + 1  # "a commander his late twenties"
        first = j
        while self.at(j) in parts or (self.at(j) == "-" and j > first):
            j += 1
        found = self.decade_at(j)
        if found is None:
            return i
        value, end = self.lex.age_of(found[0]), found[1]
        if self.at(end) in self.lex.words["range_joints"] and (more := self.decade_at(end + 1)) is not None:
            end = more[1]  # "in her 20s or 30s"
        if who:
            while self.at(i - 1) in self.lex.words["age_verbs"] and self.at(i) != "in":  # "entering his forties"
                i -= 1
            gender = None if who == "their" else self.lex.pronouns["possessive"].index(who)
            noun = Noun(NounKind.DECADE, False, gender, value)
            begin, stop = self.begins[i], self.ends[end - 1]
            word = self.document.text[begin:stop].lower()
            mark = Mark(begin, stop, Kind.DECADE, word, noun=noun, value=value, near=True)
            self.document.special.append((begin, stop, mark))
            return end
        # "in the late 50s"; "80s, portrait": what a prompt begins with is a style.
        era = self.at(i - 1) == "the" or (i == 0 and self.at(end) == ",")
        alone = self.at(i - 1) in (*_OPENERS, "") and self.at(end) in (*_CLOSERS, "")
        return self.take(i, end, value) if (j > i or alone) and not era else i

    def stated(self, i: int) -> int:
        """ "aged 40", "age: 40", "at the age of 40", "of age 40ish", "age 30 to 40"."""
        if self.at(i) not in ("age", "aged", "ages", "at", "of"):
            return i
        j = i + 1 if self.at(i) in ("at", "of") else i
        j = j + 1 if self.at(j) == "the" and j > i else j
        if self.at(j) not in ("age", "aged", "ages"):
            return i
        j = self.skip(j + 1, (":", "=", "of", "about", "around"))
        found = self.number(j)
        if found is None:
            return i
        value, end = found
        again = self.number(end + 1) if self.at(end) in ("to", "and", "or", "-") else None
        value, end = again or (value, end)
        end += 3 * (self.at(end) == "and" and self.at(end + 2) in self.lex.words["fractions"])  # "nine and a half"
        end += self.at(end) == "ish"
        if self.at(end) in ("%", "px"):
            return i
        return self.take(i, end, self.lex.age_of(value))

    def counted(self, i: int) -> int:
        """ "30-year-old", "30 years of age", "25yo", "6 months old", "20 to 30 years old", "30ish", "30-something"."""
        j = self.skip(i + 1, self.lex.words["approximately"]) if self.at(i) == "of" else i
        found = self.number(j)
        if found is None:
            return i
        value, end = found
        for joint in (("to",), ("or",), ("and",), ("-",), ("-", "to", "-"), ("-", "or", "-")):
            more = self.number(end + len(joint)) if tuple(self.texts[end : end + len(joint)]) == joint else None
            if more is not None:
                value, end = more
                break
        value_end = self.unit(i, j, value, end)
        if value_end is None:
            return i
        # "a man of sixty" takes the "of" with it, "a group of 30-year-old men" does not.
        behind = i < j and self.behind_person(i) and self.ends_here(value_end[1])
        return self.take(i if behind else j, value_end[1], value_end[0])

    def unit(self, i: int, j: int, value: int, end: int) -> tuple[int, int] | None:
        """What makes the number before token ``end`` an age: the age value, and the token behind."""
        ages, words = self.lex.age_of, self.lex.words
        k = self.skip(end, ("-", "_"))
        unit = self.at(k)
        if unit in words["year_units"]:
            k = self.skip(k + 1, ("-", "_", "."))
            if self.at(k) in ("old", "olds", "young"):
                return ages(value), k + 1
            if self.at(k) == "of" and self.at(k + 1) == "age":
                return ages(value), k + 2
            lone = self.at(i - 1) in (*_OPENERS, "") and self.at(k) in (*_CLOSERS, "")
            behind = self.at(i) == "of" and self.behind_person(i) and self.ends_here(k)
            return (ages(value), k) if lone or behind else None
        if unit in words["short_units"] and self.at(k + 1) in ("old", "olds"):
            return 0, k + 2
        if unit in words["short_units"] and self.at(k + 1) == "-" and self.at(k + 2) in ("old", "olds"):
            return 0, k + 3
        if unit in ("yo", "yos", "yro"):
            return ages(value), k + 1
        if unit == "y" and self.at(k + 1) in ("/", ".") and self.at(k + 2) == "o":
            return ages(value), k + 3 + (self.at(k + 3) == "." and self.at(k + 1) == ".")
        if unit in ("ish", "something", "somethings", "+", "plus") and j == i and value >= 10:
            return (ages(value), k + 1) if unit not in ("+", "plus") or self.at(k + 1) in self.lex.nouns else None
        if self.at(j).endswith("ish") and j == i:
            return ages(value), end
        if i < j and self.behind_person(i) and self.ends_here(end) and (value >= 10 or self.behind_child(i)):
            return ages(value), end  # "a man of sixty", "a boy of nine"; "a mother of three" is none
        return None

    def behind_person(self, i: int) -> bool:
        noun = self.lex.nouns.get(self.at(i - 1))
        return noun is not None and not noun.plural and not noun.collective

    def behind_child(self, i: int) -> bool:
        noun = self.lex.nouns.get(self.at(i - 1))
        return noun is not None and noun.age == 0

    def is_name(self, i: int) -> bool:
        """Whether token ``i`` can be a name: a word with a capital that is not the first."""
        return i > 0 and self.document.prompt[self.begins[i]].isupper()

    def ends_here(self, i: int) -> bool:
        return self.at(i) in (*_CLOSERS, "") or self.at(i) in self.lex.words["clause_starts"]

    def passing(self, i: int) -> int:
        """ "pushing 70", "nearing eighty", "turning 18", "well over 60"."""
        words = self.lex.words
        if self.at(i) in words["age_degrees"] and self.at(i + 1) in words["age_limits"]:
            found = self.number(i + 2)
            good = found is not None and found[0] >= 1 and self.ends_here(found[1]) and self.behind_person(i)
            return self.take(i, found[1], self.lex.age_of(found[0])) if found is not None and good else i
        if self.at(i) not in self.lex.words["age_passing"]:
            return i
        found = self.number(i + 1)
        if found is None or found[0] < 10 or not self.ends_here(found[1]):
            return i
        while self.at(i - 1) in self.lex.words["age_passing_before"]:  # "who has just turned 18"
            i -= 1
        return self.take(i, found[1], self.lex.age_of(found[0]))

    def led(self, i: int) -> int:
        """A number that words lead to behind a person: "just shy of forty", "on the wrong side of 40", "over 60"."""
        words = self.lex.words
        if not self.behind_person(i):
            return i
        j = self.skip(i, words["age_path"])
        found = self.number(j)
        if found is None or not any(self.at(k) in words["age_path_core"] for k in range(i, j)):
            return i
        value, end = found
        ends = self.ends_here(end) or self.at(end) in words["time_words"]
        if not ends or not (value >= 10 or self.behind_child(i)):
            return i
        if self.at(end) in words["time_words"]:  # "turning 80 next week"
            end = self.skip(end + 1, words["time_units"])
        return self.take(i, end, self.lex.age_of(value))

    def born(self, i: int) -> int:
        """ "born in 1950", "born on 3 May 1951", "DOB: 1960"."""
        words = self.lex.words
        if self.at(i) not in words["births"]:
            return i
        j = i + 1
        while self.at(j) in words["birth_words"] or (self.at(j).isdecimal() and int(self.at(j)) <= _DAYS):
            j += 1
        year = int(self.at(j)) if self.at(j).isdecimal() and len(self.at(j)) == 4 else 0
        if not _BORN_FROM <= year <= _REFERENCE_YEAR:
            return i
        end = j + 2 if self.at(j + 1) == "s" and self.glued(j + 1) else j + 1
        return self.take(i, end, self.lex.age_of(_REFERENCE_YEAR - year))

    def bare(self, i: int) -> int:
        """A number set off behind a person: "a man, 80, in a park", "a woman (45)". Without a person it is none."""
        if self.at(i) not in _OPENERS or not self.at(i + 1).isdecimal() or len(self.at(i + 1)) > 3:
            return i
        value, close = int(self.at(i + 1)), self.at(i + 2)
        if not 0 < value <= _OLDEST:
            return i
        if self.at(i) == "(" and self.at(i - 1) not in self.lex.nouns and not self.is_name(i - 1):
            return i
        if self.at(i) == "(":
            return self.take(i, i + 3, self.lex.age_of(value)) if close == ")" else i
        decimal = close == "." and self.at(i + 3).isdecimal() and self.glued(i + 3)
        if close not in (",", ";", ".", "") or decimal:
            return i
        return self.take(i + 1, i + 2, self.lex.age_of(value))
