"""Names and words for persons written as one token: "selenagomez", "StacyKeibler2", "l1vvydunne", "Icfgirl".

A token is taken apart at capitals and digits, digits between letters are read as the letters that they look like, and
what is left is cut in two wherever a given name stands before a surname. The lists decide, nothing is guessed by form
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from .context import context
from .letters import fold
from .table import ALSO_SURNAME, NAME, Known, axis_of

#: List bits of words.
Lookup = Callable[[list[str]], list[int]]

_DICTIONARY: Final = Known.WORD | Known.RARE
_LEET: Final = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
#: More digits for letters in one token are a number.
_MOST_LEET: Final = 5
#: So many digits for letters are no slip: who writes them hides a word.
_HIDDEN: Final = 2
#: Shorter parts are within too many words.
_LEAST_GIVEN: Final = 4
_LEAST_SURNAME: Final = 4
_LEAST_PART: Final = 3
_VOWELS: Final = frozenset("aeiouy")
#: A token of so few letters is cut nowhere.
_LEAST_TOKEN: Final = 7


def pieces(text: str) -> list[str]:
    """The runs of letters of a token, cut at signs, digits and capitals, folded: "RezeChainsawMan2" in three."""
    out: list[str] = []
    run = ""
    for k, c in enumerate(text):
        inner = run and c.isupper() and (not run[-1].isupper() or (k + 1 < len(text) and text[k + 1].islower()))
        if not c.isalpha() or inner:
            out.append(run)
            run = ""
        if c.isalpha():
            run += c
    return [fold(w) for w in (*out, run) if w]


def readings(text: str) -> list[str]:
    """A token with digits between its letters, as the words that it may be read as: "l1vvydunne" two ways.

    Digits at its ends ("Keibler2", "jenn1f1850") number it and are left out.
    """
    core = text.lower().rstrip("0123456789_-")
    found: list[str] = []
    for word in dict.fromkeys((core.lstrip("0123456789_-"), core)):
        inner = sum(c.isdigit() for c in word)
        if not 1 <= inner <= _MOST_LEET or not all(c.isalpha() or c in _LEET for c in word):
            continue
        out = [""]
        for c in word:
            out = [r + letter for r in out for letter in _LEET.get(c, c)]
        found += out
    return found


def made_of_words(word: str, look: Lookup) -> bool:
    """Whether an unknown word is two words in one: "headwrap"."""
    if any(word.endswith(s) and look([word[: -len(s)]])[0] & Known.WORD for s in context("suffixes")):
        return True
    cuts = range(_LEAST_PART, len(word) - _LEAST_PART + 1)
    parts = look([part for k in cuts for part in (word[:k], word[k:])])
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return any(a & _DICTIONARY and b & _DICTIONARY and (a | b) & Known.WORD for a, b in pairs)


def holds_name(text: str, look: Lookup) -> bool:
    """Whether one token is a given name with a surname, or names a character."""
    if not any(c.isalpha() for c in text):
        return False
    parts = [p for p in pieces(text) if p not in context("model_words")]
    if _follow([p for p in parts if p not in context("inner_particles")], look) or _is_initialed(text, look):
        return True
    if _is_called(parts, text, look):
        return True
    letters = "".join(c for c in text if c.isalpha())
    for title in ("miss", "mister", "queen", "princess", "lady"):
        rest = parts[0].removeprefix(title) if len(parts) == 1 else ""
        if rest and rest != parts[0] and len(rest) >= _LEAST_SURNAME and not look(parts)[0]:
            return True  # "missmiafit"
    if len(parts) == 1 and len(parts[0]) >= _LEAST_TOKEN and parts[0] == fold(letters):
        return _cut(parts[0], look)
    return any(_disguises(r, len(text) - len(letters), look) for r in readings(text))


def _is_called(parts: Sequence[str], text: str, look: Lookup) -> bool:
    """Whether one part of several is a name by itself: a character's, or a given name beside codes ("re4ashley")."""
    bits = look(list(parts))
    numbered = any(c.isdigit() for c in text) and not text[0].isdigit()  # "1skelton" is a count
    worded = any(b & Known.WORD and len(p) >= _LEAST_GIVEN for p, b in zip(parts, bits, strict=True))
    work = any(p in context("series_short") for p in parts)
    for part, b in zip(parts, bits, strict=True):
        long = len(part) >= _LEAST_GIVEN
        if long and len(parts) > 1 and (axis_of(b) == "identity" or (work and b & (Known.FICTION | Known.GIVEN))):
            return True
        scarce = b & Known.SCARCE and not b & (_DICTIONARY | Known.PLACE | Known.FICTION) and len(part) >= _LEAST_TOKEN
        given = scarce or (_is_given(b) and (b & Known.TOP or len(part) > _LEAST_GIVEN))
        surname = b & Known.SURNAME and not b & (_DICTIONARY | Known.PLACE | Known.FICTION | Known.STYLE)
        alone = len(parts) == 1 and len(part) > _LEAST_GIVEN
        if (
            long
            and not worded
            and ((given and (len(parts) > 1 or (numbered and alone))) or (surname and numbered and alone))
        ):
            return True
    return False


