"""``obclip web`` and ``obclip export web`` as processes: what they say, how they end, and what is written."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_sdk.web.hosting import headers_file
from edge_sdk.web.page import open_page
from edge_sdk.web.site import make_site
from export.cli.export import command as export_command
from export.errors import OutputError

from ..cli.processes import COMMAND, ROOT, environment, obclip, patience
from .conftest import CLOUD
from .test_page import Seen, integrity, read


@contextmanager
def _started(page: Path, bundle: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    arguments = ["web", "--page", str(page), "--bundle", str(bundle), "--port", "0", "--json", *more]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(page: Path, bundle: Path, number: int) -> None:
    with _started(page, bundle, "--cloud", CLOUD) as (process, told):
        url = told["url"]
        assert told == {"url": url, "cloud": CLOUD, "engine_option": f"--allow-origin {url.rstrip('/')}"}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}config.json", timeout=10) as answer:
            assert json.load(answer)["cloud"] == CLOUD
            assert "https://cloud.example;" in answer.headers["content-security-policy"]
        with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))):
            began = time.monotonic()
            process.send_signal(number)
            out, error = process.communicate(timeout=60)
        assert time.monotonic() - began < patience() + 0.5  # the interpreter's own end comes on top
        assert (process.returncode, out, error) == (0, "", "")


def test_without_a_cloud_the_page_speaks_to_its_host_alone(page: Path, bundle: Path) -> None:
    with _started(page, bundle) as (process, told):
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=60)[1]
    assert told["cloud"] is None
    assert "obclip web --cloud URL" in json.loads(error)["note"]


def test_a_port_in_use(page: Path, bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = obclip("web", "--page", page, "--bundle", bundle, "--no-open", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == (
        f"error: cannot listen on 127.0.0.1:{port}: Address already in use; choose another --host or --port "
        "(0 takes any free port)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--cloud", "cloud.example"], 3, "not an http(s) URL"),
        (["--cloud", "https://me:secretword@cloud.example"], 2, "login"),
        (["--tls-cert", "a.pem"], 2, "go together"),
        (["--tls-cert", "a.pem", "--tls-key", "b.pem"], 2, "cannot be read"),
        (["--bundle", "nowhere"], 4, "no bundle at nowhere"),
        (["--page", "nowhere"], 2, "no built page at nowhere: build it in a checkout with scripts/build_web"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_refusals(page: Path, bundle: Path, arguments: list[str], code: int, says: str) -> None:
    done = obclip("web", "--page", page, "--bundle", bundle, "--no-open", "--port", "0", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "secretword" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("cloud", "says"), [("cloud.example", "not an http(s) URL"), ("http://192.0.2.1", "https")])
def test_an_address_is_refused_before_the_page_is_looked_for(cloud: str, says: str) -> None:
    done = obclip("web", "--page", "nowhere", "--bundle", "nowhere", "--no-open", "--cloud", cloud)
    assert done.returncode in (2, 3)
    assert says in done.stderr


def _export(out: Path, page: Path, bundle: Path, *more: str) -> dict[str, object]:
    given = ["web", "--out", str(out), "--page", str(page), "--bundle", str(bundle), "--cloud", CLOUD, "--json", *more]
    told = json.loads(CliRunner().invoke(export_command, given, catch_exceptions=False).stdout)
    assert isinstance(told, dict)
    return told


def test_the_export_is_whole_and_its_hashes_are_true(page: Path, bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "site"
    told = _export(out, page, bundle)
    written = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert told["files"] == {name: len(data) for name, data in sorted(written.items())}
    assert told["bytes"] == sum(map(len, written.values()))
    assert told["cloud"] == CLOUD
    assert told["sha256"] == {
        name: sha256(written[name]).hexdigest() for name in ("index.html", "sw.js", "bundle/bundle.json")
    }
    assert json.loads(written["config.json"]) == {"cloud": CLOUD, "bundle": "bundle/"}
    for tag, given in Seen(written["index.html"].decode()).tags:
        name = (given.get("src") or given.get("href") or "").removeprefix("./")
        if (tag == "script" and name) or given.get("rel") in ("stylesheet", "modulepreload"):
            assert given["integrity"] == integrity(written[name])
    for name, entry in json.loads(written["files.json"])["files"].items():
        assert entry["sha256"] == sha256(written[name]).hexdigest()
    pinned = {"bundle/" + f["path"]: f["sha256"] for f in json.loads(written["bundle/bundle.json"])["files"]}
    apart = set(written) - set(json.loads(written["files.json"])["files"]) - set(pinned)
    assert apart == {"sw.js", "files.json", "config.json", "_headers", "HOSTING.md"}
    assert told["sha256"]["sw.js"] in written["HOSTING.md"].decode()  # type: ignore[index]
    assert [p.name for p in out.parent.iterdir()] == ["site"]
    assert oct(out.stat().st_mode & 0o777) == "0o755"


def test_what_the_host_is_told(page: Path, bundle: Path) -> None:
    site = make_site(open_page(page), bundle, CLOUD)
    text = headers_file(site)
    rules = [r.split("\n") for r in text.replace("\n/", "\n\n/").strip().split("\n\n")]
    told = {r[0]: dict(line.strip().split(": ", 1) for line in r[1:]) for r in rules}
    assert told["/*"]["Content-Security-Policy"] == site.policy
    assert told["/*"]["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "Cache-Control" not in told["/*"]
    for name in ("", "index.html", "sw.js", "config.json"):
        assert told[f"/{name}"] == {"Cache-Control": "no-cache"}
    assert told["/core/*"] == told["/bundle/*"] == {"Cache-Control": "no-cache"}
    assert "immutable" in told["/assets/*"]["Cache-Control"]
    assert len(told) < 40


def test_the_export_is_written_whole_or_not_at_all(
    page: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    first = _export(out, page, bundle)
    with pytest.raises(OutputError, match="--overwrite"):
        _export(out, page, bundle)
    (out / "old.txt").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("shutil.copyfileobj", full)
        with pytest.raises(OutputError, match="No space left"):
            _export(out, page, bundle, "--overwrite")
    assert (out / "old.txt").read_text() == "old"
    assert _export(out, page, bundle, "--overwrite") == first
    assert not (out / "old.txt").exists()
    own = tmp_path / "own"
    own.mkdir()
    (own / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="not an exported page"):
        _export(own, page, bundle, "--overwrite")
    assert sorted(os.listdir(tmp_path)) == ["bundle", "own", "page", "site"]


def test_both_ways_give_the_same_page(page: Path, bundle: Path, tmp_path: Path) -> None:
    _export(tmp_path / "site", page, bundle)
    site = make_site(open_page(page), bundle, CLOUD)
    for name in site.parts:
        assert read(site, name) == (tmp_path / "site" / name).read_bytes()


def test_the_text_says_sizes_and_what_the_engine_needs(page: Path, bundle: Path, tmp_path: Path) -> None:
    given = ["--page", page, "--bundle", bundle, "--cloud", CLOUD]
    done = obclip("export", "web", "--out", tmp_path / "site", *given)
    assert done.returncode == 0, done.stderr
    assert "MB" in done.stdout
    assert "bundle/" in done.stdout
    assert "--allow-origin https://YOUR.HOST" in done.stdout
