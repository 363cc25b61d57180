"""``benchmarks/quoted.toml``: quoted figures that no result file holds, and which files a section quotes without
naming them.

An entry of ``[[quoted]]`` names a document and either the quoted text (``text``; white space does not count, and it
stands there once) or a section with all its figures that no file explains (``section`` and ``figures``, separated by
``|``). Its ``kind``:

==========  ==============================================================================================
``paper``   from the paper
``setting`` an aim, a limit, a default, a property by definition: nothing was measured
``other``   of somebody else's: another project's page, a package's size
``hand``    measured, but no result file was kept; ``how`` and ``date`` say how and when
``derived`` computed from result files: ``results`` and one of ``expressions`` for each figure, checked
==========  ==============================================================================================

An entry of ``[[reads]]`` names a document, a section and the result files (``*`` may stand for a part) that it quotes.
"""

from __future__ import annotations

import ast
import json
import operator
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import BenchmarkError

LEDGER: Final = Path(__file__).parents[1] / "quoted.toml"
KINDS: Final = ("paper", "setting", "other", "hand", "derived")
_KEYS: Final = frozenset({"document", "text", "section", "figures", "kind", "how", "date", "results", "expressions"})
_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., float]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.USub: operator.neg,
}  # fmt: skip
_CALLS: Final[Mapping[str, Callable[..., Any]]] = {
    "min": min, "max": max, "abs": abs, "sum": sum, "len": len,
    "values": lambda told: list(told.values() if isinstance(told, dict) else told),
    "mean": lambda values: sum(values) / len(values),
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A quoted text, or the figures of a section, and where they are from."""

    document: str
    kind: str
    how: str
    text: str = ""
    section: str = ""
    figures: tuple[str, ...] = ()
    date: str = ""
    results: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()

    def find(self, document: str) -> list[tuple[int, int]]:
        """Where the text stands, whatever the white space."""
        pattern = r"\s+".join(re.escape(word) for word in self.text.split())
        return [m.span() for m in re.finditer(pattern, document)]


@dataclass(frozen=True)
class Ledger:
    """All entries, and which result files a section reads: by document and section."""

    entries: tuple[Entry, ...] = ()
    reads: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def read_ledger(file: Path = LEDGER) -> Ledger:
    """Read the ledger.

    Raises:
        BenchmarkError: an entry that names nothing, an unknown key or kind, or no source.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BenchmarkError(f"{file.name} is no TOML: {error}") from None
    reads = {(r["document"], r["section"]): tuple(r["results"]) for r in told.get("reads", ())}
    return Ledger(tuple(_entry(raw, file.name) for raw in told.get("quoted", ())), reads)


def _entry(raw: Mapping[str, Any], name: str) -> Entry:
    what = f"{name}, {raw.get('document', '?')}: {raw.get('text') or raw.get('section') or '?'!s:.60}"
    if unknown := set(raw) - _KEYS:
        raise BenchmarkError(f"{what}: unknown key {min(unknown)!r}")
    if raw.get("kind") not in KINDS:
        raise BenchmarkError(f"{what}: kind is one of {', '.join(KINDS)}")
    if ("text" in raw) == ("section" in raw) or ("section" in raw) != ("figures" in raw):
        raise BenchmarkError(f"{what}: give the text, or a section and its figures")
    if not raw.get("how"):
        raise BenchmarkError(f"{what}: say in 'how' where it is from")
    if raw["kind"] == "hand" and not raw.get("date"):
        raise BenchmarkError(f"{what}: what was measured by hand has a date")
    if (raw["kind"] == "derived") != bool(raw.get("expressions")):
        raise BenchmarkError(f"{what}: 'derived', and it alone, has expressions")
    figures = tuple(" ".join(f.split()) for f in raw.get("figures", "").split("|") if f.strip())
    return Entry(
        document=str(raw["document"]),
        kind=str(raw["kind"]),
        how=str(raw["how"]),
        text=str(raw.get("text", "")),
        section=str(raw.get("section", "")),
        figures=figures,
        date=str(raw.get("date", "")),
        results=tuple(raw.get("results", ())),
        expressions=tuple(raw.get("expressions", ())),
    )


def evaluate(expression: str, files: Sequence[Any]) -> float:
    """The value of an expression over result files: ``a`` is the first, ``b`` the second, …

    ``a["rows"][0]["ms"]``, ``+ - * /``, the functions of ``_CALLS``, and lists made by ``[… for r in …
    if r["plan"] == "fast"]``.

    Raises:
        BenchmarkError: something else stands in it, or the files lack what it names.
    """
    names = {chr(ord("a") + i): told for i, told in enumerate(files)}
    try:
        return float(_value(ast.parse(expression, mode="eval").body, names))
    except (SyntaxError, LookupError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BenchmarkError(f"cannot compute {expression!r}: {type(error).__name__}: {error}") from None


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.Subscript():
            return _value(node.value, names)[_value(node.slice, names)]
        case ast.BinOp() if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](_value(node.left, names), _value(node.right, names))
        case ast.UnaryOp() if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](_value(node.operand, names))
        case ast.Compare(ops=[ast.Eq()]):
            return _value(node.left, names) == _value(node.comparators[0], names)
        case ast.BoolOp(op=ast.And()):
            return all(_value(value, names) for value in node.values)
        case ast.List() | ast.Tuple():
            return [_value(value, names) for value in node.elts]
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            return _CALLS[name](*(_value(value, names) for value in node.args))
        case ast.ListComp(generators=[ast.comprehension(target=ast.Name(id=name)) as loop]):
            items = [{**names, name: item} for item in _value(loop.iter, names)]
            return [_value(node.elt, each) for each in items if all(_value(c, each) for c in loop.ifs)]
    raise ValueError(f"{ast.unparse(node)} may not stand in an expression")


def load(name: str, results: Path) -> Any:
    """The JSON of a result file."""
    return json.loads((results / name).read_text(encoding="utf-8"))
