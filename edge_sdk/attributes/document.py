"""One prompt as it is read: tokens, marks, persons, and one verdict for each mark.

Every pass takes the document, decides something, and leaves the rest to the passes behind it. Marks are frozen; a
pass that learns more about one puts another in its place. Navigation that several passes need stands here, so that no
pass imports another.
"""

from __future__ import annotations

from collections.abc import Collection

from .kinds import Kind, NounKind, Reason
from .lexicon import Lexicon, Noun
from .marks import Dismissed, Mark, Person
from .matching import Tokens
from .scope import Scope

#: How many plain words may stand between an adjective and its noun ("old", "happy", "smiling", "woman").
REACH = 4
#: Marks that rewriting adds, removes or moves: they do not count, or the reach would depend on what a member says.
_UNCOUNTED = frozenset((Kind.AGE, Kind.LITTLE, Kind.SKIN, Kind.TONE, Kind.TRAIT, Kind.DECADE))
#: What no adjective reaches across.
_ENDS = frozenset((Kind.STOP, Kind.PRONOUN, Kind.TITLE, Kind.ANIMAL))

#: A plain word that ends like this may be a verb, and what is before it a person of its own.
VERB_ENDS = ("ing", "s", "ed", "ly")


class Document:
    """A prompt being read. ``owner`` says, by mark, which of ``persons`` it belongs to."""

    def __init__(self, typed: str, prompt: str, text: str, tokens: Tokens, lex: Lexicon, scope: Scope) -> None:
        #: The text that is sent but for its slots, and the same with spaces for the signs that only weigh words.
        self.typed, self.prompt = typed, prompt
        self.text, self.tokens, self.lex, self.scope = text, tokens, lex, scope
        self.marks: list[Mark] = []
        #: Stretches ``(start, end, mark)`` that are read by a grammar of their own, before words are matched.
        self.special: list[tuple[int, int, Mark]] = []
        #: Stretches of names of persons.
        self.names: list[tuple[int, int]] = []
        #: Stretches that are public whatever they say: artists whose style is asked for, text to be drawn.
        self.public: list[tuple[int, int]] = []
        #: What was left out of the text before it was read: models of persons.
        self.left_out: tuple[str, ...] = ()
        self.owner: dict[int, int] = {}
        self.persons: list[Person] = []
        #: By position in the prompt, so that marks put in between change nothing.
        self.dismissed: dict[int, Dismissed] = {}

    @property
    def axes(self) -> frozenset[str]:
        """Axes that are hidden; words of others stay as they are."""
        return self.scope.axes

    # -- deciding

    def change(self, i: int, **changes: object) -> Mark:
        """Put another mark in the place of mark ``i``."""
        new = self.marks[i]._replace(**changes)  # type: ignore[arg-type]
        self.marks[i] = new
        return new

    def dismiss(self, i: int, reason: Reason | None = None) -> None:
        """Mark ``i`` is a plain word for the grammar; with a reason, that is its verdict."""
        m = self.marks[i]
        self.marks[i] = m._replace(kind=Kind.WORD, noun=None, was=m.was or m.kind)
        if reason is not None:
            self.dismissed[m.start] = Dismissed(reason)

    def is_dismissed(self, i: int) -> bool:
        """Whether mark ``i`` has a certain reason to stay."""
        return self.marks[i].start in self.dismissed

    def is_public(self, start: int, end: int) -> bool:
        """Whether the stretch is public whatever it says, or a word in it was dismissed with a reason."""
        if any(a < end and start < b for a, b in self.public):
            return True
        return any(m.start < end and start < m.end and m.start in self.dismissed for m in self.marks)

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

    def says_age(self, person: Person, noun: Noun | None, value: int) -> None:
        """The prompt says an age; a noun that says one itself ("girl") is believed first."""
        if "age" not in self.axes:
            return
        own = None
        if noun is not None:
            own = 0 if noun.kind is NounKind.CHILD else noun.age if noun.kind is NounKind.NEUTRAL else None
        if own is not None:
            person.values["age"] = own
        else:
            self.says(person, "age", value)

    def insert(self, marks: list[Mark]) -> None:
        """Take a new list of marks; only before anybody owns one."""
        assert not self.owner
        self.marks = marks

    # -- looking around

    def of_kind(self, *kinds: Kind) -> list[int]:
        """Positions of the marks of these kinds."""
        return [i for i, m in enumerate(self.marks) if m.kind in kinds]

    def word(self, i: int) -> str:
        """The word at mark ``i``, or nothing outside the prompt."""
        return self.marks[i].word if 0 <= i < len(self.marks) else ""

    def is_in(self, i: int, words: Collection[str]) -> bool:
        """Whether there is a mark ``i`` and its word is among ``words``."""
        return 0 <= i < len(self.marks) and self.marks[i].word in words

    def adjacent(self, i: int) -> bool:
        """Whether only spaces stand between marks ``i`` and ``i + 1``."""
        marks = self.marks
        return i + 1 < len(marks) and not self.prompt[marks[i].end : marks[i + 1].start].replace("_", " ").strip()

    def before(self, i: int) -> int | None:
        """The nearest noun before ``i``."""
        return next((j for j in range(i - 1, -1, -1) if self.marks[j].kind in (Kind.NOUN, Kind.NAME)), None)

    def subject(self, i: int) -> int | None:
        """The person a predicate at ``i`` speaks of: the nearest noun or pronoun before it."""
        marks = self.marks
        return next(
            (j for j in range(i - 1, -1, -1) if marks[j].kind in (Kind.NOUN, Kind.NAME) or j in self.owner), None
        )

    def is_single(self, i: int) -> bool:
        """Whether mark ``i`` is a noun for one person."""
        m, noun = self.marks[i], self.marks[i].noun
        return m.kind is Kind.NOUN and noun is not None and not noun.plural and noun.kind is not NounKind.ADJECTIVE

    def last_single(self, i: int) -> int | None:
        """The nearest noun for one person before ``i``."""
        return next((j for j in range(i - 1, -1, -1) if self.is_single(j)), None)

    def attributed(self, i: int) -> int | None:
        """The noun that noun ``i`` stands before as an attribute: "woman pilot", "woman health worker"."""
        for j in range(i + 1, min(i + 3, len(self.marks))):
            if not self.adjacent(j - 1):
                return None
            m = self.marks[j]
            if m.kind is Kind.NOUN:
                return j
            # One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
            if m.kind not in (Kind.WORD, Kind.ANIMAL) or m.word.endswith(VERB_ENDS):
                return None
        return None

    def head(self, i: int) -> int | None:
        """The noun that an adjective at ``i`` belongs to: the next noun of its noun phrase."""
        marks, left = self.marks, REACH
        last = i
        for j in range(i + 1, len(marks)):
            kind = marks[j].kind
            if kind is Kind.NOUN:
                if self.bare_role(j) and self.is_in(j + 1, self.lex.words["objects"]) and self.adjacent(j):
                    return None  # "an old police van", "a white pirate ship"
                return j
            if kind in _ENDS:
                if not self._joins_adjectives(i, last, j):
                    return None
                last = j
            elif kind not in _UNCOUNTED:
                left -= 1
                if left < 0:
                    return None
        return None

    def _joins_adjectives(self, i: int, last: int, j: int) -> bool:
        """Whether the sign or word at ``j`` joins adjectives of one noun: "an old, wise, African man"."""
        if self.marks[j].word not in self.lex.words["between_adjectives"] or j - last > 2:
            return False
        if last == i and (j != i + 1 or not self._is_opened(i)):
            return False  # "white shirt, man"
        said = 0
        for k in range(j + 1, min(j + 10, len(self.marks))):
            m = self.marks[k]
            joins = m.word in self.lex.words["between_adjectives"]
            if joins and said > 1:
                return False  # "dark and cloudy day, 1girl"
            said = 0 if joins else said + 1
            if m.kind is Kind.NOUN:
                return m.end > m.start
            if m.word in self.lex.words["counters"] or m.word in self.lex.words["before_nouns"]:
                return False
            both = self.marks[j].word == "," and m.word in ("and", "but")  # "bearded, and tattooed"
            if m.kind in _ENDS and not (m.word in self.lex.words["between_adjectives"] and (k > j + 1 or both)):
                return False
        return False

    def _is_opened(self, i: int) -> bool:
        """Whether an article stands before the adjective at ``i``, with adjectives between."""
        for j in range(i - 1, max(-1, i - 8), -1):
            m = self.marks[j]
            if m.word in self.lex.words["before_nouns"] or m.word in self.lex.words["counters"]:
                return True
            if (
                m.kind is not Kind.WORD
                and m.kind not in _UNCOUNTED
                and m.word not in self.lex.words["between_adjectives"]
            ):
                return False
        return False

    def directly(self, i: int) -> int | None:
        """The head of the adjective at ``i`` if nothing but adjectives of persons stands between."""
        head = self.head(i)
        if head is None:
            return None
        allowed = (Kind.AGE, Kind.NOUN, Kind.TRAIT, Kind.TONE, Kind.LITTLE, Kind.SKIN)
        listed = any(m.word in self.lex.words["between_adjectives"] for m in self.marks[i + 1 : head])
        for m in self.marks[i + 1 : head]:
            if m.kind not in allowed and m.word not in self.lex.words["between"] and not listed:
                return None
        if self.is_in(head, self.lex.words["costume"]) and self.is_in(i, self.lex.words["costume_colours"]):
            return None  # white wizard
        return head

    def unknown_head(self, i: int, any_word: bool = False, doubted: bool = False) -> int | None:
        """The last word of the noun phrase of adjective ``i`` if it looks like a person that the lexicon lacks.

        It becomes one ("a Belgian chocolatier"); behind an adjective that is seldom said of things (``doubted``), so
        does every word that is no listed thing ("a Muslim freelance").
        """
        last, words = None, self.lex.words
        for j in range(i + 1, min(i + 4, len(self.marks))):
            m = self.marks[j]
            if m.kind is not Kind.WORD or self.is_dismissed(j) or not self.adjacent(j - 1):
                break
            if m.word in words["bodies"] or (m.word.endswith(("ing", "ly")) and m.word not in words["events"]):
                break
            known = self.looks_like_a_person(m.word) or (doubted and m.word in words["persons_in_doubt"])
            if self.is_thing(m.word, doubted) and not known:
                last = last if last is None or not doubted or self.looks_like_a_person(self.word(last)) else None
                break
            if known or ((any_word or doubted) and (last is None or not m.word.endswith(("s", "ed")))):
                last = j
        return None if last is None else self._make_role(last)

    def _make_role(self, i: int) -> int:
        word = self.marks[i].word
        noun = Noun(NounKind.ROLE, word.endswith("s"), collective=word in self.lex.words["events"])
        self.change(i, kind=Kind.NOUN, noun=noun)
        return i

    def somebody_alone(self, i: int, people: bool = False) -> int | None:
        """ "a black general at dawn", "two Korean locals": a word for persons that also has another sense, with no noun
        behind it; it becomes a noun.

        What is also a thing ("star") is somebody behind ``people``, a faith, a disability alone: a white star is none.
        """
        words = self.lex.words
        forms = {self.word(i + 1), self.word(i + 1).removesuffix("s")}
        if not forms & (words["persons_too"] | words["persons_alone"]) or not self.adjacent(i):
            return None
        if forms & words["not_persons"]:
            return None  # "a black pitcher"
        after = self.marks[i + 2] if i + 2 < len(self.marks) else None
        ends = after is None or after.kind is not Kind.WORD or after.word.endswith("ing") or not self.adjacent(i + 1)
        thing = not people and self.is_thing(self.word(i + 1), doubted=True)
        return self._make_role(i + 1) if ends and not thing else None

    def is_thing(self, word: str, doubted: bool) -> bool:
        """Whether a word is listed as a thing; where it is doubted, the longer lists and abstract endings count too."""
        words = self.lex.words
        listed = word in words["objects"] or (doubted and (word in words["things"] or word in words["not_persons"]))
        ends = doubted and any(word.endswith(end) and len(word) > len(end) + 2 for end in words["thing_ends"])
        return listed or ends

    def looks_like_a_person(self, word: str) -> bool:
        """Whether an unknown word ends like an occupation, is what persons hold together, or one with another sense."""
        if word in self.lex.words["events"] or {word, word.removesuffix("s")} & self.lex.words["persons_too"]:
            return True
        ends = word.removesuffix("s").endswith(("er", "or", "ist", "ian", "eur"))
        return ends and len(word) > 4 and word not in self.lex.words["not_persons"]

    def bare_role(self, head: int) -> bool:
        """Whether the noun says what somebody does and nothing about who they are."""
        noun = self.marks[head].noun
        return noun is not None and noun.kind is NounKind.ROLE and self.marks[head].word not in self.lex.words["people"]

    def is_sign(self, i: int) -> bool:
        """Whether mark ``i`` is a sign that sets words off, or an end of the prompt."""
        if not 0 <= i < len(self.marks):
            return True
        m = self.marks[i]
        return m.kind is Kind.STOP and not m.word[:1].isalpha() and not m.word.startswith("'")

    def has_person(self) -> bool:
        """Whether anybody is in the prompt."""
        return (
            any(m.kind in (Kind.NOUN, Kind.NAME, Kind.TITLE, Kind.PRONOUN) for m in self.marks) or self.shows_person()
        )

    def shows_person(self) -> bool:
        """Whether the prompt asks for a picture of somebody without a noun for them: "portrait, old, asian"."""
        return any(m.word in self.lex.words["portraits"] for m in self.marks)

    def axis_of(self, i: int) -> str:
        """The axis that the word at ``i`` speaks of, whether or not it was given a person."""
        m = self.marks[i]
        kind = m.was or m.kind
        if kind is Kind.TRAIT and m.trait is not None:
            return m.trait.axis
        return {Kind.AGE: "age", Kind.DECADE: "age", Kind.TONE: "skin_tone", Kind.SKIN: "skin_tone"}.get(kind, "gender")

    def is_counted_token(self, i: int) -> bool:
        """Whether token ``i`` is an article or a number, so that a noun follows."""
        texts = self.tokens.texts
        return 0 <= i < len(texts) and (texts[i] in self.lex.words["before_nouns"] or texts[i].isdecimal())

    def capital(self, i: int) -> bool:
        """Whether the word at ``i`` is written with a capital that no sentence's start asks for: "a Black pilot"."""
        return i > 0 and self.prompt[self.marks[i].start].isupper() and self.marks[i - 1].word not in ".!?:"

    def predicate(self, i: int) -> bool:
        """Whether the adjective at ``i`` stands behind "is" and its clause ends: "who is Muslim", "She is old."."""
        j = i - 1
        while j >= 0 and self.marks[j].word in self.lex.words["adverbs"]:
            j -= 1
        if j < 0 or self.marks[j].word not in self.lex.words["copulas"]:
            return False
        after = self.marks[i + 1] if i + 1 < len(self.marks) else None
        return after is None or after.kind in (Kind.STOP, Kind.PRONOUN) or not self.adjacent(i)

    def is_elliptic(self, i: int) -> bool:
        """ "an old and a young man", "a Black and an Asian woman": the noun of the first is left out."""
        articles = self.lex.words["articles"]
        if (
            not self.is_in(i - 1, articles)
            or not self.adjacent(i - 1)
            or not self.is_in(i + 1, self.lex.words["joining"])
        ):
            return False
        trait = self.marks[i].trait
        return self.is_in(i + 2, articles) and (trait is None or trait.adjective or trait.singular)

    def coordinated(self, i: int) -> bool:
        """ "Asian and Hispanic women": adjectives of one noun that follows."""
        j = i + 2
        if j >= len(self.marks) or self.marks[i + 1].word not in ("and", "or", ","):
            return False
        return self.marks[j].kind is Kind.TRAIT and self.head(j) is not None
