"""Write a folder (a bundle, or a page with one) beside its final place and move it there only when it is whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from obclip_contract.bundle import MANIFEST
from obclip_contract.swapping import swap_in

from .errors import OutputError


def need_room(folder: Path, size: int) -> None:
    """Refuse before work begins where ``size`` bytes do not fit below ``folder``.

    Converters written in C++ end the whole process when a write fails, so nobody could clean up after them.

    Raises:
        OutputError: the file system has less room.
    """
    place = folder
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size:
        raise OutputError(f"{place} has room for {free / 1e9:.1f} GB, this export needs {size / 1e9:.1f} GB; free some")


@contextmanager
def staged(out: Path, overwrite: bool, mark: str = MANIFEST, kind: str = "a bundle") -> Iterator[Path]:
    """Yield an empty folder beside ``out``; on success it becomes ``out``, on any failure it vanishes and what
    was at ``out`` stays.

    ``overwrite`` replaces an earlier one, which has the file ``mark`` (any other folder is never replaced).

    Raises:
        OutputError: ``out`` exists and may not be replaced, or the disk refuses.
    """
    if (out.parent / MANIFEST).exists():
        raise OutputError(f"{out.parent} is a bundle itself; give the folder above it, {out.parent.parent}")
    if out.exists():
        is_earlier = (out / mark).exists()
        if not is_earlier and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"{out} exists already and is not {kind}; choose another folder")
        if is_earlier and not overwrite:
            raise OutputError(f"{out} exists already: pass --overwrite to replace it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(f"cannot write below {out.parent}: {error.strerror}") from None
    try:
        yield part
        part.chmod(0o755)
        swap_in(part, out)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
