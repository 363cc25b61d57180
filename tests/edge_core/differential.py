"""Prompts of every kind, read and released by the reference and by the core; what differs is printed.

    python -m tests.edge_core.differential FIRST LAST [--part 1000]

A prompt depends on its number alone, so that a run that was stopped goes on where its last line says. Each prompt is
read in one of the settings of ``dumping`` (the document behind all passes is compared) and released with choices of its
own (``test_release.case``: grid, members, mechanism, guarantee, notes, findings, refusals with their words).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from edge_sdk.attributes import read

from ..edge_sdk.attributes.test_invariant import salad, tags, written
from ..edge_sdk.closure_grammar import prompt as sentence
from . import test_release
from .building import LEXICON, ROOT, probe
from .dumping import SETTINGS, held_in, parting, question
from .soup import soup
from .test_normalising import made

#: What stands between words, in them and instead of them: marks, joiners, directions, planes, look-alikes.
_ODD: Final = (
    (0x0300, 0x0370), (0x2000, 0x2070), (0xFE00, 0xFE10), (0x1F3FB, 0x1F400), (0x1F466, 0x1F47F), (0x0400, 0x0460),
    (0x0590, 0x0700), (0x3040, 0x3100), (0xAC00, 0xAC80), (0xFF01, 0xFF5F), (0x1D400, 0x1D7FF), (0xE0020, 0xE0080),
    (0x0000, 0x0020), (0x007F, 0x0100), (0x1F1E6, 0x1F200), (0x2460, 0x2500), (0xD7A0, 0xD800), (0x10FFF0, 0x110000),
)  # fmt: skip


def unicode_soup(rng: random.Random) -> str:
    """A prompt whose letters are cut, joined and replaced by characters from anywhere."""
    text = list(rng.choice((sentence, salad, tags))(rng))
    for _ in range(rng.randint(1, 10)):
        span = rng.choice(_ODD) if rng.random() < 0.9 else rng.choice(((0, 0xD800), (0xE000, 0x110000)))
        at = rng.randrange(len(text) + 1)
        text[at : at + rng.choice((0, 0, 1))] = [chr(rng.randrange(*span)) for _ in range(rng.choice((1, 1, 2, 3)))]
    return "".join(text)


@cache
def _collected() -> list[str]:
    folder = ROOT.parent / "shared" / "prompts"
    lines = {line for path in sorted(folder.glob("*")) for line in path.read_text(encoding="utf-8").splitlines()}
    return sorted(line.rsplit("\t", 1)[-1] for line in lines)


def collected(rng: random.Random) -> str:
    """A caption or a word from the collections beside the checkout; a written prompt where there are none."""
    return rng.choice(_collected()) if _collected() else written(rng)


MAKERS: Final[tuple[Callable[[random.Random], str], ...]] = (
    sentence, written, salad, tags, soup, made, collected, unicode_soup
)  # fmt: skip


def prompt(number: int) -> str:
    """The prompt of this number; one line and no lone surrogates, so that it can be written as UTF-8."""
    text = MAKERS[number % len(MAKERS)](random.Random(f"differential/{number}"))
    return text.replace("\n", " ").encode("utf-8", "ignore").decode()


def _setting(number: int) -> str:
    names = list(SETTINGS)
    return names[number // len(MAKERS) % len(names)] if number % 2 else "default"


def read_otherwise(numbers: range) -> Iterator[str]:
    """Prompts whose documents differ, with where."""
    asked = [(prompt(n), SETTINGS[_setting(n)]) for n in numbers]
    answers = probe("reader", LEXICON)([question(text, scope) for text, scope in asked])
    for n, (text, scope), said in zip(numbers, asked, answers, strict=True):
        last = next(stage for stage in reversed(json.loads(said)) if stage != 0)
        if last != json.loads(json.dumps(held_in(read(text, scope)))):
            yield f"{n}: {text!r} read by {_setting(n)!r}\n  {parting(text, scope, said)}"


def released_otherwise(numbers: range) -> list[str]:
    """Prompts whose releases or refusals differ, with how."""
    with tempfile.TemporaryDirectory() as folder:
        return test_release.differences([test_release.case(n, prompt(n)) for n in numbers], Path(folder) / "home")


def main() -> int:
    """Compare a stretch. Exit code: 0 nothing differs, 1 something does."""
    parser = argparse.ArgumentParser(prog="python -m tests.edge_core.differential", description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int, help="the number behind the last prompt")
    parser.add_argument("--part", type=int, default=1000, help="prompts between two lines of progress")
    chosen = parser.parse_args()
    count, began = 0, time.monotonic()
    for start in range(chosen.first, chosen.last, chosen.part):
        numbers = range(start, min(start + chosen.part, chosen.last))
        found = [*read_otherwise(numbers), *released_otherwise(numbers)]
        count += len(found)
        passed = time.monotonic() - began
        print(*found, f"{numbers.stop}: {count} differ, {passed:.0f} s", sep="\n", flush=True)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
