"""Scenes to pixels: drawings scaled, mirrored and laid over a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ..glyphs import BACKGROUNDS
from .library import Library
from .packages import SIZE
from .people import ALL_TONES
from .scenes import Box, Scene, style_index

#: Drawings are averaged down, not only sampled: a thing can be a third of its drawing's size.
_SUPERSAMPLE: Final = 2


def _premultiplied(drawings: list[NDArray[Any]]) -> torch.Tensor:
    x = torch.from_numpy(np.stack(drawings)).permute(0, 3, 1, 2).float() / 255
    return torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)


def place(drawings: torch.Tensor, boxes: Sequence[Box]) -> torch.Tensor:
    """``[B, C, S, S]``, premultiplied, with each drawing in its box of an empty picture."""
    theta = torch.zeros(len(boxes), 2, 3)
    for i, box in enumerate(boxes):
        theta[i, 0, 0] = (-1 if box.mirrored else 1) / box.side
        theta[i, 1, 1] = 1 / box.side
        theta[i, 0, 2] = -(2 * box.x - 1) * theta[i, 0, 0]
        theta[i, 1, 2] = -(2 * box.y - 1) / box.side
    fine = SIZE * _SUPERSAMPLE
    grid = F.affine_grid(theta, [len(boxes), 1, fine, fine], align_corners=False)
    return F.avg_pool2d(F.grid_sample(drawings, grid, align_corners=False), _SUPERSAMPLE)


def over(front: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
    """Premultiplied ``front`` over ``back``, both ``[B, 4, S, S]``."""
    return front + (1 - front[:, 3:]) * back


def layers(library: Library, scenes: Sequence[Scene], persons: list[NDArray[Any]] | None = None) -> torch.Tensor:
    """The scenes without their backgrounds: premultiplied RGBA ``[B, 4, S, S]``.

    ``persons`` are other drawings of the persons, of the library's size (the judge's recoloured ones).
    """
    if persons is None:
        persons = [library.persons[s.person, style_index(s.style), ALL_TONES.index(s.tone)] for s in scenes]
    picture = place(_premultiplied(persons), [s.person_box for s in scenes])
    with_thing = [i for i, s in enumerate(scenes) if s.thing_box is not None]
    if not with_thing:
        return picture
    chosen = [scenes[i] for i in with_thing]
    drawn = _premultiplied([library.things[s.thing, style_index(s.style)] for s in chosen])
    things = place(drawn, [s.thing_box for s in chosen if s.thing_box is not None])
    behind = picture[with_thing]
    front = torch.tensor([s.thing_in_front for s in chosen])[:, None, None, None]
    picture[with_thing] = torch.where(front, over(things, behind), over(behind, things))
    return picture


def compose(library: Library, scenes: Sequence[Scene], colours: torch.Tensor | None = None) -> torch.Tensor:
    """Pictures float32 ``[B, 3, S, S]`` in [-1, 1]; ``colours`` ``[B, 3]`` in 0 to 1 replace the named backgrounds."""
    if colours is None:
        colours = torch.tensor([BACKGROUNDS[s.background] for s in scenes]) / 255
    layer = layers(library, scenes)
    return (layer[:, :3] + (1 - layer[:, 3:]) * colours[:, :, None, None]).clamp(0, 1) * 2 - 1
