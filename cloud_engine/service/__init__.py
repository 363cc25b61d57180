"""The HTTP service around engines: admission, fair turns, tokens, metrics, and the server that carries it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import create_app
    from .models import Models
    from .settings import Settings, read_settings

__all__ = ["Models", "Settings", "create_app", "read_settings"]

#: Loaded when first asked for: the command line starts without FastAPI and pydantic.
_HOME = {"Models": "models", "Settings": "settings", "create_app": "app", "read_settings": "settings"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
