"""Making, writing and comparing the vectors."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from ...attributes.detector import NoDetector
from ...attributes.findings import implied
from ...attributes.reader import read
from ...attributes.spans import spans
from ...errors import InputError
from .cases import cases

PATH: Final = Path(__file__).with_name("reader.jsonl.gz")
#: Phrases of more texts than this are told by their digest.
_FEW: Final = 12


def vector(prompt: str, options: dict[str, Any]) -> dict[str, Any]:
    """What the reader gives for one prompt. LEXICON.md says what each key is."""
    from ..closing import slots

    out: dict[str, Any] = {"prompt": prompt} | ({"options": options} if options else {})
    plain = read(prompt)
    found = spans(plain)
    out["text"] = plain.typed
    out["spans"] = [list(astuple(s)) for s in found]
    out["findings"] = [list(astuple(f)) for f in implied(plain, found)]
    try:
        told = slots(prompt, detector=NoDetector(), **({"on_implied": "allow"} | options))
    except InputError as error:
        return out | {"refused": type(error).__name__}
    axes = {a.name: len(a.values) for a in told.axes}
    phrases = {n: {"axes": list(p.axes), "text": _texts(p.text)} for n, p in told.phrases.items()}
    return out | {
        "template": told.template,
        "axes": axes,
        "phrases": phrases,
        "choice": list(told.choice),
        "member": told.member(told.choice),
        "notes": list(told.notes),
    }


def _texts(texts: tuple[str, ...]) -> list[str] | str:
    """The texts, or of many the SHA-256 of their UTF-8 with a line feed behind each."""
    if len(texts) <= _FEW:
        return list(texts)
    return hashlib.sha256("".join(f"{t}\n" for t in texts).encode()).hexdigest()


def _line(case: tuple[str, dict[str, Any]]) -> str:
    return json.dumps(vector(*case), ensure_ascii=False, separators=(",", ":"))


def generate(every: int = 1) -> Iterator[str]:
    """The lines of the file, or each ``every``-th of them."""
    chosen = list(cases())[::every]
    if every > 1:
        yield from map(_line, chosen)
        return
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_line, chosen, chunksize=64)


def read_lines(path: Path = PATH) -> list[str]:
    """The lines of a written file."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def write(path: Path = PATH) -> int:
    """Write the file; returns how many prompts it holds."""
    lines = list(generate())
    content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0)
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)
    return len(lines)


def check(path: Path = PATH, every: int = 1) -> list[str]:
    """What differs between the file and the code, one line each; empty if nothing does."""
    try:
        stored = read_lines(path)
    except (OSError, EOFError) as error:
        return [f"{path.name} cannot be read: {error}"]
    made = list(generate(every))
    if len(stored[::every]) != len(made):
        return [f"the file has {len(stored)} prompts, and the code other ones"]
    return [_difference(old, new) for old, new in zip(stored[::every], made, strict=True) if old != new]


def _difference(old: str, new: str) -> str:
    stored, made = json.loads(old), json.loads(new)
    keys = [k for k in {**stored, **made} if stored.get(k) != made.get(k)]
    first = keys[0] if keys else "the order"
    was, now = stored.get(first), made.get(first)
    return f"{made['prompt'][:60]!r}: {first}: the file has {was!s:.80}, the code gives {now!s:.80}"
