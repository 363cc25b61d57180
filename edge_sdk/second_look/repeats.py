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
from .model_tags import inside, tags
from .rules import Mark, is_style_trigger, mistyped
from .table import Known

_LEAST: Final = 4


def mark_repeated(prompt: str, look: Lookup) -> Mark:
    """A rule: unknown words, and names, that a model's name has as well."""
    stretches = list(tags(prompt)) if ":" in prompt else []
    named = {p for a, b in stretches for p in pieces(prompt[a:b].strip("<>").split(":")[1])}
    parts = named - context("model_words")

    def mark(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool]) -> set[int]:
        persons = somebody(tokens, known) if parts else set()
        if not persons:
            return set()
        within = inside(tokens, stretches)
        things = things_named(tokens, known)
        return {
            i
            for i, token in enumerate(tokens)
            if not within[i]
            and not public[i]
            and token.folded not in things
            and _is_new(token, known[i], look)
            and _repeats(token, parts, look)
        }

    return mark


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
