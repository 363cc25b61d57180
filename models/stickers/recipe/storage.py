"""Files of the working folder: written beside their names and renamed, checked when they are read.

A stop, a full disk or a crash never leaves half a file under a name that a stage reads, and the checkpoint before the
last one is kept, so that a damaged one costs a few minutes.
"""

from __future__ import annotations

import errno
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from numpy.typing import NDArray

from .errors import BrokenCheckpoint, DiskFull

_FULL_TEXT: Final = "no room on the disk for {path}; what was there before is kept. Make room, then go on"
#: What torch, safetensors and numpy say when a write was cut short, in errors without the system's number.
_FULL_SIGNS: Final = ("unexpected pos", "No space left", "os error 28", "File too large", "requested and")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(path: Path, save: Callable[[BinaryIO], object], keep: Path | None = None) -> None:
    """Let ``save`` write a file, then give it its name; the file of that name before becomes ``keep``, if told.

    Raises:
        DiskFull: there was no room; ``path`` holds what it held.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            save(file)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        if _is_full(error):
            raise DiskFull(_FULL_TEXT.format(path=path)) from error
        raise
    if keep is not None and path.exists():
        os.replace(path, keep)
    os.replace(part, path)


def _is_full(error: BaseException) -> bool:
    """Libraries wrap a failed write in errors of their own: the system's is behind it, or in its text."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and chain.errno in _FULL:
            return True
        if any(text in str(chain) for text in _FULL_SIGNS):
            return True
        chain = chain.__cause__ or chain.__context__
    return False


def write_folder(path: Path, save: Callable[[Path], object]) -> None:
    """:func:`write` for a folder that ``save`` fills: whole, or as it was.

    Raises:
        DiskFull: there was no room; ``path`` holds what it held.
    """
    part, old = path.with_name(path.name + ".part"), path.with_name(path.name + ".old")
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        save(part)
    except Exception as error:
        shutil.rmtree(part, ignore_errors=True)
        if _is_full(error):
            raise DiskFull(_FULL_TEXT.format(path=path)) from error
        raise
    if path.exists():
        os.replace(path, old)
    os.replace(part, path)
    shutil.rmtree(old, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """:func:`write` for text, UTF-8."""
    write(path, lambda file: file.write(text.encode()))


def write_array(path: Path, array: NDArray[Any]) -> None:
    """:func:`write` for one numpy array (``.npy``; nothing is pickled)."""
    write(path, lambda file: np.save(file, array, allow_pickle=False))


def read_array(path: Path) -> NDArray[Any]:
    """The array of a ``.npy`` file, mapped, not read.

    Raises:
        BrokenCheckpoint: the file is cut short or no such file.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise BrokenCheckpoint(f"{path} is cut short or damaged ({error}); delete it, and it is made again") from error
    return array


def previous(checkpoint: Path) -> Path:
    """Where the checkpoint before the last one lies."""
    return checkpoint.with_name(checkpoint.name + ".previous")


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a training state; the one before it stays beside it.

    Raises:
        DiskFull: there was no room; both checkpoints are as they were.
    """
    write(path, lambda file: torch.save(state, file), keep=previous(path))


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A training state as :func:`save_checkpoint` wrote it. Tensors only: nothing in it runs.

    Raises:
        BrokenCheckpoint: the file is cut short or altered; the message names the one before it, if there is one.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (FileNotFoundError, PermissionError):
        raise
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, ValueError, KeyError) as error:
        older = previous(path)
        hint = f"put {older.name} in its place (mv)" if older.exists() else "delete it: the stage starts again"
        raise BrokenCheckpoint(f"{path} is cut short or damaged; {hint}") from error
    return state
