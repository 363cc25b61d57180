"""Bearer tokens (RFC 6750): 256 random bits each, of which the server's file holds the SHA-256 alone.

A fast hash is enough for what cannot be guessed. The file is read again when it changes, so that tokens come and go
without a restart; several may be good at once, so that they rotate. Which client a token belongs to is nowhere: it has
an id that is as random as itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ConfigError, WrongTokenError

__all__ = ["Token", "TokenFile", "make_token", "read_tokens", "write_tokens"]

Role = Literal["use", "metrics", "admin"]
#: So that scanners of leaked secrets can know one.
_PREFIX: Final = "obclip_"
_RANDOM_BYTES: Final = 32
#: A longer one is none of ours: it is refused before it is hashed.
_MOST_CHARS: Final = 128
#: Seconds between two looks at the file.
_LOOK_AGAIN: Final = 1.0
_FILE_MODE: Final = 0o600


class Token(BaseModel):
    """What the file says of one token.

    Args:
        id: names it in ``obclip serve token list``.
        sha256: of the token itself, hex.
        role: ``use`` for requests, ``metrics`` for ``/metrics``, ``admin`` for everything.
        evaluations: UNet evaluations that it may use in each ``window`` seconds; ``None`` for any number.
        expires: Unix time; ``None`` for never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    role: Role = "use"
    evaluations: int | None = Field(default=None, ge=1, lt=10**12)
    window: int = Field(default=60, ge=1, le=10**6)
    created: int = 0
    expires: int | None = None


def make_token(
    role: Role = "use", evaluations: int | None = None, window: int = 60, days: int | None = None
) -> tuple[str, Token]:
    """A new token, to be shown once, and its record."""
    text = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    now = int(time.time())
    expires = None if days is None else now + 86400 * days
    record = Token(
        id=secrets.token_hex(4),
        sha256=_hash(text),
        role=role,
        evaluations=evaluations,
        window=window,
        created=now,
        expires=expires,
    )
    return text, record


def read_tokens(path: Path) -> list[Token]:
    """The file's records.

    Raises:
        ConfigError: it cannot be read, or is not of this form.
    """
    try:
        raw: Any = json.loads(path.read_text("utf-8"))
        return [Token.model_validate(item) for item in raw["tokens"]]
    except OSError as error:
        raise ConfigError(f"the tokens' file {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, ValidationError):
        raise ConfigError(f"{path} is not a file of tokens; make it with: obclip serve token new") from None


def write_tokens(path: Path, tokens: Sequence[Token]) -> None:
    """Replace the file as a whole, readable by its owner alone.

    Raises:
        ConfigError: it cannot be written.
    """
    text = json.dumps({"tokens": [t.model_dump(exclude_none=True) for t in tokens]}, indent=1) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)  # half of it, where the disk is full
        raise ConfigError(f"the tokens' file {path} cannot be written: {error.strerror}") from None


class TokenFile:
    """The tokens that a running server knows.

    Raises:
        ConfigError: see :func:`read_tokens`; afterwards a damaged file leaves the tokens as they were.
    """

    def __init__(
        self, path: Path, on_fault: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.time
    ) -> None:
        self._path, self._on_fault, self._clock = path, on_fault, clock
        self._tokens = read_tokens(path)
        self._stamp = self._read_stamp()
        self._looked = time.monotonic()

    def find(self, text: str) -> Token:
        """The record of a token.

        Raises:
            WrongTokenError: none, or expired.
        """
        self._refresh()
        digest = _hash(text) if len(text) <= _MOST_CHARS else ""
        found: Token | None = None
        for token in self._tokens:  # all of them, always: the time must not tell how far it got
            if hmac.compare_digest(token.sha256, digest):
                found = token
        if found is None or (found.expires is not None and found.expires <= self._clock()):
            raise WrongTokenError("this token is not known here, has expired or was revoked; ask the operator for one")
        return found

    def _refresh(self) -> None:
        if time.monotonic() - self._looked < _LOOK_AGAIN:
            return
        self._looked = time.monotonic()
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._tokens = read_tokens(self._path)
        except ConfigError:
            self._on_fault()

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