def _is_given(bits: int) -> bool:
    return bool(bits & (Known.GIVEN | Known.TOP)) and not bits & (Known.WORD | Known.FICTION)


def _is_surname(bits: int) -> bool:
    return bool(bits & Known.SURNAME) or bits & Known.AXIS == ALSO_SURNAME


def _follow(parts: Sequence[str], look: Lookup) -> bool:
    """Whether a given name stands before a surname, or behind one, among the parts of a token."""
    bits = look(list(parts))
    for k in range(len(parts) - 1):
        (a, b), (x, y) = parts[k : k + 2], bits[k : k + 2]
        long = len(a) > 2 and len(b) > 2
        unknown = not y & (_DICTIONARY | Known.PLACE | Known.FICTION) and len(b) >= _LEAST_SURNAME
        scarce = x & Known.SCARCE and not x & (_DICTIONARY | Known.FICTION) and len(a) > _LEAST_GIVEN
        named = _is_surname(y) or unknown or bool(y & NAME and not y & Known.WORD)
        if long and (_is_given(x) or scarce) and named:
            return True
        wordy = x & Known.GIVEN and x & Known.WORD and not y & _DICTIONARY
        if long and wordy and len(a) >= _LEAST_GIVEN and (y & Known.SURNAME or unknown):
            return True
        turned = x & Known.SURNAME and not x & (_DICTIONARY | Known.FICTION)
        if long and turned and _is_given(y) and not x & Known.PLACE:
            return True
    return False


def _is_initialed(text: str, look: Lookup) -> bool:
    """ "PJensen": a capital before a surname."""
    name = text.rstrip("0123456789")
    if len(name) < _LEAST_SURNAME + 1 or not name.isalpha() or not name[:2].isupper() or not name[2:].islower():
        return False
    bits = look([fold(name[1:])])[0]
    return bool(bits & Known.SURNAME) and not bits & (_DICTIONARY | Known.PLACE | Known.FICTION)


def _cuts(word: str, least: int) -> Iterator[tuple[str, str]]:
    for k in range(least, len(word) - least + 1):
        yield word[:k], word[k:]


def _cut(word: str, look: Lookup) -> bool:
    """Whether an unknown word of letters is a given name and a surname written together."""
    bits = look([word])[0]
    if bits:
        return axis_of(bits) == "identity"
    stems = [word[: -len(end)] for end in ("s", "d", "ed", "es", "er", "ers", "ing", "ly") if word.endswith(end)]
    if any(stem_bits & _DICTIONARY for stem_bits in look(stems)):
        return False  # "jackhammered"
    cuts = list(_cuts(word, _LEAST_PART))
    known = look([part for cut in cuts for part in cut])
    pairs = list(zip(cuts, known[::2], known[1::2], strict=True))
    if any(x & _DICTIONARY and y & _DICTIONARY and (x | y) & Known.WORD for _, x, y in pairs if not _is_given(x)):
        return False  # two words: "headwrap"
    return any(_is_full(a, b, x, y, look) for (a, b), x, y in pairs)


