"""``obclip serve``: the cloud engine on a port, its tokens and its settings."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from ..errors import ConfigError
from .checking import check_bundle, check_plan
from .options import FiniteRange
from .tokens import token

if TYPE_CHECKING:
    from ..service.models import Models
    from ..service.server import BoundedServer
    from ..service.settings import Settings

__all__ = ["serve"]

#: An engine that is started for one run, by the person whose request it is: nothing is too much or too late.
_PRIVATE: Final = {
    "max_evaluations": 10**9,
    "queue_evaluations": 10**9,
    "deadline": 86_400.0,
    "warm": False,
    "metrics": "off",
}
#: Open files besides connections: graphs, libraries, threads' pipes, the log.
_SPARE_FILES: Final = 128
_path = click.Path(path_type=Path)


@click.group(
    invoke_without_command=True,
    short_help="Run the cloud engine.",
    epilog="Examples: obclip serve --bundle build/bundles/stickers/cloud --port 8000; "
    "obclip serve --port 0 --json; obclip serve --config serve.toml --check-config; "
    "obclip serve token new --tokens tokens.json. On the internet: docs/SERVICE.md",
)
@click.option("--config", type=_path, help="TOML file with settings; options and OBCLIP_* variables come over it.")
@click.option(
    "--check-config",
    is_flag=True,
    help="Print the settings in force and end, or refuse what the start would refuse; no graph is loaded.",
)
@click.option("--bundle", "bundles", type=_path, multiple=True, help="A cloud bundle's folder; repeatable.")
@click.option(
    "--backend",
    type=click.Choice(["onnxruntime", "torch", "tensorrt", "tensorrt-rtx"]),
    help="Default: onnxruntime. tensorrt and tensorrt-rtx need engines (docs/TENSORRT.md).",
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Default: cpu. cuda: torch only.")
@click.option("--host", help="Address to listen on; default: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 8000; 0 takes any free port.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads of the backend (default: all).")
@click.option("--grace", type=click.FloatRange(0), help="Seconds that running work gets when stopped; default: 3.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="A name by which it may be called; * for any."
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Web pages that may use the engine, e.g. https://app.example; repeatable; * for all.",
)
@click.option("--tokens", type=_path, help="File of tokens; without it everybody is let in.")
@click.option("--tls-certificate", type=_path, help="PEM file; with --tls-key: serve https.")
@click.option("--tls-key", type=_path, help="PEM file.")
@click.option("--tls-client-ca", type=_path, help="PEM file: let in clients alone that have a certificate of it.")
@click.option("--allow-anonymous", is_flag=True, default=None, help="Listen beyond this machine without tokens.")
@click.option("--insecure", is_flag=True, default=None, help="Listen beyond this machine without TLS.")
@click.option("--plan", help="Refuse to start unless this step plan runs here, whatever else does.")
@click.option("--ray", is_flag=True, help="Several replicas, by Ray Serve: pip install 'obclip[ray]' (docs/DEPLOY.md).")
@click.option("--replicas", type=click.IntRange(1), help="With --ray: engines, each with --threads; default: 1.")
@click.option("--max-replicas", type=click.IntRange(1), help="With --ray: as many as the load asks for, up to this.")
@click.option("--gpus-per-replica", "gpus", type=FiniteRange(0), help="With --ray: such as 0.25; default: 1 on a GPU.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input ends.")
@click.option("-q", "--quiet", is_flag=True, help="Warnings and errors alone.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line with the URL when ready; errors are JSON on stderr."
)
def serve(
    config: Path | None,
    check_config: bool,
    plan: str | None,
    ray: bool,
    replicas: int | None,
    max_replicas: int | None,
    gpus: float | None,
    with_parent: bool,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Serve POST /v1/latents and GET /v1/health until stopped. Prompts are never logged."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    if with_parent:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        import structlog  # noqa: F401
        import uvicorn  # noqa: F401

        from ..service.settings import read_settings
    except ImportError as error:
        raise ConfigError(f"serving needs {error.name}, which is not installed: pip install 'obclip[cloud]'") from error
    named = {name: value if value != () else None for name, value in given.items()}

    def read() -> Settings:
        return read_settings(config, private=with_parent, **{**named, **(_PRIVATE if with_parent else {})})

    settings = read()
    if plan is not None:
        for bundle in settings.bundles:
            check_plan(plan, bundle)
    if check_config:
        _print_settings(settings, as_json)
        return
    spread = {"replicas": replicas, "max_replicas": max_replicas, "gpus": gpus}
    if ray:
        _run_on_ray(read, quiet, as_json, **spread)
        return
    if unused := [name for name, value in spread.items() if value is not None]:
        raise click.UsageError(f"--{unused[0].replace('_', '-').replace('gpus', 'gpus-per-replica')} needs --ray")
    _run(settings, quiet, as_json)


serve.add_command(token)


def _run_on_ray(read: Callable[[], Settings], quiet: bool, as_json: bool, **spread: Any) -> None:
    if importlib.util.find_spec("ray") is None:
        raise ConfigError("--ray needs Ray, which is not installed: pip install 'obclip[ray]'")
    from ..service.starting import find_models
    from ..spread.arguments import Arguments
    from ..spread.box import run_box

    def read_checked() -> Settings:
        settings = read()
        _check_bundles(find_models(settings), settings)
        return settings

    arguments = Arguments(**{name: value for name, value in spread.items() if value is not None})
    run_box(read_checked, arguments, quiet, as_json)


def _run(settings: Settings, quiet: bool, as_json: bool) -> None:
    from ..service.app import create_app
    from ..service.logs import set_up_logs
    from ..service.server import BoundedServer, forbid_core_dumps, listen, raise_file_limit
    from ..service.starting import find_models, load_models

    forbid_core_dumps()
    raise_file_limit(settings.max_connections + _SPARE_FILES)
    models = find_models(settings)
    app = create_app(models, settings)  # refuses what is wrong before a model is loaded
    server = BoundedServer(app, settings)
    load_models(models, settings)
    secure = settings.tls_certificate is not None
    listener, url = listen(settings.host, settings.port, secure)
    set_up_logs(quiet)
    with _stopped_by_signals(server):
        names = [m.name for m in models.all() if m.engine is not None]
        if as_json:
            click.echo(json.dumps({"url": url, "model": names[0], "backend": settings.backend}))
        elif not quiet:
            click.echo(f"serving {', '.join(names)} ({settings.backend}) on {url}; stop with Ctrl-C", err=True)
        if settings.insecure and not secure:
            click.echo("warning: prompts arrive unencrypted; put a proxy with TLS in front", err=True)
        server.run(sockets=[listener])


def _print_settings(settings: Settings, as_json: bool) -> None:
    """After everything that can be wrong without loading a model was looked at."""
    from ..service.app import create_app
    from ..service.server import BoundedServer, raise_file_limit
    from ..service.starting import find_models

    raise_file_limit(settings.max_connections + _SPARE_FILES)
    models = find_models(settings)
    BoundedServer(create_app(models, settings), settings)
    _check_bundles(models, settings)
    values = settings.model_dump(mode="json")
    if as_json:
        click.echo(json.dumps(values, sort_keys=True))
        return
    for name, value in values.items():
        click.echo(f"{name} = {json.dumps(value)}")


def _check_bundles(models: Models, settings: Settings) -> None:
    """Of those that are loaded at the start."""
    from ..service.starting import backend_options

    for model in models.all():
        if model.folder is not None and (not settings.start_with or model.name in settings.start_with):
            check_bundle(model.folder, settings.backend, backend_options(settings))


def _end_with_stdin() -> None:
    """End this process, at once, when whoever started it is gone: it serves nobody else, and keeps nothing."""
    while os.read(0, 4096):
        pass
    os._exit(0)


@contextmanager
def _stopped_by_signals(server: BoundedServer) -> Iterator[None]:
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
