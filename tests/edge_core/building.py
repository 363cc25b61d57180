"""The C++ core built for these tests: once for each state of its sources, beside the checkout's other build outputs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CORE: Final = ROOT / "edge_core"
LEXICON: Final = ROOT / "edge_sdk/attributes/lexicon.bin"
SECOND_LOOK: Final = ROOT / "edge_sdk/second_look/data/second_look.bin"
#: Kept between runs, so that an unchanged core is not compiled again.
BUILDS: Final = ROOT / "build" / "edge_core"


def _state() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in CORE.rglob("*") if p.suffix in (".cc", ".h", ".txt")):
        digest.update(str(path.relative_to(CORE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def built(*options: str) -> Path:
    """The build folder, configured with ``options`` and up to date. Skips where there is no compiler.

    Raises:
        AssertionError: it does not compile; with the compiler's words.
    """
    if shutil.which("cmake") is None or not (shutil.which("clang++") or shutil.which("c++")):
        pytest.skip("edge_core: no cmake or C++ compiler on this machine (apt-get install cmake clang)")
    folder = BUILDS / ("-".join(o.removeprefix("-D").replace("=", "_") for o in options) or "plain")
    return _up_to_date(folder, ["-DOBCLIP_TESTING=ON", *options])


@cache
def fuzz_targets() -> Path:
    """The folder with the libFuzzer targets, up to date. Skips where clang has no libFuzzer.

    Raises:
        AssertionError: they do not compile; with the compiler's words.
    """
    if shutil.which("cmake") is None or shutil.which("clang++") is None:
        pytest.skip("edge_core: no cmake or clang++ on this machine (apt-get install cmake clang)")
    tried = ["clang++", "-x", "c++", "-", "-fsanitize=fuzzer,address,undefined", "-o", os.devnull]
    empty = '#include <cstddef>\nextern "C" int LLVMFuzzerTestOneInput(const unsigned char*, std::size_t) { return 0; }'
    done = subprocess.run(tried, input=empty, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("edge_core: clang++ links no libFuzzer or sanitizers here: " + done.stderr.strip()[-200:])
    return _up_to_date(BUILDS.with_name("edge_core_fuzz"), ["-DOBCLIP_FUZZ=ON"])


def _up_to_date(folder: Path, options: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in another process may be building the same
        return _build(folder, options)


def _build(folder: Path, options: list[str]) -> Path:
    stamp = folder / "state"
    state = _state()  # as it is now: what is edited while it compiles is compiled again
    if stamp.exists() and stamp.read_text() == state:
        return folder
    environment = dict(os.environ)
    if shutil.which("clang++"):
        environment["CXX"] = "clang++"
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    _run(["cmake", "-S", str(CORE), "-B", str(folder), *generator, *options], environment)
    _run(["cmake", "--build", str(folder), "--parallel", str(os.cpu_count() or 1)], environment)
    stamp.write_text(state)
    return folder


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def probe(name: str, *arguments: str | Path) -> Callable[[Sequence[str]], list[str]]:
    """A test program of edge_core/testing: give it lines, get as many back."""
    program = built() / f"probe_{name}"

    def run(lines: Sequence[str]) -> list[str]:
        assert not any("\n" in line for line in lines)
        text = "".join(f"{line}\n" for line in lines)
        done = subprocess.run([program, *arguments], input=text, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, f"{program.name} ended with {done.returncode}: {done.stderr[-2000:]}"
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(lines), f"{len(lines)} lines in, {len(answers)} out"
        return answers

    return run
