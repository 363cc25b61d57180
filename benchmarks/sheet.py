"""The contact sheet: the same prompts and seeds in every mode, side by side."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from edge_sdk.device.images import to_image
from models.stickers.recipe.glyphs import Glyph

from .modes import Mode, Studio
from .prompts import Case

PROMPTS: Final = (
    "a sticker of a woman health worker with dark skin on a blue background",
    "sticker of an old man with light skin, smiling",
    "a man teacher with medium skin on a pink background",
    "a woman juggling with medium-light skin on a white background",
    "a girl with medium-dark skin on a green background",
    "a man in a tuxedo with dark skin on an orange background",
    "a woman firefighter with light skin on a gray background",
    "a man cook with medium-dark skin on a white background",
    "a woman astronaut with medium skin on a purple background",
    "a man surfing with dark skin on a white background",
    "an old woman with medium-dark skin on a red background",
    "a woman mage with medium-light skin on a black background",
)
MODES: Final = (Mode("cloud"), Mode("device"), Mode("hybrid", 10), Mode("oblivious", 10))
_CELL, _LEFT, _TOP = 256, 400, 24
#: The page is for looking: as many colours of its own as a PNG with a table of them can have.
_COLOURS: Final = 256


def draw(studio: Studio, seed: int = 2026) -> Image.Image:
    """One row a prompt, one column a mode, pictures at twice their size."""
    page = Image.new("RGB", (_LEFT + _CELL * len(MODES), _TOP + _CELL * len(PROMPTS)), "white")
    pen = ImageDraw.Draw(page)
    nothing = Glyph("", "", "", "", "", "", "", False)
    for column, mode in enumerate(MODES):
        pen.text((_LEFT + column * _CELL + 4, 6), mode.name, fill="black")
    for row, prompt in enumerate(PROMPTS):
        pen.text((4, _TOP + row * _CELL + _CELL // 2), prompt, fill="black")
        for column, mode in enumerate(MODES):
            picture = to_image(studio.picture(Case(prompt, nothing, "", seed + row), mode)[None])
            large = picture.resize((_CELL, _CELL), Image.Resampling.LANCZOS)
            page.paste(large, (_LEFT + column * _CELL, _TOP + row * _CELL))
    return page.quantize(_COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
