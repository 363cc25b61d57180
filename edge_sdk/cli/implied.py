"""``--on-implied ask``: show the words that imply an attribute and let the person decide, before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from ..attributes import CHOICES, Finding
from ..errors import ImpliedError
from ..privacy import OnImplied

_T = TypeVar("_T")


def answered(on_implied: str, run: Callable[[OnImplied], _T]) -> _T:
    """``run(policy)``; with "ask", first refused, then with the person's answers if there is a terminal.

    Raises:
        ImpliedError: the policy or an answer is to refuse, or there is no terminal to ask at.
    """
    try:
        return run("refuse" if on_implied == "ask" else on_implied)
    except ImpliedError as error:
        if on_implied != "ask" or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        answers = {_same(f): _ask(f) for f in error.implied}
        if "refuse" in answers.values():
            raise
    return run(lambda f: answers.get(_same(f), "refuse"))


def _same(finding: Finding) -> tuple[str, str]:
    return finding.axis, finding.surface


def _ask(finding: Finding) -> str:
    click.echo(f"note: {finding.why}", err=True)
    choice = click.Choice(CHOICES)
    return str(click.prompt("  hide it, say less, let it be seen, or stop?", type=choice, default="slot", err=True))
