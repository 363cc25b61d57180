"""Second pass: which person each mark belongs to, and which axes each person has."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import antecedents
from .animals import without_animals
from .lexicon import NEUTRAL, Lexicon, Noun, lexicon
from .marks import Mark, mark
from .pronouns import role
from .scope import Scope
from .words import ADVERBS, COPULAS

#: How many plain words may stand between an adjective and its noun ("old", "happy", "smiling", "woman").
_REACH = 4
#: Marks that rewriting adds, removes or moves: they do not count, or the reach would depend on what a member says.
_UNCOUNTED = frozenset(("age", "little", "skin", "tone", "trait", "decade"))
#: A plain word that ends like this may be a verb, and what is before it a person of its own.
_VERB_ENDS = ("ing", "s", "ed", "ly")


@dataclass(slots=True)
class Person:
    """One person of the prompt and the axes that the prompt gives away about them (value indices)."""

    values: dict[str, int] = field(default_factory=dict)
    plural: bool = False

    def value(self, axis: str) -> int | None:
        """Index of the value on an axis, or ``None``."""
        return self.values.get(axis)


@dataclass(frozen=True)
class Reading:
    """A prompt with its marks and the persons they belong to (index into ``persons`` by mark)."""

    prompt: str
    marks: tuple[Mark, ...]
    owner: dict[int, int]
    persons: tuple[Person, ...]
    lex: Lexicon
    scope: Scope

    @property
    def axes(self) -> frozenset[str]:
        """Axes that are hidden; words of others stay as they are."""
        return self.scope.axes


class Reader:
    """Reads one prompt; see :func:`read`."""

    def __init__(self, prompt: str, scope: Scope) -> None:
        self.prompt, self.scope, self.axes = prompt, scope, scope.axes
        lex = self.lex = lexicon(scope.opt_in, "gender" in scope.unspecified)
        self.marks = self._without_left_out(without_animals(prompt, mark(prompt, lex), lex))
        self.owner: dict[int, int] = {}
        self.persons: list[Person] = []
        #: Kinds that occur. Rules below turn marks into nouns, ages, skins and words only.
        self.kinds = {m.kind for m in self.marks} | {"noun", "age", "skin"}

    def _without_left_out(self, marks: list[Mark]) -> list[Mark]:
        """Marks of axes that are not hidden become plain words; what two axes share is marked in both."""
        out: list[Mark] = []
        for m in marks:
            if m.kind == "trait" and m.trait is not None and m.trait.axis not in self.axes:
                m.kind = "word"
            elif m.kind == "profession":
                out += self._profession(m)
                continue
            out.append(m)
        return out

    def _profession(self, m: Mark) -> list[Mark]:
        """ "policeman" with its profession hidden: a gender before a role."""
        m.kind = "noun"
        if m.noun is None or m.noun.gender is None:
            m.role = "profession"
            return [m]
        forms = ("female", "male")
        gender = Mark(m.start, m.start, "noun", "", Noun("adjective", False, m.noun.gender, forms=forms), literal="{} ")
        return [gender, Mark(m.start, m.end, "noun", m.word, Noun("role", m.noun.plural), m.value, "profession")]

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

    def says(self, person: Person, axis: str, value: int | None) -> None:
        """The prompt says ``value`` of ``axis``; what was said first stays."""
        if value is not None and axis in self.axes:
            person.values.setdefault(axis, value)

    def of_kind(self, *kinds: str) -> list[int]:
        """Positions of the marks of these kinds."""
        if self.kinds.isdisjoint(kinds):
            return []
        return [i for i, m in enumerate(self.marks) if m.kind in kinds]

    def head(self, i: int) -> int | None:
        """The noun that an adjective at ``i`` belongs to: the next noun of its noun phrase."""
        marks, left = self.marks, _REACH
        for j in range(i + 1, len(marks)):
            kind = marks[j].kind
            if kind == "noun":
                behind = marks[j + 1] if j + 1 < len(marks) else None
                if behind is not None and self.bare_role(j) and behind.word in self.lex.objects and self.adjacent(j):
                    return None  # "an old police van", "a white pirate ship"
                return j
            if kind == "stop" or kind == "pronoun" or kind == "title" or kind == "animal":
                return None
            if kind not in _UNCOUNTED:
                left -= 1
                if left < 0:
                    return None
        return None

    def unknown_head(self, i: int, any_word: bool = False) -> int | None:
        """The last word of the noun phrase of adjective ``i`` if it looks like a person that the lexicon lacks.

        It becomes one ("a Belgian chocolatier"). A doubt is decided for the person.
        """
        last = None
        for j in range(i + 1, min(i + 4, len(self.marks))):
            m = self.marks[j]
            if m.kind != "word" or m.role or not self.adjacent(j - 1):
                break
            if m.word.endswith(("ing", "ly")) and m.word not in self.lex.events:
                break
            if self._looks_like_a_person(m.word) or (any_word and (last is None or not m.word.endswith(("s", "ed")))):
                last = j
        if last is not None:
            word = self.marks[last].word
            several = word in self.lex.events
            self.marks[last].kind, self.marks[last].noun = "noun", Noun("role", word.endswith("s"), collective=several)
        return last

    def _looks_like_a_person(self, word: str) -> bool:
        if word in self.lex.events:
            return True
        ends = word.removesuffix("s").endswith(("er", "or", "ist", "ian", "eur"))
        return ends and len(word) > 4 and word not in self.lex.not_persons

    def capital(self, i: int) -> bool:
        """Whether the word at ``i`` is written with a capital that no sentence's start asks for: "a Black pilot"."""
        return i > 0 and self.prompt[self.marks[i].start].isupper() and self.marks[i - 1].word not in ".!?:"

    def adjacent(self, i: int) -> bool:
        """Whether only spaces stand between marks ``i`` and ``i + 1``."""
        return i + 1 < len(self.marks) and not self.prompt[self.marks[i].end : self.marks[i + 1].start].strip()

    def before(self, i: int) -> int | None:
        """The nearest noun before ``i``."""
        return next((j for j in range(i - 1, -1, -1) if self.marks[j].kind in ("noun", "name")), None)

    def read(self) -> Reading:
        from .ages import read_ages, read_decades, read_little
        from .traits import read_traits, split_nouns

        split_nouns(self)
        self._normalise()
        self._nouns()
        read_traits(self)
        self._names()
        read_decades(self)
        read_ages(self)
        read_little(self)
        self._tones()
        self._skins()
        self._titles_and_pronouns()
        if self.scope.unspecified:
            from .presence import hide_presence

            hide_presence(self)
        first: dict[int, int] = {}
        for i, o in self.owner.items():
            if self.persons[o].values:
                first[o] = min(i, first.get(o, i))
        order = sorted(first, key=lambda o: first[o])
        new = {old: n for n, old in enumerate(order)}
        owner = {i: new[o] for i, o in self.owner.items() if o in new}
        persons = tuple(self.persons[o] for o in order)
        return Reading(self.prompt, tuple(self.marks), owner, persons, self.lex, self.scope)

    def _normalise(self) -> None:
        """ "baby girl", "senior woman", "child ball player": a neutral noun before another noun is an adjective."""
        for i in self.of_kind("noun"):
            here = self.marks[i]
            if here.noun is None or not (here.noun.kind == "neutral" or here.noun.gender == NEUTRAL):
                continue
            if here.noun.kind not in ("neutral", "child"):
                continue
            if self._leads_to_person(i) or self._attributed(i) is not None:
                value = here.noun.age if here.noun.age is not None else here.value
                here.kind, here.noun, here.value = "age", None, int(value)

    def _leads_to_person(self, i: int) -> bool:
        """Whether the word at ``i`` stands before a person, with adjectives between: "adult cheerful Chinese man"."""
        head = self.head(i)
        if head is None:
            return False
        for j in range(i, head):
            m = self.marks[j]
            tied = m.kind == "skin" or self.adjacent(j)
            verb = j > i and m.kind == "word" and m.word not in self.lex.between and m.word.endswith(_VERB_ENDS)
            if not tied or verb or m.kind == "decade" or (m.trait is not None and m.trait.behind):
                return False
        return True

    def _nouns(self) -> None:
        for i in self.of_kind("noun"):
            m = self.marks[i]
            noun = m.noun
            if noun is None:
                continue
            if m.role == "profession":
                self.says(self.person(i), "profession", m.value)
            if noun.kind == "role":
                continue
            if noun.kind == "neutral":
                self.says(self.person(i), "age", noun.age)
                continue
            head = self.head(i) if noun.kind == "adjective" else None
            following = self._attributed(i)
            target = self.marks[following].noun if following is not None else None
            person = self.person(i) if head is None else self.give(i, head)
            self.says(person, "gender", noun.gender)
            if noun.kind == "child":
                person.values["age"] = 0
                if "age" not in self.axes:
                    del person.values["age"]
            if head is None and following is not None and target is not None and target.kind in ("role", "adjective"):
                self.owner[following] = self.owner[i]  # "woman firefighter"

    def _attributed(self, i: int) -> int | None:
        """The noun that noun ``i`` stands before as an attribute: "woman pilot", "woman health worker"."""
        for j in range(i + 1, min(i + 3, len(self.marks))):
            if not self.adjacent(j - 1):
                return None
            if self.marks[j].kind == "noun":
                return j
            # One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
            verb = self.marks[j].word.endswith(_VERB_ENDS)
            if self.marks[j].kind not in ("word", "animal") or verb:
                return None
        return None

    def _names(self) -> None:
        for i in self.of_kind("name"):
            self.says(self.person(i), "first_names", self.marks[i].value)

    def predicate(self, i: int) -> bool:
        """Whether the adjective at ``i`` stands behind "is" and its clause ends: "who is Muslim", "She is old."."""
        j = i - 1
        while j >= 0 and self.marks[j].word in ADVERBS:
            j -= 1
        if j < 0 or self.marks[j].word not in COPULAS:
            return False
        after = self.marks[i + 1] if i + 1 < len(self.marks) else None
        return after is None or after.kind in ("stop", "pronoun") or not self.adjacent(i)

    def subject(self, i: int) -> int | None:
        """The person a predicate at ``i`` speaks of: the nearest noun or pronoun before it."""
        return next(
            (j for j in range(i - 1, -1, -1) if self.marks[j].kind in ("noun", "name") or j in self.owner), None
        )

    def _tones(self) -> None:
        """ "a brown woman": a colour is a skin tone directly before a person, through adjectives of persons only."""
        for i in self.of_kind("tone"):
            m = self.marks[i]
            head = self.directly(i)
            if head is None or (m.word in self.lex.not_before_roles and self.bare_role(head)):
                m.kind = "word"  # brown cat, fair judge
            else:
                m.kind, m.prefix, m.role, m.near = "skin", True, "adjective", True

    def directly(self, i: int) -> int | None:
        """The head of the adjective at ``i`` if nothing but adjectives of persons stands between."""
        head = self.head(i)
        if head is None:
            return None
        between = self.lex.between
        for m in self.marks[i + 1 : head]:
            if m.kind not in ("age", "noun", "trait", "tone", "little", "skin") and m.word not in between:
                return None
        if self.bare_role(head) and self.marks[head].word in self.lex.costume:
            return None  # white wizard
        return head

    def bare_role(self, head: int) -> bool:
        noun = self.marks[head].noun
        return noun is not None and noun.kind == "role" and self.marks[head].word not in self.lex.people

    def _skins(self) -> None:
        for i in self.of_kind("skin"):
            m = self.marks[i]
            head = (self.head(i) if m.prefix else None) or self.before(i)
            if head is None:
                head = next((j for j in range(i + 1, len(self.marks)) if self.marks[j].kind == "noun"), None)
            self.says(self.person(i) if head is None else self.give(i, head), "skin_tone", m.value)

    def _titles_and_pronouns(self) -> None:
        for i in self.of_kind("title", "pronoun"):
            m = self.marks[i]
            if m.kind == "title":
                self.says(self.person(i), "gender", m.value)
                continue
            m.role = role(m.text(self.prompt), self.prompt[m.end :], m.role)
            antecedent = antecedents.antecedent(self, i, m.value)
            if m.value == NEUTRAL and not antecedents.is_somebody(self, antecedent, i):
                m.kind = "word"  # "they" are several
                continue
            person = self.person(i) if antecedent is None else self.give(i, antecedent)
            self.says(person, "gender", m.value)


def read(prompt: str, scope: Scope | None = None) -> Reading:
    """Find every person and what the prompt gives away about them.

    Args:
        scope: which axes; the default ones if ``None``.
    """
    return Reader(prompt, scope or Scope()).read()
