"""``obclip bench all --quick``: reduced forms into a temporary folder; each must write what the committed file holds.

Any pair's bundles do, a tiny random one's too: what is tried is that the command runs and which keys it writes, never a
number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .catalogue import Benchmark
from .needs import find_hindrance
from .runs import Outcome, run_one

#: Needs that the bundles meet.
_OF_BUNDLES = frozenset({"cloud bundle", "edge bundle"})


def run_quick(
    benchmarks: Iterable[Benchmark], committed: Path, out: Path, bundles: Path, tell: Callable[[str], None]
) -> list[Outcome]:
    """Every reduced form, in turn; one that writes other keys than the committed file has failed."""
    reduced, outcomes = [b for b in benchmarks if b.quick], []
    for number, benchmark in enumerate(reduced, 1):
        others = tuple(n for n in benchmark.needs if n not in _OF_BUNDLES)
        reason = find_hindrance(Benchmark(benchmark.name, benchmark.quick, 0, others))
        if reason:
            outcomes.append(Outcome(benchmark.name, "skipped", reason))
        else:
            outcomes.append(_run(benchmark, committed, out, bundles))
        done = outcomes[-1]
        tail = f": {done.reason}" if done.reason else ""
        tell(f"[{number} of {len(reduced)}] {benchmark.name}, reduced: {done.state} in {done.seconds:.0f} s{tail}")
    return outcomes


def _run(benchmark: Benchmark, committed: Path, out: Path, bundles: Path) -> Outcome:
    done = run_one(benchmark, benchmark.quick, out, bundles)
    if done.state != "written":
        return Outcome(benchmark.name, "failed", done.reason, done.exit_code or 1, done.seconds)
    before = read_keys(json.loads((committed / benchmark.file).read_text(encoding="utf-8")))
    now = read_keys(json.loads((out / benchmark.file).read_text(encoding="utf-8")))
    if before == now:
        return done
    told = [
        f"{name} {', '.join(sorted(keys)[:4])}"
        for name, keys in (("lacks", before - now), ("adds", now - before))
        if keys
    ]
    why = f"{'; '.join(told)}: run 'obclip bench all --only {benchmark.name}', or mend the command"
    return Outcome(benchmark.name, "failed", why, 1, done.seconds)


def read_keys(told: Any, path: str = "") -> set[str]:
    """The keys of a result as paths. Elements of a list count together, and so does what is keyed by a name."""
    if isinstance(told, list):
        return set().union(*(read_keys(item, f"{path}[]") for item in told))
    if not isinstance(told, dict):
        return {path} if path else set()
    found: set[str] = set()
    told = {k: v for k, v in told.items() if path or k != "date"}  # older files have none
    named = _is_table(told)
    for key, value in told.items():
        found |= read_keys(value, f"{path}.{'*' if named else key}".lstrip("."))
    return found


def _is_table(told: dict[str, Any]) -> bool:
    """Whether a dictionary's keys are data: rows by name, or numbers by what they are of."""
    if told and all(type(v) is int for v in told.values()):  # sizes of axes, counts of kinds
        return True
    if all(isinstance(v, dict) for v in told.values()) and len(told) > 1:
        shapes = {tuple(sorted(v)) for v in told.values()}
        return len(shapes) == 1
    return any(not key.replace("_", "").replace("-", "").isalnum() for key in told) or all(k.isdigit() for k in told)
