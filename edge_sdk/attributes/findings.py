"""Findings: words outside the slots that give an axis away, which the person decides on before anything is sent.

They are cues ("a beard", "a hijab"), nouns that say more than their slot ("nun"), names, what an attached detector
found, and every word of the lexicon that ended neither as a slot nor as dismissed with a certain reason (the residue).
A cue needs a person in reach: a sloth in a kilt gives nobody away. The rules look at classes of words, so that they
decide alike for all members of a set. Strong findings decide; weak ones ("tie", "church") are notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .axes import AXES
from .document import Document
from .kinds import Kind, Reason
from .lexicon import Cue
from .matching import longest
from .spans import Span

#: What can be done with a finding.
CHOICES: Final = ("slot", "generalise", "allow", "refuse")
#: Gender signs and the five skin tones: what is left of emoji that no word was found for.
_SIGNS: Final = {"gender": "\u2640\u2642", "skin_tone": "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"}
_IDENTITY: Final = "identity"
#: Words that speak of skin themselves, and are no finding beside a tone that is hidden.
_OF_TONE: Final = ("skin", "skinned", "complexion")


@dataclass(frozen=True)
class Finding:
    """``prompt[start:end] == surface`` hints at ``axis``. ``instead`` says less; ``value`` is what it hints at."""

    axis: str
    surface: str
    start: int
    end: int
    strong: bool
    value: str = ""
    instead: str = ""
    #: A noun for a person: what takes its place as a slot ("grandmother": "old woman").
    slot: str = ""
    #: The person's axis is hidden anyway: the word is generalised and told, nobody is asked.
    covered: bool = False

    @property
    def why(self) -> str:
        """One line for the person."""
        hint = f", most often {self.value}" if self.value else ""
        return f"{self.surface!r} gives the {self.axis.replace('_', ' ')} away{hint}"


def implied(document: Document, found: Sequence[Span]) -> list[Finding]:
    """All findings of a prompt in order, for the axes that it hides.

    Args:
        found: the spans that are hidden already.
    """
    cues = list(_words(document))
    somebody = document.has_person() or any(is_somebody(document, f) for f in cues)
    out = [*_nouns(document), *residue(document), *_signs(document), *(cues if somebody else ())]
    out += _names(document)
    hidden = [(s.start, s.end, s.axis) for s in found if s.value != "unlisted"]
    toned = any(s.axis == "skin_tone" for s in found)
    kept: list[Finding] = []
    for f in sorted(out, key=lambda f: (f.start, -f.end, AXES.index(f.axis) if f.axis in AXES else 99)):
        # What names somebody ("clergyman") is hidden by a slot of its own axis alone, not by the gender it says too.
        apart = is_somebody(document, f)
        over = [axis for start, end, axis in hidden if f.start < end and start < f.end]
        covered = (f.axis in over if apart else bool(over)) and not f.slot
        twice = any(f.start < k.end and k.start < f.end for k in kept if k.axis == f.axis or f.axis == _IDENTITY)
        about_tone = toned and f.surface.lower() in _OF_TONE
        if not covered and not twice and not about_tone and (f.axis in document.axes or f.axis == _IDENTITY):
            kept.append(as_covered(document, f))
    return kept


def is_somebody(document: Document, f: Finding) -> bool:
    """Whether the words name a person themselves ("a vicar", "mounties"): they need none in reach."""
    head = f.instead.split(" ")[-1]
    return head in document.lex.nouns and f.surface.lower() not in document.lex.words["also_things"]


def as_covered(document: Document, f: Finding) -> Finding:
    """The finding, marked as covered where the axis of its person is hidden anyway."""
    return replace(f, covered=not f.slot and not _is_bare(document, f) and _is_covered(document, f))


def _is_bare(document: Document, f: Finding) -> bool:
    """Whether the word stands for somebody: an article before it and nothing that it describes behind."""
    i = next((i for i, m in enumerate(document.marks) if m.start <= f.start < m.end), None)
    if i is None or document.marks[i].was is None or not document.is_in(i - 1, document.lex.words["indefinites"]):
        return False
    return i + 1 >= len(document.marks) or document.marks[i + 1].kind is Kind.STOP


def _is_covered(document: Document, f: Finding) -> bool:
    """Whether the finding's axis is a slot of the person it is about; where a sign sets it off, of anybody: "1girl,
    people in the background, red dress"."""
    i = owner_of(document, f)
    anybody = any(p.value(f.axis) is not None for p in document.persons)
    if i is not None and i in document.owner and document.persons[document.owner[i]].value(f.axis) is not None:
        return True
    return anybody and (i is None or _is_set_off(document, i, f))


