"""Which axes a prompt is read for."""

from __future__ import annotations

from dataclasses import dataclass

from .axes import AXES


@dataclass(frozen=True)
class Scope:
    """What a prompt was read with: axes beside the default ones, axes hidden, axes whose presence is hidden too."""

    opt_in: frozenset[str] = frozenset()
    axes: frozenset[str] = frozenset(AXES)
    unspecified: frozenset[str] = frozenset()
