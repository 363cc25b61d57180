"""What is public about a picture: how it is to look (an artist's name), and words to be drawn (a sign reads them)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .context import context
from .letters import Token
from .table import NAME, Known, axis_of

#: The words that may open a list of artists.
_OPENERS: Final = frozenset(("by", "of", "from", "la", "artist", "artists"))
#: Particles inside a name alone.
_NOBLE: Final = frozenset(("van", "von", "de", "da", "di", "del", "della", "du", "der", "den"))
_QUOTES: Final = '"“”«»'
#: Words of one name in a list of artists at most.
_LONGEST_NAME: Final = 4
#: Words of a camera's, lens's or film's model at most.
_LONGEST_MODEL: Final = 3
_SHORT: Final = 3
#: Words of one name that stands behind an artist's without a comma, at most.
_MOST_JOINED: Final = 3


def style_opens(tokens: Sequence[Token], i: int) -> int:
    """How many words at ``i`` open a list of artists: "by", "style of", "inspired by"; 0 if none do."""
    word = tokens[i].folded
    if word not in _OPENERS:
        return 0
    before = tokens[i - 1].folded if i else ""
    if word == "by" and not (i and tokens[i].gap == "" and _places(before)):
        return 1
    if word in ("artist", "artists") and (i + 1 < len(tokens) and set(tokens[i + 1].gap) & set(":(")):
        return 1
    if (
        word in ("of", "from")
        and (before in context("style_before") or before.endswith("style"))
        and not (before in ("art", "work", "photography") and i < 2)
    ):
        return 1
    return 1 if word == "la" and before in ("a", "à") else 0


def _pictured(tokens: Sequence[Token], first: int) -> bool:
    """Whether someone is the subject: "a portrait of Frida Kahlo", not "in the style of Frida Kahlo"."""
    if first and tokens[first - 1].folded in context("titles"):
        return True
    return first > 1 and tokens[first - 1].folded == "of" and tokens[first - 2].folded in context("pictures")


def _acts(tokens: Sequence[Token], first: int, behind: int) -> bool:
    """Whether an artist is who is pictured: "Bob Ross as a pirate", at the start of an item."""
    if first and tokens[first - 1].segment == tokens[first].segment:
        return False
    if behind == len(tokens) or tokens[behind].segment != tokens[first].segment:
        return False
    word = tokens[behind].folded
    return word in context("acts") or (word.endswith("ing") and word not in context("made"))


def _places(before: str) -> bool:
    return before in context("beside") or (before not in context("made") and before.endswith(("ed", "en")))


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
        shown = _pictured(tokens, first) or (not alone and _acts(tokens, first, behind))
        after = tokens[behind].folded if behind < len(tokens) and not tokens[behind].gap else ""
        opens = alone and first == 0 and after not in context("made_as")  # "rembrandt painting of a robot"
        if bits & Known.STYLE and not opens and not shown:
            styled[first:behind] = [True] * (behind - first)
        elif bits & Known.FICTION and not (alone and known[first] & (Known.GIVEN | Known.TOP)):
            out[first:behind] = [True] * (behind - first)
    i = 0
    while i < len(tokens):
        length = style_opens(tokens, i)
        i = _list_end(tokens, known, i + length, styled) if length else i + 1
    for k, token in enumerate(tokens[1:], 1):
        if token.folded in context("style_behind") and token.gap in ("", "-"):
            first = _name_start(tokens, known, k)
            artist = any(known[n] & (NAME | Known.TOP | Known.STYLE) or tokens[n].capital for n in range(first, k))
            marks = styled if artist else out  # "cinematic lighting" names nobody
            marks[first:k] = [True] * (k - first)
    for i, token in enumerate(tokens):
        out[i] = out[i] or token.folded in context("triggers")  # tokens that mean nobody
    for first, behind in _segments(tokens):
        if behind == first + 1 and tokens[first].folded in context("genres") and not tokens[first].capital:
            out[first] = True  # "2girls, yuri, underwater"
    _mark_gear(tokens, known, phrases, out)
    _mark_printed(tokens, known, out)
    _mark_rendered(tokens, known, styled)
    _join(tokens, known, phrases, styled)
    _spread(tokens, known, styled)
    lettered = _lettered(tokens)
    return [a or b or c for a, b, c in zip(out, styled, lettered, strict=True)]


def _named(token: Token, known: int) -> bool:
    """Whether a word may belong to a name in a list of names."""
    if len(token.text) == 1:
        return token.text.isalpha()
    if token.folded in context("particles"):
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
        if tokens[i].folded.isdigit() and not first:
            i = behind  # a weight: "(James C. Christensen:1.2|Jeremy Lipking:1.1)"
            continue
        names = i
        while names < behind and (
            styled[names]
            or _named(tokens[names], known[names])
            or _is_surname(tokens, known, i, names)
            or _begins_name(tokens, known, i, names)
        ):
            names += 1
        if names < behind and not first:
            return i
        styled[i:names] = [True] * (names - i)
        if names < behind:
            return names
        i, first = names, False
    return i


def _is_surname(tokens: Sequence[Token], known: Sequence[int], first: int, k: int) -> bool:
    """Whether a common word stands behind a given name where its name ends: "rafal olbinski and james dean"."""
    ends = k + 1 == len(tokens) or tokens[k + 1].segment != tokens[k].segment or tokens[k + 1].folded in ("and", "x")
    given = k > first and known[k - 1] & (Known.GIVEN | Known.TOP) and not known[k - 1] & Known.WORD
    return bool(given) and ends


def _begins_name(tokens: Sequence[Token], known: Sequence[int], first: int, k: int) -> bool:
    """Whether a common word begins a name: "Guy Denning", "iris van herpen", "joe fenton and rose wylie"."""
    if k + 1 == len(tokens) or tokens[k + 1].segment != tokens[k].segment or tokens[k + 1].gap:
        return False
    if k > first and tokens[k - 1].folded not in ("and", "x", "or", "by"):
        return False
    right, bits = tokens[k + 1], known[k + 1]
    surname = bits & Known.SURNAME and not bits & Known.WORD
    if tokens[k].capital and right.capital:
        return bool(surname or not bits)
    given = bool(known[k] & Known.GIVEN)
    return given and bool(surname or (right.folded in _NOBLE and k + 2 < len(tokens)))


def _name_start(tokens: Sequence[Token], known: Sequence[int], k: int) -> int:
    first = k
    while first and tokens[first - 1].segment == tokens[k].segment and k - first < 3:
        token, bits = tokens[first - 1], known[first - 1]
        if token.folded in context("particles") or not _named(token, bits) or (bits & Known.WORD and not token.capital):
            break
        first -= 1
    return first


def _join(
    tokens: Sequence[Token], known: Sequence[int], phrases: Sequence[tuple[int, int, int]], styled: list[bool]
) -> None:
    """A name right beside an artist's is one more: "makoto shinkai yuji yamaguchi", "stratsEnni Leibovitz"."""
    listed = {i for first, behind, bits in phrases if axis_of(bits) == "identity" for i in range(first, behind)}
    run = 0
    for i in range(1, len(tokens)):
        beside = tokens[i].segment == tokens[i - 1].segment and not tokens[i].gap and i not in listed
        plain = known[i] & NAME and not known[i] & (Known.WORD | Known.PERSON)
        run = 0 if styled[i] else run + 1
        if beside and not styled[i] and styled[i - 1] and plain and run <= _MOST_JOINED:
            styled[i] = True
    for i in range(len(tokens) - 2, -1, -1):
        token, right = tokens[i], tokens[i + 1]
        mixed = token.text.isalpha() and not token.capital and token.folded != token.text
        if styled[i + 1] and right.segment == token.segment and not right.gap and mixed and not known[i]:
            styled[i] = True


