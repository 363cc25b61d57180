"""Where pictures go: a file, stdout, and a folder of previews. All of it is checked before anything else is done."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import stopping

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["STDOUT", "Previews", "check_out", "write_out"]

#: The name that means standard output.
STDOUT: Final = Path("-")
_PREVIEW: Final = "step-{:03d}.png"
_PREVIEWS: Final = "step-[0-9][0-9][0-9].png"


def check_out(out: Path, overwrite: bool) -> None:
    """Refuse an output before any work is done (and before anything is sent).

    Raises:
        InputError: no PNG name, there already, no folder, not writable; or stdout is a terminal.
    """
    from ..device.images import check_writable
    from ..errors import InputError

    if out != STDOUT:
        check_writable(out, overwrite)
    elif sys.stdout is None:
        raise InputError("--out - writes a PNG to standard output, which is closed: redirect it, or name a file")
    elif sys.stdout.isatty():
        raise InputError("--out - writes a PNG to standard output, which is a terminal: redirect it, or name a file")


def write_out(image: Image, out: Path) -> None:
    """The picture to its place; on stdout it is all that is written there.

    Raises:
        InputError: the disk refuses. BrokenPipeError: nobody reads.
    """
    from ..device.images import write_png
    from ..errors import InputError

    if out != STDOUT:
        write_png(image, out)
        return
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    try:
        sys.stdout.buffer.write(buffer.getvalue())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"cannot write the picture to standard output: {error.strerror}") from None


class Previews:
    """``step-011.png``, … in a folder: the picture after each step here, numbered as step of all T."""

    def __init__(self, folder: Path | None, overwrite: bool) -> None:
        """Checks the folder, and makes nothing.

        Raises:
            InputError: it is no folder, its parent is missing, it is not writable, or it holds previews already.
        """
        from ..errors import InputError

        self._folder = folder
        if folder is None:
            return
        try:
            there = folder.exists()
        except (OSError, ValueError) as error:
            raise InputError(f"cannot use the name {folder}: {getattr(error, 'strerror', '') or error}") from None
        if there and not folder.is_dir():
            raise InputError(f"--preview {folder} is no folder")
        base = folder if folder.is_dir() else folder.parent
        if not base.is_dir():
            raise InputError(f"there is no folder {base}: make it first, or mend the name")
        if not os.access(base, os.W_OK | os.X_OK):
            raise InputError(f"cannot write into {base}: it is not writable")
        if not overwrite and any(folder.glob(_PREVIEWS)):
            raise InputError(f"{folder} holds previews already; pass --overwrite, or choose another folder")

    @property
    def wanted(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    def begin(self) -> None:
        """Make the folder, or take the previews of an earlier run out of it, so that two runs never mix."""
        from ..errors import InputError

        if self._folder is None:
            return
        try:
            self._folder.mkdir(exist_ok=True)
            for old in self._folder.glob(_PREVIEWS):
                old.unlink()
        except OSError as error:
            raise InputError(f"cannot use the folder {self._folder}: {error.strerror}") from None

    def write(self, image: Image, step: int) -> None:
        """The picture after step ``step`` (from 1) of all: whole or not there.

        Raises:
            InputError: the disk refuses.
        """
        from ..device.images import write_png

        assert self._folder is not None
        stopping.leave(f"no picture was written; its previews are in {self._folder}")
        write_png(image, self._folder / _PREVIEW.format(step))
