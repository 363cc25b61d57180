"""Pictures: from the decoder's array to a PNG that is either whole or not there."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, LatentError
from ..writing import write_whole

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check_writable", "to_image", "to_pixels", "write_png"]


def to_image(decoded: NDArray[Any]) -> Image.Image:
    """float32 ``[1, 3, S, S]`` in [-1, 1] -> RGB picture.

    Raises:
        LatentError: a value is not finite.
    """
    from PIL import Image

    _check_finite(decoded)
    pixels = np.clip((decoded[0] + 1.0) * 127.5, 0.0, 255.0).round().astype(np.uint8)
    return Image.fromarray(pixels.transpose(1, 2, 0))


def to_pixels(decoded: NDArray[Any]) -> NDArray[Any]:
    """float32 ``[B, 3, S, S]`` in [-1, 1] -> float32 ``[B, S, S, 3]`` in [0, 1], as diffusers' output type "np".

    Raises:
        LatentError: a value is not finite.
    """
    _check_finite(decoded)
    pixels: NDArray[Any] = np.clip(decoded / 2 + 0.5, 0.0, 1.0).transpose(0, 2, 3, 1).astype(np.float32)
    return pixels


def _check_finite(decoded: NDArray[Any]) -> None:
    if not np.isfinite(decoded).all():
        raise LatentError("the decoded picture holds values that are not finite")


def check_writable(path: Path, overwrite: bool) -> None:
    """Refuse an output path before any work is done (and before anything is sent).

    Raises:
        InputError: not a PNG name, exists already, or its folder is missing or not writable.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"{path} must end in .png")
    folder = path.parent
    try:
        there = path.lstat()  # of the name itself: a link that leads nowhere is there too
    except (FileNotFoundError, NotADirectoryError):
        there = None
    except OSError as error:  # a name that is too long, a folder that may not be entered, a circle of links
        raise InputError(f"cannot use the name {path}: {error.strerror}") from None
    if there is not None and not overwrite:
        raise InputError(f"{path} exists already; pass --overwrite, or choose another name")
    if there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)):
        raise InputError(f"{path} is no file that could be replaced: choose another name")
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}: make it first, or mend the name")
    if not os.access(folder, os.W_OK):
        raise InputError(f"cannot write into {folder}: it is not writable")


def write_png(image: Image.Image, path: Path) -> None:
    """The picture as PNG, whole or not there.

    Raises:
        InputError: the disk refuses; nothing is left behind.
    """
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    write_whole(buffer.getvalue(), path)