def _is_full(a: str, b: str, x: int, y: int, look: Lookup) -> bool:
    """Whether ``a`` is a given name and ``b`` may be the surname behind it, or the other way round."""
    given = _is_given(x) and (len(a) >= _LEAST_GIVEN or x & Known.TOP)
    scarce = x & Known.SCARCE and not x & _DICTIONARY and len(a) > _LEAST_GIVEN
    plain = not y & (_DICTIONARY | Known.FICTION)
    if given and _is_surname(y) and (len(b) >= _LEAST_SURNAME or len(a) > _LEAST_GIVEN):
        return True
    if (given or scarce) and not y & (Known.WORD | Known.FICTION) and y & (NAME | Known.STYLE):
        return len(b) >= _LEAST_SURNAME or (len(a) > _LEAST_TOKEN - 1 and bool(y & Known.SURNAME))
    if (given or scarce) and not y and len(b) > _LEAST_SURNAME and set(b) & _VOWELS:
        return not any(b.endswith(tail) for tail in context("suffixes"))
    if given and not x & Known.PLACE and y & Known.WORD and len(a) >= _LEAST_GIVEN and len(b) >= _LEAST_SURNAME:
        return True  # "elonmusk"
    wordy = x & Known.GIVEN and x & Known.WORD and len(a) >= _LEAST_GIVEN
    if wordy and (plain or y & Known.GIVEN) and y & Known.SURNAME and len(b) > _LEAST_SURNAME:
        return True  # "daisyridley"
    turned = x & Known.SURNAME and not x & (Known.WORD | Known.PLACE | Known.AXIS)
    return bool(turned and y & Known.TOP and _is_given(y) and len(b) >= _LEAST_GIVEN)


def _disguises(word: str, digits: int, look: Lookup) -> bool:
    """Whether a token with digits for letters is a name: who writes "k4t3m1d" hides one."""
    if len(word) < _LEAST_TOKEN - 1:
        return False
    if _cut(word, look):
        return True
    if digits < _HIDDEN:
        return False
    other = Known.WORD | Known.FICTION | Known.PLACE
    whole = look([word])[0]
    if whole & NAME and not whole & other:
        return True
    return any(_is_given(look([word[:k]])[0]) for k in range(_LEAST_GIVEN, len(word) - 1))


def glued_axis(word: str, look: Lookup) -> str:
    """The axis that a word for a person gives away at an end of an unknown word: "Icfgirl", "koreandoll"; or "".

    Also before known words: "womenintech", "blackgirlsurf".
    """
    if len(word) < _LEAST_TOKEN - 1 or not word.isalpha():
        return ""
    for axis in ("gender", "age"):
        if any(word.endswith(w) and len(word) > len(w) for w in context(f"glued_{axis}")):
            return axis
    for a, b in _cuts(word, _LEAST_GIVEN):
        if axis_of(look([a])[0]) == "ethnicity" and any(b.startswith(w) for w in context("glued_behind_people")):
            return "ethnicity"
    for axis in ("gender", "religion", "ethnicity", "disability"):
        if _is_first(word, context(f"glued_first_{axis}"), look):
            return axis
    return "gender" if _is_described(word, look) else ""


def _is_first(word: str, firsts: Collection[str], look: Lookup) -> bool:
    """Whether one of these words begins the word, and a known word, or two, follow: "womenintech", "wheelchairlife"."""
    for first in firsts:
        rest = word.removeprefix(first)
        ends = [rest, *(rest[len(j) :] for j in context("glued_joints") if rest.startswith(j))]
        if rest != word and any(len(e) >= _LEAST_PART and (look([e])[0] or made_of_words(e, look)) for e in ends):
            return True
    return False


def _is_described(word: str, look: Lookup) -> bool:
    """Whether an attribute and a noun for a person stand before another word: "blackgirlsurf", not "oldmansion"."""
    for first in context("glued_attributes"):
        noun = word.removeprefix(first)
        if noun != word and not look([noun])[0] & _DICTIONARY and _is_first(noun, context("glued_nouns"), look):
            return True
    return False


def numbered_axis(text: str, look: Lookup) -> str:
    """The axis of a counted person of tag lists that is mistyped: "1girk", "2gilrs"; or ""."""
    word = fold(text).lstrip("0123456789")
    if len(word) == len(text) or not word.isalpha() or look([word])[0] & _DICTIONARY:
        return ""
    return "gender" if any(_is_slip(word, w) for w in context("counted")) else ""


def _is_slip(word: str, meant: str) -> bool:
    """Whether one letter is changed, swapped, left out or put in."""
    if word == meant or abs(len(word) - len(meant)) > 1 or word[:1] != meant[:1]:
        return False
    if len(word) == len(meant):
        off = [k for k in range(len(word)) if word[k] != meant[k]]
        first, last = off[0], off[-1]
        swapped = last == first + 1 and (word[first], word[last]) == (meant[last], meant[first])
        return len(off) == 1 or swapped
    short, long = sorted((word, meant), key=len)
    return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))
