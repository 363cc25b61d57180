"""How well attributes are found, what goes out in clear, what is refused, and how fast: by the style of the prompt.

The sets are in ``data/``: every explicit attribute word in braces with its axes (``an {elderly:age} {man:gender}``);
``?age`` marks a word that may be found or not ("little" before "girl"). Captions are one half of ordinary sentences
that the lexicon was not tuned on; the other half is "tuning". Tag lists and portraits were written for this table. A
found span counts if it has the axis of a label and shares characters with it. The shares are what :func:`release`, the
one door, does by default: of the prompts about persons the refused ones; of these prompts sent those with a labelled
word in the template or in every member, and those with an odd member (:mod:`.oddities`).

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_sdk.attributes import AXES, LEXICON_VERSION, Span, detect
from edge_sdk.errors import InputError
from edge_sdk.privacy import release

from .machine import describe
from .oddities import oddities

DATA: Final = Path(__file__).parent / "data"
SETS: Final = {
    "captions": "detection_heldout.txt",
    "tags": "detection_tags.txt",
    "portraits": "detection_portraits.txt",
    "tuning": "detection_tuning.txt",
}
#: 30 words, one person with three axes: N = 2 x 3 x 5 = 30.
LONG: Final = (
    "a young woman pilot with dark skin standing beside a large red airplane on a sunny runway while a small brown "
    "dog sits near the wheel and watches the clouds"
)
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z][A-Za-z0-9_]*\}")
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
    """The sentences of one set."""
    lines = (DATA / SETS[name]).read_text(encoding="utf-8").splitlines()
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


def shares(found: Sequence[Sentence]) -> dict[str, Any]:
    """What the door does with the prompts, by default: sent, refused, in clear, odd; with the cases."""
    counts: Counter[str] = Counter()
    cases: dict[str, list[str]] = {"refused": [], "clear": [], "odd": [], "changed": []}
    for sentence in found:
        person = bool(sentence.labels)
        counts["persons" if person else "others"] += 1
        try:
            sent = release(sentence.text)
        except InputError as error:
            counts["refused" if person else "others refused"] += 1
            cases["refused"].append(f"{sentence.text!r}: {str(error)[:120]}")
            continue
        if not person:
            if any(m != sentence.text for m in sent.members):
                counts["changed"] += 1
                cases["changed"].append(f"{sentence.text!r} -> {sent.members[0]!r}")
            continue
        counts["sent"] += 1
        clear = in_clear(sentence, sent.grid.template, sent.members)
        wrong = oddities(sentence.text, sent.members)
        counts["clear"] += bool(clear)
        counts["odd"] += bool(wrong)
        cases["clear"] += [f"{w!r} in {sentence.text!r}" for w in clear]
        cases["odd"] += [f"{w} from {sentence.text!r}" for w in wrong]
    return {
        "persons": counts["persons"],
        "refused": _share(counts["refused"], counts["persons"]),
        "clear": _share(counts["clear"], counts["sent"]),
        "odd": _share(counts["odd"], counts["sent"]),
        "others": counts["others"],
        "others_refused_or_changed": _share(counts["others refused"] + counts["changed"], counts["others"]),
        "cases": cases,
    }


def in_clear(sentence: Sentence, template: str, members: Sequence[str]) -> list[str]:
    """Labelled words that the template or every member shows, oftener than the prompt has them without a label."""
    public = _PLACEHOLDER.sub(" ", template).lower()
    out = []
    for label in sentence.labels:
        word = sentence.text[label.start : label.end].lower()
        pattern = re.compile(rf"(?<![a-z]){re.escape(word)}(?![a-z])")
        labelled = sum(sentence.text[x.start : x.end].lower() == word for x in sentence.labels if x.axis == label.axis)
        free = len(pattern.findall(sentence.text.lower())) - labelled
        shown = len(pattern.findall(public)), min(len(pattern.findall(m.lower())) for m in members)
        if not label.optional and max(shown) > free:
            out.append(word)
    return out


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


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
    found = {name: sentences(name) for name in SETS}
    sets = {name: {**score(rows), "shares": shares(rows)} for name, rows in found.items()}
    return {"lexicon": LEXICON_VERSION, "machine": describe(), "sets": sets, "time": timed()}


def table(result: dict[str, Any]) -> str:
    """What a person reads."""
    lines = [f"{'':34}" + "".join(f"{name:>11}" for name in result["sets"])]
    for says, value in _ROWS.items():
        cells = (value(s) for s in result["sets"].values())
        lines.append(f"{says:34}" + "".join(f"{c:>11}" for c in cells))
    for axis in AXES:
        rates = (s["axes"][axis] for s in result["sets"].values())
        lines.append(f"{'  recall, ' + axis:34}" + "".join(f"{_percent(r['recall']):>11}" for r in rates))
    spent = result["time"]
    lines.append(
        f"{spent['words']} words, N = {spent['n']}: median {spent['median_ms']} ms, {spent['median_cpu_ms']} ms of CPU "
        f"(load {spent['load_average']})"
    )
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


#: Rows of the table: what they say, and the cell of one set.
_ROWS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "prompts": lambda s: str(s["sentences"]),
    "labelled words": lambda s: str(s["labels"]),
    "recall": lambda s: _percent(s["recall"]),
    "precision": lambda s: _percent(s["precision"]),
    "in clear, of those sent": lambda s: _percent(s["shares"]["clear"]),
    "refused by default, of persons": lambda s: _percent(s["shares"]["refused"]),
    "odd members, of those sent": lambda s: _percent(s["shares"]["odd"]),
    "no person: refused or changed": lambda s: _percent(s["shares"]["others_refused_or_changed"]),
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument(
        "--show", choices=tuple(SETS), help="print what was missed, wrong, refused, in clear or odd in a set"
    )
    arguments = parser.parse_args()
    result = run()
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(result))
    if arguments.show is not None:
        chosen = result["sets"][arguments.show]
        for name, rows in {"missed": chosen["missed"], "wrong": chosen["wrong"], **chosen["shares"]["cases"]}.items():
            print("\n  ".join([f"{name}:", *rows]))


if __name__ == "__main__":
    main()
