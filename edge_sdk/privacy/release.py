"""From a prompt to what is sent for it: reading, public rules, mechanism, closure check, ledger."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from contract import GenerateRequest, Phrase, PromptGrid, RequestError
from contract.grid import expand_member

from ..attributes import LEXICON_VERSION, CandidateSlots, Span
from ..errors import InputError, LedgerError, PrivacyError
from ..ledger import Account, Charge, Ledger
from ..mechanisms import SYSTEM_COINS, Coins, Domain, Guarantee, Mechanism, View, base_axis
from .choices import MAY_MISS, Privacy
from .closing import NOTHING_HIDDEN, check_closed, hints, says, slots
from .limits import check_limits
from .metric import domain_of
from .negative import check_negative
from .rules import apply_rules

__all__ = ["Release", "release"]

#: Domains up to this size have every member's length checked, also of those that are not sent.
_MOST_MEASURED: Final = 1024


@dataclass(frozen=True)
class Release:
    """What is sent for a prompt. ``index``, ``exact``, ``true_member`` and ``notes`` speak of the truth: device only.

    Attributes:
        index: the row that the device goes on from: the truth's, or the nearest.
        exact: that row is the truth's.
        measured: prompts whose length is checked before anything is sent, the same for every truth.
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
    measured: tuple[str, ...] = field(repr=False, default=())
    may_miss: bool = False
    on_miss: str = "nearest"
    spent: float = 0.0
    account: Account | None = None
    attributes: tuple[Span, ...] = field(repr=False, default=())
    hints: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(repr=False, default=())

    @property
    def epsilon(self) -> float | None:
        """ε of this template's release; ``None`` where there was nothing to hide."""
        return None if self.mechanism == "none" else self.guarantee.epsilon

    @property
    def template(self) -> str:
        """The public part, with placeholders."""
        return self.grid.template

    def request(self, *, model: str = "stickers", seed: int, **parameters: Any) -> GenerateRequest:
        """The one request for this set; ``parameters`` as in :class:`contract.GenerateRequest`.

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
    found, rule_notes = apply_rules(slots(prompt, **privacy.reading))
    check_negative(negative_prompt)
    check_limits(found)
    domain = domain_of(found)
    mechanism = privacy.choose(domain)
    shown = _unspecified(found, privacy) if mechanism.name == "neutral" and found.axes else found
    sent_from = domain_of(shown)
    guarantee = mechanism.guarantee(sent_from)
    view, book = _view(sent_from, shown, mechanism, guarantee, ledger, coins)
    try:
        grid = sent_from.grid(view)
    except RequestError as error:
        raise InputError(f"the prompt's set is too large or malformed: {error}; shorten the prompt") from None
    members = grid.expand()
    check_closed(shown, members)
    if mechanism.name == "cells":
        _check_cell(domain, view, found)
    index, _ = sent_from.nearest(view, shown.choice)
    true_member = domain.member(found.choice)
    exact = members[index] == true_member
    may_miss = mechanism.name in MAY_MISS and len(view) < sent_from.size
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
        measured=_measured(domain, members),
        may_miss=may_miss,
        on_miss=privacy.on_miss,
        spent=book.spent,
        account=book.account,
        attributes=found.attributes,
        hints=hints(shown, members[0]),  # of one fixed member: the same for every truth
        notes=notes,
    )


def _unspecified(found: CandidateSlots, privacy: Privacy) -> CandidateSlots:
    """For ``neutral``: the set with "unspecified" on every axis that it has, where the grammar allows it.

    It is read from the set's central and first member, so it is the same whichever member is true.
    """
    named = sorted({base_axis(a.name) for a in found.axes})
    for row in (tuple(r.central for r in domain_of(found).rulers), (0,) * len(found.axes)):
        try:
            read_again = slots(
                found.member(row),
                opt_in=found.scope.opt_in,
                axes=named,
                unspecified=True,
                on_implied="allow",  # it was settled before
                detector=privacy.reading.get("detector"),
            )
        except PrivacyError:  # no stable set with it
            continue
        if _has_every_text(read_again):
            return apply_rules(read_again)[0]
    return found


def _has_every_text(found: CandidateSlots) -> bool:
    """Whether each phrase can say every value of its axes, "unspecified" too."""
    return all(
        len(phrase.text) == math.prod(len(found.axes[a].values) for a in phrase.axes)
        for phrase in found.phrases.values()
    )


@dataclass(frozen=True)
class _Book:
    spent: float = 0.0
    account: Account | None = None
    notes: tuple[str, ...] = ()


def _view(
    domain: Domain,
    found: CandidateSlots,
    mechanism: Mechanism,
    guarantee: Guarantee,
    ledger: Ledger | None,
    coins: Coins,
) -> tuple[View, _Book]:
    """The rows, entered into the ledger before anything is sent."""
    charge = Charge(
        mechanism=mechanism.name,
        template=domain.template,
        axes=tuple(a.name for a in domain.axes),
        lexicon=LEXICON_VERSION,
        domain=_public(domain),
        size=domain.size,
        rows=getattr(mechanism, "k", 0),
        ratio=guarantee.ratio,
        bits=guarantee.bits,
    )
    if guarantee.ratio > 1:  # randomised: the draw is kept for the template, and is what every repeat sends
        ledger = ledger or Ledger()
        view, spent = ledger.permanent(charge, lambda: mechanism.view(domain, found.choice, coins))
        return view, _Book(spent, ledger.account())
    view = mechanism.view(domain, found.choice, coins)
    if ledger is None or not domain.axes:
        return view, _Book()
    try:
        ledger.record(replace(charge, rows=len(view)))
        return view, _Book(0.0, ledger.account())
    except LedgerError as error:
        # Nothing is spent, so the guarantee does not need the entry.
        return view, _Book(
            notes=(f"this request is not in the ledger: {re.sub(r'[.;] [Nn]othing was sent$', '', str(error))}",)
        )


def _public(domain: Domain) -> str:
    """Everything public that a draw depends on, in one form. It is hashed, never stored."""
    axes = [[a.name, list(a.values)] for a in domain.axes]
    phrases = {n: [list(p.axes), list(p.text)] for n, p in domain.phrases.items()}
    return json.dumps([LEXICON_VERSION, domain.template, axes, phrases], sort_keys=True)


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


def _measured(domain: Domain, members: tuple[str, ...]) -> tuple[str, ...]:
    """Prompts that must fit the model, the truth's or not: every member, or where they are too many, one that has
    the longest text in every slot."""
    if domain.size <= len(members):
        return members
    if domain.size <= _MOST_MEASURED:
        return tuple(domain.member(c) for c in domain.choices())
    longest = {n: Phrase((), (max(p.text, key=lambda t: (len(t), t)),)) for n, p in domain.phrases.items()}
    return (*members, expand_member(domain.template, (), longest, ()))


def _missed(on_miss: str) -> str:
    how = (
        "the device goes on from the nearest one, at higher noise: expect a picture less like the large model's"
        if on_miss == "nearest"
        else "the device makes this picture alone"
    )
    return f"yours was not among the candidates that were sent; {how}"
