"""The built page: where it is, and whether it is whole."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from obclip_contract.bundle import sha256_file

from ..errors import InputError
from .index import Index, read_index
from .listing import FILES, WORKER, Listing, read_listing

__all__ = ["INDEX", "SHOWN", "Page", "default_page", "open_page"]

INDEX: Final = "index.html"
#: The default as it is told in a command's help.
SHOWN: Final = "the one in this installation, else build/web of the checkout"
#: Where scripts/build_web puts it in a checkout.
_BUILT: Final = Path("build") / "web"
_BUILD: Final = "build it in a checkout with scripts/build_web"
#: What the page cannot work without, whatever else it names.
_NEEDED: Final = (INDEX, FILES, WORKER, "core/obclip.wasm", "core/lexicon.bin", "core/second_look.bin")
#: What somebody who looked at the build may have put there; a host's own take these places.
_OTHERS: Final = re.compile(r"config\.json|bundle/.*")
#: Files that the page has from this package: an older one would hide less than the person is told.
_SHARED: Final = {
    "core/lexicon.bin": "attributes/lexicon.bin",
    "core/second_look.bin": "second_look/data/second_look.bin",
}


@dataclass(frozen=True)
class Page:
    """A page that is whole: every file by its name below ``root``, "/" between folders."""

    root: Path
    files: dict[str, Path]
    index: Index
    listing: Listing


def default_page() -> Path:
    """The page of this installation; where there is none, the place where a checkout builds it."""
    package = Path(__file__).parent
    installed = package / "page"
    return installed if (installed / INDEX).is_file() else package.parents[1] / _BUILT


def open_page(folder: Path | None = None) -> Page:
    """Look at a built page, the installation's own by default, and at every file's hash.

    Raises:
        InputError: there is none; a file is missing, altered, a link, or comes from another host; or its lists of words
            are not this package's.
    """
    root = default_page() if folder is None else folder
    if not (root / INDEX).is_file():
        if folder is None and not (root.parents[1] / "setup.py").is_file():
            raise InputError(f"this installation has no built page: {_BUILD}, and name build/web with --page")
        raise InputError(f"there is no built page at {root}: {_BUILD}")
    try:
        found = _gather(root)
        _check(root, found)
        index = read_index(found[INDEX].read_text(encoding="utf-8"))
        listing = read_listing(*(found[n].read_text(encoding="utf-8") for n in (WORKER, FILES)))
        _check_listed(root, found, index, listing)
    except UnicodeDecodeError:
        raise InputError(f"the page at {root} is not UTF-8: {_BUILD}") from None
    except OSError as error:
        raise InputError(f"the page cannot be read: {error.strerror}: {error.filename}") from None
    return Page(root, found, index, listing)


def _gather(root: Path) -> dict[str, Path]:
    """Every plain file below ``root`` by its name; names that begin with a dot are the builder's, not the page's."""
    out: dict[str, Path] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in (n for n in [*folders, *names] if not n.startswith(".")):
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise InputError(f"{path} is a link or a special file, and a page holds plain files only: remove it")
            if stat.S_ISREG(mode) and not _OTHERS.fullmatch(path.relative_to(root).as_posix()):
                out[path.relative_to(root).as_posix()] = path
    return dict(sorted(out.items()))


def _check(root: Path, found: dict[str, Path]) -> None:
    missing = [name for name in _NEEDED if name not in found]
    if not any(name.startswith("litert/") and name.endswith(".wasm") for name in found):
        missing.append("litert/*.wasm")
    if missing:
        raise InputError(f"the page at {root} is not whole, it lacks {missing[0]}: {_BUILD}")
    for name, own in _SHARED.items():
        if found[name].read_bytes() != files("edge_sdk").joinpath(own).read_bytes():
            raise InputError(f"{found[name]} is of another version than this package: {_BUILD}")


def _check_listed(root: Path, found: dict[str, Path], index: Index, listing: Listing) -> None:
    for name in (*listing.entries, *index.files):
        if name not in found:
            raise InputError(f"the page at {root} is not whole, it lacks {name}: {_BUILD}")
    for name, path in found.items():
        entry = listing.entries.get(name)
        if entry is None and name not in (WORKER, FILES) and not name.endswith(".map"):
            raise InputError(f"{path} is not in the build's list (files.json): remove it, or {_BUILD}")
        if entry is not None and sha256_file(path) != entry.sha256:
            raise InputError(f"{path} was altered: its sha256 is not that of files.json: {_BUILD}")
