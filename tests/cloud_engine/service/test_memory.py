"""What of a request is left in a running service's memory: nothing in its arena, and no core dump to write it to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .serving import Process, body, get, post, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="reads a process's memory by /proc")


def test_the_arena_holds_nothing_after_the_answer_whatever_the_answer_was(random_bundles: Path, tmp_path: Path) -> None:
    """Read from outside, at the addresses that the process noted while the caches were in them."""
    notes = tmp_path / "notes"
    command = [sys.executable, "-m", "tests.cloud_engine.service.noted_arenas", str(notes), "--json", "--port", "0"]
    command += ["--bundle", str(random_bundles / "cloud"), "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert post(url, body()).status_code == 200
        plans = [plan for plan in get(url, "/v1/health").json()["plans"] if plan != "naive"]
        for plan in plans:
            assert post(url, body(seed=4, plan=plan, steps=20, cloud_steps=9)).status_code == 200
        late = post(url, body(steps=200, cloud_steps=100), {"obclip-deadline": "0.3"})
        assert late.status_code == 504

        def noted() -> list[dict[str, int]]:
            return [json.loads(line) for line in notes.read_text().splitlines()]

        wait_for(lambda: len(noted()) == 3 + len(plans))  # the first is the warm-up's
        wait_for(lambda: "obclip_num_running_reqs 0.0" in get(url, "/metrics").text)
        with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
            left = {note["address"]: _read(memory.fileno(), note["address"], note["bytes"]) for note in noted()}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert [note for note in noted() if note["bytes"] and not note["used"]] == []
    assert sum(note["used"] for note in noted()) > 10_000
    assert [address for address, content in left.items() if content.strip(b"\0")] == []


def _read(descriptor: int, address: int, size: int) -> bytes:
    parts = []
    while size:
        parts.append(os.pread(descriptor, min(size, 1 << 20), address))
        address, size = address + len(parts[-1]), size - len(parts[-1])
    return b"".join(parts)


def test_no_core_is_dumped(random_bundles: Path) -> None:
    """A crash would write every waiting prompt to a file."""
    serving = Process(random_bundles / "cloud")
    try:
        rows = Path(f"/proc/{serving.process.pid}/limits").read_text().splitlines()
    finally:
        serving.stop()
    (core,) = [row for row in rows if row.startswith("Max core file size")]
    assert core.split()[-3:-1] == ["0", "0"]
