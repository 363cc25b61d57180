"""A draw and its entry in the ledger, made before anything is sent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from ..attributes import LEXICON_VERSION
from ..errors import LedgerError
from ..ledger import Account, Charge, Ledger
from ..mechanisms import Choice, Coins, Domain, Guarantee, Mechanism, View

__all__ = ["Book", "draw"]


@dataclass(frozen=True)
class Book:
    """``spent``: ε that is newly spent; ``account``: the ledger's total after it, where one was asked."""

    spent: float = 0.0
    account: Account | None = None
    notes: tuple[str, ...] = ()


def draw(
    domain: Domain,
    truth: Choice,
    mechanism: Mechanism,
    guarantee: Guarantee,
    ledger: Ledger | None,
    coins: Coins,
) -> tuple[View, Book]:
    """The rows, entered into the ledger.

    Raises:
        BudgetError: a new draw would pass a budget. LedgerError: the mechanism is randomised and the ledger
            cannot be used. InputError: the mechanism cannot serve this domain.
    """
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
        view, spent = ledger.permanent(charge, lambda: mechanism.view(domain, truth, coins))
        return view, Book(spent, ledger.account())
    view = mechanism.view(domain, truth, coins)
    if ledger is None or not domain.axes:
        return view, Book()
    try:
        ledger.record(replace(charge, rows=len(view)))
        return view, Book(0.0, ledger.account())
    except LedgerError as error:
        # Nothing is spent, so the guarantee does not need the entry.
        told = re.sub(r"[.;] [Nn]othing was sent$", "", str(error))
        return view, Book(notes=(f"this request is not in the ledger: {told}",))


def _public(domain: Domain) -> str:
    """Everything public that a draw depends on, in one form. It is hashed, never stored."""
    axes = [[a.name, list(a.values)] for a in domain.axes]
    phrases = {n: [list(p.axes), list(p.text)] for n, p in domain.phrases.items()}
    return json.dumps([LEXICON_VERSION, domain.template, axes, phrases], sort_keys=True)
