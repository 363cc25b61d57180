"""The build's list: every file of the page with its SHA-256. It stands in ``sw.js``, the worker that answers for the
host from the second visit on, and in ``files.json``; web_demo/src/worker/build.mjs writes both.

The worker gives the page nothing whose hash is another. So a file that is made for one host has to be entered, and the
bundle's manifest (which holds the hashes of the bundle's files) is entered too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ..errors import InputError

__all__ = ["FILES", "WORKER", "Entry", "Listing", "read_listing"]

WORKER: Final = "sw.js"
FILES: Final = "files.json"
_LIST: Final = re.compile(r"\Aconst BUILD = (\{.*\});$", re.MULTILINE)
_OLD: Final = "sw.js and files.json are not those of one build: build the page again (scripts/build_web)"


@dataclass(frozen=True)
class Entry:
    """One file of the list."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Listing:
    """The list, and the worker's code behind it."""

    entries: Mapping[str, Entry]
    code: str

    def amend(self, changed: Mapping[str, Entry]) -> tuple[bytes, bytes]:
        """``sw.js`` and ``files.json`` with other entries. The version is the list's hash: browsers see a new build."""
        entries = dict(sorted({**self.entries, **changed}.items()))
        files = {name: {"bytes": e.size, "sha256": e.sha256} for name, e in entries.items()}
        version = sha256(_written(files)).hexdigest()[:16]
        told = _written({"version": version, "files": files})
        return b"const BUILD = " + told + b";" + self.code.encode(), told


def _written(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def read_listing(worker: str, files: str) -> Listing:
    """Read both.

    Raises:
        InputError: they are not of the form that the builder writes, or differ.
    """
    found = _LIST.search(worker)
    try:
        if found is None or json.loads(found[1]) != json.loads(files):
            raise InputError(_OLD)
        given = json.loads(files)["files"]
        entries = {str(name): Entry(int(e["bytes"]), str(e["sha256"])) for name, e in given.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(_OLD) from None
    return Listing(entries, worker[found.end() :])
