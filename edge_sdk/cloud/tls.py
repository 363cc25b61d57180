"""Whom the device speaks to: trusted roots, client certificates, and pins of the cloud's public key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import ssl
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import httpx

from ..errors import InputError, UnreachableError

__all__ = ["Cert", "Verify", "check_pins", "default_context", "make_context", "public_key_info", "read_pins"]

Verify: TypeAlias = bool | str | os.PathLike[str] | ssl.SSLContext
#: A PEM file with certificate and key, or (certificate, key), or (certificate, key, password).
Cert: TypeAlias = str | os.PathLike[str] | tuple[str, str] | tuple[str, str, str]
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}")
#: The digest's own form decides where the prefix ends: one in 64 begins with a slash.
_PIN: Final = re.compile(rf"(?:sha256(?://|[/:-]))?([A-Za-z0-9+/]{{43}}=|{_HEX.pattern})")
_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0


@cache
def default_context() -> ssl.SSLContext:
    """The trusted roots of certifi, read once: 0.15 s that a client without TLS does not pay."""
    return httpx.create_ssl_context(trust_env=False)


def make_context(verify: Verify, cert: Cert | None) -> ssl.SSLContext:
    """The TLS settings of one client.

    Raises:
        InputError: a file that cannot be read or is no certificate or key; nothing secret is in the text.
    """
    if isinstance(verify, ssl.SSLContext):
        context = verify
    elif verify is True and cert is None:
        return default_context()
    elif verify is True or verify is False:
        context = httpx.create_ssl_context(verify=verify, trust_env=False)
    elif isinstance(verify, str | os.PathLike) and os.fspath(verify):
        context = _with_roots(Path(verify))
    else:
        raise InputError("verify= is True, False, a file or folder of trusted certificates, or an ssl.SSLContext")
    if cert is not None:
        if isinstance(verify, ssl.SSLContext):
            raise InputError("verify= is a context of your own: load the certificate into it, and leave cert= out")
        parts = (cert,) if isinstance(cert, str | os.PathLike) else cert
        if (
            not isinstance(parts, list | tuple)
            or not 1 <= len(parts) <= 3
            or not all(isinstance(p, str | os.PathLike) for p in parts)
        ):
            raise InputError("cert= is a PEM file, or (certificate, key), or (certificate, key, password)")
        key = parts[1] if len(parts) > 1 else None
        try:
            # An empty password, not None: that would ask the terminal.
            context.load_cert_chain(parts[0], key, parts[2] if len(parts) > 2 else "")
        except (OSError, TypeError, ValueError) as error:  # ssl.SSLError is an OSError
            raise InputError(f"cert={os.fspath(parts[0])!r} cannot be used: {_reason(error)}") from None
    return context


def _with_roots(path: Path) -> ssl.SSLContext:
    try:
        # Only these roots: whoever names an authority does not mean the hundred others too.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if path.is_dir():
            context.load_verify_locations(capath=str(path))
        else:
            context.load_verify_locations(cafile=str(path))
    except (OSError, ValueError) as error:
        raise InputError(f"verify={str(path)!r} is no file of trusted certificates: {_reason(error)}") from None
    return context


def _reason(error: Exception) -> str:
    """Why a file cannot be used, without the file's content."""
    if isinstance(error, ssl.SSLError):
        return error.reason or "no PEM certificate or key, or the wrong password"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def read_pins(pins: Collection[str]) -> frozenset[bytes]:
    """SHA-256 digests of public keys (SubjectPublicKeyInfo, RFC 7469), as ``sha256/BASE64`` (curl's
    ``sha256//`` too) or 64 hex digits, with colons or without.

    Raises:
        InputError: another form.
    """
    if isinstance(pins, str | bytes) or not isinstance(pins, Collection):
        raise InputError("pins= is a list: the key in use and a backup, each as 'sha256/BASE64'")
    out = set()
    for number, pin in enumerate(pins, 1):
        digest = _digest(pin) if isinstance(pin, str) else b""
        if len(digest) != hashlib.sha256().digest_size:
            raise InputError(f"pin {number} is not 'sha256/' with 44 characters of base64, and not 64 hex digits")
        out.add(digest)
    return frozenset(out)


def _digest(pin: str) -> bytes:
    found = _PIN.fullmatch(pin.strip())
    text = found[1] if found else ""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text.replace(":", ""))
    return base64.b64decode(text)


def check_pins(tls: Any, pins: Collection[bytes], shown: str) -> None:
    """Go on only if the key of the peer of ``tls`` (an ``ssl`` object, or ``None`` for no TLS) is one of ``pins``.

    Raises:
        UnreachableError: it is not, or there is none. Nothing was sent yet.
    """
    certificate = None if tls is None else tls.getpeercert(True)
    try:
        found = hashlib.sha256(public_key_info(certificate or b"")).digest()
    except ValueError:
        raise UnreachableError(f"{shown} showed no certificate that could be compared with the pins") from None
    if not any(hmac.compare_digest(found, pin) for pin in pins):
        raise UnreachableError(
            f"{shown} has another key than the pinned ones (sha256/{base64.b64encode(found).decode()}): somebody is "
            "in between, or the cloud has a new key and its pin is needed. Nothing was sent"
        )


def public_key_info(certificate: bytes) -> bytes:
    """The DER bytes of a certificate's SubjectPublicKeyInfo (RFC 5280, section 4.1).

    Raises:
        ValueError: not a DER certificate.
    """
    signed = next(_elements(next(_elements(certificate))[1]))
    fields = [whole for whole, _ in _elements(signed[1]) if whole[0] != _VERSION]
    # serial, signature, issuer, validity, subject, subjectPublicKeyInfo
    if len(fields) < 6 or fields[5][0] != _SEQUENCE:
        raise ValueError("no certificate")
    return fields[5]


def _elements(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each DER element in ``data``, whole and without tag and length; at least one."""
    at = 0
    while True:
        if len(data) < at + 2:
            raise ValueError("truncated")
        length, start = data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or len(data) < start + count:
                raise ValueError("length")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if len(data) < start + length:
            raise ValueError("truncated")
        yield data[at : start + length], data[start : start + length]
        at = start + length
        if at == len(data):
            return
