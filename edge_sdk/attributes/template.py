"""From a document to the template, axes and phrases, all in canonical words."""

from __future__ import annotations

from functools import cache

from obclip_contract import Axis, Phrase, escape

from .axes import SPECS, TRAITS
from .document import Document
from .kinds import Kind, NounKind, Place
from .lexicon import NEUTRAL, UNSPECIFIED, Lexicon
from .marks import Mark
from .slots import CandidateSlots
from .wording import GONE, cut_before, fit_articles, keep_capitals, weights_within

#: Kinds of marks that say one axis.
_AXIS_OF = {
    Kind.AGE: "age",
    Kind.DECADE: "age",
    Kind.SKIN: "skin_tone",
    Kind.PRONOUN: "gender",
    Kind.TITLE: "gender",
    Kind.VERB: "gender",
    Kind.NAME: "first_names",
}
#: Axes in the order in which they stand before a noun.
_ORDER = ("age", *TRAITS)


def _movable(m: Mark, unspecified: frozenset[str]) -> bool:
    """Whether a mark is taken out where it stands, because its axis is said before the noun for every member."""
    if m.kind is Kind.TRAIT and m.trait is not None:
        return m.trait.axis in unspecified and m.place in (Place.BEFORE, Place.BEHIND)
    return m.kind is Kind.AGE and "age" in unspecified


