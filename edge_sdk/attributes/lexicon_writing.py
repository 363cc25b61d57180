"""Writing ``lexicon.bin``: the build step from the data files to the flat tables that :mod:`.lexicon_file` reads.

One whole lexicon is written, without opt-in axes, and layers of differences: one for each flag, then for each set of
flags what its layers together do not give. So every variant is exactly what the data files compile to.
"""

from __future__ import annotations

import gc
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from ..errors import LexiconError
from .compiling import compile_lexicon
from .lexicon import LEXICON_VERSION, Lexicon
from .lexicon_file import (
    BIAS,
    CONSTANTS,
    END,
    FLAGS,
    FORMAT,
    HASHED_FROM,
    HEADER,
    MAGIC,
    MASK,
    NO_REF,
    NOTHING,
    SHIFT,
    SMALL,
    Ref,
)

PATH: Final = Path(__file__).with_name("lexicon.bin")
_TRIES: Final = tuple(f.name for f in fields(Lexicon) if f.type == "Trie")
#: A compiled lexicon by field. Tries are flat: the tokens of each phrase, and what it means.
Flat = dict[str, Any]
Phrases = dict[tuple[str, ...], Any]


class _Tables:
    """Everything the file holds, each row once."""

    def __init__(self, strings: list[str]) -> None:
        self.strings = strings
        self._number = {s: i for i, s in enumerate(strings)}
        self.starts, self.items = [0], list[int]()
        self._rows: dict[tuple[int, tuple[int, ...]], int] = {}
        self._made: dict[tuple[type, Any], int] = {}
        self.tries: list[Phrases] = []

    def string(self, text: str) -> int:
        return Ref.STRING << SHIFT | self._number[text]

    def row(self, kind: Ref, refs: list[int]) -> int:
        """A row of references; equal ones are one row."""
        key = (int(kind), tuple(refs))
        if key not in self._rows:
            self._rows[key] = len(self.starts) - 1
            self.items += refs
            self.starts.append(len(self.items))
        return kind << SHIFT | self._rows[key]

    def ref(self, value: Any) -> int:
        """The reference of any value that a lexicon may hold."""
        if isinstance(value, str) and not isinstance(value, Enum):
            return self.string(value)
        constant = next((i for i, c in enumerate(CONSTANTS) if c is value), None)
        if constant is not None:
            return Ref.CONST << SHIFT | constant
        if isinstance(value, int):
            if not 0 <= value + BIAS <= MASK:
                raise LexiconError(f"lexicon.bin cannot hold the number {value}")
            return Ref.INT << SHIFT | value + BIAS
        if isinstance(value, dict | Mapping):
            return self.row(Ref.DICT, [self.ref(part) for pair in value.items() for part in pair])
        key = (type(value), value)
        if key not in self._made:
            self._made[key] = self._new(value)
        return self._made[key]

    def _new(self, value: Any) -> int:
        if isinstance(value, Enum):
            return self.row(Ref.ENUM, [self.string(type(value).__name__), self.string(str(value.value))])
        if isinstance(value, tuple):
            return self.row(Ref.TUPLE, [self.ref(v) for v in value])
        if isinstance(value, frozenset):
            return self.row(Ref.SET, [self.ref(v) for v in sorted(value)])
        if is_dataclass(value) and not isinstance(value, type):
            return self.record(type(value), {f.name: self.ref(getattr(value, f.name)) for f in fields(value)})
        raise LexiconError(f"lexicon.bin cannot hold a {type(value).__name__}")

    def record(self, kind: type, refs: dict[str, int]) -> int:
        """A record from the references of its fields."""
        return self.row(Ref.RECORD, [self.ref((kind.__name__, *refs)), *refs.values()])

    def trie(self, phrases: Phrases) -> int:
        self.tries.append(phrases)
        return Ref.TRIE << SHIFT | len(self.tries) - 1

    def patch(self, changes: dict[Any, Any]) -> int:
        return self.row(Ref.PATCH, [self.ref(part) for pair in changes.items() for part in pair])

    def nodes(self) -> tuple[list[int], list[int], list[int]]:
        """Token, first child and meaning of every node: the roots, then level by level, children side by side."""
        roots = [_tree(phrases) for phrases in self.tries]
        queue: list[dict[str, Any]] = list(roots)
        tokens, children, meanings = [0] * len(roots), [], list[int]()
        for node in queue:
            children.append(len(queue))
            meanings.append(self.ref(node[END]) if END in node else NO_REF)
            for token in sorted(t for t in node if t != END):
                tokens.append(self._number[token])
                queue.append(node[token])
        return tokens, [*children, len(queue)], meanings


def _tree(phrases: Phrases) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path, meaning in phrases.items():
        node = root
        for token in path:
            node = node.setdefault(token, {})
        node[END] = meaning
    return root


