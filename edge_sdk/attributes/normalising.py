"""The prompt's characters before anything is read: composed letters, look-alikes, emoji, weights and tags.

What is rewritten here is rewritten for every member alike, before a template exists. Nothing changes in a prompt that
holds none of it.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from .document import Document
from .kinds import Kind
from .lexicon import Lexicon
from .matching import longest, plain, tokens
from .parting import parts_of

_JOINER: Final = "\u200d"
_VARIATION: Final = "\ufe0f"
_PAIRS: Final = {")": "(", "]": "["}
#: Kinds of words that say who somebody is, and the length of words that a name may hold by chance.
_SAYING: Final = (Kind.NOUN, Kind.TRAIT, Kind.AGE)
_SHORT: Final = 2
#: White space that a request cannot hold.
_BLANKS: Final = dict.fromkeys((0x09, 0x0A, 0x0D, 0x85), " ")
_PAIRS_OF: Final = {"[": "]", "{": "}"}
#: Marks that make a bracket worth taking off: the words inside must stand beside the ones outside.
_HITS: Final = (Kind.NOUN, Kind.TRAIT, Kind.AGE, Kind.SKIN, Kind.TITLE, Kind.PRONOUN, Kind.NAME, Kind.PROFESSION)
_MOST_AHEAD: Final = 6


def compose(prompt: str) -> str:
    """Letters with their accents as one code point (NFC), and line ends and tabs as spaces."""
    prompt = prompt.translate(_BLANKS)
    return prompt if prompt.isascii() else unicodedata.normalize("NFC", prompt)


def hidden_characters(prompt: str, lex: Lexicon) -> str:
    """Names of the format characters in a prompt (zero-width, soft, of direction) that belong to no emoji."""
    if prompt.isascii():
        return ""
    left = without_emoji(compose(prompt), lex)
    found: list[str] = []
    for i, c in enumerate(left):
        if unicodedata.category(c) not in ("Cf", "Co", "Cn", "Cs") and c not in "\u034f\u115f\u1160\u3164":
            continue
        if c == _JOINER and i and not left[i - 1].isalnum():
            continue  # inside an emoji that shows no person
        found.append(f"U+{ord(c):04X}")
    return ", ".join(dict.fromkeys(found))


def mixed_script(prompt: str) -> str:
    """The first word that mixes Latin letters with those of another alphabet: it only looks like one."""
    if prompt.isascii():
        return ""
    for word in "".join(c if c.isalpha() else " " for c in plain(prompt)).split():
        if len({_is_latin(c) for c in word}) > 1:
            return word
    return ""


@cache
def _is_latin(c: str) -> bool:
    return unicodedata.name(c, "LATIN").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE"))


def without_emoji(prompt: str, lex: Lexicon) -> str:
    """Emoji that show persons, tones, faiths or flags, said in words; other emoji stay."""
    if prompt.isascii():
        return prompt
    out: list[str] = []
    i = 0
    while i < len(prompt):
        end, words = _emoji_at(prompt, i, lex)
        if end == i:
            out.append(prompt[i])
            i += 1
            continue
        before = "".join(out)
        spaced = not before or before[-1].isspace() or before[-1] in "(["
        out.append(("" if spaced else " ") + _with_article(before, words))
        i = end
        if i < len(prompt) and (prompt[i].isalnum() or _emoji_at(prompt, i, lex)[0] > i):
            out.append(" ")
    return "".join(out)


def _emoji_at(prompt: str, i: int, lex: Lexicon) -> tuple[int, str]:
    """The end of the emoji that begins at ``i`` and the words for it; ``i`` if none does."""
    first = prompt[i]
    if first not in lex.emoji_starts:
        return i, ""
    for end in range(min(len(prompt), i + lex.longest_emoji), i, -1):
        said = lex.emoji.get(prompt[i:end].replace(_VARIATION, ""))
        if said is not None:
            while end < len(prompt) and prompt[end] == _VARIATION:
                end += 1
            return end, said
    return i, ""


def _with_article(before: str, words: str) -> str:
    """ "an old person" where a noun phrase begins; after an adjective or a number the words alone."""
    from obclip_contract import article

    last = before.split()[-1].lower() if before.split() else ""
    begins = not last or last[-1:] in ",.;:!?" or last in ("of", "with", "and", "by", "for", "as", "near", "to")
    first = words.split(" ", 1)[0]
    if not begins or first in ("a", "an", "the", "two", "several", "with", "in") or words[:1].isupper():
        return words
    return f"{article(words)} {words}"


def without_choices(text: str, lex: Lexicon) -> str:
    """The first of words to choose from, where each says who or how old somebody is: "{old|young} {man|woman}".

    Slots of one noun cannot stand side by side there. Others ("[italian|korean] woman", "[sitting|standing]") stay.
    """
    at = 0
    while (start := _next(text, "[{", at)) >= 0:
        end = text.find(_PAIRS_OF[text[start]], start)
        at = start + 1
        if end < 0:
            continue
        options = text[start + 1 : end].split("|")
        if len(options) > 1 and all(_is_telling(o, lex) for o in options):
            text = text[:start] + options[0].strip() + text[end + 1 :]
    return _without_slashes(text, lex)


def _without_slashes(text: str, lex: Lexicon) -> str:
    """ "old/young woman": of two ages the first."""
    if "/" not in text:
        return text
    texts, starts, ends = tokens(plain(text))
    out, at = [], 0
    for k in range(1, len(texts) - 1):
        tight = texts[k] == "/" and ends[k - 1] == starts[k] and ends[k] == starts[k + 1]
        if tight and texts[k - 1] in lex.ages and texts[k + 1] in lex.ages:
            out.append(text[at : starts[k]])
            at = ends[k + 1]
    return "".join(out) + text[at:]


def _next(text: str, signs: str, at: int) -> int:
    """Where the first of these signs stands, from ``at`` on; -1 if none does."""
    found = [i for i in (text.find(sign, at) for sign in signs) if i >= 0]
    return min(found, default=-1)


def _is_telling(option: str, lex: Lexicon) -> bool:
    """Whether it holds a noun or an age; not one inside a word for an origin, which every origin would have to hold
    ("Solomon Islander")."""
    found, i = tokens(plain(option)), 0
    while i < len(found.texts):
        hit = longest(lex.phrases, found, i)
        if hit is not None and hit[1].kind is Kind.TRAIT:
            i = hit[0]
            continue
        if found.texts[i] in lex.sensitive and (found.texts[i] in lex.nouns or found.texts[i] in lex.ages):
            return True
        i += 1
    return False


def without_models(text: str, lex: Lexicon) -> tuple[str, tuple[str, ...]]:
    """The text without model tags whose name holds a sensitive word ("<lora:asianFace:0.6>"), and those tags."""
    out: list[str] = []
    names: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        tag = text[start : end + 1]
        if any(_says_something(word, lex) for word in _parts(tag)):
            names.append(tag)
            before, end = text[at:start], end + 1
            if not before.strip() or before.rstrip().endswith(","):  # the comma and the spaces that set it off
                while end < len(text) and text[end] in " ,":
                    end += 1
            out.append(before)
            at = end
        else:
            out.append(text[at : end + 1])
            at = end + 1
    return "".join(out) + text[at:], tuple(names)


def _says_something(word: str, lex: Lexicon) -> bool:
    """Whether a word by itself says who somebody is: "asian", "girl", "blackgirl", not the "saint" of a phrase."""
    if len(parts_of(word, lex)) > 1:
        return True
    if len(word) <= _SHORT or word not in lex.sensitive:
        return False
    meaning = lex.phrases.get(word, {}).get("")
    return word in lex.cues or (meaning is not None and not meaning.decoy and meaning.kind in _SAYING)


def without_weights(document: Document) -> str | None:
    """The text with spaces for the weights around words about persons: "(old:1.2) man++" -> " old      man  ".

    Only for brackets that hold such words; what is sent keeps them. ``None``: there are none left.
    """
    cuts = [*_brackets(document), *_pluses(document)]
    text = list(document.prompt)
    for start, end in cuts:
        text[start:end] = " " * (end - start)
    bare = "".join(text)
    return bare if bare != document.prompt else None


def _brackets(document: Document) -> list[tuple[int, int]]:
    texts, starts, ends = document.tokens
    open_at: list[int] = []
    cuts: list[tuple[int, int]] = []
    for j, text in enumerate(texts):
        if text in ("(", "["):
            open_at.append(j)
        elif text in _PAIRS and open_at and texts[open_at[-1]] == _PAIRS[text]:
            i = open_at.pop()
            weight = _weight_before(document, j)
            inside = texts[i + 1 : j]
            doubled = texts[i - 1 : i] == [texts[i]] or inside[:1] == [texts[i]]
            plain = not any(t in (",", "|", ";", ".") for t in inside)
            emphasis = weight is not None or doubled or (plain and not _is_aside(document, i, j))
            if emphasis and "|" not in inside and _has_hit(document, starts[i], ends[j]):
                cuts.append((starts[i], ends[i]))
                cuts.append((starts[j] if weight is None else weight, ends[j]))
    return cuts


def _is_aside(document: Document, i: int, j: int) -> bool:
    """ "(45)", "(female, Indian)": an aside behind a noun, not emphasis. Numbers alone are one."""
    inside = document.tokens.texts[i + 1 : j]
    return all(t.isdecimal() for t in inside)


def _weight_before(document: Document, j: int) -> int | None:
    """Where ":1.2" before the closing bracket at token ``j`` begins."""
    texts, starts, _ = document.tokens
    k = j
    while k and (texts[k - 1].isdecimal() or texts[k - 1] in (".", "-")):
        k -= 1
    return starts[k - 1] if k < j and k and texts[k - 1] == ":" else None


def _has_hit(document: Document, start: int, end: int) -> bool:
    if not document.has_person():
        return False
    for i, m in enumerate(document.marks):
        if start <= m.start and m.end <= end:
            if m.kind in _HITS:
                return True
            ahead = document.marks[i + 1 : i + 1 + _MOST_AHEAD]
            if m.kind is Kind.TONE and any(k.kind is Kind.NOUN for k in ahead):
                return True
    return False


def _pluses(document: Document) -> list[tuple[int, int]]:
    """ "man++": the signs glued to a word about a person."""
    cuts = []
    for m in document.marks:
        end = m.end
        while end < len(document.prompt) and document.prompt[end] == "+":
            end += 1
        if m.kind in _HITS and end > m.end > m.start:
            cuts.append((m.end, end))
    return cuts


def _parts(name: str) -> list[str]:
    """The words of a name in camel case, with signs and digits between."""
    words, word = [], ""
    for before, c in zip(" " + name, name, strict=False):
        if not c.isalpha() or (c.isupper() and before.islower()):
            words.append(word)
            word = ""
        if c.isalpha():
            word += c
    return [w.lower() for w in (*words, word) if w]
