"""Reading a request's body: every limit before the bytes, and the deadline that a client states."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from obclip_contract import RequestError, limits

from ..errors import BodyTooLargeError, BodyTooSlowError, CancelledError, MediaTypeError
from .turns import LEFT

__all__ = ["DEADLINE_HEADER", "check_media_type", "read_body", "read_deadline", "wait_for_leaving"]

#: Seconds that the client waits at most, in whole or with up to three decimals.
DEADLINE_HEADER: Final = "obclip-deadline"
_SECONDS: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
_JSON: Final = "application/json"


def check_media_type(request: Request) -> None:
    """Refuse a body that is not announced as plain JSON; so no web page can send one unasked either.

    Raises:
        MediaTypeError: another type, or a packed body.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != _JSON or packed != "identity":
        raise MediaTypeError(f"send the request as {_JSON}, not packed (content-type, content-encoding)")


def read_deadline(request: Request, most: float) -> float:
    """Seconds that the request has: the client's, if it says so, and at most the server's.

    Raises:
        RequestError: the header is no number of seconds.
    """
    told = request.headers.get(DEADLINE_HEADER)
    if told is None:
        return most
    if not _SECONDS.fullmatch(told) or float(told) == 0:
        raise RequestError(DEADLINE_HEADER, "must be a number of seconds above 0, such as 30 or 2.5")
    return min(most, float(told))


async def read_body(request: Request, seconds: float) -> bytes:
    """The body, refused unread if a length over the cap is announced, and while it is read when it passes the cap.

    Raises:
        BodyTooLargeError, BodyTooSlowError. CancelledError: it broke off.
    """
    too_large = BodyTooLargeError(f"a request has at most {limits.MAX_REQUEST_BYTES} bytes")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and (len(declared) > 9 or int(declared) > limits.MAX_REQUEST_BYTES):
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.MAX_REQUEST_BYTES:
                    raise too_large
    except TimeoutError:
        raise BodyTooSlowError(f"the request did not arrive within {seconds:g} seconds") from None
    except ClientDisconnect:
        raise CancelledError(LEFT) from None
    return bytes(body)


async def wait_for_leaving(request: Request) -> None:
    """Return when the client has closed its connection; only after its body was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
