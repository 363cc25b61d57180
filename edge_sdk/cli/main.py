"""The process of ``obclip``: signals, pipes, and errors as one line and an exit code.

Modules of any weight are loaded below, after Ctrl-C has been taken over.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

from . import stopping
from .hushing import hush

__all__ = ["main"]

#: By which a shell's completion asks, as click's scripts do.
_COMPLETE: Final = "_OBCLIP_COMPLETE"
#: The commands of a checkout, whose ``--json`` names a file.
_FILES: Final = ("attack", "bench")


def main(arguments: list[str] | None = None) -> None:
    """Run ``obclip``. Exit codes: 0 done, 1 a bug, 2 the user's input, 3 the cloud, 4 a bundle, 5 a library or machine
    that is not there, 130 stopped.

    An error is one line on stderr, ``error: …``; with ``--json`` it is a JSON object there,
    ``{"error": {"kind", "message", "exit_code"}}``. stdout then holds nothing.
    """
    own = arguments is None
    given = [_as_typed(a) for a in sys.argv[1:]] if arguments is None else arguments
    as_json = _wants_json(given)
    if own:
        stopping.begin(_line("StoppedError", stopping.says(), stopping.CODE, as_json))
        hush(as_json)
    try:
        code = _run(given)
    except BaseException as error:
        if own and (stopping.is_stopped() or isinstance(error, KeyboardInterrupt)):
            _print("StoppedError", stopping.says(), stopping.CODE, as_json)
            stopping.end()
        _tell(error, as_json)
    sys.exit(code)


def _as_typed(argument: str) -> str:
    """An argument as UTF-8, also where the locale (``LC_ALL=C``) made odd characters of its bytes."""
    if argument.isascii():
        return argument
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` was given as a flag; asked before anything of the arguments is understood."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options and next((a for a in options if not a.startswith("-")), "") not in _FILES


def _run(arguments: Sequence[str]) -> int:
    """The exit code of a command that did what it was asked for; any other ends in an exception.

    Not by click's own ``main``: it makes exit code 1 of a broken pipe, and a word of its own of Ctrl-C.
    """
    from click.shell_completion import shell_complete

    from .commands import obclip

    if instruction := os.environ.get(_COMPLETE):
        return shell_complete(obclip, {}, "obclip", _COMPLETE, instruction)
    with obclip.make_context("obclip", list(arguments)) as context:
        code = obclip.invoke(context)
    if sys.stdout is not None:
        sys.stdout.flush()  # a broken pipe shows here, and not when the interpreter ends
    return code if isinstance(code, int) else 0


def _tell(error: BaseException, as_json: bool) -> NoReturn:
    """Print an error and end; a bug goes on as it is."""
    import click

    from .commands import OWN, remedy

    if isinstance(error, BrokenPipeError):
        _close_quietly()
        sys.exit(0)
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, click.exceptions.Exit):
        sys.exit(error.exit_code)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        _fail("StoppedError", stopping.says(), stopping.CODE, as_json)
    if isinstance(error, click.ClickException):
        if not as_json:
            with suppress(OSError):
                error.show()
            _end(2)
        _fail(type(error).__name__, error.format_message(), 2, as_json)
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").split(".")[0]
        if package and package not in sys.stdlib_module_names and package not in OWN:
            text = f"this needs {package}, which is not installed: {remedy(package)}"
            _fail("ModuleNotFoundError", text, 2, as_json)
    code = getattr(type(error), "exit_code", None)
    if isinstance(code, int):
        _fail(type(error).__name__, str(error), code, as_json)
    if isinstance(error, OSError) and error.errno is not None:
        # The machine's fault, e.g. a full disk behind standard output; what was met where is all that helps.
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        _fail(type(error).__name__, where + os.strerror(error.errno), 1, as_json)
    raise error


def _close_quietly() -> None:
    """Nobody reads what was printed (``| head``): what is left in the buffer goes nowhere, without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue


def _line(kind: str, text: str, code: int, as_json: bool) -> str:
    if not as_json:
        return f"error: {text}"
    told: dict[str, Any] = {"kind": kind, "message": text, "exit_code": code}
    return json.dumps({"error": told}, ensure_ascii=False)


def _print(kind: str, text: str, code: int, as_json: bool) -> None:
    try:
        print(_line(kind, text, code, as_json), file=sys.stderr, flush=True)
    except (OSError, ValueError):  # nobody listens there either
        return


def _fail(kind: str, text: str, code: int, as_json: bool) -> NoReturn:
    _print(kind, text, code, as_json)
    _end(code)


def _end(code: int) -> NoReturn:
    """End with this code, also where standard output or error take no more (the interpreter would make 120 of it)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _close_quietly()
    sys.exit(code)
