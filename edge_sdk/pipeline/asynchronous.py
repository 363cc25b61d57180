"""The async twin: the same generator, advanced by a thread of its own, so that the event loop stays free."""

from __future__ import annotations

import contextvars
from collections.abc import AsyncGenerator, Generator
from typing import TypeVar

from ..cancelling import Cancellation

__all__ = ["advance", "iterate"]

_Event = TypeVar("_Event")
_Answer = TypeVar("_Answer")


def advance(rows: Generator[_Event, _Answer | None, None], answer: _Answer | None) -> _Event | None:
    """The next event, or ``None`` at the end (a StopIteration cannot cross a future)."""
    try:
        return rows.send(answer)
    except StopIteration:
        return None


async def iterate(
    rows: Generator[_Event, _Answer | None, None], stop: Cancellation
) -> AsyncGenerator[_Event, _Answer | None]:
    """The events of ``rows``; what is sent in goes to the generator.

    A cancelled task, or a loop that is left, cancels ``stop``: the wait ends at once, and the thread ends by itself as
    soon as the graph call or the exchange that it is in lets it.
    """
    import asyncio  # whoever gets here has loaded both; a command without a loop does not pay for them
    from concurrent.futures import ThreadPoolExecutor

    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    pool = ThreadPoolExecutor(1, "obclip-run")
    answer: _Answer | None = None
    try:
        while (event := await loop.run_in_executor(pool, context.run, advance, rows, answer)) is not None:
            answer = yield event
    finally:
        stop.cancel("its task was cancelled, or its loop was left")
        pool.submit(rows.close)
        pool.shutdown(wait=False)
