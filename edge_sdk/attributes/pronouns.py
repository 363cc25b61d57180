"""Which form of a pronoun stands in a prompt: "her" and "his" have two each."""

from __future__ import annotations

import re
from typing import Final

#: After these a pronoun stands alone: "with her in a boat", "the dog is his and". Any other word is possessed by it.
_NOT_POSSESSED: Final = frozenset(
    "a an the and or but nor so as if than then when while because that who which what where how is are was were be been has had "
    "have do does did will would can could may might must should with without on in of at by for from to into onto over under "
    "near against about after before behind beside besides between beyond during inside outside through toward towards up down "
    "off out around across along above below beneath back away again too very here there now today tonight alone together "
    "she he her him his hers they them their it its i you me we us this these those not no until since upon like "
    "holding wearing riding sitting standing walking looking smiling running".split()
)
#: Adjectives that end like adverbs; after other words in -ly the pronoun stands alone ("kisses her gently").
_LY_ADJECTIVES: Final = frozenset(
    "elderly lovely friendly lonely ugly silly curly holy only early daily chilly family belly jelly bully lily fly woolly wrinkly "
    "cuddly bubbly lively jolly smelly hilly wobbly likely deadly heavenly fluffly monthly weekly teddy butterfly dolly ally".split()
)
_NEXT: Final = re.compile(r"\s+[\"'\u2018\u201c(]?(\w[\w'-]*)")


def role(pronoun: str, after: str, listed: str) -> str:
    """Subject, object, possessive, own or reflexive.

    Args:
        pronoun: as it stands in the prompt.
        after: the prompt's text behind it.
        listed: the role that the lexicon lists first for this word; right for all but "her" and "his".
    """
    word = pronoun.lower()
    if word not in ("her", "his"):
        return listed
    following = _NEXT.match(after)
    if following is not None and _is_possessed(following.group(1).lower()):
        return "possessive"
    return "object" if word == "her" else "own"


def _is_possessed(word: str) -> bool:
    if word in _NOT_POSSESSED:
        return False
    return not word.endswith("ly") or word in _LY_ADJECTIVES
