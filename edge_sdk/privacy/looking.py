"""What a detector's finds do to a prompt: models of persons are left out, artists pass, the rest is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from ..attributes import Detector, Document, Finding, Span
from ..attributes.findings import as_covered
from ..attributes.kinds import Reason
from ..errors import InputError
from ..second_look import LISTED

_IDENTITY: Final = "identity"
#: Reasons that hold for the word as the lexicon knows it. What the second look has listed counts all the same: "texas"
#: is a character as well.
_DOUBTED: Final = (Reason.COMMON, Reason.NOBODY, Reason.PLACE)


@runtime_checkable
class KnowsArtists(Protocol):
    """A detector that also tells whose style is asked for."""

    def artists(self, prompt: str) -> list[tuple[int, int]]:
        """Where names of artists stand."""


def without_models(prompt: str, detector: Detector | None) -> tuple[str, tuple[str, ...]]:
    """The prompt without the tags that the detector calls a person's model (axis "model"), and a note on each.

    Raises:
        InputError: nothing else is in it.
    """
    notes: list[str] = []
    out, at = "", 0
    for s in detector.find(prompt) if detector is not None and ":" in prompt else ():
        if s.axis != "model":
            continue
        notes.append(left_out_note(s.surface))
        out += prompt[at : s.start]
        at = s.end
        while at < len(prompt) and prompt[at] in " ," and out.rstrip()[-1:] in ("", ","):
            at += 1  # with the comma and the spaces that set it off
    out += prompt[at:]
    if notes and not out.strip():
        raise InputError("the prompt holds nothing but models of persons, whose names can say who is meant")
    return out, tuple(notes)


def left_out_note(model: str) -> str:
    """What the person is told of a model that was left out."""
    return f"{model!r} was left out, because its name can say who is meant"


def without_artists(findings: Sequence[Finding], reading: Document, detector: Detector | None) -> list[Finding]:
    """The findings without names that the detector knows as an artist's, whose style is public."""
    named = any(f.axis == _IDENTITY for f in findings)
    artists: list[tuple[int, int]] = []
    if named and isinstance(detector, KnowsArtists):
        artists = detector.artists(reading.prompt)
    return [f for f in findings if f.axis != _IDENTITY or not any(a <= f.start and f.end <= b for a, b in artists)]


def detected(detector: Detector, reading: Document, known: Sequence[Span | Finding]) -> list[Finding]:
    """What a detector finds beyond what is known."""
    out = []
    for s in detector.find(reading.prompt):
        start = _behind_known(s, known) if s.axis == _IDENTITY else s.start
        told = any(start < k.end and k.start < s.end for k in known)
        if told or not (s.axis in reading.axes or s.axis == _IDENTITY) or _is_settled(reading, start, s):
            continue
        instead = "a person" if s.axis == _IDENTITY else ""
        finding = Finding(s.axis, reading.prompt[start : s.end], start, s.end, True, "", instead)
        out.append(finding if s.axis == _IDENTITY else as_covered(reading, finding))
    return out


def _behind_known(s: Span, known: Sequence[Span | Finding]) -> int:
    """Where a name begins behind a word of it that is a slot: "Queen Marika"."""
    start = s.start
    for k in sorted(known, key=lambda k: k.start):
        if k.start <= start < k.end < s.end:
            start = k.end
            while start < s.end and not s.surface[start - s.start].isalnum():
                start += 1
    return start


def _is_settled(reading: Document, start: int, s: Span) -> bool:
    """Whether the reader knows that the stretch says nothing of a person, and the detector is not sure of it."""
    end = s.end
    if s.axis == _IDENTITY and s.surface[:1] == "<":
        return False  # a model's tag is no word of the prompt, and its name says who is meant
    if any(a < end and start < b for a, b in reading.public):
        return True
    marks = (m for m in reading.marks if m.start < end and start < m.end)
    dismissed = (reading.dismissed.get(m.start) for m in marks)
    named = s.axis == _IDENTITY and " " in s.surface  # "Wonder Woman": no woman, and somebody all the same
    doubted = (*_DOUBTED, Reason.SENSE) if named else _DOUBTED
    return any(d is not None and (d.reason not in doubted or s.value != LISTED) for d in dismissed)
