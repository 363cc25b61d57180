"""Ctrl-C: the command ends within 0.3 s, with exit code 130 and no traceback, whatever it is doing.

While modules are loaded there is nothing to clean up, and an exception in the midst of a native import may come out as
anything: the process ends on the spot. Later the signal unwinds the stack, so that an engine is stopped and no half
file stays; the interpreter's own end, which takes its time over native libraries, is left out.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Final, NoReturn

__all__ = ["CODE", "begin", "end", "is_stopped", "leave", "says", "unwind"]

#: What a shell reports for a command that Ctrl-C ended.
CODE: Final = 130
_stopped = False
_says = "stopped; nothing was written"
_line = f"error: {_says}\n"


def begin(line: str) -> None:
    """Take the signal over, in the command's own process. ``line``: what is printed when it comes."""
    global _line
    _line = f"{line}\n"
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _end_at_once)


def says() -> str:
    """What a stopped command leaves behind, in a sentence."""
    return _says


def leave(what: str) -> None:
    """From now on a stopped command leaves something behind."""
    global _says
    _says = f"stopped; {what}"


def unwind() -> None:
    """From now on the signal raises ``KeyboardInterrupt``."""
    if signal.getsignal(signal.SIGINT) is _end_at_once:
        signal.signal(signal.SIGINT, _interrupt)


def is_stopped() -> bool:
    """Whether the signal came. Whatever is raised after it was raised by it."""
    return _stopped


def end() -> NoReturn:
    """End the process, after everything was cleaned up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, a broken pipe, or none at all
            continue
    os._exit(CODE)


def _end_at_once(_: int, __: FrameType | None) -> None:
    _print()
    os._exit(CODE)


def _interrupt(_: int, __: FrameType | None) -> None:
    global _stopped
    if _stopped:  # a second time: what is being cleaned up takes too long for this person
        os._exit(CODE)
    _stopped = True
    raise KeyboardInterrupt


def _print() -> None:
    stream: Any = sys.stderr
    try:
        os.write(stream.fileno(), _line.encode())
    except (OSError, ValueError, AttributeError):
        return
