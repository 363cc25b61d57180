"""uvicorn with bounded connections, quiet accept errors, TLS, and an end that readiness announces."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from ..errors import ConfigError
from .connections import Connections, Listener, header_limit, protocol_class
from .service import Service
from .settings import Settings

__all__ = ["BoundedServer", "forbid_core_dumps", "listen", "raise_file_limit"]

_BACKLOG = 256
_log = logging.getLogger("obclip.cloud")


class BoundedServer(uvicorn.Server):
    """Serves one application on one listener.

    At the end, readiness goes first: ``/readyz`` says so, what waits and what comes is refused with 503, while the
    listener stays open until the work under way is done or its grace is over. Then uvicorn closes as it does.
    """

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.service: Service = app.state.service
        self._settings = settings
        self._connections = Connections(settings, self.service.metrics)
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol_class(self._connections),
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=header_limit(),
                timeout_keep_alive=max(1, round(settings.idle_seconds)),
                timeout_graceful_shutdown=1,
                ssl_context_factory=_context_of(settings),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, with a deadline for TLS handshakes and a handler that keeps what goes wrong to one line."""
        assert sockets
        asyncio.get_running_loop().set_exception_handler(_tell_of_fault)
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise ConfigError("the service did not start; its log says why")
        loop, config = asyncio.get_running_loop(), self.config

        def create_protocol() -> asyncio.Protocol:
            return config.http_protocol_class(  # type: ignore[call-arg]
                config=config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            )

        self.servers = []
        for listener in sockets:
            if isinstance(listener, Listener):
                listener.connections = self._connections
            handshake = None if config.ssl is None else self._settings.header_seconds
            self.servers.append(
                await loop.create_server(
                    create_protocol, sock=listener, ssl=config.ssl, backlog=_BACKLOG, ssl_handshake_timeout=handshake
                )
            )
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then close."""
        await self.service.turns.drain(self._settings.grace)
        await super().shutdown(sockets)


def listen(host: str, port: int, secure: bool) -> tuple[Listener, str]:
    """A listening socket and its URL: connections are taken from here on, even before the loop runs.

    Raises:
        ConfigError: the address is not this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by its number: the event loop turns Nagle's algorithm off for sockets that say TCP alone, and with
    # it every request on a connection that is kept waited 40 ms for the client's delayed ACK.
    listener = Listener(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
    return listener, f"{'https' if secure else 'http'}://{name}:{listener.getsockname()[1]}"


def raise_file_limit(needed: int) -> None:
    """Let this process open as many files as the cap on connections needs.

    Raises:
        ConfigError: the system does not allow so many.
    """
    try:
        import resource
    except ImportError:  # not on Windows, where there is no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ConfigError(f"max_connections needs {needed} open files, and this process may have {hard}: lower it")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def forbid_core_dumps() -> None:
    """A crash must not write every prompt that waits, and every latent, to a file."""
    try:
        import resource
    except ImportError:  # Windows writes none by default
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _context_of(settings: Settings) -> Any:
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    assert settings.tls_key is not None
    _read_certificates("tls_certificate", settings.tls_certificate, ssl.create_default_context())
    _load_key(context, settings.tls_certificate, settings.tls_key)
    if settings.tls_client_ca is not None:
        _read_certificates("tls_client_ca", settings.tls_client_ca, context)
        context.verify_mode = ssl.CERT_REQUIRED
    return lambda _config, _default: context


def _read_certificates(name: str, path: Path, context: ssl.SSLContext) -> None:
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise ConfigError(f"{name}: {path} holds no certificate in PEM form") from None
    except OSError as error:
        raise ConfigError(f"{name}: {path} cannot be read: {error.strerror}") from None


def _load_key(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """The certificate has been read before, so that what fails here is the key."""

    def refuse_password() -> str:
        raise ConfigError(f"tls_key: {key} is encrypted; the service asks for no password: give it a key without one")

    try:
        context.load_cert_chain(certificate, key, password=refuse_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"tls_key: {key} is not the key of the certificate {certificate}") from None
        raise ConfigError(f"tls_key: {key} holds no key in PEM form that can be used with {certificate}") from None
    except OSError as error:
        raise ConfigError(f"tls_key: {key} cannot be read: {error.strerror}") from None


def _tell_of_fault(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The kind alone: asyncio's own line holds the peer's address."""
    error = context.get("exception")
    if isinstance(error, ssl.SSLError | ConnectionError | TimeoutError):
        return  # a client that broke off or never spoke TLS
    _log.error("dropped", extra={"facts": {"reason": "loop", "kind": type(error).__name__}})
