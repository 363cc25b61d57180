"""The `closed` mechanism by itself: the whole product of a prompt, or a refusal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contract import GenerateRequest, PromptGrid, RequestError, limits

from .attributes import LEXICON_VERSION, UNSPECIFIED, CandidateSlots, Detector, Span, lexicon
from .errors import InputError, TooManyCandidatesError
from .privacy.closing import NOTHING_HIDDEN, OnImplied, check_closed, read_whole, slots

__all__ = ["NOTHING_HIDDEN", "CandidateSet", "OnImplied", "candidate_set", "check_closed", "slots"]


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


def candidate_set(
    prompt: str,
    domains: Mapping[str, Sequence[str]] | None = None,
    *,
    axes: Collection[str] | None = None,
    opt_in: Collection[str] = (),
    strict: bool = False,
    on_implied: OnImplied = "refuse",
    unspecified: bool = False,
    detector: Detector | None = None,
) -> CandidateSet:
    """Rewrite a prompt into its closed set; closure is verified for every member.

    Args:
        prompt: what the person typed.
        domains: as in :func:`slots`, with the rest. A large axis that it does not name is cut to its public
            representatives; the device goes on from the nearest one, and a note says so.

    Raises:
        InputError: empty prompt, or unknown axis or value. TooManyCandidatesError: more members than a request
            may have; it carries the slots.
        PrivacyError: no closed set was found, the language is not English, or words imply an axis
            (ImpliedError). Nothing was sent.
    """
    found, read_members = read_whole(prompt, domains, axes, opt_in, strict, on_implied, unspecified, detector)
    found, represented = _represented(found, domains or {})
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
    whole = found.count == found.whole_count <= limits.MAX_CANDIDATES
    members = read_members if whole else grid.expand()
    by_detector = detector if on_implied != "allow" else None
    if by_detector is not None or found.whole_count > limits.MAX_CANDIDATES:  # else every member has been read
        check_closed(found, members, by_detector)
    if not grid.axes:
        return CandidateSet(grid, members, 0, (), (NOTHING_HIDDEN, *found.notes), "none", None)
    mechanism = "cover" if represented else "closed"
    return CandidateSet(grid, members, grid.index(found.choice), found.attributes, found.notes, mechanism)


def _represented(found: CandidateSlots, domains: Mapping[str, Sequence[str]]) -> tuple[CandidateSlots, bool]:
    """Large axes cut to their public representatives, and whether there was one."""
    large = lexicon(found.scope.opt_in).large
    keep, notes = [], []
    for axis, value in zip(found.axes, found.choice, strict=True):
        base = axis.name.split(".")[0]
        allowed = large.get(base, axis.values) if base not in domains else axis.values
        keep.append([i for i, v in enumerate(axis.values) if v in allowed or v == UNSPECIFIED])
        if value not in keep[-1]:
            notes.append(f"{axis.values[value]!r} is drawn from the nearest representative of its {base}")
    if [len(k) for k in keep] == [len(a.values) for a in found.axes]:
        return found, False
    cut = found.narrowed(keep)
    return replace(cut, notes=(*notes, *found.notes)), True
