"""Renderers by kind of result, and how a cell of a table is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Renderer:
    """What a kind of result shows, in one sentence, and its table."""

    says: str
    draw: Callable[[Told], str]


RENDERERS: Final[dict[str, Renderer]] = {}


def renders(kind: str, says: str) -> Callable[[Callable[[Told], str]], Callable[[Told], str]]:
    """Make a function the renderer of a kind."""

    def enter(draw: Callable[[Told], str]) -> Callable[[Told], str]:
        RENDERERS[kind] = Renderer(says, draw)
        return draw

    return enter


def kind_of(name: str, told: Any) -> str:
    """The kind of a result: what it says of itself, its format, or its file's name."""
    if not isinstance(told, dict):
        return name
    if isinstance(kind := told.get("benchmark"), str):
        return kind
    return str(told.get("format", name)).partition("/")[0]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; ``None`` is an empty cell."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = ("" if c is None else str(c).replace("|", "\\|").replace("\n", " ") for c in row)
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines)


def number(value: Any, digits: int = 2, sign: bool = False) -> str | None:
    """A number with so many decimals; ``None`` for what is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return f"{value:{'+' if sign else ''}.{digits}f}"


def spread(told: Any, digits: int = 2) -> str | None:
    """A median with its quartiles."""
    if not isinstance(told, Mapping) or "median" not in told:
        return None
    return f"{told['median']:.{digits}f} ({told['low_quartile']:.{digits}f} to {told['high_quartile']:.{digits}f})"


def percent(share: Any) -> str | None:
    """A share as a percentage."""
    return None if share is None else f"{100 * share:.1f} %"
