"""The closed candidate set of a prompt, and the guarantee that it is closed.

Theorem (perfect obliviousness). Let E(p) be the grid that is sent for prompt p. If E(q) = E(p) byte for
byte for every member q of E(p), then all members produce the same request, and with the seed and the
parameters chosen independently of p the server's view has the same distribution for each of them:
(ε, δ) = (0, 0) differential privacy on the members, for any prior and any number of repeats.
Proof: the request is a function of E(p), the parameters and the seed; none of them takes the true member
as input. ∎  The premise is checked here for every prompt before anything is sent, member by member.

E is the closure of one rewriting pass R: E(p) = R(p) if R is stable there, else R is applied to the first
member until nothing changes (a pronoun that could be read two ways settles on one reading).

Two doors, with the same arguments:

* :func:`slots` gives :class:`CandidateSlots`: template, axes, phrases and the true choice **without any limit on
  the number of members**. Mechanisms build on it: ``slots(p).narrowed(keep)`` cuts axes to sub-lists of values
  (the truth moves to the nearest one left), ``slots(p).grid()`` is the wire form of what is small enough,
  ``slots(p).member(choice)`` is one member of a product of any size, ``slots(p).distance(i, a, b)`` says how
  far two values of an axis lie apart.
* :func:`candidate_set` is the `closed` mechanism: the whole product, or :class:`TooManyCandidatesError`, which carries
  the slots. Axes that the lexicon calls *large* (nationality) are cut to their public representatives first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from contract import Axis, GenerateRequest, PromptGrid, RequestError, limits

from .attributes import LEXICON_VERSION, CandidateSlots, Span, build, lexicon, read, residue, spans
from .errors import InputError, PrivacyError, TooManyCandidatesError

#: Zero-width and soft characters: they cut a word in two for the lexicon but not for the eye.
_INVISIBLE: Final = frozenset("\u00ad\u034f\u200b\u200c\u2060\ufeff\u180e")
#: How often the rewriting may be applied to its own first member before the prompt is refused.
_MAX_PASSES: Final = 4
NOTHING_HIDDEN: Final = "no attribute was found: the prompt would go to the cloud as it is and nothing is hidden"


@dataclass(frozen=True)
class CandidateSet:
    """A closed set. ``index`` is the true member's position: it stays on the device.

    ``mechanism`` "closed" with ``epsilon`` 0.0 is the theorem above; "none" with ``epsilon`` ``None`` means
    that the prompt has no attribute and is the only member.
    """

    grid: PromptGrid
    members: tuple[str, ...]
    index: int = field(repr=False)
    attributes: tuple[Span, ...] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    mechanism: str = "closed"
    epsilon: float | None = 0.0

    @property
    def template(self) -> str:
        """The public part, with placeholders."""
        return self.grid.template

    @property
    def true_member(self) -> str:
        """The member that the device finishes; never sent on its own."""
        return self.members[self.index]

    def request(self, *, model: str = "stickers", seed: int, **parameters: Any) -> GenerateRequest:
        """The one request for this set; ``parameters`` as in :class:`contract.GenerateRequest`.

        Raises:
            InputError: a parameter breaks a limit.
        """
        try:
            return GenerateRequest(model=model, lexicon=LEXICON_VERSION, grid=self.grid, seed=seed, **parameters)
        except RequestError as error:
            raise InputError(f"the request cannot be made: {error}") from None


def _checked_domains(domains: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    known = lexicon().values
    out: dict[str, tuple[str, ...]] = {}
    for axis, values in (domains or {}).items():
        if axis not in known:
            raise InputError(f"there is no axis {axis!r}; known: {', '.join(known)}")
        if not values or any(v not in known[axis] for v in values):
            raise InputError(f"values of {axis} are: {', '.join(known[axis])}")
        out[axis] = tuple(values)
    return out


def _closure(prompt: str) -> tuple[CandidateSlots, bool]:
    """``E(prompt)`` over the whole domains, and whether more than one pass was needed."""
    found = first = build(read(prompt))
    for _ in range(_MAX_PASSES):
        again = build(read(found.member((0,) * len(found.axes))))
        if again.same_set(found):
            if found.axes != first.axes:  # a pronoun for someone who is not there: "a man kisses her"
                break
            return replace(found, choice=first.choice), found is not first
        found = again
    raise PrivacyError(
        "the prompt's wording gives no stable candidate set; name each person that a pronoun means, and say "
        "attributes in plain words, for instance 'a woman' and 'with dark skin'. Nothing was sent"
    )


def _check(prompt: str) -> None:
    if not prompt.strip():
        raise InputError("the prompt is empty")
    if any(ord(c) < 32 and c not in "\t\n\r" for c in prompt):
        raise InputError("the prompt holds control characters")
    if any(c in _INVISIBLE for c in prompt):
        raise InputError("the prompt holds invisible characters, which could hide a word from detection; type it anew")


def slots(prompt: str, domains: Mapping[str, Sequence[str]] | None = None) -> CandidateSlots:
    """The product of a prompt's axes, of any size, before a mechanism has chosen what is sent.

    Args:
        prompt: what the person typed.
        domains: public sub-lists per axis, e.g. ``{"skin_tone": ["light", "medium", "dark"]}``; a true value
            outside moves to the nearest one left, and a note says so.

    Raises:
        InputError: empty prompt, or unknown axis or value.
        PrivacyError: the wording has no stable set of candidates. Nothing was sent.
    """
    _check(prompt)
    cut = _checked_domains(domains)
    found, moved = _closure(prompt)
    if cut:
        found = found.narrowed([_kept(a, cut.get(a.name.split(".")[0], a.values)) for a in found.axes])
    attributes = tuple(spans(read(prompt)))
    notes = _notes(prompt, attributes, found, moved)
    return replace(found, attributes=attributes, notes=notes)


def _kept(axis: Axis, allowed: Sequence[str]) -> list[int]:
    return [i for i, v in enumerate(axis.values) if v in allowed]


def check_closed(found: CandidateSlots, members: Sequence[str]) -> None:
    """Check E(q) = E(p) for the members that are about to be sent.

    Raises:
        PrivacyError: one of them has another set. Nothing was sent.
    """
    for member in members:
        # E(member) is this stable set if one pass gives it; the whole closure is only needed otherwise.
        if not build(read(member)).same_set(found) and not _closure(member)[0].same_set(found):
            raise PrivacyError(
                "one way to fill the prompt would tell itself apart from the others; reword it. Nothing was sent"
            )


def candidate_set(prompt: str, domains: Mapping[str, Sequence[str]] | None = None) -> CandidateSet:
    """Rewrite a prompt into its closed set; closure is verified for every member.

    Args:
        prompt: what the person typed.
        domains: as in :func:`slots`.

    Raises:
        InputError: empty prompt, or unknown axis or value. TooManyCandidatesError: more members than a request
            may have; it carries the slots.
        PrivacyError: no closed set was found (nothing was sent).
    """
    found = slots(prompt, domains)
    if found.count > limits.MAX_CANDIDATES:
        raise TooManyCandidatesError(
            f"the prompt's set is too large: {found.count} candidates, at most {limits.MAX_CANDIDATES} are allowed; "
            "describe fewer persons, or allow fewer values of an axis",
            found,
        )
    try:
        grid = found.grid()
    except RequestError as error:
        raise InputError(f"the prompt's set is too large or malformed: {error}; shorten the prompt") from None
    members = grid.expand()
    check_closed(found, members)
    if not grid.axes:
        return CandidateSet(grid, members, 0, (), (NOTHING_HIDDEN, *found.notes), "none", None)
    return CandidateSet(grid, members, grid.index(found.choice), found.attributes, found.notes)


def _notes(prompt: str, attributes: tuple[Span, ...], found: CandidateSlots, moved: bool) -> tuple[str, ...]:
    if not found.axes:
        return _readable(prompt, ())
    notes = []
    allowed = {v for axis in found.axes for v in axis.values}
    for s in attributes:
        if s.value not in allowed:
            notes.append(f"{s.surface!r} ({s.value}) is outside the chosen values; the nearest one is drawn")
        elif s.axis != "gender" and s.surface.lower() not in (s.value, "girl", "boy", "girls", "boys", "children"):
            notes.append(f"{s.surface!r} is drawn as {s.value}")
    if moved:
        notes.append("a pronoun or a word that fits one value only was settled so that all members share the wording")
    if found.member(found.choice).lower() != " ".join(prompt.lower().split()):
        notes.append("the prompt was put into canonical words")
    return (*notes, *_readable(prompt, attributes))


def _readable(prompt: str, found: Sequence[Span]) -> tuple[str, ...]:
    return tuple(
        f"{surface!r} stays readable for the cloud and can hint at {axis.replace('_', ' ')}"
        for axis, surface in residue(prompt, found)
    )