def _phrases(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for token, below in node.items():
        if token == END:
            yield path, below
        else:
            yield from _phrases(below, (*path, token))


def flat(lex: Lexicon) -> Flat:
    """The lexicon by field, with every trie as its phrases."""
    return {
        f.name: dict(_phrases(getattr(lex, f.name))) if f.type == "Trie" else getattr(lex, f.name)
        for f in fields(Lexicon)
    }


def _change(old: Any, new: Any) -> dict[Any, Any] | None:
    """What to put in and take out, entry by entry; ``None`` if the field is rather written whole."""
    if isinstance(old, frozenset) and isinstance(new, frozenset) and len(old) > SMALL:
        return {**dict.fromkeys(sorted(new - old)), **dict.fromkeys(sorted(old - new), NOTHING)}
    if isinstance(old, dict) and isinstance(new, dict) and len(old) > SMALL:
        put = {k: v for k, v in new.items() if k not in old or old[k] != v or type(old[k]) is not type(v)}
        return {**put, **dict.fromkeys((k for k in old if k not in new), NOTHING)}
    return None


def _patched(made: Any, change: dict[Any, Any] | None, whole: Any) -> Any:
    """A field to which a change is applied, as reading does it; ``whole`` is what stands there if it is ``None``."""
    if change is None:
        return whole
    gone = {k for k, v in change.items() if v is NOTHING}
    if isinstance(made, frozenset):
        return made.union(change) - gone
    return {k: v for k, v in {**made, **change}.items() if k not in gone}


def _changes(before: Flat, after: Flat) -> Flat:
    """What a layer says of each field that differs: the change, and the whole."""
    return {n: (_change(before[n], after[n]), after[n]) for n in after if _differs(before[n], after[n])}


def _differs(before: Any, after: Any) -> bool:
    """Whether a layer must say something; the order of small dictionaries counts."""
    if isinstance(before, dict) and isinstance(after, dict) and len(before) <= SMALL:
        return list(before.items()) != list(after.items())
    return bool(before != after)


def _with(made: Flat, changes: Flat) -> Flat:
    return made | {n: _patched(made[n], *found) for n, found in changes.items()}


@dataclass(frozen=True)
class Layer:
    """What variants with the flags of ``mask`` change, by field; ``exactly``: only the one with no other flag."""

    mask: int
    exactly: bool
    changes: Flat


def layered() -> tuple[Flat, list[Layer]]:
    """The lexicon without flags, and the layers of all others, in the order of reading."""
    base = _compiled(0)
    bits = [1 << i for i in range(len(FLAGS))]
    layers = [Layer(bit, False, _changes(base, _compiled(bit))) for bit in bits]
    single = {layer.mask: layer.changes for layer in layers}
    for mask in range(1, 1 << len(FLAGS)):
        if mask in single:
            continue  # one flag is its layer
        made = base
        for bit in bits:
            made = _with(made, single[bit]) if mask & bit else made
        layers.append(Layer(mask, True, _changes(made, _compiled(mask))))
    return base, layers


def _compiled(mask: int) -> Flat:
    flags = {flag for i, flag in enumerate(FLAGS) if mask >> i & 1}
    return flat(compile_lexicon(frozenset(flags - {"neutral"}), "neutral" in flags))


def _strings(value: Any, found: set[str]) -> None:
    if isinstance(value, Enum):
        found.update((type(value).__name__, str(value.value)))
    elif isinstance(value, str):
        found.add(value)
    elif isinstance(value, Mapping):
        for key, below in value.items():
            _strings(key, found)
            _strings(below, found)
    elif isinstance(value, tuple | frozenset | list):
        for below in value:
            _strings(below, found)
    elif is_dataclass(value) and not isinstance(value, type):
        found.update((type(value).__name__, *(f.name for f in fields(value))))
        for f in fields(value):
            _strings(getattr(value, f.name), found)


def build() -> bytes:
    """The file that the data files and the code give: the same bytes every time.

    Raises:
        LexiconError: the data hold what the format cannot.
    """
    gc.disable()  # millions of small objects that all stay: looking through them costs more than compiling
    try:
        return encoded(*layered())
    finally:
        gc.enable()


def encoded(base: Flat, layers: list[Layer]) -> bytes:
    """The bytes of a file: a lexicon without flags, and the layers of the others."""
    found: set[str] = {LEXICON_VERSION, *FLAGS, Lexicon.__name__}
    found.update(f.name for f in fields(Lexicon))
    _strings(base, found)
    for layer in layers:
        _strings({n: whole if change is None else change for n, (change, whole) in layer.changes.items()}, found)
    if any("\0" in s for s in found):
        raise LexiconError("lexicon.bin cannot hold a string with a zero character")
    tables = _Tables(sorted(found))
    whole = {
        f.name: tables.trie(base[f.name]) if f.type == "Trie" else tables.ref(base[f.name]) for f in fields(Lexicon)
    }
    refs = [tables.ref(LEXICON_VERSION), tables.ref(FLAGS), tables.record(Lexicon, whole)]
    return _file(tables, tables.row(Ref.TUPLE, [*refs, tables.row(Ref.TUPLE, [_row(tables, la) for la in layers])]))


def _row(tables: _Tables, layer: Layer) -> int:
    """A layer: mask, whether exactly, then number of a field and what becomes of it, for each."""
    row = [tables.ref(layer.mask), tables.ref(layer.exactly)]
    for i, f in enumerate(fields(Lexicon)):
        if f.name in layer.changes:
            change, whole = layer.changes[f.name]
            row += [tables.ref(i), tables.ref(whole) if change is None else tables.patch(change)]
    return tables.row(Ref.TUPLE, row)


def _file(tables: _Tables, root: int) -> bytes:
    tokens, children, meanings = tables.nodes()
    text = b"".join(s.encode() + b"\0" for s in tables.strings)
    body = text + b"\0" * (-len(text) % 4)
    for numbers in (tables.starts, tables.items, tokens, children, meanings):
        body += struct.pack(f"<{len(numbers)}I", *numbers)
    counts = (FORMAT, len(text), len(tables.strings), len(tables.starts) - 1, len(tables.items), len(tokens), root)
    head = HEADER.pack(MAGIC, bytes(32), *counts)[HASHED_FROM:]
    return MAGIC + hashlib.sha256(head + body).digest() + head + body


def write(path: Path = PATH) -> bytes:
    """Build the file and put it in its place at once; returns its bytes."""
    content = build()
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return content


def is_stale(path: Path = PATH) -> bool:
    """Whether the file is missing or is not what the data files give."""
    return not path.is_file() or path.read_bytes() != build()
