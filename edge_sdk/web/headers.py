"""What a host has to say with the page's files: one table for ``obclip web`` and for the hosts of an exported folder.

The content policy is the one that counts: it lets a page that was made to do something else (by a fault in it, or by a
library) speak to its own host and to the cloud, and to nobody else. It does not hold a page back whose *host* is
dishonest, since it comes from there: docs/PRIVACY.md, "Who serves the page".
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from ..cloud.endpoint import read_endpoint
from ..errors import InputError

__all__ = [
    "FIXED",
    "META_LACKS",
    "TYPES",
    "cache_of",
    "content_policy",
    "is_packed",
    "page_cloud",
    "source_of",
    "type_of",
]

#: Directives that a ``<meta>`` cannot hold.
META_LACKS: Final = ("frame-ancestors",)
#: With every answer. The two cross-origin policies give the page threads (shared memory).
FIXED: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "camera",
            "display-capture",
            "geolocation",
            "hid",
            "microphone",
            "midi",
            "payment",
            "serial",
            "usb",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Files whose name changes with their content, as Vite names them.
_HASHED: Final = re.compile(r"assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+(\.map)?")
_FOR_EVER: Final = "public, max-age=31536000, immutable"
#: Kept, but asked about each time (by ETag).
_ASKED: Final = "no-cache"
#: Media types by the ending of a name.
TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "wasm": "application/wasm",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
#: Endings whose files get smaller when packed; a bundle's weights do not.
_PACKED: Final = ("html", "js", "mjs", "css", "json", "map", "webmanifest", "wasm", "svg", "txt", "bin")
#: Hosts that browsers let a page of https ask by http.
_LOCAL: Final = ("localhost", "127.0.0.1")
_HOST: Final = re.compile(r"https?://[a-z0-9_.\-]+(:[0-9]+)?")


def content_policy(cloud: str | None, meta: bool = False) -> str:
    """The Content-Security-Policy.

    Args:
        cloud: the cloud's origin, the only other host that the page may speak to.
        meta: leave out what a ``<meta>`` cannot hold.
    """
    directives = {
        "default-src": ["'none'"],
        # WebAssembly is compiled, text never is: no 'unsafe-eval'. No require-trusted-types-for, since LiteRT.js loads
        # its own script from an address that is a string, which that directive stops.
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'", *([cloud] if cloud else [])],
        # From a blob, the device's worker has the page's own policy, also where a host sends none with its file.
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{k} {' '.join(v)}" for k, v in directives.items() if not (meta and k in META_LACKS))


def page_cloud(url: str) -> str:
    """A cloud's address as the page is told it, or why the page cannot have it.

    Raises:
        CloudError: not an http(s) URL. InputError: it holds a secret, or a host that no content policy can name.
    """
    endpoint = read_endpoint(url)
    if endpoint.secrets:
        raise InputError(
            "the cloud's address holds a login or a query, which everybody who opens the page could read: leave it "
            "out, and type a token into the page's settings"
        )
    origin = source_of(endpoint.shown)
    if not endpoint.secure and urlsplit(origin).hostname not in _LOCAL:
        raise InputError(
            f"the page refuses {endpoint.shown}, since http is for an engine on the person's own machine "
            "(http://127.0.0.1:8000): put a proxy with TLS in front of the engine, and name its https address"
        )
    if not _HOST.fullmatch(origin):
        raise InputError(
            f"a page's content policy cannot name {endpoint.shown}: use a host's name or an IPv4 address, e.g. "
            "http://localhost:8000"
        )
    return endpoint.shown


def source_of(address: str) -> str:
    """The origin of an address that :func:`page_cloud` gave."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def type_of(name: str) -> str:
    """A file's media type; bytes without one for what is no web file."""
    return TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def cache_of(name: str) -> str:
    """For how long a browser may keep a file."""
    return _FOR_EVER if _HASHED.fullmatch(name) else _ASKED


def is_packed(name: str) -> bool:
    """Whether packing a file is worth the time."""
    return name.rpartition(".")[2].lower() in _PACKED
