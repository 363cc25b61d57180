"""Ages in numbers: "30-year-old", "aged 40", "25yo", "mid-forties", "pushing 70", "born in 1950", "a man, 80,"."""

from __future__ import annotations

from typing import Final

from ..document import Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import Noun
from ..marks import Mark
from ..numbers import Numbers

#: A year of birth is read against this year, not against a clock: the same prompt is read the same for ever.
_REFERENCE_YEAR: Final = 2025
_BORN_FROM: Final = 1900
_DAYS: Final = 31
#: Signs before a number: at least, at most, about.
_SIGNS: Final = (">", "<", "\u2265", "\u2264", "~", "\u2248")
#: Smaller numbers behind "at" are hours.
_HOURS: Final = 24
#: Who finishes school was born so many years before.
_AT_GRADUATION: Final = 18
#: Numbers with a plus that say who may look at a picture.
_RATINGS: Final = (13, 16, 18, 21)
#: Smaller numbers in words, or at the start of a prompt, count something.
_LEAST_BARE: Final = 13
#: Smaller numbers in words behind "is" say something else: "she is one of ...".
_FEW: Final = 3
#: Signs between which a number stands alone, and is an age behind a person.
_OPENERS: Final = (",", "(", ";", "|", "\u2014")
_CLOSERS: Final = (",", ";", ".", ")", "|", "\u2014")


def run(document: Document) -> None:
    """Collect the marks of ages in numbers; the matching of words takes them over."""
    reader = _Years(document)
    texts, count = document.tokens.texts, len(document.tokens.texts)
    i = 0
    while i < count:
        text = texts[i]
        end = reader.read_at(i) if text in reader.starts or text.isdecimal() or text.endswith("ish") else i
        i = max(end, i + 1)


