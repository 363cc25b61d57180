"""Where the bundles lie that are used when none is named."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

__all__ = ["DEFAULT_FOLDER", "PACKAGE", "SHOWN", "default_bundle"]

#: Where ``scripts/demo`` and the examples put the default pair's bundles, from the working directory.
DEFAULT_FOLDER: Final = Path("build/bundles/stickers")
#: The distribution obclip-stickers: the same two bundles ready-made.
PACKAGE: Final = "obclip_stickers"
#: The default as it is told in a command's help.
SHOWN: Final = f"{DEFAULT_FOLDER.as_posix()}, else the package obclip-stickers"


def default_bundle(kind: Literal["edge", "cloud"]) -> Path:
    """The bundle to open when none was named: one exported in this working directory, else the installed one.

    Where there is neither, the result is the first place, whose absence the caller meets when it opens it.
    """
    exported = DEFAULT_FOLDER / kind
    if (exported / "bundle.json").is_file():
        return exported
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        installed = Path(folder) / "bundles" / kind
        if (installed / "bundle.json").is_file():
            return installed
    return exported
