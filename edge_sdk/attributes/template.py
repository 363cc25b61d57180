"""Third pass: from a reading to the template, axes and phrases, all in canonical words."""

from __future__ import annotations

import re

from contract import Axis, Phrase, article, escape

from .lexicon import AXES, Lexicon, lexicon
from .marks import Mark
from .reading import Reading
from .slots import CandidateSlots


class _Builder:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.lex: Lexicon = lexicon()
        self.axes: list[Axis] = []
        self.choice: list[int] = []
        self.where: dict[tuple[int, str], int] = {}
        for number, person in enumerate(reading.persons):
            for axis in AXES:
                value = person.value(axis)
                if value is not None:
                    self.where[number, axis] = len(self.axes)
                    name = axis if number == 0 else f"{axis}.{number + 1}"
                    self.axes.append(Axis(name, self.lex.values[axis]))
                    self.choice.append(value)

    def phrase(self, i: int, m: Mark) -> Phrase | None:
        """What replaces mark ``i``; ``None`` removes it (its meaning moved into another phrase)."""
        person = self.reading.owner[i]
        gender, age = self.where.get((person, "gender")), self.where.get((person, "age"))
        if m.kind == "skin":
            return Phrase((self.where[person, "skin_tone"],), self.lex.values["skin_tone"])
        if m.kind == "pronoun":
            assert gender is not None
            return Phrase((gender,), self.lex.pronouns[m.role])
        if m.kind == "decade":
            assert gender is not None
            assert age is not None
            if self._carries_age(person):
                return None
            decades = [f"in {own} {d}" for own in self.lex.pronouns["possessive"] for d in self.lex.decade_forms]
            return Phrase((gender, age), tuple(decades))
        if m.kind == "title":
            assert gender is not None
            return Phrase((gender,), self.lex.title_forms)
        if m.kind == "age":
            assert age is not None
            return None if self._carries_age(person) else Phrase((age,), self.lex.values["age"])
        assert m.noun is not None
        if m.noun.kind in ("pair", "adjective") and m.noun.forms is not None:
            assert gender is not None
            return Phrase((gender,), m.noun.forms)
        number = int(m.noun.plural or m.text(self.reading.prompt).lower() == "people")
        if m.noun.kind in ("neutral", "role"):
            assert age is not None
            return Phrase((age,), self.lex.neutral[number])
        assert gender is not None
        if age is None:
            return Phrase((gender,), self.lex.plain[number])
        forms = [
            (self.lex.children[number][g], f"adult {self.lex.plain[number][g]}", f"old {self.lex.plain[number][g]}")
            for g in range(2)
        ]
        return Phrase((gender, age), tuple(f for row in forms for f in row))

    def _carries_age(self, person: int) -> bool:
        """Whether one of the person's nouns says the age itself (girl, old woman, old person)."""
        return any(
            self.reading.owner.get(i) == person and self._is_aged_noun(m) for i, m in enumerate(self.reading.marks)
        )

    def _is_aged_noun(self, m: Mark) -> bool:
        if m.kind != "noun" or m.noun is None:
            return False
        word = m.text(self.reading.prompt).lower()
        return m.noun.kind in ("plain", "child", "neutral") or (m.noun.kind == "role" and word in ("person", "people"))

    def replaced(self, i: int, m: Mark) -> bool:
        """Whether mark ``i`` is replaced at all (a role noun stays as it is)."""
        if i not in self.reading.owner or m.kind in ("word", "stop"):
            return False
        if m.kind == "noun" and m.noun is not None and m.noun.kind == "role":
            return (self.reading.owner[i], "age") in self.where and self._is_aged_noun(m)
        return True


def build(reading: Reading) -> CandidateSlots:
    """The canonical product of a reading."""
    builder = _Builder(reading)
    prompt = reading.prompt
    phrases: dict[str, Phrase] = {}
    out: list[str] = []
    raised: list[str] = []
    at = 0
    for i, m in enumerate(reading.marks):
        if not builder.replaced(i, m):
            continue
        phrase = builder.phrase(i, m)
        before = prompt[at : m.start]
        at = m.end
        if phrase is None:
            before, at = _without(before, prompt, m)
            out.append(escape(before) + "\x00")  # a removed adjective: the article before it must fit again
            continue
        name = f"s{len(phrases)}"
        phrases[name] = phrase
        if m.text(prompt)[:1].isupper():
            raised.append(name)
        before += " " if before[-1:].isdigit() else ""  # "1girl"
        out.append(escape(before) + "{" + name + "}" + ("-skinned" if m.role == "adjective" else ""))
    out.append(escape(prompt[at:]))
    template = _articles(re.sub(r"\s+", " ", "".join(out)).strip())
    template, phrases = _capitals(template, phrases, prompt, raised)
    axes = tuple(builder.axes)
    whole = (template, axes, tuple(phrases.items()))
    return CandidateSlots(template, axes, phrases, tuple(builder.choice), whole=whole)


def _without(before: str, prompt: str, m: Mark) -> tuple[str, int]:
    """Text before a removed mark and where the text after it goes on; a comma that held it goes too."""
    end = m.end
    if m.role == "years" and re.search(r",\s*$", before):
        return re.sub(r",\s*$", "", before), end
    while end < len(prompt) and prompt[end] in " -\t\n":
        end += 1
    return before, end


def _articles(template: str) -> str:
    """Make "a"/"an" before a slot an article marker, and right it before words that moved next to it."""

    def right(m: re.Match[str]) -> str:
        marker = "A" if m.group(1) == "A" else "a"
        if m.group(3) == "{" and not template[m.end(3) :].startswith("{"):
            return "{" + marker + "} " + m.group(3)
        if "\x00" not in m.group(2):
            return m.group()
        word = article(template[m.start(3) :])
        return (word.capitalize() if marker == "A" else word) + " " + m.group(3)

    fixed = re.sub(r"(?<![\w'{-])([Aa])[Nn]?((?:\s|\x00)+)(\S)", right, template)
    return re.sub(r"\s+", " ", fixed.replace("\x00", "")).strip()


def _capitals(
    template: str, phrases: dict[str, Phrase], prompt: str, raised: list[str]
) -> tuple[str, dict[str, Phrase]]:
    """A slot that begins a sentence is capitalised when its word was."""
    letter = re.search(r"[A-Za-z]", prompt)
    first = re.match(r"\{(s\d+)\}", template)
    names = set(raised) & set(re.findall(r"[.!?] +\{(s\d+)\}", template))
    if first is not None and letter is not None and letter.group().isupper():
        names.add(first.group(1))
    capital = {
        name: Phrase(old.axes, tuple(t[:1].upper() + t[1:] for t in old.text))
        for name, old in phrases.items()
        if name in names
    }
    return template, {**phrases, **capital}
