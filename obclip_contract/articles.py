"""The indefinite article before a word, by a fixed public table (SPEC.md, section "Article").

It must be the same on every device and in the cloud, so it looks at code points only and asks no
language library: a few exceptions by word and by prefix, a rule for digits, and the first letter.
"""

from __future__ import annotations

from typing import Final

#: Words and beginnings of words whose first sound is not what their first letter says, lower case.
AN_WORDS: Final = (
    "f", "h", "l", "m", "n", "r", "s", "x",
    "fbi", "lgbt", "lgbtq", "mri", "mtv", "nba", "nfl", "nhl", "rv", "sos", "xray",
)  # fmt: skip
AN_PREFIXES: Final = ("hour", "honest", "honor", "honour", "heir")
A_WORDS: Final = ("u", "uae", "ufo", "uk", "uni", "us", "usa", "usb", "uv")
A_PREFIXES: Final = (
    "eu", "ewe", "oneself", "onesie", "once", "ouija", "ubi", "ugand", "uighur", "ukr", "ukul", "unani", "unic", "unif",
    "unil", "union", "uniq", "unis", "unit", "univ", "ura", "urin", "uru", "usab", "usag", "use", "usu", "uten", "util",
    "uto", "uygh",
)  # fmt: skip
#: "one" alone or before a hyphen ("one-eyed"); as a prefix it would catch "onerous".
_ONE: Final = "one"
_VOWELS: Final = frozenset("aeiouàáâãäåæèéêëìíîïòóôõöøùúûüœ")


def _is_word(c: str) -> bool:
    """ASCII letters and digits, and the code points of the world's alphabets without punctuation blocks."""
    code = ord(c)
    if code < 0x80:
        return c.isalnum()
    return (0xC0 <= code <= 0x1FFF and code not in (0xD7, 0xF7)) or 0x3040 <= code <= 0xD7FF


def _lower(c: str) -> str:
    """Lower case of ASCII, Latin-1 and Œ; every other code point stays (no language's rules apply)."""
    code = ord(c)
    if 0x41 <= code <= 0x5A or (0xC0 <= code <= 0xDE and code != 0xD7):
        return chr(code + 0x20)
    return "œ" if c == "Œ" else c


def _first_word(text: str) -> str:
    word = ""
    for c in text:
        if _is_word(c):
            word += _lower(c)
        elif word:
            break
    return word


def _number_takes_an(digits: str) -> bool:
    """Eight, eleven, eighteen, and what is read as beginning with them ("1800s", "11000", "80")."""
    return digits[0] == "8" or (digits[:2] in ("11", "18") and len(digits) in (2, 4, 5))


def article(following: str) -> str:
    """``"a"`` or ``"an"`` before ``following``: by its first word, skipping quotes and other marks."""
    word = _first_word(following)
    if not word:
        return "a"
    if word[0] in "0123456789":
        digits = word[: next((i for i, c in enumerate(word) if c not in "0123456789"), len(word))]
        return "an" if _number_takes_an(digits) else "a"
    if word in AN_WORDS or word.startswith(AN_PREFIXES):
        return "an"
    if word == _ONE or word in A_WORDS or word.startswith(A_PREFIXES):
        return "a"
    return "an" if word[0] in _VOWELS else "a"
