"""Keep other libraries' lines off the terminal of the ``obclip`` command. For its own process only, never for an app's.

Three kinds are dropped: what native code writes to file descriptor 2 (LiteRT announces its delegate there), log lines
below ERROR of loggers that are not this project's (torchao's at import, diffusers', torch's), and warnings of other
packages. Errors still raise. ``OBCLIP_SHOW_ALL=1`` leaves every line on the terminal, for whoever looks for a fault.
"""

from __future__ import annotations

import faulthandler
import io
import json
import logging
import os
import sys
import warnings
from functools import partial
from typing import Final, TextIO

__all__ = ["SHOW_ALL", "hush"]

#: Environment variable that leaves everything on the terminal, for whoever looks for a fault.
SHOW_ALL: Final = "OBCLIP_SHOW_ALL"
#: Where lines come from that are meant for the person: loggers by the start of their name (the server's too), and the
#: packages of warnings.
_OURS: Final = frozenset(
    [
        *("obclip", "obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models"),
        *("uvicorn", "asyncio"),
    ]
)
#: Switches of libraries that read one.
_SWITCHES: Final = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
}


class _Quiet(logging.Logger):
    """A logger whose lines below ERROR count only where they are ours."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 (logging's name)
        return (level >= logging.ERROR or self.name.split(".")[0] in _OURS) and super().isEnabledFor(level)


def hush(as_json: bool = False) -> None:
    """To be called before any library is loaded; see the module. ``as_json``: our own warnings are JSON objects."""
    if os.environ.get(SHOW_ALL):
        return
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    logging.setLoggerClass(_Quiet)
    warnings.showwarning = partial(_show_ours, as_json)
    _divert_native()


def _show_ours(
    as_json: bool,
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning of this project's as one line, without the place in the code; another's not at all."""
    if category.__module__.split(".")[0] in _OURS:
        text = json.dumps({"warning": str(message)}, ensure_ascii=False) if as_json else f"warning: {message}"
        print(text, file=sys.stderr)


def _divert_native() -> None:
    """Python's own ``sys.stderr`` keeps the terminal; descriptor 2, which native code writes to, gets nothing."""
    try:
        terminal = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # the command was started without a standard error
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    raw = io.FileIO(terminal, "w")
    sys.stderr.flush()
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(raw), encoding, "backslashreplace", line_buffering=True)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    if faulthandler.is_enabled():
        faulthandler.enable(sys.stderr)
