"""The core's libFuzzer targets: built once, started on seeds that are made from the vectors.

    python -m tests.edge_core.fuzzing TARGET... [--seconds 600] [--corpus FOLDER]

runs each for as long and prints how many inputs it took. What is found (a crash, a leak, a hang) is kept as a file; it
ends with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_sdk.attributes import lexicon
from edge_sdk.attributes.lexicon import Lexicon
from edge_sdk.attributes.lexicon_file import HEADER, Ref
from edge_sdk.attributes.lexicon_writing import Layer, encoded, flat
from edge_sdk.privacy.vectors.cases import cases
from obclip_contract import LatentsResponse

from .building import CORE, fuzz_targets

#: A target's largest input; what is longer only slows it.
LONGEST: Final = {"lexicon_file": 60_000, "response": 4000, "reader": 600, "second_look": 2500, "session": 1500}
#: An input that takes longer is a finding.
HANGS_AFTER: Final = 25
#: Words of the prompts in edge_core/fuzz/lexicon_file.cc.
_READ: Final = (
    "old", "woman", "two", "young", "men", "nun", "mrs", "boy", "her", "dog", "60s", "gender", "age", "ethnicity",
    "adult", "smith", "an", "a", "and",
)  # fmt: skip


def _prompts(every: int) -> list[bytes]:
    return [prompt.encode() for prompt in list(dict.fromkeys(prompt for prompt, _ in cases()))[::every]]


def _reader() -> Iterator[bytes]:
    for i, prompt in enumerate(_prompts(11)):
        yield bytes((255 if i % 9 == 0 else 0, i % 4, 0, i * 9 % 256 if i % 5 == 0 else 7, i % 5, i % 2)) + prompt


def _second_look() -> Iterator[bytes]:
    yield from (b"\0" + prompt for prompt in _prompts(11))
    for prompt in _prompts(200):
        # Four entries with rising hashes and all bits, and weights that differ.
        table = bytes((4, 3)) + bytes(4) + bytes(8) + b"\0\x40\0\0\0" * 4 + bytes(range(1, 21))
        yield b"\xc0" + bytes((min(len(prompt), 255),)) + prompt[:255] + table


def _cut(value: Any, most: int) -> Any:
    """Some entries of what a field of the lexicon holds: first those for the prompts that the target reads."""

    def rank(key: Any) -> bool:
        return not all(word in _READ for word in (key if isinstance(key, tuple) else (key,)))

    if isinstance(value, dict):
        return {key: _cut(value[key], most) for key in sorted(value, key=rank)[:most]}
    return frozenset(sorted(sorted(value), key=rank)[:most]) if isinstance(value, frozenset) else value


def small_lexicon(most: int) -> bytes:
    """A file that is opened, with every field and a layer for each kind of change, but few entries."""
    whole = flat(lexicon())
    base = {f.name: _cut(whole[f.name], most) for f in fields(Lexicon)}
    base["words"] = {name: frozenset(sorted(words)[:1]) for name, words in whole["words"].items()}
    changes = {"phrases": (dict(list(base["phrases"].items())[:2]), None), "titles": (None, base["titles"])}
    return encoded(base, [Layer(1, False, changes), Layer(3, True, {"vocabulary": ({"new": None}, None)})])


def _lexicon_file() -> Iterator[bytes]:
    for most in (1, 8, 20):
        content = small_lexicon(most)
        _, _, _, text, _, rows, _, nodes, root = HEADER.unpack_from(content)
        yield struct.pack(">4I", text, rows, nodes, root) + content[HEADER.size :]
    yield struct.pack(">4I", 4, 1, 1, Ref.TUPLE << 28) + b"a\0\0\0" + bytes(40)


def _response() -> Iterator[bytes]:
    for first in range(32):
        shape = (1 + (first >> 1 & 3), 1 + (first >> 3 & 1), 2, 1 + (first >> 4 & 1))
        latents = np.arange(np.prod(shape), dtype=np.float16).reshape(shape)
        carried = {"x0": latents / 2, "x0_log_snr": -1.5} if first & 1 else {}
        made = LatentsResponse(latents, "a" * 64, "b" * 64, 3, 0.5, "balanced", **carried)
        yield bytes((first,)) + made.to_bytes()
    for body in ({"model": "m", "pair_sha256": "b"}, {"error": {"code": "busy", "field": "grid", "message": "wait"}}):
        yield b"\x20" + json.dumps(body).encode()


def _session() -> Iterator[bytes]:
    for i, prompt in enumerate(_prompts(45)):
        options = (b"\0", bytes((1, 22, 17)), bytes((1, 32, 16)), bytes((2, 22, 13, 23, 4)))[i % 4]
        # Steps, the cloud's, hand-over, sampler, options, the prompt, coins and seed; then calls, some out of order.
        typed = bytes((200, min(len(prompt), 255))) + prompt[:255] if i % 3 == 0 else bytes((0, i % 5))
        start = bytes((i % 9, i % 4, i % 2, i // 2 % 2)) + options + typed
        yield start + bytes((7, 0, 0, 0, 9)) + bytes(100)
        yield start + bytes((7, 0, 0, 0, 9)) + b"".join(bytes((c * 53 % 160, 200, 255, c % 14, c)) for c in range(40))


SEEDS: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "reader": _reader,
    "second_look": _second_look,
    "lexicon_file": _lexicon_file,
    "response": _response,
    "session": _session,
}


def write_seeds(target: str, folder: Path, most: int = 1000) -> int:
    """A file for each seed, or for ``most`` of them; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    made = list(SEEDS[target]())
    made = made[:: -(-len(made) // most)]
    for i, seed in enumerate(made):
        (folder / f"seed-{i:04}").write_bytes(seed)
    return len(made)


@dataclass(frozen=True)
class Ran:
    """What a run of a target was: ``said`` is what it printed."""

    inputs: int
    covered: int
    returncode: int
    said: str


def run(target: str, seconds: int, corpus: Path, findings: Path, seed: int = 0) -> Ran:
    """Run a target on a folder of inputs (new ones are added) for as long; findings go to ``findings``."""
    program = fuzz_targets() / f"fuzz_{target}"
    findings.mkdir(parents=True, exist_ok=True)
    command = [program, corpus, f"-max_total_time={seconds}", f"-max_len={LONGEST[target]}", f"-timeout={HANGS_AFTER}"]
    command += ["-rss_limit_mb=3000", f"-artifact_prefix={findings}/", "-print_final_stats=1", f"-seed={seed}"]
    environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", errors="replace")
    inputs = re.findall(r"number_of_executed_units: (\d+)", done.stderr)
    covered = re.findall(r"\bcov: (\d+)", done.stderr)
    return Ran(int((inputs or ["0"])[-1]), int((covered or ["0"])[-1]), done.returncode, done.stderr)


def main() -> int:
    """Run targets. Exit code: 0 nothing was found, 1 something was."""
    parser = argparse.ArgumentParser(prog="python -m tests.edge_core.fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="+", choices=sorted(SEEDS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, help="where inputs are kept between runs, by target")
    chosen = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for target in chosen.targets:
            corpus = (chosen.corpus or Path(folder)) / target
            seeds = write_seeds(target, corpus)
            ran = run(target, chosen.seconds, corpus, CORE.parent / "build" / "fuzz_findings" / target)
            print(
                f"{target}: {seeds} seeds, {ran.inputs} inputs in {chosen.seconds} s, {ran.covered} edges", flush=True
            )
            if ran.returncode != 0:
                bad += 1
                print(ran.said[-6000:], flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
