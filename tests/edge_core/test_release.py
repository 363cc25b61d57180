"""The core's door against the reference's: the whole of what is released, for prompts of all kinds and all choices.

As a command it runs over any stretch of prompts and prints what differs:

    python -m tests.edge_core.test_release 0 20000
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_sdk.attributes import Finding, NoDetector, lexicon
from edge_sdk.attributes.axes import AXES, OPT_IN
from edge_sdk.errors import BudgetError, ImpliedError, InputError, LedgerError, PrivacyError
from edge_sdk.ledger import Ledger
from edge_sdk.ledger.schema import KEY_FILE
from edge_sdk.mechanisms import Coins
from edge_sdk.privacy import Privacy, Release, release
from edge_sdk.privacy.metric import measure
from edge_sdk.privacy_names import NAMES, ON_MISS
from obclip_contract import Axis

from ..edge_sdk.attributes.test_invariant import salad, tags, written
from ..edge_sdk.closure_grammar import prompt as sentence
from .building import LEXICON, SECOND_LOOK, probe
from .coins import ByteCoins, RanOutError
from .lines import KINDS, bits, line, text
from .slots_data import finding_data

MAKERS = (sentence, written, salad, tags)
MECHANISMS = (
    "auto",
    "auto",
    "closed",
    "cover",
    "cover",
    "cells",
    "cells",
    "k-subset",
    "k-subset",
    "neutral",
    "neutral",
)
NEGATIVES = ("", "", "", "", "", "blurry, extra fingers", "an old man", "lowres, text")
#: Bytes of coins; now and then too few.
COINS = (4096, 4096, 4096, 4096, 9)
CHOICES = ("slot", "generalise", "allow", "refuse", "generalise", "slot", "allow")


def decided(f: Finding) -> str:
    """A decision of its own for each finding, as edge_core/testing/probe_release.cc has it."""
    return CHOICES[(len(f.surface) + f.start) % 7]


def options_of(rng: random.Random) -> dict[str, Any]:
    """What a person can choose; some of it is refused."""
    out: dict[str, Any] = {"mechanism": rng.choice(MECHANISMS) if rng.random() < 0.98 else rng.choice((*NAMES, "none"))}
    if (out["mechanism"] == "k-subset") == (rng.random() < 0.98):
        out["epsilon"] = rng.choice((0.2, 1.0, 1.0, 3.0, 16.0, 17.0))
    if rng.random() < 0.2:
        out["cell_size"] = rng.choice((1, 2, 3, 6, 24, 64)) if rng.random() < 0.95 else 65
    if rng.random() < 0.2:
        out["max_candidates"] = rng.choice((1, 2, 3, 9, 30, 64)) if rng.random() < 0.95 else 0
    out["on_miss"] = rng.choice(ON_MISS) if rng.random() < 0.99 else "never"
    out["opt_in"] = tuple(axis for axis in OPT_IN if rng.random() < 0.15)
    if rng.random() < 0.2:
        known = (*AXES, *out["opt_in"]) if rng.random() < 0.95 else (*AXES, *OPT_IN)
        out["axes"] = tuple(axis for axis in known if rng.random() < 0.4)
    if rng.random() < 0.2:
        values = lexicon(frozenset(out["opt_in"])).values
        named = rng.sample(list(values), rng.randint(1, 3))
        out["domains"] = {a: [v for v in values[a] if rng.random() < 0.7] for a in named}
    out["strict"] = rng.random() < 0.1
    out["unspecified"] = rng.random() < 0.2
    out["on_implied"] = rng.choice(("slot", "slot", "generalise", "allow", "allow", "refuse", "ask", "by", "by"))
    if rng.random() < 0.01:
        out["on_implied"] = "no"
    out["looks"] = rng.random() < 0.8
    return out


def _spoken(options: dict[str, Any]) -> list[object]:
    epsilon, axes, domains = options.get("epsilon"), options.get("axes"), options.get("domains", {})
    out: list[object] = [text(options["mechanism"])]
    out += [0] if epsilon is None else [1, bits(epsilon)]
    out += [options.get("cell_size", 24), options.get("max_candidates", -1), text(options["on_miss"])]
    out += [0] if axes is None else [1, len(axes), *map(text, axes)]
    out += [len(options["opt_in"]), *map(text, options["opt_in"]), len(domains)]
    for axis, values in domains.items():
        out += [text(axis), len(values), *map(text, values)]
    out += [int(options["strict"]), int(options["unspecified"]), text(options["on_implied"]), int(options["looks"])]
    return out


def _privacy(options: dict[str, Any]) -> Privacy:
    given = {name: value for name, value in options.items() if name != "looks"}
    if given["on_implied"] == "by":
        given["on_implied"] = decided
    return Privacy(**given, detector=None if options["looks"] else NoDetector())


def _error(error: InputError) -> dict[str, Any]:
    kinds = ((ImpliedError, "IMPLIED"), (BudgetError, "BUDGET"), (PrivacyError, "PRIVACY"), (LedgerError, "LEDGER"))
    kind = next((name for of, name in kinds if isinstance(error, of)), "INPUT")
    implied = error.implied if isinstance(error, ImpliedError) else ()
    return {"error": str(error), "kind": KINDS.index(kind), "implied": [finding_data(f) for f in implied]}


def _count(texts: Any) -> list[int]:
    return [sum((len(word) + 2) // 3 for word in t.split()) for t in texts]


def _released(r: Release) -> dict[str, Any]:
    g, grid, account = r.guarantee, r.grid, r.account
    return {
        "grid": [
            grid.template,
            [[a.name, list(a.values)] for a in grid.axes],
            [[name, list(p.axes), list(p.text)] for name, p in grid.phrases.items()],
            None if grid.rows is None else [list(row) for row in grid.rows],
        ],
        "members": list(r.members),
        "mechanism": r.mechanism,
        "guarantee": [str(g.ratio), bits(g.bits), [[n, bits(b)] for n, b in g.bits_by_axis.items()], g.says],
        "index": r.index,
        "exact": r.exact,
        "true_member": r.true_member,
        "size": r.domain.size,
        "may_miss": r.may_miss,
        "on_miss": r.on_miss,
        "spent": bits(r.spent),
        "account": None
        if account is None
        else [
            *(bits(account.basic), bits(account.tight), account.draws),
            None if account.budget is None else bits(account.budget),
        ],
        "attributes": [[s.axis, s.surface, s.start, s.end, s.value] for s in r.attributes],
        "hints": [list(h) for h in r.hints],
        "notes": list(r.notes),
        "epsilon": None if r.epsilon is None else bits(r.epsilon),
        "tokens": r.most_tokens(_count),
    }


class Reference:
    """The reference's door, with a ledger that is kept from one prompt to the next."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ledgers = folder, 0
        self.now = 1_700_000_000
        self.ledger = self._new()

    def _new(self) -> Ledger:
        self.ledgers += 1
        folder = self.folder / str(self.ledgers)
        folder.mkdir(mode=0o700, parents=True)
        (folder / KEY_FILE).write_bytes(b"k" * 32)
        (folder / KEY_FILE).chmod(0o600)
        return Ledger(folder, lambda: self.now)

    def answer(
        self, options: dict[str, Any], negative: str, prompt: str, which: str, now: int, coins: Coins
    ) -> dict[str, Any]:
        """As the probe answers the same line."""
        self.now = now
        try:
            privacy = _privacy(options)
            if which == "new":
                self.ledger = self._new()
            ledger = None if which == "none" else self.ledger
            return _released(release(prompt, privacy, negative_prompt=negative, ledger=ledger, coins=coins))
        except InputError as error:
            return _error(error)
        except RanOutError:
            told = "the random bytes ran out: give more of them, fresh ones. Nothing was sent"
            return {"error": told, "kind": KINDS.index("MISUSE"), "implied": []}


