"""Ctrl-C: the command ends within 0.3 s, with exit code 130 and no traceback, whatever it is doing.

While modules are loaded there is nothing to clean up, and an exception in the midst of a native import may come out as
anything: the process ends on the spot. Later the signal unwinds the stack, so that an engine is stopped and no half
file stays; the interpreter's own end, which takes its time over native libraries, is left out.

Python drops an exception that a signal raises inside a weak reference's callback or a finalizer (``import`` itself has
such callbacks): it is raised again a moment later. Some native code drops exceptions without a word: what must not
happen after Ctrl-C asks :func:`check`.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Final, NoReturn

__all__ = ["CODE", "begin", "check", "end", "is_stopped", "leave", "says", "unwind"]

#: What a shell reports for a command that Ctrl-C ended.
CODE: Final = 130
#: Seconds until a dropped exception is raised again, when the callback that dropped it has returned.
_AGAIN: Final = 0.01
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
        sys.unraisablehook = _raise_again


def check() -> None:
    """Before something is sent or written: raises what may have been dropped.

    Raises:
        KeyboardInterrupt: the signal came.
    """
    if _stopped:
        raise KeyboardInterrupt


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


def _raise_again(dropped: sys.UnraisableHookArgs) -> None:
    global _stopped
    if not (_stopped and issubclass(dropped.exc_type, KeyboardInterrupt)):
        sys.__unraisablehook__(dropped)
        return
    _stopped = False  # not a second Ctrl-C
    # Not by ``threading``, whose locks the interrupted code may hold.
    _thread.start_new_thread(_send_again, (threading.main_thread().ident,))


def _send_again(main: int | None) -> None:
    time.sleep(_AGAIN)
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGINT)  # wakes a call that waits
    else:
        _thread.interrupt_main()


def _print() -> None:
    stream: Any = sys.stderr
    try:
        os.write(stream.fileno(), _line.encode())
    except (OSError, ValueError, AttributeError):
        return
