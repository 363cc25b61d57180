"""A cloud's token from a file or the environment: it reaches the cloud, and nothing else ever shows it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_sdk.cli.commands import obclip
from edge_sdk.cli.login import VARIABLE, open_cloud
from edge_sdk.cli.telling import Voice
from edge_sdk.cloud.loopback import loopback_engine
from obclip_contract import ObclipError

from ..conftest import Scripted
from ..http_server import Answer, Recorded, serving

TOKEN = "obclip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
QUICK = ["--steps", "3", "--cloud-steps", "1"]


@pytest.fixture(autouse=True)
def no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def guarded(honest: Scripted) -> Scripted:
    """Answers like an engine with tokens, of which it knows one."""

    def respond(recorded: Recorded) -> Answer:
        given = dict(recorded.headers).get("authorization")
        if recorded.path == "/v1/health" or given == f"Bearer {TOKEN}":
            return honest(recorded)
        code, says = ("no_token", "a token is needed") if given is None else ("wrong_token", "this token is not known")
        return Answer(401, json.dumps({"error": {"code": code, "field": None, "message": says}}).encode())

    return respond


@pytest.fixture
def run(random_bundles: Path) -> Callable[..., Result]:
    def run(command: str, *arguments: str | Path) -> Result:
        places = ["--bundle", random_bundles / "edge", "--cloud-bundle", random_bundles / "cloud"]
        return CliRunner().invoke(obclip, [command, *map(str, [*arguments, *places])])

    return run


def kept(path: Path, content: bytes = TOKEN.encode(), mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("around", [b"%s", b"%s\n", b"  %s \r\n\n", b"\xef\xbb\xbf%s\n", b"\n\t%s"])
def test_a_token_in_a_file_reaches_the_cloud_and_is_seen_nowhere(
    run: Callable[..., Result], guarded: Scripted, own_home: Path, tmp_path: Path, around: bytes
) -> None:
    file, out = kept(tmp_path / "token", around % TOKEN.encode()), tmp_path / "a.png"
    with serving(guarded) as server:
        done = run(
            "generate", "a woman pilot", "--out", out, "--cloud", server.url, "--token-file", file, "--json", *QUICK
        )
        logins = [dict(r.headers).get("authorization") for r in server.requests]
    assert done.exit_code == 0, done.output
    assert set(logins) == {f"Bearer {TOKEN}"}
    kept_here = b"".join(p.read_bytes() for p in [out, *own_home.iterdir()])
    assert TOKEN not in done.output
    assert TOKEN.encode() not in kept_here


def test_the_environment_s_token_and_the_file_over_it(
    run: Callable[..., Result], guarded: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(guarded) as server:
        monkeypatch.setenv(VARIABLE, f" {TOKEN}\n")
        assert run("doctor", "--cloud", server.url).exit_code == 0
        monkeypatch.setenv(VARIABLE, "another")
        assert run("doctor", "--cloud", server.url).exit_code == 3
        file = kept(tmp_path / "token")
        assert run("doctor", "--cloud", server.url, "--token-file", file).exit_code == 0
        monkeypatch.setenv(VARIABLE, " \n")  # as good as not set
        done = run("doctor", "--cloud", server.url, "--json")
    assert "no_token" not in done.output
    assert "wants a token" in done.output


@pytest.mark.parametrize("given", [None, "wrong"])
def test_the_doctor_says_whether_the_token_is_missing_or_wrong(
    run: Callable[..., Result], guarded: Scripted, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    if given is not None:
        monkeypatch.setenv(VARIABLE, given)
    with serving(guarded) as server:
        done = run("doctor", "--cloud", server.url, "--json")
        plain = run("generate", "a woman pilot", "--out", "never.png", "--cloud", server.url, *QUICK)
    told = json.loads(done.stdout)
    login = next(f for f in told["findings"] if f["name"] == "login")
    assert (done.exit_code, told["exit_code"], login["status"], login["code"]) == (3, 3, "error", 3)
    assert ("not known" if given else "a token is needed") in login["says"]
    assert ("operator" if given else "--token-file") in login["remedy"]
    with pytest.raises(ObclipError, match="--token-file") as caught:
        raise plain.exception or AssertionError("it went through")
    assert caught.value.exit_code == 3
    assert VARIABLE in str(caught.value)
    assert not Path("never.png").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"marmalade two", "one word"),
        (b"marmalade\ntwo", "one word"),
        (b"marmalade\x00", "one word"),
        (b"marmalade\x1b[31m", "one word"),
        (b"marmalade\r\nx-evil: 1", "one word"),
        ("marmal\u00e4de".encode(), "one word"),
        (b"marmalade\xff\xfe", "one word"),
        (b"marmalade" * 5000, "more than"),
    ],
)
@pytest.mark.parametrize("command", ["generate", "doctor"])
def test_what_is_no_token_is_refused_unseen(
    run: Callable[..., Result], guarded: Scripted, tmp_path: Path, content: bytes, says: str, command: str
) -> None:
    file = kept(tmp_path / "t", content)
    asked = ["a woman", "--out", tmp_path / "a.png"] if command == "generate" else []
    with serving(guarded) as server:
        done = run(command, *asked, "--cloud", server.url, "--token-file", file)
        assert server.requests == []
    told = done.output + str(done.exception)
    assert says in told
    assert "marmal" not in told
    code = done.exit_code if command == "doctor" else getattr(done.exception, "exit_code", None)
    assert code == 2


def test_files_that_cannot_be_read(run: Callable[..., Result], tmp_path: Path) -> None:
    for file, says in ((tmp_path, "directory"), (tmp_path / "no" / "file", "No such file")):
        done = run(
            "generate", "a woman", "--out", tmp_path / "a.png", "--cloud", "http://127.0.0.1:9", "--token-file", file
        )
        assert says in str(done.exception) + done.output
        assert getattr(done.exception, "exit_code", done.exit_code) == 2


def test_a_token_in_the_place_of_an_option_is_not_repeated(run: Callable[..., Result], tmp_path: Path) -> None:
    cloud = ["--out", tmp_path / "a.png", "--cloud", "http://127.0.0.1:9"]
    for wrong in (["--token", TOKEN], [f"--token={TOKEN}"], ["--token-file", TOKEN], [f"--token-file={TOKEN}"]):
        done = run("generate", "a woman", *cloud, *wrong)
        told = done.output + str(done.exception)
        assert done.exit_code != 0
        assert TOKEN not in told
        assert "--token-file" in told
    assert "revoked" in told


@pytest.mark.skipif(os.name != "posix", reason="POSIX file modes")
@pytest.mark.parametrize(
    ("mode", "warns"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o622, True)]
)
def test_a_file_that_others_can_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, warns: int
) -> None:
    open_cloud("http://127.0.0.1:9", kept(tmp_path / "t", mode=mode), Voice(quiet=True))
    assert capsys.readouterr().err.count("chmod 600") == warns


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no /dev/fd")
def test_a_pipe_will_do() -> None:
    """As of ``--token-file <(pass show cloud)``."""
    end, start = os.pipe()
    os.write(start, TOKEN.encode() + b"\n")
    os.close(start)
    try:
        assert open_cloud("http://127.0.0.1:9", Path(f"/dev/fd/{end}"), Voice()).has_token
    finally:
        os.close(end)


@pytest.mark.parametrize(
    ("url", "warns"), [("http://127.0.0.1:9", 0), ("https://cloud.example", 0), ("http://cloud.example", 1)]
)
def test_a_token_in_clear_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, warns: int) -> None:
    open_cloud(url, kept(tmp_path / "t"), Voice())
    assert capsys.readouterr().err.count("unencrypted") == warns
    open_cloud(url, None, Voice())
    assert capsys.readouterr().err == ""


def test_two_logins_and_a_token_without_a_cloud(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = kept(tmp_path / "t")
    done = run("generate", "a woman", "--out", tmp_path / "a.png", "--token-file", file)
    assert done.exit_code == 2
    assert "--cloud" in done.output
    assert run("doctor", "--token-file", file).exit_code == 2
    monkeypatch.setenv(VARIABLE, TOKEN)
    with pytest.raises(ObclipError, match=f"password, and {VARIABLE} is set") as caught:
        open_cloud("http://me:marmalade@127.0.0.1:9", None, Voice())
    assert "marmalade" not in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="a shell script in Python's place")
def test_an_engine_that_is_started_here_is_not_told_another_cloud_s_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "python"
    script.write_text('#!/bin/sh\nprintf \'{"url": "%s"}\\n\' "${OBCLIP_TOKEN-unset}"\ncat\n')
    script.chmod(0o700)
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr(sys, "executable", str(script))
    with loopback_engine(tmp_path) as url:
        assert url == "unset"
