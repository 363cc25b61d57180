"""Put a finished bundle in the place of an old one, so that a failure leaves the old one where it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from .bundle import MANIFEST

__all__ = ["copy_bundle", "swap_in"]

_OLD: Final = "old"


def swap_in(part: Path, out: Path) -> None:
    """Move the folder ``part`` to ``out``, both in one file system; a folder that is at ``out`` goes.

    It is set aside first, by a rename, and put back if the second rename fails. (A process that is killed between the
    two leaves it in a folder ``.NAME-old-…`` beside ``out``.)

    Raises:
        OSError: the file system refuses; ``out`` is then what it was.
    """
    if not out.exists():
        os.replace(part, out)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        os.replace(out, aside / _OLD)
        try:
            os.replace(part, out)
        except BaseException:
            os.replace(aside / _OLD, out)
            raise
    except BaseException:
        with suppress(OSError):
            aside.rmdir()  # empty, unless the way back failed too: then it keeps the old folder
        raise
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
