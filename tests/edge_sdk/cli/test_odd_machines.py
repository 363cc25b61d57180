"""Machines that lack something: a home, room on the disk, a locale, a reader of the pipe. Each ends in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge_sdk.cli.commands import obclip as group
from edge_sdk.cli.main import main
from edge_sdk.errors import InputError, LedgerError
from edge_sdk.ledger import Ledger
from edge_sdk.ledger.schema import default_folder
from edge_sdk.writing import write_whole

from .processes import COMMAND, ROOT, obclip

#: What an old machine's ``LC_ALL=C`` is to Python, without its own cures.
C_LOCALE = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_DATA_HOME", "OBCLIP_HOME")}
    given: dict[str, Any] = {"capture_output": True, "cwd": ROOT, "timeout": 120}
    return subprocess.run([*COMMAND, *arguments], env={**kept, **environment}, check=False, **given)


@pytest.mark.skipif(os.name != "posix", reason="a home of POSIX")
@pytest.mark.parametrize(
    "arguments", [["ledger", "show"], ["ledger", "budget", "3"], ["ledger", "wipe", "--yes"], ["ledger", "export"]]
)
def test_without_a_home_the_ledger_says_what_to_set(arguments: list[str]) -> None:
    done = run(*arguments, HOME="~nobody-of-this-name")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: ")
    assert b"OBCLIP_HOME" in done.stderr


def test_a_home_that_is_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for home in (tmp_path / ("n" * 300), tmp_path / "file" / "deeper"):
        (tmp_path / "file").write_text("")
        ledger = Ledger(home)
        with pytest.raises(LedgerError):
            ledger.set_budget(1.0)
        if len(home.name) > 255:
            for use in (ledger.wipe, ledger.account, ledger.export):
                with pytest.raises(LedgerError):
                    use()
    monkeypatch.delenv("OBCLIP_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "obclip"


@pytest.mark.skipif(sys.platform != "linux", reason="locales of Linux")
def test_a_locale_without_letters_reads_and_prints_utf8() -> None:
    for text in ("a niña in a café", "\u4e2d, a fianc\u00e9e"):
        done = run("lexicon", "explain", text, "--json", **C_LOCALE)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["prompt"] == text
    done = run("lexicon", "explain", os.fsdecode(b"a w\xffman"), **C_LOCALE)
    assert done.returncode == 2
    assert b"control characters" in done.stderr


@pytest.mark.parametrize("axis", ["", "gendre", "total ", "gender.2", "x" * 500])
def test_a_budget_for_no_axis_is_refused(axis: str, own_home: Path) -> None:
    done = CliRunner().invoke(group, ["ledger", "budget", "1", "--axis", axis])
    assert isinstance(done.exception, InputError)
    assert "known: total, gender" in str(done.exception)
    assert len(str(done.exception)) < 400
    assert list(own_home.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["explain", ""], ["explain", " \n"], ["explain", "x" * 5000], ["show", ""], ["show", " "]]
)
def test_the_lexicon_is_asked_about_something(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["lexicon", *words])
    assert ended.value.code == 2


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    write_whole(b"one", tmp_path / "a")
    write_whole(b"two", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"two"
    for place in (tmp_path / "no" / "a", tmp_path / "a" / "b", tmp_path / ("n" * 300)):
        with pytest.raises(InputError, match="nothing was written"):
            write_whole(b"x", place)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(("missing", "told"), [("sklearn.metrics", True), ("edge_sdk.no_such_part", False)])
def test_a_part_of_our_own_that_is_missing_is_nothing_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str, told: bool
) -> None:
    def absent(_: str) -> Any:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    monkeypatch.setattr("edge_sdk.cli.commands.import_module", absent)
    done = CliRunner().invoke(group, ["doctor"])
    assert ("pip install" in done.output) == told
    assert isinstance(done.exception, SystemExit if told else ModuleNotFoundError)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_what_is_printed() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "lexicon", "show", "woman"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
            text=True,
        )
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_an_export_over_something_is_refused(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for out in (tmp_path, tmp_path / "link", tmp_path / "no" / "file"):
        done = obclip("ledger", "export", "--out", out)
        assert (done.returncode, done.stdout) == (2, "")
    assert obclip("ledger", "export", "--out", tmp_path / "e.json").returncode == 0
    assert json.loads((tmp_path / "e.json").read_text())["draws"] == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e.json", "link"]
