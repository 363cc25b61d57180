"""Compare what the documents quote with the result files and the ledger."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ..errors import BenchmarkError
from .figures import Figure, find_figures, sections
from .leaves import Leaf, Results, read_results
from .ledger import Entry, Ledger, evaluate, load, read_ledger
from .matching import agrees, unexplained, unexplained_row

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = Path("benchmarks") / "results"
DOCUMENTS: Final = ("README.md", "docs/*.md", "benchmarks/*.md", "models/*/README.md")
#: Written from the result files alone: compared with them whole (``benchmarks/report``).
GENERATED: Final = "docs/RESULTS.md"
#: A row of a table is at most so many records of the files that its section cites.
MOST_RECORDS: Final = 6
_CITED: Final = re.compile(r"([\w*.-]+(?:/[\w*.-]+)?\.json)\b")
_LINKED: Final = re.compile(r"results/((?:[\w.-]+/)?[\w.-]+\.json)\b")
_FOLDER: Final = re.compile(r"results/([a-z]\w*)(?=[`/)\]])")
#: A letter that stands for a number in a file's name ("quality_balanced_N_k.json").
_PLACEHOLDER: Final = re.compile(r"(?<=_)[NkST](?=[_.])")
_ADVICE: Final = (
    "write what a result file says, cite that file in the section, or enter the text in benchmarks/quoted.toml "
    "(benchmarks/README.md, Quoted numbers)"
)


@dataclass(frozen=True)
class Problem:
    """A figure without a source, or an entry or a citation that leads nowhere."""

    document: str
    line: int
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.text!r}: {self.why}"


def check_documents(root: Path = ROOT, ledger: Ledger | None = None, results: Path | None = None) -> list[Problem]:
    """All problems of all documents; none if every figure has a source and every source is there."""
    ledger = read_ledger(root / "benchmarks" / "quoted.toml") if ledger is None else ledger
    results = root / RESULTS if results is None else results
    files = sorted({f for pattern in DOCUMENTS for f in root.glob(pattern)} - {root / GENERATED})
    problems: list[Problem] = []
    for file in files:
        name = file.relative_to(root).as_posix()
        problems += check_document(name, file.read_text(encoding="utf-8"), ledger, results)
    names = {f.relative_to(root).as_posix() for f in files}
    for document in sorted({e.document for e in ledger.entries} | {d for d, _ in ledger.reads}):
        if document not in names:
            problems.append(
                Problem("benchmarks/quoted.toml", 0, document, "there is no such document: remove its entries")
            )
    return problems


def check_document(name: str, text: str, ledger: Ledger, results: Path) -> list[Problem]:
    """The problems of one document."""
    entries = [e for e in ledger.entries if e.document == name]
    figures, problems = find_figures(text), list(_broken_links(name, text, results))
    covered: set[int] = set()
    for entry in (e for e in entries if e.text):
        held, found = cover_text(entry, text, figures, results)
        covered |= held
        problems += found
    titles = set()
    for start, end, title in sections(text):
        titles.add(title)
        read = ledger.reads.get((name, title), ())
        mine = [f for f in figures if start <= f.start < end and f.start not in covered]
        missing = [n for n in read if not list(results.glob(n))]
        problems += [
            Problem("benchmarks/quoted.toml", 0, n, f"{name}, {title}: there is no such result file") for n in missing
        ]
        left = without_file(mine, cited_files(text[start:end], read, results), results)
        problems += _compare(name, left, [e for e in entries if e.section == title and not e.text])
    for stale in {e.section for e in entries if not e.text} | {s for d, s in ledger.reads if d == name}:
        if stale not in titles:
            problems.append(
                Problem("benchmarks/quoted.toml", 0, stale, f"{name} has no such section: mend or remove the entry")
            )
    return problems


def without_file(figures: Sequence[Figure], cited: Sequence[str], results: Path) -> list[Figure]:
    """Figures that the cited files do not hold, in order."""
    if not cited:
        return list(figures)
    read = [_read(results / name, (results / name).stat().st_mtime_ns) for name in cited]
    rows: dict[int | None, list[Figure]] = {}
    for figure in figures:
        rows.setdefault(figure.row, []).append(figure)
    left = unexplained(rows.pop(None, []), read)
    for row in rows.values():
        left += unexplained_row(row, read, min(MOST_RECORDS, len(read)))
    return sorted(left, key=lambda f: f.start)


@cache
def _read(file: Path, stamp: int) -> Results:
    """A result file, read once for each state of it."""
    return read_results(file)


def _compare(name: str, left: Sequence[Figure], entries: Iterable[Entry]) -> Iterator[Problem]:
    """Figures without a file beside those that the ledger names for their section: the same, in order."""
    named = [figure for entry in entries for figure in entry.figures]
    texts = [" ".join(f.text.split()) for f in left]
    if texts == named:
        return
    if not named:
        yield from (
            Problem(name, f.line, f.text, f"no result file that the section cites says so; {_ADVICE}") for f in left
        )
        return
    at = next((i for i, (a, b) in enumerate(zip(texts, named, strict=False)) if a != b), min(len(texts), len(named)))
    if at < len(left):
        other = f"where {named[at]!r} is named" if at < len(named) else "beyond the last one named"
        why = f"the ledger's figures of this section are others from here on ({other}); {_ADVICE}"
        yield Problem(name, left[at].line, left[at].text, why)
    else:
        why = f"is named for {name} and no longer stands there unexplained: remove it from 'figures'"
        yield Problem("benchmarks/quoted.toml", 0, named[at], why)


def cover_text(entry: Entry, text: str, figures: Sequence[Figure], results: Path) -> tuple[set[int], list[Problem]]:
    """The figures that an entry covers, by where they start, and what is wrong with it."""
    spots = entry.find(text)
    if len(spots) != 1:
        why = (
            "no longer stands there: mend or remove the entry"
            if not spots
            else f"stands there {len(spots)} times: quote more"
        )
        return set(), [Problem("benchmarks/quoted.toml", 0, entry.text, f"{entry.document}: {why}")]
    start, end = spots[0]
    held = [f for f in figures if start <= f.start and f.end <= end]
    line = text.count("\n", 0, start) + 1
    if not held:
        return set(), [Problem(entry.document, line, entry.text, "the ledger's text holds no figure: remove the entry")]
    if entry.kind != "derived":
        return {f.start for f in held}, []
    if len(held) != len(entry.expressions):
        why = f"the text has {len(held)} figures and the ledger {len(entry.expressions)} expressions"
        return {f.start for f in held}, [Problem(entry.document, line, entry.text, why)]
    problems = []
    try:
        files = [load(n, results) for n in entry.results]
        for figure, expression in zip(held, entry.expressions, strict=True):
            value = evaluate(expression, files)
            if not agrees(figure, Leaf((), value, None if figure.unit is None else figure.unit)) and not _alike(
                figure, value
            ):
                problems.append(Problem(entry.document, figure.line, figure.text, f"{expression} is {value:.6g}"))
    except (OSError, ValueError, BenchmarkError) as error:
        problems.append(Problem(entry.document, line, entry.text, str(error)))
    return {f.start for f in held}, problems


def _alike(figure: Figure, value: float) -> bool:
    """An expression gives the figure in its own unit: of a share the percentage."""
    return abs(value - figure.value) <= 0.5 * 10.0**-figure.decimals + 1e-9


def cited_files(section: str, read: Iterable[str], results: Path) -> list[str]:
    """Result files that a section names, links to, or reads by the ledger."""
    known = [f.relative_to(results).as_posix() for f in sorted(results.rglob("*.json"))]
    patterns = [_PLACEHOLDER.sub("*", m.split("results/")[-1]) for m in _CITED.findall(section)]
    patterns += [f"{folder}/*" for folder in _FOLDER.findall(section)]
    wanted = [*patterns, *read]
    return [k for k in known if any(fnmatch.fnmatch(k, p) or fnmatch.fnmatch(Path(k).name, p) for p in wanted)]


def _broken_links(name: str, text: str, results: Path) -> Iterator[Problem]:
    for match in _LINKED.finditer(text):
        cited = match.group(1)
        if not list(results.glob(_PLACEHOLDER.sub("*", cited))):
            line = text.count("\n", 0, match.start()) + 1
            yield Problem(name, line, cited, "there is no such result file: write it again, or cite another")
