"""The Kotlin SDK by its own script, as people run it: ``scripts/test-android``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(
    "OBCLIP_TEST_ANDROID" not in os.environ, reason="scripts/test-android runs by itself; takes minutes"
)
def test_the_script_passes() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/test-android"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    if done.stdout.startswith("SKIPPED"):
        pytest.skip(done.stdout.strip())
    assert "no prompt in the " in done.stdout


def test_a_machine_without_the_tools_says_so_and_goes_on() -> None:
    environment = {**os.environ, "OBCLIP_JARS": "/no-such-folder"}
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/test-android"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.startswith("SKIPPED scripts/test-android: ")
    assert "NOTHING of the Kotlin SDK was tested" in done.stdout
