"""Everything that is served or exported: the page, the edge bundle, and what is made for this host.

A site is a table of names; nothing that is not in it can be asked for. It is made once: a file that changes afterwards
is an error, not another answer.
"""

from __future__ import annotations

import io
import json
import os
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256, sha384
from pathlib import Path
from typing import BinaryIO, Final

from obclip_contract import open_bundle
from obclip_contract.bundle import MANIFEST
from obclip_contract.errors import BundleError

from ..errors import InputError
from .headers import content_policy, page_cloud, source_of
from .index import pin_index
from .listing import FILES, WORKER, Entry
from .page import INDEX, Page

__all__ = ["BUNDLE", "CONFIG", "Part", "Site", "make_site"]

#: The folder of the edge bundle beside the page.
BUNDLE: Final = "bundle/"
CONFIG: Final = "config.json"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file of a site: bytes made here, or a file on disk as it was when it was looked at."""

    size: int
    sha256: str
    sha384: bytes = field(repr=False)
    made: bytes = field(default=b"", repr=False)
    path: Path | None = None
    changed_ns: int = 0

    @property
    def integrity(self) -> str:
        """Its hash, as browsers compare it."""
        return f"sha384-{b64encode(self.sha384).decode()}"

    def open(self) -> BinaryIO:
        """Its bytes.

        Raises:
            InputError: the file was replaced, changed or removed since.
        """
        if self.path is None:
            return io.BytesIO(self.made)
        try:
            handle = os.fdopen(os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")
        except OSError as error:
            raise InputError(f"{self.path} cannot be read any more ({error.strerror}): start again") from None
        now = os.fstat(handle.fileno())
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed_ns):
            handle.close()
            raise InputError(f"{self.path} was changed meanwhile: start again")
        return handle


@dataclass(frozen=True)
class Site:
    """The files by name, and what goes with them.

    Attributes:
        cloud: the address in ``config.json``, or ``None``.
        policy: the content policy for every answer.
    """

    parts: dict[str, Part]
    cloud: str | None
    policy: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(part.size for part in self.parts.values())


def make_site(page: Page, bundle: Path, cloud: str | None) -> Site:
    """Put a page and an edge bundle together for one host.

    ``index.html`` gets the content policy for this cloud and the hashes of what it loads; ``sw.js`` and ``files.json``
    get its new hash and that of the bundle's manifest.

    Raises:
        InputError, CloudError: the cloud's address. BundleError: the bundle, or it holds nothing that a browser runs.
    """
    address = None if cloud is None else page_cloud(cloud)
    origin = None if address is None else source_of(address)
    parts = {name: _look(path) for name, path in page.files.items()}
    opened = open_bundle(bundle, "edge")
    if not any(graph.format == "tflite" for graph in opened.manifest.graphs):
        raise BundleError(f"the bundle {bundle} has no LiteRT graphs, and a browser runs no others: export those too")
    for name in (MANIFEST, *(f.path for f in opened.manifest.files)):
        parts[BUNDLE + name] = _look(bundle / name)
    parts[CONFIG] = _make(json.dumps({"cloud": address, "bundle": BUNDLE}).encode() + b"\n")
    hashes = {name: part.integrity for name, part in parts.items()}
    parts[INDEX] = _make(pin_index(page.index, hashes, content_policy(origin, meta=True)))
    changed = {n: Entry(parts[n].size, parts[n].sha256) for n in (INDEX, BUNDLE + MANIFEST)}
    worker, listed = page.listing.amend(changed)
    parts |= {WORKER: _make(worker), FILES: _make(listed)}
    return Site(dict(sorted(parts.items())), address, content_policy(origin))


def _look(path: Path) -> Part:
    """A file's hashes, in one reading."""
    one, other = sha256(), sha384()
    with path.open("rb") as file:
        now = os.fstat(file.fileno())
        while chunk := file.read(_CHUNK):
            one.update(chunk)
            other.update(chunk)
    return Part(now.st_size, one.hexdigest(), other.digest(), path=path, changed_ns=now.st_mtime_ns)


def _make(data: bytes) -> Part:
    return Part(len(data), sha256(data).hexdigest(), sha384(data).digest(), data)
