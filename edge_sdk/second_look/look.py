"""The second look: open classes of words that the lexicon cannot list to the end, in what is about to be sent.

Names, peoples, slang, loan words and new spellings. It reads the prompt on the device, knows nothing of slots, and may
only make the tool more careful: what it finds is asked about. Word lists decide where they know a word; integer weights
over spelling and context (``features.py``) decide about names, doubtful and unknown words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from ..attributes.spans import Span
from .company import mark_nobody
from .features import casing, features
from .glued import glued_axis, holds_name, made_of_words, numbered_axis
from .letters import Token, tokenize
from .model_tags import inside, model_stretches, tags
from .repeats import repeated
from .rules import extend_names, is_open, mark_called, mark_full_names, mark_origins, mistyped, names_work, says_axis
from .series import mark_series
from .spellings import disguised, mark_spaced, plain_spelling
from .table import CLASSES, PATH, Known, Table, axis_of, load
from .tails import public_words
from .triggers import mark_triggers

#: Words of a listed phrase at most.
LONGEST: Final = 4
#: What may stand between the words of a phrase or of a name.
_INNER: Final = ("", "-", "'", ".")

#: The value of a span that the lists or a rule are certain of, whatever else the word may be.
LISTED: Final = "listed"

#: First word, the word behind the last, list bits.
Phrase = tuple[int, int, int]


class SecondLook:
    """:class:`~edge_sdk.attributes.Detector` over the built-in lists and weights. Deterministic, no model runtime.

    Args:
        table: the lists and weights.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, prompt: str) -> list[Span]:
        """Words that give a person away, in order; ``axis`` "identity" for names, else the axis they say.

        A tag of a person's model is one span, its ``axis`` "model": it is to be left out. The value is :data:`LISTED`
        for what the lists or a rule know, "" for what the weights think.
        """
        tokens = tokenize(prompt)
        known = self._listed(tokens)
        phrases = self._phrases(tokens, known)
        public = public_words(tokens, known, phrases)
        tagged = inside(tokens, list(tags(prompt)) if ":" in prompt else [])
        public = [a or b for a, b in zip(public, tagged, strict=True)]
        mark_nobody(tokens, known, phrases, public)
        axes = [""] * len(tokens)
        sure = [False] * len(tokens)
        for first, behind, bits in phrases:
            axis = axis_of(bits)
            if axis == "identity" and names_work(tokens, first, behind):
                public[first:behind] = [True] * (behind - first)
            elif bits & Known.STYLE and behind - first > 1 and not any(public[first:behind]):
                axis = "identity"  # an artist who is pictured
            if axis and not any(public[first:behind]) and says_axis(tokens, known, first, behind, bits, axis):
                axes[first:behind] = [axis] * (behind - first)
                sure[first:behind] = [axis != "ethnicity"] * (behind - first)
        written = casing(tokens, known)
        for i, token in enumerate(tokens):
            if not axes[i] and not public[i]:
                respelled = disguised(token) or ("" if known[i] else plain_spelling(token.folded))
                axes[i] = respelled or self._glued(token, known[i])
                sure[i] = bool(axes[i])
                axes[i] = axes[i] or self._judged(tokens, known, i, written)
        mark_spaced(tokens, axes, sure)
        mark_called(tokens, known, axes)
        look = self._table.known
        marks = (mark_full_names(phrases), mark_series(prompt, phrases), mark_triggers(look))
        words, told = repeated(prompt, look, tokens, known, public)
        for found in (*(mark(tokens, known, public) for mark in marks), words):
            for i in found:
                axes[i], sure[i] = axes[i] or "identity", True
        extend_names(tokens, known, public, axes, written)
        mark_origins(tokens, known, axes)
        # What a word repeats is not left out: without it the word would say nothing to who reads it again.
        models = [Span("identity", prompt[a:b], a, b, LISTED) for a, b in told]
        models += [Span("model", prompt[a:b], a, b, "") for a, b in model_stretches(prompt, look) if (a, b) not in told]
        return sorted([*_spans(prompt, tokens, axes, sure), *models], key=lambda s: s.start)

    def artists(self, prompt: str) -> list[tuple[int, int]]:
        """Where names stand that say how the picture is to look, or that are printed on something, not who is in it."""
        tokens = tokenize(prompt)
        known = self._listed(tokens)
        public = public_words(tokens, known, self._phrases(tokens, known))
        out: list[tuple[int, int]] = []
        for i, token in enumerate(tokens):
            if public[i] and i and public[i - 1] and out:
                out[-1] = (out[-1][0], token.end)
            elif public[i]:
                out.append((token.start, token.end))
        return out

    def _glued(self, token: Token, known: int) -> str:
        """What a word on no list says that holds others: a name, a word for a person, a miscounted tag."""
        if known:
            return ""
        look = self._table.known
        axis = glued_axis(token.folded.lstrip("0123456789"), look) or numbered_axis(token.text, look)
        if axis or not holds_name(token.text, look):
            return axis
        return "" if token.folded.isalpha() and mistyped(token.folded, look) else "identity"

    def _listed(self, tokens: Sequence[Token]) -> list[int]:
        """List bits of each word; an accented word is looked up as written first ("niña" is no name, "nina" is one)."""
        known = self._table.known([t.folded for t in tokens])
        for i, t in enumerate(tokens):
            if not t.text.isascii():
                known[i] = self._table.known([t.text.lower()])[0] or known[i]
        return known

    def _phrases(self, tokens: Sequence[Token], known: Sequence[int]) -> list[Phrase]:
        """Listed words and phrases, the longest at each place."""
        longest: dict[int, tuple[int, int]] = {}
        begun = [i for i, bits in enumerate(known) if bits & Known.BEGINS]
        for length in range(2, LONGEST + 1):
            begun = [i for i in begun if i + length <= len(tokens) and tokens[i + length - 1].gap in _INNER]
            found = self._table.known([" ".join(t.folded for t in tokens[i : i + length]) for i in begun])
            for i, bits in zip(begun, found, strict=True):
                if bits & ~Known.BEGINS:
                    longest[i] = (i + length, bits)
            begun = [i for i, bits in zip(begun, found, strict=True) if bits & Known.BEGINS]
        out: list[Phrase] = []
        i = 0
        while i < len(tokens):
            behind, bits = longest.get(i, (i + 1, known[i]))
            out.append((i, behind, bits))
            i = behind
        return out

    def _judged(self, tokens: Sequence[Token], known: Sequence[int], i: int, written: str) -> str:
        """What the weights say of a word that the lists leave open."""
        word = tokens[i].folded
        if not is_open(tokens, known, i, written):
            return ""
        plain = not known[i] & ~Known.SURNAME and not tokens[i].capital
        if plain and made_of_words(word, self._table.known):
            return ""
        scores = self._table.scores(features(tokens, known, i, written))
        best, margin = "", 0
        for n, threshold in enumerate(self._table.thresholds, 1):
            if scores[n] - scores[0] - threshold > margin:
                best, margin = CLASSES[n], scores[n] - scores[0] - threshold
        return "" if best and plain and mistyped(word, self._table.known) else best


