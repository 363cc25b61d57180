"""The core's passes against the reference's: what the document holds after each of them, in several settings."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from edge_sdk.privacy.vectors.cases import cases
from tests.edge_core.building import LEXICON, ROOT, probe
from tests.edge_core.dumping import SETTINGS, answer, parting, question
from tests.edge_core.soup import soup
from tests.edge_core.test_normalising import made
from tests.edge_sdk.attributes import test_invariant
from tests.edge_sdk.closure_grammar import prompt as sentence

EXAMPLES = int(os.environ.get("OBCLIP_CORE_EXAMPLES", "2000"))


def _compare(prompts: Iterable[str], settings: Iterable[str]) -> None:
    asked = [(prompt, SETTINGS[name]) for name in settings for prompt in prompts]
    answers = probe("reader", LEXICON)([question(prompt, scope) for prompt, scope in asked])
    bad = [
        (prompt, parting(prompt, scope, said))
        for (prompt, scope), said in zip(asked, answers, strict=True)
        if said != answer(prompt, scope)
    ]
    assert bad[:5] == [], f"{len(bad)} of {len(asked)}"


def _branches() -> list[str]:
    """The prompts of the files, each also in its parts: alone, and beside a person."""
    out: list[str] = []
    for path in sorted(Path(__file__).parent.glob("prompts_passes*.txt")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            parts = line.split(", ")
            out += [line, *parts, *(f"A woman and {part}" for part in parts), *(f"{part}, a man" for part in parts)]
            out += [f"{a}, {b}" for a, b in pairwise(parts)]
    return list(dict.fromkeys(out))


@pytest.mark.parametrize("setting", SETTINGS)
def test_prompts_for_every_branch(setting: str) -> None:
    prompts = _branches()
    most = EXAMPLES if setting == "default" else EXAMPLES // 4
    _compare(prompts if len(prompts) <= most else random.Random(setting).sample(prompts, most), [setting])


def test_prompts_of_the_vectors() -> None:
    prompts = list(dict.fromkeys(prompt for prompt, _ in cases()))
    _compare(random.Random(1).sample(prompts, min(EXAMPLES, len(prompts))), ["default"])


@pytest.mark.parametrize("make", [soup, sentence, made, test_invariant.salad, test_invariant.tags])
def test_prompts_that_are_made(make: Callable[[random.Random], str]) -> None:
    for name in SETTINGS:
        _compare([make(random.Random(f"{name}/{i}")) for i in range(EXAMPLES // 20)], [name])


def test_the_folder_of_prompts() -> None:
    folder = ROOT.parent / "shared" / "prompts"
    if not folder.is_dir():
        pytest.skip("no shared/prompts beside this checkout")
    lines = sorted({line for path in folder.iterdir() for line in path.read_text(encoding="utf-8").splitlines()})
    _compare(random.Random(2).sample(lines, min(EXAMPLES, len(lines))), ["default"])
