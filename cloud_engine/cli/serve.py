"""``obclip serve``: the cloud engine on a port."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from ..errors import ConfigError
from .options import bundle_option

if TYPE_CHECKING:
    from uvicorn import Server

__all__ = ["serve"]

#: Seconds that a running request gets at shutdown; below the 10 s after which supervisors usually kill.
GRACE_SECONDS: Final = 8
_BACKLOG: Final = 64
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


@click.command(
    short_help="Run the cloud engine.",
    epilog="Examples: obclip serve --bundle build/bundles/stickers/cloud --port 8000; "
    "obclip serve --port 0 --json; obclip serve --host 0.0.0.0 --allow-origin https://app.example",
)
@bundle_option("The cloud bundle's folder.")
@click.option(
    "--backend",
    type=click.Choice(["onnxruntime", "torch", "tensorrt"]),
    default="onnxruntime",
    show_default=True,
    help="tensorrt needs engines built on this machine (docs/TENSORRT.md).",
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="cuda: torch only."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads of the backend (default: all).")
@click.option(
    "--grace",
    type=click.IntRange(0),
    default=GRACE_SECONDS,
    show_default=True,
    help="Seconds a running request gets when the server is stopped.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Web pages that may use the engine, e.g. https://app.example; repeatable; * for all.",
)
@click.option("--plan", help="Refuse to start unless this step plan runs here, whatever else does.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input ends.")
@click.option("-q", "--quiet", is_flag=True, help="Warnings and errors alone.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line with the URL when ready; errors are JSON on stderr."
)
def serve(
    bundle: Path,
    backend: str,
    device: str,
    host: str,
    port: int,
    threads: int | None,
    grace: int,
    origins: tuple[str, ...],
    plan: str | None,
    with_parent: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Serve POST /v1/latents and GET /v1/health until stopped. Prompts are never logged."""
    if with_parent:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    if plan is not None:
        _check_plan(plan, bundle)
    try:
        import uvicorn

        from ..origins import read_origins
        from ..service import create_app
    except ImportError as error:
        raise ConfigError(f"serving needs {error.name}, which is not installed: pip install 'obclip[cloud]'") from error
    from ..backends import BackendOptions
    from ..engine import Engine

    allowed = read_origins(origins)  # refused before an engine is loaded
    options = BackendOptions(threads=threads or os.cpu_count() or 1, device=device)
    engine = Engine.from_bundle(bundle, backend, options=options)
    listener, url = _listen(host, port)
    config = uvicorn.Config(
        create_app(engine, origins=allowed), log_level="warning", access_log=False, timeout_graceful_shutdown=grace
    )
    server = uvicorn.Server(config)
    _log_to_stderr()
    with _stopped_by_signals(server):
        if as_json:
            click.echo(json.dumps({"url": url, "model": engine.manifest.model, "backend": backend}))
        elif not quiet:
            click.echo(f"serving {engine.manifest.model} ({backend}) on {url}; stop with Ctrl-C", err=True)
        if host not in _LOCAL:
            click.echo("warning: prompts arrive unencrypted; put a proxy with TLS in front", err=True)
        server.run(sockets=[listener])


def _end_with_stdin() -> None:
    """End this process, at once, when whoever started it is gone: it serves nobody else, and keeps nothing."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def _check_plan(name: str, folder: Path) -> None:
    """Refuse a plan that no request of this bundle can have, before any graph is loaded.

    Raises:
        UnknownPlanError: there is none of this name, or not with these numbers. PlanUnavailableError: the bundle lacks
            its graphs.
    """
    from obclip_contract import Bundle
    from obclip_contract.bundle import read_manifest

    from ..errors import PlanUnavailableError, UnknownPlanError
    from ..planning import NAIVE
    from ..plans import PRESETS, PlanError, preset
    from ..plans.presets import is_preset
    from ..plans.store import load

    if name == NAIVE:
        return
    bundle = Bundle(folder, read_manifest(folder))  # its files are hashed when it is opened
    if not any(graph.role.startswith("step.") for graph in bundle.manifest.graphs):
        raise PlanUnavailableError(f"the bundle {folder} has no step graphs: export it again, or ask for naive")
    if is_preset(name):
        try:
            preset(name, (("any", 2),), 1, 1)
        except PlanError as error:
            raise UnknownPlanError(str(error)) from None
        return
    tuned = sorted({p.name for p in load(bundle)})
    if name not in tuned:
        raise UnknownPlanError(f"there is no step plan of this name; there are: {', '.join([*PRESETS, *tuned])}")


def _listen(host: str, port: int) -> tuple[socket.socket, str]:
    """A listening socket and its URL: connections are taken from here on, even before the loop runs.

    Raises:
        ConfigError: the address is not this machine's, or the port is taken.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --host or --port"
        ) from None
    name = f"[{host}]" if ":" in host else host
    return listener, f"http://{name}:{listener.getsockname()[1]}"


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """SIGTERM and SIGINT end the server with exit code 0.

    uvicorn has handlers of its own while it runs, and raises the signal again when it has stopped; these
    here take what comes before and after, so that no signal is lost and none ends the process as an error.
    """

    def stop(_: int, __: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _log_to_stderr() -> None:
    logger = logging.getLogger("obclip.cloud")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
