"""Second pass: which person each mark belongs to, and which axes each person has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .marks import Mark, mark

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
        self.marks = mark(prompt)
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
        self._ages()
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
        """ "baby girl", "senior woman": a neutral noun before another noun is an adjective."""
        for i in range(len(self.marks) - 1):
            here, after = self.marks[i], self.marks[i + 1]
            if here.kind == "noun" and here.noun is not None and here.noun.kind == "neutral" and after.kind == "noun":
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
            following = i + 1 if i + 1 < len(self.marks) and self.marks[i + 1].kind == "noun" else None
            target = self.marks[following].noun if following is not None else None
            person = self.person(i)
            person.gender = noun.gender if person.gender is None else person.gender
            if noun.kind == "child":
                person.age = 0
            if head is not None and head not in self.owner:
                self.owner[head] = self.owner[i]  # "female ... firefighter": one person
            elif following is not None and target is not None and target.kind in ("role", "adjective"):
                self.owner[following] = self.owner[i]  # "woman firefighter"

    def _ages(self) -> None:
        for i, m in enumerate(self.marks):
            if m.kind != "age":
                continue
            head = self.head(i)
            if head is None and m.role == "years":
                head = self.before(i)
            if head is None:
                self.marks[i] = replace(m, kind="word")  # old car, ancient city
                continue
            noun = self.marks[head].noun
            assert noun is not None
            person = self.give(i, head)
            own = 0 if noun.kind == "child" else noun.age if noun.kind == "neutral" else None
            person.age = own if own is not None else m.value if person.age is None else person.age

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
            role = self._role(i)
            self.marks[i] = replace(m, role=role)
            antecedent = self._antecedent(i, m.value)
            person = self.person(i) if antecedent is None else self.give(i, antecedent)
            if person.gender is None:
                person.gender = m.value

    def _role(self, i: int) -> str:
        """Which pronoun it is: "her" is possessive before a word, object otherwise; "his" likewise."""
        m = self.marks[i]
        text = m.text(self.prompt).lower()
        after = self.marks[i + 1] if i + 1 < len(self.marks) else None
        gap = self.prompt[m.end : after.start] if after is not None else "."
        before_word = after is not None and gap.strip() == "" and after.kind not in ("stop", "pronoun")
        if text == "her":
            return "possessive" if before_word else "object"
        if text == "his":
            return "possessive" if before_word else "own"
        return m.role

    def _antecedent(self, i: int, gender: int) -> int | None:
        known, unknown = None, None
        for j in range(i - 1, -1, -1):
            owner = self.owner.get(j)
            if owner is not None and self.persons[owner].gender is not None:
                person = self.persons[owner]
                if person.gender == gender and not person.plural:
                    return j
                known = known if known is not None else j
            elif self.marks[j].kind == "noun" and unknown is None:
                noun = self.marks[j].noun
                if noun is not None and not noun.plural:
                    unknown = j
        return unknown


def read(prompt: str) -> Reading:
    """Find every person and what the prompt gives away about them."""
    return _Reader(prompt).read()
