"""Engines that belong to a bundle: built in a folder beside it, and put into it together when all are there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cloud_engine.backends.tensorrt.engines import SETTINGS
from obclip_contract import Bundle, write_bundle
from obclip_contract.swapping import copy_bundle

from ..errors import OutputError
from ..staging import staged

__all__ = ["ENGINES", "folder_beside", "put_in"]

#: In a bundle.
ENGINES: Final = "engines"


def folder_beside(bundle: Bundle) -> Path:
    """A folder for a bundle's engines while they are built; those that the bundle has already are in it.

    It stays where a build fails or is interrupted, and the next one keeps what lies in it.

    Raises:
        OutputError: the disk refuses.
    """
    folder = bundle.root.parent / f".{bundle.root.name}-{ENGINES}"
    try:
        folder.mkdir(exist_ok=True)
        _link((bundle.root / ENGINES).glob("*"), folder)
    except OSError as error:
        raise OutputError(f"cannot write below {bundle.root.parent}: {error.strerror}") from None
    return folder


def put_in(bundle: Bundle, folder: Path, names: Iterable[str]) -> None:
    """Make the engines of these names the bundle's, in place of those that it had, and remove ``folder``.

    The bundle is swapped whole: a failure leaves it what it was.

    Raises:
        OutputError: the disk refuses.
    """
    files = [folder / f"{name}{ending}" for name in names for ending in (".engine", ".json")]
    with staged(bundle.root, overwrite=True) as part:
        copy_bundle(bundle.root, part)
        shutil.rmtree(part / ENGINES, ignore_errors=True)
        (part / ENGINES).mkdir()
        _link([*files, folder / SETTINGS], part / ENGINES)
        write_bundle(part, bundle.manifest)
    shutil.rmtree(folder, ignore_errors=True)


def _link(files: Iterable[Path], target: Path) -> None:
    for file in files:
        if (target / file.name).exists():
            continue
        try:
            os.link(file, target / file.name)
        except OSError:
            shutil.copyfile(file, target / file.name)
