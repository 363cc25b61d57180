"""Characters as tag lists name them: the name, and the work it is from in brackets ("texas \\(arknights\\)")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .context import context
from .letters import Token
from .rules import Mark, Phrase
from .table import Known

#: Words of a character's name at most.
_LONGEST: Final = 4


def mark_series(prompt: str, phrases: Sequence[Phrase]) -> Mark:
    """A rule: the words of a list before a work in brackets are a character's name; what kind of thing it is passes.

    Escaped brackets hold a work unless they hold a common word ("lily \\(flower\\)"); plain ones only a listed work.
    """

    def mark(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool]) -> set[int]:
        found: set[int] = set()
        at = 0
        while (start := prompt.find("(", at)) >= 0 and (end := prompt.find(")", start)) >= 0:
            at = start + 1
            escaped = prompt[start - 1 : start] == "\\"
            within = [i for i, t in enumerate(tokens) if start < t.start and t.end <= end]
            artist = any(public[i] and not known[i] & Known.FICTION for i in within)
            if not within or artist or not _is_work(tokens, known, phrases, within, escaped):
                continue
            name = _before(tokens, within[0], start - escaped, prompt)
            common = len(name) > 1 and all(known[i] & Known.WORD for i in name)  # "special feeling \\(meme\\)"
            if not common and not any(public[i] or known[i] & Known.STYLE for i in name):
                found.update(name)
        return found

    return mark


def _before(tokens: Sequence[Token], behind: int, start: int, prompt: str) -> list[int]:
    """The words of the same item of the list right before the bracket, and before another bracket behind them."""
    while behind and ")" in (between := prompt[tokens[behind - 1].end : start]) and not between.strip(" _\\)"):
        inner = prompt.rfind("(", 0, start)
        start = inner - (prompt[inner - 1 : inner] == "\\")
        while behind and tokens[behind - 1].start > inner:
            behind -= 1
    if not behind or prompt[tokens[behind - 1].end : start].strip(" _"):
        return []
    last = behind - 1
    first = last
    while first and tokens[first - 1].segment == tokens[last].segment:
        first -= 1
    return list(range(first, behind)) if behind - first <= _LONGEST else []


def _is_work(
    tokens: Sequence[Token], known: Sequence[int], phrases: Sequence[Phrase], within: Sequence[int], escaped: bool
) -> bool:
    first, behind = within[0], within[-1] + 1
    if any(tokens[i].folded in context("ordinary_series") for i in within):
        return False
    listed = any(a == first and b == behind and bits & Known.FICTION for a, b, bits in phrases)
    if not escaped:
        return listed and (behind - first > 1 or not known[first] & (Known.WORD | Known.RARE))
    if any(known[i] & Known.STYLE for i in within):
        return False
    return listed or behind - first > 1 or not known[first] & Known.WORD
