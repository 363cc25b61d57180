"""Rules beside the weights: which words are left to them, what a listed word says here, and where a name ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from .context import context
from .features import shape
from .letters import Token
from .table import NAME, Known

#: Capitals of so few letters are abbreviations: TV, POV, HDR.
_SHORT: Final = 4
#: Shorter unknown words are one letter away from too many words, and too seldom made of two.
_LEAST_TYPO: Final = 5
_LEAST_PART: Final = 3
_DICTIONARY: Final = Known.WORD | Known.RARE
#: Endings of nouns for persons that no list needs to have.
_PERSON_ENDS: Final = (
    "man",
    "men",
    "woman",
    "women",
    "ist",
    "ists",
    "driver",
    "seller",
    "maker",
    "keeper",
    "carver",
    "lady",
)
#: Ends of trigger words of styles.
_MODEL_ENDS: Final = ("AI", "XL", "SD", "Style", "style", "Mix", "LoRA", "Lora")
_STYLE_ENDS: Final = ("punkai", "punk", "core", "wave", "style", "diffusion", "mix", "lora", "sdxl")
_VOWELS: Final = frozenset("aeiouy")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

Phrase = tuple[int, int, int]
#: A rule: words, list bits, public words; gives the words that it marks.
Mark = Callable[[Sequence[Token], Sequence[int], Sequence[bool]], set[int]]
#: List bits of words.
Lookup = Callable[[list[str]], list[int]]


def is_open(tokens: Sequence[Token], known: Sequence[int], i: int, written: str) -> bool:
    """Whether the lists leave a word to the weights: a name, a doubtful one, or an unknown word."""
    token, bits = tokens[i], known[i]
    if len(token.folded) < 2 or not token.folded.isalpha():
        return False
    short = (len(token.text) <= _SHORT and token.text.isupper()) or (len(token.text) < _SHORT and bits & Known.WORD)
    if short and not bits & Known.TOP:
        return False
    if not token.capital and len(token.text) < _SHORT and (not bits or len(token.text) < _SHORT - 1):
        return False
    if written == "n" and _names_thing(tokens, known, i):
        return False
    if not bits & (NAME | Known.TOP) and not set(token.folded) & _VOWELS and token.text.isascii():
        return False  # an abbreviation: "xx"
    article = i and tokens[i - 1].folded in ("a", "an") and tokens[i - 1].segment == token.segment
    if article and bits & Known.TOP and not token.capital:
        return False  # "a jack and a king"
    if not bits & (Known.GIVEN | Known.SCARCE | Known.TOP) and not token.capital and describes(tokens, known, i):
        return False  # "neo noir lamp", "grande castle"
    if not token.text.istitle() and is_style_trigger(token.text):
        return False  # "AzulejoAI"
    if bits & Known.WORD and i + 1 < len(tokens) and tokens[i + 1].folded in context("gear") and not tokens[i + 1].gap:
        return False  # "wide Angle lens"
    if bits & _DICTIONARY and not bits & Known.TOP:
        raised = token.capital and bool(bits & NAME) and not _titled(tokens, known, i)
        return raised and (written == "n" or not bits & Known.WORD) and not _is_place(tokens, bits, i)
    return not _is_place(tokens, bits, i)


def is_style_trigger(text: str) -> bool:
    """Whether a token ends as trigger words of styles do: "AzulejoAI", "bronzepunkai"."""
    core = text.rstrip("0123456789")
    core = core[:-1] if core != text and core[-1:] in ("v", "V") else core
    return core.endswith(_MODEL_ENDS) or core.lower().endswith(_STYLE_ENDS)


def describes(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether a common word for a thing follows at once, which the word then tells more of."""
    if i + 1 == len(tokens) or tokens[i + 1].segment != tokens[i].segment or tokens[i + 1].gap:
        return False
    word, bits = tokens[i + 1].folded, known[i + 1]
    plural = word.endswith("s") and not word.endswith("ss")  # "dress"
    acts = plural or word.endswith(("ing", "ed")) or word in context("behind_noun") or word in context("acts")
    other = Known.PERSON | Known.QUALITY | Known.SURNAME
    return bool(bits & Known.WORD) and not bits & other and not acts and word not in context("pictures")


