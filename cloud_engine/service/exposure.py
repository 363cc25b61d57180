"""What stands between the engine and the internet: nothing is opened unless it is asked for by name."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from ..errors import ConfigError, WrongHostError

__all__ = ["check_exposure", "check_host", "is_local"]

ANY: Final = "*"
_LOCAL_NAME: Final = "localhost"
_HOST: Final = re.compile(r"(\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^:\[\]]+))(:[0-9]{1,5})?")


def is_local(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == _LOCAL_NAME:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_exposure(host: str, tokens: Path | None, allow_anonymous: bool, insecure: bool, tls: bool) -> None:
    """Refuse to listen beyond this machine without tokens or without TLS, unless each is waived by name.

    Raises:
        ConfigError: says what is missing.
    """
    if is_local(host):
        return
    if tokens is None and not allow_anonymous:
        raise ConfigError(
            f"listening on {host} without tokens lets anybody use this engine: give --tokens (obclip serve token new "
            "makes one), or --allow-anonymous"
        )
    if not tls and not insecure:
        raise ConfigError(
            f"listening on {host} without TLS sends prompts and tokens in clear: give --tls-certificate and --tls-key, "
            "listen on 127.0.0.1 behind a proxy (docs/SERVICE.md), or give --insecure"
        )


def check_host(header: str, names: tuple[str, ...]) -> None:
    """Refuse a ``Host`` that is neither an address nor a name of this server.

    A page of another site whose name was bound to this machine's address (DNS rebinding) says its own name here.

    Raises:
        WrongHostError: it is not listed.
    """
    if ANY in names:
        return
    found = _HOST.fullmatch(header.lower())
    name = (found["v6"] or found["name"]) if found else ""
    if name == _LOCAL_NAME or name in names or _is_address(name):
        return
    raise WrongHostError("this server does not answer to that name; its operator lists names with --allow-host")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
