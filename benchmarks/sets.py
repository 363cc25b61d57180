"""Whole candidate sets as benchmark cases: what each member asks for, by its position in the grid."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge_sdk.errors import ObclipError
from edge_sdk.privacy import Privacy, release
from models.stickers.recipe.captions import plain
from models.stickers.recipe.glyphs import BACKGROUNDS, Glyph, read_labels
from obclip_contract import PromptGrid

from .errors import BenchmarkError
from .prompts import STICKERS

#: Axis of the lexicon -> axis of the judge. The pair draws no other protected axis; words that suggest one stay.
JUDGED: Final = {"gender": "gender", "skin_tone": "tone", "age": "age"}
#: Three of the five tones, for sets of six.
THREE_TONES: Final = ("light", "medium", "dark")


@dataclass(frozen=True)
class GridKind:
    """One grid of the benchmark: its axes, members, and public sub-lists of values.

    ``gender-tone`` has three of the five tones; the grids with age are of plain portraits, as no other glyph has it.
    ``beside`` is what a prompt goes on with: a second person, whom the default pair cannot draw and nobody judges.
    """

    name: str
    axes: tuple[str, ...]
    count: int
    domains: dict[str, Sequence[str]]
    portraits: bool
    beside: str = ""


GRIDS: Final = (
    GridKind("gender", ("gender",), 2, {}, portraits=False),
    GridKind("gender-tone", ("gender", "skin_tone"), 6, {"skin_tone": THREE_TONES}, portraits=False),
    GridKind("gender-tones", ("gender", "skin_tone"), 10, {}, portraits=False),
    GridKind("gender-age", ("gender", "age"), 6, {}, portraits=True),
    GridKind("gender-age-tone", ("gender", "age", "skin_tone"), 30, {}, portraits=True),
    GridKind(
        "gender-age-tone-second",
        ("gender", "age", "skin_tone", "gender.2"),
        60,
        {},
        portraits=True,
        beside=" next to a man",
    ),
)


#: Sizes of the grids.
SIZES: Final = tuple(sorted({g.count for g in GRIDS}))


@dataclass(frozen=True)
class SetCase:
    """One candidate set. ``wants[i]`` is what member i asks for, by axis of the judge."""

    grid: PromptGrid
    members: tuple[str, ...]
    wants: tuple[dict[str, str], ...]
    role: str
    seed: int


def grids(candidates: int) -> tuple[GridKind, ...]:
    """The grids with that many members.

    Raises:
        BenchmarkError: there is none.
    """
    chosen = tuple(g for g in GRIDS if g.count == candidates)
    if not chosen:
        raise BenchmarkError(f"no grid has {candidates} members; there are grids of {', '.join(str(n) for n in SIZES)}")
    return chosen


def grid(name: str) -> GridKind:
    """The grid of that name.

    Raises:
        BenchmarkError: there is none.
    """
    for kind in GRIDS:
        if kind.name == name:
            return kind
    raise BenchmarkError(f"there is no grid {name!r}; there are: {', '.join(g.name for g in GRIDS)}")


def _glyphs(kind: GridKind) -> list[Glyph]:
    """Glyphs that stand for a prompt of this kind, one a role, adult women; the judge can tell their gender."""
    labels = read_labels(STICKERS / "glyphs.json")
    scored = set(json.loads((STICKERS / "judge" / "judge.json").read_text())["gender_roles"])
    tone = "light" if "skin_tone" in kind.axes else "yellow"
    age = "old" if "age" in kind.axes else "adult"
    have = {(g.role, g.gender, g.tone, g.age) for g in labels if not g.hair}
    return [
        g
        for g in labels
        if (g.gender, g.tone, g.age, g.hair) == ("woman", tone, age, "")
        and g.role in scored
        and (g.role == "portrait") == kind.portraits
        and (g.role, "man", tone, age) in have
    ]


def _case(kind: GridKind, glyph: Glyph, background: str, seed: int) -> SetCase | None:
    """The set of that prompt, or None where the wording opens another grid (roles with a noun for each gender)."""
    try:
        privacy = Privacy("closed", domains=kind.domains, axes=tuple(JUDGED), on_implied="allow")
        chosen = release(plain(glyph, background) + kind.beside, privacy)
    except ObclipError:
        return None
    axes = chosen.grid.axes
    if tuple(a.name for a in axes) != kind.axes or chosen.grid.count != kind.count:
        return None
    fixed = {"role": glyph.role, "background": background, "tone": "yellow", "age": "adult"}
    wants = tuple(
        {**fixed, **{JUDGED[a.name]: a.values[v] for a, v in zip(axes, choice, strict=True) if a.name in JUDGED}}
        for choice in chosen.grid.choices()
    )
    return SetCase(chosen.grid, chosen.members, wants, glyph.role, seed)


def set_cases(kind: GridKind, count: int, seed: int = 0) -> list[SetCase]:
    """``count`` sets: roles in turn (portraits for the age axis), backgrounds and seeds drawn.

    The same ``seed`` gives the same sets, and fewer sets are the first of more.

    Raises:
        BenchmarkError: no prompt opens this grid (the lexicon and the captions do not fit together).
    """
    rng = random.Random(f"sets/{kind.name}/{seed}")
    pool = _glyphs(kind)
    rng.shuffle(pool)
    usable = [g for g in pool if _case(kind, g, "white", 0) is not None]
    if not usable:
        raise BenchmarkError(f"no prompt of the default pair opens the grid {kind.name!r}")
    out = []
    for i in range(count):
        case = _case(kind, usable[i % len(usable)], rng.choice(list(BACKGROUNDS)), rng.getrandbits(64))
        if case is None:
            raise BenchmarkError(f"the grid {kind.name!r} depends on the background's word; the lexicon is at fault")
        out.append(case)
    return out
