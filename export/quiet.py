"""Keep other libraries' chatter off the terminal, and leave their state and ours as it was."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Iterator

__all__ = ["quiet"]


@contextlib.contextmanager
def quiet(level: int = logging.WARNING, *, bars: bool = False) -> Iterator[None]:
    """Within: nothing on standard output, no warnings, no log lines up to ``level``; errors still raise.

    ``bars`` also takes standard error, for libraries that draw progress bars there. Afterwards, with an error or
    without, everything is what it was before: a program that had switched its own logging off finds it off, and what
    a converter did to the root logger or to the streams is undone.
    """
    root, disabled = logging.getLogger(), logging.root.manager.disable
    root_level, handlers = root.level, list(root.handlers)
    out, err = sys.stdout, sys.stderr
    logging.disable(max(level, disabled))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the converters' dependencies warn about themselves
            sys.stdout = io.StringIO()
            if bars:
                sys.stderr = io.StringIO()
            yield
    finally:
        sys.stdout, sys.stderr = out, err
        root.setLevel(root_level)
        root.handlers[:] = handlers
        logging.disable(disabled)
