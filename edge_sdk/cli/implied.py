"""``--on-implied ask``: show the words that imply an attribute and let the person decide, before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from ..attributes import Finding
    from ..privacy import OnImplied

__all__ = ["settle_implied"]

_T = TypeVar("_T")


def settle_implied(on_implied: str, run: Callable[[OnImplied], _T]) -> tuple[_T, OnImplied]:
    """``run(policy)`` and the policy; with "ask", first refused, then with the person's answers if there is a terminal.

    Raises:
        ImpliedError: the policy or an answer is to refuse, or there is no terminal to ask at.
    """
    from ..errors import ImpliedError

    policy: OnImplied = "refuse" if on_implied == "ask" else on_implied
    try:
        return run(policy), policy
    except ImpliedError as error:
        if on_implied != "ask" or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        answers = {_same(f): _ask(f) for f in error.implied}
        if "refuse" in answers.values():
            raise

    def answer(finding: Finding) -> str:
        return answers.get(_same(finding), "refuse")

    return run(answer), answer


def _same(finding: Finding) -> tuple[str, str]:
    return finding.axis, finding.surface


def _ask(finding: Finding) -> str:
    from ..attributes import CHOICES

    click.echo(f"note: {finding.why}", err=True)
    choice = click.Choice(CHOICES)
    return str(click.prompt("  hide it, say less, let it be seen, or stop?", type=choice, default="slot", err=True))
