"""Where a cloud is: its address, and the secrets that an address may hold, kept apart from what is shown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import httpx

from ..errors import CloudError

__all__ = ["Endpoint", "clean", "read_endpoint", "scrub"]

_SHOWN_CHARS: Final = 300
#: A shorter secret would be found in ordinary words, and hide nothing.
_SECRET_CHARS: Final = 4
#: The same of the beginning of a secret.
_PART_CHARS: Final = 8


@dataclass(frozen=True)
class Endpoint:
    """One cloud. ``shown`` is ``scheme://host[:port]/base``: the only form that is ever printed.

    Attributes:
        authorization: value of the header that the address's user and password ask for, or "".
        secrets: what may not be printed: user, password, values of the query.
    """

    shown: str
    authorization: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    _url: httpx.URL = field(repr=False)

    @property
    def secure(self) -> bool:
        """Whether it is spoken to by TLS."""
        return self._url.scheme == "https"

    def url(self, path: str) -> httpx.URL:
        """Where ``path`` of the contract is: behind the base path, with the address's own query."""
        base, mark, query = self._url.raw_path.partition(b"?")
        return self._url.copy_with(raw_path=base.rstrip(b"/") + path.encode("ascii") + mark + query)


def read_endpoint(url: str) -> Endpoint:
    """Take an address apart.

    Raises:
        CloudError: not an http(s) URL. The text holds none of its secrets.
    """
    if not isinstance(url, str):
        raise CloudError(f"the cloud's address must be a URL as text, not {type(url).__name__}")
    try:
        parsed = httpx.URL(url)
        port = parsed.port
        # Read here, and not where the address is shown: a name of the form "xn--…" may hold no letters at all.
        _ = parsed.host
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise CloudError(f"{_quoted(url)} is not a URL, e.g. http://127.0.0.1:8000") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise CloudError(f"{_quoted(url)} is not an http(s) URL, e.g. http://127.0.0.1:8000")
    if port is not None and not 1 <= port <= 65535:
        raise CloudError(f"{_quoted(url)} is not a URL: a port is between 1 and 65535")
    if parsed.fragment:
        raise CloudError("the cloud's address is a URL with a fragment ('#…'), which means nothing here: leave it out")
    user, password = unquote(parsed.username), unquote(parsed.password)
    login = b64encode(f"{user}:{password}".encode()).decode() if user or password else ""
    values = [value for _, value in httpx.QueryParams(parsed.query).multi_items()]
    pieces = [user, password, login, parsed.query.decode("ascii", "replace"), *values]
    pieces += parsed.userinfo.decode("ascii", "replace").split(":")
    base = parsed.raw_path.partition(b"?")[0].decode("ascii").rstrip("/")
    return Endpoint(
        shown=f"{parsed.scheme}://{parsed.netloc.decode('ascii')}{base}",
        authorization=f"Basic {login}" if login else "",
        secrets=tuple(p for p in pieces if p),
        _url=parsed.copy_with(userinfo=b"", fragment=None),
    )


def _quoted(url: str) -> str:
    """An address that cannot be taken apart: shown only where nothing in it can be a secret."""
    if re.search(r"[@?#]", url):
        return "the cloud's address (not shown: it may hold a secret)"
    return repr(clean(url))


def clean(text: str) -> str:
    """Text from outside, fit for a terminal and one line."""
    return "".join(c for c in text[:_SHOWN_CHARS] if c.isprintable())


def scrub(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the secrets, should a server send them back; nor with the beginning of one (:func:`clean` cuts
    long texts, perhaps in the midst of one)."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SECRET_CHARS:
            text = text.replace(secret, "…")
        if secret[:_PART_CHARS] in text and len(secret) > _PART_CHARS:
            for length in range(len(secret) - 1, _PART_CHARS - 1, -1):
                text = text.replace(secret[:length], "…")
    return text
