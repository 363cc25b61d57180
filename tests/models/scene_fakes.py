"""A style that draws plain faces, for tests without the npm packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.stickers.recipe.scenes.packages import PACKAGES, SIZE
from models.stickers.recipe.scenes.tones import MODIFIERS

#: Skin of the five tones and of yellow, as a flat set would fill it.
SKIN = ((247, 222, 206), (230, 190, 160), (190, 150, 110), (140, 105, 80), (85, 65, 55), (255, 205, 50))
HAIR = ((40, 35, 30), (250, 220, 120), (90, 60, 45), (60, 40, 35), (20, 18, 16), (200, 150, 40))


def face(tone: int, mark: int = 0) -> NDArray[Any]:
    """RGBA ``[S, S, 4]``: hair above, skin below, and a mark that tells drawings apart."""
    drawn = np.zeros((SIZE, SIZE, 4), np.uint8)
    drawn[16:48, 24:104] = (*HAIR[tone], 255)
    drawn[48:112, 24:104] = (*SKIN[tone], 255)
    drawn[112:124, 24:104] = (37 * mark % 256, 91 * mark % 256, 200, 255)
    return drawn


class FakeDrawings:
    """Every group of ``bases`` in all tones, files in the order that ``order`` says, and any thing."""

    def __init__(self, bases: dict[str, int], order: tuple[int, ...] = (0, 1, 2, 3, 4), lacks: str = "") -> None:
        self.bases, self.order, self.lacks = bases, order, lacks

    def _split(self, key: str) -> tuple[str, int]:
        parts = key.split("-")
        tone = next((MODIFIERS.index(p) for p in parts if p in MODIFIERS), 5)
        return "-".join(p for p in parts if p not in MODIFIERS), tone

    def __contains__(self, key: str) -> bool:
        return key != self.lacks and self._split(key)[0] in self.bases

    def rgba(self, key: str) -> NDArray[Any]:
        base, tone = self._split(key)
        return face(self.order[tone] if tone < 5 else 5, self.bases.get(base, 7))


class FakeThings(FakeDrawings):
    """A style with every thing too: a square of a colour of its own."""

    def __contains__(self, key: str) -> bool:
        return super().__contains__(key) or (len(key) < 6 and self._split(key)[0] not in self.bases)

    def rgba(self, key: str) -> NDArray[Any]:
        if self._split(key)[0] in self.bases:
            return super().rgba(key)
        colour = int(key, 16)
        drawn = np.zeros((SIZE, SIZE, 4), np.uint8)
        drawn[8:120, 8:120] = (colour % 256, colour // 7 % 256, colour // 3 % 256, 255)
        return drawn


def write_packages(modules: Path, versions: dict[str, str] | None = None) -> None:
    """Empty npm packages of the right versions, or of ``versions``."""
    for package in PACKAGES:
        folder = modules / package.name
        (folder / "assets").mkdir(parents=True)
        version = (versions or {}).get(package.name, package.version)
        (folder / "package.json").write_text(json.dumps({"version": version}))
        (folder / "icons.json").write_text(json.dumps({"icons": {}, "width": 128, "height": 128}))
        (folder / "chars.json").write_text("{}")


#: Unicode's list, cut down to four persons in all tones.
_NAMES = {
    "1F468": "man",
    "1F469": "woman",
    "1F468 200D 2708": "man guard",
    "1F469 200D 2708": "woman guard",
}
_TONE_NAMES = ("light", "medium-light", "medium", "medium-dark", "dark")


def write_names(path: Path) -> dict[str, int]:
    """Write an ``emoji-test.txt`` of the four persons; returns their code points with a mark each."""
    lines = ["# subgroup: person-role"]
    for sequence, name in _NAMES.items():
        lines.append(f"{sequence} ; fully-qualified # x E1.0 {name}")
        first, _, rest = sequence.partition(" ")
        for modifier, tone in zip(MODIFIERS, _TONE_NAMES, strict=True):
            code = " ".join(c for c in (first, modifier.upper(), rest) if c)
            lines.append(f"{code} ; fully-qualified # x E1.0 {name}: {tone} skin tone")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {s.lower().replace(" ", "-"): i + 1 for i, s in enumerate(_NAMES)}
