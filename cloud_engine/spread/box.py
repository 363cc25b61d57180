"""``obclip serve --ray``: Ray, its proxy and the replicas on one machine, for as long as this process lives.

Everything listens on this machine alone but the service itself, Ray's own ports want a token that is made for this run,
and what Ray writes goes to a temporary folder that ends with it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from ..errors import ConfigError, EngineError
from ..service.exposure import is_local
from ..service.settings import Settings
from ..service.starting import find_models
from ..service.tokens import read_tokens
from .arguments import Arguments
from .environment import one_box_environment

__all__ = ["run_box"]

_APPLICATION: Final = "obclip"
#: Ray takes 127.0.0.1 as a wish for this machine's address in its network; of Linux all of 127/8 is this machine alone.
_LOOPBACK: Final = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
#: Ray gives its own parts 15 seconds to start, which a busy machine may exceed.
_ATTEMPTS: Final = 3
_REMOVALS: Final = 25
#: Even with usage statistics off, Ray asks three clouds' metadata servers which of them it runs in, unless this file
#: in its home names a provider.
_BOOTSTRAP: Final = "ray_bootstrap_config.yaml"
_PROVIDER: Final = "provider: {type: local}\n"
_SHARED: Final = Path("/dev/shm")
#: For answers on their way from a replica to the proxy: at most 32 MiB each.
_OBJECTS: Final = 256 << 20
#: Seconds beyond the service's own deadline, so that its answer comes first.
_BEHIND: Final = 5.0
#: Seconds for the step that runs when the grace is over.
_STEP: Final = 60.0
#: Seconds after which a signal that another thread took is acted on.
_LOOK_EVERY: Final = 1.0


class _Stopped(KeyboardInterrupt):
    """A signal asked for the end."""


def run_box(read: Callable[[], Settings], arguments: Arguments, quiet: bool, as_json: bool) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reads settings and bundles again and replaces replica after replica.

    Args:
        read: the settings in force, read anew each time.
        arguments: how many replicas, and what each has.

    Raises:
        ConfigError: what would keep the replicas from starting, as far as it can be known before; or Ray's reason.
        obclip_contract.BundleError: a bundle's manifest cannot be read.
    """
    settings = _with_port(read())
    models = _check(settings)
    folder = Path(tempfile.mkdtemp(prefix="obclip-ray-", dir=_short_temp()))
    os.environ.update(one_box_environment())
    orders: queue.SimpleQueue[None] = queue.SimpleQueue()
    try:
        with contextlib.suppress(_Stopped), _obeying(orders) as obey:
            _start(settings, arguments, folder)
            obey()
            _deploy(settings, arguments, quiet)
            _tell(settings, models, arguments.replicas, quiet, as_json)
            while True:
                _wait_for(orders)
                arguments = arguments.model_copy(update={"revision": arguments.revision + 1})
                settings = _replace(settings, read, arguments, quiet)
    finally:
        _end(settings.grace)
        _remove(folder)


def _check(settings: Settings) -> list[str]:
    """Names of the models that are served; what is wrong with the settings shows before Ray is started."""
    if settings.tls_client_ca is not None:
        raise ConfigError(
            "tls_client_ca: Ray's proxy asks for no certificate; put a proxy in front, or serve without Ray"
        )
    if settings.tokens is not None:
        read_tokens(settings.tokens)
    if _SHARED.is_dir() and shutil.disk_usage(_SHARED).total < _OBJECTS:
        raise ConfigError(
            f"{_SHARED} is smaller than {_OBJECTS >> 20} MiB, so that answers would go to a disk: enlarge it"
        )
    return list(settings.start_with) or [m.name for m in find_models(settings).all()]


def _start(settings: Settings, arguments: Arguments, folder: Path) -> None:
    from ray import serve

    most = max(arguments.replicas, arguments.max_replicas or 0)
    _start_ray(max(os.cpu_count() or 1, math.ceil((most + 1) * (settings.threads or 1))), folder)
    tls = {"ssl_certfile": settings.tls_certificate, "ssl_keyfile": settings.tls_key}
    serve.start(
        proxy_location="HeadOnly",
        http_options={
            "host": settings.host,
            "port": settings.port,
            "request_timeout_s": settings.deadline + _BEHIND,
            "keep_alive_timeout_s": max(1, round(settings.idle_seconds)),
            **{name: str(path) for name, path in tls.items() if path is not None},
        },
        logging_config={"enable_access_log": False, "log_level": "ERROR"},
    )


