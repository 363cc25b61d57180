"""What became of every word: the verdict of each mark of a document, and what the lexicon knows of one word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from .document import Document
from .findings import Finding, implied
from .kinds import Kind
from .lexicon import Lexicon, Meaning, Trait, data
from .marks import Mark
from .matching import Tokens, longest, plain, tokens
from .spans import Span, spans

#: The data files, in the order in which they are searched for a word.
FILES = (
    "gender", "age", "skin_tone", "ethnicity", "nationality", "religion", "disability", "profession", "body", "hair",
    "first_names", "names", "pronouns", "roles", "implied", "decoys", "animals", "emoji", "grammar", "ordinary",
    "glued", "languages",
)  # fmt: skip
#: Kinds of marks that speak of a person whatever stands beside them, nouns apart.
_SAYING = frozenset((Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.SKIN, Kind.TITLE, Kind.PRONOUN, Kind.DECADE, Kind.NAME))


@dataclass(frozen=True)
class Told:
    """``prompt[start:end] == surface`` and its verdict: slot, person, dismissed, finding, open or word.

    "person" is a word for somebody that says no axis which is hidden; "open" is a hit of the lexicon that has no
    verdict, which must not be; "word" is a word that the lexicon knows for its grammar alone, or not at all.
    """

    surface: str
    start: int
    end: int
    kind: str
    verdict: str
    axes: tuple[str, ...] = ()
    person: int | None = None
    why: str = ""


def explain(document: Document) -> list[Told]:
    """The verdict of each mark of a document, in order."""
    found = spans(document)
    findings = implied(document, found)
    out = [
        _told(document, i, m, found, findings)
        for i, m in enumerate(document.marks)
        if m.end > m.start and m.text(document.prompt).strip()
    ]
    known = [(t.start, t.end) for t in out]
    for f in findings:  # signs that no mark holds
        if not any(start < f.end and f.start < end for start, end in known):
            out.append(Told(f.surface, f.start, f.end, "sign", "finding", (f.axis,), None, f.why))
    return sorted(out, key=lambda t: t.start)


def is_hit(document: Document, m: Mark) -> bool:
    """Whether the lexicon knows the mark as something that says an axis of a person."""
    kind = m.was or m.kind
    if kind is Kind.NOUN or m.noun is not None:
        noun = m.noun or document.lex.nouns.get(m.word)
        return noun is not None and (noun.gender is not None or noun.age is not None)
    if kind is Kind.TRAIT and m.trait is not None:
        return m.trait.axis in document.axes
    return kind in _SAYING or (kind is Kind.WORD and _is_known(document, m))


def _is_known(document: Document, m: Mark) -> bool:
    """Whether a plain word says an axis by itself: as a phrase of the lexicon, or beside a person as a strong cue."""
    meaning = document.lex.phrases.get(m.word, {}).get("")
    cue = document.lex.cues.get(m.word, {}).get("")
    if cue is not None and cue.strong and cue.axis in document.axes and document.has_person():
        i = next(i for i, other in enumerate(document.marks) if other is m)
        of_animal = document.adjacent(i) and document.marks[i + 1].kind is Kind.ANIMAL
        return not of_animal and not (meaning is not None and meaning.decoy)
    if meaning is None or meaning.decoy or m.word not in document.lex.sensitive:
        return False
    if meaning.trait is not None:
        small = meaning.trait.capital and not m.text(document.prompt)[:1].isupper()
        return meaning.trait.axis in document.axes and not small
    noun = meaning.noun
    return meaning.kind is Kind.AGE or (noun is not None and (noun.gender is not None or noun.age is not None))


def unsaid(document: Document) -> list[Told]:
    """Hits of the lexicon that are neither a slot, nor dismissed with a reason, nor a finding: there must be none."""
    return [t for t in explain(document) if t.verdict == "open"]


def _told(document: Document, i: int, m: Mark, found: list[Span], findings: list[Finding]) -> Told:
    text, kind = m.text(document.prompt), str(m.was or m.kind)
    person = document.owner.get(i)
    axes = tuple(dict.fromkeys(s.axis for s in found if s.start < m.end and m.start < s.end))
    if m.kind is not Kind.WORD and axes:
        return Told(text, m.start, m.end, kind, "slot", axes, person)
    hints = [f for f in findings if f.start < m.end and m.start < f.end]
    if hints:
        axes, why = tuple(dict.fromkeys(f.axis for f in hints)), "; ".join(f.why for f in hints)
        return Told(text, m.start, m.end, kind, "finding", axes, person, why)
    reason = document.dismissed.get(m.start)
    if reason is not None:
        return Told(text, m.start, m.end, kind, "dismissed", why=str(reason.reason))
    if document.is_public(m.start, m.end):
        return Told(text, m.start, m.end, kind, "dismissed", why="it is public whatever it says")
    if person is not None:
        return Told(text, m.start, m.end, kind, "person", person=person)
    if m.kind is Kind.ANIMAL or _is_decoy(document, text):
        return Told(text, m.start, m.end, kind, "dismissed", why="its words have another sense together")
    verdict = "open" if is_hit(document, m) else "word"
    return Told(text, m.start, m.end, kind, verdict)


def _is_decoy(document: Document, text: str) -> bool:
    found = tokens(plain(text))
    match = longest(document.lex.phrases, found, 0) if found.texts else None
    return match is not None and match[0] == len(found.texts) and bool(match[1].decoy)


def meanings(phrase: str, lex: Lexicon) -> list[dict[str, Any]]:
    """What the lexicon has for a word or phrase as a whole, each with its kind and what that kind says."""
    found = tokens(plain(phrase))
    out = [{"kind": kind} | _of(value, lex) for kind, value in _looked_up(found, lex)]
    if len(found.texts) == 1:
        word = found.texts[0]
        out += [{"kind": "other language", "language": n} for n, words in lex.languages.items() if word in words]
        out += [{"kind": "class", "class": name} for name, words in lex.words.items() if word in words]
        if word in lex.given_names:
            out.append({"kind": "given name"})
    return out


def _looked_up(found: Tokens, lex: Lexicon) -> Iterator[tuple[str, Any]]:
    if not found.texts:
        return
    for name, root in (("", lex.phrases), ("origin", lex.origins), ("cue", lex.cues)):
        match = longest(root, found, 0)
        if match is not None and match[0] == len(found.texts):
            for value in match[1] if isinstance(match[1], tuple) else (match[1],):
                yield name or ("decoy" if value.decoy else str(value.kind)), value
    for hint in lex.noun_hints.get(" ".join(found.texts), ()):
        yield "hint", hint
    title = lex.titles.get(found.texts[0]) if len(found.texts) == 1 else None
    if title is not None:
        yield "title", Trait("gender", title)


def _of(value: Any, lex: Lexicon) -> dict[str, Any]:
    """The fields that say something, with values by name."""
    if isinstance(value, Meaning):
        parts: dict[str, Any] = {}
        if value.noun is not None:
            parts = _of(value.noun, lex) | {"noun": str(value.noun.kind)}
        if value.trait is not None:
            parts = _of(value.trait, lex)
        if value.value >= 0:
            axis = {Kind.AGE: "age", Kind.NOUN: "age", Kind.TONE: "skin_tone", Kind.SKIN: "skin_tone"}.get(value.kind)
            parts |= {axis: lex.values[axis][value.value]} if axis else {}
        return parts | {name: True for name in ("near", "behind", "hyphens") if getattr(value, name)}
    said = {f.name: getattr(value, f.name) for f in fields(value)}
    axis, out = said.pop("axis", None), {}
    if axis is not None:
        number = said.pop("value")
        named = lex.values[axis][number] if isinstance(number, int) and axis in lex.values else number
        out = {"axis": axis, "value": named}
    for name, part in said.items():
        if name in ("gender", "age") and part is not None:
            part = lex.values[name][part] if part < len(lex.values[name]) else "neutral"
        if part not in (None, False, "", ()) and name not in ("kind", "forms"):
            out[name] = part
    return out


def lists(phrase: str) -> list[str]:
    """Where the data files have a word or phrase itself: ``gender.json: pairs``. Forms made of it are not listed."""
    wanted = " ".join(phrase.lower().split())
    return [f"{name}.json: {'.'.join(path)}" for name in FILES for path in _paths(data(name), wanted)]


def _paths(node: Any, wanted: str, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: dict[tuple[str, ...], None] = {}
    if isinstance(node, dict):
        for key, below in node.items():
            if key.lower() == wanted:
                found[path] = None
            found |= dict.fromkeys(_paths(below, wanted, (*path, key)))
    elif isinstance(node, list):
        for below in node:
            if isinstance(below, str) and below.lower() == wanted:
                found[path] = None
            found |= dict.fromkeys(_paths(below, wanted, path))
    return list(found)
