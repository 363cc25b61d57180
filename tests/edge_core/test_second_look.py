"""The second look of the core against the reference: spans and artists of every prompt."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from edge_sdk.second_look import default_detector

from ..edge_sdk.attributes.test_invariant import salad, sentence, tags, written
from .building import SECOND_LOOK, probe
from .context_data import SOURCE, source

NAMES = (
    "selenagomez", "StacyKeibler2", "l1vvydunne", "Icfgirl", "koreandoll", "1girk", "W O M A N", "w0man", "giiirl",
    "Bob Ross as a pirate", "in the style of Frida Kahlo", "by joe fenton and rose wylie,", "texas \\(arknights\\)",
    "<lora:locon_kristenschaal_v1:0.8>", "<lyco:emmaStone_v10:1>", "embedding:anna", "koharu", "sks",
    "rotungwoka person",
    "a photo of tabiswat, a woman", "madpetsch-5400", "olga-v2", "a Winnie the Pooh t-shirt", "Kodak Ultra Max",
    "octane render, Ada Lund,", "dressed as captain america", "Loki horns", "a sign that reads \"Anna\"",
    "born in Osaka",
    "a woman from Krak\u00f3w", "a boy named Sue", "Dr. Who", "\u1d00\u0274\u0274\u1d00", "AzulejoAI", "bronzepunkai",
    "[a bald man:ElectroBoom:0.3]", "kousaka honoka", "fitnessruben", "re4ashley", "PJensen", "elonmusk",
)  # fmt: skip


def said(prompt: str) -> str:
    """What the reference finds, as the probe writes it."""
    look = default_detector()
    found = [[s.axis, s.surface, s.start, s.end, s.value] for s in look.find(prompt)]
    return json.dumps([found, [list(a) for a in look.artists(prompt)]])


def prompts(count: int, seed: int = 7) -> list[str]:
    """Generated prompts, with names and odd characters between."""
    rng = random.Random(seed)
    out = list(NAMES)
    for i in range(count):
        text = (sentence, written, salad, tags)[i % 4](rng)
        if rng.random() < 0.5:
            text = f"{text}, {rng.choice(NAMES)} {rng.choice(NAMES)}"
        if rng.random() < 0.2:
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice("\u0130\u00e9\u0301\u00df\ufb01\u4e2d\u0410'\u2019_-.0\U0001f469") + text[at:]
        if rng.random() < 0.2:
            text = text.title() if rng.random() < 0.5 else text.upper()
        out.append(text)
    return out


def differences(texts: Sequence[str]) -> list[tuple[str, str, str]]:
    """Prompts that the core reads otherwise."""
    answers = probe("second_look", SECOND_LOOK)([json.dumps(t) for t in texts])
    return [(t, a, said(t)) for t, a in zip(texts, answers, strict=True) if a != said(t)]


def test_it_finds_what_the_reference_finds() -> None:
    assert differences(prompts(1200))[:3] == []


def test_its_words_are_the_reference_s() -> None:
    assert SOURCE.read_text(encoding="ascii") == source(), "run python -m tests.edge_core.context_data"
