"""New spellings of plain words for persons: letters drawn out ("giiirl"), or replaced by digits ("w0man")."""

from __future__ import annotations

from typing import Final

#: Plain words for persons and their axis; long enough that a spelling of them is no other word.
PLAIN: Final = {
    **dict.fromkeys(
        "woman women man men girl girls boy boys lady ladies guy guys male female mother father mom dad sister brother "
        "daughter son wife husband queen king princess prince girlfriend boyfriend bride groom lesbian".split(),
        "gender",
    ),
    **dict.fromkeys(
        "child children kid kids baby babies teen teens teenager toddler elderly grandma grandpa granny".split(), "age"
    ),
    **dict.fromkeys(
        "asian african latina latino hispanic indian chinese japanese korean arab black white".split(), "ethnicity"
    ),
    **dict.fromkeys("muslim christian jewish hindu buddhist catholic".split(), "religion"),
}
_DIGITS: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
_LEAST: Final = 4


def plain_spelling(word: str) -> str:
    """The axis of the plain word that ``word`` is another spelling of, or "".

    A word of digits alone, or shorter than four letters, is none.
    """
    if len(word) < _LEAST or word in PLAIN:
        return ""
    letters = "".join(_DIGITS.get(c, c) for c in word)
    if not letters.isalpha() or word.isdigit():
        return ""
    changed = letters != word
    if changed and sum(c.isdigit() for c in word) > len(word) // 2:
        return ""
    if changed and letters in PLAIN:
        return PLAIN[letters]
    runs = [(c, letters[k - 1] if k else "") for k, c in enumerate(letters)]
    thin = "".join(c for c, before in runs if c != before)
    drawn = any(letters[k] == letters[k - 1] == letters[k - 2] for k in range(2, len(letters)))
    if not drawn:
        return ""
    for plain, axis in PLAIN.items():
        if thin == "".join(c for k, c in enumerate(plain) if not k or c != plain[k - 1]):
            return axis
    return ""
