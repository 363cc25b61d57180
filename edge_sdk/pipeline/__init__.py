"""The whole path of one picture, called like a diffusers pipeline. Names are loaded when they are first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .arguments import Arguments
    from .pipeline import ObliviousPipeline
    from .settings import Settings, draw_seed

__all__ = ["Arguments", "ObliviousPipeline", "Settings", "draw_seed"]

_HOME: Final = {
    "Arguments": "arguments",
    "ObliviousPipeline": "pipeline",
    "Settings": "settings",
    "draw_seed": "settings",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
