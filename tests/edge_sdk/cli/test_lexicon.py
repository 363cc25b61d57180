"""``obclip lexicon``: why a word is hidden, and whether the compiled file is what the lists give."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from edge_sdk.attributes import lexicon_writing
from edge_sdk.cli.lexicon import command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (["grandmother"], "slot"),
        (["Chinese"], "slot"),
        (["from", "Peru"], "slot"),
        (["Mrs"], "slot"),
        (["king penguin"], "dismissed"),
        (["hijab"], "cue"),
        (["pilot"], "person"),
        (["frobnicate"], "unknown"),
    ],
)
def test_show(words: list[str], verdict: str) -> None:
    told = json.loads(run("show", *words, "--json").stdout)
    assert told["verdict"] == verdict
    assert run("show", *words).stdout.startswith(f"{' '.join(words)}: {verdict}")


def test_show_says_from_which_list() -> None:
    told = json.loads(run("show", "grandmother", "--json").stdout)
    assert "gender.json: pairs" in told["lists"]
    assert {"axis": "age", "value": "old"}.items() <= next(m for m in told["meanings"] if m["kind"] == "hint").items()


def test_explain() -> None:
    told = json.loads(run("explain", "an old woman with a beard beside an old car, a king penguin", "--json").stdout)
    found = {m["surface"]: m for m in told["marks"]}
    assert (found["woman"]["verdict"], found["woman"]["axes"], found["woman"]["person"]) == ("slot", ["gender"], 0)
    assert found["old"]["verdict"] == "slot"
    assert found["beard"]["verdict"] == "finding"
    assert found["king penguin"]["verdict"] == "dismissed"
    assert all(m["verdict"] != "open" for m in told["marks"])


def test_help_has_examples() -> None:
    for arguments in ([], ["show"], ["explain"], ["build"]):
        assert "xample" in run(*arguments, "--help").stdout


def test_build_checks_and_writes(tmp_path, monkeypatch) -> None:
    path = tmp_path / "lexicon.bin"
    monkeypatch.setattr(lexicon_writing, "PATH", path)
    monkeypatch.setattr(lexicon_writing, "build", lambda: b"made of the data")
    assert run("build", "--check").exit_code == 1
    assert run("build").exit_code == 0
    assert path.read_bytes() == b"made of the data"
    assert [p.name for p in tmp_path.iterdir()] == ["lexicon.bin"]
    assert run("build", "--check").exit_code == 0
    assert json.loads(run("build", "--check", "--json").stdout) == {"path": str(path), "stale": False}
    path.write_bytes(b"older")
    assert run("build", "--check").exit_code == 1
    stale = run("build", "--check", "--json")
    assert (stale.exit_code, json.loads(stale.stdout)["stale"]) == (1, True)
    assert json.loads(run("build", "--json").stdout) == {"path": str(path), "bytes": len(b"made of the data")}
