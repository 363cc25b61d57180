"""The page: one section for each result file, with what it says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ..everything.catalogue import OUT, Benchmark, catalogue
from .plots import PLOTS, Plot
from .registry import RENDERERS, kind_of, table

RESULTS_PAGE: Final = Path("docs") / "RESULTS.md"
_HEAD: Final = """\
# Results

Written by `obclip bench all --report-only` from the files in [`benchmarks/results`](../benchmarks/results) alone;
a test holds it to them. What the figures mean, and what was not met, stands in [MEASURED.md](MEASURED.md),
[PLANS.md](../benchmarks/PLANS.md) and the documents that quote them. How to measure again:
[benchmarks/README.md](../benchmarks/README.md#everything-at-once).
"""


def make_page(results: Path, root: Path) -> tuple[str, dict[Path, str]]:
    """The page's text, and the plots by their place below ``root``'s ``docs``."""
    told = {f.relative_to(results).with_suffix("").as_posix(): f for f in sorted(results.rglob("*.json"))}
    read = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in told.items()}
    benchmarks = {b.name: b for b in catalogue(results)}
    plots = {plot: drawn for plot in PLOTS if (drawn := plot.draw(read))}
    parts, other = [_HEAD], []
    for plot in plots:
        parts.append(f"![{plot.says}]({plot.file})\n")
    for name in read:
        renderer = RENDERERS.get(kind_of(name, read[name]))
        if renderer is None:
            other.append(name)
            continue
        try:
            drawn = renderer.draw(read[name])
        except (LookupError, TypeError, ValueError, AttributeError):
            other.append(name)  # its keys are others than the renderer's: listed below rather than half shown
            continue
        link = f"[`{name}.json`](../benchmarks/results/{name}.json)"
        facts = "  \n".join([link, *describe(read[name], benchmarks.get(name))])
        parts.append(f"## {name}\n{renderer.says}\n\n{facts}\n\n{drawn}\n")
    if other:
        rows = [
            [f"[`{n}.json`](../benchmarks/results/{n}.json)", _command(read[n], benchmarks.get(n)), _date(read[n])]
            for n in other
        ]
        parts.append(f"## Other files\n{table(['file', 'command', 'date'], rows)}\n")
    return "\n".join(parts), {Path("docs") / plot.file: drawn for plot, drawn in plots.items()}


def describe(told: Any, benchmark: Benchmark | None) -> list[str]:
    """The command, machine, versions, date, seed and load, as far as the file records them."""
    if not isinstance(told, Mapping):
        return []
    lines = [f"Command: {_command(told, benchmark)}"] if _command(told, benchmark) else []
    nested = next((r for r in told.get("runs", ()) if isinstance(r, Mapping)), {})
    machine = told.get("machine") or told.get("device") or nested.get("machine")
    if isinstance(machine, Mapping):
        name = machine.get("cpu") or machine.get("name")
        versions = ", ".join(f"{k} {v}" for k, v in machine.get("versions", {}).items())
        memory = f", {machine['memory_gib']} GiB" if "memory_gib" in machine else ""
        system = f", {machine['system']}" if "system" in machine else ""
        lines.append(
            f"Machine: {name}, {machine.get('cores')} cores{memory}{system}" + (f"; {versions}" if versions else "")
        )
    elif isinstance(machine, str):
        lines.append(f"Machine: {machine}")
    facts = [
        f"{says} {told[key]}"
        for key, says in (("seed", "seed"), ("lexicon", "lexicon"), ("threads", "threads"))
        if told.get(key) is not None
    ]
    if isinstance(load := told.get("load_average") or told.get("load_average_before"), list):
        facts.append(f"load {load[0]:.1f} at the start")
    if isinstance(seconds := told.get("seconds"), int | float):
        facts.append(f"took {seconds:.0f} s")
    if date := _date(told):
        facts.append(f"on {date}")
    return [*lines, *(["Recorded: " + ", ".join(facts)] if facts else [])]


def _command(told: Any, benchmark: Benchmark | None) -> str:
    line = told.get("command") if isinstance(told, Mapping) else None
    if not isinstance(line, str) and benchmark and benchmark.command:
        line = " ".join(benchmark.command).replace(OUT, f"benchmarks/results/{benchmark.file}")
        line = re.sub(r"\{(\w+)\}", lambda m: m.group(1).upper(), line)
    return f"`{line}`" if line else ""


def _date(told: Any) -> str:
    if not isinstance(told, Mapping):
        return ""
    return next((str(told[k])[:10] for k in ("taken_at", "date", "measured_at") if told.get(k)), "")


def write_report(results: Path, root: Path) -> list[Path]:
    """Write the page and its plots; the files that were written."""
    page, plots = make_page(results, root)
    written = {RESULTS_PAGE: page, **plots}
    for place, text in written.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text, encoding="utf-8")
    return list(written)


def find_stale(results: Path, root: Path) -> Iterable[str]:
    """What of the report is other than the result files make it: the page whole, plots by the numbers in them."""
    page, plots = make_page(results, root)
    file = root / RESULTS_PAGE
    if not file.is_file() or file.read_text(encoding="utf-8") != page:
        yield f"{RESULTS_PAGE}: run 'obclip bench all --report-only'"
    for place, text in plots.items():
        drawn = (root / place).read_text(encoding="utf-8") if (root / place).is_file() else ""
        if Plot.mark_of(drawn) != Plot.mark_of(text):
            yield f"{place}: run 'obclip bench all --report-only'"
