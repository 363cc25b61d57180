"""The three sets of drawings, from npm packages of pinned versions.

Noto (Apache-2.0) and Fluent flat (MIT) are vectors inside Iconify's JSON; Fluent 3D (MIT) is WebP of 256 pixels. A
drawing is named by its code points without the variation selector, e.g. ``1f469-1f3fd-200d-1f692``.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import MissingPackage, WrongVersion

#: Side of a rendered drawing in pixels.
SIZE: Final = 128


@dataclass(frozen=True)
class Package:
    """An npm package: what the labels were checked against."""

    style: str
    name: str
    version: str
    licence: str


PACKAGES: Final = (
    Package("noto", "@iconify-json/noto", "1.2.9", "Apache-2.0"),
    Package("flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT"),
    Package("3d", "@lobehub/fluent-emoji-3d", "1.1.0", "MIT"),
)
#: Style words of a caption; no word is the Noto drawing.
STYLES: Final = tuple(p.style for p in PACKAGES)
INSTALL: Final = "npm install --ignore-scripts --prefix {folder} " + " ".join(f"{p.name}@{p.version}" for p in PACKAGES)


def key_of(sequence: str) -> str:
    """``"1F469 200D 2695 FE0F"`` or an Iconify key -> ``"1f469-200d-2695"``."""
    return "-".join(c for c in sequence.lower().replace(" ", "-").split("-") if c != "fe0f")


class Drawings(Protocol):
    """One style's drawings."""

    def __contains__(self, key: str) -> bool: ...

    def rgba(self, key: str) -> NDArray[Any]:
        """uint8 ``[SIZE, SIZE, 4]``, straight alpha."""
        ...


class VectorDrawings:
    """An Iconify package: SVG bodies in ``icons.json``, their characters in ``chars.json``."""

    def __init__(self, folder: Path) -> None:
        self._icons: dict[str, Any] = json.loads(_file(folder / "icons.json").read_text(encoding="utf-8"))
        characters: dict[str, str] = json.loads(_file(folder / "chars.json").read_text(encoding="utf-8"))
        self._names = {key_of(k): v for k, v in characters.items()}

    def __contains__(self, key: str) -> bool:
        return key in self._names

    def rgba(self, key: str) -> NDArray[Any]:
        import resvg_py

        png = resvg_py.svg_to_bytes(svg_string=self._svg(key), width=SIZE, height=SIZE, skip_system_fonts=True)
        drawn = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
        if drawn.size == (SIZE, SIZE):
            return np.asarray(drawn)
        square = Image.new("RGBA", (SIZE, SIZE))  # a few drawings are not square
        square.paste(drawn, ((SIZE - drawn.width) // 2, (SIZE - drawn.height) // 2))
        return np.asarray(square)

    def _svg(self, key: str) -> str:
        name = self._names[key]
        aliases = self._icons.get("aliases", {})
        while name in aliases:
            name = aliases[name]["parent"]
        icon = self._icons["icons"][name]
        width = icon.get("width", self._icons.get("width", 16))
        height = icon.get("height", self._icons.get("height", 16))
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{icon["body"]}</svg>'
        )


class RasterDrawings:
    """A folder of WebP files named by their code points."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MissingPackage(f"{folder} is missing")
        self._files = {key_of(f.stem): f for f in sorted(folder.glob("*.webp"))}

    def __contains__(self, key: str) -> bool:
        return key in self._files

    def rgba(self, key: str) -> NDArray[Any]:
        with Image.open(self._files[key]) as image:
            premultiplied = image.convert("RGBA").convert("RGBa")
        return np.asarray(premultiplied.resize((SIZE, SIZE), Image.Resampling.LANCZOS).convert("RGBA"))


def open_styles(modules: Path) -> dict[str, Drawings]:
    """The drawings of every style from ``modules``, a ``node_modules`` folder.

    Raises:
        MissingPackage: a package is not there; the message holds the command that installs all three.
        WrongVersion: it is there in another version.
    """
    install = INSTALL.format(folder=modules.parent)
    styles: dict[str, Drawings] = {}
    for package in PACKAGES:
        folder = modules / package.name
        if not (folder / "package.json").is_file():
            raise MissingPackage(f"the npm package {package.name} is not in {modules}: {install}")
        found = json.loads((folder / "package.json").read_text(encoding="utf-8")).get("version")
        if found != package.version:
            raise WrongVersion(
                f"{package.name} is {found}, but its drawings were checked in {package.version}: {install}"
            )
        styles[package.style] = RasterDrawings(folder / "assets") if package.style == "3d" else VectorDrawings(folder)
    return styles


def _file(path: Path) -> Path:
    if not path.is_file():
        raise MissingPackage(f"{path} is missing: the package is incomplete, install it again")
    return path
