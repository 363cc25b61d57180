"""All tables, a row at a time: what is done is on disk, and a run that was stopped goes on with the next row.

In the file a row that is to be measured again is null.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..clouds import EngineCloud
from ..errors import BenchmarkError
from ..sets import grid
from ..spreading import Tick, spread
from . import few as few_steps
from . import handing, tables
from .sides import Sides, open_sides
from .tables import KINDS, Bench

#: Pictures of the rows about the hand-over.
HAND_OVER_PICTURES: Final = 300
#: The part with the cloud of few steps.
FEW: Final = "few steps"


def sections(pictures: int, sizes: tuple[int, ...], few: bool = False) -> dict[str, int]:
    """Name of each part -> its sets: enough for so many pictures, and of each at least two."""
    found = {f"N={n}": max(2, -(-pictures // n)) for n in sizes}
    smaller = min(pictures, HAND_OVER_PICTURES)
    found["hand-over"] = max(2, -(-smaller // 2))
    return {**found, FEW: max(2, -(-smaller // 6))} if few else found


def ticks(pictures: int, sizes: tuple[int, ...], few: bool) -> int:
    """Steps of the progress bar."""
    kinds = {"hand-over": handing.total, FEW: few_steps.total}
    return sum(kinds.get(name, tables.total)(sets) for name, sets in sections(pictures, sizes, few).items())


@dataclass(frozen=True)
class Row:
    """A row that is done; without a name, the whole part is."""

    part: str
    name: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)


#: Name, number of sets, and the rows that are held already.
Part = tuple[str, int, tuple[str, ...]]


@dataclass(frozen=True)
class Measuring:
    """What a process needs to measure parts; both sides are opened once in each."""

    sides: Sides

    def __call__(self, part: Part, tick: Tick) -> Iterator[Row]:
        """Yield the rows of a part that are due."""
        name, sets, held = part
        bench, few = open_sides(self.sides)
        for row, report in _rows(bench, few, name, sets, lambda what: tick(f"{name}: {what}"), held):
            yield Row(name, row, report)
        yield Row(name)


def _rows(
    bench: Bench, few: EngineCloud | None, name: str, sets: int, tick: Tick, held: Collection[str]
) -> Iterator[tuple[str, Any]]:
    if few is not None and name == FEW:
        return few_steps.measure(bench, few, grid(KINDS[6]), sets, tick, held)
    if name == "hand-over":
        return handing.measure(bench, grid(KINDS[2]), sets, tick, held)
    return tables.measure(bench, grid(KINDS[int(name.removeprefix("N="))]), sets, tick, held)


def run(
    sides: Sides,
    head: Mapping[str, Any],
    pictures: int,
    sizes: tuple[int, ...],
    path: Path | None,
    tick: Tick,
    workers: int = 1,
    again: Collection[str] = (),
) -> dict[str, Any]:
    """Measure what ``path`` does not hold yet; written after every row.

    Args:
        again: rows of a whole result to measure anew, as ``part/row``; the result lists them with this run's head.

    Raises:
        BenchmarkError: the file holds a run of other numbers or weights, it has no such row, or one of ``workers``
            failed.
    """
    parts = sections(pictures, sizes, sides.few is not None)
    result = {**head, "parts": {}} if path is None or not path.exists() else _read(path, head, parts, again)
    if again:
        _drop(result, again, parts, head)
    held = result["parts"]
    due = [
        (name, sets, tuple(row for row, report in held.get(name, {}).get("rows", {}).items() if report is not None))
        for name, sets in parts.items()
        if not held.get(name, {}).get("done")
    ]
    for row in spread(due, Measuring(sides), workers, tick):
        part = held.setdefault(row.part, {"rows": {}, "done": False})
        if row.name:
            part["rows"][row.name] = row.report
        part["done"] = not row.name
        kept = [name for name in held if "again" in result and name not in parts]  # of a run with a cloud of few steps
        result["parts"] = {name: held[name] for name in (*parts, *kept) if name in held}
        write(path, result)
    return result


#: What must be equal for a run to go on.
_SAME: Final = ("pictures", "seed", "steps", "guidance_scale", "weights", "edge", "sizes")


def _drop(result: dict[str, Any], again: Collection[str], parts: Collection[str], head: Mapping[str, Any]) -> None:
    """Set these rows to null."""
    for name in again:
        part, _, row = name.partition("/")
        if row not in result["parts"].get(part, {}).get("rows", {}):
            raise BenchmarkError(f"the result has no row {name!r}; its rows are named as in its tables")
        if part not in parts:
            raise BenchmarkError(f"{part} is of the cloud of few steps: name its bundle with --few-bundle")
        result["parts"][part]["rows"][row] = None
        result["parts"][part]["done"] = False
    run = {key: head[key] for key in ("command", "machine", "load_average") if key in head}
    result["again"] = [*result.get("again", ()), {"rows": list(again), **run}]


def _read(path: Path, head: Mapping[str, Any], parts: Collection[str], again: Collection[str]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if other := [key for key in _SAME if result.get(key) != json.loads(json.dumps(head[key]))]:
        raise BenchmarkError(f"{path} holds a run with another {', '.join(other)}: remove it, or name another file")
    if again:
        return result
    if all(result["parts"].get(name, {}).get("done") for name in parts):
        return {**head, "parts": {}}  # a whole one is made anew
    if "again" in result:
        return result  # its head is of the run that most rows are of
    return {**head, "parts": result["parts"]}


def write(path: Path | None, result: Mapping[str, Any]) -> None:
    """Replace the file; nothing without one."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, path)


def table(result: Mapping[str, Any]) -> str:
    """As Markdown, one table a part."""
    out = []
    for name, part in result["parts"].items():
        out += [
            f"### {name}",
            "| row | pictures | protected (95 %) | seen / held out | worst member | role | Fréchet (95 %) | image–text "
            "| picture dB to cloud-only |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for row, r in part["rows"].items():
            if r is None:
                continue
            p, f = r["protected"], r["frechet"]
            near = f"{r['picture_db']['mean']:.1f}" if "picture_db" in r else ""
            held = "–" if p["held_out"] is None else f"{p['held_out']:.1f}"
            out.append(
                f"| {row} | {r['pictures']} | {p['mean']:.1f} ({p['low']:.1f} to {p['high']:.1f}) "
                f"| {p['seen']:.1f} / {held} | {p['worst_member']:.1f} | {r['axes']['role']:.1f} "
                f"| {f['distance']:.1f} ({f['interval'][0]:.1f} to {f['interval'][1]:.1f}) "
                f"| {r['image_text']['mean']:.3f} | {near} |"
            )
        out.append("")
    return "\n".join(out)
