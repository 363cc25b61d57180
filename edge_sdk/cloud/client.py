"""Talk to the cloud: one request, the same bytes on every try, the whole response or nothing.

What goes over the wire is a function of the request alone. Retries depend on transport and status, never
on the latents, so a server that spoils one member's latents learns nothing from what the device does next.
"""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx

from obclip_contract import MEDIA_TYPE, GenerateRequest, LatentsResponse, ResponseError, limits

from ..errors import CloudError, LatentError

#: The same headers for every request of every device.
_HEADERS: Final = {
    "content-type": "application/json",
    "accept": MEDIA_TYPE,
    "accept-encoding": "identity",
    "user-agent": "obclip",
    "connection": "close",
}
#: Tries after the first, and the waits before them in seconds (fixed: no jitter from anything private).
_WAITS: Final = (0.5, 2.0)
#: Answers that a later try may change.
_AGAIN: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Received:
    """A checked response and what crossed the wire in the try that succeeded (bodies, bytes)."""

    response: LatentsResponse
    bytes_up: int
    bytes_down: int


class CloudClient:
    """A cloud engine at ``url`` (``http://`` or ``https://``).

    Args:
        timeout: seconds without any progress before a try is given up.
        deadline: seconds for one whole exchange, against an answer that comes in drips.
    """

    def __init__(self, url: str, timeout: float = 120.0, deadline: float = 900.0) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise CloudError(f"{url!r} is not a URL: {error}") from None
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise CloudError(f"{url!r} is not an http(s) URL, e.g. http://127.0.0.1:8000")
        self.url = str(parsed).rstrip("/")
        self._timeout = timeout
        self._deadline = deadline

    def health(self) -> dict[str, Any]:
        """What the engine says about itself.

        Raises:
            CloudError: unreachable, or not an ObCLIP engine.
        """
        status, body = self._send("GET", "/v1/health", None)
        try:
            value = json.loads(body)
        except ValueError:
            value = None
        if status != 200 or not isinstance(value, dict) or "model" not in value:
            raise CloudError(f"{self.url} answers, but not as an ObCLIP engine (status {status})")
        return value

    def latents(self, request: GenerateRequest, latent_shape: tuple[int, int, int]) -> Received:
        """Send the request; return all N latents, checked by one rule.

        Raises:
            CloudError: unreachable, or refused (the engine's own message). LatentError: not usable.
        """
        body = request.to_bytes()
        status, answer = self._send("POST", "/v1/latents", body)
        if status != 200:
            raise CloudError(f"the cloud refused the request ({status}): {_message(answer)}")
        try:
            response = LatentsResponse.from_bytes(
                answer,
                candidates=request.grid.count,
                latent_shape=latent_shape,
                request_sha256=request.sha256,
                carry=request.handover == "carry",
            )
        except ResponseError as error:
            raise LatentError(f"the cloud's answer cannot be used: {error}") from None
        return Received(response, len(body), len(answer))

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        for wait in (*_WAITS, None):
            try:
                status, answer = self._once(method, path, body)
            except httpx.ReadTimeout:
                # Not sent again: the engine may still be at work on it, and would only get slower.
                raise CloudError(
                    f"the cloud at {self.url} sent nothing for {self._timeout:g} s; try fewer --cloud-steps"
                ) from None
            except httpx.TransportError as error:
                if wait is None:
                    raise self._failure(error) from None
            else:
                if status not in _AGAIN or wait is None:
                    return status, answer
            time.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _failure(self, error: httpx.TransportError) -> CloudError:
        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return CloudError(f"the cloud at {self.url} broke off before its whole answer had arrived: {reason}")
        return CloudError(f"cannot reach the cloud at {self.url}: {reason}; is 'obclip serve' running there?")

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        with (
            httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False, verify=_tls()) as client,
            client.stream(method, self.url + path, content=body, headers=_HEADERS) as response,
        ):
            answer = bytearray()
            until = time.monotonic() + self._deadline
            for chunk in response.iter_raw():
                answer += chunk
                if time.monotonic() > until:
                    raise CloudError(f"the cloud at {self.url} took over {self._deadline:g} s for its answer")
                if len(answer) > limits.MAX_RESPONSE_BYTES:
                    raise LatentError(f"the cloud's answer is over {limits.MAX_RESPONSE_BYTES} bytes")
            return response.status_code, bytes(answer)


@cache
def _tls() -> ssl.SSLContext:
    """The trusted roots, read once: every client of its own would take 0.15 s for them, twice a run."""
    return httpx.create_ssl_context(trust_env=False)


def _message(answer: bytes) -> str:
    """The engine's error message, if it is one; cleaned for a terminal."""
    try:
        error = json.loads(answer)["error"]
        text = ": ".join(str(error[k]) for k in ("field", "message") if error.get(k))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no reason given"
    return "".join(c for c in text[:300] if c.isprintable())
