"""The core's grids against the contract's: its vectors, and random grids that are good or break one rule."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

import obclip_contract
from obclip_contract import Axis, Phrase, PromptGrid, RequestError, article, escape
from obclip_contract.grid import expand_member
from tests.edge_core.building import ROOT, probe

VECTORS = json.loads((ROOT / "obclip_contract/vectors/grid.json").read_text(encoding="utf-8"))
#: Texts that end and begin in all that articles and empty texts look at.
PIECES = [
    "", "", " ", "woman", "old man", "hour", "Üker", "8", "11", "180", "1800s", "one-eyed", "œuvre", "Œuvre", "é", ",",
    "x", " .", "\u3042", "𝒶", "\u200b", "a", "U.S.", "usher", "union", "ONE", "\u00d7a", "\u0300a", "  b  ",
    "|:!?;", "'",
]  # fmt: skip


def _texts(texts: Sequence[str]) -> str:
    return " ".join([str(len(texts)), *map(json.dumps, texts)])


def _numbers(numbers: Sequence[int]) -> str:
    return " ".join([str(len(numbers)), *map(str, numbers)])


def line(what: str, template: str, axes: Sequence[Axis], phrases: dict[str, Phrase]) -> str:
    """A request of probe_grid, up to the rows or the choice."""
    out = [what, json.dumps(template), str(len(axes))]
    out += [f"{json.dumps(a.name)} {_texts(a.values)}" for a in axes]
    out.append(str(len(phrases)))
    out += [f"{json.dumps(name)} {_numbers(p.axes)} {_texts(p.text)}" for name, p in phrases.items()]
    return " ".join(out)


def make_line(grid: dict[str, Any]) -> str:
    """Ask for the members of a grid."""
    rows = grid.get("rows")
    tail = "-1" if rows is None else " ".join([str(len(rows)), *map(_numbers, rows)])
    return f"{line('make', grid['template'], grid['axes'], grid['phrases'])} {tail}"


def expected(grid: dict[str, Any]) -> str:
    """What the contract says to it."""
    try:
        made = PromptGrid(grid["template"], grid["axes"], grid["phrases"], grid.get("rows"))
    except RequestError as e:
        return f"refused 0 {json.dumps(str(e))}"
    return " ".join([str(made.count), *map(json.dumps, made.expand())])


def _grid(data: dict[str, Any]) -> dict[str, Any]:
    rows = data.get("rows")
    return {
        "template": data["template"],
        "axes": tuple(Axis(a["name"], tuple(a["values"])) for a in data["axes"]),
        "phrases": {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in data["phrases"].items()},
        "rows": None if rows is None else tuple(map(tuple, rows)),
    }


def random_grid(rng: random.Random) -> dict[str, Any]:
    """A grid that is mostly within the limits, or just beside one."""
    axes = []
    for i in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 12, 13])):
        size = rng.choice([1, 2, 2, 3, 4]) if rng.random() < 0.97 else rng.choice([0, 64, 65])
        name = rng.choice(["gender", "age", "x.y", "a_b"]) + (f".{i}" if i else "")
        if rng.random() < 0.03:
            name = rng.choice(["", "A", "gender", "é", "1a", "a" * 64, "a" * 65, "a\n", "\ud800"])
        values = [rng.choice("abc") + str(v) for v in range(size)]
        if values and rng.random() < 0.03:
            values[0] = rng.choice(["", values[-1], "v" * 65, "\x7f", "\x9f", "\udc00", "\x1f", "ok"])
        axes.append(Axis(name, tuple(values)))
    phrases = {}
    for i in range(rng.choice([0, 1, 1, 2, 2, 3, 5, 64, 65]) if rng.random() < 0.3 else 2):
        of = tuple(rng.sample(range(len(axes)), min(len(axes), rng.choice([0, 1, 1, 2]))))
        if rng.random() < 0.02:
            of = (*of, rng.choice([-1, 0, 0, len(axes)]))
        want = 1
        for a in of:
            want *= len(axes[a].values) if 0 <= a < len(axes) else 1
        want = min(want, 200) + (rng.random() < 0.02)
        text = tuple("".join(rng.choices(PIECES, k=rng.choice([0, 1, 1, 2]))) for _ in range(want))
        if text and rng.random() < 0.02:
            text = ("t" * rng.choice([200, 201]), *text[1:])
        phrases[rng.choice(["a", "A", "S1", "", "p" * 65, "p" * 64]) if rng.random() < 0.02 else f"s{i}"] = Phrase(
            of, text
        )
    parts = [f"{{{n}}}" for n in phrases if rng.random() < 0.99]
    parts += rng.choices(["{a}", "{A}", "{{", "}}", *PIECES], k=rng.choice([0, 2, 4, 8]))
    if rng.random() < 0.03:
        parts.append(rng.choice(["{", "}", "{s99}", "{é}", "{s1", "x" * 2001, "\x00", "{s0}" * 30]))
    rng.shuffle(parts)
    rows = None
    if rng.random() < 0.4 and axes:
        picked = {
            tuple(rng.randrange(max(1, len(a.values))) for a in axes) for _ in range(rng.choice([1, 2, 4, 9, 70]))
        }
        rows = sorted(picked)
        if rng.random() < 0.5 and rows:  # every value in use
            size = max(len(a.values) for a in axes)
            rows = sorted({*rows, *(tuple(min(v, len(a.values) - 1) for a in axes) for v in range(size))})
        if rng.random() < 0.05:
            rows.append(rng.choice([rows[0], (), (0,) * (len(axes) + 1), (99,) * len(axes), (-1,) * len(axes)]))
        rows = tuple(rows)
    joint = rng.choice(["", " ", " ", "  "])
    return {"template": joint.join(parts), "axes": tuple(axes), "phrases": phrases, "rows": rows}


def test_the_vectors_of_the_contract() -> None:
    run = probe("grid")
    lines, want = [], []
    for text, said in VECTORS["article"]:
        lines.append(f"article {json.dumps(text)}")
        want.append(json.dumps(said))
    for data in VECTORS["expand"]:
        lines.append(make_line(_grid(data)))
        want.append(" ".join([str(len(data["members"])), *map(json.dumps, data["members"])]))
    assert run(lines) == want


def test_random_grids_have_the_same_members_or_the_same_refusal() -> None:
    rng = random.Random("grids")
    grids = [random_grid(rng) for _ in range(6000)]
    answers = probe("grid")([make_line(g) for g in grids])
    refused = set()
    for grid, answer in zip(grids, answers, strict=True):
        assert answer == expected(grid), grid
        refused.update([answer] if answer.startswith("refused") else [])
    assert len(answers) - sum(a.startswith("refused") for a in answers) > 1500
    assert len(refused) > 50


def test_members_of_a_product_over_the_limits() -> None:
    rng = random.Random("members")
    lines, want = [], []
    while len(lines) < 2000:
        grid = random_grid(rng)
        choice = tuple(rng.randrange(len(a.values)) if a.values else -1 for a in grid["axes"])
        try:
            said = expand_member(grid["template"], grid["axes"], grid["phrases"], choice)
        except (KeyError, IndexError):
            continue
        if -1 in choice or any(not a >= 0 for p in grid["phrases"].values() for a in p.axes):
            continue
        head = line("member", grid["template"], grid["axes"], grid["phrases"])
        lines.append(f"{head} {_numbers(choice)}")
        want.append(json.dumps(said))
    assert probe("grid")(lines) == want


def test_articles_and_braces_of_any_text() -> None:
    rng = random.Random("articles")
    from obclip_contract import articles

    known = [*articles.AN_WORDS, *articles.A_WORDS, *articles.AN_PREFIXES, *articles.A_PREFIXES, "one", "{", "}}"]
    texts = [chr(c) + "a" for c in range(0x3000)] + [chr(c) for c in range(0x250)]
    for word in known:
        texts += [word, word.upper(), word + "s", "'" + word, word + "-x", word + "1", word[:-1]]
    texts += [str(n) + tail for n in range(120) for tail in ("", "th", "00", " x")]
    texts += ["".join(rng.choices([*PIECES, *known], k=rng.randrange(1, 5))) for _ in range(4000)]
    lines = [f"{what} {json.dumps(t)}" for t in texts for what in ("article", "escape")]
    want = [json.dumps(f(t)) for t in texts for f in (article, escape)]
    assert probe("grid")(lines) == want


def test_the_limits_are_those_of_the_contract() -> None:
    text = (ROOT / "edge_core/src/contract/limits.h").read_text(encoding="utf-8")
    found = {}
    for row in text.splitlines():
        if row.startswith("inline constexpr"):
            name, value = row.removesuffix(";").split(" = ")
            found[name.split()[-1]] = eval(value, {})
    known = vars(obclip_contract.limits)
    assert found == {name: value for name, value in known.items() if name.isupper()}


if __name__ == "__main__":
    pytest.main([__file__])
