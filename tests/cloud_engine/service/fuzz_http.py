"""Property-based fuzzing of a running service against its own OpenAPI description, by schemathesis.

    python -m tests.cloud_engine.service.fuzz_http CLOUD_BUNDLE --seconds 300

Every operation in turn, with valid and broken parameters and bodies, and bodies one edit away from a good one. A 5xx
that the description does not name, an answer of another form than described, more than 100 ms of the service's CPU time
for a refusal, or 100 MB more memory than it began with, is a finding. Prints one JSON line; exit code 1 with findings.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from .serving import JSON, Process, body

MOST_SECONDS: Final = 0.1
MOST_BYTES: Final = 100 * 2**20
#: A 503 is an answer of its own: nothing is loaded, or it stops.
_UNAVAILABLE: Final = 503
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_EXAMPLES: Final = 20


class Watch:
    """The service's process, seen from outside."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.began = self.memory()

    def cpu(self) -> float:
        """Seconds of CPU time so far, in the kernel's ticks."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * _PAGE


def edit(data: bytes, rng: random.Random) -> bytes:
    """A good body with a few bytes changed, doubled or left out."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out))
        match rng.randrange(4):
            case 0:
                out[at] = rng.randrange(256)
            case 1:
                del out[at : at + rng.randint(1, 40)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 400)]
            case _:
                out[at:at] = rng.choice([b"\0", b"NaN", b"1e999", b"[" * 500, b'"\\ud800"', b"-1", b"\xff", b"{}"])
    return bytes(out)


class Fuzz:
    """Findings and counts of one run."""

    def __init__(self, url: str, watch: Watch, seed: int) -> None:
        self.url, self.watch = url, watch
        self.statuses: Counter[int] = Counter()
        self.findings: list[str] = []
        self.slowest = 0.0
        self._rng = random.Random(seed)
        self._good = body()

    def note(self, what: str, status: int, cpu: float) -> None:
        """Judge one answer."""
        self.statuses[status] += 1
        if status >= 500 and status != _UNAVAILABLE:
            self.findings.append(f"{what}: {status}")
        if status >= 400:
            self.slowest = max(self.slowest, cpu)
            if cpu > MOST_SECONDS:
                self.findings.append(f"{what}: {cpu:.2f} s of CPU for {status}")
        if (more := self.watch.memory() - self.watch.began) > MOST_BYTES:
            self.findings.append(f"{what}: {more >> 20} MB more")

    def try_case(self, case: Any) -> None:
        """One of schemathesis' cases."""
        before = self.watch.cpu()
        answer = case.call()
        what = f"{case.method} {case.path}"
        self.note(what, answer.status_code, self.watch.cpu() - before)
        checks = [content_type_conformance, response_schema_conformance]
        checks += [not_a_server_error] if answer.status_code != _UNAVAILABLE else []
        try:
            case.validate_response(answer, checks=checks)
        except FailureGroup as group:
            self.findings += [f"{what}: {answer.status_code}: {fault.title}" for fault in group.exceptions]

    def try_edits(self, client: httpx.Client, count: int) -> None:
        """Bodies that are nearly good."""
        for _ in range(count):
            before = self.watch.cpu()
            answer = client.post("/v1/latents", content=edit(self._good, self._rng), headers=JSON)
            self.note("POST /v1/latents, edited", answer.status_code, self.watch.cpu() - before)
            if answer.status_code != 200 and set(answer.json()) != {"error"}:
                self.findings.append("a refusal in another form")


def fuzz(url: str, watch: Watch, seconds: float, seed: int = 0) -> dict[str, Any]:
    """Go round all operations until the time is over."""
    found = Fuzz(url, watch, seed)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = sorted((r.ok() for r in schema.get_all_operations()), key=lambda operation: str(operation.method))
    until, rounds = time.monotonic() + seconds, 0
    quiet = list(HealthCheck)
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            rounds += 1
            for operation in operations:
                for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
                    if time.monotonic() > until:
                        break
                    go = given(case=operation.as_strategy(generation_mode=mode))(lambda case: found.try_case(case))
                    go = settings(
                        max_examples=_EXAMPLES, database=None, deadline=None, suppress_health_check=quiet,
                        phases=[Phase.generate], verbosity=Verbosity.quiet, print_blob=False,
                    )(go)  # fmt: skip
                    try:
                        go()
                    except Unsatisfiable:  # such as a broken form of an operation without parameters
                        continue
            found.try_edits(client, 5 * _EXAMPLES)
    return {
        "seconds": seconds, "rounds": rounds, "operations": len(operations), "requests": sum(found.statuses.values()),
        "statuses": dict(sorted(found.statuses.items())), "slowest_refusal_cpu_s": round(found.slowest, 3),
        "memory_mb": (watch.memory() - watch.began) >> 20, "findings": sorted(set(found.findings)),
    }  # fmt: skip


def main(bundle: Path, seconds: float) -> int:
    """Start a service, fuzz it, print what was found."""
    warnings.simplefilter("ignore")  # of the libraries that generate; what is judged is the service
    serving = Process(bundle, "--threads", "1", "--quiet")
    try:
        httpx.post(f"{serving.url}/v1/latents", content=body(), headers=JSON, timeout=60, trust_env=False)
        told = fuzz(serving.url, Watch(serving.process.pid), seconds)
    finally:
        code, error = serving.stop()
    told["log"] = [line for line in error.splitlines() if '"fault"' in line or "Traceback" in line]
    print(json.dumps(told))
    return int(bool(told["findings"] or told["log"] or code))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[3])))
