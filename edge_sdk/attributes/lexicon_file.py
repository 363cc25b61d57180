"""Reading ``lexicon.bin``: the lexicon compiled once, in flat tables. LEXICON_BIN.md says what stands where.

Every value is one 32-bit reference: four bits say what kind it is, the others which one. Records and the nodes of the
tries are made when they are first looked up, so that opening the file costs little more than reading it.
"""

from __future__ import annotations

import gc
import hashlib
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import IntEnum, StrEnum
from functools import cache
from importlib import import_module, resources
from typing import Any, Final

from ..errors import LexiconError
from . import kinds
from .axes import OPT_IN
from .lexicon import LEXICON_VERSION, Lexicon

MAGIC: Final = b"OBCLEX\r\n"
FORMAT: Final = 1
#: Magic, SHA-256 of what follows it, then format, characters of strings, strings, rows, items, nodes, root reference.
HEADER: Final = struct.Struct("<8s32s7I")
HASHED_FROM: Final = 40
#: No lexicon is larger; a file that says so is refused before anything is allocated.
MOST_BYTES: Final = 1 << 25
SHIFT: Final = 28
MASK: Final = (1 << SHIFT) - 1
#: Integers stand in a reference as they are plus this.
BIAS: Final = 1 << 27
#: The key under which a node of a trie holds what the path to it means, as in :mod:`.matching`.
END: Final = ""
#: Flags of a variant by bit: the opt-in axes in their order, then words of no gender.
FLAGS: Final = (*OPT_IN, "neutral")
#: Dictionaries and sets of more entries are changed entry by entry by a layer; smaller ones are replaced.
SMALL: Final = 64


class Ref(IntEnum):
    """What a reference is to."""

    STRING = 0  # so that the reference of a string is its number
    INT = 1
    CONST = 2  # None, False, True, "nothing": see CONSTANTS
    TUPLE = 3
    SET = 4
    DICT = 5  # key, value, key, value, ...
    RECORD = 6  # its type (a TUPLE: name and field names), then its fields
    ENUM = 7  # name of the type, value
    TRIE = 8  # number of a node
    PATCH = 9  # like DICT: what a layer puts in a dictionary, set or trie, or takes out


class Nothing:
    """Stands for no value: a node that no phrase ends at, and what a layer takes out."""


NOTHING: Final = Nothing()
CONSTANTS: Final = (None, False, True, NOTHING)
#: The reference of :data:`NOTHING`.
NO_REF: Final = Ref.CONST << SHIFT | CONSTANTS.index(NOTHING)