def _names_thing(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether a capitalised thing follows: "Bondi Beach"."""
    if i + 1 == len(tokens) or tokens[i + 1].gap or not tokens[i + 1].capital or known[i] & (Known.GIVEN | Known.TOP):
        return False
    right = known[i + 1]
    return bool(right & Known.WORD) and not right & (NAME | Known.PERSON) and len(tokens[i + 1].text) > _SHORT


def _titled(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether a common word beside it is capitalised too ("Wide Angle"), so that capitals say nothing."""
    for k in (i - 1, i + 1):
        beside = 0 < k < len(tokens) and tokens[k].segment == tokens[i].segment
        raised = beside and tokens[k].capital and tokens[k].folded not in context("titles")
        if raised and known[k] & Known.WORD and not known[k] & NAME:
            return True
    return False


def _is_place(tokens: Sequence[Token], bits: int, i: int) -> bool:
    """Whether a word that is a place as well stands as one: "the canals of Venice"."""
    lower = not tokens[i].capital and not bits & Known.TOP
    return bool(bits & Known.PLACE) and (lower or (i > 0 and tokens[i - 1].folded in context("place_before")))


def mistyped(word: str, look: Lookup) -> bool:
    """Whether an unknown word is one letter away from a common one: "talbe", "sittig"."""
    if len(word) < _LEAST_TYPO:
        return False
    near = [word[:k] + word[k + 1 :] for k in range(len(word))]
    near += [word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in range(len(word) - 1)]
    near += [word[:k] + c + word[k + 1 :] for k in range(1, len(word)) for c in _LETTERS]
    near += [word[:k] + c + word[k:] for k in range(1, len(word) + 1) for c in _LETTERS]
    return any(bits & Known.WORD and not bits & NAME for bits in look(near))


def says_axis(tokens: Sequence[Token], known: Sequence[int], first: int, behind: int, bits: int, axis: str) -> bool:
    """Whether a listed word or phrase is said of a person here: "a Tuareg rider", not "a Tuareg carpet"."""
    if axis == "identity":
        return True
    people, doubtful = axis == "ethnicity", bool(bits & Known.DOUBTFUL)
    if not doubtful and not people:
        return True
    if doubtful and people and not tokens[first].capital:
        return False
    segment = tokens[first].segment
    left = tokens[first - 1].folded if first and tokens[first - 1].segment == segment else ""
    determined, thing = left in context("determiners"), False
    for k in range(behind, min(behind + 4, len(tokens))):
        if tokens[k].segment != segment or tokens[k].folded in context("behind_noun"):
            break
        if known[k] & Known.PERSON or tokens[k].folded.endswith(_PERSON_ENDS):
            return True
        thing = thing or bool(known[k] & Known.WORD and not known[k] & Known.QUALITY)
    if thing:
        return False
    if behind == len(tokens) or tokens[behind].segment != segment or left == "":
        return determined or (left == "" and not doubtful)
    right = tokens[behind].folded
    return determined and (right in context("behind_noun") or right.endswith("ing"))


def names_work(tokens: Sequence[Token], first: int, behind: int) -> bool:
    """Whether a name says what a thing is called: "a Harry Potter book"."""
    beside = behind < len(tokens) and tokens[behind].segment == tokens[first].segment and not tokens[behind].gap
    return beside and tokens[behind].folded in context("works")


_COUNTED: Final = ("girl", "girls", "boy", "boys")


def mark_full_names(phrases: Sequence[Phrase]) -> Mark:
    """A rule: a given name and a surname side by side are a name, whatever stands around them, capitals or not.

    A family name may come first where the two are an item of a list ("kousaka honoka"); a given name that is nothing
    else may be an item alone.
    """
    listed = {i for first, behind, _ in phrases if behind > first + 1 for i in range(first, behind)}
    return lambda tokens, known, public: _full_names(tokens, known, public, listed)


def _full_names(
    tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool], listed: Collection[int]
) -> set[int]:
    found: set[int] = set()
    counted = any(t.folded[:1].isdigit() and t.folded.lstrip("0123456789") in _COUNTED for t in tokens)  # a tag list
    other = Known.WORD | Known.FICTION | Known.STYLE
    for i in range(len(tokens)):
        begins = not i or tokens[i - 1].segment != tokens[i].segment
        ends = i + 1 == len(tokens) or tokens[i + 1].segment != tokens[i].segment
        named = known[i] & (Known.TOP | Known.GIVEN) or (known[i] & Known.SCARCE and counted)
        single = named and not known[i] & (other | Known.RARE | Known.PLACE | Known.AXIS)
        if begins and ends and single and not public[i] and len(tokens[i].text) > _SHORT - 1:
            found.add(i)
        if ends or tokens[i + 1].gap or public[i] or public[i + 1] or {i, i + 1} & set(listed):
            continue
        a, b = known[i], known[i + 1]
        if (a | b) & other or (a & b & Known.PLACE) or _is_letter(tokens[i]) or _is_letter(tokens[i + 1]):
            continue
        alone = begins and (i + 2 == len(tokens) or tokens[i + 2].segment != tokens[i].segment)
        unlisted = not (a | b) & (Known.RARE | Known.PLACE | Known.AXIS) and (a | b) & NAME
        pair = counted and alone and unlisted and len(tokens[i].text) > 1 and tokens[i].text.isalpha()
        first = a & (Known.GIVEN | Known.TOP) and b & Known.SURNAME and not b & Known.RARE
        turned = alone and a & Known.SURNAME and b & NAME and not (a | b) & Known.RARE
        if first or turned or (pair and tokens[i + 1].text.isalpha()):
            found |= {i, i + 1}
    return found


