"""What a command tells the person beside its result: on stderr, as lines of text or, with ``--json``, of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

__all__ = ["Voice", "json_option", "voice_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Voice:
    """How much is told, and in which form."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    def __post_init__(self) -> None:
        if self.quiet and self.verbose:
            raise click.UsageError("--quiet and --verbose exclude each other")

    def warn(self, text: str) -> None:
        """What has to be known before anything is sent, with ``--quiet`` too: that nothing is hidden, or bits leak."""
        self._say("note", text)

    def note(self, text: str) -> None:
        """What is good to know."""
        if not self.quiet:
            self._say("note", text)

    def detail(self, text: str) -> None:
        """What ``--verbose`` adds."""
        if self.verbose:
            self._say("detail", text)

    @property
    def draws(self) -> bool:
        """Whether a line of progress can be drawn: a person looks on, and wants it."""
        return not self.quiet and sys.stderr is not None and sys.stderr.isatty()

    def _say(self, kind: str, text: str) -> None:
        line = json.dumps({kind: text}, ensure_ascii=False) if self.as_json else f"{kind}: {text}"
        click.echo(line, err=True)


def voice_options(function: _Command) -> _Command:
    """``--quiet`` and ``--verbose``."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Tell on stderr what is done, and how long it takes."),
        click.option("-q", "--quiet", is_flag=True, help="Errors alone, and what must be known before it is sent."),
    ):
        function = option(function)
    return function


def json_option(text: str) -> Callable[[_Command], _Command]:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=text)
