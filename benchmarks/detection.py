"""How well attributes are found, and how fast: recall and precision per axis on two labelled halves, and the time.

The sets are in ``data/``: ordinary sentences, every explicit attribute word in braces with its axes
(``an {elderly:age} {man:gender}``); ``?age`` marks a word that may be found or not ("little" before "girl"). The
lexicon was tuned on the first half only; the second is reported as it comes out. A found span counts if it has the
axis of a label and shares characters with it.

    python -m benchmarks.detection --json benchmarks/results/detection.json
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_sdk.attributes import AXES, LEXICON_VERSION, Span, detect
from edge_sdk.errors import InputError
from edge_sdk.privacy import Privacy, release

from .machine import describe

DATA: Final = Path(__file__).parent / "data"
HALVES: Final = {"tuning": "detection_tuning.txt", "held out": "detection_heldout.txt"}
#: 30 words, one person with three axes: N = 2 x 3 x 5 = 30.
LONG: Final = (
    "a young woman pilot with dark skin standing beside a large red airplane on a sunny runway while a small brown "
    "dog sits near the wheel and watches the clouds"
)
_LABEL: Final = re.compile(r"\{([^{}:]+):([a-z_?,]+)\}")
_REPEATS: Final = 60


@dataclass(frozen=True)
class Label:
    """One labelled stretch of a sentence; an optional one may be found or not."""

    axis: str
    start: int
    end: int
    optional: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence and its labels."""

    text: str
    labels: tuple[Label, ...]


def parse(line: str) -> Sentence:
    """One line of a set."""
    text, labels, at = "", [], 0
    for m in _LABEL.finditer(line):
        text += line[at : m.start()]
        for axis in m.group(2).split(","):
            labels.append(Label(axis.lstrip("?"), len(text), len(text) + len(m.group(1)), axis.startswith("?")))
        text, at = text + m.group(1), m.end()
    return Sentence(text + line[at:], tuple(labels))


def sentences(name: str) -> list[Sentence]:
    """The sentences of one half."""
    lines = (DATA / HALVES[name]).read_text(encoding="utf-8").splitlines()
    return [parse(line) for line in lines if line and not line.startswith("#")]


def _hits(a: Label, b: Span) -> bool:
    return a.axis == b.axis and a.start < b.end and b.start < a.end


def score(found: Sequence[Sentence]) -> dict[str, Any]:
    """Counts, recall and precision over all and per axis, and what was missed or found wrongly."""
    wanted: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    right: Counter[str] = Counter()
    missed, wrong = [], []
    for sentence in found:
        spans = detect(sentence.text)
        for label in sentence.labels:
            if label.optional:
                continue
            wanted[label.axis] += 1
            if any(_hits(label, s) for s in spans):
                hit[label.axis] += 1
            else:
                missed.append(f"{label.axis}: {sentence.text[label.start : label.end]!r} in {sentence.text!r}")
        for s in spans:
            hits = [label for label in sentence.labels if _hits(label, s)]
            if hits and all(label.optional for label in hits):
                continue
            reported[s.axis] += 1
            if hits:
                right[s.axis] += 1
            else:
                wrong.append(f"{s.axis}: {s.surface!r} in {sentence.text!r}")
    axes = {a: _rates(wanted[a], hit[a], reported[a], right[a]) for a in AXES}
    total = _rates(wanted.total(), hit.total(), reported.total(), right.total())
    return {"sentences": len(found), **total, "axes": axes, "missed": missed, "wrong": wrong}


def _rates(wanted: int, hit: int, reported: int, right: int) -> dict[str, Any]:
    return {
        "labels": wanted,
        "recall": round(hit / wanted, 4) if wanted else None,
        "precision": round(right / reported, 4) if reported else None,
    }


def sets(found: Sequence[Sentence]) -> dict[str, Any]:
    """How many sentences have a closed set, and why the others have none."""
    outcomes: Counter[str] = Counter()
    refused = []
    for sentence in found:
        try:
            outcomes[release(sentence.text, Privacy(on_implied="allow")).mechanism] += 1
        except InputError as error:
            outcomes[type(error).__name__] += 1
            refused.append(sentence.text)
    return {**outcomes, "refused": refused}


def timed() -> dict[str, Any]:
    """Detection and expansion of a 30-word prompt with N = 30, with the closure check; after load."""
    chosen = release(LONG)
    wall, cpu = [], []
    for _ in range(_REPEATS):
        began, used = time.perf_counter(), time.process_time()
        release(LONG)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
    return {
        "words": len(LONG.split()),
        "n": len(chosen.members),
        "median_ms": round(1e3 * statistics.median(wall), 2),
        "median_cpu_ms": round(1e3 * statistics.median(cpu), 2),
        "repeats": _REPEATS,
        #: Processes that wanted a core meanwhile: above the number of cores, wall time measures them.
        "load_average": round(os.getloadavg()[0], 1),
    }


def run() -> dict[str, Any]:
    """The whole benchmark."""
    halves = {}
    for name in HALVES:
        found = sentences(name)
        halves[name] = {**score(found), "sets": sets(found)}
    return {"lexicon": LEXICON_VERSION, "machine": describe(), "halves": halves, "time": timed()}


def table(result: dict[str, Any]) -> str:
    """What a person reads."""
    lines = []
    for name, half in result["halves"].items():
        lines.append(f"{name}: {half['sentences']} sentences, {half['labels']} labels")
        for axis, rates in {"all": half, **half["axes"]}.items():
            lines.append(
                f"  {axis:12} {rates['labels']:4} labels  recall {rates['recall']}  precision {rates['precision']}"
            )
    spent = result["time"]
    lines.append(
        f"{spent['words']} words, N = {spent['n']}: median {spent['median_ms']} ms, {spent['median_cpu_ms']} ms of CPU "
        f"(load {spent['load_average']})"
    )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--show", choices=tuple(HALVES), help="print what was missed or found wrongly in a half")
    arguments = parser.parse_args()
    result = run()
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(result))
    if arguments.show is not None:
        half = result["halves"][arguments.show]
        print("\n".join(["missed:", *half["missed"], "wrong:", *half["wrong"], "refused:", *half["sets"]["refused"]]))


if __name__ == "__main__":
    main()
