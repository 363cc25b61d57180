"""What an edge bundle is to hold and how it is checked: read by the command before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .verify.precision import Choice, choose

__all__ = ["CHUNK_BYTES", "EdgeOptions", "work_steps"]

#: Packages over this are cut in two when chunking is asked for: Apple's devices refuse to load larger ones whole.
CHUNK_BYTES: Final = 1_000_000_000


@dataclass(frozen=True)
class EdgeOptions:
    """What the edge bundle is to hold and how it is checked.

    ``layout`` "split_einsum" rewrites attention for the Neural Engine (CoreML only). ``chunk_bytes``: CoreML
    packages over this are cut in two, 0 never. ``pictures``: finished pictures to compare with torch, ``None``
    for the default of :mod:`export.verify.pictures`, 0 for none. ``judge``: folder of a judge, ``None`` for the one
    beside the pair, if there is one.
    """

    choice: Choice = field(default_factory=choose)
    layout: str = "original"
    chunk_bytes: int = 0
    pictures: int | None = None
    judge: Path | None = None


def work_steps(options: EdgeOptions) -> int:
    """How many times :func:`make_edge` reports, for a progress bar."""
    chosen = options.choice.precisions
    steps = sum(3 * (1 + len(p)) for p in chosen.values())
    return 3 + steps + (0 if options.pictures == 0 else sum(len(p) for p in chosen.values()))
