"""Letters and words, by code point: folding, tokens, hashes. No regular expression, no locale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Latin letters that Unicode does not take apart, and what they are read as.
_SPECIAL: Final = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "n",
    "ə": "e", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-",
}  # fmt: skip
#: Small capitals, which look like letters and are others.
_SMALL: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
#: The base letter of each Latin letter with marks, U+00C0 to U+024F and U+1E00 to U+1EFF.
_BASE: Final[dict[str, str]] = {}


def _fill() -> None:
    import unicodedata

    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = unicodedata.normalize("NFD", chr(code).lower())[0]
        if letter.isascii():
            _BASE[chr(code)] = letter
    _BASE.update(_SPECIAL)
    _BASE.update(_SMALL)


_fill()


def fold(word: str) -> str:
    """Lower case, Latin marks dropped: "Zdzisław" is "zdzislaw". Other letters stay."""
    if word.isascii():
        return word.lower()
    out = []
    for c in word.lower():
        if "\u0300" <= c <= "\u036f":
            continue
        out.append(_BASE.get(c, c))
    return "".join(out)


@lru_cache(maxsize=8192)  # the members of a set have most words, and so most features, in common
def word_hash(text: str) -> int:
    """FNV-1a, 32 bits, of the UTF-8 bytes."""
    h = 0x811C9DC5
    for b in text.encode("utf-8"):
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the prompt: ``prompt[start:end] == text``; ``segment`` counts the commas and stops before it."""

    text: str
    folded: str
    start: int
    end: int
    segment: int
    #: What stands between the word before and this one ("" at the start), spaces left out.
    gap: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[:1].isupper()


_JOINERS: Final = "'’‘ʻʼ"
_STOPS: Final = ',.;:!?|()[]{}<>/\n"“”«»+*'


def tokenize(prompt: str) -> list[Token]:
    """Words of letters and digits. An apostrophe joins letters, a possessive 's is cut, an initial's stop is none."""
    out: list[Token] = []
    i, n, segment, gap = 0, len(prompt), 0, ""
    while i < n:
        c = prompt[i]
        if not (c.isalnum() or "\u0300" <= c <= "\u036f"):
            if c in _STOPS and not (c == "." and out and len(out[-1].text) == 1 and out[-1].end == i):
                segment += 1
            if not c.isspace() and c != "_":  # tag lists write it for a space
                gap += c
            i += 1
            continue
        start = i
        while i < n and (
            (c := prompt[i]).isalnum()
            or "\u0300" <= c <= "\u036f"
            or (c in _JOINERS and i + 1 < n and prompt[i + 1].isalpha())
        ):
            i += 1
        text = prompt[start:i]
        end = i
        if len(text) > 2 and text[-1] in "sS" and text[-2] in _JOINERS:
            text, end = text[:-2], i - 2
        out.append(Token(text, fold(text), start, end, segment, gap))
        gap = ""
    return out
