"""What went wrong on the way to a cloud, and what can be done about it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from ..errors import CloudError, UnreachableError
from .endpoint import clean

__all__ = ["BrokenOffError", "told"]

#: How h11 and httpcore say that the other side hung up; everything else that breaks the protocol is no HTTP.
_HUNG_UP: Final = ("disconnected", "closed connection")


class BrokenOffError(CloudError):
    """The connection ended before the whole answer had arrived; the same request may be sent again."""


def told(fault: BaseException, shown: str) -> CloudError:
    """A fault of the transport as an error that says what is wrong with the cloud at ``shown`` and what to do."""
    causes = list(_causes(fault))
    text = clean(str(fault)) or type(fault).__name__
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return UnreachableError(
                f"cannot reach the cloud at {shown}: its name is not known ({clean(cause.strerror or str(cause))}); "
                "check the address and the network"
            )
        if isinstance(cause, ssl.SSLError):
            return UnreachableError(f"cannot reach the cloud at {shown}: {_tls_fault(cause)}")
    if isinstance(fault, httpx.ProxyError):
        return UnreachableError(f"cannot reach the cloud at {shown}: the proxy refused the way ({text})")
    if any(isinstance(c, UnicodeError) for c in causes):
        return UnreachableError(f"cannot reach the cloud at {shown}: that is no name of a machine")
    if isinstance(fault, httpx.ConnectError):
        return UnreachableError(f"cannot reach the cloud at {shown}: {text}; is 'obclip serve' running there?")
    if isinstance(fault, httpx.ReadError | httpx.WriteError | httpx.CloseError) or _hung_up(fault):
        return BrokenOffError(f"the cloud at {shown} broke off before its whole answer had arrived: {text}")
    if isinstance(fault, httpx.ProtocolError):
        return CloudError(f"{shown} answers, but not as HTTP asks for ({text}): is the address right?")
    return CloudError(f"the way to the cloud at {shown} failed: {type(fault).__name__}")


def _hung_up(fault: BaseException) -> bool:
    return isinstance(fault, httpx.RemoteProtocolError) and any(words in str(fault) for words in _HUNG_UP)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _tls_fault(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = clean(error.verify_message or str(error))
        return (
            f"its certificate is not accepted ({reason}); for an authority of your own pass verify=FILE with its "
            "certificate"
        )
    reason = clean(error.reason or str(error))
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return f"TLS failed ({reason}); does it ask for a client certificate (cert=)?"
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason or "RECORD_LAYER" in reason:
        return f"it does not speak TLS ({reason}); is it an http:// address?"
    return f"TLS failed ({reason})"
