"""The cloud: its health report, whether its pair is ours and it lets us in, and how long its certificate lasts."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from obclip_contract import Bundle, BundleError
from obclip_contract.errors import ObclipError

from ..login import HOW, is_local, open_cloud
from ..telling import Voice
from .findings import Finding, failed

if TYPE_CHECKING:
    from ...cloud.client import CloudClient

__all__ = ["examine"]

#: Seconds for everything: a doctor's answer is wanted at once.
_SECONDS: Final = 10.0
_DAY: Final = 86400.0
#: Certificates are renewed by then at the latest where it goes by itself.
_SOON_DAYS: Final = 14.0


def examine(url: str | None, token_file: Path | None, edge: Bundle | None, voice: Voice) -> list[Finding]:
    """What is wrong with the cloud; without an address nothing is contacted."""
    if url is None:
        return [Finding("cloud", "absent", "no --cloud was given: nothing was contacted")]
    from ...errors import CloudError

    try:
        client = open_cloud(url, token_file, voice, connect_timeout=_SECONDS / 2, deadline=_SECONDS)
    except CloudError as error:
        return [failed("cloud", error, "give the address of an engine: https://HOST, or http://HOST:PORT")]
    except ObclipError as error:
        return [failed("login", error, HOW)]
    began = time.perf_counter()
    try:
        report = client.health()
    except ObclipError as error:
        remedy = "check the address, the network and whether the engine runs ('obclip serve')"
        return [failed("cloud", error, remedy)]
    took = 1000 * (time.perf_counter() - began)
    return [_pair(client.url, report, edge, took), _login(client), *_tls(client.url)]


def _login(client: CloudClient) -> Finding:
    """Whether the cloud lets this token in, or wants none."""
    from ...errors import RefusedError

    try:
        client.check_login()
    except RefusedError as error:
        if not client.has_token:
            return failed("login", error, f"the cloud wants a token: {HOW}")
        return failed("login", error, "ask the cloud's operator for a token ('obclip serve token new')")
    except ObclipError as error:
        return failed("login", error, "try again; the health report did come")
    return Finding("login", "ok", "the cloud lets the token in" if client.has_token else "the cloud wants no token")


def _pair(shown: str, report: dict[str, Any], edge: Bundle | None, took: float) -> Finding:
    plans = report.get("plans")
    more = {"url": shown, "ms": round(took), **{k: report.get(k) for k in ("model", "backend", "pair_sha256", "plans")}}
    says = f"{shown} answered in {took:.0f} ms: model {report['model']}, pair {report['pair_sha256'][:12]}"
    if isinstance(plans, list):
        says += f", plans {', '.join(map(str, plans))}"
    if edge is None:
        return Finding("cloud", "ok", f"{says}; there is no edge bundle to compare it with", more=more)
    own = edge.manifest
    if (report["model"], report["pair_sha256"]) != (own.model, own.pair_sha256):
        return Finding(
            "cloud",
            "error",
            f"{says}; the edge bundle is of another pair ({own.model}, {own.pair_sha256[:12]})",
            "use the edge bundle of the cloud's pair, or ask the cloud for this one",
            BundleError.exit_code,
            more,
        )
    return Finding("cloud", "ok", f"{says}, the edge bundle's", more=more)


def _tls(shown: str) -> list[Finding]:
    """How long the certificate lasts: a handshake, and nothing sent after it."""
    parts = urlsplit(shown)
    host = parts.hostname or ""
    if parts.scheme != "https":
        if is_local(shown):
            return [Finding("TLS", "absent", "none, and none needed: the cloud is this machine")]
        says = "none: whoever is on the way reads the candidates (not which one is yours)"
        return [Finding("TLS", "warning", says, "give an https:// address")]
    from ...cloud.tls import default_context

    try:
        with (
            socket.create_connection((host, parts.port or 443), _SECONDS / 2) as plain,
            default_context().wrap_socket(plain, server_hostname=host) as tls,
        ):
            certificate, spoken = tls.getpeercert() or {}, tls.version()
    except ssl.SSLCertVerificationError as error:
        says = f"the certificate does not fit: {error.verify_message}"
        return [Finding("TLS", "error", says, "renew it, or trust its authority (CloudClient's verify=)", 3)]
    except OSError as error:
        says = f"no TLS connection: {error.strerror or error}"
        return [Finding("TLS", "error", says, "check the address and the engine's proxy", 3)]
    return [_lasting(str(certificate.get("notAfter", "")), spoken or "")]


def _lasting(until: str, spoken: str) -> Finding:
    days = (ssl.cert_time_to_seconds(until) - time.time()) / _DAY
    says = f"{spoken}, the certificate is trusted and ends in {days:.0f} days ({until})"
    more = {"not_after": until, "days": round(days, 1), "version": spoken}
    if days < _SOON_DAYS:
        return Finding("TLS", "warning", says, "renew the certificate", more=more)
    return Finding("TLS", "ok", says, more=more)
