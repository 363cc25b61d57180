"""What words, marks and verdicts can be: closed lists, so that no string means two things."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What the lexicon knows a stretch of the prompt as."""

    NOUN = "noun"
    AGE = "age"
    #: "little", "small": an age only beside a noun that says one.
    LITTLE = "little"
    SKIN = "skin"
    #: A colour that is a skin tone only beside a person.
    TONE = "tone"
    TRAIT = "trait"
    DECADE = "decade"
    TITLE = "title"
    NAME = "name"
    PRONOUN = "pronoun"
    #: The verb behind a pronoun whose number depends on the gender slot ("she waits", "they wait").
    VERB = "verb"
    PROFESSION = "profession"
    #: Words and signs that end a noun phrase.
    STOP = "stop"
    ANIMAL = "animal"
    WORD = "word"


class NounKind(StrEnum):
    """Words for persons, by what they say and what can take their place."""

    PLAIN = "plain"  # woman, man
    CHILD = "child"  # girl, boy
    PAIR = "pair"  # actress, actor
    ADJECTIVE = "adjective"  # female, male
    NEUTRAL = "neutral"  # kid, senior: an age and no gender
    ROLE = "role"  # pilot
    DECADE = "decade"  # "in her sixties": gender and age beside the noun


class Place(StrEnum):
    """Where a word stands to its person; decides which form of a value can take its place."""

    NONE = ""
    BEFORE = "before"  # a Chinese pilot
    BEHIND = "behind"  # a pilot from China
    PREDICATE = "predicate"  # who is Chinese
    LISTED = "listed"  # a pilot, Chinese, at dusk: set off by commas, brackets or "and"
    YEARS = "years"  # a pilot, aged 40
    LITTLE = "little"  # a little girl
    SKINNED = "skinned"  # a brown woman: the colour alone
    PROFESSION = "profession"  # a noun that is its person's profession, which is hidden


class PronounForm(StrEnum):
    """The cases of she, he and they."""

    SUBJECT = "subject"
    OBJECT = "object"
    POSSESSIVE = "possessive"
    OWN = "own"
    REFLEXIVE = "reflexive"


class Reason(StrEnum):
    """Why a word that the lexicon knows says nothing about a person here. Each is certain, or it is no reason."""

    ANIMAL = "it speaks of an animal"
    SENSE = "it is part of a name or compound with another sense"
    THING = "it describes a thing"
    PLACE = "it is where something is from or is, not who somebody is"
    NOBODY = "no person is in the prompt"
    SEVERAL = "they are several persons"
    PUBLIC = "its axis is not hidden"
    COMMON = "it is an ordinary word here"
    STYLE = "it names an artist or a style"
    QUOTED = "it is text to be drawn"
