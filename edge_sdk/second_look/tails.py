"""What is public about a picture: how it is to look (an artist's name), and words to be drawn (a sign that reads ...)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .letters import Token
from .table import NAME, Known

#: Between the words of one name, and between the names of a list.
PARTICLES: Final = frozenset(
    "van von der den de da di del della du la le el al bin ibn ben abu y e ten ter af zu zur st saint mc mac o d dos das "
    "the and with or x feat vs".split()
)
_OF: Final = frozenset(
    "style styles art works work manner spirit vein aesthetic tradition paintings photography".split()
)
#: "by" behind one of these names who made it; behind another participle ("held by") it names who is there.
_MADE: Final = frozenset(
    "painted drawn photographed shot directed designed illustrated written composed created made inspired influenced "
    "rendered sculpted sketched crafted produced taken captured filmed animated colored coloured inked lit styled "
    "imagined generated signed painting drawing art artwork illustration photo photograph portrait print poster movie film "
    "photography concept render cover comic sculpture anime manga style".split()
)
_STANDS: Final = frozenset(
    "stand stands standing sit sits sitting walk walks walking lie lies lying pose poses posing wait waits waiting held "
    "led fed worn ridden driven hugged kissed carried watched followed loved surrounded joined accompanied stop stops "
    "sleeping sleep kneeling run running runs stood sat next near side go goes going passing pass passes close".split()
)
_BEHIND: Final = frozenset(
    "style styled styles aesthetic inspired esque lighting vibe vibes palette like artstyle painting paintings".split()
)
_READS: Final = frozenset(
    "reads reading read says saying say text written words titled title called caption sign".split()
)
_PUNCTUATION: Final = frozenset(",.;:()[]{}|&+/*'\"-")


def style_opens(tokens: Sequence[Token], i: int) -> int:
    """How many words at ``i`` open a list of artists: "by", "style of", "inspired by"; 0 if none do."""
    word = tokens[i].folded
    before = tokens[i - 1].folded if i else ""
    if word == "by" and not (i and tokens[i].gap == "" and _places(before)):
        return 1
    if word in ("artist", "artists", "artgerm") and (i + 1 < len(tokens) and ":" in tokens[i + 1].gap):
        return 1
    if word in ("of", "from") and before in _OF and not (before in ("art", "work", "photography") and i < 2):
        return 1
    return 1 if word == "la" and before in ("a", "à") else 0


def _places(before: str) -> bool:
    return before in _STANDS or (before not in _MADE and before.endswith(("ed", "en")))


def public_words(tokens: Sequence[Token], known: Sequence[int], phrases: Sequence[tuple[int, int, int]]) -> list[bool]:
    """Which words are style, fiction or lettering, and so are no person's name.

    Args:
        known: list bits of each word.
        phrases: ``(first, behind, bits)`` of listed phrases.
    """
    out = [False] * len(tokens)
    styled = [False] * len(tokens)
    for first, behind, bits in phrases:
        alone = behind == first + 1
        if bits & Known.STYLE and not (alone and first == 0):
            styled[first:behind] = [True] * (behind - first)
        elif bits & Known.FICTION and not (alone and known[first] & (Known.GIVEN | Known.TOP)):
            out[first:behind] = [True] * (behind - first)
    i = 0
    while i < len(tokens):
        length = style_opens(tokens, i)
        i = _list_end(tokens, known, i + length, styled) if length else i + 1
    for k, token in enumerate(tokens[1:], 1):
        if token.folded in _BEHIND and token.gap in ("", "-"):
            first = _name_start(tokens, known, k)
            styled[first:k] = [True] * (k - first)
    _spread(tokens, known, styled)
    lettered = _lettered(tokens)
    return [a or b or c for a, b, c in zip(out, styled, lettered, strict=True)]


def _named(token: Token, known: int) -> bool:
    """Whether a word may belong to a name in a list of names."""
    if len(token.text) == 1:
        return token.text.isalpha()
    if token.folded in PARTICLES:
        return True
    if not known & Known.WORD:
        return not token.folded.isdigit()
    return bool(known & NAME) and (token.capital or not known & Known.QUALITY)


def _list_end(tokens: Sequence[Token], known: Sequence[int], i: int, styled: list[bool]) -> int:
    """Mark the names from ``i`` on as style, over commas as long as a whole segment is names; where the list ends."""
    first = True
    while i < len(tokens):
        behind = i
        while behind < len(tokens) and tokens[behind].segment == tokens[i].segment:
            behind += 1
        names = i
        while names < behind and (styled[names] or _named(tokens[names], known[names])):
            names += 1
        if names < behind and not first:
            return i
        styled[i:names] = [True] * (names - i)
        if names < behind:
            return names
        i, first = names, False
    return i


def _name_start(tokens: Sequence[Token], known: Sequence[int], k: int) -> int:
    first = k
    while first and tokens[first - 1].segment == tokens[k].segment and k - first < 3:
        token, bits = tokens[first - 1], known[first - 1]
        if token.folded in PARTICLES or not _named(token, bits) or (bits & Known.WORD and not token.capital):
            break
        first -= 1
    return first


def _spread(tokens: Sequence[Token], known: Sequence[int], styled: list[bool]) -> None:
    """A segment of names beside one of artists is one of artists, unless it opens the prompt."""
    segments: list[tuple[int, int]] = []
    for i, token in enumerate(tokens):
        if segments and tokens[segments[-1][0]].segment == token.segment:
            segments[-1] = (segments[-1][0], i + 1)
        else:
            segments.append((i, i + 1))
    only = [all(_named(tokens[k], known[k]) for k in range(*s)) and s[1] - s[0] <= 4 for s in segments]
    for n in range(1, len(segments)):
        if only[n] and styled[segments[n - 1][1] - 1]:
            styled[slice(*segments[n])] = [True] * (segments[n][1] - segments[n][0])
    for n in range(len(segments) - 2, 0, -1):
        if only[n] and styled[segments[n + 1][0]]:
            styled[slice(*segments[n])] = [True] * (segments[n][1] - segments[n][0])


def _lettered(tokens: Sequence[Token]) -> list[bool]:
    """Words between quotation marks behind "reads", "says", "text"."""
    out = [False] * len(tokens)
    inside = False
    for i, token in enumerate(tokens):
        if any(c in token.gap for c in '"“”«»'):
            inside = not inside and any(t.folded in _READS for t in tokens[max(0, i - 3) : i])
        out[i] = inside
    return out
