"""The default pair's jury: prompts that its judge can score."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.stickers.recipe.jury import AXES, convene

STICKERS = Path(__file__).resolve().parents[2] / "models" / "stickers"


def test_the_default_pairs_judge_has_prompts_it_can_score() -> None:
    jury = convene(STICKERS / "judge", 48, required=True)
    assert jury is not None
    assert len({w.prompt for w in jury.wishes}) == 48
    for wish in jury.wishes:
        assert set(wish.values) == set(AXES)
        assert all(wish.values[a] in jury.judge.values[a] for a in AXES)
        assert wish.values["background"] in wish.prompt or wish.values["background"] == "white"
    blank = np.ones((48, 3, 64, 64), np.float32)
    assert jury.accuracy(blank) < 50
