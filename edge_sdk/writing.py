"""A file is whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import InputError

__all__ = ["write_whole"]


def write_whole(content: bytes, path: Path) -> None:
    """Write beside, flush to disk, rename: a full disk or a stop leaves no half file.

    Raises:
        InputError: the disk refuses; nothing is left behind.
    """
    part: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=".obclip-", suffix=".part", dir=path.parent)
        part = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        os.replace(part, path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; nothing was written") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
