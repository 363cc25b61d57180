"""Whole readings of the core against the reference's: what is sent, what is told, and what is refused, word for word.

Some hundred prompts in an ordinary run; more with ``OBCLIP_CORE_EXAMPLES=20000``.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from edge_sdk.attributes import AXES, CHOICES, OPT_IN, Finding, NoDetector, lexicon
from edge_sdk.errors import ImpliedError, InputError
from edge_sdk.privacy.closing import hints, read_whole, says
from edge_sdk.privacy.negative import check_negative
from edge_sdk.privacy.rules import apply_rules
from edge_sdk.second_look import default_detector
from tests.edge_core.building import LEXICON, SECOND_LOOK, probe
from tests.edge_core.slots_data import as_data, error_data, finding_data
from tests.edge_core.test_grid import _texts
from tests.edge_core.test_rules import public_text
from tests.edge_sdk.attributes.test_invariant import salad, sentence, tags, written

EXAMPLES = int(os.environ.get("OBCLIP_CORE_EXAMPLES", "600"))
SEED = os.environ.get("OBCLIP_CORE_SEED", "0")
#: Refused before anything is read, or hard to read.
ODD = (
    "", " ", "\t\n", "a\x00b", "x" * 4001, "a w\u200boman", "a w\u043eman", "una mujer mayor con su perro",
    "\u5973\u306e\u5b50\u3068\u7537", "\U0001f469\U0001f3fd\u200d\U0001f692 at work", "a man kisses her",
    ", ".join(["a young Chinese woman"] * 9), "<lora:emma_watson:0.8>, a woman", "<lora:emma_watson:0.8>",
    "Emma Watson as a nun", "a nun and a monk, naked", "a bearded terrorist, Muslim woman",
    "a {woman|man} with a {{hat}}",
    "A woman. An old man. she's an actress", "a clergyman", "a woman in a hijab, (old:1.2), [young], aged 40",
    "A girl, a boy, her brother and his old grandmother", "Wonder Woman and Queen Marika", "painting by Frida Kahlo",
)  # fmt: skip


def by_place(f: Finding) -> str:
    """The function of probe_slots."""
    return CHOICES[(f.start + len(f.surface)) % 4]


def settings(rng: random.Random) -> dict[str, Any]:
    """How a prompt is read: mostly the defaults."""
    opt_in = rng.sample(OPT_IN, rng.randint(1, 4)) if rng.random() < 0.25 else []
    axes = rng.sample([*AXES, *opt_in], rng.randint(1, 4)) if rng.random() < 0.2 else None
    if axes and "profession" in opt_in and "profession" not in axes:
        axes.append("profession")  # opted in and not hidden: the reference has no answer
    domains: dict[str, list[str]] = {}
    if rng.random() < 0.15:
        values = lexicon(frozenset(opt_in)).values
        for axis in rng.sample(sorted(values), 2):
            domains[axis] = rng.sample(values[axis], rng.randint(1, min(4, len(values[axis]))))
    if rng.random() < 0.02:
        opt_in, axes, domains = rng.choice(
            [
                (["face"], None, {}),
                ([], [], {}),
                ([], ["hair"], {}),
                (["hair"], ["hair", "zodiac", "body"], {}),
                ([], None, {"zodiac": ["x"]}),
                ([], None, {"age": []}),
                ([], None, {"age": ["old", "ancient"]}),
            ]
        )
    choices = ["refuse", "refuse", "ask", "slot", "slot", "generalise", "generalise", "allow", "by place", "by place"]
    return {
        "axes": axes,
        "opt_in": opt_in,
        "domains": domains,
        "strict": rng.random() < 0.1,
        "unspecified": rng.random() < 0.25,
        "looks": rng.random() < 0.6,
        "on_implied": rng.choice(choices) if rng.random() < 0.99 else rng.choice(["", "forbid", "by\u00e9"]),
    }


def request(prompt: str, given: dict[str, Any]) -> str:
    """A line of probe_slots."""
    axes = given["axes"]
    out = ["slots", json.dumps(prompt), "-1" if axes is None else _texts(axes), _texts(given["opt_in"])]
    out.append(str(len(given["domains"])))
    out += [f"{json.dumps(axis)} {_texts(values)}" for axis, values in given["domains"].items()]
    out += [str(int(given[name])) for name in ("strict", "unspecified", "looks")]
    return " ".join([*out, json.dumps(given["on_implied"])])


def expected(prompt: str, given: dict[str, Any]) -> dict[str, Any]:
    """The reference's answer to it."""
    try:
        found, members = read_whole(
            prompt,
            given["domains"],
            given["axes"],
            given["opt_in"],
            given["strict"],
            by_place if given["on_implied"] == "by place" else given["on_implied"],
            given["unspecified"],
            default_detector() if given["looks"] else NoDetector(),
        )
    except InputError as e:
        findings = e.implied if isinstance(e, ImpliedError) else ()
        return {**error_data(e), "findings": [finding_data(f) for f in findings]}
    try:
        left, notes = apply_rules(found)
        ruled: Any = [as_data(left), list(notes)]
    except InputError as e:
        ruled = error_data(e)
    return {
        "slots": as_data(found),
        "members": list(members),
        "says": [list(row) for row in says(found, members[-1]).items()],
        "hints": [list(row) for row in hints(found, members[-1])],
        "large": list(found.large),
        "looks": found.looks is not None,
        "ruled": ruled,
    }


def compare(asked: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Read all with both; the answers, which are the same."""
    answers = [json.loads(a) for a in probe("slots", LEXICON, SECOND_LOOK)([request(*a) for a in asked])]
    for (prompt, given), answer in zip(asked, answers, strict=True):
        assert answer == expected(prompt, given), (prompt, given)
    return answers


@pytest.mark.parametrize("make", [sentence, written, salad, tags])
def test_a_prompt_is_read_alike(make: Any) -> None:
    rng = random.Random(f"{SEED}/{make.__name__}")
    answers = compare([(make(rng), settings(rng)) for _ in range(EXAMPLES // 4)])
    assert any("refused" in a for a in answers)
    assert any("slots" in a for a in answers)


def test_what_is_odd_is_read_or_refused_alike() -> None:
    rng = random.Random(f"{SEED}/odd")
    compare([(prompt, settings(rng)) for prompt in ODD for _ in range(4)])
    compare([(public_text(rng), settings(rng)) for _ in range(EXAMPLES // 6)])


def test_negative_prompts() -> None:
    rng = random.Random(f"{SEED}/negative")
    texts = ["", "missing legs, extra fingers", "ugly, old woman", *(tags(rng) for _ in range(EXAMPLES // 4))]
    lines = [f"negative {json.dumps(t)}" for t in texts]
    answers = [json.loads(a) for a in probe("slots", LEXICON, SECOND_LOOK)(lines)]
    for text, answer in zip(texts, answers, strict=True):
        try:
            check_negative(text)
            assert answer is None, text
        except InputError as e:
            assert answer == error_data(e), text  # noqa: PT017
