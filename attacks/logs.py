"""Everything that is logged while a block runs, by any library, at any level."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["all_records"]


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def all_records() -> Iterator[list[logging.LogRecord]]:
    """The records, also of loggers that the ``obclip`` command keeps off the terminal: in an app they are not."""
    root, handler = logging.getLogger(), _Kept()
    level, quiet = root.level, logging.getLoggerClass()
    own = quiet.__dict__.get("isEnabledFor")
    root.addHandler(handler)
    if own is not None and quiet is not logging.Logger:
        quiet.isEnabledFor = logging.Logger.isEnabledFor  # type: ignore[method-assign]
    root.setLevel(logging.DEBUG)  # last: it also empties what loggers remember of their level
    try:
        yield handler.records
    finally:
        root.removeHandler(handler)
        if own is not None and quiet is not logging.Logger:
            quiet.isEnabledFor = own  # type: ignore[method-assign]
        root.setLevel(level)