@cache
def _product(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Every pair, row-major, as one text."""
    return tuple(f"{a} {b}".strip() for a in first for b in second)


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.lex: Lexicon = document.lex
        self.axes: list[Axis] = []
        self.choice: list[int] = []
        self.where: dict[tuple[int, str], int] = {}
        self.hidden = document.scope.unspecified
        self.heads = self._heads() if self.hidden else {}
        for number, person in enumerate(document.persons):
            for axis in self.lex.axes:
                value = person.value(axis)
                if value is not None:
                    self.where[number, axis] = len(self.axes)
                    name = axis if number == 0 else f"{axis}.{number + 1}"
                    values = self.lex.values[axis]
                    values = (*values, UNSPECIFIED) if self._may_be_unsaid(number, axis) else values
                    self.axes.append(_axis(name, values))
                    self.choice.append(value if value < len(values) else self._said_elsewhere(number, len(values)))
        self.aged = self._aged_nouns()
        self.leads = self._age_before()

    def _said_elsewhere(self, person: int, count: int) -> int:
        """The gender that another word of the person says, where one word says none and the axis cannot be unsaid."""
        for i, m in enumerate(self.document.marks):
            gender = m.noun.gender if m.noun is not None and self.document.owner.get(i) == person else None
            if gender is not None and gender < count:
                return gender
        return 0

    def phrase(self, i: int, m: Mark) -> Phrase | None:
        """What replaces mark ``i``; ``None`` removes it (its meaning moved into another phrase)."""
        if self.hidden and self._moves(i, m):
            return None
        if m.kind is Kind.TRAIT:
            return self._with_age(i, self._trait(i, m))
        person = self.document.owner[i]
        gender, age = self.where.get((person, "gender")), self.where.get((person, "age"))
        if m.kind is Kind.SKIN:
            return self._with_age(i, Phrase((self.where[person, "skin_tone"],), self.lex.values["skin_tone"]))
        if m.kind is Kind.VERB:
            assert gender is not None
            assert m.verb is not None
            one, several = m.verb
            return Phrase((gender,), (one, one, several)[: len(self.axes[gender].values)])
        if m.kind is Kind.NAME:
            return Phrase((self.where[person, "first_names"],), self.lex.values["first_names"])
        if m.kind is Kind.DECADE:
            return self._decade(person, gender, age)
        if m.kind is Kind.AGE:
            assert age is not None
            if m.place is Place.PREDICATE or (m.place is Place.LISTED and person not in self.aged):
                return Phrase((age,), self.lex.age_predicates)
            if person in self.aged:
                return None
            if m.place is Place.YEARS and not self._before_its_noun(i):
                return Phrase((age,), self.lex.year_forms)
            return Phrase((age,), self.lex.values["age"] if self._leads_noun(i) else self.lex.age_predicates)
        if m.kind is Kind.NOUN:
            return self._noun(i, m, gender, age)
        assert gender is not None
        forms = self.lex.pronouns[m.form] if m.form is not None and m.kind is Kind.PRONOUN else self.lex.title_forms
        return Phrase((gender,), forms[: len(self.axes[gender].values)])

    def _leads_noun(self, i: int) -> bool:
        """Whether a noun follows at once ("child pirate"): "child" before an adjective reads as a noun of its own."""
        marks = self.document.marks
        if self.document.prompt[marks[i].end : marks[i].end + 1] == "-":
            return True  # "12-year-old-looking"
        noun = marks[i + 1].noun if i + 1 < len(marks) else None
        return noun is not None and noun.kind is not NounKind.ADJECTIVE

    def _before_its_noun(self, i: int) -> bool:
        marks, owner = self.document.marks, self.document.owner
        until = next((j for j in range(i + 1, len(marks)) if self.document.is_sign(j)), len(marks))
        return any(owner.get(j) == owner[i] and marks[j].kind is Kind.NOUN for j in range(i + 1, min(i + 6, until)))

    def _trait(self, i: int, m: Mark) -> Phrase | None:
        if m.trait is None or m.trait.value is None:
            return None
        person = self.document.owner[i]
        forms, axis = self.lex.forms[m.trait.axis], self.where[person, m.trait.axis]
        if m.place is Place.BEFORE:
            return Phrase((axis,), forms.before)
        several = int(self.document.persons[person].plural)
        return Phrase((axis,), forms.behind[several] if m.place is Place.BEHIND else forms.predicate[several])

    def _with_age(self, i: int, phrase: Phrase | None) -> Phrase | None:
        """The age stands before the first adjective of its noun: "an old Chinese woman"."""
        if phrase is None or i not in self.leads:
            return phrase
        age = self.where[self.document.owner[i], "age"]
        return Phrase((age, *phrase.axes), _product(self._age_words(age), phrase.text))

    def _age_words(self, age: int) -> tuple[str, ...]:
        """The age as adjectives of a noun that says "child" itself."""
        return ("", *self.lex.values["age"][1:], *("",) * (len(self.axes[age].values) - 3))

    def _decade(self, person: int, gender: int | None, age: int | None) -> Phrase | None:
        if age is None or person in self.aged:
            return None
        if gender is None:
            return Phrase((age,), tuple(f"in their {d}" for d in self.lex.decade_forms))
        owners = self.lex.pronouns["possessive"][: len(self.axes[gender].values)]
        decades = [f"in {own} {d}" for own in owners for d in self.lex.decade_forms]
        return Phrase((gender, age), tuple(decades))

    def _noun(self, i: int, m: Mark, gender: int | None, age: int | None) -> Phrase:
        assert m.noun is not None
        number = int(m.noun.plural)
        if m.place is Place.PROFESSION:
            return Phrase((self.where[self.document.owner[i], "profession"],), self._professions(number))
        if m.noun.kind is NounKind.ROLE and gender is not None and not self._is_aged_noun(m):
            own = m.text(self.document.prompt)  # only where presence is hidden: "female pilot", "male pilot", "pilot"
            return Phrase((gender,), (f"female {own}", f"male {own}", own))
        if m.noun.kind in (NounKind.PAIR, NounKind.ADJECTIVE) and m.noun.forms is not None:
            assert gender is not None
            return Phrase((gender,), m.noun.forms[: len(self.axes[gender].values)])
        if age is None or (self.document.owner[i] not in self.aged and gender is not None):
            return self._ageless(m, gender, number)
        apart = self.heads.get(self.document.owner[i]) == i
        apart = apart or any(self.document.owner[j] == self.document.owner[i] for j in self.leads)
        apart = apart or self.aged.get(self.document.owner[i], i) != i  # named again: the age was said
        words = self._age_words(age)[1:]
        before = ["" if apart or not w else f"{w} " for w in words]
        if gender is None:
            child, person, _ = self.lex.neutral[number]
            return Phrase((age,), (child, *(b + person for b in before)))
        forms = []
        for g in range(len(self.axes[gender].values)):
            word = self.lex.plain[number][g]
            forms += [self.lex.children[number][g], *(b + word for b in before)]
        return Phrase((gender, age), tuple(forms))

    def _ageless(self, m: Mark, gender: int | None, number: int) -> Phrase:
        assert gender is not None
        assert m.noun is not None
        words = self.lex.children if m.noun.kind is NounKind.CHILD else self.lex.plain
        return Phrase((gender,), words[number][: len(self.axes[gender].values)])

    def _professions(self, number: int) -> tuple[str, ...]:
        values = self.lex.values["profession"]
        return tuple(self.lex.roles_plural.get(v, f"{v}s") for v in values) if number else values

    def _heads(self) -> dict[int, int]:
        """By person, the noun that slots which were not said are put before: the last of their first noun phrase."""
        found: dict[int, int] = {}
        for i, m in enumerate(self.document.marks):
            person = self.document.owner.get(i)
            named = (
                m.kind is Kind.NOUN and m.noun is not None and m.noun.kind not in (NounKind.ADJECTIVE, NounKind.DECADE)
            )
            if person is None or not named:
                continue
            here = found.get(person)
            if here is None or all(k.kind not in (Kind.STOP, Kind.PRONOUN) for k in self.document.marks[here:i]):
                found[person] = i
        return found

    def _may_be_unsaid(self, person: int, axis: str) -> bool:
        """Whether the person can be spoken of without the axis, in all places where it is said."""
        if axis not in self.hidden or not SPECS[axis].may_be_unsaid:
            return False
        marks = [m for i, m in enumerate(self.document.marks) if self.document.owner.get(i) == person]
        if axis == "gender":
            # A pair without a neutral word, and an adjective that stays where it stands ("1girl, female focus").
            stays = (
                m.noun.forms or ()
                for i, m in enumerate(self.document.marks)
                if self.document.owner.get(i) == person and m.kind is Kind.NOUN and m.noun is not None
                if m.noun.kind is NounKind.PAIR or (m.noun.kind is NounKind.ADJECTIVE and not self._moves(i, m))
            )
            return person in self.heads and all(len(forms) > NEUTRAL for forms in stays)
        if axis == "age":
            return person in self.heads and not any(m.kind is Kind.AGE and m.place is Place.PREDICATE for m in marks)
        fixed = any(
            m.kind is Kind.TRAIT and m.place is Place.PREDICATE and m.trait is not None and m.trait.axis == axis
            for m in marks
        )
        return person in self.heads and not fixed

    def _moves(self, i: int, m: Mark) -> bool:
        """Whether mark ``i`` is taken out because its axis is said before the noun for every member."""
        if i not in self.document.owner:
            return False
        person = self.document.owner[i]
        if m.kind is Kind.DECADE:
            return "age" in self.hidden and person in self.heads
        if _movable(m, self.hidden):
            return person in self.heads
        if m.kind is not Kind.NOUN or m.noun is None or "gender" not in self.hidden:
            return False
        head = self.heads.get(person, i)
        return i < head and m.noun.kind in (NounKind.ADJECTIVE, NounKind.PLAIN) and self._adjacent_head(i, head)

    def _adjacent_head(self, i: int, head: int) -> bool:
        return all(k.kind not in (Kind.STOP, Kind.PRONOUN) for k in self.document.marks[i:head])

    def prefix(self, i: int) -> list[Phrase]:
        """Slots that are put before noun ``i`` because their presence is hidden."""
        if i not in self.document.owner or self.heads.get(self.document.owner[i]) != i:
            return []
        person, out = self.document.owner[i], []
        aged = self.aged.get(person) == i
        led = any(self.document.owner[j] == person for j in self.leads)
        for axis in _ORDER:
            where = self.where.get((person, axis))
            if where is None or not (axis in self.hidden or (axis == "age" and aged and not led)):
                continue
            if axis == "age":
                if not led:
                    words = self._age_words(where) if aged else (*self.lex.values["age"], "")
                    out.append(Phrase((where,), words[: len(self.axes[where].values)]))
            elif self._may_be_unsaid(person, axis):
                out.append(Phrase((where,), (*self.lex.forms[axis].before, "")))
        return out

    def _aged_nouns(self) -> dict[int, int]:
        """By person whose age is hidden, the first of their nouns that says the age itself (girl, old woman)."""
        found: dict[int, int] = {}
        for i, m in enumerate(self.document.marks):
            person = self.document.owner.get(i)
            if person is not None and (person, "age") in self.where and self._is_aged_noun(m):
                found.setdefault(person, i)
        return {person: i for person, i in found.items() if self._takes_age(person)}

    def _takes_age(self, person: int) -> bool:
        """Whether a noun of the person says their age, or a word does that can be moved to one."""
        if "age" in self.hidden:
            return True
        for i, m in enumerate(self.document.marks):
            if self.document.owner.get(i) != person:
                continue
            if m.kind is Kind.DECADE or (m.kind is Kind.AGE and m.place is not Place.PREDICATE):
                return True
            if m.kind is Kind.NOUN and m.noun is not None and m.noun.kind in (NounKind.CHILD, NounKind.NEUTRAL):
                return True
        return False

    def _age_before(self) -> set[int]:
        """Marks that the age stands before: the first adjective slot in the noun phrase of an aged noun."""
        found = set()
        marks, owner = self.document.marks, self.document.owner
        for person, noun in self.aged.items():
            first = None
            for i in range(noun - 1, -1, -1):
                m = marks[i]
                if m.kind in (Kind.STOP, Kind.PRONOUN, Kind.TITLE, Kind.ANIMAL):
                    break
                slot = (m.kind is Kind.SKIN and m.prefix) or self._is_listed(m) or self._is_role(m)
                if owner.get(i) == person and slot and not _movable(m, self.hidden):
                    first = i
            if first is not None:
                found.add(first)
        return found

    def lead(self, i: int) -> list[Phrase]:
        """The age before the role that a noun stands behind: "an old elf woman", and nothing in "an elf girl"."""
        if i not in self.leads or not self._is_role(self.document.marks[i]):
            return []
        age = self.where[self.document.owner[i], "age"]
        return [Phrase((age,), self._age_words(age))]

    def _is_role(self, m: Mark) -> bool:
        return m.kind is Kind.NOUN and m.noun is not None and m.noun.kind is NounKind.ROLE and not self._is_aged_noun(m)

    @staticmethod
    def _is_listed(m: Mark) -> bool:
        return m.kind is Kind.TRAIT and m.place is Place.BEFORE and m.trait is not None and m.trait.value is not None

    def _is_aged_noun(self, m: Mark) -> bool:
        if m.kind is not Kind.NOUN or m.noun is None:
            return False
        if m.noun.kind is NounKind.ROLE:
            return m.word in ("person", "people") and m.place is not Place.PROFESSION
        return m.noun.kind in (NounKind.PLAIN, NounKind.CHILD, NounKind.NEUTRAL)

    def replaced(self, i: int, m: Mark) -> bool:
        """Whether mark ``i`` is replaced at all (a role noun stays as it is)."""
        if m.kind in (Kind.WORD, Kind.STOP):
            return False
        if m.kind is Kind.TRAIT:
            return m.place is not Place.NONE
        if i not in self.document.owner:
            return False
        person = self.document.owner[i]
        axis = _AXIS_OF.get(m.kind)
        if axis is not None:
            return (person, axis) in self.where
        if m.kind is not Kind.NOUN or m.noun is None:
            return True
        if m.place is Place.PROFESSION:
            return (person, "profession") in self.where
        if m.noun.kind is NounKind.ROLE and "gender" in self.hidden and not self._is_aged_noun(m):
            return (person, "gender") in self.where and self.heads.get(person) == i
        if m.noun.kind in (NounKind.ROLE, NounKind.NEUTRAL):
            return person in self.aged and self._is_aged_noun(m)
        return (person, "gender") in self.where


@cache
def _axis(name: str, values: tuple[str, ...]) -> Axis:
    return Axis(name, values)


def build(document: Document) -> CandidateSlots:
    """The canonical product of a document."""
    builder = _Builder(document)
    typed = document.typed
    phrases: dict[str, Phrase] = {}
    out: list[str] = []
    raised: list[str] = []
    lifted = False
    at = 0
    for i, m in enumerate(document.marks):
        ahead = [*(builder.prefix(i) if builder.hidden else ()), *builder.lead(i)]
        led = ""
        for extra in ahead:
            name = f"s{len(phrases)}"
            phrases[name] = extra
            led += "{" + name + "} "
        if led and "{}" not in m.literal:
            out.append(escape(typed[at : m.start]) + (" " if m.literal else "") + led)
            at, led = m.start, ""
        if not builder.replaced(i, m):
            if m.literal and "{" not in m.literal:
                out.append(escape(typed[at : m.start]) + m.literal)
                at = max(at, m.end)
            continue
        phrase = builder.phrase(i, m)
        lifted = lifted and not document.prompt[at : m.start].strip()
        if phrase is None:
            lifted = lifted or m.text(typed)[:1].isupper()
            before, at = cut_before(document, at, m)
            out.append(escape(before) + GONE)
            continue
        before, at = typed[at : m.start], m.end
        name = f"s{len(phrases)}"
        phrases[name] = phrase
        if m.text(typed)[:1].isupper() or lifted:  # or the word did that was taken out before it
            raised.append(name)
        lifted = False
        glued = before[-1:].isdigit() and any(" " in t for t in phrase.text)
        before += " " if glued else ""  # "1girl", but not "1old woman"
        slot = "{" + name + "}"
        if m.literal:
            spaced = " " if m.literal.startswith(" ") else ""
            slot = m.literal.replace("{}", led + slot) if "{}" in m.literal else f"{spaced}{slot}"
        opened, closed = weights_within(document, m)
        tail = "-skinned" if m.place is Place.SKINNED else ""
        out.append(escape(before + opened) + slot + tail + escape(closed))
    out.append(escape(typed[at:]))
    template = fit_articles("".join(out))
    template, phrases = keep_capitals(template, phrases, typed, raised)
    axes = tuple(builder.axes)
    whole = (template, axes, tuple(phrases.items()))
    return CandidateSlots(template, axes, phrases, tuple(builder.choice), whole=whole, scope=document.scope)
