"""The closed candidate set of a prompt, and the guarantee that it is closed.

Theorem (perfect obliviousness). Let E(p) be the grid that is sent for prompt p. If E(q) = E(p) byte for
byte for every member q of E(p), then all members produce the same request, and with the seed and the
parameters chosen independently of p the server's view has the same distribution for each of them:
(ε, δ) = (0, 0) differential privacy on the members, for any prior and any number of repeats.
Proof: the request is a function of E(p), the parameters and the seed; none of them takes the true member
as input. ∎  The premise is checked here for every prompt before anything is sent, member by member.

E is the closure of one rewriting pass R: E(p) = R(p) if R is stable there, else R is applied to the first
member until nothing changes (a pronoun that could be read two ways settles on one reading). A prompt whose product
is not closed is refused: of a product of up to 64 members all are read, of a larger one a covering (every value,
every pair of values of two axes) and, by whoever sends some of it, every member that is sent. What is refused
depends on the product alone, so that it is the same for all its members.

* :func:`slots` gives :class:`CandidateSlots`: template, axes, phrases and the true choice **without any limit on
  the number of members**. Mechanisms build on it: ``slots(p).narrowed(keep)`` cuts axes to sub-lists of values
  (the truth moves to the nearest one left), ``slots(p).grid()`` is the wire form of what is small enough,
  ``slots(p).member(choice)`` is one member of a product of any size, ``slots(p).distance(i, a, b)`` says how
  far two values of an axis lie apart.

Words that imply an axis without saying it are found before anything else (``on_implied``); with "slot" and
"generalise" the prompt is rewritten first, and the theorem speaks of what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from obclip_contract import Axis, limits

from ..attributes import (
    AXES,
    CHOICES,
    OPT_IN,
    UNLISTED,
    CandidateSlots,
    Detector,
    Document,
    Finding,
    Scope,
    build,
    implied,
    lexicon,
    other_language,
    read,
    settle,
    spans,
    strong,
)
from ..attributes.kinds import Kind
from ..attributes.normalising import hidden_characters, mixed_script
from ..attributes.telling import parting
from ..errors import ImpliedError, InputError, PrivacyError
from ..second_look import default_detector
from .limits import check_axes, check_prompt
from .looking import detected, left_out_note, without_artists, without_models

#: What ``on_implied`` may be: a choice for all findings, or a function that decides each.
OnImplied = str | Callable[[Finding], str]
#: How often the rewriting may be applied to its own first member before the prompt is refused.
_MAX_PASSES: Final = 4
NOTHING_HIDDEN: Final = "no attribute was found: the prompt would go to the cloud as it is and nothing is hidden"


def _checked_domains(domains: Mapping[str, Sequence[str]] | None, scope: Scope) -> dict[str, tuple[str, ...]]:
    known = lexicon(scope.opt_in).values
    out: dict[str, tuple[str, ...]] = {}
    for axis, values in (domains or {}).items():
        if axis not in known:
            raise InputError(f"there is no axis {axis!r}; known: {', '.join(known)}")
        if not values or any(v not in known[axis] for v in values):
            raise InputError(f"values of {axis} are: {', '.join(known[axis])}")
        out[axis] = tuple(values)
    return out


def _scope(axes: Collection[str] | None, opt_in: Collection[str], unspecified: bool) -> Scope:
    if bad := sorted(set(opt_in) - set(OPT_IN)):
        raise InputError(f"there is no opt-in axis {bad[0]!r}; known: {', '.join(OPT_IN)}")
    if axes is not None and (bad := sorted(set(axes) - {*AXES, *opt_in})):
        raise InputError(f"there is no axis {bad[0]!r}; known: {', '.join((*AXES, *opt_in))}")
    if axes is not None and not axes:
        raise InputError("name at least one axis to hide")
    hidden = frozenset((*AXES, *opt_in) if axes is None else axes)
    present = frozenset(("gender",) if axes is None else axes) if unspecified else frozenset()
    return Scope(frozenset(opt_in), hidden, present)


def _closure(reading: Document) -> tuple[CandidateSlots, bool]:
    """``E`` of a prompt as read, over the whole domains, and whether more than one pass was needed."""
    scope = reading.scope
    found = first = build(reading)
    near = ""
    check_axes(first)  # before the members are read: a crowd would take seconds, and is refused anyway
    for _ in range(_MAX_PASSES):
        member = found.member((0,) * len(found.axes))
        again = build(read(member, scope))
        if again.same_set(found):
            if found.axes != first.axes:  # a pronoun for someone who is not there: "a man kisses her"
                break
            return replace(found, choice=first.choice), found is not first
        near, found = parting(found, member, again), again
    where = f" near {near!r}" if near else ""
    raise PrivacyError(
        f"the prompt's wording gives no stable candidate set{where}; name each person that a pronoun means, and say "
        "attributes in plain words, for instance 'a woman' and 'with dark skin'. Nothing was sent"
    )


def _check(prompt: str) -> None:
    check_prompt(prompt)
    if not prompt.strip():
        raise InputError("the prompt is empty")
    if any(ord(c) < 32 and c not in "\t\n\r" for c in prompt):
        raise InputError("the prompt holds control characters")
    hidden = hidden_characters(prompt, lexicon())
    if hidden:
        raise InputError(
            f"the prompt holds invisible characters ({hidden}), which could hide a word from detection; type it anew"
        )
    mixed = mixed_script(prompt)
    if mixed:
        raise InputError(
            f"the word {mixed!r} mixes letters of several scripts, which could hide it from detection; type it anew"
        )


def slots(
    prompt: str,
    domains: Mapping[str, Sequence[str]] | None = None,
    *,
    axes: Collection[str] | None = None,
    opt_in: Collection[str] = (),
    strict: bool = False,
    on_implied: OnImplied = "refuse",
    unspecified: bool = False,
    detector: Detector | None = None,
) -> CandidateSlots:
    """The product of a prompt's axes, of any size, before a mechanism has chosen what is sent.

    Args:
        prompt: what the person typed.
        domains: public sub-lists per axis, e.g. ``{"skin_tone": ["light", "medium", "dark"]}``; a true value
            outside moves to the nearest one left, and a note says so.
        axes: the axes to hide; all default and opt-in ones if ``None``. Words of the others stay as they are.
        opt_in: axes beside the default ones: profession, body, hair, first_names.
        strict: refuse words that are not canonical values instead of moving to the nearest one.
        on_implied: what to do about words that imply an axis: "refuse" (and "ask", for callers that ask and come
            again), "slot", "generalise", "allow", or a function from a finding to one of these.
        unspecified: add the value "unspecified" to ``axes`` (gender alone if ``None``) and expand them for every
            person, so that whether they were mentioned is hidden too.
        detector: finds more words; they count as implied. The second look if ``None``; ``NoDetector()`` for none.

    Raises:
        InputError: empty prompt, or unknown axis, value or choice.
        PrivacyError: not English, or the wording has no stable set of candidates. ImpliedError: words imply an
            axis and are not dealt with. Nothing was sent.
    """
    return read_whole(prompt, domains, axes, opt_in, strict, on_implied, unspecified, detector)[0]


def read_whole(
    prompt: str,
    domains: Mapping[str, Sequence[str]] | None,
    axes: Collection[str] | None,
    opt_in: Collection[str],
    strict: bool,
    on_implied: OnImplied,
    unspecified: bool,
    detector: Detector | None,
) -> tuple[CandidateSlots, tuple[str, ...]]:
    """What :func:`slots` gives, and the members over the whole domains that were read to see that it is closed."""
    _check(prompt)
    scope = _scope(axes, opt_in, unspecified)
    cut = _checked_domains(domains, scope)
    told = _checked_language(prompt, scope, on_implied)
    looks = None if on_implied == "allow" else detector or default_detector()
    prompt, left_out = without_models(prompt, looks)
    first, wording, scope, hints, allowed = _settled(prompt, scope, on_implied, looks)
    if not wording.strip():
        raise InputError(
            "nothing is left of the prompt without the words that hint at somebody; say what is to be seen"
        )
    reading = first if wording == first.typed and first.scope == scope else read(wording, scope)
    if reading is not first:
        _check_settled(reading, on_implied, looks)
    attributes = tuple(spans(reading if wording == prompt else first))
    if strict:
        _check_strict(reading)
    found, moved = _closure(reading)
    members = tuple(found.member(c) for c in found.covering(limits.MAX_CANDIDATES))
    found = replace(found, looks=looks, allowed=allowed)
    check_closed(found, members)
    if cut:
        found = found.narrowed([_kept(a, cut.get(a.name.split(".")[0], a.values)) for a in found.axes])
    notes = (*told, *left_out, *_notes(prompt, reading, found, moved), *hints)
    return replace(found, attributes=attributes, notes=notes), members


def _kept(axis: Axis, allowed: Sequence[str]) -> list[int]:
    return [i for i, v in enumerate(axis.values) if v in allowed]


def _checked_language(prompt: str, scope: Scope, on_implied: OnImplied) -> tuple[str, ...]:
    other = other_language(prompt, lexicon(scope.opt_in))
    if other is None:
        return ()
    says = f"the prompt seems to be written in {other[0]} ({', '.join(repr(w) for w in other[1][:3])})"
    if on_implied != "allow":
        raise PrivacyError(
            f"{says}; attributes are found in English only, so they could not be hidden. Write it in English, or make "
            "the picture on the device alone. Nothing was sent"
        )
    return (f"{says}; attributes are found in English only, and words of another language stay readable",)


def _settled(
    prompt: str, scope: Scope, on_implied: OnImplied, detector: Detector | None
) -> tuple[Document, str, Scope, tuple[str, ...], frozenset[str]]:
    """The reading of the prompt, its words with the implied ones dealt with, the scope with first names if they
    became slots, notes, and the words that are allowed.
    """
    reading = read(prompt, scope)
    found = spans(reading)
    findings = without_artists(implied(reading, found), reading, detector)
    if detector is not None:
        findings += detected(detector, reading, [*found, *findings])
    decide = _decider(on_implied)
    choices = {f: decide(f) for f in findings if f.strong or f.slot}
    if bad := [c for c in choices.values() if c not in (*CHOICES, "ask")]:
        raise InputError(f"there is no choice {bad[0]!r} for implied words; known: ask, {', '.join(CHOICES)}")
    refused = tuple(f for f in strong(findings) if choices[f] in ("refuse", "ask"))
    if refused:
        raise ImpliedError(
            f"words outside the slots stay readable for the cloud: {'; '.join(f.why for f in refused)}. Take them out, "
            "or choose on_implied: slot (say it as an attribute, which is hidden), generalise (say less), or allow "
            "(go on knowingly). Nothing was sent",
            refused,
        )
    if any(f.axis == "identity" and c == "slot" for f, c in choices.items()):
        scope = replace(scope, opt_in=scope.opt_in | {"first_names"}, axes=scope.axes | {"first_names"})
    wording = settle(reading, findings, lambda f: choices[f])
    notes = []
    for f in findings:
        if choices.get(f, "allow") not in ("slot", "generalise"):
            notes.append(f"{f.surface!r} stays readable for the cloud and can hint at {f.axis.replace('_', ' ')}")
        elif f.axis != "identity" or choices[f] != "slot":
            notes.append(f"{f.surface!r} was replaced or left out, because it can hint at {f.axis.replace('_', ' ')}")
    allowed = frozenset(f.surface.lower() for f, c in choices.items() if c == "allow")
    return reading, wording, scope, tuple(dict.fromkeys(notes)), allowed


def _decider(on_implied: OnImplied) -> Callable[[Finding], str]:
    """What is done with each finding. Where its axis is hidden anyway, saying less loses little: nobody is asked."""
    if not callable(on_implied) and on_implied not in (*CHOICES, "ask"):
        raise InputError(f"there is no choice {on_implied!r} for implied words; known: ask, {', '.join(CHOICES)}")

    def decide(f: Finding) -> str:
        asks = callable(on_implied) or on_implied in ("refuse", "ask")
        if f.covered and asks:
            return "generalise"
        return on_implied(f) if callable(on_implied) else on_implied

    return decide


def _check_settled(reading: Document, on_implied: OnImplied, detector: Detector | None) -> None:
    """What was to be taken out of the prompt is gone from what is sent.

    Raises:
        ImpliedError: a word is left.
    """
    decide = _decider(on_implied)
    findings = without_artists(implied(reading, spans(reading)), reading, detector)
    left = tuple(f for f in strong(findings) if decide(f) != "allow")
    left = tuple(f for f in left if f.axis != "identity" or "first_names" not in reading.axes)
    if left:
        raise ImpliedError(
            f"words outside the slots could not be taken out: {'; '.join(f.why for f in left)}. Leave them out, or "
            "choose on_implied: allow (go on knowingly). Nothing was sent",
            left,
        )


def _check_strict(reading: Document) -> None:
    """Refuse what is not a canonical value.

    Raises:
        PrivacyError: with the words.
    """
    words = [m.text(reading.prompt) for m in reading.marks if m.near and m.kind not in (Kind.WORD, Kind.STOP)]
    if words:
        told = ", ".join(repr(w) for w in dict.fromkeys(words))
        raise PrivacyError(f"on no list of values: {told}; say a listed value, or allow the nearest. Nothing was sent")


def check_closed(found: CandidateSlots, members: Sequence[str]) -> None:
    """Check E(q) = E(p) for the members that are about to be sent.

    Raises:
        PrivacyError: one of them has another set. Nothing was sent.
    """
    for member in members:
        # E(member) is this stable set if one pass gives it; the whole closure is only needed otherwise.
        reading = read(member, found.scope)
        same = build(reading).same_set(found) or _closes_to(reading, found)
        seen = [] if found.looks is None else detected(found.looks, reading, spans(reading))
        if seen := [f for f in seen if f.surface.lower() not in found.allowed]:
            raise ImpliedError(
                f"words outside the slots stay readable for the cloud: {'; '.join(f.why for f in seen)}. Take them "
                "out, or choose on_implied: allow (go on knowingly). Nothing was sent",
                tuple(seen),
            )
        if not same or _is_asked(found, reading):
            near = parting(found, member, build(reading))
            raise PrivacyError(
                f"one way to fill the prompt would tell itself apart from the others, near {near!r}: say that part in "
                "plainer words, or leave it out. Nothing was sent"
            )


def _is_asked(found: CandidateSlots, reading: Document) -> bool:
    """Whether the member, typed, would be asked about or rewritten, though the prompt was not: "clergyman"."""
    if found.looks is None:  # everything is allowed
        return False
    left = (f for f in strong(implied(reading, spans(reading))) if f.axis != "identity")  # names: the detector's
    return any(f.surface.lower() not in found.allowed for f in left)


def _closes_to(reading: Document, found: CandidateSlots) -> bool:
    try:
        return _closure(reading)[0].same_set(found)
    except InputError:  # a limit, or no stable set: another one, for every member alike
        return False


def _notes(prompt: str, reading: Document, found: CandidateSlots, moved: bool) -> tuple[str, ...]:
    notes = []
    allowed = {v for axis in found.axes for v in axis.values}
    near = {(m.start, m.end) for m in reading.marks if m.near}
    for s in spans(reading):
        if s.value == UNLISTED:
            notes.append(f"{s.surface!r} is on no list of values: it is left out of what is sent")
        elif s.value not in allowed:
            notes.append(f"{s.surface!r} ({s.value}) is outside the chosen values; the nearest one is drawn")
        elif s.axis != "gender" and (s.start, s.end) in near:
            notes.append(f"{s.surface!r} is drawn as {s.value}")
    if moved:
        notes.append("a pronoun or a word that fits one value only was settled so that all members share the wording")
    notes += [left_out_note(model) for model in reading.left_out]
    if found.member(found.choice).lower() != prompt.lower():
        notes.append("the prompt was put into canonical words")
    return tuple(dict.fromkeys(notes))


def says(found: CandidateSlots, member: str) -> dict[str, str]:
    """Axis and value of each attribute that is read from ``member``, with what ``found`` was read with."""
    again = build(read(member, found.scope))
    return {a.name: a.values[v] for a, v in zip(again.axes, again.choice, strict=True)}


def hints(found: CandidateSlots, member: str) -> tuple[tuple[str, str], ...]:
    """``(axis, words)`` that stay readable in ``member`` and hint at an axis."""
    reading = read(member, found.scope)
    return tuple(dict.fromkeys((f.axis, f.surface) for f in implied(reading, spans(reading))))
