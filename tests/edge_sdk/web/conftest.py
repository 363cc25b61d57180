"""A made-up page and bundle, and a server of both on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_sdk.web.page import open_page
from edge_sdk.web.server import WebServer
from edge_sdk.web.site import Site, make_site

from .made import make_bundle, make_page

CLOUD = "https://cloud.example/base"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return make_page(tmp_path / "page")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("site")
    return make_site(open_page(make_page(root / "page")), make_bundle(root / "bundle"), CLOUD)


@contextmanager
def running(server: WebServer) -> Iterator[WebServer]:
    """Serve in a thread of its own."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[WebServer]:
    with running(WebServer(site, "127.0.0.1", 0)) as started:
        yield started
