"""Every prompt template of the default pair × every value: one set, one request, byte for byte."""

from __future__ import annotations

import json
import random

import pytest

from benchmarks.prompts import STICKERS, cases
from edge_sdk.privacy import Privacy, release
from models.stickers.recipe.captions import caption, plain
from models.stickers.recipe.glyphs import BACKGROUNDS, Glyph

LABELS = [Glyph(**g) for g in json.loads((STICKERS / "glyphs.json").read_text())]
ROLES = sorted({g.role for g in LABELS})


def request(prompt: str) -> bytes:
    return release(prompt, Privacy(on_implied="allow")).request(seed=0).to_bytes()


@pytest.mark.parametrize("role", ROLES)
def test_all_members_of_every_canonical_template_send_the_same_bytes(role: str) -> None:
    sets: dict[str, tuple[str, ...]] = {}
    for glyph in LABELS:
        if glyph.role != role:
            continue
        chosen = release(plain(glyph, "blue"), Privacy(on_implied="allow"))
        sets[chosen.template] = chosen.members
    for members in sets.values():
        # The door reads every member again by itself; here the bytes of some are compared.
        bodies = {request(m) for m in members[:: max(1, len(members) // 6)]}
        assert len(bodies) == 1, members


def test_the_truth_is_the_member_at_its_index() -> None:
    for glyph in LABELS[::2]:
        prompt = plain(glyph, "pink")
        chosen = release(prompt, Privacy(on_implied="allow"))
        assert chosen.members[chosen.index] == chosen.true_member
        if glyph.tone != "yellow":
            assert f"{glyph.tone} skin" in chosen.true_member
        if glyph.gender != "person" and "dancing" not in glyph.role:
            assert any(a.name == "gender" for a in chosen.grid.axes)


def test_gender_and_tone_of_a_triple_never_show_in_the_request() -> None:
    by_rest: dict[tuple[str, str, str], set[bytes]] = {}
    for glyph in LABELS:
        if (
            glyph.gender == "person"
            or glyph.tone == "yellow"
            or glyph.hair
            or glyph.role in ("dancing woman", "dancing man")
        ):
            continue
        key = (glyph.role, glyph.age if glyph.role != "portrait" else "any", "")
        if glyph.role == "portrait" and glyph.age == "adult":
            continue  # plain "woman" leaves the age unsaid: another template, and a public one
        by_rest.setdefault(key, set()).add(request(plain(glyph, "white")))
    assert len(by_rest) > 60
    assert {k: len(v) for k, v in by_rest.items() if len(v) != 1} == {}


@pytest.mark.parametrize("seed", range(8))
def test_free_wordings_are_closed_too(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        prompt = caption(rng.choice(LABELS), rng.choice(list(BACKGROUNDS)), rng)
        members = release(prompt, Privacy(on_implied="allow")).members
        assert len({request(m) for m in rng.sample(members, min(3, len(members)))} | {request(prompt)}) == 1, prompt


def test_held_out_prompts_are_of_held_out_triples() -> None:
    held = {(g.role, g.gender, g.tone) for g in LABELS if g.held_out}
    assert (
        0.08
        < len(held) / len({(g.role, g.gender, g.tone) for g in LABELS if g.gender != "person" and g.tone != "yellow"})
        < 0.12
    )
    assert all((c.glyph.role, c.glyph.gender, c.glyph.tone) in held for c in cases(100, True))
    assert not any((c.glyph.role, c.glyph.gender, c.glyph.tone) in held for c in cases(100, False))
    assert cases(20, True) == cases(20, True)
