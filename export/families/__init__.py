"""Model families: which architecture a folder holds, and real ones with random weights where none can be fetched."""

from __future__ import annotations

from .architectures import Architecture, architecture, architectures
from .recognise import Layout, recognise

__all__ = ["Architecture", "Layout", "architecture", "architectures", "recognise"]
