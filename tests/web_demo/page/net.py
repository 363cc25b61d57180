"""What a Chromium asked for, from its network log (``--log-net-log``): every request, name and connection of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

#: Where drive.mjs turns what Chromium asks for of its own.
_ITSELF: Final = "browser-itself.invalid"
#: Schemes that leave the machine's memory.
_NETWORK: Final = ("http", "https", "ws", "wss")


@dataclass(frozen=True)
class Asked:
    """``origins``: of every request and connection. ``looked_up``: names that a resolver was asked for.

    ``requests``: how many were started.
    """

    origins: set[str]
    looked_up: set[str]
    requests: int
    text: str


def asked(log: Path) -> Asked:
    """Read a log that is whole."""
    text = log.read_text()
    told = json.loads(text)
    names = {number: name for name, number in told["constants"]["logEventTypes"].items()}
    origins, looked_up, requests = set(), set(), 0
    for event in told["events"]:
        kind, params = names[event["type"]], event.get("params", {})
        if kind == "URL_REQUEST_START_JOB":
            requests += 1
            origins |= _origin(params.get("url", ""))
        elif kind == "TCP_CONNECT_ATTEMPT" and "address" in params:
            origins.add(f"http://{params['address']}")
        elif kind in ("HOST_RESOLVER_MANAGER_REQUEST", "HOST_RESOLVER_DNS_TASK", "HOST_RESOLVER_SYSTEM_TASK"):
            looked_up |= _name(params)
        elif kind == "UDP_BYTES_SENT":  # names over UDP, or QUIC; a connection alone sends nothing
            looked_up.add(f"something over UDP to {params.get('address', 'a name server')}")
    assert requests > 0, f"{log} holds no request: the log is of another form"
    return Asked(origins, looked_up, requests, text)


def _origin(url: str) -> set[str]:
    parts = urlsplit(url)
    return {f"{parts.scheme}://{parts.netloc}"} if parts.scheme in _NETWORK and parts.netloc != _ITSELF else set()


def _name(params: dict[str, Any]) -> set[str]:
    host = str(params.get("host", params.get("hostname", "")))
    name = urlsplit(host if "//" in host else f"//{host}").hostname or ""
    return set() if name in ("", "~notfound", _ITSELF) or name.replace(".", "").isdigit() else {name}