def _spans(prompt: str, tokens: Sequence[Token], axes: Sequence[str], sure: Sequence[bool]) -> list[Span]:
    """Neighbours of one axis are one span; its value says whether any of them is :data:`LISTED`."""
    out: list[Span] = []
    for i, (token, axis) in enumerate(zip(tokens, axes, strict=True)):
        start, value = token.start, LISTED if sure[i] else ""
        if axis and out and axes[i - 1] == axis and token.gap in _INNER and out[-1].end >= tokens[i - 1].end:
            last = out.pop()
            start, value = last.start, value or last.value
        if axis:
            end = _behind_code(prompt, token.end)
            out.append(Span(axis, prompt[start:end], start, end, value))
    return out


def _behind_code(prompt: str, end: int) -> int:
    """Where the numbers end that are glued to a trigger word: "madpetsch-5400", "ulzzang-6500-v1.1"."""
    while end + 1 < len(prompt) and prompt[end] == "-":
        code = end + 1 + (prompt[end + 1] in "vV")
        if code == len(prompt) or not prompt[code].isdigit():
            break
        while code < len(prompt) and (
            prompt[code].isdigit() or (prompt[code] == "." and prompt[code + 1 : code + 2].isdigit())
        ):
            code += 1
        if code < len(prompt) and prompt[code].isalpha():
            break
        end = code
    return end


@cache
def default_detector(path: Path = PATH) -> SecondLook:
    """The built-in second look, loaded once.

    Raises:
        InputError: its table is missing or damaged.
    """
    return SecondLook(load(path))