def _is_set_off(document: Document, i: int, f: Finding) -> bool:
    """Whether a comma or the like stands between the noun at ``i`` and the finding behind it."""
    last = document.marks[i]
    return any(last.end <= m.start < f.start and document.is_sign(j) for j, m in enumerate(document.marks))


def owner_of(document: Document, f: Finding) -> int | None:
    """The noun a finding is about: the one it stands before ("a bearded pilot"), else the nearest before it."""
    marks = document.marks
    inside = [i for i, m in enumerate(marks) if m.kind is Kind.NOUN and f.start <= m.start < m.end <= f.end]
    if len(inside) > 1:
        return inside[-1]  # "immigrant family"
    behind = next((i for i, m in enumerate(marks) if m.start >= f.end), len(marks))
    for i in range(behind, min(behind + 3, len(marks))):
        if marks[i].kind is Kind.STOP:
            break
        if marks[i].kind is Kind.NOUN and marks[i].end > marks[i].start:
            return i
    people = (Kind.NOUN, Kind.NAME, Kind.TITLE)
    before = [i for i, m in enumerate(marks) if m.kind in people and m.end > m.start and m.start < f.start]
    if before:
        return before[-1]
    return next((i for i in document.of_kind(Kind.NOUN, Kind.PRONOUN) if marks[i].end > marks[i].start), None)


def explicit(document: Document) -> list[str]:
    """Words that say or imply a value of a person anywhere, with or without somebody to say it of.

    For text that is sent as it is. Lists of what is wrong with a picture ("missing legs") say nothing of anybody.
    """
    out: list[str] = []
    anatomy = document.lex.words["anatomy"]
    saying = (Kind.NOUN, Kind.TRAIT, Kind.AGE, Kind.SKIN, Kind.TITLE, Kind.NAME, Kind.DECADE, Kind.PRONOUN)
    for i, m in enumerate(document.marks):
        kind = m.was or m.kind
        if kind not in saying or m.word.split(" ")[0] in anatomy or _is_ordinary(document, i):
            continue
        if m.end > m.start:
            out.append(m.text(document.prompt))
    out += [f.surface for f in _words(document) if f.strong and f.surface.lower().split(" ")[0] not in anatomy]
    out += [m.text(document.prompt) for m in document.marks if m.word in document.lex.respelled]
    out += [f.surface for f in (*residue(document), *_signs(document), *_names(document))]
    return list(dict.fromkeys(out))


def _is_ordinary(document: Document, i: int) -> bool:
    """A role, another sense, or a colour that describes no person ("black and white")."""
    m = document.marks[i]
    noun = m.noun
    reason = document.dismissed.get(m.start)
    if reason is not None and reason.reason in (Reason.SENSE, Reason.ANIMAL, Reason.COMMON):
        return True
    if noun is not None and noun.gender is None and noun.age is None:
        return True
    return reason is not None and reason.reason in (Reason.THING, Reason.PLACE)


def _words(document: Document) -> Iterator[Finding]:
    cues, toks, i = document.lex.cues, document.tokens, 0
    while i < len(toks.texts):
        match = longest(cues, toks, i) if toks.texts[i] in cues else None
        if match is None:
            i += 1
            continue
        start, end = toks.starts[i], toks.ends[match[0] - 1]
        cue: Cue = match[1]
        if cue.strong and _is_fantasy(document, cue, i, match[0]):
            cue = replace(cue, strong=False)
        if not (_is_other_sense(document, start) or _is_in_compound(document, i, match[0])):
            yield Finding(cue.axis, document.prompt[start:end], start, end, cue.strong, cue.value, cue.instead)
        i = match[0]