def _start_ray(cpus: int, folder: Path) -> None:
    """Ray with so many CPUs to give away: one replica's more than there are replicas, for while one is replaced."""
    import ray

    options: dict[str, Any] = {"_plasma_directory": str(_SHARED)} if _SHARED.is_dir() else {}
    for attempt in range(_ATTEMPTS):
        place = folder / str(attempt)
        place.mkdir()
        (place / _BOOTSTRAP).write_text(_PROVIDER)
        home = os.environ.get("HOME")
        os.environ["HOME"] = str(place)
        try:
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=_OBJECTS,
                logging_level="ERROR",
                _node_ip_address=_LOOPBACK,
                _temp_dir=str(place),
                **options,
            )
            return
        except Exception as error:  # of Ray's own, and of no kind of theirs
            why = str(error).strip().splitlines()
            ray.shutdown()
        finally:
            os.environ.pop("HOME") if home is None else os.environ.update(HOME=home)
    raise EngineError(f"Ray did not start: {why[0] if why else 'it does not say why'}")


def _deploy(settings: Settings, arguments: Arguments, quiet: bool) -> None:
    from ray import serve

    from ..serve_app import make_application

    if settings.metrics == "auto" and settings.tokens is None:
        settings = settings.model_copy(update={"metrics": "open" if is_local(settings.host) else "off"})
    application = make_application(settings, arguments, quiet)
    try:
        serve.run(application, name=_APPLICATION, route_prefix="/")
    except RuntimeError:
        told = serve.status().applications[_APPLICATION]
        why = " ".join(d.message for d in told.deployments.values()) or told.message
        raise ConfigError(
            f"the replicas did not start: {why.strip().splitlines()[-1] if why.strip() else why}"
        ) from None


def _replace(before: Settings, read: Callable[[], Settings], arguments: Arguments, quiet: bool) -> Settings:
    """The settings in force afterwards; wrong ones change nothing."""
    from obclip_contract import ObclipError

    try:
        # The listener stays: where it listens, and with which certificate, is read at the start alone.
        kept = {name: getattr(before, name) for name in ("host", "port", "tls_certificate", "tls_key", "tls_client_ca")}
        settings = read().model_copy(update=kept)
        _check(settings)
        _deploy(settings, arguments, quiet)
    except ObclipError as error:
        click.echo(f"nothing was replaced: {error}", err=True)
        return before
    return settings


def _tell(settings: Settings, models: list[str], replicas: int, quiet: bool, as_json: bool) -> None:
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"{'https' if settings.tls_certificate else 'http'}://{name}:{settings.port}"
    told = {"url": url, "model": models[0], "backend": settings.backend, "replicas": replicas}
    if as_json:
        click.echo(json.dumps(told))
    elif not quiet:
        of = f"{', '.join(models)} ({settings.backend}, {replicas} replicas)"
        click.echo(f"serving {of} on {url}; stop with Ctrl-C", err=True)
    if not is_local(settings.host):
        click.echo("warning: Ray's proxy has no deadline for half-sent requests; put a proxy in front", err=True)


def _end(grace: float) -> None:
    """Running work has its grace; then everything that was started ends."""
    import ray
    from ray import serve

    with _deaf():
        if not ray.is_initialized():
            return
        # Whatever is broken by now, the rest is ended all the same.
        with contextlib.suppress(Exception):
            handle = serve.get_app_handle(_APPLICATION)
            handle.broadcast("drain", grace).results(timeout_s=grace + _STEP, return_exceptions=True)
        with contextlib.suppress(Exception):
            serve.shutdown()
        ray.shutdown()


def _remove(folder: Path) -> None:
    """Ray's parts may still write their last lines."""
    for _ in range(_REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.2)


@contextlib.contextmanager
def _obeying(orders: queue.SimpleQueue[None]) -> Iterator[Callable[[], object]]:
    """Handlers of signals. What it yields sets them once more: Ray puts its own in their place when it starts."""

    def stop(_: int, __: FrameType | None) -> None:
        raise _Stopped

    def replace(_: int, __: FrameType | None) -> None:
        orders.put(None)

    handlers: dict[int, Any] = {signal.SIGTERM: stop, signal.SIGINT: stop}
    if hasattr(signal, "SIGHUP"):
        handlers[signal.SIGHUP] = replace

    def obey() -> dict[int, Any]:
        return {number: signal.signal(number, handler) for number, handler in handlers.items()}

    before = obey()
    try:
        yield obey
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for(orders: queue.SimpleQueue[None]) -> None:
    """Return at the next order.

    The kernel may give a signal to one of Ray's threads, which does not wake this one, and only this one runs
    handlers: so it wakes by itself.
    """
    while True:
        with contextlib.suppress(queue.Empty):
            return orders.get(timeout=_LOOK_EVERY)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """The end is not ended halfway."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _with_port(settings: Settings) -> Settings:
    """A port for 0, which Ray does not know; and a taken one is refused before anything starts."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another --host or --port"
            ) from None
        return settings.model_copy(update={"port": trial.getsockname()[1]})


def _short_temp() -> str | None:
    """Ray's sockets lie in its folder, and a socket's path has 107 bytes: a long temporary folder does not do."""
    place = tempfile.gettempdir()
    return place if len(place) <= 40 else "/tmp"
