"""The one request that leaves the device, and the one answer that comes back.

Everything an observer of the network can see is a function of the request's bytes:

* the same fixed headers for every request, no cookies, no redirects, no range requests;
* the answer is read to its end, under a cap, before anything looks at it;
* a retry sends the same bytes again. Whether to retry is decided by what the network did (no
  connection, a dropped connection, 502/503/504), never by what the latents hold, so that a server
  that spoils one candidate learns nothing from the device's next move.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from contract import MAX_RESPONSE_BYTES, GenerateRequest, LatentsResponse

from .errors import CloudError, CloudRefused, CloudTimeout, CloudTruncated, CloudUnreachable, InputError

__all__ = ["CloudClient", "Exchange", "RetryPolicy", "check_url"]

#: The same for every request of every device: nothing here identifies a user or a build.
_HEADERS = {
    "User-Agent": "obclip/1",
    "Accept": "application/octet-stream, application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "Connection": "close",
}
#: An error body or a health report is a few hundred bytes; more is not ours.
_MAX_SMALL_BODY = 64 * 1024
#: Gateways that could not reach the engine, and an engine that says it is busy.
_RETRY_STATUS = frozenset({502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """When to send the same bytes again: ``len(waits_s)`` times at most, after fixed waits (seconds)."""

    waits_s: tuple[float, ...] = (0.5, 2.0)


@dataclass(frozen=True)
class Exchange:
    """One finished exchange. Bytes are HTTP bodies: ``bytes_up`` counts every copy that was sent."""

    response: LatentsResponse
    request_sha256: str
    bytes_up: int
    bytes_down: int
    attempts: int


@dataclass
class _Traffic:
    up: int = 0
    down: int = 0
    attempts: int = 0


def is_loopback(host: str) -> bool:
    """True if ``host`` names this machine (``localhost``, 127.0.0.0/8, ::1)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> httpx.URL:
    """Parse a cloud address; :class:`InputError` unless it is ``http(s)://host[:port][/prefix]``."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise InputError(f"the cloud address {url!r} is not a URL: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"the cloud address {url!r} must look like http://host:port or https://host")
    if parsed.query or parsed.fragment or parsed.userinfo:
        raise InputError("the cloud address must hold no user name, query or fragment: they would mark every request")
    return parsed


@dataclass(frozen=True)
class CloudClient:
    """Talks to one cloud engine. Holds no state between requests, not even a connection.

    ``connect_timeout`` and ``read_timeout`` are seconds; the read timeout bounds each silence of the
    server, so it must outlast the whole denoising.
    """

    url: str
    connect_timeout: float = 10.0
    read_timeout: float = 600.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    _sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        check_url(self.url)

    @property
    def encrypted(self) -> bool:
        """False if a network between here and the cloud could read the template."""
        parsed = check_url(self.url)
        return parsed.scheme == "https" or is_loopback(parsed.host)

    def health(self) -> Mapping[str, Any]:
        """``GET /v1/health`` as a mapping. Sent before anything that depends on a prompt.

        Raises :class:`CloudError` and its kinds.
        """
        body = self._exchange("GET", "/v1/health", b"", _MAX_SMALL_BODY, _Traffic())
        try:
            report = json.loads(body)
        except ValueError:
            report = None
        if not isinstance(report, dict):
            raise CloudError(f"{self.url} answers, but not as a cloud engine of this system; check the address")
        return report

    def latents(self, request: GenerateRequest, latent_shape: tuple[int, int, int]) -> Exchange:
        """Send ``request``; return all N latents of ``latent_shape`` (C, H, W), validated by one rule.

        Raises :class:`CloudError` and its kinds, or ``contract.ResponseError`` for an answer that is
        truncated, misshapen or not finite. The latter is never retried.
        """
        body, traffic = request.to_bytes(), _Traffic()
        answer = self._exchange("POST", "/v1/latents", body, MAX_RESPONSE_BYTES, traffic)
        response = LatentsResponse.from_bytes(
            answer,
            candidates=request.grid.count,
            latent_shape=latent_shape,
            request_sha256=request.sha256,
        )
        return Exchange(response, request.sha256, traffic.up, traffic.down, traffic.attempts)

    def _exchange(self, method: str, path: str, body: bytes, cap: int, traffic: _Traffic) -> bytes:
        """Send the same bytes until the network delivers a whole answer or the policy ends."""
        waits = list(self.retry.waits_s)
        while True:
            traffic.attempts += 1
            try:
                return self._once(method, path, body, cap, traffic)
            except (CloudUnreachable, CloudTruncated) as error:
                failure: CloudError = error
            except CloudRefused as error:
                if error.status not in _RETRY_STATUS:
                    raise
                failure = error
            if not waits:
                raise failure
            self._sleep(waits.pop(0))

    def _once(self, method: str, path: str, body: bytes, cap: int, traffic: _Traffic) -> bytes:
        base = check_url(self.url)
        url = base.copy_with(path=base.path.rstrip("/") + path)
        timeout = httpx.Timeout(self.read_timeout, connect=self.connect_timeout)
        # A proxy from the environment is welcome (an anonymising relay), but not in front of this machine.
        trust_env = not is_loopback(base.host)
        try:
            # A fresh client each time: no cookie and no connection ties one request to another.
            with (
                httpx.Client(timeout=timeout, trust_env=trust_env, headers=_HEADERS) as client,
                client.stream(method, url, content=body) as answer,
            ):
                traffic.up += len(body)
                status = answer.status_code
                data = _read_all(answer, cap if status == 200 else _MAX_SMALL_BODY, traffic)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise CloudUnreachable(
                f"no cloud engine answers at {self.url} ({_reason(error)}); check the address, start one with "
                "`obclip serve`, or leave out --cloud to run an engine on this machine"
            ) from None
        except httpx.TimeoutException:
            traffic.up += len(body)
            raise CloudTimeout(
                f"{self.url} was silent for {self.read_timeout:g} s; try fewer cloud steps or a longer timeout"
            ) from None
        except httpx.TransportError as error:
            traffic.up += len(body)
            raise CloudTruncated(
                f"{self.url} closed the connection before the whole answer had arrived ({_reason(error)})"
            ) from None
        if status != 200:
            raise _refusal(self.url, status, data)
        return data


def _read_all(answer: httpx.Response, cap: int, traffic: _Traffic) -> bytes:
    """The whole body, or :class:`CloudError` as soon as it is over ``cap`` bytes."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_raw():
        size += len(chunk)
        traffic.down += len(chunk)
        if size > cap:
            raise CloudError(f"the cloud sent more than {cap} bytes, which no valid answer needs; nothing was kept")
        chunks.append(chunk)
    return b"".join(chunks)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _printable(text: object, limit: int = 300) -> str:
    """A server's words made safe for a terminal: one short line, no control characters."""
    line = " ".join(str(text).split())
    return "".join(c for c in line if c.isprintable())[:limit]


def _refusal(url: str, status: int, body: bytes) -> CloudRefused:
    """The server's own reason where it gave one: ``{"error": {"code", "field", "message"}}``."""
    try:
        detail = json.loads(body)["error"]
        code, where, message = detail.get("code", ""), detail.get("field"), detail.get("message", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        code, where, message = "", None, "no reason given"
    code, message = _printable(code, 60), _printable(message)
    place = f" ({_printable(where, 60)})" if where else ""
    if 300 <= status < 400:
        message = "it answered with a redirect, which is never followed; give the final address"
    return CloudRefused(f"{url} refused with HTTP {status}{place}: {message}", status=status, code=code)
