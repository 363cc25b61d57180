"""The one door from a prompt to what is sent for it: reading, public rules, limits, mechanism, closure, ledger."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from obclip_contract import GenerateRequest, PromptGrid, RequestError

from ..attributes import LEXICON_VERSION, CandidateSlots, Span
from ..errors import InputError, PrivacyError
from ..ledger import Account, Ledger
from ..mechanisms import SYSTEM_COINS, Coins, Domain, Guarantee, View, base_axis
from .booking import draw
from .choices import Privacy
from .closing import NOTHING_HIDDEN, check_closed, hints, read_whole, says, slots
from .limits import check_limits
from .metric import domain_of
from .negative import check_negative
from .rules import apply_rules
from .tokens import Count, most_tokens

__all__ = ["Release", "release"]


@dataclass(frozen=True)
class Release:
    """What is sent for a prompt. ``index``, ``exact``, ``true_member`` and ``notes`` speak of the truth: device only.

    Attributes:
        index: the row that the device goes on from: the truth's, or the nearest.
        exact: that row is the truth's.
        domain: every way to fill the prompt, sent or not (public).
        may_miss: the mechanism may send rows without the truth (public).
        spent: ε newly spent by this release. ``account``: the ledger's total after it, where one was asked.
        hints: ``(axis, words)`` in the public part that still hint at an axis.
    """

    grid: PromptGrid
    members: tuple[str, ...]
    mechanism: str
    guarantee: Guarantee
    index: int = field(repr=False)
    exact: bool = field(repr=False)
    true_member: str = field(repr=False)
    domain: Domain = field(repr=False)
    may_miss: bool = False
    on_miss: str = "nearest"
    spent: float = 0.0
    account: Account | None = None
    attributes: tuple[Span, ...] = field(repr=False, default=())
    hints: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(repr=False, default=())

    @property
    def epsilon(self) -> float | None:
        """ε of this template's release; ``None`` where there was nothing to hide, and where bits leak (``cells``)."""
        return None if self.mechanism == "none" else self.guarantee.epsilon

    @property
    def template(self) -> str:
        """The public part, with placeholders."""
        return self.grid.template

    def most_tokens(self, count: Count) -> int:
        """Tokens of the longest text that any truth could make a model read, there or here: the same for all."""
        return max(most_tokens(self.domain, count), *count(self.members))

    def request(self, *, model: str = "stickers", seed: int, **parameters: Any) -> GenerateRequest:
        """The one request for this set; ``parameters`` as in :class:`obclip_contract.GenerateRequest`.

        Raises:
            InputError: a parameter breaks a limit.
        """
        try:
            return GenerateRequest(model=model, lexicon=LEXICON_VERSION, grid=self.grid, seed=seed, **parameters)
        except RequestError as error:
            raise InputError(f"the request cannot be made: {error}") from None


