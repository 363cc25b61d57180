"""The table of the second look: what its word lists say of a word, and the weights that judge the unknown ones.

The file (little endian): ``OBSL``, u32 version, u32 words n, u32 buckets b, u32 classes c, i32 threshold of each class
but the first; then n sorted u32 hashes (FNV-1a of the folded word or phrase), n u16 of :class:`Known` bits, and b x c
i8 weights. Written by ``models/second_look``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .letters import word_hash

PATH: Final = Path(__file__).parent / "data" / "second_look.bin"
MAGIC: Final = b"OBSL"
VERSION: Final = 1


class Known:
    """What the lists say of a word: bits of one number (plain ones: flags of ``enum`` cost more than all the rest)."""

    WORD: Final = 1
    #: In a dictionary, but not among the common words.
    RARE: Final = 2
    GIVEN: Final = 4
    #: A given name that few have.
    SCARCE: Final = 8
    SURNAME: Final = 16
    #: A given name before it is anything else: maria, john.
    TOP: Final = 32
    PLACE: Final = 64
    #: A noun for a person: rider, elder.
    PERSON: Final = 128
    #: An adjective.
    QUALITY: Final = 256
    #: An artist, studio or director: how the picture is to look.
    STYLE: Final = 512
    #: A character of fiction or a brand.
    FICTION: Final = 1024
    #: The axis that the word says of a person: index in :data:`AXES`, times 2048.
    AXIS: Final = 0b111 << 11
    #: The first words of a listed phrase.
    BEGINS: Final = 1 << 14
    #: The entry may be told only where the word is plainly a person's: it is an English word as well.
    DOUBTFUL: Final = 1 << 15


#: By the number in :attr:`Known.AXIS`. "identity" are characters with a person's name.
AXES: Final = ("", "gender", "age", "ethnicity", "religion", "disability", "identity")
#: The last number in :attr:`Known.AXIS`: a common word that is a surname too. It counts only where it is written in one
#: word with a given name: "emmastone".
ALSO_SURNAME: Final = Known.AXIS
#: What the weights tell apart.
CLASSES: Final = ("none", "identity", "ethnicity")
NAME: Final = Known.GIVEN | Known.SCARCE | Known.SURNAME
_AXIS_SHIFT: Final = 11


def axis_of(known: int) -> str:
    """The axis of a word for a person, or ""."""
    number = (known & Known.AXIS) >> _AXIS_SHIFT
    return AXES[number] if number < len(AXES) else ""


def axis_bits(axis: str) -> int:
    """The inverse of :func:`axis_of`."""
    return AXES.index(axis) << _AXIS_SHIFT


#: Words whose bits are kept at hand: the members of a set have nearly all words in common.
_SEEN: Final = 8192
#: From so many words on, hashing them together is faster.
_MANY: Final = 150


def hash_all(words: list[str]) -> NDArray[np.uint32]:
    """:func:`~.letters.word_hash` of each word, those of one length together."""
    raw = [w.encode("utf-8") for w in words]
    out = np.empty(len(raw), np.uint32)
    lengths = np.array([len(r) for r in raw])
    for n in np.unique(lengths).tolist():
        at = np.flatnonzero(lengths == n)
        rows = np.frombuffer(b"".join(raw[i] for i in at.tolist()), np.uint8).reshape(len(at), n)
        h = np.full(len(at), 0x811C9DC5, np.uint32)
        for k in range(n):
            h = (h ^ rows[:, k]) * np.uint32(0x01000193)
        out[at] = h
    return out


class Table:
    """Lists and weights as read from the file.

    Raises:
        InputError: the bytes are no such table.
    """

    def __init__(self, raw: bytes) -> None:
        head = np.frombuffer(raw[4:20].ljust(16, b"\0"), "<u4")
        if raw[:4] != MAGIC or head[0] != VERSION:
            raise InputError("the second look's table is damaged or of another version; install the package anew")
        n, buckets, classes = (int(x) for x in head[1:])
        at = 20 + 4 * (classes - 1)
        if len(raw) != at + 6 * n + buckets * classes:
            raise InputError("the second look's table is cut short; install the package anew")
        self.thresholds = tuple(int(t) for t in np.frombuffer(raw[20:at], "<i4"))
        self._hashes = np.frombuffer(raw, "<u4", n, at)
        self._known = np.frombuffer(raw, "<u2", n, at + 4 * n)
        self._weights = np.frombuffer(raw, "i1", buckets * classes, at + 6 * n).reshape(buckets, classes)
        self._buckets = buckets
        self._seen: dict[str, int] = {}

    def known(self, words: list[str]) -> list[int]:
        """:class:`Known` bits of each word or phrase, 0 for one on no list."""
        seen = self._seen
        known = [seen.get(w) for w in words]
        missing = [w for w, bits in zip(words, known, strict=True) if bits is None]
        found = dict(zip(missing, self._searched(missing), strict=True)) if missing else {}
        if len(seen) > _SEEN:
            self._seen = seen = {}  # a new one: other threads look into the old
        seen.update(found)
        return [found[w] if bits is None else bits for w, bits in zip(words, known, strict=True)]

    def _searched(self, words: list[str]) -> list[int]:
        if not len(self._hashes):
            return [0] * len(words)
        hashes = hash_all(words) if len(words) > _MANY else np.array([word_hash(w) for w in words], np.uint32)
        at = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return np.where(self._hashes[at] == hashes, self._known[at], 0).tolist()

    def scores(self, features: list[str]) -> list[int]:
        """The sum of the features' weights for each class."""
        at = [word_hash(f) % self._buckets for f in features]
        return self._weights[at].sum(axis=0, dtype=np.int64).tolist()


@cache
def load(path: Path = PATH) -> Table:
    """The table that ships with the package, read once.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return Table(path.read_bytes())
    except OSError:
        raise InputError(f"the second look's table {path} is missing; install the package anew") from None
