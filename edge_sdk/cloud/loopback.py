"""Run a cloud engine on this machine for the length of one run: a subprocess on a free loopback port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ..errors import CloudError, InputError


@contextmanager
def loopback_engine(
    cloud_bundle: Path, backend: str = "onnxruntime", threads: int | None = None, plan: str | None = None
) -> Iterator[str]:
    """Start ``obclip serve`` on 127.0.0.1 and yield its URL; it is always stopped, at once: it keeps nothing.

    Args:
        threads: all if ``None``.
        plan: one that it has to run; another is refused before its graphs are loaded.

    Raises:
        CloudError: it did not start; its own error line says why. BundleError, InputError: the bundle or the plan
            cannot be used.
    """
    command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(cloud_bundle), "--backend", backend]
    command += ["--threads", str(threads)] if threads else []
    command += ["--plan", plan] if plan else []
    command += ["--with-parent"]  # its stdin closes when this process ends, however that happens
    with _terminable(), tempfile.TemporaryFile("w+") as log:
        # A session of its own: Ctrl-C reaches this process only, which then stops the engine.
        process = subprocess.Popen(
            [*command, "--port", "0", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={name: value for name, value in os.environ.items() if name != "OBCLIP_TOKEN"},  # another cloud's
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # comes when the engine is ready, or empty when it ended
            if not line:
                code = process.wait(timeout=30)
                log.seek(0)
                raise _failure(code, _reason(log.read()))
            yield str(json.loads(line)["url"])
        finally:
            process.kill()  # a request that it computes is nobody's any more
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that the engine is stopped and not orphaned."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _reason(log: str) -> str:
    """The message of the error object that ``obclip --json`` ends with, or its last words."""
    last = (log.strip().splitlines() or ["no reason given"])[-1]
    try:
        return str(json.loads(last)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return last.removeprefix("error: ")


def _failure(code: int, reason: str) -> Exception:
    if code == 4:
        from obclip_contract import BundleError

        return BundleError(reason)
    if code == 2:
        return InputError(f"a cloud engine on this machine refuses this: {reason}")
    return CloudError(f"the local cloud engine did not start: {reason}")
