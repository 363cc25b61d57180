"""A few seconds of each fuzzer; docs/SERVICE.md says how long the recorded runs were."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("target", ["request", "response"])
def test_a_parser_under_fuzzing(target: str) -> None:
    if find_spec("atheris") is None:
        pytest.skip("NOT FUZZED: atheris is not installed here (there are wheels for Linux)")
    command = [sys.executable, "-m", "tests.obclip_contract.fuzz_parsers", target, "--seconds", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "number_of_executed_units" in done.stderr
