"""The numbers of a result file, each with its unit, and the records in which they stand together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .units import WRITTEN, unit_of_keys

#: A node with more numbers than this is no record: something in it would match anything.
MOST_OF_A_RECORD: Final = 60
#: Decimals in a short text ("accuracy 0.500 [0.336, 0.664]"); no versions.
_IN_TEXT: Final = re.compile(r"(?<![\w.])\d+\.\d+(?![\w]|\.\d)")
_MOST_OF_A_TEXT: Final = 80
#: Result files whose keys do not say their unit: the format, keys on the path, and the unit.
_BY_FORMAT: Final = (("obclip-device-benchmark/1", ("phases", "load"), "ms"),)


@dataclass(frozen=True)
class Leaf:
    """A number of a result file."""

    path: tuple[str, ...]
    value: float
    unit: str | None

    def in_base(self) -> tuple[str | None, float]:
        """The kind of its unit and its value in the kind's base."""
        if self.unit is None:
            return None, self.value
        kind, scale = WRITTEN[self.unit]
        return kind, self.value * scale


@dataclass(frozen=True)
class Results:
    """One result file as its numbers and records."""

    name: str
    leaves: tuple[Leaf, ...]
    records: tuple[tuple[Leaf, ...], ...]


def read_results(file: Path) -> Results:
    """Read a result file.

    Raises:
        OSError: there is none.
        json.JSONDecodeError: it is none.
    """
    told = json.loads(file.read_text(encoding="utf-8"))
    unit: tuple[tuple[tuple[str, ...], str], ...] = ()
    if isinstance(told, dict):
        unit = tuple((keys, name) for kind, keys, name in _BY_FORMAT if told.get("format") == kind)
    leaves: list[Leaf] = []
    records: list[tuple[Leaf, ...]] = []
    _walk(told, (), unit, leaves, records)
    return Results(file.name, tuple(leaves), tuple(records))


def _walk(
    node: Any,
    path: tuple[str, ...],
    named: Sequence[tuple[tuple[str, ...], str]],
    leaves: list[Leaf],
    records: list[tuple[Leaf, ...]],
) -> None:
    if isinstance(node, bool):
        return
    if isinstance(node, int | float):
        unit = next((u for keys, u in named if set(keys) & set(path)), unit_of_keys(path))
        leaves.append(Leaf(path, float(node), unit))
        return
    if isinstance(node, str) and len(node) <= _MOST_OF_A_TEXT:
        leaves.extend(Leaf(path, float(m), None) for m in _IN_TEXT.findall(node))
        return
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    first = len(leaves)
    for key, child in children:
        _walk(child, (*path, str(key)), named, leaves, records)
    if 0 < len(leaves) - first <= MOST_OF_A_RECORD:
        records.append(tuple(leaves[first:]))
    if isinstance(node, list | dict) and len(leaves) - first > 1:
        records.extend(_pivoted(node, leaves[first:], len(path)))


def _pivoted(node: dict[str, Any] | list[Any], below: Sequence[Leaf], depth: int) -> Iterator[tuple[Leaf, ...]]:
    """One number of many rows: what a table that has a row for each plan and a column for each size shows.

    All rows together, and the rows apart by each of their words and whole numbers.
    """
    rows = dict(node.items() if isinstance(node, dict) else enumerate(node))
    if len(rows) < 2 or not all(isinstance(r, dict) for r in rows.values()):
        return
    by_key: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in below:
        by_key.setdefault(leaf.path[depth + 1 :], []).append(leaf)
    groups: dict[tuple[str, str], set[str]] = {}
    for name, row in rows.items():
        for key, value in row.items():
            if isinstance(value, str | int) and not isinstance(value, bool):
                groups.setdefault((key, str(value)), set()).add(str(name))
    for column in by_key.values():
        if len(column) <= MOST_OF_A_RECORD // 4:
            yield tuple(column)
        for members in groups.values():
            if 1 < len(members) < len(rows):
                part = tuple(leaf for leaf in column if leaf.path[depth] in members)
                if 1 < len(part) <= MOST_OF_A_RECORD // 2:
                    yield part
