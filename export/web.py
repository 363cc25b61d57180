"""The page as a folder for any host of static files: whole or not there, and every hash in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from edge_sdk.web.hosting import HEADERS, README, headers_file, hosting_file
from edge_sdk.web.listing import FILES, WORKER
from edge_sdk.web.page import INDEX, open_page
from edge_sdk.web.site import BUNDLE, make_site
from obclip_contract.bundle import MANIFEST

from .staging import need_room, staged

__all__ = ["Exported", "export_web"]


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        files: bytes of each file.
        hashes: SHA-256 of the files on which all others hang: the page, its worker and the bundle's manifest.
    """

    path: Path
    cloud: str
    files: dict[str, int]
    hashes: dict[str, str]


def export_web(out: Path, bundle: Path, cloud: str, page: Path | None = None, overwrite: bool = False) -> Exported:
    """Write the page, the bundle, ``config.json`` and what its host has to be told to ``out``.

    Raises:
        InputError, CloudError: the page, or the cloud's address. BundleError: the bundle. OutputError: ``out``.
    """
    site = make_site(open_page(page), bundle, cloud)
    told = {HEADERS: headers_file(site), README: hosting_file(site)}
    need_room(out, site.size)
    with staged(out, overwrite, mark=FILES, kind="an exported page") as part:
        for name, file in site.parts.items():
            place = part / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with file.open() as source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
        for name, text in told.items():
            (part / name).write_text(text, encoding="utf-8", newline="\n")
    sizes = {name: file.size for name, file in site.parts.items()}
    sizes |= {name: len(text.encode()) for name, text in told.items()}
    hashes = {name: site.parts[name].sha256 for name in (INDEX, WORKER, BUNDLE + MANIFEST)}
    return Exported(out, site.cloud or "", dict(sorted(sizes.items())), hashes)
