"""The device key: 32 random bytes in a file that its owner alone can read. It keys every hash of the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from ..errors import LedgerError

_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def device_key(path: Path) -> bytes:
    """Read the key, or make it. Two processes that make it at once get the same one.

    Raises:
        LedgerError: it cannot be read or written, is readable by others, or is no key.
    """
    try:
        if not path.exists():
            _make(path)
        mode = path.stat().st_mode
        key = path.read_bytes()
    except OSError as error:
        raise LedgerError(f"the device key {path} cannot be used: {error.strerror}; nothing was sent") from None
    if os.name == "posix" and mode & _OTHERS:
        raise LedgerError(f"others can read the device key {path}: run 'chmod 600 {path}'; nothing was sent")
    if len(key) != _BYTES:
        raise LedgerError(f"{path} is no device key; 'obclip ledger wipe' makes a new one. Nothing was sent")
    return key


def _make(path: Path) -> None:
    """Write beside, then link: the name appears with its whole content, and never replaces another's key."""
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def keyed_hash(key: bytes, purpose: str, text: str) -> str:
    """HMAC-SHA256 (RFC 2104) in hex; ``purpose`` keeps hashes of different uses apart."""
    return hmac.new(key, purpose.encode() + b"\0" + text.encode(), hashlib.sha256).hexdigest()