Case = tuple[str, Callable[[Reference], dict[str, Any]], str]


def case(number: int, prompt: str | None = None) -> Case:
    """The probe's line of this number, the reference's answer to it, and what it is about."""
    rng = random.Random(f"release/{number}")
    made = MAKERS[number % len(MAKERS)](rng)
    prompt = made if prompt is None else prompt
    options = options_of(rng)
    negative = rng.choice(NEGATIVES)
    which = rng.choice(("none", "none", "kept"))
    if options["mechanism"] == "k-subset":
        which = rng.choice(("new", "kept", "kept", "kept"))
    now = 1_700_000_000 + number * 60
    data = rng.randbytes(rng.choice(COINS))
    spoken = line((*_spoken(options), text(negative), text(prompt), which, now, data.hex()))

    def reference(of: Reference) -> dict[str, Any]:
        return of.answer(options, negative, prompt, which, now, ByteCoins(data))

    return spoken, reference, f"{number}: {prompt!r} with {options}, negative {negative!r}"


def differences(cases: list[Case], folder: Path) -> list[str]:
    """What differs, each in some lines."""
    reference = Reference(folder)
    answers = probe("release", LEXICON, SECOND_LOOK)([spoken for spoken, _, _ in cases])
    out = []
    for said, (_, answer, about) in zip(map(json.loads, answers), cases, strict=True):
        want = answer(reference)
        if said != want:
            fields = [name for name in want if said.get(name) != want[name]]
            told = "\n".join(f"  {n}: core {said.get(n)!r}\n  {n}: reference {want[n]!r}" for n in fields)
            out.append(f"{about}\n{told}")
    return out


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_same_releases(tmp_path: Path, start: int) -> None:
    """Generated and written prompts crossed with everything a person can choose."""
    found = differences([case(n) for n in range(start, start + 100)], tmp_path / "home")
    assert not found, "\n".join(found[:5])


def test_same_rulers() -> None:
    """Every axis of the lexicon is measured alike, whole and in part."""
    rng = random.Random(1)
    axes = []
    for name, values in lexicon(frozenset(OPT_IN)).values.items():
        axes += [Axis(name, values), Axis(f"{name}.2", (*values, "unspecified"))]
        axes += [Axis(name, tuple(v for v in values if rng.random() < 0.5) or values[:1]) for _ in range(3)]
    lines = [line(("ruler", text(a.name), len(a.values), *map(text, a.values))) for a in axes]
    for axis, said in zip(axes, probe("release", LEXICON, SECOND_LOOK)(lines), strict=True):
        ruler = measure(axis)
        want = [list(map(list, ruler.apart)), list(ruler.prior), ruler.silent, list(map(list, ruler.representatives))]
        assert json.loads(said) == want, axis.name


def main() -> None:
    """Compare a stretch of prompts; of a file's lines if one is named."""
    start, stop = int(sys.argv[1]), int(sys.argv[2])
    prompts = Path(sys.argv[3]).read_text(encoding="utf-8").splitlines() if len(sys.argv) > 3 else None
    count = 0
    for begin in range(start, stop, 500):
        numbers = range(begin, min(begin + 500, stop))
        cases = [case(n, prompts[n % len(prompts)] if prompts else None) for n in numbers]
        with tempfile.TemporaryDirectory() as folder:
            found = differences(cases, Path(folder) / "home")
        count += len(found)
        print(f"{numbers.stop}: {count} differ", *found, sep="\n", flush=True)


if __name__ == "__main__":
    main()
