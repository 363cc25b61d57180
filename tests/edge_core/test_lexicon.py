"""The core's lexicon is the reference's: every variant, field by field; damaged files are refused in the same words."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import random
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from edge_sdk.attributes.axes import OPT_IN
from edge_sdk.attributes.lexicon import Lexicon
from edge_sdk.attributes.lexicon_file import HASHED_FROM, HEADER, LexiconFile, opened
from edge_sdk.attributes.lexicon_writing import flat
from edge_sdk.errors import LexiconError
from tests.edge_core.building import CORE, LEXICON, ROOT, probe

FIELDS: Final = tuple(f.name for f in fields(Lexicon))
#: Each flag by itself, none, all, and two sets that have a layer of their own; --full gives all.
FEW: Final = (0, 1, 2, 4, 8, 16, 6, 25, 31)


@cache
def plain(value: Any) -> Any:
    """A record as the probe shows it."""
    return [shown(getattr(value, f.name)) for f in fields(value)]


def shown(value: Any) -> Any:
    """What the probe says a value is: sets and dictionaries sorted, but for the languages, whose order counts."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return [[shown(k), shown(v)] for k, v in sorted(value.items())]
    if isinstance(value, tuple):
        return [shown(v) for v in value]
    return value


def first_words() -> list[str]:
    """Whatever a phrase of any variant begins with."""
    found: set[str] = set()
    for mask in range(1 << len(OPT_IN) + 1):
        lex = variant(mask)
        found.update(lex.phrases, lex.origins, lex.cues)
    return sorted(found - {""})


def variant(mask: int) -> Lexicon:
    return opened().variant(*flags(mask))


def flags(mask: int) -> tuple[frozenset[str], bool]:
    return frozenset(a for i, a in enumerate(OPT_IN) if mask >> i & 1), bool(mask >> len(OPT_IN) & 1)


@pytest.mark.parametrize("mask", FEW)
def test_variants(mask: int) -> None:
    differs = list(differences((mask,)))
    assert not differs, differs


def differences(masks: tuple[int, ...]) -> Iterator[str]:
    """The variants' fields that are not the reference's."""
    run = probe("lexicon", LEXICON)
    words = first_words()
    asked = [f"starting {len(words)} {' '.join(map(json.dumps, words))}"]
    for mask, name in itertools.product(masks, FIELDS):
        opt_in, neutral = flags(mask)
        asked.append(f"{name} {','.join(sorted(opt_in)) or '-'} {neutral:d}")
    answers = iter(run(asked)[1:])
    for mask in masks:
        reference = flat(variant(mask))
        for name in FIELDS:
            value = reference[name]
            mine = [[k, shown(v)] for k, v in value.items()] if name == "languages" else shown(value)
            if json.dumps(mine, separators=(",", ":")) != next(answers):
                yield f"{name} of variant {mask}"


def test_classes_used() -> None:
    """Opening a file checks that it has every class of words which the code asks for by name."""
    listed = set(re.findall(r'U"(\w+)"', (CORE / "src/lexicon/classes_used.inc").read_text()))
    reference = set[str]()
    for path in sorted((ROOT / "edge_sdk").rglob("*.py")):
        if "compiling" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            of_words = (
                isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "words"
            )
            if of_words and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):  # type: ignore[union-attr]
                reference.add(node.slice.value)  # type: ignore[union-attr]
    known = set(variant(0).words)
    asked = set[str]()
    for path in sorted((CORE / "src").rglob("*.cc")):
        text = path.read_text()
        asked.update(re.findall(r'(?:in_class|word_class)\(\s*U"(\w+)"', text))
        asked.update(w for w in re.findall(r'is_in\([^;]*?U"(\w+)"\)', text))
    assert asked | (reference & known) <= listed <= known


def signed(content: bytes) -> bytes:
    """The same with the digest that it should have."""
    return content[:8] + hashlib.sha256(content[HASHED_FROM:]).digest() + content[HASHED_FROM:]


def damaged() -> Iterator[tuple[str, bytes]]:
    """Files that are refused before anything is made of them."""
    whole = LEXICON.read_bytes()
    _, _, version, text, strings, rows, items, nodes, root = HEADER.unpack_from(whole)

    def with_header(*numbers: int) -> bytes:
        return signed(whole[:HASHED_FROM] + struct.pack("<7I", *numbers) + whole[HEADER.size :])

    yield "empty", b""
    yield "short", whole[:60]
    yield "magic", b"x" + whole[1:]
    yield "format", with_header(version + 1, text, strings, rows, items, nodes, root)
    yield "cut", whole[:-4]
    yield "long", whole + bytes(4)
    yield "digest", whole[:-1] + bytes((whole[-1] ^ 1,))
    yield "strings", with_header(version, text, strings + 1, rows, items, nodes, root)
    yield "huge", with_header(version, text, strings, 0xFFFFFFFF, items, nodes, root)
    yield "version", signed(whole.replace(b"\x007\x00", b"\x008\x00", 1))


@pytest.mark.parametrize(("name", "content"), [pytest.param(*d, id=d[0]) for d in damaged()])
def test_refused_alike(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(LexiconError) as refused:
        LexiconFile(content).variant(frozenset(), False)
    path = tmp_path / "lexicon.bin"
    path.write_bytes(content)
    assert json.loads(probe("lexicon", LEXICON)([f"open {path}"])[0]) == str(refused.value)


def test_numbers_are_checked(tmp_path: Path) -> None:
    """A file whose digest fits and whose numbers do not is refused, or read as what it says; nothing else happens."""
    whole, choose = LEXICON.read_bytes(), random.Random(0)
    _, _, _, text, _, rows, items, nodes, _ = HEADER.unpack_from(whole)
    first = HEADER.size + 4 * ((text + 3) // 4)
    starts = [first, first + 4 * (rows + 1), first + 4 * (rows + 1 + items), first + 4 * (rows + 1 + items + nodes)]
    paths = []
    for n in range(60):
        changed = bytearray(whole)
        begin = choose.choice(starts)
        at = begin + 4 * choose.randrange(min(40_000, (len(whole) - begin) // 4))
        changed[at : at + 4] = struct.pack(
            "<I", choose.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x3FFFFFFF, 0x8000FFFF, 0x0FFFFFFF))
        )
        paths.append(tmp_path / f"{n}.bin")
        paths[-1].write_bytes(signed(bytes(changed)))
    refused = [json.loads(said) for said in probe("lexicon", LEXICON)([f"open {p}" for p in paths])]
    assert sum(why is not None for why in refused) > 55, refused


if __name__ == "__main__":
    for mask in range(1 << len(OPT_IN) + 1):
        print(mask, list(differences((mask,))), flush=True)