def _spread(tokens: Sequence[Token], known: Sequence[int], styled: list[bool]) -> None:
    """A segment of names beside one of artists is one of artists, unless it opens the prompt."""
    segments = _segments(tokens)
    only = [_only_names(tokens, known, *s) for s in segments]
    for n in range(1, len(segments)):
        if only[n] and styled[segments[n - 1][1] - 1]:
            styled[slice(*segments[n])] = [True] * (segments[n][1] - segments[n][0])
    for n in range(len(segments) - 2, 0, -1):
        if only[n] and styled[segments[n + 1][0]]:
            styled[slice(*segments[n])] = [True] * (segments[n][1] - segments[n][0])
    _mark_between(tokens, known, segments, only, styled)
    if any(styled):  # a prompt that names artists lists more of them further on; before them stands who is in it
        begun = next(n for n, (first, behind) in enumerate(segments) if any(styled[first:behind]))
        for n in range(begun + 1, len(segments)):
            if only[n] and segments[n][1] - segments[n][0] > 1:
                styled[slice(*segments[n])] = [True] * (segments[n][1] - segments[n][0])


def _mark_between(
    tokens: Sequence[Token],
    known: Sequence[int],
    segments: Sequence[tuple[int, int]],
    only: Sequence[bool],
    styled: list[bool],
) -> None:
    """A name is an artist's too where artists follow, a way to make pictures stands beside it, and nobody does."""
    last = max((n for n, (first, behind) in enumerate(segments) if any(styled[first:behind])), default=0)
    for n in range(2, last):
        first, behind = segments[n]
        if not only[n] or behind - first not in (2, 3):
            continue
        beside = [k for m in (n - 1, n + 1) for k in range(*segments[m])]
        made = any(tokens[k].folded in context("rendering") for k in beside)
        if made and not any(known[k] & Known.PERSON or tokens[k].text[0].isdigit() for k in beside):
            styled[first:behind] = [True] * (behind - first)


