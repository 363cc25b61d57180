"""``obclip serve token``: what it prints for people and programs, what it refuses, and two of it at once."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cloud_engine.cli.tokens import token as command
from cloud_engine.errors import ConfigError
from cloud_engine.service.tokens import TokenFile, make_token, read_tokens


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_new_and_revoke_for_programs(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    made = json.loads(run("new", "--tokens", file, "--role", "admin", "--days", "3", "--json").stdout)
    (record,) = read_tokens(file)
    assert TokenFile(file).find(made.pop("token")) == record
    assert made == record.model_dump(exclude={"sha256"})
    assert json.loads(run("revoke", record.id, "--tokens", file, "--json").stdout) == {"revoked": record.id}
    assert read_tokens(file) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *(["--evaluations", "0"], ["--evaluations", "1000000000000"], ["--evaluations", "nan"], ["--role", "root"]),
        *(["--window", "0"], ["--window", "1000001"], ["--days", "0"], ["--days", "-1"], ["--days", "99999999"]),
    ],
    ids=" ".join,
)
def test_what_no_record_can_say_is_refused_before_a_file_is_made(tmp_path: Path, wrong: list[str]) -> None:
    assert run("new", "--tokens", tmp_path / "tokens.json", *wrong).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_the_most_that_a_record_can_say_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    most = ["--evaluations", "999999999999", "--window", "1000000", "--days", "36500"]
    assert run("new", "--tokens", file, *most).exit_code == 0
    assert "999999999999 in 1000000 s  expires 21" in run("list", "--tokens", file).output


@pytest.mark.parametrize("place", ["no/such/tokens.json", ".", "file/tokens.json"])
@pytest.mark.parametrize("what", [["new"], ["list"], ["revoke", "00000000"]])
def test_places_that_cannot_be_used(tmp_path: Path, place: str, what: list[str]) -> None:
    (tmp_path / "file").write_text("")
    done = run(*what, "--tokens", tmp_path / place)
    assert isinstance(done.exception, ConfigError)
    assert done.stdout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_disk_that_takes_no_more_keeps_the_old_file_and_nothing_half(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    assert run("new", "--tokens", file).exit_code == 0
    before = file.read_bytes()
    limited = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before)}, {len(before)}))\n"
    limited += "sys.dont_write_bytecode = True\nfrom edge_sdk.cli.main import main\nmain()"
    given = ["serve", "token", "new", "--tokens", str(file)]
    done = subprocess.run([sys.executable, "-c", limited, *given], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (before, [file])


def test_many_at_once_lose_no_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    _, first = make_token()
    file.write_text(json.dumps({"tokens": [first.model_dump(exclude_none=True)]}))
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda _: _new(file), range(8)))
    assert len(read_tokens(file)) == 9
    tokens = TokenFile(file)
    assert len({tokens.find(text).id for text in texts}) == 8
    assert list(tmp_path.iterdir()) == [file]


def _new(file: Path) -> str:
    """In a process of its own: ``CliRunner`` takes the streams of this one over."""
    done = subprocess.run(
        [sys.executable, "-m", "edge_sdk", "serve", "token", "new", "--tokens", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
