"""Where a bundle is looked for: the option, then the environment, then the default place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from contract import BundleError

__all__ = ["DEFAULT_FOLDER", "locate"]

#: Where ``scripts/demo`` and the README's export command put the default pair.
DEFAULT_FOLDER: Final = Path("build/bundles/stickers")


def locate(kind: Literal["edge", "cloud"], option: str | os.PathLike[str] | None = None) -> Path:
    """Folder of the ``kind`` bundle; it is not opened here.

    Raises ``contract.BundleError`` if there is no such folder, naming where it was looked for.
    """
    variable = f"OBCLIP_{kind.upper()}_BUNDLE"
    option_name = "--bundle" if kind == "edge" else "--cloud-bundle"
    if option is not None:
        folder, source = Path(option), option_name
    elif os.environ.get(variable):
        folder, source = Path(os.environ[variable]), variable
    else:
        folder, source = DEFAULT_FOLDER / kind, "the default place"
    if not folder.is_dir():
        raise BundleError(
            f"there is no {kind} bundle at {folder} ({source}); make one with `obclip export all --large "
            f"models/stickers/large --small models/stickers/small --out {DEFAULT_FOLDER}`, or pass {option_name} "
            f"or set {variable}"
        )
    return folder
