"""Which web pages may use the engine from a browser (CORS).

A browser names the page's origin with every request that the page makes to another address. An origin that is not
listed is refused before its request is read, even where a browser would send it unasked (a "simple" POST): otherwise
any web page could keep an engine on somebody's own machine busy. Programs that are no browsers send no origin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ConfigError

__all__ = ["AllowedOrigins", "read_origins"]

ANY: Final = "*"
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.\-\[\]:]+")
_DAY: Final = "86400"
_REFUSED: Final = "this page's origin may not use the engine; start it with --allow-origin"
Header = tuple[bytes, bytes]


def read_origins(origins: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them: scheme, host and port, no path; or ``*`` for every page.

    Raises:
        ConfigError: another form.
    """
    out = set()
    for origin in origins:
        text = origin.lower()
        if text != ANY and not _ORIGIN.fullmatch(text):
            raise ConfigError(f"{origin!r} is no origin, e.g. https://app.example or http://localhost:5173, or *")
        out.add(text)
    return frozenset(out)


class AllowedOrigins:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = read_origins(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes without an origin or from an allowed one."""
        headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        origin = headers.get(b"origin")
        if scope["type"] != "http" or origin is None:
            await self._app(scope, receive, send)
            return
        if not self._allows(origin):
            await _answer(send, 403, {"error": {"code": "origin", "field": None, "message": _REFUSED}}, [])
            return
        allowed: list[Header] = [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await _answer(send, 204, None, [*allowed, *_preflight(headers)])
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [*allowed, (b"access-control-expose-headers", b"retry-after")]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        await self._app(scope, receive, send_with_origin)

    def _allows(self, origin: bytes) -> bool:
        return ANY in self._origins or origin.decode("latin-1").lower() in self._origins


def _preflight(headers: dict[bytes, bytes]) -> list[Header]:
    out = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization, content-type, obclip-deadline"),
        (b"access-control-max-age", _DAY.encode()),
    ]
    if headers.get(b"access-control-request-private-network") == b"true":
        out.append((b"access-control-allow-private-network", b"true"))
    return out


async def _answer(send: Send, status: int, value: object, headers: list[Header]) -> None:
    body = b"" if value is None else json.dumps(value, separators=(",", ":")).encode()
    framing = [] if value is None else [(b"content-type", b"application/json")]
    framing.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*framing, *headers]})
    await send({"type": "http.response.body", "body": body})
