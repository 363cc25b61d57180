"""``obclip web``: the page that makes pictures in a browser, from this machine."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from .options import bundle_option
from .telling import Voice, json_option

if TYPE_CHECKING:
    from ..web.server import Address

#: The port is part of the origin, by which a browser keeps the ledger and the files: so it is the same each time.
_PORT: Final = 8765
#: Seconds between looks whether a signal came.
_LOOK: Final = 0.1
_PAGE_SHOWN: Final = "the one in this installation, else build/web of the checkout"


@click.command(
    name="web",
    short_help="Serve the page that makes pictures in a browser.",
    epilog="Examples: obclip web; obclip web --cloud https://cloud.example; obclip web --cloud http://127.0.0.1:8000 "
    "--no-open; obclip web --host 0.0.0.0 --tls-cert laptop.pem --tls-key laptop-key.pem   (for a phone: docs/WEB.md)",
)
@click.option(
    "--cloud",
    metavar="URL",
    help="The one cloud that the page may speak to; its token is typed into the page's settings. Without it: pictures "
    "of this device alone.",
)
@bundle_option("--bundle", "edge", "The edge bundle.")
@click.option("--page", type=click.Path(path_type=Path), show_default=_PAGE_SHOWN, help="Folder of the built page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for other devices.")
@click.option("--port", default=_PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="PEM file with the certificate, and those above it.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="PEM file with its key, without a password.")
@click.option("--open/--no-open", "opens", default=None, help="Open the browser [default: at a terminal].")
@json_option("Print one JSON line with the URL when ready; errors are JSON on stderr.")
def command(
    cloud: str | None,
    bundle: Path,
    page: Path | None,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    opens: bool | None,
    as_json: bool,
) -> None:
    """Serve the built page, the edge bundle and nothing else, to this machine's browsers, until stopped.

    The page comes from here and not from the cloud, which could send another one that tells it the prompt
    (docs/PRIVACY.md). What is asked for is written nowhere.
    """
    from obclip_contract.bundle import read_manifest

    from ..errors import InputError
    from ..web.headers import page_cloud, source_of
    from ..web.page import open_page
    from ..web.server import WebServer, make_tls
    from ..web.site import make_site

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    if cloud is not None:
        page_cloud(cloud)  # what costs nothing is refused before any file is read
    read_manifest(bundle)
    tls = None if tls_cert is None or tls_key is None else make_tls(tls_cert, tls_key)
    site = make_site(open_page(page), bundle, cloud)
    with WebServer(site, host, port, tls) as server:
        if site.cloud is not None and source_of(site.cloud) == server.address.origin:
            raise InputError(f"--cloud {site.cloud} is where this page would be: name the engine's own address")
        with _stopped_by_signals() as stopped:
            _tell(server.address, site.cloud, as_json)
            if opens or (opens is None and not as_json and sys.stderr is not None and sys.stderr.isatty()):
                threading.Thread(target=_open, args=(f"{server.address.origin}/",), daemon=True).start()
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            while not stopped:
                time.sleep(_LOOK)
            server.shutdown()


def _tell(address: Address, cloud: str | None, as_json: bool) -> None:
    """Where it is, what the engine has to be told, and what a browser elsewhere will refuse."""
    allow = f"--allow-origin {address.origin}"
    if as_json:
        told = {"url": f"{address.origin}/", "cloud": cloud, "engine_option": allow}
        click.echo(json.dumps(told))
    else:
        click.echo(f"the page is at {address.origin}/; stop with Ctrl-C", err=True)
    voice = Voice(as_json)
    if address.everywhere:
        where = f"{'https' if address.tls else 'http'}://ADDRESS:{address.port}/"
        voice.note(f"on other devices it is {where}, with an address of this machine, and its origin is that one")
    if cloud is None:
        voice.note("no cloud: pictures are made by this device alone; obclip web --cloud URL names one")
    elif not as_json:
        voice.note(f"the engine at {cloud} has to know this page: obclip serve {allow}")
    if not address.local and not address.tls:
        voice.warn(
            "browsers on other devices refuse this page over plain http (no secure context): give --tls-cert and "
            "--tls-key, or export it to a host with https (docs/WEB.md)"
        )


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


@contextmanager
def _stopped_by_signals() -> Iterator[list[int]]:
    """Holds Ctrl-C or SIGTERM when it came, which is this command's ordinary end.

    A list, since it has no lock: a signal that comes while this thread holds an event's own would wait for it for ever.
    """
    stopped: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopped.append(number)

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
