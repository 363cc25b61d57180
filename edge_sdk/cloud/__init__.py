"""The way to the cloud: one request, the whole response or nothing. Names are loaded when they are first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .client import CloudClient, Received
    from .loopback import loopback_engine

__all__ = ["CloudClient", "Received", "loopback_engine"]

_HOME: Final = {"CloudClient": "client", "Received": "client", "loopback_engine": "loopback"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