def _is_letter(token: Token) -> bool:
    """Whether a token is one letter and no initial of a name: an article ("A bro"), or lower case.

    The lists have some of them as surnames; quoted as a name, it would tell the person nothing.
    """
    return len(token.text) == 1 and token.text.isascii() and (token.folded == "a" or not token.capital)


def extend_names(
    tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool], axes: list[str], written: str
) -> None:
    """A surname goes with the name before it, a name with the title before it, and capitals before a name with it."""
    for i in range(1, len(tokens)):
        token, left = tokens[i], tokens[i - 1]
        joined = token.gap in ("", "-", ".") and token.segment - left.segment <= (token.gap == ".")
        if axes[i] or public[i] or not joined:
            continue
        stone = written == "n" and known[i - 1] & Known.TOP
        if known[i] & Known.WORD and not known[i] & Known.SURNAME and not (stone and token.capital):
            continue
        raised = token.capital and token.folded.isalpha()
        surname = known[i] & Known.SURNAME and not known[i] & Known.WORD
        surname = surname and len(token.text) > 1
        particle = token.folded in context("particles") and i + 1 < len(tokens) and tokens[i + 1].capital
        after_name = axes[i - 1] == "identity" and bool(raised or surname or particle)
        if after_name or (left.folded in context("titles") and raised and shape(token) == "C"):
            axes[i] = "identity"
    for i in range(len(tokens) - 2, -1, -1):
        token, right = tokens[i], tokens[i + 1]
        near = axes[i + 1] == "identity" and right.gap in ("", "-") and right.capital
        if (
            near
            and not axes[i]
            and not public[i]
            and shape(token) == "C"
            and not known[i] & (_DICTIONARY | Known.PLACE)
        ):
            axes[i] = "identity"


def mark_called(tokens: Sequence[Token], known: Sequence[int], axes: list[str]) -> None:
    """A capitalised word behind "a boy named" is a name, whatever it means."""
    for i in range(2, len(tokens)):
        told = tokens[i - 1].folded in ("named", "called") and known[i - 2] & Known.PERSON
        if told and tokens[i].capital and tokens[i].segment == tokens[i - 2].segment:
            axes[i] = axes[i] or "identity"


def mark_origins(tokens: Sequence[Token], known: Sequence[int], axes: list[str]) -> None:
    """Where a person comes from: "a woman from Kraków", "born in Osaka"."""
    for i in range(1, len(tokens) - 1):
        place, word, left = tokens[i + 1], tokens[i].folded, tokens[i - 1].folded
        if place.segment != tokens[i].segment or axes[i + 1] not in ("", "identity") or known[i + 1] & Known.FICTION:
            continue
        comes = word == "from" and (known[i - 1] & Known.PERSON or left in context("origin_verbs"))
        born = word == "in" and left in ("born", "raised")
        if (comes or born) and (place.capital or known[i + 1] & Known.PLACE):
            k = i + 1
            while k < len(tokens) and tokens[k].segment == place.segment and (k == i + 1 or tokens[k].capital):
                axes[k] = "nationality"
                k += 1
