"""Run a command in an empty home and an empty network, and see what it touches.

The command runs below ``unshare`` (user and network namespace of its own, loopback alone) and ``strace``, which sees
native code too: ONNX Runtime's uploader is C++. Name look-ups show as connects to a name server.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "Seen", "hindrance", "strangers", "watch"]

ROOT: Final = Path(__file__).resolve().parents[1]
#: Raises the loopback interface of a new network namespace, then becomes the command.
_BEGIN = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up and running
os.execvp(sys.argv[1], sys.argv[1:])
"""
_ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')


@dataclass(frozen=True)
class Seen:
    """What a command touched: files below its home, and addresses it connected to that nobody of it listened on."""

    code: int
    stdout: str
    stderr: str
    files: list[str]
    strangers: list[str]

    def to_json(self) -> str:
        """All fields."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Seen:
        """What :meth:`to_json` wrote."""
        return cls(**json.loads(text))


@cache
def hindrance() -> str:
    """Why nothing can be watched here, or an empty string."""
    for tool in ("unshare", "strace"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    for trial in (["unshare", "-rn", "true"], ["strace", "-f", "-o", os.devnull, "true"]):
        done = subprocess.run(trial, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{trial[0]} is not allowed here: {done.stderr.strip()}"
    return ""


def watch(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Seen:
    """Run ``command`` in the checkout with ``folder/home`` as an empty home, ``CI`` unset and none of this machine's
    settings. Where :func:`hindrance` says that it cannot be watched it runs all the same, and only its files are seen.
    """
    home, trace = folder / "home", folder / "trace"
    for new in (home, folder / "tmp"):
        new.mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2"),
        **(environment or {}),
    }
    tracing = ["strace", "-f", "-qq", "--seccomp-bpf", "-s", "64", "-e", "trace=connect,getsockname", "-o", str(trace)]
    around = [] if hindrance() else ["unshare", "-rn", sys.executable, "-c", _BEGIN, *tracing]
    done = subprocess.run(
        [*around, *command], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=1800, check=False
    )
    files = sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if not p.is_dir())
    calls = trace.read_text(errors="replace") if around else ""
    return Seen(done.returncode, done.stdout, done.stderr, files, strangers(calls))


def strangers(trace: str) -> list[str]:
    """``address:port`` of every connect to the network but those to a loopback port of the command's own.

    >>> strangers('1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("1.1.1.1")}, 16) = 0')
    ['1.1.1.1:53']
    """
    calls = [line for line in trace.splitlines() if "AF_INET" in line]
    own = {m.groups() for line in calls if "getsockname(" in line for m in _ADDRESS.finditer(line)}
    met = [m.groups() for line in calls if "connect(" in line for m in _ADDRESS.finditer(line)]
    return sorted({f"{address}:{port}" for port, address in met if (port, address) not in own})
