"""Second pass: which person each mark belongs to, and which axes each person has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from .animals import without_animals
from .lexicon import Noun, lexicon
from .marks import Mark, mark
from .pronouns import role

#: How many marks an adjective may stand before its noun ("old", "happy", "smiling", "woman").
_REACH = 4


@dataclass
class Person:
    """One person of the prompt and the axes that the prompt gives away about them (value indices)."""

    gender: int | None = None
    age: int | None = None
    skin_tone: int | None = None
    marks: list[int] = field(default_factory=list)
    plural: bool = False

    def value(self, axis: str) -> int | None:
        """Index of the value on an axis, or ``None``."""
        found: int | None = getattr(self, axis)
        return found


@dataclass(frozen=True)
class Reading:
    """A prompt with its marks and the persons they belong to (index into ``persons`` by mark)."""

    prompt: str
    marks: tuple[Mark, ...]
    owner: dict[int, int]
    persons: tuple[Person, ...]


class _Reader:
    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.marks = without_animals(prompt, mark(prompt))
        self.owner: dict[int, int] = {}
        self.persons: list[Person] = []

    def person(self, i: int) -> Person:
        """The person that mark ``i`` belongs to, made on first use."""
        if i not in self.owner:
            self.owner[i] = len(self.persons)
            noun = self.marks[i].noun
            self.persons.append(Person(plural=bool(noun and noun.plural)))
        return self.persons[self.owner[i]]

    def give(self, i: int, head: int) -> Person:
        """Mark ``i`` belongs to the person of mark ``head``."""
        found = self.person(head)
        self.owner[i] = self.owner[head]
        return found

    def head(self, i: int) -> int | None:
        """The noun that an adjective at ``i`` belongs to: the next noun of its noun phrase."""
        for j in range(i + 1, min(i + 1 + _REACH, len(self.marks))):
            if self.marks[j].kind == "noun":
                return j
            if self.marks[j].kind in ("stop", "pronoun", "title"):
                return None
        return None

    def before(self, i: int) -> int | None:
        """The nearest noun before ``i``."""
        return next((j for j in range(i - 1, -1, -1) if self.marks[j].kind == "noun"), None)

    def read(self) -> Reading:
        self._normalise()
        self._nouns()
        self._decades()
        self._ages()
        self._little()
        self._tones()
        self._skins()
        self._titles_and_pronouns()
        order = sorted(
            {o for o in self.owner.values() if self._slots(o)},
            key=lambda o: min(i for i, p in self.owner.items() if p == o),
        )
        new = {old: n for n, old in enumerate(order)}
        owner = {i: new[o] for i, o in self.owner.items() if o in new}
        return Reading(self.prompt, tuple(self.marks), owner, tuple(self.persons[o] for o in order))

    def _slots(self, person: int) -> bool:
        p = self.persons[person]
        return any(p.value(axis) is not None for axis in ("gender", "age", "skin_tone"))

    def _normalise(self) -> None:
        """ "baby girl", "senior woman", "child ball player": a neutral noun before another noun is an adjective."""
        for i, here in enumerate(self.marks):
            if here.kind != "noun" or here.noun is None or here.noun.kind != "neutral":
                continue
            after = self.marks[i + 1] if i + 1 < len(self.marks) else None
            if (after is not None and after.kind == "noun") or self._attributed(i) is not None:
                value = here.noun.age if here.noun.age is not None else here.value
                self.marks[i] = replace(here, kind="age", noun=None, value=int(value))

    def _nouns(self) -> None:
        for i, m in enumerate(self.marks):
            noun = m.noun
            if m.kind != "noun" or noun is None or noun.kind == "role":
                continue
            if noun.kind == "neutral":
                self.person(i).age = noun.age
                continue
            head = self.head(i) if noun.kind == "adjective" else None
            following = self._attributed(i)
            target = self.marks[following].noun if following is not None else None
            person = self.person(i)
            person.gender = noun.gender if person.gender is None else person.gender
            if noun.kind == "child":
                person.age = 0
            if head is not None and head not in self.owner:
                self.owner[head] = self.owner[i]  # "female ... firefighter": one person
            elif following is not None and target is not None and target.kind in ("role", "adjective"):
                self.owner[following] = self.owner[i]  # "woman firefighter"

    def _attributed(self, i: int) -> int | None:
        """The noun that noun ``i`` stands before as an attribute: "woman pilot", "woman health worker"."""
        for j in range(i + 1, min(i + 3, len(self.marks))):
            between = self.prompt[self.marks[j - 1].end : self.marks[j].start]
            if self.marks[j].kind == "noun" and not between.strip():
                return j
            # One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
            verb = self.marks[j].text(self.prompt).endswith("ing")
            if self.marks[j].kind not in ("word", "animal") or between.strip() or verb:
                return None
        return None

    def _ages(self) -> None:
        for i, m in enumerate(self.marks):
            if m.kind != "age":
                continue
            head = self.head(i)
            if head is None and m.role == "years":
                head = self.before(i)
            if head is None and self._stands_for_a_person(i):
                number = m.text(self.prompt).lower().endswith(("s", "elderly"))
                self.marks[i] = replace(m, kind="noun", noun=Noun("neutral", number, None, m.value))
                self.person(i).age = m.value
                continue
            if head is None:
                self.marks[i] = replace(m, kind="word")  # old car, ancient city
                continue
            noun = self.marks[head].noun
            assert noun is not None
            person = self.give(i, head)
            own = 0 if noun.kind == "child" else noun.age if noun.kind == "neutral" else None
            person.age = own if own is not None else m.value if person.age is None else person.age

    def _stands_for_a_person(self, i: int) -> bool:
        """ "an 80-year-old with a cane": a number of years after an article, with no noun behind it."""
        m = self.marks[i]
        before = self.marks[i - 1].text(self.prompt).lower() if i else ""
        after = self.marks[i + 1] if i + 1 < len(self.marks) else None
        ends = after is None or after.kind == "stop" or after.text(self.prompt).lower().endswith("ing")
        article = re.search(
            r"(?<![\w-])(?:an?|the|two|three|four|five|some|\d+)\s+$", self.prompt[: m.start], re.IGNORECASE
        )
        if m.text(self.prompt).lower() == "elderly":  # "a home for the elderly"
            return ends and before in ("the", "these", "those")
        return m.role == "years" and ends and article is not None

    def _decades(self) -> None:
        """ "in her sixties": age and gender of the noun before it. A noun that can carry both then does."""
        for i, m in enumerate(self.marks):
            if m.kind != "decade" or m.noun is None:
                continue
            head = self.before(i)
            person = self.person(i) if head is None else self.give(i, head)
            noun = None if head is None else self.marks[head].noun
            if head is not None and noun is not None and person.gender is None and self._neutral(head):
                self.marks[head] = replace(self.marks[head], noun=Noun("plain", noun.plural, m.noun.gender))
            person.gender = m.noun.gender if person.gender is None else person.gender
            person.age = m.value if person.age is None else person.age

    def _neutral(self, i: int) -> bool:
        noun, word = self.marks[i].noun, self.marks[i].text(self.prompt).lower()
        return noun is not None and (noun.kind == "neutral" or (noun.kind == "role" and word in lexicon().people))

    def _little(self) -> None:
        """ "a little girl": beside a noun that says the age, the word would say it again in every member."""
        for i, m in enumerate(self.marks):
            if m.kind != "little":
                continue
            head = self.head(i)
            noun = None if head is None else self.marks[head].noun
            aged = head in self.owner and self.persons[self.owner[head]].age is not None
            if head is not None and noun is not None and aged and noun.kind in ("plain", "child", "neutral"):
                self.marks[i] = replace(m, kind="age", value=int(self.give(i, head).age or 0), role="little")
            else:
                self.marks[i] = replace(m, kind="word")

    def _tones(self) -> None:
        """ "a black woman": a colour is a skin tone directly before a person, through adjectives of persons only."""
        lex = lexicon()
        for i, m in enumerate(self.marks):
            if m.kind != "tone":
                continue
            head = self.head(i)
            between = [] if head is None else self.marks[i + 1 : head]
            direct = all(b.kind in ("age", "noun") or b.text(self.prompt).lower() in lex.between for b in between)
            noun = None if head is None else self.marks[head].noun
            word = "" if head is None else self.marks[head].text(self.prompt).lower()
            bare = noun is not None and noun.kind == "role" and word not in lex.people
            if (
                noun is None
                or not direct
                or (bare and (word in lex.costume or m.text(self.prompt).lower() in lex.not_before_roles))
            ):
                self.marks[i] = replace(m, kind="word")  # black cat, white wizard, fair judge
            else:
                self.marks[i] = replace(m, kind="skin", prefix=True, role="adjective")

    def _skins(self) -> None:
        for i, m in enumerate(self.marks):
            if m.kind != "skin":
                continue
            head = (self.head(i) if m.prefix else None) or self.before(i)
            if head is None:
                head = next((j for j in range(i + 1, len(self.marks)) if self.marks[j].kind == "noun"), None)
            person = self.person(i) if head is None else self.give(i, head)
            if person.skin_tone is None:
                person.skin_tone = m.value

    def _titles_and_pronouns(self) -> None:
        for i, m in enumerate(self.marks):
            if m.kind == "title":
                self.person(i).gender = m.value
            if m.kind != "pronoun":
                continue
            self.marks[i] = replace(m, role=role(m.text(self.prompt), self.prompt[m.end :], m.role))
            antecedent = self._antecedent(i, m.value)
            person = self.person(i) if antecedent is None else self.give(i, antecedent)
            if person.gender is None:
                person.gender = m.value

    def _antecedent(self, i: int, gender: int) -> int | None:
        """The person a pronoun means: the nearest of its gender; without any, the nearest whose gender is not said.

        "her" and "him" as an object are tried with the person before the nearest first: in "a woman with a man
        beside her" the nearest is the one that stands there. Of two the pronoun fits, structure alone decides.
        """
        known, unknown = self._gendered_before(i), None
        if self.marks[i].role == "object" and len(known) > 1:
            known[:2] = known[1::-1]
        for j in known:
            if self.persons[self.owner[j]].gender == gender:
                return j
        for j in range(i - 1, -1, -1):
            noun = self.marks[j].noun
            said = j in self.owner and self.persons[self.owner[j]].gender is not None
            if self.marks[j].kind == "noun" and noun is not None and not noun.plural and not said:
                unknown = j
                break
        return unknown

    def _gendered_before(self, i: int) -> list[int]:
        """The last mark of each single person whose gender is said before mark ``i``, nearest person first."""
        found: dict[int, int] = {}
        for j in range(i - 1, -1, -1):
            owner = self.owner.get(j)
            if owner is not None and self.persons[owner].gender is not None and not self.persons[owner].plural:
                found.setdefault(owner, j)
        return list(found.values())


def read(prompt: str) -> Reading:
    """Find every person and what the prompt gives away about them."""
    return _Reader(prompt).read()
