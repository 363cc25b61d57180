"""The layer at Ray's HTTP proxy: Ray reads nothing of what a client sends, and its own words reach no client.

Ray's proxy takes orders from headers, one of which it repeats and writes to its log; and it answers in plain text, or
not at all, where no replica answered. Here such headers are dropped and such answers become the contract's JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import BusyError, EngineError, TooLateError, UnavailableError
from ..service.answers import error_body
from ..service.bodies import DEADLINE_HEADER

__all__ = ["ANSWERED", "Door", "middlewares"]

#: Stands on every answer of a replica, and on none of Ray's. It does not leave the proxy.
ANSWERED: Final = b"obclip-answered"
#: Ray's own pages (health of the proxy, routes), which a proxy in front does not pass on.
_RAY: Final = "/-/"
#: Headers by which a client could choose a replica, a time limit, an id for Ray's log, or a trace.
_ORDERS: Final = re.compile(
    rb"x-request-.*|serve[-_]multiplexed[-_]model[-_]id|x-session-id|traceparent|tracestate|baggage|obclip-answered"
)
_TIMEOUT: Final = b"x-request-timeout-seconds"
#: Seconds that the replica's own answer to a deadline has before the proxy's.
_BEHIND: Final = 2.0
_REPEATED: Final = b"x-request-id"

_LOST: Final = "the replica that had this request is gone; send the same request again"
_NONE: Final = "no replica can take this request now; send the same request again later"
_BUSY: Final = "the engine is busy; send the same request again later"
_LATE: Final = "the request's deadline passed before it was done; nothing of it is returned"


def middlewares() -> list[Middleware]:
    """What Ray's proxy is to load; its import path stands in ``RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH``."""
    return [Middleware(Door)]


class Door:
    """ASGI middleware, the outermost of the proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to Ray, and an answer back; see the module."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            return
        if scope["path"].startswith(_RAY):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        scope = {**scope, "headers": _without_orders(scope["headers"])}
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            if answer.begun:
                raise
        if not answer.begun:
            await answer.refuse(UnavailableError(_LOST))


class _Answer:
    """One answer on its way out. Of Ray's own, the body is replaced."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = self._replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = {bytes(key).lower(): bytes(value) for key, value in message.get("headers", ())}
            if ANSWERED not in headers:
                await self._replace(message["status"], headers)
                return
            self.begun = True
            message = {**message, "headers": _cleaned(message["headers"])}
        if not self._replaced:
            await self._send(message)

    async def _replace(self, status: int, headers: dict[bytes, bytes]) -> None:
        self._replaced = True
        if status == 408:
            await self.refuse(TooLateError(_LATE))
        elif status == 429:
            error = BusyError(_BUSY)
            told = headers.get(b"retry-after", b"")
            error.retry_after = int(told) if told.isdigit() else error.retry_after
            await self.refuse(error)
        else:
            await self.refuse(UnavailableError(_NONE))

    async def refuse(self, error: EngineError) -> None:
        self.begun = True
        body = json.dumps(error_body(error.code, str(error), error.field), separators=(",", ":")).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers.append((b"cache-control", b"no-store"))
        if error.retry_after is not None:
            headers.append((b"retry-after", str(error.retry_after).encode()))
        await self._send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _without_orders(headers: Any) -> list[tuple[bytes, bytes]]:
    kept = [(key, value) for key, value in headers if not _ORDERS.fullmatch(key)]
    told = dict(kept).get(DEADLINE_HEADER.encode(), b"")
    if re.fullmatch(rb"[0-9]{1,6}(\.[0-9]{1,3})?", told) and float(told) > 0:
        # Waiting for a replica counts too: Ray drops what waits longer.
        kept.append((_TIMEOUT, str(float(told) + _BEHIND).encode()))
    return kept


def _cleaned(headers: Any) -> list[tuple[bytes, bytes]]:
    """Without the mark, and with one request id: the replica's, which its log has."""
    out: list[tuple[bytes, bytes]] = []
    named = False
    for key, value in headers:
        lower = bytes(key).lower()
        if lower == ANSWERED or (lower == _REPEATED and named):
            continue
        named = named or lower == _REPEATED
        out.append((key, value))
    return out
