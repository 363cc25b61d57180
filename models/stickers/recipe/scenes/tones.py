"""Skin: where it is in a group of drawings, and whether the five tones are what their names say.

A set can name its files wrongly, and hair can change with the tone (black for light skin, blond for medium-light), so
the order is checked on skin alone. Skin is found without believing the names: over the five drawings of a group, a
pixel of skin takes five brightnesses whose *sorted* ratios to the brightest are those of the five tones, whatever file
holds which. Hair's are not: its second brightest is already half as bright.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ToneError

TONES: Final = ("light", "medium-light", "medium", "medium-dark", "dark")
#: Code points of the tones, in the order of ``TONES``.
MODIFIERS: Final = ("1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff")

#: Ratios of skin's second to fifth brightness to its first. In the three sets, plain skin has .86 to .92, .66 to .69,
#: .51 to .53 and .28 to .40; the range leaves room for shading and soft edges.
_LOWEST: Final = np.array([0.76, 0.55, 0.38, 0.18])
_HIGHEST: Final = np.array([0.97, 0.83, 0.66, 0.55])
#: The brightest of the five, of 255. Below it is line art.
_BRIGHT: Final = 120.0
#: A group must show this many pixels of skin (of 128x128), and this share of them must agree on the order.
_PIXELS: Final = 20
_AGREE: Final = 0.55
_LUMA: Final = np.array([0.299, 0.587, 0.114])

#: Where a set's file names are wrong: the position, among the files by name, of each tone of ``TONES``.
SWAPPED: Final = (0, 2, 1, 3, 4)
#: (style, code points without tone) -> positions. ``"*"`` is the rule of a style.
CORRECTIONS: Final[dict[tuple[str, str], tuple[int, ...]]] = {
    ("3d", "*"): SWAPPED,
    ("3d", "1f9d1-200d-1f4bb"): (0, 1, 2, 3, 4),
    ("3d", "1f468-200d-1f4bb"): (0, 1, 2, 3, 4),
    ("3d", "1f469-200d-1f4bb"): (0, 1, 2, 3, 4),
    ("3d", "1f6b5"): (4, 3, 1, 2, 0),
}


def luma(rgba: NDArray[Any]) -> NDArray[Any]:
    """Brightness 0 to 255, ``[..., H, W]``, of straight RGBA."""
    values: NDArray[Any] = rgba[..., :3].astype(np.float32) @ _LUMA.astype(np.float32)
    return values


def skin(drawings: NDArray[Any]) -> NDArray[Any]:
    """Where a group shows skin: bool ``[H, W]`` from uint8 ``[5, H, W, 4]`` in any order."""
    bright = -np.sort(-luma(drawings), axis=0)
    ratio = bright[1:] / np.maximum(bright[:1], 1.0)
    fits = (ratio > _LOWEST[:, None, None]) & (ratio < _HIGHEST[:, None, None])
    found: NDArray[Any] = fits.all(0) & (bright[0] > _BRIGHT) & (drawings[..., 3].min(0) > 250)
    return found


def order(drawings: NDArray[Any], what: str) -> tuple[int, ...]:
    """Positions of the drawings from the lightest skin to the darkest.

    Raises:
        ToneError: the group shows no skin, or its pixels do not agree.
    """
    where = skin(drawings)
    count = int(where.sum())
    if count < _PIXELS:
        raise ToneError(
            f"{what}: the five tones do not differ as skin does ({count} pixels); a tone is missing or wrong"
        )
    orders = np.argsort(-luma(drawings)[:, where], axis=0).T
    found, votes = np.unique(orders, axis=0, return_counts=True)
    if votes.max() < _AGREE * count:
        raise ToneError(f"{what}: its pixels do not agree which drawing is darker ({votes.max()} of {count})")
    return tuple(int(i) for i in found[votes.argmax()])


def correct(style: str, base: str) -> tuple[int, ...]:
    """Which file, by position, really holds each tone, as far as this recipe knows."""
    return CORRECTIONS.get((style, base), CORRECTIONS.get((style, "*"), (0, 1, 2, 3, 4)))


def arrange(style: str, base: str, drawings: NDArray[Any]) -> NDArray[Any]:
    """The five drawings of a group, lightest first, from the files by name; checked.

    Raises:
        ToneError: after this recipe's corrections the tones are still not in order.
    """
    arranged = drawings[list(correct(style, base))]
    found = order(arranged, f"{style} {base}")
    if found != (0, 1, 2, 3, 4):
        names = ", ".join(TONES[i] for i in found)
        raise ToneError(f"{style} {base}: from light to dark, the skin of its files is {names}; correct it in tones.py")
    return arranged
