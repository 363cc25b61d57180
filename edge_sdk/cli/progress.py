"""One line of progress, where a person looks on.

What is drawn during the cloud's part is what this device knows without it: the candidates, the plan, k of T, and the
time. The service tells nothing more before its one answer, so the bar there pulses, and claims no share that is done.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .telling import Voice

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Line", "drawing"]


class Line:
    """The line; without a terminal the phases are told as details, each with its time."""

    def __init__(self, voice: Voice, bar: Progress | None) -> None:
        self._voice, self._bar = voice, bar
        self._task: Any = None
        self._phase, self._began = "", time.perf_counter()

    def wait(self, phase: str) -> None:
        """A phase of unknown length: the bar pulses."""
        self._next(phase)
        if self._bar is not None:
            self._task = self._bar.add_task(phase, total=None, counted="")

    def count(self, phase: str, done: int, total: int) -> None:
        """A phase that is counted; called again for each step."""
        if phase != self._phase:
            self._next(phase)
            self._task = None if self._bar is None else self._bar.add_task(phase, total=total, counted="")
        if self._bar is not None:
            self._bar.update(self._task, completed=done, counted=f"{done}/{total}")

    def end(self) -> None:
        """The last phase is over."""
        self._next("")

    def _next(self, phase: str) -> None:
        now = time.perf_counter()
        if self._phase:
            self._voice.detail(f"{self._phase}: {now - self._began:.2f} s")
        if self._bar is not None and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
        self._phase, self._began = phase, now


@contextmanager
def drawing(voice: Voice) -> Iterator[Line]:
    """A line that is gone when the block ends."""
    if not voice.draws:
        line = Line(voice, None)
        yield line
        line.end()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    counted = TextColumn("{task.fields[counted]}")
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), counted, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = Line(voice, bar)
        yield line
        line.end()
