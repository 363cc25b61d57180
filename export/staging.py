"""Write a folder (a bundle, or a page with one) beside its final place and move it there only when it is whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from obclip_contract.bundle import MANIFEST
from obclip_contract.swapping import swap_all_in

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


def check_place(out: Path, overwrite: bool, mark: str = MANIFEST, kind: str = "a bundle") -> None:
    """Whether something may be written to ``out``; see :func:`staged`.

    Raises:
        OutputError: it may not.
    """
    if (out.parent / MANIFEST).exists():
        raise OutputError(f"{out.parent} is a bundle itself; give the folder above it, {out.parent.parent}")
    if out.exists() or out.is_symlink():
        is_earlier = (out / mark).exists()
        if not is_earlier and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"{out} exists already and is not {kind}; choose another folder")
        if is_earlier and not overwrite:
            raise OutputError(f"{out} exists already: pass --overwrite to replace it")


@contextmanager
def staged(out: Path, overwrite: bool, mark: str = MANIFEST, kind: str = "a bundle") -> Iterator[Path]:
    """Yield an empty folder beside ``out``; on success it becomes ``out``, on any failure it vanishes and what
    was at ``out`` stays.

    ``overwrite`` replaces an earlier one, which has the file ``mark`` (any other folder is never replaced).

    Raises:
        OutputError: ``out`` exists and may not be replaced, or the disk refuses.
    """
    with staged_all((out,), overwrite, mark, kind) as parts:
        yield parts[0]


@contextmanager
def staged_all(
    outs: Sequence[Path], overwrite: bool, mark: str = MANIFEST, kind: str = "a bundle"
) -> Iterator[list[Path]]:
    """:func:`staged` for several folders: all of them become what they are to be, or none does.

    Raises:
        OutputError: see :func:`staged`.
    """
    for out in outs:
        check_place(out, overwrite, mark, kind)
    parts: list[Path] = []
    try:
        try:
            for out in outs:
                out.parent.mkdir(parents=True, exist_ok=True)
                parts.append(Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent)))
        except OSError as error:
            raise OutputError(f"cannot write below {out.parent}: {error.strerror}") from None
        try:
            yield parts
            for part in parts:
                part.chmod(0o755)
            swap_all_in(list(zip(parts, outs, strict=True)))
        except OSError as error:
            raise OutputError(f"cannot write {', '.join(map(str, outs))}: {error.strerror or error}") from None
    finally:
        for part in parts:
            shutil.rmtree(part, ignore_errors=True)
