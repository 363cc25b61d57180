"""Words that repeat the name of a model in the prompt: "koharu" beside "<lora:BlueArchivea_koharuV10:1>".

A word on no list that a model's name repeats is what the model was made for; where a person is in the picture, it says
who. A model of a style or a thing repeats words of its own ("bronzepunkai"), which their ends tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .company import somebody, things_named
from .context import context
from .glued import Lookup, made_of_words, pieces
from .letters import Token, fold
from .model_tags import Stretch, inside, names_person, tags
from .rules import is_style_trigger, mistyped
from .table import Known

_LEAST: Final = 4


def repeated(
    prompt: str, look: Lookup, tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool]
) -> tuple[set[int], list[Stretch]]:
    """The unknown words, and names, that a model's name has as well, and the tags of these models.

    Beside the model of a character, the character's name counts even where it is a word ("jinx").
    """
    stretches = list(tags(prompt)) if ":" in prompt else []
    if not stretches or not somebody(tokens, known):
        return set(), []
    within = inside(tokens, stretches)
    things = things_named(tokens, known)
    words: set[int] = set()
    models: list[Stretch] = []
    for start, end in stretches:
        tag = prompt[start:end]
        parts = set(pieces(tag.strip("<>").split(":")[1])) - context("model_words")
        person = names_person(tag, look)
        found = {
            i
            for i, token in enumerate(tokens)
            if not within[i]
            and token.folded not in things
            and ((not public[i] and _is_new(token, known[i], look)) or (person and _is_character(known[i])))
            and _repeats(token, parts, look)
        }
        if found:
            words |= found
            models.append((start, end))
    return words, models


def _is_character(bits: int) -> bool:
    return bool(bits & Known.FICTION) and not bits & Known.STYLE


def _is_new(token: Token, bits: int, look: Lookup) -> bool:
    common = Known.WORD | Known.RARE | Known.PLACE | Known.STYLE | Known.FICTION | Known.PERSON
    if bits & common or token.folded in context("triggers") or is_style_trigger(token.text):
        return False
    return not (token.folded.isalpha() and not bits and mistyped(token.folded, look))


def _repeats(token: Token, parts: set[str], look: Lookup) -> bool:
    """Whether a part of a model's name is the word, or the word but for a common one: "ionojacket" of "iono3"."""
    words = [fold(p) for p in pieces(token.text)]
    if any(w in parts and len(w) >= _LEAST and not made_of_words(w, look) for w in words):
        return True
    word = token.folded
    heads = [p for p in parts if len(p) >= _LEAST and word != p and word.startswith(p)]
    bits = look([x for p in heads for x in (p, word[len(p) :])])
    return any(not a & (Known.WORD | Known.RARE) and b & Known.WORD for a, b in zip(bits[::2], bits[1::2], strict=True))
