"""Runtimes that execute an edge bundle's graphs on the device. Importing this loads none of them."""

from __future__ import annotations

from .protocol import Runtime

__all__ = ["Runtime"]
