"""Pictures: from the decoder's array to an image, and to a PNG file that is whole or not there."""

from __future__ import annotations

import io
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError
from .runtimes.protocol import Float32

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["check_output", "to_image", "write_png"]

#: Names that promise another format than the one that is written.
_OTHER_FORMATS = frozenset({".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic"})


def to_image(pixels: Float32) -> Image:
    """Decoder output ``[3, H, W]`` in [-1, 1] to an RGB Pillow image (clipped, rounded to 8 bits)."""
    from PIL import Image

    levels = np.rint((np.clip(pixels, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0)))


def check_output(path: str | os.PathLike[str], clobber: bool = True) -> Path:
    """Refuse a bad output name before anything is computed or sent.

    Returns the path with links resolved. Raises :class:`InputError` for another format's suffix, a
    folder, a missing or unwritable parent, or an existing file when ``clobber`` is False.
    """
    given = Path(path)
    if given.suffix.lower() in _OTHER_FORMATS:
        raise InputError(f"{given} would not be a {given.suffix} file: pictures are PNG; name it {given.stem}.png")
    target = Path(os.path.realpath(given))
    if target.is_dir():
        raise InputError(f"{given} is a folder; give a file name in it")
    if target.exists() and not clobber:
        raise InputError(f"{given} exists; give another name or leave out --no-clobber")
    if not _is_special(target):
        if not target.parent.is_dir():
            raise InputError(f"cannot write {given}: the folder {target.parent} does not exist")
        probe = _create_beside(target, given)
        os.close(probe[0])
        probe[1].unlink()
    return target


def write_png(image: Image, path: str | os.PathLike[str], clobber: bool = True) -> None:
    """Write ``image`` as PNG, without metadata. The file is complete or untouched.

    The bytes go to a new file beside the target, are flushed to the disk, and then take the target's
    name in one step. A device or pipe (``/dev/stdout``) is written directly. Raises
    :class:`InputError` when the disk is full or the place cannot be written.
    """
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    data, target = buffer.getvalue(), Path(os.path.realpath(path))
    if _is_special(target):
        try:
            target.write_bytes(data)
        except OSError as error:
            raise _unwritable(path, error) from None
        return
    descriptor, temporary = _create_beside(target, path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if clobber:
            os.replace(temporary, target)
        else:
            os.link(temporary, target)  # fails if the name was taken meanwhile, where replace would not
    except FileExistsError:
        raise InputError(f"{path} exists; give another name or leave out --no-clobber") from None
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _is_special(target: Path) -> bool:
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _create_beside(target: Path, given: str | os.PathLike[str]) -> tuple[int, Path]:
    """A new empty file in the target's folder, with the permissions the user's umask gives."""
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), temporary
    except OSError as error:
        raise _unwritable(given, error) from None


def _unwritable(path: str | os.PathLike[str], error: OSError) -> InputError:
    return InputError(f"cannot write {os.fspath(path)}: {error.strerror or error}; nothing was written")


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the file system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
