"""(a, continued) Neighbours that nobody's grammar but the people's made: the detector's misses are leaks too.

Transcript equality over a set's members trusts the device's own idea of what a set is. Here the pairs come from
outside: hand-written prompts that differ in one person's attributes alone (``data/neighbours.json``), and captions of
single persons with noun and pronouns turned to the other gender. Two neighbours must be sent as the same bytes, or
both be refused. ``cover`` is used, whose rows are the same for every truth of a domain of any size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final

from edge_sdk.errors import InputError
from edge_sdk.privacy import Privacy, release

from .bank import MODEL, captions
from .lab import Lab
from .outcome import Outcome, same
from .plausibility import noun_swap

__all__ = ["mirror_pairs", "run"]

_PERSON: Final = re.compile(
    r"\b(?:man|woman|boy|girl|men|women|boys|girls|lady|ladies|guy|guys|persons?|people|child|kids?|children|male|female|"
    r"couple|someone|baby|mother|father|son|daughter|player|rider|surfer|skier|skateboarder|batter|pitcher|catcher)\b"
)
_HIS: Final = {"his": "her", "he": "she", "himself": "herself"}
_PAIRS, _PAIRS_QUICK = 400, 40


@cache
def _written() -> list[list[str]]:
    text = resources.files(__package__).joinpath("data", "neighbours.json").read_text(encoding="utf-8")
    groups: list[list[str]] = json.loads(text)
    return groups


def mirror_pairs(sentences: Sequence[str], most: int) -> list[tuple[str, str]]:
    """Captions of one person each, and the same for the other gender; those with "her" or "him" are ambiguous."""
    out = []
    for text in sentences:
        if len(_PERSON.findall(text.lower())) != 1 or re.search(r"\b(?:her|him|she|hers|herself)\b", text.lower()):
            continue
        pair = noun_swap(text)
        if pair is None:
            continue
        other = pair[0] if pair[1] == text else pair[1]
        own = re.search(r"\b(?:man|boy)\b", text) is not None
        if re.search(r"\b(?:his|he|himself)\b", text) and not own:
            continue
        out.append((text, re.sub(r"\b(?:his|he|himself)\b", lambda m: _HIS[m.group()], other)))
        if len(out) == most:
            break
    return out


def _view(prompt: str, seed: int) -> object:
    """The request's bytes; a refusal is a view without its text, since nobody outside sees that."""
    try:
        return release(prompt, Privacy("cover")).request(model=MODEL, seed=seed).to_bytes()
    except InputError:
        return "refused"


def _row(name: str, groups: Sequence[Sequence[str]], seed: int) -> Outcome:
    differing, refused, first = 0, 0, ""
    for group in groups:
        views = {_view(prompt, seed) for prompt in group}
        refused += views == {"refused"}
        if len(views) > 1:
            differing += 1
            first = first or " | ".join(group)
    told = first or f"{refused} groups refused for all alike"
    return same("transcripts", name, differing, len(groups), "groups of neighbours differ", told)


def run(lab: Lab) -> Iterator[Outcome]:
    """Two rows; a group that differs is a value in clear on the wire."""
    lab.tick("transcripts: neighbours written by hand")
    yield _row("neighbours written by hand", _written(), lab.seed)
    lab.tick("transcripts: captions and their mirror images")
    texts = list(lab.captions) if lab.captions else [text for group in captions() for text in group]
    pairs = mirror_pairs(texts, _PAIRS_QUICK if lab.quick else _PAIRS)
    yield _row("captions and their mirror images", pairs, lab.seed)
