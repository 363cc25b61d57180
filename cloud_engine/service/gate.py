"""The layer around the routes: names each request, checks its host, keeps what goes wrong inside from going further."""

from __future__ import annotations

import json
import logging
import secrets
import traceback
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import WrongHostError
from .answers import error_body
from .exposure import check_host

__all__ = ["REQUEST_ID", "Gate"]

#: Key of the request's id in ``scope["state"]``.
REQUEST_ID: Final = "request_id"
_ID_BYTES: Final = 16
_INSIDE: Final = "the service failed on this request; its log says where"
_log = logging.getLogger("obclip.cloud")


class Gate:
    """ASGI middleware. The id is the server's own and of one length: nothing that a client says is repeated."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; whatever escapes is answered with 500 and told to the log by type and place alone."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = secrets.token_hex(_ID_BYTES)
        scope.setdefault("state", {})[REQUEST_ID] = name
        started = False

        async def send_named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = [*message.get("headers", ()), (b"x-request-id", name.encode())]
                if not any(key == b"cache-control" for key, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        try:
            check_host(_host_of(scope), self._hosts)
            await self._app(scope, receive, send_named)
        except WrongHostError as error:
            await _answer(send_named, error.status, error_body(error.code, str(error)))
        except Exception as error:
            places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
            facts = {"request_id": name, "kind": type(error).__name__, "at": " > ".join(places)}
            _log.error("fault", extra={"facts": facts})
            if not started:
                await _answer(send_named, 500, error_body("engine", _INSIDE))


def _host_of(scope: Scope) -> str:
    for key, value in scope["headers"]:
        if key == b"host":
            return bytes(value).decode("latin-1")
    return "localhost"  # HTTP/1.0, or a caller inside this process


async def _answer(send: Send, status: int, value: object) -> None:
    body = json.dumps(value, separators=(",", ":")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
