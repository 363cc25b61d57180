"""Coverage-guided fuzzing of the two parsers that read strangers' bytes, by Atheris (libFuzzer).

    python -m tests.obclip_contract.fuzz_parsers request --seconds 300

Each input is parsed or refused with the contract's own error: any other exception, more than 100 ms of this thread's
CPU time, or 100 MB more memory than the process began with, is a finding and ends the run with libFuzzer's exit code.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["obclip_contract"]):
    from obclip_contract import GenerateRequest, LatentsResponse, RequestError, ResponseError

VECTORS: Final = Path(__file__).resolve().parents[2] / "obclip_contract" / "vectors"
MOST_SECONDS: Final = 0.1
MOST_KIB: Final = 100 * 1024


class FoundError(Exception):
    """An input that took too long or too much."""


def parse_request(data: bytes) -> None:
    """As it is; and, where it is an object, in the canonical form that gets behind the first checks."""
    for form in (data, _canonical(data)):
        if form is not None:
            with suppress(RequestError):
                GenerateRequest.from_bytes(form)


def parse_response(data: bytes) -> None:
    """For the requests that the vectors' answers belong to."""
    for asked in _asked():
        with suppress(ResponseError):
            LatentsResponse.from_bytes(data, **asked)


def _canonical(data: bytes) -> bytes | None:
    try:
        fields = json.loads(data)
        bare = {**fields, "pad": ""}
        size, length = 512, len(json.dumps(bare, separators=(",", ":"), ensure_ascii=False).encode())
        while size < max(length, 1216):
            size *= 2
        padded = {**bare, "pad": " " * min(size - length, 1 << 18)}
        return json.dumps(padded, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        return None


def _vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def _asked() -> list[dict[str, Any]]:
    if not _ASKED:
        for case in _vectors("response")["accepted"]:
            names = ("candidates", "latent_shape", "request_sha256", "pair_sha256", "carry")
            _ASKED.append({n: tuple(case[n]) if n == "latent_shape" else case[n] for n in names})
    return _ASKED


_ASKED: list[dict[str, Any]] = []
TARGETS: Final[dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]]] = {
    "request": (parse_request, lambda: [c["body"].encode() for c in _vectors("request")["accepted"]]),
    "response": (
        parse_response,
        lambda: [base64.b64decode(c["body_base64"]) for c in _vectors("response")["accepted"]],
    ),
}


def _peak_kib() -> int:
    """Linux's own word: ``ru_maxrss`` starts with the peak of the process that started this one."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:", 1)[1].split(None, 1)[0])


def main(name: str, seconds: int) -> None:
    """Fuzz until the time is over; libFuzzer ends the process."""
    target, seeds = TARGETS[name]
    began = _peak_kib()

    def one(data: bytes) -> None:
        before = time.thread_time()
        target(data)
        took = time.thread_time() - before
        if took > MOST_SECONDS:
            raise FoundError(f"{len(data)} bytes took {took:.3f} s")
        if _peak_kib() > began + MOST_KIB:
            raise FoundError(f"{len(data)} bytes: over 100 MB")

    with tempfile.TemporaryDirectory() as folder:
        for i, seed in enumerate(seeds()):
            (Path(folder) / str(i)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            "-max_len=300000",
            "-print_final_stats=1",
            f"-artifact_prefix={folder}/",
            # libFuzzer's own limit counts what the process that started this one had in memory; `one` limits growth.
            "-rss_limit_mb=0",
        ]
        atheris.Setup([sys.argv[0], *options, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[3]))