def _only_names(tokens: Sequence[Token], known: Sequence[int], first: int, behind: int) -> bool:
    """Whether a segment is names of two or so words each, "and" between them."""
    joints = sum(tokens[k].folded == "and" for k in range(first, behind))
    if behind - first > _LONGEST_NAME * (joints + 1) + joints:
        return False
    pair = behind - first == 2 and known[first] & Known.GIVEN and not known[first] & Known.WORD
    return bool(pair) or all(_named(tokens[k], known[k]) for k in range(first, behind))


def _mark_gear(
    tokens: Sequence[Token], known: Sequence[int], phrases: Sequence[tuple[int, int, int]], out: list[bool]
) -> None:
    """What follows a brand in one item is its model: "Kodak Ultra Max", "Canon EOS R5"."""
    for first, behind, bits in phrases:
        if not (bits & Known.FICTION and out[first]):
            continue
        k = behind
        while k < len(tokens) and k - behind < _LONGEST_MODEL and not tokens[k].gap.strip("-"):
            token = tokens[k]
            code = token.capital or any(c.isdigit() for c in token.text) or len(token.text) == 1
            if (
                token.segment != tokens[first].segment
                or not code
                or (known[k] & Known.TOP and len(token.text) > _SHORT)
            ):
                break
            out[k] = True
            k += 1


def _mark_printed(tokens: Sequence[Token], known: Sequence[int], out: list[bool]) -> None:
    """Who is printed on a shirt or made as a toy is not who is pictured: "a Winnie the Pooh t-shirt"."""
    for k in range(1, len(tokens)):
        if tokens[k].folded not in context("printed"):
            continue
        first = k - (tokens[k].folded == "shirt" and tokens[k - 1].folded == "t")
        while first and k - first <= _LONGEST_NAME:
            token, after = tokens[first - 1], tokens[first]
            owned = after.start - token.end > 1 and after.gap == ""  # "Anna's shirt"
            if (
                token.segment != tokens[k].segment
                or owned
                or not (token.capital or token.folded == "the" or out[first - 1])
            ):
                break
            first -= 1
        out[first:k] = [True] * (k - first)


def _mark_rendered(tokens: Sequence[Token], known: Sequence[int], styled: list[bool]) -> None:
    """A full name behind an item that says how a picture is made is an artist's: "octane render, Ada Lund"."""
    segments = _segments(tokens)
    for n in range(2, len(segments)):
        first, behind = segments[n]
        made = any(tokens[k].folded in context("rendering") for k in range(*segments[n - 1]))
        if made and behind - first in (2, 3) and all(_named(tokens[k], known[k]) for k in range(first, behind)):
            styled[first:behind] = [True] * (behind - first)


def _segments(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where the items of a list begin and end."""
    out: list[tuple[int, int]] = []
    for i, token in enumerate(tokens):
        if out and tokens[out[-1][0]].segment == token.segment:
            out[-1] = (out[-1][0], i + 1)
        else:
            out.append((i, i + 1))
    return out


def _lettered(tokens: Sequence[Token]) -> list[bool]:
    """Words between quotation marks behind "reads", "says", "text"."""
    out = [False] * len(tokens)
    inside = False
    if not any(q in token.gap for token in tokens if token.gap for q in _QUOTES):
        return out
    for i, token in enumerate(tokens):
        if any(c in token.gap for c in _QUOTES):
            inside = not inside and any(t.folded in context("lettering") for t in tokens[max(0, i - 3) : i])
        out[i] = inside
    return out
