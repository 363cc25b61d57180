"""The cloud: denoises every member of a closed set from one noise, for the first k steps."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)

from .errors import EngineError

if TYPE_CHECKING:
    from .engine import Engine, EngineStep
    from .service import create_app

__all__ = ["Engine", "EngineError", "EngineStep", "create_app"]

#: Imported when first asked for, so that the command line starts without numpy and FastAPI.
_LAZY = {"Engine": ".engine", "EngineStep": ".engine", "create_app": ".service"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
