"""``obclip attack`` as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from attacks import ATTACKS, Attack, Lab, Outcome
from attacks.cli import command
from attacks.outcome import caught, exact, falls, measured, same, table
from edge_sdk.cli.main import main


def _main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as done:
        main(["attack", *arguments])
    assert isinstance(done.value.code, int)
    return done.value.code


def test_the_list_names_every_attack(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main("--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ATTACKS)


def test_help_has_examples() -> None:
    shown = CliRunner().invoke(command, ["--help"])
    assert shown.exit_code == 0
    assert "obclip attack --quick" in " ".join(shown.output.split())


def test_one_attack_with_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "attacks.json"
    assert _main("baselines", "--quick", "--seed", "3", "--json", str(file)) == 0
    told = json.loads(file.read_text())
    assert told["command"] == "obclip attack baselines --quick --seed 3"
    assert {"cpu", "cores", "versions"} <= set(told["machine"])
    assert all(row["ok"] and row["expect"] == "falls" for row in told["rows"])
    out = capsys.readouterr().out
    assert "falls, as it must" in out
    assert "0 not as they must be" in out


def _broken(_: Lab) -> Iterator[Outcome]:
    yield exact("broken", "a device", Fraction(1, 2), Fraction(1, 3), what="success")


def test_an_attack_that_beats_its_bound_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ATTACKS, "broken", Attack("broken", "beats its bound", _broken))
    assert _main("broken") == 1
    assert "BROKEN" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["magic"], "there is no attack 'magic'"),
        (["baselines", "--json", "no/such/folder/x.json"], "there is no folder"),
        (["baselines", "--captions", "no-such-file"], "cannot be read"),
        (["transcripts", "--bundles", "no-such-folder"], "no bundle"),
    ],
)
def test_a_users_mistake_is_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(*arguments) in (2, 4)
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert says in error


def test_too_few_captions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few.txt"
    few.write_text("a man walks\n" * 10)
    assert _main("context", "--captions", str(few)) == 2
    assert "at least 200" in capsys.readouterr().err


def test_listing_is_light() -> None:
    code = "import sys, attacks.cli; sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'edge_sdk.pipeline')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_verdicts() -> None:
    assert exact("a", "t", Fraction(1, 3), Fraction(1, 3)).ok
    assert not exact("a", "t", Fraction(1, 4), Fraction(1, 3), equal=True).ok
    assert not same("a", "t", 0, 0, "nothing compared").ok
    assert not same("a", "t", 1, 9, "differ").ok
    assert measured("a", "t", 52, 100, Fraction(1, 2), "accuracy").ok
    assert not measured("a", "t", 80, 100, Fraction(1, 2), "accuracy").ok
    assert not falls("a", "t", Fraction(1, 2), Fraction(1, 2), "success").ok
    assert not caught("a", "t", []).ok
    rows = [caught("a", "t", []), replace(falls("a", "t", 0.4, Fraction(1, 2), "success"))]
    assert "NOT CAUGHT" in table(rows)
    assert "DID NOT FALL" in table(rows)