class _Years(Numbers):
    def __init__(self, document: Document) -> None:
        super().__init__(document)
        words = document.lex.words
        self.starts = words["age_openers"] | words["decade_parts"] | words["decade_owners"]
        self.starts |= {*self.lex.numbers, *self.lex.decades, *_OPENERS, "-"}

    def take(self, i: int, end: int, value: int) -> int:
        """Mark tokens ``i`` to ``end`` as an age value."""
        i = self.before_approximately(i)
        if self.at(i - 1) in self.lex.words["bounds"] and self.at(i - 2) in self.lex.words["before_bounds"]:
            i -= 2  # "up to 80 years old"
        begin, stop = self.begins[i], self.ends[end - 1]
        word = self.document.text[begin:stop].lower()
        mark = Mark(begin, stop, Kind.AGE, word, value=value, place=Place.YEARS, near=True)
        self.document.special.append((begin, stop, mark))
        return end

    def read_at(self, i: int) -> int:
        """Every form that can begin at token ``i``; the token behind it, or ``i``."""
        forms = (self.decade, self.stated, self.counted, self.passing, self.led, self.born, self.said)
        for form in (*forms, self.grouped, self.bare):
            end = form(i)
            if end > i:
                return end
        return i

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
        j = self.approximately(self.skip(j + 1, self.lex.words["age_statements"]))
        bracket = self.at(j) == "("
        found = self.decade_at(j + bracket) or self.number(j + bracket)
        if found is None:
            return i
        value, end = found
        again = self.number(end + 1) if self.at(end) in ("to", "and", "or", "-") else None
        value, end = again or (value, end)
        end += 3 * (self.at(end) == "and" and self.at(end + 2) in self.lex.words["fractions"])  # "nine and a half"
        end += self.at(end) in ("ish", "+", "plus")
        if self.at(end) in ("%", "px") or (bracket and self.at(end) != ")"):
            return i
        return self.take(i, end + bracket, self.lex.age_of(value))

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
        if self.at(k) == "odd":  # "a sixty-odd-year-old"
            k = self.skip(k + 1, ("-", "_"))
        unit = self.at(k)
        if unit in words["year_units"]:
            k = self.skip(k + 1, ("-", "_", "."))
            if self.at(k) in ("old", "olds", "young"):
                return ages(value), k + 1
            if self.at(k) == "of" and self.at(k + 1) == "age":
                return ages(value), k + 2
            lone = self.opens(i - 1) and self.closes(k)
            noun = self.lex.nouns.get(self.at(k))
            if noun is not None and noun.gender is not None and not noun.plural and value > 1:
                return ages(value), k  # "a 70 yr man"; "a 20 year veteran" is none
            behind = self.at(i) == "of" and self.behind_person(i) and self.ends_here(k)
            return (ages(value), k) if lone or behind else None
        if unit in words["short_units"] and self.at(k + 1) in ("old", "olds"):
            return 0, k + 2
        if unit in words["short_units"] and self.opens(i - 1) and self.closes(k + 1) and self.behind_child(i - 1):
            return 0, k + 1  # "a baby, 3 months, asleep"
        if unit in words["short_units"] and self.at(k + 1) == "-" and self.at(k + 2) in ("old", "olds"):
            return 0, k + 3
        if unit in ("yo", "yos", "yro") or (unit == "y" and self.glued(k) and self.closes(k + 1)):
            return ages(value), k + 1
        if unit == "y" and self.at(k + 1) in ("/", ".") and self.at(k + 2) == "o":
            return ages(value), k + 3 + (self.at(k + 3) == "." and self.at(k + 1) == ".")
        if unit in ("ish", "something", "somethings", "+", "plus") and j == i and value >= 10:
            alone = self.opens(i - 1) and self.closes(k + 1) and value not in _RATINGS
            counts = unit not in ("+", "plus") or self.at(k + 1) in self.lex.nouns or alone
            return (ages(value), k + 1) if counts else None
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
        return self.closes(i) or self.at(i) in self.lex.words["clause_starts"]

    def opens(self, i: int) -> bool:
        """Whether a sign that sets off what follows stands at ``i``, or the prompt begins behind it."""
        return self.at(i) in (*_OPENERS, "") or self.is_dash(i)

    def closes(self, i: int) -> bool:
        """Whether a sign that sets off what stands before is at ``i``, or the prompt's end."""
        return self.at(i) in (*_CLOSERS, "") or self.is_dash(i)

    def is_dash(self, i: int) -> bool:
        """Whether a hyphen with spaces on both sides stands at ``i``: "baker - 30 - tired"."""
        return self.at(i) == "-" and i > 0 and not self.glued(i) and not self.glued(i + 1)

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
        if found is None:
            return i
        core = any(self.at(k) in words["age_path_core"] for k in range(i, j))
        if not core and not (j == i + 1 and self.at(i) == "at" and found[0] > _HOURS):  # "an actor at 80"
            return i
        value, end = found
        ends = self.ends_here(end) or self.at(end) in words["time_words"]
        if not ends or not (value >= 10 or self.behind_child(i)):
            return i
        if self.at(end) in words["time_words"]:  # "turning 80 next week"
            end = self.skip(end + 1, words["time_units"])
        return self.take(i, end, self.lex.age_of(value))

    def born(self, i: int) -> int:
        """ "born in 1950", "born on 3 May 1951", "DOB: 1960", "(b. 1950)", "class of 1962"."""
        words = self.lex.words
        finishes = self.at(i) == "class" and self.at(i + 1) == "of"
        short = self.at(i) == "b" and self.at(i + 1) == "." and (self.opens(i - 1) or self.behind_person(i))
        if not (self.at(i) in words["births"] or finishes or short):
            return i
        j = i + 1 + finishes
        while not finishes and (
            self.at(j) in words["birth_words"] or (self.at(j).isdecimal() and int(self.at(j)) <= _DAYS)
        ):
            j += 1
        found = self.year(j)
        if found is None or not _BORN_FROM <= found[0] <= _REFERENCE_YEAR + _AT_GRADUATION:
            return i
        age = _REFERENCE_YEAR - found[0] + (_AT_GRADUATION if finishes else 0)
        return self.take(i, found[1], self.lex.age_of(max(0, age)))

    def said(self, i: int) -> int:
        """ "who is 70", "he is 70 and she is 25", "she's about sixty"."""
        found = self.number(i)
        if found is None or not self.ends_here(found[1]) or found[0] < (1 if self.at(i).isdecimal() else _FEW):
            return i
        words, j = self.lex.words, i
        while self.at(j - 1) in words["approximately"] or self.at(j - 1) in words["age_path"] - words["age_copulas"]:
            j -= 1
        k = j - 1
        short = self.at(k) in ("s", "re", "m") and self.at(k - 1) == "'"
        subject = self.at(k - 2 if short else k - 1)
        somebody = subject in words["age_subjects"] or subject in self.lex.nouns
        if not somebody or not (short or self.at(k) in words["age_copulas"]):
            return i
        return self.take(j, found[1], self.lex.age_of(found[0]))

    def grouped(self, i: int) -> int:
        """ ">60 baker", "over-60 runner", "U18 footballer", "the over-60s"."""
        under = self.at(i) in ("<", "\u2264", "under", "u")
        sign = self.at(i) in _SIGNS
        joint = self.at(i + 1) == "-" and self.glued(i + 1)
        word = self.at(i) in ("over", "under") and (joint or (self.at(i - 1) == "the" and self.decade_at(i + 1)))
        if not (sign or word or (self.at(i) == "u" and (joint or self.glued(i + 1)))):
            return i
        j = i + 1 + (joint or (sign and self.at(i + 1) == "="))
        decade, found = self.decade_at(j), self.number(j)
        if found is None and decade is None:
            return i
        value, end = decade or found or (0, 0)
        several = self.at(end) == "s" and self.glued(end)
        value = self.lex.age_of(value - under)
        if decade is not None or several:
            return self.people(i, end + several, value) if not sign else i
        alone = sign and self.opens(i - 1) and self.closes(end)
        known = found is not None and found[0] >= _LEAST_BARE
        return self.take(i, end, value) if known and (alone or self.at(end) in self.lex.nouns) else i

    def people(self, i: int, end: int, value: int) -> int:
        """Mark tokens ``i`` to ``end`` as a noun for several of an age."""
        begin, stop = self.begins[i], self.ends[end - 1]
        noun = Noun(NounKind.NEUTRAL, True, None, value)
        word = self.document.text[begin:stop].lower()
        self.document.special.append(
            (begin, stop, Mark(begin, stop, Kind.NOUN, word, noun=noun, value=value, near=True))
        )
        return end

    def bare(self, i: int) -> int:
        """A number set off behind a person: "a man, 80, in a park", "a woman (45)", "a baker, about sixty".

        Without a person it is none.
        """
        first = i == 0 and self.at(0).isdecimal()
        if not (self.opens(i) or first):
            return i
        j = i if first else self.approximately(i + 1)
        words = self.lex.words
        leading = words["approximately"] | words["age_path_core"] | words["age_limits"]
        led = any(self.at(k) in leading for k in range(i + 1, j))
        if j > i + 1 and not led:
            return i
        found = self.number(j)
        if found is None or found[0] < 1 or ((first or not self.at(j).isdecimal()) and found[0] < _LEAST_BARE):
            return i
        more = self.number(found[1] + 1) if self.at(found[1]) in ("-", "to") else None
        value, end = more or found
        if self.at(i) == "(":
            if self.at(i - 1) not in self.lex.nouns and not self.is_name(i - 1):
                return i
            return self.take(i, end + 1, self.lex.age_of(value)) if self.at(end) == ")" else i
        decimal = self.at(end) == "." and self.at(end + 1).isdecimal() and self.glued(end + 1)
        if decimal or not (self.ends_here(end) if led else self.closes(end) and self.at(end) != ")"):
            return i
        return self.take(i + 1 if led else j, end, self.lex.age_of(value))
