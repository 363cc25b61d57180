"""``obclip serve``: the cloud engine on a port."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import click

DEFAULT_BUNDLE = Path("build/bundles/stickers/cloud")


@click.command(
    short_help="Run the cloud engine.",
    epilog="Example: obclip serve --bundle build/bundles/stickers/cloud --port 8000",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    envvar="OBCLIP_CLOUD_BUNDLE",
    default=DEFAULT_BUNDLE,
    show_default=True,
    help="The cloud bundle's folder.",
)
@click.option("--backend", type=click.Choice(["onnxruntime", "torch"]), default="onnxruntime", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads of the backend (default: all).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line with the URL when ready.")
def serve(bundle: Path, backend: str, host: str, port: int, threads: int | None, as_json: bool) -> None:
    """Serve POST /v1/latents and GET /v1/health until stopped. Prompts are never logged."""
    import uvicorn

    from .backends import BackendOptions
    from .engine import Engine
    from .errors import ConfigError
    from .service import create_app

    engine = Engine.from_bundle(bundle, backend, options=BackendOptions(threads=threads or os.cpu_count() or 1))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    url = f"http://{'[' + host + ']' if ':' in host else host}:{listener.getsockname()[1]}"
    if as_json:
        click.echo(json.dumps({"url": url, "model": engine.bundle.manifest.model, "backend": backend}))
    else:
        click.echo(f"serving {engine.bundle.manifest.model} ({backend}) on {url}; stop with Ctrl-C", err=True)
    config = uvicorn.Config(create_app(engine), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
