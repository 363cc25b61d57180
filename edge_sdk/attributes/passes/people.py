"""Names of persons: given names of the lists with what follows them, and surnames behind a title.

Artists whose style is asked for ("by Ivan Petrov, Anna Weiss") are public words, and so is the name of a street.
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind
from ..marks import Mark

#: How many parts a name has at most.
_LONGEST = 5


def run(document: Document) -> None:
    """Collect the stretches ``(start, end)`` of names."""
    texts, starts, ends = document.tokens
    names, prompt = document.lex.given_names, document.prompt
    artists = _artists(document)
    document.public += [(starts[i], ends[i]) for i in sorted(artists)]
    document.public += _tags(prompt)
    i = 0
    while i < len(texts):
        here = i
        i += 1
        if here in artists or not prompt[starts[here]].isupper():
            continue
        titled = _behind_title(document, here)
        if texts[here] not in names and not (titled and texts[here] in document.lex.words["surnames"]):
            continue
        end = _end(document, here)
        alone = end == here + 1
        after = texts[end] if end < len(texts) else ""
        words = document.lex.words
        if (alone and not titled and texts[here] in words["with_surname_only"]) or after in words["not_before_names"]:
            continue
        if any(texts[k] in words["not_before_names"] for k in range(here + 1, end)) or _is_dismissed(document, here):
            continue
        document.names.append((starts[here], ends[end - 1]))
        i = end
    document.names = sorted([*document.names, *_couples(document)])
    if "first_names" in document.axes:
        _slot_names(document)


def _tags(prompt: str) -> list[tuple[int, int]]:
    """Model tags ("<lora:magazineCover:0.6>") that hold no sensitive word: those that did are gone."""
    found = []
    start = prompt.find("<")
    while start >= 0:
        end = prompt.find(">", start)
        if end < 0:
            break
        found.append((start, end + 1))
        start = prompt.find("<", end)
    return found


def _couples(document: Document) -> list[tuple[int, int]]:
    """ "Mr. and Mrs. Kowalski": two titles and one name."""
    texts, starts, ends = document.tokens
    solid = [i for i, t in enumerate(texts) if t != "."]
    found = []
    for n in range(len(solid) - 2):
        first, joint, second = solid[n : n + 3]
        titles = texts[first] in document.lex.titles and texts[second] in document.lex.titles
        if titles and texts[joint] in ("and", "&") and document.prompt[starts[first]].isupper():
            end = _end(document, second + (texts[second + 1 : second + 2] == ["."]))
            found.append((starts[first], ends[end - 1]))
    return found


def _slot_names(document: Document) -> None:
    """Where first names are an axis, a name is one mark, surname and all."""
    values = document.lex.values["first_names"]
    out: list[Mark] = []
    left = list(document.names)
    for m in document.marks:
        while left and left[0][1] <= m.start:
            left.pop(0)
        if not left or m.end <= left[0][0]:
            out.append(m)
            continue
        start, end = left[0]
        if out and out[-1].start == start:
            continue
        known = next((i for i, v in enumerate(values) if document.prompt[start:end].lower() == v.lower()), None)
        value = (end - start) % len(values) if known is None else known
        word = document.prompt[start:end].lower()
        out.append(Mark(start, end, Kind.NAME, word, value=value, near=known is None))
    document.insert(out)


def _end(document: Document, here: int) -> int:
    """The token behind the name: capitals that are no known word, and particles before them."""
    texts, starts, ends = document.tokens
    prompt, particles = document.prompt, document.lex.words["surname_particles"]
    j = here + 1
    while j < len(texts) and j - here < _LONGEST and starts[j] - ends[j - 1] <= 1:
        hyphen = texts[j] == "-" and starts[j] == ends[j - 1]
        capital = prompt[starts[j]].isupper() and texts[j].isalpha()
        unknown = texts[j] not in document.lex.phrases or texts[j] in document.lex.words["surnames"]
        particle = texts[j] in particles and j + 1 < len(texts) and prompt[starts[j + 1]].isupper()
        if not ((capital and unknown and starts[j] > ends[j - 1]) or particle or (hyphen and j + 1 < len(texts))):
            break
        j += 2 if hyphen else 1
    return min(j, len(texts))


def _behind_title(document: Document, here: int) -> bool:
    texts = document.tokens.texts
    j = here - 2 if texts[here - 1 : here] == ["."] else here - 1
    return j >= 0 and (texts[j] in document.lex.titles or texts[j] in document.lex.words["callings"])


def _is_dismissed(document: Document, here: int) -> bool:
    start = document.tokens.starts[here]
    return any(m.start <= start < m.end and document.is_dismissed(i) for i, m in enumerate(document.marks))


def _artists(document: Document) -> set[int]:
    """Tokens of artists' names: behind "by" or "in the style of", and what a comma or "and" joins to them."""
    texts, starts, ends = document.tokens
    found: set[int] = set()
    for i, text in enumerate(texts):
        if not _opens_style(document, i):
            continue
        j = i + 1 if text != "style" else i + 2
        while j < len(texts):
            if (
                texts[j] in (",", "and", "&", "|")
                or document.prompt[starts[j]].isupper()
                or texts[j] in ("-", ".", "'", ":")
            ):
                found.add(j)
            elif texts[j] not in document.lex.words["surname_particles"]:
                break
            j += 1
            if texts[j - 1] == "." and j < len(texts) and starts[j] > ends[j - 1] and len(texts[j - 2]) > 1:
                break
    return found


def _opens_style(document: Document, i: int) -> bool:
    texts = document.tokens.texts
    if texts[i] in ("by", "artist"):
        return not (texts[i] == "by" and i and texts[i - 1] in document.lex.words["by_place"])
    return texts[i] == "style" and texts[i + 1 : i + 2] == ["of"]
