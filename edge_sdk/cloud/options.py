"""The client's arguments, checked when they are given: a mistake shows before anything is sent."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from numbers import Real
from typing import Final

import httpx

from ..errors import InputError

__all__ = ["make_proxy", "positive", "read_addresses", "read_headers", "read_token", "seconds"]

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
#: The transport's own: another value would change how a request is framed.
_FRAMING: Final = frozenset({"content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"})
#: Beyond some such number the system's timers overflow.
_LONGEST: Final = 365 * 24 * 3600
#: The longest deadline that the header can say: eleven days.
_LONGEST_TOLD: Final = 999_999
_PROXIES: Final = ("http", "https", "socks5", "socks5h")


def positive(name: str, value: float) -> float:
    """Seconds, of Python's or numpy's numbers.

    Raises:
        InputError: not a positive number, or more than the operating system can wait.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value <= _LONGEST:
        raise InputError(f"{name} must be a positive number of seconds, at most {_LONGEST} (a year)")
    return float(value)


def seconds(value: float) -> str:
    """As ``obclip-deadline`` says it (SPEC.md, "HTTP"): at most six digits and three decimals, never nothing.

    >>> seconds(300.0), seconds(2.5), seconds(0.00001), seconds(10.0**7)
    ('300', '2.5', '0.001', '999999')
    """
    milliseconds = math.ceil(1000 * min(value, _LONGEST_TOLD))
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}".rstrip("0").rstrip(".")


def read_addresses(url: str | Sequence[str]) -> list[str]:
    """The cloud's addresses, in order; each is checked by :func:`~.endpoint.read_endpoint`.

    Raises:
        InputError: neither a text nor a list, or an empty list.
    """
    addresses = [url] if isinstance(url, str) else url
    if not isinstance(addresses, list | tuple):
        raise InputError(f"the cloud's address is a URL as text, or a list of them, not {type(url).__name__}")
    if not addresses:
        raise InputError("no cloud address is given")
    return list(addresses)


def read_token(token: str) -> str:
    """A bearer token (RFC 6750).

    Raises:
        InputError: not printable ASCII without spaces. The text does not hold it.
    """
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise InputError("token= must be printable ASCII without spaces")
    return token


def read_headers(headers: Mapping[str, str] | None, own: Collection[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """More headers, names in lower case; and their values, which are not to be printed.

    Raises:
        InputError: no name or value of a header, or one that the client sets itself.
    """
    if not isinstance(headers, Mapping | None):
        raise InputError(f"headers= is a mapping of names to texts, not {type(headers).__name__}")
    out: dict[str, str] = {}
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InputError("headers= holds a name that no HTTP header may have")
        if name.lower() in _FRAMING or name.lower() in own:
            raise InputError(f"headers= may not hold {name!r}: the client sets it, the same for everybody")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise InputError(f"headers= holds a value for {name!r} that is not printable ASCII")
        out[name.lower()] = value
    return out, tuple(part for value in out.values() for part in (value, *value.split()))


def make_proxy(proxy: str | None) -> tuple[httpx.Proxy | None, tuple[str, ...]]:
    """The proxy, and the parts of its address that are not to be printed.

    Raises:
        InputError: not the address of a proxy, or of a kind whose package is not installed.
    """
    if proxy is None:
        return None, ()
    try:
        url = httpx.URL(proxy)
        made = httpx.Proxy(url)
        if url.port is not None and not 1 <= url.port <= 65535:
            raise ValueError
    except (httpx.InvalidURL, TypeError, ValueError, UnicodeError):
        raise InputError("proxy= is not the address of a proxy, e.g. http://127.0.0.1:3128") from None
    if url.scheme not in _PROXIES or not url.host:
        raise InputError(f"proxy= must begin with one of {', '.join(p + '://' for p in _PROXIES)} and name a host")
    if url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise InputError("a SOCKS proxy needs socksio: pip install 'httpx[socks]'")
    login = b64encode(f"{url.username}:{url.password}".encode()).decode()
    return made, tuple(part for part in (url.username, url.password, login, *url.userinfo.decode().split(":")) if part)
