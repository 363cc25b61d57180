"""``obclip bench all --quick`` as CI runs it, on the tiny random pair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import command

ROOT = Path(__file__).resolve().parents[2]


def test_reduced_forms_write_what_the_committed_files_hold(
    random_bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the report and the quoted numbers. The attacks and the detection have tests of their own that run them."""
    monkeypatch.chdir(ROOT)
    words = ["all", "--quick", "--bundles", str(random_bundles), "--json", "--skip", "attacks", "--skip", "detection"]
    done = CliRunner().invoke(command, words)
    told = json.loads(done.stdout)
    assert not told["problems"]
    states = {o["name"]: (o["state"], o["reason"]) for o in told["outcomes"]}
    assert {state for state, _ in states.values()} <= {"written", "skipped"}, states
    assert sum(state == "written" for state, _ in states.values()) >= 2
    assert done.exit_code == 0


def test_without_bundles_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = ["all", "--quick", "--only", "plan_flops", "--bundles", str(tmp_path)]
    done = CliRunner().invoke(command, words)
    assert "export a pair" in str(done.exception)
