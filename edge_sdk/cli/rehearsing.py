"""A dry run: the pipeline itself, up to the point where it would send. ``candidates`` shows it, ``generate`` begins
with it, so that both refuse the same and show the same."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .implied import settle_implied
from .options import arguments_of, privacy_of

if TYPE_CHECKING:
    from obclip_contract import GenerateRequest

    from ..ledger.rehearsal import RehearsedLedger
    from ..pipeline import ObliviousPipeline
    from ..privacy import OnImplied, Release

__all__ = ["Rehearsal", "rehearse"]


@dataclass(frozen=True)
class Rehearsal:
    """What would be sent (both ``None`` where nothing would be), and what the person chose about implied words.

    Attributes:
        kept: of a k-subset: the draw is the kept one of this template, and no example made for show. ``None``: no draw.
    """

    candidates: Release | None
    request: GenerateRequest | None
    policy: OnImplied
    kept: bool | None


def rehearse(pipe: ObliviousPipeline, prompt: str, options: dict[str, Any], seed: int) -> Rehearsal:
    """Read the prompt and refuse whatever the run would refuse before it sends. Nothing is entered in the ledger.

    Raises:
        InputError, PrivacyError, LedgerError: as :meth:`edge_sdk.ObliviousPipeline.steps` before its first event.
    """
    from ..events import Detected
    from ..ledger.rehearsal import RehearsedLedger

    ledger: RehearsedLedger = RehearsedLedger()
    pipe.ledger, before = ledger, pipe.ledger

    def read(policy: OnImplied) -> Detected:
        steps = pipe.steps(prompt, seed=seed, privacy=privacy_of(options, policy), **arguments_of(options))
        with closing(steps):  # type: ignore[type-var]
            first = next(steps)
        assert isinstance(first, Detected)
        return first

    try:
        found, policy = settle_implied(options["on_implied"], read)
    finally:
        pipe.ledger = before
    return Rehearsal(found.candidates, found.request, policy, ledger.kept)
