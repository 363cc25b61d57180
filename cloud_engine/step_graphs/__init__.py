"""Step graphs: the static pieces of the UNet that a step plan runs.

``spec`` holds names alone; everything else needs torch and diffusers and is imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .spec import CACHES, KINDS, TEXT, StepGraphSpec

if TYPE_CHECKING:
    from .anatomy import UnsupportedUNetError
    from .family import GraphFamily
    from .graphs import StepGraph, TextGraph
    from .text import Packing, SdxlText, packing_of

__all__ = [
    "CACHES",
    "KINDS",
    "TEXT",
    "GraphFamily",
    "Packing",
    "SdxlText",
    "StepGraph",
    "StepGraphSpec",
    "TextGraph",
    "UnsupportedUNetError",
    "packing_of",
]

_LAZY = {
    "GraphFamily": ".family",
    "Packing": ".text",
    "SdxlText": ".text",
    "StepGraph": ".graphs",
    "TextGraph": ".graphs",
    "UnsupportedUNetError": ".anatomy",
    "packing_of": ".text",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
