"""The closed candidate set of a prompt, and the guarantee that it is closed.

Theorem (perfect obliviousness). Let E(p) be the grid that is sent for prompt p. If E(q) = E(p) byte for
byte for every member q of E(p), then all members produce the same request, and with the seed and the
parameters chosen independently of p the server's view has the same distribution for each of them:
(ε, δ) = (0, 0) differential privacy on the members, for any prior and any number of repeats.
Proof: the request is a function of E(p), the parameters and the seed; none of them takes the true member
as input. ∎  The premise is checked here for every prompt before anything is sent, member by member.

E is the closure of one rewriting pass R: E(p) = R(p) if R is stable there, else R is applied to the first
member until nothing changes (a pronoun that could be read two ways settles on one reading).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from contract import GenerateRequest, PromptGrid, RequestError

from .attributes import LEXICON_VERSION, Slots, Span, build, lexicon, read, residue, spans
from .errors import InputError, PrivacyError

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


def _pass(prompt: str, domains: dict[str, tuple[str, ...]]) -> Slots:
    try:
        return build(read(prompt), domains)
    except RequestError as error:
        raise InputError(
            f"the prompt's set is too large or malformed: {error}; "
            "describe fewer persons, or allow fewer values of an axis"
        ) from None


def _closure(prompt: str, domains: dict[str, tuple[str, ...]]) -> tuple[Slots, bool]:
    """``E(prompt)`` and whether more than one pass was needed."""
    slots = first = _pass(prompt, domains)
    for _ in range(_MAX_PASSES):
        again = _pass(slots.grid.member((0,) * len(slots.grid.axes)), domains)
        if again.grid == slots.grid:
            if slots.grid.axes != first.grid.axes:  # a pronoun for someone who is not there: "a man kisses her"
                break
            return Slots(slots.grid, first.choice), slots is not first
        slots = again
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


def candidate_set(prompt: str, domains: Mapping[str, Sequence[str]] | None = None) -> CandidateSet:
    """Rewrite a prompt into its closed set; closure is verified for every member.

    Args:
        prompt: what the person typed.
        domains: public sub-lists per axis, e.g. ``{"skin_tone": ["light", "medium", "dark"]}``; a true value
            outside moves to the nearest one left, and a note says so.

    Raises:
        InputError: empty prompt, unknown axis, or too many members.
        PrivacyError: no closed set was found (nothing was sent).
    """
    _check(prompt)
    cut = _checked_domains(domains)
    slots, moved = _closure(prompt, cut)
    members = slots.grid.expand()
    for member in members:
        # E(member) is this stable grid if one pass gives it; the whole closure is only needed otherwise.
        if _pass(member, cut).grid != slots.grid and _closure(member, cut)[0].grid != slots.grid:
            raise PrivacyError(
                "one way to fill the prompt would tell itself apart from the others; reword it. Nothing was sent"
            )
    found = tuple(spans(read(prompt)))
    index = slots.grid.index(slots.choice)
    if not slots.grid.axes:
        return CandidateSet(slots.grid, members, 0, (), (NOTHING_HIDDEN, *_readable(prompt, ())), "none", None)
    return CandidateSet(slots.grid, members, index, found, _notes(prompt, found, slots, members[index], moved))


def _notes(prompt: str, found: tuple[Span, ...], slots: Slots, true_member: str, moved: bool) -> tuple[str, ...]:
    notes = []
    allowed = {v for axis in slots.grid.axes for v in axis.values}
    for s in found:
        if s.value not in allowed:
            notes.append(f"{s.surface!r} ({s.value}) is outside the chosen values; the nearest one is drawn")
        elif s.axis != "gender" and s.surface.lower() not in (s.value, "girl", "boy", "girls", "boys", "children"):
            notes.append(f"{s.surface!r} is drawn as {s.value}")
    if moved:
        notes.append("a pronoun or a word that fits one value only was settled so that all members share the wording")
    if true_member.lower() != " ".join(prompt.lower().split()):
        notes.append("the prompt was put into canonical words")
    return (*notes, *_readable(prompt, found))


def _readable(prompt: str, found: Sequence[Span]) -> tuple[str, ...]:
    return tuple(
        f"{surface!r} stays readable for the cloud and can hint at {axis.replace('_', ' ')}"
        for axis, surface in residue(prompt, found)
    )
