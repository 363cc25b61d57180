"""Talk to the cloud: one request, the same bytes on every try and to every address, the whole response or nothing.

What goes over the wire is a function of the request alone. Retries depend on transport, status and ``Retry-After``,
never on the latents, so a server that spoils one member's latents learns nothing from what the device does next.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import httpx

from obclip_contract import MEDIA_TYPE, GenerateRequest, LatentsResponse, ResponseError, limits

from ..cancelling import Cancellation
from ..errors import CloudError, DeadlineError, InputError, LatentError, RefusedError
from . import retries
from .answers import read_health, refusal
from .endpoint import Endpoint, read_endpoint, scrub
from .exchange import SMALL_ANSWER, Answer, Exchange, Limits, Stop
from .faults import BrokenOffError
from .options import make_proxy, positive, read_addresses, read_headers, read_token, seconds
from .tls import Cert, Verify, check_pins, default_context, make_context, read_pins
from .tries import Tries

__all__ = ["CONNECT_TIMEOUT", "DEADLINE", "CloudClient", "Received"]

#: The same headers for every request of every device.
_HEADERS: Final = {
    "content-type": "application/json",
    "accept": MEDIA_TYPE,
    "accept-encoding": "identity",
    "user-agent": "obclip",
    "connection": "close",
}
#: Tells the engine when nobody waits any more: ``deadline`` as it was given. What is left of it at a later try is not
#: told: that would depend on clocks, and the bytes of every try are the same.
_DEADLINE_HEADER: Final = "obclip-deadline"
#: Answers to a login that is missing, unknown, or may not do this; the last is a proxy's.
_NOT_LET_IN: Final = (401, 403, 407)
#: Seconds to find, reach and greet a cloud: name, connection, TLS.
CONNECT_TIMEOUT: Final = 10.0
#: Seconds for everything: all tries, all addresses, waiting in the cloud's queue, the whole answer.
DEADLINE: Final = 300.0


@dataclass(frozen=True)
class Received:
    """A checked response, what crossed the wire in the try that succeeded (bodies, bytes), and who answered.

    ``url``: the address of the cloud that answered, without its secrets.
    """

    response: LatentsResponse
    bytes_up: int
    bytes_down: int
    url: str = ""


class CloudClient:
    """A cloud engine at ``url`` (``http://`` or ``https://``, a base path allowed). Any number of threads may use it.

    No proxy, certificate or login is taken from the environment, no redirect is followed, no cookie kept, and every
    exchange has a connection of its own.

    Args:
        url: the address, or several of clouds that serve the same pair: they are asked in this order, each with the
            same bytes, beginning with the one that answered last. A user, password or query in it is sent, and never
            shown.
        token: sent as ``Authorization: Bearer …``.
        headers: more headers for every request (an API key).
        verify: ``True`` for the usual trusted roots, a file or folder with roots of your own, an ``ssl.SSLContext``,
            or ``False`` for none: then anybody can be in between, unless ``pins`` says who it must be.
        cert: client certificate: a PEM file, or (certificate, key), or (certificate, key, password).
        pins: SHA-256 of the public keys that the cloud may have, as ``sha256/BASE64`` (RFC 7469) or hex; give the key
            in use and a backup. Compared after the handshake, before anything is sent.
        proxy: ``http://``, ``https://`` or ``socks5://`` address of a proxy.
        connect_timeout: seconds for name, connection and handshake.
        deadline: seconds for the whole of one call, retries and waiting in the cloud's queue included.

    Raises:
        CloudError: an address that is no http(s) URL. InputError: any other argument that cannot be used.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        verify: Verify = True,
        cert: Cert | None = None,
        pins: Collection[str] = (),
        proxy: str | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        deadline: float = DEADLINE,
    ) -> None:
        self._endpoints = tuple(dict.fromkeys(read_endpoint(address) for address in read_addresses(url)))
        self._pins = read_pins(pins)
        if (self._pins or cert is not None) and not all(e.secure for e in self._endpoints):
            raise InputError("pins= and cert= need https:// addresses: without TLS there is no key to compare")
        self._own, self._secrets = read_headers(headers, (*_HEADERS, _DEADLINE_HEADER))
        if token is not None:
            if "authorization" in self._own or any(e.authorization for e in self._endpoints):
                raise InputError("give one login: token=, an authorization header, or user and password in the address")
            self._own["authorization"] = f"Bearer {read_token(token)}"
            self._secrets += (token,)
        self._proxy, proxy_secrets = make_proxy(proxy)
        self._secrets += proxy_secrets + tuple(s for e in self._endpoints for s in e.secrets)
        self._verify = verify is True and cert is None
        self._context = None if self._verify else make_context(verify, cert)
        self._connect_timeout = positive("connect_timeout", connect_timeout)
        self._deadline = positive("deadline", deadline)
        # The usual one is the engine's own: all devices, whatever their language, then send one set of headers.
        said = {} if self._deadline == DEADLINE else {_DEADLINE_HEADER: seconds(self._deadline)}
        self._headers = {**_HEADERS, **said}
        self._first = 0
        self._closing = Cancellation()

    @property
    def url(self) -> str:
        """The (first) address, without its secrets."""
        return self._endpoints[0].shown

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses, without their secrets."""
        return tuple(e.shown for e in self._endpoints)

    @property
    def has_token(self) -> bool:
        """Whether a login is sent: a token, an authorization header, or the address's user and password."""
        return "authorization" in self._own or any(e.authorization for e in self._endpoints)

    def __repr__(self) -> str:
        return f"CloudClient({self.url!r})" if len(self._endpoints) == 1 else f"CloudClient({list(self.urls)!r})"

    def __enter__(self) -> CloudClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every call in progress with :class:`~edge_sdk.ClosedError`, and refuse later ones. May be repeated."""
        self._closing.cancel("the cloud client was closed")

    def health(self, cancelled: Cancellation | None = None) -> dict[str, Any]:
        """What the engine says about itself (SPEC.md, section "Health").

        Raises:
            CloudError: unreachable, or not an ObCLIP engine. StoppedError: ``cancelled``. ClosedError: closed.
        """
        shown, answer = self._send("GET", "/v1/health", None, cancelled)
        report = read_health(answer, shown)
        if isinstance(report, CloudError):
            raise self._safe(report)
        return report

    def check_login(self, cancelled: Cancellation | None = None) -> None:
        """Ask whether the cloud lets this login in, by an empty request, which every engine refuses behind the login.

        Raises:
            RefusedError: it does not (status 401, 403 or 407). CloudError: unreachable. StoppedError, ClosedError.
        """
        shown, answer = self._send("POST", "/v1/latents", b"{}", cancelled)
        if answer.status in _NOT_LET_IN:
            raise self._safe(refusal(answer, shown))

    def latents(
        self,
        request: GenerateRequest,
        latent_shape: tuple[int, int, int],
        *,
        pair_sha256: str,
        cancelled: Cancellation | None = None,
    ) -> Received:
        """Send the request; return all N latents, checked by one rule.

        Args:
            latent_shape: ``[C, H, W]`` of the model.
            pair_sha256: of the device's own bundle; an answer from another pair is refused.
            cancelled: ends the wait from another thread, within 0.1 s.

        Raises:
            UnreachableError: no cloud could be reached. DeadlineError: no answer in time. RefusedError: the engine
            refused it (its own message). LatentError: an answer that cannot be used. StoppedError, ClosedError.
            All but the last two are CloudError.
        """
        body = request.to_bytes()
        shown, answer = self._send("POST", "/v1/latents", body, cancelled)
        if answer.status != 200:
            raise self._safe(refusal(answer, shown))
        if answer.cut:
            raise LatentError(f"the cloud's answer is over {limits.MAX_RESPONSE_BYTES} bytes")
        try:
            response = LatentsResponse.from_bytes(
                answer.body,
                candidates=request.grid.count,
                latent_shape=latent_shape,
                request_sha256=request.sha256,
                pair_sha256=pair_sha256,
                carry=request.handover == "carry",
            )
        except ResponseError as error:
            fault = str(error)
        else:
            return Received(response, len(body), len(answer.body), shown)
        raise LatentError(f"the cloud's answer cannot be used: {fault}{_packed(answer)}")

    def _send(
        self, method: str, path: str, body: bytes | None, cancelled: Cancellation | None = None
    ) -> tuple[str, Answer]:
        """Address and answer of the first cloud that gives a final one."""
        until = time.monotonic() + self._deadline
        stop = Stop(cancelled or Cancellation(), self._closing)
        start = self._first
        tries = Tries([*self._endpoints[start:], *self._endpoints[:start]], until)
        while (turn := tries.next()) is not None:
            endpoint, wait = turn
            stop.check()
            stop.sleep(wait)
            try:
                answer = self._once(method, endpoint, path, body, until, stop)
            except BrokenOffError as fault:
                tries.try_later(endpoint, fault)
            except DeadlineError:
                tries.stop(endpoint, self._late(endpoint))
            except CloudError as fault:
                tries.give_up(endpoint, fault)
            else:
                if answer.status not in retries.AGAIN:
                    self._first = self._endpoints.index(endpoint)
                    return endpoint.shown, answer
                tries.try_later(endpoint, refusal(answer, endpoint.shown), answer.headers.get("retry-after", ""))
        raise self._safe(tries.error())

    def _late(self, endpoint: Endpoint) -> DeadlineError:
        return DeadlineError(
            f"the cloud at {endpoint.shown} took over {self._deadline:g} s for its answer; try fewer --cloud-steps or "
            "candidates, or a longer deadline"
        )

    def _once(self, method: str, endpoint: Endpoint, path: str, body: bytes | None, until: float, stop: Stop) -> Answer:
        """One try at one address."""

        def admit(tls: Any) -> None:
            if self._pins:
                check_pins(tls, self._pins, endpoint.shown)

        bounds = Limits(until, self._connect_timeout, _most(path))
        # Built in a frame of its own: secrets are in no variable that a crash reporter finds beside an error.
        exchange = Exchange(
            self._request(method, endpoint, path, body), lambda: self._transport(endpoint.secure), bounds, admit
        )
        way = "" if self._proxy is None else f" by way of the proxy {self._proxy.url}"  # its login is kept apart
        return exchange.run(stop, endpoint.shown + way)

    def _request(self, method: str, endpoint: Endpoint, path: str, body: bytes | None) -> httpx.Request:
        headers = {**self._headers, **self._own}
        if endpoint.authorization:
            headers["authorization"] = endpoint.authorization
        return httpx.Request(method, endpoint.url(path), headers=headers, content=body)

    def _transport(self, secure: bool) -> httpx.BaseTransport:
        """A transport for one connection; httpx's client would log addresses with their secrets."""
        if not secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and made without reading roots
        else:
            context = self._context or default_context()
        return httpx.HTTPTransport(verify=context, trust_env=False, proxy=self._proxy)

    def _safe(self, error: CloudError) -> CloudError:
        """The error without the client's secrets, should the other side have sent them back."""
        error.args = tuple(scrub(a, self._secrets) if isinstance(a, str) else a for a in error.args)
        if isinstance(error, RefusedError):
            error.code, error.field = scrub(error.code, self._secrets), scrub(error.field, self._secrets)
        return error


def _most(path: str) -> int:
    return limits.MAX_RESPONSE_BYTES if path == "/v1/latents" else SMALL_ANSWER


def _packed(answer: Answer) -> str:
    packed = answer.headers.get("content-encoding", "identity")
    return "" if packed == "identity" else "; something on the way packs answers, though 'identity' was asked for"
