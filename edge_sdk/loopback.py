"""Run a cloud engine on this machine for the length of one run: a subprocess on a free loopback port."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import CloudError


@contextmanager
def loopback_engine(cloud_bundle: Path, backend: str = "onnxruntime") -> Iterator[str]:
    """Start ``obclip serve`` on 127.0.0.1 and yield its URL; it is always stopped.

    Raises:
        CloudError: it did not start; its own error line says why. A bundle error ends with code 4.
    """
    command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(cloud_bundle), "--backend", backend]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*command, "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # comes when the engine is ready, or empty when it ended
            if not line:
                code = process.wait(timeout=30)
                log.seek(0)
                lines = log.read().strip().splitlines() or ["no reason given"]
                raise _failure(code, lines[-1].removeprefix("error: "))
            yield str(json.loads(line)["url"])
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _failure(code: int, reason: str) -> Exception:
    if code == 4:
        from contract import BundleError

        return BundleError(reason)
    return CloudError(f"the local cloud engine did not start: {reason}")
