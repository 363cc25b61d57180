"""What the weights look at: the word's shape and spelling, what the lists say of it, and the words around it."""

from __future__ import annotations

from collections.abc import Sequence

from .letters import Token
from .table import NAME, Known, axis_of


def signature(known: int) -> str:
    """What the lists say of a word, in few letters."""
    if not known:
        return "?"
    return "".join(
        letter
        for letter, bits in (
            ("w", Known.WORD), ("r", Known.RARE), ("g", Known.GIVEN), ("c", Known.SCARCE), ("s", Known.SURNAME),
            ("t", Known.TOP), ("p", Known.PLACE), ("n", Known.PERSON), ("q", Known.QUALITY), ("f", Known.FICTION),
            ("a", Known.STYLE),
        )
        if known & bits
    ) + axis_of(known)[:1].upper()  # fmt: skip


def shape(token: Token) -> str:
    """Capitals of a word: "l" none, "C" the first, "U" all, "M" mixed; "d" with digits."""
    text = token.text
    if any(c.isdigit() for c in text):
        return "d"
    if text.islower():
        return "l"
    if text.isupper():
        return "U" if len(text) > 1 else "C"
    return "C" if text[:1].isupper() and text[1:].islower() else "M"


def casing(tokens: Sequence[Token], known: Sequence[int]) -> str:
    """How a prompt is written: "l" without capitals, "T" as a title (common words have them too), "n" normally."""
    if not any(t.capital for t in tokens):
        return "l"
    common = [t for t, k in zip(tokens[1:], known[1:], strict=True) if k & Known.WORD and len(t.text) > 3]
    raised = sum(t.capital for t in common)
    return "T" if common and 2 * raised > len(common) else "n"


def spelled(word: str) -> list[str]:
    """Pieces of two to four letters, ends marked."""
    framed = f"<{word}>"
    return [f"{n}{framed[i : i + n]}" for n in (2, 3, 4) for i in range(len(framed) - n + 1)]


def features(tokens: Sequence[Token], known: Sequence[int], i: int, written: str) -> list[str]:
    """The features of word ``i``; strings, hashed by the table."""
    token, bits = tokens[i], known[i]
    sig, form = signature(bits), shape(token) + written
    left, left_sig = _beside(tokens, known, i, -1)
    right, right_sig = _beside(tokens, known, i, 1)
    far_left, _ = _beside(tokens, known, i, -2)
    far_right, far_right_sig = _beside(tokens, known, i, 2)
    opens = "0" if i == 0 else "1" if tokens[i - 1].segment != token.segment else "2"
    named = "N" if bits & (Known.GIVEN | Known.TOP) else "n" if bits & NAME else "-"
    out = [
        f"f{form}", f"s{sig}", f"sf{sig}{form}", f"l{left}", f"r{right}", f"ll{far_left}_{left}",
        f"rr{right}_{far_right}", f"ls{left_sig}{form}", f"rs{right_sig}{form}", f"lr{left}|{right}",
        f"o{opens}{form}", f"on{opens}{named}{form}", f"nl{named}{left}", f"nr{named}{right}",
        f"lrs{left_sig}|{right_sig}", f"nf{named}{form}{right_sig}", f"fr{far_right_sig}{form}",
        f"g{token.gap[:2]}", f"ing{named}{opens}{right[-3:]}", f"len{min(len(token.text), 12)}", f"li{left}{form}",
        f"ri{right}{form}",
    ]  # fmt: skip
    if not bits & (Known.WORD | Known.RARE | Known.TOP):
        out += spelled(token.folded)
    return out


def _beside(tokens: Sequence[Token], known: Sequence[int], i: int, step: int) -> tuple[str, str]:
    """The word ``step`` away and its signature; where a stop lies between, the stop stands before it."""
    k = i + step
    if not 0 <= k < len(tokens):
        return "^" if k < 0 else "$", "^"
    stop = "," if tokens[k].segment != tokens[i].segment else ""
    known_word = known[k] & (Known.WORD | Known.RARE)
    word = tokens[k].folded if known_word or len(tokens[k].folded) < 4 else "?"
    return stop + word, stop + signature(known[k])
