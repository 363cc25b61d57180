"""The committed lists as entries of the table: word or phrase to its bits."""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge_sdk.second_look.letters import tokenize
from edge_sdk.second_look.look import LONGEST
from edge_sdk.second_look.table import ALSO_SURNAME, NAME, Known, axis_bits

HERE: Final = Path(__file__).parent / "lists"
_BITS: Final = {
    "w": Known.WORD, "v": Known.RARE, "r": Known.RARE, "G": Known.GIVEN,
    "g": Known.SCARCE, "N": Known.TOP | Known.GIVEN, "S": Known.SURNAME, "s": Known.SURNAME, "p": Known.PLACE,
    "n": Known.PERSON, "j": Known.QUALITY, "d": Known.FICTION,
}  # fmt: skip
_AXES: Final = {"E": "ethnicity", "F": "gender", "A": "age", "R": "religion", "D": "disability"}
#: Shorter words of other languages are too often something else.
_LEAST_LOAN: Final = 4
#: Shorter names written in one word are within too many others.
_LEAST_JOINED: Final = 7


def gathered() -> dict[str, str]:
    """Word to letters, as :mod:`gather` wrote them."""
    text = lzma.decompress((HERE / "gathered.txt.xz").read_bytes()).decode("utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def own(name: str) -> Iterator[tuple[str, str]]:
    """``(axis, words)`` of an own list; the axis is "" in lists that have none."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        axis, _, words = line.rpartition(": ") if line.split(":")[0].isalpha() and ": " in line else ("", "", line)
        for word in words.split(", "):
            yield axis, word.strip(" ,")


def key(phrase: str) -> str:
    """A phrase as the second look reads it: folded words, one space between."""
    return " ".join(t.folded for t in tokenize(phrase))


def entries() -> dict[str, int]:
    """All words and phrases of the table."""
    out: dict[str, int] = defaultdict(int)
    for word, letters in gathered().items():
        bits = 0
        for letter in letters:
            bits |= _BITS.get(letter, 0)
        if "u" in letters and not set(letters) & set("GgNSs"):
            bits |= Known.RARE  # written with a capital, and no name: Victorian
        bits = _sifted(bits, letters)
        for letter in sorted(set(letters) & set(_AXES)):
            if letter == "E":
                bits |= axis_bits("ethnicity") | (Known.DOUBTFUL if bits & (Known.WORD | NAME) else 0)
            elif not bits & (Known.WORD | NAME | Known.AXIS) and " " not in word:
                bits |= axis_bits(_AXES[letter]) | Known.DOUBTFUL
        out[key(word)] |= bits
    public = ("styles.txt", Known.STYLE), ("artists.txt", Known.STYLE), ("fiction.txt", Known.FICTION)
    for name, bit in (*public, ("series.txt", Known.FICTION), ("brands.txt", Known.FICTION)):
        for _, word in own(name):
            out[key(word)] |= bit
            turned = " ".join(reversed(key(word).split()))
            if name == "fiction.txt" and turned.count(" ") == 1:
                out[turned] |= bit  # family names come first in Japan
    for _, word in own("brands.txt"):
        if " " not in key(word) and not out[key(word)] & Known.TOP:
            out[key(word)] = (out[key(word)] | Known.RARE) & ~NAME
    for _, word in own("names.txt"):
        out[key(word)] = (out[key(word)] | Known.TOP | Known.GIVEN) & ~(Known.WORD | Known.RARE)
    _add_characters(out)
    for name in ("peoples.txt", "loanwords.txt", "slang.txt"):
        for axis, word in own(name):
            _add(out, key(word), axis or "ethnicity", name)
            if name == "loanwords.txt" and not word.isascii() and " " not in word:
                out[word.lower()] = axis_bits(axis) | Known.PERSON  # as written: "niña" is no name, "nina" is one
    for word, bits in list(out.items()):
        if bits & Known.PERSON and word + "s" in out:
            out[word + "s"] |= Known.PERSON
    out.pop("", None)
    for word, letters in gathered().items():
        surname = letters.count("S") and out[key(word)] & (Known.WORD | Known.RARE)
        if surname and not out[key(word)] & (Known.AXIS | NAME | Known.FICTION):
            out[key(word)] |= ALSO_SURNAME
    for phrase in list(out):
        words = phrase.split()
        for n in range(1, min(len(words), LONGEST)):
            out[" ".join(words[:n])] |= Known.BEGINS
    return dict(out)


def _add_characters(out: dict[str, int]) -> None:
    """Characters with a person's name, and well-known persons; a word that is something else as well stays that."""
    for _, name in own("characters.txt"):
        word, other = key(name), Known.WORD | Known.RARE | Known.PLACE | Known.STYLE | NAME | Known.TOP
        if " " in word or not out[word] & other:
            out[word] = (out[word] & ~(Known.FICTION | Known.AXIS)) | axis_bits("identity")
    for list_name in ("people.txt", "persons.txt"):
        for _, name in own(list_name):
            word = key(name)
            if not out[word] & (Known.STYLE | Known.FICTION) and (" " in word or not out[word] & Known.WORD):
                out[word] = (out[word] & ~Known.AXIS) | axis_bits("identity")
    for _, name in (*own("characters.txt"), *own("people.txt")):  # "gal_gadot", "galgadot"
        joined = key(name).replace(" ", "")
        if " " in key(name) and len(joined) >= _LEAST_JOINED and not out[joined]:
            out[joined] = axis_bits("identity")
    for _, name in own("characters.txt"):  # the other way round too: a family name comes first in Japan
        turned = " ".join(reversed(key(name).split()))
        if turned.count(" ") == 1 and not out.get(turned, 0) & Known.STYLE:
            out[turned] = (out[turned] & ~(Known.FICTION | Known.AXIS)) | axis_bits("identity")


def _sifted(bits: int, letters: str) -> int:
    """Without the name bits of words that hardly anybody means as a name (Man, Lane, Frisbee)."""
    name = bool(set(letters) & set("xuN"))
    if bits & Known.WORD and (bits & (Known.PERSON | Known.QUALITY) or not name):
        bits &= ~(NAME | Known.TOP)
    if "E" in letters:
        bits &= ~NAME
    if bits & Known.TOP and set(letters) & set("wv"):
        bits &= ~Known.TOP
    if bits & Known.RARE and not bits & Known.GIVEN and "x" not in letters:
        bits &= ~NAME
    return bits


def _add(out: dict[str, int], word: str, axis: str, name: str) -> None:
    bits = out[word]
    phrase = " " in word
    if bits & Known.WORD and not phrase and name != "peoples.txt":
        return
    if name == "loanwords.txt" and not phrase and (len(word) < _LEAST_LOAN or bits & (Known.TOP | Known.GIVEN)):
        return
    doubtful = not phrase and bool(bits & (Known.WORD | NAME | Known.STYLE | Known.FICTION))
    bits = (bits & ~Known.AXIS) | axis_bits(axis) | Known.PERSON * (axis != "ethnicity")
    out[word] = bits | Known.DOUBTFUL if doubtful else bits & ~Known.DOUBTFUL