def release(
    prompt: str,
    privacy: Privacy | None = None,
    *,
    negative_prompt: str = "",
    ledger: Ledger | None = None,
    coins: Coins = SYSTEM_COINS,
) -> Release:
    """Decide what is sent for a prompt. Nothing is sent here.

    Args:
        privacy: the person's choices; its mechanism is not "local", which sends nothing.
        negative_prompt: goes to the cloud as it is, so it may name no attribute.
        ledger: where requests are entered; k-subset always has one (the default folder's if ``None``).

    Raises:
        InputError: the prompt or a parameter cannot be used, or a limit is passed; a rule refuses the template.
        PrivacyError: no closed set was found, the negative prompt names an attribute, or the budget is exhausted.
        LedgerError: k-subset, and the ledger cannot be used.
    """
    privacy = privacy or Privacy()
    whole, known = _read(prompt, privacy)
    found, rule_notes = apply_rules(whole)
    check_negative(negative_prompt)
    check_limits(found)
    domain = domain_of(found)
    mechanism = privacy.choose(domain)
    shown = found if mechanism.speaks or not found.axes else _silenced(found, privacy)
    sent_from = domain_of(shown)
    guarantee = mechanism.guarantee(sent_from)
    view, book = draw(sent_from, shown.choice, mechanism, guarantee, ledger, coins)
    grid = _grid(sent_from, view)
    members = grid.expand()
    unread = [m for m in members if m not in known or shown is not found]
    check_closed(shown, unread)  # the others were read when the prompt was
    if guarantee.bits > 0:
        _check_cell(domain, view, found)
    index = mechanism.start(sent_from, view, shown.choice) if len(view) > 1 else 0
    true_member = domain.member(found.choice)
    exact = members[index] == true_member
    notes = (*found.notes, *rule_notes, *book.notes)
    if not exact:
        notes = (*notes, _missed(privacy.on_miss))
    if not found.axes:
        notes = (NOTHING_HIDDEN, *notes)
    return Release(
        grid=grid,
        members=members,
        mechanism=mechanism.name if found.axes else "none",
        guarantee=guarantee if found.axes else Guarantee(says=NOTHING_HIDDEN),
        index=index,
        exact=exact,
        true_member=true_member,
        domain=domain,
        may_miss=mechanism.may_miss and len(view) < sent_from.size,
        on_miss=privacy.on_miss,
        spent=book.spent,
        account=book.account,
        attributes=found.attributes,
        hints=hints(shown, members[0]),  # of one fixed member: the same for every truth
        notes=notes,
    )


def _read(prompt: str, privacy: Privacy) -> tuple[CandidateSlots, frozenset[str]]:
    """The prompt's slots, and the members that were read to see that its set is closed."""
    found, known = read_whole(
        prompt,
        privacy.domains,
        privacy.axes,
        privacy.opt_in,
        privacy.strict,
        privacy.on_implied,
        privacy.unspecified,
        privacy.detector,
    )
    return found, frozenset(known)


def _grid(domain: Domain, view: View) -> PromptGrid:
    """The wire form of the rows.

    Raises:
        InputError: there is none, or it breaks a limit of the contract; by the domain and the view alone.
    """
    if not view:
        raise InputError("this mechanism sends nothing; make the picture on the device alone")
    try:
        return domain.grid(view)
    except RequestError as error:
        raise InputError(f"the prompt's set is too large or malformed: {error}; shorten the prompt") from None


def _silenced(found: CandidateSlots, privacy: Privacy) -> CandidateSlots:
    """The set with "unspecified" on every axis that it has, where the grammar allows it.

    It is read from the set's central and first member, so it is the same whichever member is true.
    """
    named = sorted({base_axis(a.name) for a in found.axes})
    for row in (tuple(r.central for r in domain_of(found).rulers), (0,) * len(found.axes)):
        try:
            again = slots(
                found.member(row),
                opt_in=found.scope.opt_in,
                axes=named,
                unspecified=True,
                on_implied="allow",  # it was settled before
                detector=privacy.detector,
            )
            if not _has_every_text(again):
                continue
            narrowed, _ = apply_rules(again)
            check_limits(narrowed)
        except InputError:  # no stable set with it, or too large a one
            continue
        return narrowed
    return found


def _has_every_text(found: CandidateSlots) -> bool:
    """Whether each phrase can say every value of its axes, "unspecified" too."""
    return all(
        len(phrase.text) == math.prod(len(found.axes[a].values) for a in phrase.axes)
        for phrase in found.phrases.values()
    )


def _check_cell(domain: Domain, view: View, found: CandidateSlots) -> None:
    """Closed within the cell: each member is read as the row that it was made from.

    Raises:
        PrivacyError: one is not.
    """
    for row in view:
        if says(found, domain.member(row)) != {a.name: a.values[v] for a, v in zip(domain.axes, row, strict=True)}:
            raise PrivacyError(
                "one way to fill the prompt would be read as another and tell itself apart; reword it, or use "
                "--mechanism cover. Nothing was sent"
            )


def _missed(on_miss: str) -> str:
    how = (
        "the device goes on from the nearest one, at higher noise: expect a picture less like the large model's"
        if on_miss == "nearest"
        else "the device makes this picture alone"
    )
    return f"yours was not among the candidates that were sent; {how}"
