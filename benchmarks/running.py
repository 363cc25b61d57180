"""What an ``obclip bench`` command does around its measuring: progress, the command line as given, the file."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

#: Seconds between two lines of progress where no bar can be drawn.
_SECONDS_BETWEEN_LINES: Final = 30.0


@contextmanager
def showing_progress(what: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """A bar on stderr, or a line now and then where stderr is a file or a pipe; gives what takes each step's name."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what, total)
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def _lines(what: str, total: int | None) -> Callable[[str], None]:
    began = shown = time.monotonic()
    done = 0

    def tick(name: str) -> None:
        nonlocal shown, done
        done += 1
        now = time.monotonic()
        if now - shown >= _SECONDS_BETWEEN_LINES:
            shown = now
            of = "" if total is None else f"/{total}"
            click.echo(f"{what}: {done}{of} after {now - began:.0f} s ({name})", err=True)

    return tick


def command_line() -> str:
    """The command line as it was given, for the result."""
    parts = []
    context = click.get_current_context()
    for name, value in context.params.items():
        if value in (None, (), False):
            continue
        option = next(p for p in context.command.params if p.name == name).opts[0]
        values = value if isinstance(value, tuple) else (value,)
        parts += [option if value is True else f"{option} {shlex.quote(str(v))}" for v in values]
    return " ".join(["obclip bench", context.info_name or "", *parts])


def load_average() -> list[float]:
    """Over 1, 5 and 15 minutes: whether the machine had other work."""
    return [round(value, 2) for value in os.getloadavg()]


def write_result(result: dict[str, Any], json_file: Path | None, table: str) -> None:
    """Print the table; write the result where a file is named."""
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(table)
