"""The second look: open classes of words that the lexicon cannot list to the end, in what is about to be sent.

Names, peoples, slang, loan words and new spellings. It reads the prompt on the device, knows nothing of slots, and may
only make the tool more careful: what it finds is asked about. Word lists decide where they know a word; integer weights
over spelling and context (``features.py``) decide about capitalised, unknown and doubtful words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from ..attributes.spans import Span
from .features import casing, features, shape
from .letters import Token, tokenize
from .spellings import plain_spelling
from .table import CLASSES, NAME, PATH, Known, Table, axis_of, load
from .tails import PARTICLES, public_words

#: Words of a listed phrase at most.
LONGEST: Final = 4
#: Words between a person and where the person is from.
_ORIGINS: Final = frozenset(("from",))
_ORIGIN_VERBS: Final = frozenset(
    "born raised hailing native hails comes coming emigrated immigrated migrant refugee".split()
)
_DETERMINERS: Final = frozenset(
    "a an the this that these those some two three four five six several many my your his her their our another young old "
    "elderly beautiful pretty cute handsome traditional native proud tall".split()
)
_LEFT_OF_NOUN: Final = frozenset(
    "in at on near with and or of by to for from standing wearing holding sitting who is".split()
)
#: Before a surname: who bears it is a person.
_TITLES: Final = frozenset(
    "mr mrs ms miss mister dr doctor prof professor sir lady lord captain colonel sergeant president senator "
    "uncle aunt auntie saint st".split()
)

#: Capitals of so few letters are abbreviations: TV, POV, HDR.
_SHORT: Final = 4

Phrase = tuple[int, int, int]


class SecondLook:
    """:class:`~edge_sdk.attributes.Detector` over the built-in lists and weights. Deterministic, no model runtime.

    Args:
        table: the lists and weights.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, prompt: str) -> list[Span]:
        """Words that give a person away, in order; ``axis`` "identity" for names, else the axis they say."""
        tokens = tokenize(prompt)
        known = self._listed(tokens)
        phrases = self._phrases(tokens, known)
        public = public_words(tokens, known, phrases)
        axes = [""] * len(tokens)
        for first, behind, bits in phrases:
            axis = axis_of(bits)
            if axis and not any(public[first:behind]) and self._says(tokens, known, first, behind, bits):
                axes[first:behind] = [axis] * (behind - first)
        written = casing(tokens, known)
        for i, token in enumerate(tokens):
            if axes[i] or public[i]:
                continue
            if (axis := plain_spelling(token.folded)) and not known[i]:
                axes[i] = axis
            elif self.is_open(token, known[i], written):
                axes[i] = self._judged(tokens, known, i, written)
        self._extend(tokens, known, public, axes)
        self._reach_back(tokens, known, public, axes)
        self._origins(tokens, known, axes)
        return _spans(prompt, tokens, axes)

    def _listed(self, tokens: Sequence[Token]) -> list[int]:
        known = self._table.known([t.folded for t in tokens])
        for i, t in enumerate(tokens):
            if not t.text.isascii():
                known[i] = self._table.known([t.text.lower()])[0] or known[i]
        return known

    def _phrases(self, tokens: Sequence[Token], known: Sequence[int]) -> list[Phrase]:
        """Listed words and phrases, the longest first at each place: ``(first, behind, bits)``."""
        spans: list[tuple[int, int]] = []
        for i, bits in enumerate(known):
            if bits & Known.BEGINS:
                top = min(len(tokens), i + LONGEST)
                spans += [
                    (i, k)
                    for k in range(i + 2, top + 1)
                    if all(t.gap in ("", "-", "'", ".") for t in tokens[i + 1 : k])
                ]
        found = self._table.known([" ".join(t.folded for t in tokens[i:k]) for i, k in spans])
        longest: dict[int, tuple[int, int]] = {}
        for (i, k), bits in zip(spans, found, strict=True):
            if bits & ~Known.BEGINS:
                longest[i] = (k, bits)
        out: list[Phrase] = []
        i = 0
        while i < len(tokens):
            behind, bits = longest.get(i, (i + 1, known[i]))
            out.append((i, behind, bits))
            i = behind
        return out

    @staticmethod
    def is_open(token: Token, known: int, written: str) -> bool:
        """Whether the lists leave a word to the weights: a name, a doubtful one, or an unknown word."""
        if len(token.folded) < 2 or not token.folded.isalpha() or (len(token.text) <= _SHORT and token.text.isupper()):
            return False
        if known & Known.WORD and not known & Known.TOP:
            return token.capital and written == "n" and bool(known & NAME)
        if known & (Known.RARE | Known.WORD) and not known & Known.TOP:
            return token.capital and bool(known & NAME)
        return True

    def _judged(self, tokens: Sequence[Token], known: Sequence[int], i: int, written: str) -> str:
        scores = self._table.scores(features(tokens, known, i, written))
        best, margin = "", 0
        for n, threshold in enumerate(self._table.thresholds, 1):
            if scores[n] - scores[0] - threshold > margin:
                best, margin = CLASSES[n], scores[n] - scores[0] - threshold
        return best

    @staticmethod
    def _says(tokens: Sequence[Token], known: Sequence[int], first: int, behind: int, bits: int) -> bool:
        """Whether a listed word is said of a person here."""
        if not bits & Known.DOUBTFUL and axis_of(bits) != "ethnicity":
            return True
        left = tokens[first - 1].folded if first and tokens[first - 1].segment == tokens[first].segment else ""
        if bits & Known.DOUBTFUL and not tokens[first].capital and axis_of(bits) == "ethnicity":
            return False
        for k in range(behind, min(behind + 4, len(tokens))):
            if tokens[k].segment != tokens[first].segment or tokens[k].folded in _LEFT_OF_NOUN:
                break
            if known[k] & Known.PERSON:
                return True
            if known[k] & Known.WORD and not known[k] & Known.QUALITY:
                return False
        if behind == len(tokens) or tokens[behind].segment != tokens[first].segment or left == "":
            return left in _DETERMINERS or left == "" and not bits & Known.DOUBTFUL
        return left in _DETERMINERS and (
            tokens[behind].folded in _LEFT_OF_NOUN or tokens[behind].folded.endswith("ing")
        )

    @staticmethod
    def _extend(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool], axes: list[str]) -> None:
        """A surname goes with the name before it, and a name with the title before it."""
        for i in range(1, len(tokens)):
            token, left = tokens[i], tokens[i - 1]
            joined = token.gap in ("", "-", ".") and token.segment - left.segment <= (token.gap == ".")
            if axes[i] or public[i] or not joined:
                continue
            raised = token.capital and token.folded.isalpha()
            plain = known[i] & Known.WORD and not known[i] & Known.SURNAME
            after_name = axes[i - 1] == "identity" and (
                raised or bool(known[i] & Known.SURNAME and not known[i] & Known.WORD)
            )
            if after_name and not plain:
                axes[i] = "identity"
            elif (
                after_name and token.folded in PARTICLES and i + 1 < len(tokens) and tokens[i + 1].capital and not plain
            ):
                axes[i] = "identity"
            elif left.folded in _TITLES and raised and shape(token) == "C" and not plain:
                axes[i] = "identity"

    @staticmethod
    def _reach_back(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool], axes: list[str]) -> None:
        """Capitalised words of no other meaning before a name belong to it: "Nguyen Thi Mai"."""
        for i in range(len(tokens) - 2, -1, -1):
            token, right = tokens[i], tokens[i + 1]
            near = axes[i + 1] == "identity" and not axes[i] and not public[i] and right.gap in ("", "-")
            if (
                near
                and right.capital
                and shape(token) == "C"
                and not known[i] & (Known.WORD | Known.RARE | Known.PLACE)
            ):
                axes[i] = "identity"

    @staticmethod
    def _origins(tokens: Sequence[Token], known: Sequence[int], axes: list[str]) -> None:
        """Where a person comes from: "a woman from Kraków", "born in Osaka"."""
        for i in range(1, len(tokens) - 1):
            place = tokens[i + 1]
            if place.segment != tokens[i].segment or axes[i + 1] not in ("", "identity"):
                continue
            where = place.capital or bool(known[i + 1] & Known.PLACE)
            word, left = tokens[i].folded, i - 1
            of_person = word in _ORIGINS and (known[left] & Known.PERSON or tokens[left].folded in _ORIGIN_VERBS)
            of_verb = word == "in" and tokens[left].folded in ("born", "raised")
            if where and (of_person or of_verb) and not (known[i + 1] & Known.FICTION):
                k = i + 1
                while k < len(tokens) and tokens[k].segment == place.segment and (k == i + 1 or tokens[k].capital):
                    axes[k] = "nationality"
                    k += 1


def _spans(prompt: str, tokens: Sequence[Token], axes: Sequence[str]) -> list[Span]:
    out: list[Span] = []
    for i, (token, axis) in enumerate(zip(tokens, axes, strict=True)):
        if not axis:
            continue
        last = out[-1] if out else None
        together = i and axes[i - 1] == axis and last is not None and len(prompt[last.end : token.start].strip()) <= 1
        if together and last is not None and token.gap in ("", "-", "'", "."):
            out[-1] = Span(axis, prompt[last.start : token.end], last.start, token.end, "")
        else:
            out.append(Span(axis, prompt[token.start : token.end], token.start, token.end, ""))
    return out


@cache
def default_detector(path: Path = PATH) -> SecondLook:
    """The built-in second look, loaded once.

    Raises:
        InputError: its table is missing or damaged.
    """
    return SecondLook(load(path))
