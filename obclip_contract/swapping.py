"""Put a finished bundle in the place of an old one, so that a failure leaves the old one where it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from .bundle import MANIFEST

__all__ = ["copy_bundle", "swap_all_in", "swap_in"]

_OLD: Final = "old"


def swap_in(part: Path, out: Path) -> None:
    """Move the folder ``part`` to ``out``, both in one file system; a folder that is at ``out`` goes.

    It is set aside first, by a rename, and put back if the second rename fails. (A process that is killed between the
    two leaves it in a folder ``.NAME-old-…`` beside ``out``.)

    Raises:
        OSError: the file system refuses; ``out`` is then what it was.
    """
    swap_all_in([(part, out)])


def swap_all_in(moves: Sequence[tuple[Path, Path]]) -> None:
    """:func:`swap_in` for several folders: all of them, or none.

    Raises:
        OSError: the file system refuses; every place is then what it was.
    """
    undo: list[tuple[Path, Path]] = []  # renames that take back what was done, the last one first
    asides: list[Path] = []
    try:
        for part, out in moves:
            if out.exists():
                asides.append(Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent)))
                old = asides[-1] / _OLD
                undo.insert(0, (old, out))
                os.replace(out, old)
            undo.insert(0, (out, part))
            os.replace(part, out)
    except BaseException:
        for now, before in undo:
            if now.exists() and not before.exists():  # an interrupt may come before or behind any rename
                os.replace(now, before)
        for aside in asides:
            with suppress(OSError):
                aside.rmdir()  # empty, unless the way back failed too: then it keeps the old folder
        raise
    for aside in asides:
        shutil.rmtree(aside, ignore_errors=True)


def copy_bundle(root: Path, part: Path) -> None:
    """Fill the folder ``part`` with a bundle's files, without its manifest; hard links where the file system has them.

    A linked file must be replaced, never written into: it is the old bundle's too.

    Raises:
        OSError: the file system refuses.
    """
    for folder, names, files in os.walk(root):
        here = part / Path(folder).relative_to(root)
        for name in names:
            (here / name).mkdir()
        for name in files:
            if here == part and name == MANIFEST:
                continue
            try:
                os.link(Path(folder) / name, here / name)
            except OSError:
                shutil.copyfile(Path(folder) / name, here / name)