class Lazy(dict[Any, Any]):
    """A dictionary that holds references and makes each value when it is first asked for."""

    __slots__ = ("_make",)

    def __init__(self, raw: dict[Any, int], make: Callable[[int], Any]) -> None:
        super().__init__(raw)
        self._make = make

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if type(value) is int:
            value = self._make(value)
            self[key] = value
        return value

    def raw(self, key: Any) -> Any:
        """What stands there, made or not."""
        return super().get(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """As of any dictionary."""
        return self[key] if key in self else default  # noqa: SIM401

    def __iter__(self) -> Iterator[Any]:  # its own, so that dict(lazy) asks for the values
        return super().__iter__()

    def whole(self) -> dict[Any, Any]:
        """The same as a plain dictionary."""
        return {key: self[key] for key in self}

    def items(self) -> Any:
        """As of any dictionary."""
        return self.whole().items()

    def values(self) -> Any:
        """As of any dictionary."""
        return self.whole().values()

    def copy(self) -> dict[Any, Any]:
        """A plain dictionary."""
        return self.whole()

    def __or__(self, other: Any) -> Any:
        return self.whole() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.whole()

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, Lazy) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class LexiconFile:
    """An opened file. ``variant`` gives the lexicon of each set of flags."""

    def __init__(self, content: bytes) -> None:
        text, strings, rows, items, nodes, root = _checked(content)
        view = memoryview(content)[HEADER.size :]
        self._words = view[: 4 * ((text + 3) // 4)]
        at = len(self._words)
        self._pool = str(self._words[:text], "utf-8").split("\0")
        self._pool.pop()
        if len(self._pool) != strings:
            raise LexiconError(f"lexicon.bin: {len(self._pool)} strings where the header says {strings}")
        tables = []
        for count in (rows + 1, items, nodes, nodes + 1, nodes):
            tables.append(_integers(view[at : at + 4 * count]))
            at += 4 * count
        self._row_starts, self._items, self._tokens, self._children, self._meanings = tables
        #: Making a variant numbers what its layers hang below first words: two threads would mix their numbers.
        self._lock = threading.RLock()
        self._made: dict[int, Any] = {}
        self._types: dict[int, Any] = {}
        #: What layers hang below first words: the node so far (``None`` for a new one), and paths with meanings.
        self._pending: list[tuple[Any, list[tuple[int, int]]]] = []
        version, flags, self._base, self._layers = self._parts(root)
        if self.value(version) != LEXICON_VERSION or self.value(flags) != FLAGS:
            raise LexiconError(
                f"lexicon.bin is of lexicon version {self.value(version)}, and this code of version {LEXICON_VERSION}: "
                "run 'obclip lexicon build'"
            )

    def variant(self, opt_in: frozenset[str], neutral: bool) -> Lexicon:
        """The lexicon with these opt-in axes, and words of no gender as a third form if ``neutral``."""
        mask = sum(1 << i for i, flag in enumerate(FLAGS) if flag in opt_in or (flag == "neutral" and neutral))
        with self._lock:
            collects = gc.isenabled()
            gc.disable()  # all that is made stays: looking for what could go would double the time
            try:
                return self._variant(mask)
            finally:
                if collects:
                    gc.enable()

    def _variant(self, mask: int) -> Lexicon:
        names = [f.name for f in fields(Lexicon)]
        _, *refs = self._parts(self._base)
        self._checked_type(self._base)
        made = {name: self.value(ref) for name, ref in zip(names, refs, strict=True)}
        for layer in map(self._parts, self._parts(self._layers)):
            flags, exactly = (self.value(ref) for ref in layer[:2])
            if mask == flags if exactly else mask & flags == flags:
                for i in range(2, len(layer), 2):
                    name = names[self.value(layer[i])]
                    made[name] = self._changed(made[name], layer[i + 1])
        return Lexicon(**made)

    def _parts(self, ref: int) -> list[int]:
        """The references in the row that a reference is to."""
        row = ref & MASK
        return self._items[self._row_starts[row] : self._row_starts[row + 1]].tolist()

    def value(self, ref: int) -> Any:
        """What a reference is to."""
        kind, number = ref >> SHIFT, ref & MASK
        if kind == Ref.STRING:
            return self._pool[number]
        if kind == Ref.INT:
            return number - BIAS
        if kind == Ref.CONST:
            return CONSTANTS[number]
        if kind == Ref.TRIE:
            return Lazy(dict(self._edges(number)), self._branch)
        if kind == Ref.DICT:
            return self._dictionary(self._parts(ref))
        if ref not in self._made:
            self._made[ref] = self._make(Ref(kind), ref)
        return self._made[ref]

    def _make(self, kind: Ref, ref: int) -> Any:
        parts = self._parts(ref)
        if kind in (Ref.TUPLE, Ref.SET):
            return (tuple if kind is Ref.TUPLE else frozenset)(self._all(parts))
        if kind is Ref.ENUM:
            name, value = self._all(parts)
            found = getattr(kinds, name, None)
            if not (isinstance(found, type) and issubclass(found, StrEnum)):
                raise _foreign(name)
            return found(value)
        if kind is Ref.RECORD:
            return self._checked_type(ref)(*self._all(parts[1:]))
        raise LexiconError(f"lexicon.bin: a {kind.name} stands where a value is expected")

    def _checked_type(self, ref: int) -> Any:
        """The class of a record, whose fields are those that the file was written with."""
        kind = self._items[self._row_starts[ref & MASK]]
        if kind not in self._types:
            name, *names = self.value(kind)
            found = getattr(import_module(f"{__package__}.lexicon"), name, None)
            if not (isinstance(found, type) and is_dataclass(found)) or [f.name for f in fields(found)] != names:
                raise _foreign(name)
            self._types[kind] = found
        return self._types[kind]

    def _all(self, refs: list[int]) -> list[Any]:
        """Many values; of strings, the most of them, without a call for each."""
        pool = self._pool
        if refs and max(refs) <= MASK:
            return list(map(pool.__getitem__, refs))
        return [pool[r] if r <= MASK else self.value(r) for r in refs]

    def _dictionary(self, parts: list[int]) -> dict[Any, Any]:
        keys, refs = self._all(parts[::2]), parts[1::2]
        # Rows take time: each is made when it is first asked for.
        if refs and min(refs) >> SHIFT >= Ref.TUPLE and max(refs) >> SHIFT <= Ref.RECORD:
            return Lazy(dict(zip(keys, refs, strict=True)), self.value)
        return dict(zip(keys, self._all(refs), strict=True))

    def _edges(self, node: int) -> Iterator[tuple[str, int]]:
        first, last = self._children[node], self._children[node + 1]
        return zip(map(self._pool.__getitem__, self._tokens[first:last]), range(first, last), strict=True)

    def _subtree(self, node: int) -> dict[str, Any]:
        """A node with all that is below it, as :func:`.matching.trie` makes it."""
        out: dict[str, Any] = {}
        meaning = self._meanings[node]
        if meaning != NO_REF:
            out[END] = self.value(meaning)
        for token, child in self._edges(node):
            out[token] = self._subtree(child)
        return out

    def _changed(self, old: Any, ref: int) -> Any:
        """A field of the lexicon with what a layer changes."""
        if ref >> SHIFT != Ref.PATCH:
            return self.value(ref)
        parts = self._parts(ref)
        if parts and parts[0] >> SHIFT == Ref.TUPLE:
            return self._patched_trie(old, parts)
        keys, refs = self._all(parts[::2]), parts[1::2]
        if isinstance(old, frozenset):
            gone = {k for k, r in zip(keys, refs, strict=True) if r == NO_REF}
            return (old | set(keys)) - gone
        for key, value in zip(keys, refs, strict=True):
            if value == NO_REF:
                old.pop(key, None)
            else:
                old[key] = value if isinstance(old, Lazy) else self.value(value)
        return old

    def _patched_trie(self, root: Lazy, parts: list[int]) -> Lazy:
        """A trie with phrases put in or taken out; those of a first word are hung when it is looked up."""
        changes: dict[str, list[tuple[int, int]]] = {}
        for path, meaning in zip(parts[::2], parts[1::2], strict=True):
            first = self._pool[self._items[self._row_starts[path & MASK]]]
            changes.setdefault(first, []).append((path, meaning))
        for first, found in changes.items():
            self._pending.append((root.raw(first), found))
            root[first] = -len(self._pending)
            if any(meaning == NO_REF for _, meaning in found) and not root[first]:
                del root[first]
        return root

    def _branch(self, raw: int) -> dict[str, Any]:
        """The node behind a first word: a number, or below zero what a layer hangs below it."""
        if raw >= 0:
            return self._subtree(raw)
        before, changes = self._pending[-raw - 1]
        node = {} if before is None else before if isinstance(before, dict) else self._branch(before)
        for path, meaning in changes:
            _hang(node, self.value(path)[1:], NOTHING if meaning == NO_REF else self.value(meaning))
        return node


def _hang(root: dict[str, Any], path: tuple[str, ...], meaning: Any) -> None:
    """Put a phrase into a trie, or take it out with the nodes that nothing else needs."""
    nodes = [root]
    for token in path:
        if token not in nodes[-1]:
            if meaning is NOTHING:
                return
            nodes[-1][token] = {}
        nodes.append(nodes[-1][token])
    if meaning is not NOTHING:
        nodes[-1][END] = meaning
        return
    nodes[-1].pop(END, None)
    for above, token in zip(reversed(nodes[:-1]), reversed(path), strict=True):
        if above[token]:
            return
        del above[token]


def _checked(content: bytes) -> tuple[int, int, int, int, int, int]:
    """The counts of the header, after all that can be wrong with them."""
    if len(content) < HEADER.size or content[: len(MAGIC)] != MAGIC:
        raise LexiconError("lexicon.bin is no compiled lexicon: run 'obclip lexicon build'")
    _, digest, version, text, strings, rows, items, nodes, root = HEADER.unpack_from(content)
    if version != FORMAT:
        raise LexiconError(
            f"lexicon.bin has format {version}, and this code reads {FORMAT}: run 'obclip lexicon build'"
        )
    size = HEADER.size + 4 * ((text + 3) // 4) + 4 * ((rows + 1) + items + 3 * nodes + 1)
    if len(content) > MOST_BYTES or size != len(content):
        raise LexiconError(f"lexicon.bin has {len(content)} bytes where its header says {size}: it is cut or damaged")
    if hashlib.sha256(memoryview(content)[HASHED_FROM:]).digest() != digest:
        raise LexiconError("lexicon.bin is damaged: its SHA-256 differs. Install the package again")
    return text, strings, rows, items, nodes, root


def _integers(part: memoryview) -> memoryview:
    if sys.byteorder == "big":
        import array

        swapped = array.array("I", part.tobytes())
        swapped.byteswap()
        return memoryview(swapped)
    return part.cast("I")


def _foreign(name: str) -> LexiconError:
    return LexiconError(f"lexicon.bin was written for another {name} than this code has: run 'obclip lexicon build'")


@cache
def opened() -> LexiconFile:
    """The package's own file.

    Raises:
        LexiconError: it is missing, damaged, or of another version.
    """
    try:
        content = resources.files(__package__).joinpath("lexicon.bin").read_bytes()
    except FileNotFoundError:
        raise LexiconError("lexicon.bin is missing: run 'obclip lexicon build'") from None
    return LexiconFile(content)
