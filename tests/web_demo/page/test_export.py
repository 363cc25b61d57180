"""``obclip export web``'s folder on servers that know nothing of it: with its headers, and with none at all."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from edge_sdk.web.hosting import HEADERS

from ..building import ROOT
from .conftest import SLOW, Opens
from .relay import Relay, flip, relaying

PROMPT: Final = "a woman firefighter"


def read_headers(folder: Path) -> dict[str, str]:
    """What ``_headers`` asks for, for every file."""
    found: dict[str, str] = {}
    for line in (folder / HEADERS).read_text().splitlines()[1:]:
        if not line.startswith("  "):
            break
        name, _, value = line.strip().partition(": ")
        found[name] = value
    return found


class _Plain(SimpleHTTPRequestHandler):
    """The library's server of files, and what it is told to say with each."""

    more: dict[str, str] = {}  # noqa: RUF012 - set for each server in a class of its own

    def end_headers(self) -> None:
        for name, value in self.more.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing."""


@contextmanager
def statically(folder: Path, headers: dict[str, str]) -> Iterator[Relay]:
    """The folder behind a relay."""
    handler = partial(type("Plain", (_Plain,), {"more": headers}), directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        with relaying(f"http://127.0.0.1:{server.server_port}") as relay:
            yield relay
        server.shutdown()


@pytest.fixture(scope="module")
def exported(built: Path, pair: Path, _cloud: Relay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes."""
    out = tmp_path_factory.mktemp("exported") / "site"
    command = [sys.executable, "-m", "edge_sdk", "export", "web", "--out", str(out), "--cloud", _cloud.url]
    command += ["--bundle", str(pair / "edge"), "--page", str(built)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return out


#: Tries to reach another address from where it runs.
REACH: Final = "fetch('OTHER/stolen').then(() => 'reached', () => 'stopped')"


@pytest.mark.parametrize("with_headers", [True, False], ids=["headers", "no headers"])
def test_an_exported_folder_works_and_reaches_nobody_else(
    opens: Opens, exported: Path, cloud: Relay, with_headers: bool
) -> None:
    headers = read_headers(exported) if with_headers else {}
    with statically(exported, headers) as host, relaying(cloud.url) as other:
        with opens(fresh=True, loads=False, also=(host.url,)) as phone:
            phone.open(host.url)
            phone.write(PROMPT)
            phone.draw()
            assert phone.receipt()["n"] == 2
            # Of the device's worker too, whatever its host says with its file.
            reach = REACH.replace("OTHER", other.url)
            assert phone("look", at=reach) == "stopped"
            assert phone("inside", script=reach) == ["stopped"]
            assert phone("inside", script=REACH.replace("OTHER", host.url)) == ["reached"]  # it can ask
            phone("told")
        assert other.seen == []


@pytest.mark.parametrize("place", ["assets/index-*.js", pytest.param("assets/index-*.css", marks=SLOW)])
def test_an_altered_file_of_the_page_is_refused_by_its_hash(opens: Opens, exported: Path, place: str) -> None:
    (file,) = (path.relative_to(exported).as_posix() for path in exported.glob(place))
    with statically(exported, {}) as host, opens(fresh=True, loads=False, also=(host.url,)) as phone:
        host.spoil(f"GET /{file}", *[flip(50)] * 9)
        phone("goto", url=host.url)
        phone("wait", until="document.readyState === 'complete'")
        assert any("integrity" in line for line in phone("told")["console"])
        if file.endswith(".js"):
            assert not phone.shown("#setup").startswith("Downloading")
            assert [seen.line for seen in host.seen if "/core/" in seen.line] == []


#: Among what is fetched at once; the rest is fetched when it is needed.
FEW: Final = ("assets/worker-*.js",)
REST: Final = (
    *("core/obclip.wasm", "core/second_look.bin", "litert/litert_wasm_internal.js", "litert/litert_wasm_internal.wasm"),
    *("bundle/bundle.json", "bundle/unet.*"),
)


@pytest.mark.parametrize("place", [*FEW, *(pytest.param(place, marks=SLOW) for place in REST)])
def test_an_altered_file_is_refused(opens: Opens, exported: Path, place: str) -> None:
    (file,) = (path.relative_to(exported).as_posix() for path in exported.glob(place))
    with statically(exported, {}) as host, opens(fresh=True, loads=False, also=(host.url,)) as phone:
        host.spoil(f"GET /{file}", *[flip(100)] * 9)
        phone("goto", url=host.url)
        phone.says("#setup-alert", "")
        assert phone("look", at="document.querySelector('#draw').disabled")
        host.faults.clear()
        phone("click", at="#setup-start")
        phone.ready()
        phone.write(PROMPT)
        phone.draw()