def _is_in_compound(document: Document, i: int, end: int) -> bool:
    """ "dress shirt", "white hair flower", "Style-Kilt": the word is part of one that gives nothing away."""
    words, (texts, starts, ends) = document.lex.words, document.tokens
    last, after = texts[end - 1], texts[end] if end < len(texts) and starts[end] - ends[end - 1] == 1 else ""
    shown = i > 1 and texts[i - 1] in "-_" and texts[i - 2] == "style" and starts[i] == ends[i - 2] + 1
    worn = (last == "dress" and after in words["behind_dress"]) or (last == "hair" and after in words["behind_hair"])
    return worn or shown


def _is_fantasy(document: Document, cue: Cue, i: int, end: int) -> bool:
    """ "white hair" beside elves, or hair in colours that nobody has: a style, no age; told, and nobody is asked."""
    words, texts = document.lex.words, document.tokens.texts
    if cue.axis != "age" or not any(t in words["hair_words"] for t in texts[i:end]):
        return False
    if not any(t in words["fantastic_colours"] for t in texts[i:end]):
        return False
    others = [k for k, t in enumerate(texts) if t in words["colours"] and not i <= k < end]
    dyed = any(texts[k + 1 : k + 2] == ["hair"] for k in others)
    return dyed or any(t in words["fantasy"] for t in texts)


def _is_other_sense(document: Document, start: int) -> bool:
    """Whether the word is part of a name or compound with another sense, or describes an animal."""
    for i, m in enumerate(document.marks):
        if m.start <= start < m.end and document.is_dismissed(i) and m.was is Kind.NOUN:
            return True
        if m.start <= start < m.end:
            return document.adjacent(i) and document.marks[i + 1].kind is Kind.ANIMAL
    return False


def _nouns(document: Document) -> Iterator[Finding]:
    """Nouns that say more than the axis they are a slot of: "grandmother" is old, "nun" has a religion."""
    for m in document.marks:
        hints = document.lex.noun_hints
        written = m.word if m.word in hints else m.word.replace(" ", "-")  # "gram-gram": parts are matched apart
        for h in hints.get(written, ()) if m.kind is Kind.NOUN else ():
            yield Finding(h.axis, m.text(document.prompt), m.start, m.end, h.decides, h.value, h.instead, h.slot)


def residue(document: Document) -> Iterator[Finding]:
    """Words of the lexicon that are neither a slot nor dismissed with a reason: there is no fourth way."""
    for i, m in enumerate(document.marks):
        if m.kind is not Kind.WORD or document.is_dismissed(i):
            continue
        if m.was in (Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.NOUN, Kind.PRONOUN):
            axis = document.axis_of(i)
            values = document.lex.values.get(axis, ())
            value = values[m.value] if 0 <= m.value < len(values) else ""
            yield Finding(axis, m.text(document.prompt), m.start, m.end, True, value)
        elif m.was is None and m.word in document.lex.sensitive and m.word not in document.lex.titles:
            axis = _axis_of_word(document, m.word)
            if axis:
                yield Finding(axis, m.text(document.prompt), m.start, m.end, True)


def _axis_of_word(document: Document, word: str) -> str:
    """The axis of a word that stands in a compound or spelling where no rule took it; cues are found as cues."""
    meaning = document.lex.phrases.get(word, {}).get("")
    if meaning is None or meaning.decoy:
        return ""
    if meaning.trait is not None:
        return str(meaning.trait.axis)
    return "age" if meaning.kind is Kind.AGE else "gender" if meaning.kind is Kind.NOUN else ""


def _signs(document: Document) -> Iterator[Finding]:
    if document.prompt.isascii():
        return
    for axis, signs in _SIGNS.items():
        for i, c in enumerate(document.prompt):
            if c in signs:
                yield Finding(axis, c, i, i + 1, True)


def _names(document: Document) -> Iterator[Finding]:
    """Names of persons that no name slot holds."""
    if "first_names" in document.axes:
        return
    for start, end in document.names:
        several = any(t in ("and", "&") for t in document.prompt[start:end].split())
        instead = "a couple" if several else document.lex.nameless
        yield Finding(_IDENTITY, document.prompt[start:end], start, end, True, "", instead)


def strong(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Those that decide."""
    return tuple(f for f in findings if f.strong)
