"""Ages: adjectives, numbers of years and decades, and the persons they belong to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lexicon import Noun

if TYPE_CHECKING:
    from .reading import Reader


def read_decades(reader: Reader) -> None:
    """ "in her sixties": age and gender of the noun before it. A noun that can carry both then does."""
    for i in reader.of_kind("decade"):
        m = reader.marks[i]
        if m.noun is None:
            continue
        head = reader.before(i)
        person = reader.person(i) if head is None else reader.give(i, head)
        noun = None if head is None else reader.marks[head].noun
        gendered = m.noun.gender is not None and "gender" in reader.axes and "gender" not in person.values
        if head is not None and noun is not None and gendered and _neutral(reader, head):
            reader.marks[head].noun = Noun("plain", noun.plural, m.noun.gender)
        reader.says(person, "gender", m.noun.gender)
        reader.says(person, "age", m.value)


def read_ages(reader: Reader) -> None:
    """ "old", "30-year-old", "aged 40": given to their person; of a car or a city they become plain words."""
    for i in reader.of_kind("age"):
        m = reader.marks[i]
        head = reader.head(i)
        if head is None and m.word in reader.lex.ages_of_persons:
            head = reader.unknown_head(i, any_word=True)
        if head is None and m.role == "years":
            head = reader.before(i)
        if head is None and _stands_for_a_person(reader, i):
            number = m.word.endswith(("s", "elderly"))
            m.kind, m.noun = "noun", Noun("neutral", number, None, m.value)
            reader.says(reader.person(i), "age", m.value)
            continue
        if head is None and reader.predicate(i):
            head = reader.subject(i)
        if head is None:
            m.kind = "word"  # old car, ancient city
            continue
        noun = reader.marks[head].noun
        person = reader.give(i, head)
        own = None
        if noun is not None:
            own = 0 if noun.kind == "child" else noun.age if noun.kind == "neutral" else None
        if "age" in reader.axes:
            if own is not None:
                person.values["age"] = own
            else:
                reader.says(person, "age", m.value)


def read_little(reader: Reader) -> None:
    """ "a little girl": beside a noun that says the age, the word would say it again in every member."""
    for i in reader.of_kind("little"):
        m = reader.marks[i]
        head = reader.head(i)
        noun = None if head is None else reader.marks[head].noun
        aged = head in reader.owner and "age" in reader.persons[reader.owner[head]].values
        if head is not None and noun is not None and aged and noun.kind in ("plain", "child", "neutral"):
            m.kind, m.role = "age", "little"
            m.value = int(reader.give(i, head).values["age"])
        else:
            m.kind = "word"


def _stands_for_a_person(reader: Reader, i: int) -> bool:
    """ "an 80-year-old with a cane": a number of years after an article, with no noun behind it."""
    m = reader.marks[i]
    before = reader.marks[i - 1].word if i else ""
    after = reader.marks[i + 1] if i + 1 < len(reader.marks) else None
    ends = after is None or after.kind == "stop" or after.word.endswith("ing") or not reader.adjacent(i)
    if m.word in ("elderly", "young", "old", "aged"):  # "a home for the elderly"
        return ends and before in ("the", "these", "those")
    article = re.search(
        r"(?<![\w-])(?:an?|the|two|three|four|five|some|\d+)\s+$", reader.prompt[: m.start], re.IGNORECASE
    )
    return m.role == "years" and ends and article is not None


def _neutral(reader: Reader, i: int) -> bool:
    noun, word = reader.marks[i].noun, reader.marks[i].word
    return noun is not None and (noun.kind == "neutral" or (noun.kind == "role" and word in reader.lex.people))
