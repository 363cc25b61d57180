"""Some seconds of fuzzing against the OpenAPI description; docs/SERVICE.md says how long the recorded run was."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_the_service_under_fuzzing(random_bundles: Path) -> None:
    if find_spec("schemathesis") is None:
        pytest.skip("NOT FUZZED: schemathesis is not installed here")
    command = [sys.executable, "-m", "tests.cloud_engine.service.fuzz_http", str(random_bundles / "cloud")]
    done = subprocess.run([*command, "--seconds", "10"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, told["findings"], told["log"]) == (0, [], [])
    assert told["requests"] > 20
