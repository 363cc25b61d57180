"""Trigger words of personalised models: an unknown token that stands where a person's name would.

"a photo of tabiswat, a woman", "rotungwoka person": nobody but the model knows what the token means, and where it is
the one who is pictured it means somebody. Conventional tokens that mean nobody ("sks") pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .company import is_counted, somebody, things_named
from .context import context
from .glued import Lookup, made_of_words
from .letters import Token
from .rules import Mark, is_style_trigger, mistyped
from .table import NAME, Known

_LEAST: Final = 4
#: How many words after the token the person may be named.
_REACH: Final = 8
_OTHER: Final = Known.WORD | Known.RARE | Known.PLACE | Known.FICTION | Known.STYLE | Known.PERSON
_VOWELS: Final = frozenset("aeiouy")
_FEWEST_VOWELS: Final = 2


def mark_triggers(look: Lookup) -> Mark:
    """A rule that finds unknown tokens before "person", or pictured with a noun for a person in reach."""

    def mark(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool]) -> set[int]:
        persons = somebody(tokens, known)
        listing = any(is_counted(t) for t in tokens)
        things = things_named(tokens, known) if listing else set()
        return {
            i
            for i, token in enumerate(tokens)
            if not public[i]
            and (
                (_is_placed(tokens, known, i) and _is_unknown(token, known[i], look, _ends(tokens, i)))
                or (persons - {i} and (_is_versioned(token, known[i], look) or _is_coded_name(tokens, known, i)))
                or (
                    listing
                    and _is_item(tokens, i)
                    and token.folded not in things
                    and _is_strange(token, known[i], look)
                )
                or _is_swapped(tokens, known, persons, i)
            )
        }

    return mark


def _is_placed(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether token ``i`` stands where the name of who is pictured would."""
    token, behind = tokens[i], i + 1
    coded = _is_coded(token.text)
    if coded and behind < len(tokens) and tokens[behind].gap == "-" and tokens[behind].folded.isdigit():
        return True  # "v1tell-2500": the steps that it was trained for
    while (
        behind < len(tokens) and tokens[behind].gap in ("", "-") and tokens[behind].folded.removeprefix("v").isdigit()
    ):
        behind += 1  # "madpetsch-5400", "anneli-v2"
    if behind < len(tokens) and tokens[behind].segment == token.segment and not tokens[behind].gap.strip("-"):
        after = tokens[behind].folded
        mixed = any(c.isdigit() for c in token.text) or not (token.text.islower() or token.text.istitle())
        if after == "person" or (mixed and after in context("person_nouns")):
            return True
    return _is_pictured(tokens, i) and (coded or _is_person_near(tokens, known, behind, token.segment))


def _is_versioned(token: Token, bits: int, look: Lookup) -> bool:
    """Whether a token is a name, or a word on no list, with a number or a version behind: "steph1", "AiriV4"."""
    core = token.text.rstrip("0123456789")
    if core == token.text or bits & ~(Known.SCARCE | Known.SURNAME | Known.GIVEN):
        return False
    core = core[:-1] if core[-1:] in ("v", "V") and len(core) > _LEAST else core
    word = core.lower()
    if len(core) < _LEAST or not core.isalpha() or core.isupper() or is_style_trigger(token.text):
        return False
    if word in context("triggers") or word in context("model_words") or not set(word) & _VOWELS:
        return False
    found = look([word])[0]
    if found:
        return bool(found & (NAME | Known.TOP)) and not found & _OTHER
    return not made_of_words(word, look) and not mistyped(word, look)


def _is_coded_name(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether hyphens join a given name to a code: "nbdy-isabella-sd15", "olga-v2"."""
    if not known[i] & (Known.TOP | Known.GIVEN) or known[i] & _OTHER or len(tokens[i].text) < _LEAST:
        return False
    beside = [k for k in (i - 1, i + 1) if 0 <= k < len(tokens) and tokens[max(i, k)].gap == "-"]
    return any(any(c.isdigit() for c in tokens[k].text) or not known[k] for k in beside)


def _is_item(tokens: Sequence[Token], i: int) -> bool:
    """Whether the token is an item of the list by itself."""
    return (not i or tokens[i - 1].segment != tokens[i].segment) and _ends(tokens, i)


def _is_strange(token: Token, bits: int, look: Lookup) -> bool:
    """Whether an item is a word on no list, as characters' names are in lists of tags: "koharu"."""
    word = token.folded
    if bits or len(word) <= _LEAST or not word.isascii() or not word.isalpha() or not token.text[1:].islower():
        return False
    if word in context("triggers") or is_style_trigger(word) or len(set(word) & _VOWELS) < _FEWEST_VOWELS:
        return False
    return not made_of_words(word, look) and not mistyped(word, look)


def _is_swapped(tokens: Sequence[Token], known: Sequence[int], persons: set[int], i: int) -> bool:
    """Whether the token takes a person's place while the picture is made: "[a bald man:ElectroBoom:0.3]"."""
    token = tokens[i]
    if not i or token.gap != ":" or token.start != tokens[i - 1].end + 1 or not token.capital:
        return False
    if known[i] & _OTHER or len(token.text) < _LEAST or token.text.isupper():
        return False
    return any(tokens[k].segment == tokens[i - 1].segment for k in persons)


def _ends(tokens: Sequence[Token], i: int) -> bool:
    """Whether the token's item of the list ends behind it."""
    return i + 1 == len(tokens) or tokens[i + 1].segment != tokens[i].segment


def _is_coded(text: str) -> bool:
    """Whether digits stand between its letters: "jenn1f1850"."""
    core = text.strip("0123456789")
    return any(c.isdigit() for c in core) and sum(c.isalpha() for c in core) >= _LEAST


def _is_unknown(token: Token, bits: int, look: Lookup, ends: bool) -> bool:
    """Whether no list has the token, and it is no slip or compound of words (two short words are none at an end)."""
    if bits & ~(Known.SCARCE | Known.SURNAME | Known.BEGINS) or len(token.text) < _LEAST:
        return False
    word = token.folded
    if word in context("triggers") or sum(c.isalpha() for c in word) < _LEAST:
        return False
    return not (word.isalpha() and ((not ends and made_of_words(word, look)) or mistyped(word, look)))


def _is_pictured(tokens: Sequence[Token], i: int) -> bool:
    """Whether "photo of" stands right before token ``i``."""
    return i > 1 and tokens[i - 1].folded == "of" and tokens[i - 2].folded in context("pictures")


def _is_person_near(tokens: Sequence[Token], known: Sequence[int], behind: int, segment: int) -> bool:
    """Whether the token's item ends behind it or goes on with a person, and a person is named soon."""
    for k in range(behind, min(behind + _REACH, len(tokens))):
        if tokens[k].folded in context("person_nouns"):
            return True
        plain = known[k] & Known.QUALITY or tokens[k].folded in context("determiners")
        if tokens[k].segment == segment and not plain:
            return False
    return False
