"""Longest match of phrases over tokens: a trie of dictionaries, so that a prompt costs one look-up per word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

#: Words (letters only), numbers, and single signs. A number ends at a letter: "1girl" is two tokens.
_TOKEN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]+|\d+|[^\sA-Za-z0-9\u00c0-\u024f]")
#: The key that holds what a path through the trie means; no token is empty.
_END: Final = ""
#: Signs that join words to one: "African-American", "mother-in-law".
_JOIN: Final = "-"
#: Signs between which the words of a phrase may stand without spaces: "dark_skin".
_JOINS: Final = ("-", "_")
#: Blocks of letters and digits in a style of their own: superscript, letter-like, circled, mathematical, squared.
_STYLED: Final = ((0x2070, 0x20A0), (0x2100, 0x2150), (0x2460, 0x2500), (0x1D400, 0x1D800), (0x1F110, 0x1F18A))


def _styled() -> dict[str, str]:
    """Letters and digits of those blocks as plain ones."""
    found = {}
    for start, end in _STYLED:
        for code in range(start, end):
            bare = unicodedata.normalize("NFKC", chr(code)).strip("()")
            if len(bare) == 1 and bare.isascii() and bare.isalnum():
                found[chr(code)] = bare
    return found


#: Characters that look like an ASCII one and are read as it: typographic quotes, hyphens, spaces, wide letters, and the
#: letters that ignoring case would match without lower() giving the same. One for one, so that positions stay.
_LIKE: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"'),
        **dict.fromkeys("\u0130\u0131", "i"),
        "\u017f": "s",
        "\u212a": "k",
        **{chr(0xFEE0 + code): chr(code) for code in range(0x30, 0x7B) if chr(code).isalnum()},
        **_styled(),
    }
)


class Tokens(NamedTuple):
    """Tokens in order: lower-case texts, and where each starts and ends."""

    texts: list[str]
    starts: list[int]
    ends: list[int]


def plain(text: str) -> str:
    """The same length with look-alike characters as ASCII."""
    return text if text.isascii() else text.translate(_LIKE)


def tokens(text: str) -> Tokens:
    """Tokens of a text that went through :func:`plain`."""
    spans = [m.span() for m in _TOKEN.finditer(text)]
    low = text.lower()
    if len(low) != len(text):  # a letter whose lower case is two
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return Tokens([low[a:b] for a, b in spans], [a for a, _ in spans], [b for _, b in spans])


@lru_cache(1 << 18)
def words(phrase: str) -> tuple[str, ...]:
    """Token texts of a phrase, found once however many lexicons are compiled."""
    return tuple(tokens(phrase).texts)


Trie = dict[str, Any]


def trie(phrases: Iterable[tuple[str, Any]]) -> Trie:
    """Compile phrases and what they mean; of equal phrases the first counts.

    Hyphens count as spaces, but for decoys ("man-eating" is no person, and "a man eating" is one) and for words
    that only a hyphen makes one ("Asian-American").
    """
    root: Trie = {}
    for phrase, meaning in phrases:
        node = root
        strict = getattr(meaning, "hyphens", False)
        for token in words(phrase):
            if token != _JOIN or strict:
                node = node.setdefault(token, {})
        node.setdefault(_END, meaning)
    return root


def longest(root: Trie, found: Tokens, i: int) -> tuple[int, Any] | None:
    """The longest phrase that begins at token ``i``: the index behind it, and its meaning.

    Between two words of a phrase stand spaces or one hyphen without spaces, nothing else.
    """
    texts, starts, ends = found
    first = root.get(texts[i])
    if first is None:
        return None
    if i + 1 == len(texts) or (texts[i + 1] not in first and texts[i + 1] not in _JOINS):
        return (i + 1, first[_END]) if _END in first else None
    nodes: list[Trie] = [first]
    best: tuple[int, Any] | None = None
    j, count = i + 1, len(texts)
    while nodes:
        for node in nodes:
            if _END in node:
                best = (j, node[_END])
        if j >= count:
            break
        if texts[j] in _JOINS:
            if starts[j] != ends[j - 1] or j + 1 >= count or starts[j + 1] != ends[j]:
                break
            j += 1
            # A phrase with the hyphen itself, and one where it counts as a space.
            nodes = [*nodes, *(node[texts[j - 1]] for node in nodes if texts[j - 1] in node)]
        nodes = [node[texts[j]] for node in nodes if texts[j] in node]
        j += 1
    return best
