"""Logs: one JSON object a line, of facts that are public; never a prompt, an address, a token or a library's words.

Other libraries' lines (uvicorn, asyncio) may quote what a client sent or its address: of each only the fixed text of
its call is kept, without its values, and no line of one kind comes more often than a few times in ten seconds.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, Final, TextIO

import structlog

__all__ = ["Sparse", "set_up_logs"]

#: Loggers of this service and of what carries it.
OWN: Final = "obclip"
FOREIGN: Final = ("uvicorn", "uvicorn.error", "asyncio")
_MOST: Final = 5
_PERIOD: Final = 10.0


class Sparse(logging.Filter):
    """Lets a few lines of one kind through in each period, and says how many it kept."""

    def __init__(self, most: int = _MOST, period: float = _PERIOD) -> None:
        super().__init__()
        self._most, self._period = most, period
        self._seen: dict[str, tuple[int, float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        now, key = time.monotonic(), f"{record.name} {record.msg}"
        count, since, kept = self._seen.get(key, (0, now, 0))
        if now - since >= self._period:
            if kept:
                record.facts = {**getattr(record, "facts", {}), "alike_not_shown": kept}
            count, since, kept = 0, now, 0
        shown = count < self._most
        self._seen[key] = (count + 1, since, kept + (not shown))
        return shown


def _render(logger: Any, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    record: logging.LogRecord = event["_record"]
    return {"event": str(record.msg), "source": record.name, **getattr(record, "facts", {})}


def set_up_logs(quiet: bool = False, stream: TextIO | None = None) -> None:
    """Send this process's lines to standard error as JSON."""
    stamp: list[Any] = [
        _render,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(sort_keys=True),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(stamp))
    for name in (OWN, *FOREIGN):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []  # that one hands on to "uvicorn"
        logger.propagate = name == "uvicorn.error"
        logger.setLevel(logging.WARNING if quiet or name in FOREIGN else logging.INFO)
    # On the handler, or lines of loggers below these would pass by it. Requests' own lines are never held back.
    handler.addFilter(_foreign(Sparse()))


def _foreign(sparse: Sparse) -> Any:
    def let(record: logging.LogRecord) -> bool:
        return (not record.name.startswith(FOREIGN) and record.msg != "dropped") or sparse.filter(record)

    return let


class _Formatter(logging.Formatter):
    """structlog's processors over the record's fixed text and our own facts alone: no values, no tracebacks."""

    def __init__(self, processors: list[Any]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"_record": record}
        for process in self._processors:
            event = process(None, record.levelname.lower(), event)
            if isinstance(event, dict):
                event.setdefault("level", record.levelname.lower())
        return str(event)
