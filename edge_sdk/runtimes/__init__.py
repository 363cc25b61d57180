"""Runtimes that run an edge bundle."""

from .protocol import Runtime

__all__ = ["Runtime"]
