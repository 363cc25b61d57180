"""Detectors beside the rules: anything that finds spans of attributes can be plugged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from .spans import Span


@runtime_checkable
class Detector(Protocol):
    """Finds words that give an attribute away.

    What it finds outside the slots of the rules is treated like an implied word (``on_implied``): it may only make
    the tool more careful, never less. It must be deterministic, and it sees the words on the device only.
    """

    def find(self, prompt: str) -> Sequence[Span]:
        """Spans with ``prompt[start:end] == surface``; ``axis`` may be any name, ``value`` may be empty."""
        ...


class NoDetector:
    """Finds nothing: the lexicon alone is asked."""

    def find(self, prompt: str) -> Sequence[Span]:
        """Nothing."""
        return ()
