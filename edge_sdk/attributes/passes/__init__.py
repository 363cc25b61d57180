"""The passes in their order. Each reads the document that the ones before it left, and none imports another."""

from collections.abc import Callable
from typing import Final

from ..document import Document
from . import (
    ages,
    animals,
    cases,
    codes,
    letters,
    lists,
    match,
    mentions,
    models,
    names,
    neutral,
    nouns,
    numbering,
    origins,
    pairs,
    palettes,
    people,
    presence,
    pronouns,
    quotes,
    scoping,
    skins,
    stand_ins,
    tones,
    traits,
    years,
)

#: From tokens to marks.
MARKING: Final[tuple[Callable[[Document], None], ...]] = (
    years.run,
    letters.run,
    codes.run,
    skins.run,
    origins.run,
    match.run,
    pairs.run,
    people.run,
    quotes.run,
    models.run,
)
#: From marks to persons and verdicts.
PASSES: Final[tuple[Callable[[Document], None], ...]] = (
    cases.run,
    animals.run,
    scoping.run,
    palettes.run,
    stand_ins.run,
    neutral.run,
    mentions.run,
    nouns.run,
    traits.run,
    names.run,
    ages.run,
    tones.run,
    lists.run,
    pronouns.run,
    presence.run,
    numbering.run,
)

__all__ = ["MARKING", "PASSES"]
