"""The page as a person has it: built, served by ``obclip web``'s server, with a real engine as its cloud.

Both stand behind relays that write down what arrives. ``OBCLIP_WEB_PAIR`` names a folder with ``cloud`` and ``edge``
that takes the random pair's place; ``OBCLIP_WEB_SLOW=1`` runs what the default run leaves out.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from edge_sdk.web.page import open_page
from edge_sdk.web.server import WebServer
from edge_sdk.web.site import make_site

from ...conftest import RunningServer
from ..building import page as build_page
from .net import asked
from .phone import Phone, phone
from .relay import Relay, relaying

#: For what the default run leaves out.
SLOW = pytest.mark.skipif(not os.environ.get("OBCLIP_WEB_SLOW"), reason="a minute more: OBCLIP_WEB_SLOW=1 runs it")
#: Opens a phone. ``fresh``: on its first visit, else everything is there. ``also``: origins that it may ask besides.
#: ``script``: runs before each page. ``loads``: the page is opened until it can draw.
Opens = Callable[..., AbstractContextManager[Phone]]


@pytest.fixture(scope="session")
def pair(request: pytest.FixtureRequest) -> Path:
    """Folder with ``cloud`` and ``edge``."""
    named = os.environ.get("OBCLIP_WEB_PAIR")
    found: Path = Path(named) if named else request.getfixturevalue("bundles")
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built page: a copy, since a build may go on beside the tests."""
    return shutil.copytree(build_page(), tmp_path_factory.mktemp("built") / "web")


@pytest.fixture(scope="session")
def engine_url(pair: Path) -> Iterator[str]:
    """An engine that every page may use."""
    from cloud_engine.engine import Engine
    from cloud_engine.service import create_app

    server = RunningServer(create_app(Engine.from_bundle(pair / "cloud", "onnxruntime"), origins=["*"]))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def _cloud(engine_url: str) -> Iterator[Relay]:
    with relaying(engine_url) as relay:
        yield relay


@contextmanager
def hosted(built: Path, edge: Path, cloud: str | None) -> Iterator[Relay]:
    """``obclip web``'s server behind a relay."""
    with WebServer(make_site(open_page(built), edge, cloud), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        with relaying(server.address.origin) as relay:
            yield relay
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def _host(built: Path, pair: Path, _cloud: Relay) -> Iterator[Relay]:
    with hosted(built, pair / "edge", _cloud.url) as relay:
        yield relay


@pytest.fixture
def cloud(_cloud: Relay) -> Relay:
    """The cloud's relay, as new."""
    return _as_new(_cloud)


@pytest.fixture
def host(_host: Relay) -> Relay:
    """The page's host's relay, as new."""
    return _as_new(_host)


def _as_new(relay: Relay) -> Relay:
    relay.seen.clear()
    relay.faults.clear()
    relay.is_down = False
    return relay


@pytest.fixture(scope="session")
def visited(_host: Relay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of a browser that was here once, and has drawn nothing."""
    files = tmp_path_factory.mktemp("visited")
    with phone(files) as first:
        first.open(_host.url)
    return files / "profile"


@pytest.fixture
def opens(host: Relay, cloud: Relay, request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    """Opens phones; each is looked at when it has ended: it asked the page's host and the cloud, and nobody else."""
    number = iter(range(100))

    @contextmanager
    def open_one(
        *, fresh: bool = False, also: tuple[str, ...] = (), script: str = "", loads: bool = True
    ) -> Iterator[Phone]:
        profile = None if fresh else request.getfixturevalue("visited")
        with phone(tmp_path / f"phone{next(number)}", profile) as one:
            if script:
                one("before", script=script)
            if loads:
                one.open(host.url)
            yield one
        found = asked(one.net_log)
        # The log is of the browser's own network stack, below everything that a page or a worker could hide.
        assert found.origins <= {host.url, cloud.url, *also}, found
        assert found.looked_up == set(), found

    return open_one
