"""Mark the words that matter, in order, without deciding yet who they belong to."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place, Reason
from ..lexicon import Meaning, Noun, Trait
from ..marks import Dismissed, Mark
from ..matching import longest

#: Signs that end a noun phrase.
_SIGNS = frozenset(',.;:!?()"|/[]{}<>')
#: What follows an apostrophe and ends its noun phrase, or is a short verb.
_CLITICS = frozenset(("s", "re", "m", "ll", "d", "ve"))
#: Separators of prompts in capitals, and the sign that means "and".
_BREAKS = frozenset(("BREAK", "AND"))
_WORD = Meaning(Kind.WORD)
_JOINS = ("-", "_")
#: Words of a compound that may be written as one: "police-woman".
_MOST_JOINED = 3
#: "ditch" of "ditchwoman"; shorter ones are words of their own ("omen").
_SHORTEST_STEM = 3


def run(document: Document) -> None:
    """All marks of the prompt in order; they never overlap."""
    document.insert(_Marker(document).run())


class _Marker:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.prompt, self.lex = document.prompt, document.lex
        self.text, self.found = document.text, document.tokens
        self.marks: list[Mark] = []

    def run(self) -> list[Mark]:
        special = sorted(self.document.special, key=lambda s: (s[0], s[1]))
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
            elif texts[i] in phrases or self._glued(i + 1):
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
        return 0 < i < len(texts) - 1 and texts[i] in _JOINS and ends[i - 1] == starts[i] and ends[i] == starts[i + 1]

    def _joined(self, i: int, until: int) -> tuple[int, Meaning] | None:
        """ "police-woman", "middle-aged": a compound that the lexicon knows as one word."""
        texts, _, ends = self.found
        word, j = texts[i], i
        for _ in range(_MOST_JOINED - 1):
            if not self._glued(j + 1) or ends[j + 2] > until:
                return None
            j += 2
            word += texts[j]
            meaning = self.lex.phrases.get(word, {}).get("")
            if meaning is not None and meaning.kind is not Kind.STOP and not meaning.decoy:
                return j + 1, meaning
        return None

    def _known(self, i: int, until: int) -> int:
        """Mark the longest phrase that begins at token ``i`` and return the token behind it."""
        texts, starts, ends = self.found
        match = longest(self.lex.phrases, self.found, i) if texts[i] in self.lex.phrases else None
        joined = self._joined(i, until)
        if joined is not None and (match is None or match[0] <= joined[0]):
            self._add(i, *joined)
            return joined[0]
        if match is not None and ends[match[0] - 1] <= until:
            j, meaning = match
            if self._stands(i, j, meaning):
                self._add(i, j, meaning)
                return j
            alone = self.lex.phrases[texts[i]].get("")
            if j > i + 1 and alone is not None and self._stands(i, i + 1, alone):
                self._add(i, i + 1, alone)
                return i + 1
        if not texts[i][0].isalpha():
            return self._sign(i)
        if match is not None:  # a place or people without its capital, or a part of a compound
            self.document.dismissed[starts[i]] = Dismissed(Reason.COMMON)
        self._word(i, match is None)
        return i + 1

    def _sign(self, i: int) -> int:
        texts, starts, ends = self.found
        if texts[i] in _SIGNS:
            self.marks.append(Mark(starts[i], ends[i], Kind.STOP, texts[i]))
        elif texts[i] == "&":
            self.marks.append(Mark(starts[i], ends[i], Kind.STOP, "and"))
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
        """Whether the phrase of tokens ``i`` to ``j`` says of somebody what it says alone."""
        texts, starts, _ = self.found
        if meaning.decoy and self._is_attribute(i, j):
            return False
        left = i > 0 and self._glued(i - 1)
        right = self._glued(j)
        if (left or right) and not meaning.decoy and not self._stands_in_compound(j, meaning, right):
            return False
        if j < len(texts) and texts[j - 1] == "looking" and texts[j] in self.lex.words["looking_where"]:
            return False  # "a German looking at a clock"
        if meaning.behind and j < len(texts) and texts[j].isalpha() and texts[j] not in self.lex.words["clause_starts"]:
            following = self.lex.phrases.get(texts[j], {}).get("")
            return following is not None and following.kind is Kind.STOP  # not "with a tan hat"
        trait = meaning.trait
        colour = meaning.kind is Kind.TONE or (trait is not None and trait.direct)
        if colour and j < len(texts) and texts[j] in self.lex.words["coloured_parts"]:
            return False  # "a white haired elf"
        if trait is None:
            return meaning.kind is not Kind.TITLE
        if texts[j - 1] in self.lex.words["hairstyles"] and self._is_worn(i) and not self._before_person(j):
            return False  # "in a short mohawk"
        start = starts[i]
        lower = not self.prompt[start].isupper()
        if trait.capital and lower and (trait.place or not (self._before_person(j) or self._is_described(i, j, trait))):
            return False
        if j == i + 1 and texts[i] == "christian" and self.prompt[start].isupper() and j < len(texts):
            # A given name before a surname: "Christian Bale".
            named = self.prompt[starts[j]].isupper() and not self.prompt.isupper() and texts[j].isalpha()
            return not named or longest(self.lex.phrases, self.found, j) is not None
        return True

    def _is_attribute(self, i: int, j: int) -> bool:
        """ "an italian renaissance lady": who follows is described, and in other members no such phrase stands here."""
        texts, starts, _ = self.found
        first = self.lex.phrases.get(texts[i], {}).get("")
        if first is None or first.trait is None:
            return False
        raised = i > 0 and self.prompt[starts[i]].isupper() and self.prompt[starts[j - 1]].islower()
        if raised and first.trait.direct and j == i + 2 and texts[j - 1] in self.lex.nouns:
            return True  # "a Black bishop": the piece of chess has no capital
        if j >= len(texts):
            return False
        noun = self.lex.nouns.get(texts[j])
        return noun is not None and noun.gender is not None

    def _is_worn(self, i: int) -> bool:
        """Whether "with", "in" or "has" opens the phrase that token ``i`` stands in."""
        texts = self.found.texts
        while i and (texts[i - 1] in self.lex.words["determiners"] or texts[i - 1] in self.lex.words["cue_adjectives"]):
            i -= 1
        return i > 0 and texts[i - 1] in self.lex.words["openers"]

    def _before_person(self, j: int) -> bool:
        """ "a polish farmer": a noun for a person follows at once."""
        texts, words = self.found.texts, self.lex
        return j < len(texts) and texts[j] in words.nouns

    def _is_described(self, i: int, j: int, trait: Trait) -> bool:
        """ "a young pole", "handsome turk", "the danes": a noun phrase of persons ends with the word."""
        texts, starts, ends = self.found
        words = self.lex.words
        if i == 0:  # "swedes in a sauna"
            follows = texts[j] if j < len(texts) else ""
            doing = follows in words["clause_starts"] or follows.endswith("ing")
            return trait.plural and doing and texts[i] not in words["peoples_or_things"]
        if not (trait.singular or trait.plural) or self.prompt[ends[i - 1] : starts[i]].strip(" "):
            return False
        before, after = texts[i - 1], texts[j] if j < len(texts) else ""
        thing = texts[i] in words["peoples_or_things"]
        if (
            after[:1].isalpha()
            and after not in words["clause_starts"]
            and not (after.endswith("ing") and (trait.plural or not thing))
        ):
            following = self.lex.phrases.get(after, {}).get("")
            if following is None or following.kind is not Kind.STOP:
                return False
        if before in words["describing_persons"] or before in words["ages_of_persons"]:
            return True
        led = before in words["before_nouns"] or before in words["counters"] or before.isdecimal()
        if thing:
            return (led or before in ("old", "older")) and self._is_shown(i, j)
        return led or before in words["between"]

    def _is_shown(self, i: int, j: int) -> bool:
        """ "portrait of a pole", "an old pole, smiling", "a pole who waves": said of no thing."""
        texts, words = self.found.texts, self.lex.words
        behind = texts[j + 1 : j + 2] if texts[j : j + 1] == [","] else texts[j : j + 1]
        if behind and (behind[0] in words["describing_persons"] or behind[0] in ("who", "wearing")):
            return True
        before = texts[max(0, i - 4) : i]
        return "portrait" in before and before[before.index("portrait") + 1 :][:1] == ["of"]

    def _stands_in_compound(self, j: int, meaning: Meaning, right: bool) -> bool:
        """ "father-son duo", "African-born", but not "man-sized", "white-haired", "state-of-the-art"."""
        if meaning.kind is Kind.STOP:
            return self.found.texts[j - 1] in ("and", "or")
        trait, tail = meaning.trait, self.found.texts[j + 1] if right else ""
        if tail in self.lex.words["compound_tails"] or (right and trait is not None and trait.behind):
            return False  # "with his wheelchair-using sister"
        if not right:
            return meaning.kind is not Kind.TONE
        colour = meaning.kind in (Kind.TONE, Kind.LITTLE, Kind.ANIMAL) or (trait is not None and trait.direct)
        age = meaning.kind is Kind.AGE and tail not in self.lex.vocabulary
        return not colour and not age and not (trait is not None and trait.place)

    def _add(self, i: int, j: int, meaning: Meaning) -> None:
        texts, starts, ends = self.found
        start, end = starts[i], ends[j - 1]
        word = self.text[start:end].lower()
        if not word.isalpha():
            word = " ".join(word.replace("-", " ").replace("_", " ").split())
        if j == i + 1:
            word = texts[i]
        if meaning.kind is Kind.NAME and not self.prompt[start].isupper():
            meaning = _WORD
        trait, value, near = meaning.trait, meaning.value, meaning.near
        if meaning.kind is Kind.AGE:
            near = word not in self.lex.words["exact_ages"]
        if trait is not None:
            value, near = -1 if trait.value is None else trait.value, trait.near
        if meaning.kind in (Kind.AGE, Kind.TRAIT, Kind.TONE):
            start = self._with_intensifiers(i)
        was = Kind.NOUN if meaning.decoy else None
        new = Mark(
            start, end, meaning.kind, word, meaning.noun, value, form=meaning.form, trait=trait, near=near, was=was
        )
        if meaning.behind:
            skin = meaning.kind is Kind.SKIN
            new = new._replace(
                near=True, place=Place.NONE if skin else Place.YEARS, literal="with {} skin" if skin else ""
            )
        self.marks.append(new)
        if meaning.decoy:
            self.document.dismissed[start] = Dismissed(Reason.SENSE)

    def _with_intensifiers(self, i: int) -> int:
        """Where the words that only say how much begin: "very very old". Their marks go."""
        start = self.found.starts[i]
        while self.marks and self.marks[-1].word in self.lex.words["intensifiers"]:
            m = self.marks[-1]
            if self.prompt[m.end : start].strip():
                break
            start = self.marks.pop().start
        return start

    def _word(self, i: int, unknown: bool = True) -> None:
        word, start, end = self.found.texts[i], self.found.starts[i], self.found.ends[i]
        if not word[0].isalpha():
            return
        if self.prompt[start:end] in _BREAKS:
            self.marks.append(Mark(start, end, Kind.STOP, "|"))
        elif word in self.lex.titles and self._is_title(i):
            self.marks.append(Mark(start, end, Kind.TITLE, word, value=self.lex.titles[word]))
        elif word in self.lex.words["counted_others"] and self._is_numbered(i):
            several = word.endswith("s")  # "1other": somebody of no listed gender
            person = self.lex.neutral[several][1]
            self.marks.append(Mark(start, end, Kind.NOUN, person, Noun(NounKind.ROLE, several), literal=f" {person}"))
        elif unknown and self._ends_like_one(i):
            self.marks.append(Mark(start, end, Kind.WORD, word, was=Kind.NOUN))
        elif unknown and word.endswith(self.lex.suffixes) and not (self._glued(i - 1) or self._glued(i + 1)):
            self.marks.append(Mark(start, end, Kind.NOUN, word, Noun(NounKind.ROLE, word.endswith("s"))))
        else:
            hair = self.found.texts[i + 1 : i + 2] and self.found.texts[i + 1] in self.lex.words["hair_words"]
            said = "" if hair else self.lex.respelled.get(word, "")
            literal = said.capitalize() if self.prompt[start].isupper() else said
            self.marks.append(Mark(start, end, Kind.WORD, word, literal=literal))

    def _ends_like_one(self, i: int) -> bool:
        """ "ditchwoman", "two old ditchmen": a word that the lexicon lacks and that says a gender; it is asked about.

        Of men only behind an article or an adjective of persons: many names end so.
        """
        word, plain = self.found.texts[i], self.lex.plain
        if word in self.lex.words["not_men"]:
            return False
        for gender in (0, 1):
            for forms in plain:
                if word.endswith(forms[gender]) and len(word) >= len(forms[gender]) + _SHORTEST_STEM:
                    return gender == 0 or self._is_led(i)
        return False

    def _is_led(self, i: int) -> bool:
        before = self.marks[-1] if self.marks else None
        if before is None or not self.prompt[self.found.starts[i]].islower():
            return False
        led = before.word in self.lex.words["before_nouns"] or before.word in self.lex.words["counters"]
        led = led or before.kind in (Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.LITTLE)
        return led and not self.prompt[before.end : self.found.starts[i]].strip()

    def _is_numbered(self, i: int) -> bool:
        """Whether token ``i`` stands right behind a number without a space: "1girl"."""
        texts, starts, ends = self.found
        return i > 0 and texts[i - 1].isdecimal() and starts[i] == ends[i - 1]

    def _is_title(self, i: int) -> bool:
        """A title stands with a capital before a name with one: "Mrs. Kowalski"."""
        texts, starts, _ = self.found
        j = i + 2 if texts[i + 1 : i + 2] == ["."] else i + 1
        if not self.prompt[starts[i]].isupper() or j >= len(texts) or starts[j] == self.found.ends[i]:
            return False
        return self.prompt[starts[j]].isupper()
