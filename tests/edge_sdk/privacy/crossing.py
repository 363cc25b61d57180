"""Generated prompts crossed with everything a person can choose: what every member of a set must do alike.

As a command it runs over any stretch of prompts and prints what fails:

    python -m tests.edge_sdk.privacy.crossing 0 20000 --seconds 1800
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_sdk.ledger import Ledger
from edge_sdk.privacy import Privacy, Release, release
from edge_sdk.second_look import default_detector
from obclip_contract import ObclipError

from ..attributes.test_invariant import salad, sentence, tags, written

MAKERS = (sentence, written, salad, tags)
MECHANISMS = ("auto", "closed", "closed", "cover", "cells", "k-subset", "neutral")
IMPLIED = ("refuse", "slot", "generalise", "allow")
OPT_IN = ("profession", "body", "hair", "first_names")
#: Members looked at beside the prompt itself.
LOOKED_AT = 4


@dataclass(frozen=True)
class Failure:
    """One prompt, what was chosen, and what is wrong."""

    number: int
    prompt: str
    options: dict[str, Any]
    what: str


def draw(number: int) -> tuple[str, dict[str, Any]]:
    """The prompt of this number, and the person's choices."""
    rng = random.Random(f"cross/{number}")
    prompt = MAKERS[number % len(MAKERS)](rng)
    mechanism = rng.choice(MECHANISMS)
    options: dict[str, Any] = {
        "mechanism": mechanism,
        "on_implied": rng.choice(IMPLIED),
        "strict": rng.random() < 0.15,
        "unspecified": rng.random() < 0.2,
        "opt_in": tuple(axis for axis in OPT_IN if rng.random() < 0.12),
        "detector": default_detector() if rng.random() < 0.8 else None,
    }
    if mechanism == "k-subset":
        options["epsilon"] = 1.0
    if mechanism == "cells":
        options["cell_size"] = rng.choice((2, 6, 24))
    return prompt, options


def look(number: int, folder: Path, counts: Counter[str]) -> Failure | None:
    """What is wrong with one prompt; ``None`` if nothing is."""
    prompt, options = draw(number)

    def failed(what: str) -> Failure:
        return Failure(number, prompt, options, what)

    try:
        first = _release(prompt, options, folder)
    except ObclipError as error:
        counts[type(error).__name__] += 1
        return None
    except Exception as error:  # anything else is a crash
        return failed(f"crash: {type(error).__name__}: {error}")
    counts["sent" if first.grid.axes else "nothing hidden"] += 1
    rng = random.Random(f"members/{number}")
    for member in _some_members(first, options, rng):
        try:
            again = _release(member, options, folder)
        except ObclipError as error:
            return failed(f"member {member!r} is refused: {type(error).__name__}: {str(error)[:300]}")
        except Exception as error:
            return failed(f"member {member!r} crashes: {type(error).__name__}: {error}")
        if _public(first, options) != _public(again, options):
            return failed(f"member {member!r} gives another set: {again.template!r}, not {first.template!r}")
    return None


def _release(prompt: str, options: dict[str, Any], folder: Path) -> Release:
    ledger = Ledger(folder) if options["mechanism"] == "k-subset" else None
    return release(prompt, Privacy(**options), ledger=ledger)


def _some_members(found: Release, options: dict[str, Any], rng: random.Random) -> Iterator[str]:
    """The first and the last member and some between: of the whole domain, or of the cell that was sent."""
    if options["mechanism"] == "cells":
        members = list(dict.fromkeys(found.members))
        yield from rng.sample(members, min(len(members), LOOKED_AT))
        return
    domain = found.domain
    places = {0, domain.size - 1} | {rng.randrange(domain.size) for _ in range(LOOKED_AT - 2)}
    for place in sorted(places):
        yield domain.member(domain.at(place))


def _public(found: Release, options: dict[str, Any]) -> tuple[Any, ...]:
    """What must be the same for every member."""
    if options["mechanism"] == "k-subset":  # the draw is the template's own, kept in the ledger
        return found.request(seed=1).to_bytes(), found.guarantee, found.domain
    kept = (found.guarantee, found.domain, found.may_miss, found.hints, found.mechanism)
    return found.request(seed=1).to_bytes(), *kept


def run(start: int, stop: int, seconds: float = 0.0, show: bool = False) -> tuple[list[Failure], int, Counter[str]]:
    """Look at prompts ``start`` to ``stop``; what failed, how many were looked at, and how they ended."""
    failures: list[Failure] = []
    counts: Counter[str] = Counter()
    began, number = time.monotonic(), start
    with tempfile.TemporaryDirectory() as folder:
        for number in range(start, stop):
            # A ledger of its own for each prompt: the budget is not what is looked at.
            bad = look(number, Path(folder) / str(number), counts)
            if bad is not None:
                failures.append(bad)
                if show:
                    print(f"{bad.number}: {bad.what}\n  {bad.prompt!r}\n  {bad.options}", flush=True)
            if seconds and time.monotonic() - began > seconds:
                break
    return failures, number + 1 - start, counts


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=int)
    parser.add_argument("stop", type=int)
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after this long")
    chosen = parser.parse_args()
    failures, looked, counts = run(chosen.start, chosen.stop, chosen.seconds, show=True)
    print(f"{looked} prompts, {len(failures)} failed: {dict(counts)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
