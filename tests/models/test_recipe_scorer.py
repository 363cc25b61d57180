"""The scorer: shapes, false negatives, training, weights that come back, and what the shipped one prefers."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from benchmarks.prompts import STICKERS
from models.stickers.recipe.captions import plain
from models.stickers.recipe.errors import RecipeError
from models.stickers.recipe.glyphs import BACKGROUNDS, Glyph
from models.stickers.recipe.pairing import GROUP, Album, Pair, is_unseen
from models.stickers.recipe.scorer import DualEncoder, Scorer, compute_loss, contrast, measure, train
from models.stickers.recipe.training import Run, Trainer, dead
from testing.cached import keep

TOKENIZER = STICKERS / "large" / "tokenizer"
CPU = torch.device("cpu")
SKIN = {"light": 230, "dark": 90}


def draw_glyphs() -> tuple[np.ndarray, list[Glyph]]:
    """Drawings that need no font: pilots and judges of two genders and tones; a judge's gender is not to be seen."""
    drawings, labels = [], []
    for role, gender, tone in product(("pilot", "judge"), ("woman", "man"), SKIN):
        rgba = np.zeros((128, 128, 4), np.uint8)
        rgba[16:112, 16:112] = (SKIN[tone], SKIN[tone] // 2, 60, 255)
        if role == "pilot":
            rgba[16:48, 16:112, :3] = 20
            if gender == "woman":
                rgba[48:112, 16:40, :3] = (200, 30, 30)
        drawings.append(rgba)
        labels.append(Glyph("", f"{gender} {role}", role, gender, "adult", tone, "", False))
    return np.stack(drawings), labels


@pytest.fixture(scope="module")
def album() -> Album:
    return Album(*draw_glyphs())


@pytest.fixture(scope="module")
def shipped() -> Scorer:
    return Scorer.load(STICKERS / "scorer")


@pytest.mark.parametrize("side", [64, 128])
def test_shapes(side: int) -> None:
    scorer = Scorer.create(TOKENIZER)
    pictures = torch.rand(3, 3, side, side) * 2 - 1
    prompts = ["a pilot", "a sticker of a woman judge with dark skin on a red background", "word " * 60]
    scores = scorer.score(pictures, prompts)
    assert (scores.shape, scores.dtype) == ((3,), torch.float32)
    assert bool((scores.abs() <= 100.001).all())
    table = scorer.compare(pictures, [*prompts, "another"])
    assert table.shape == (3, 4)
    torch.testing.assert_close(table.diagonal(), scores)
    with pytest.raises(ValueError, match="3 pictures and 2 prompts"):
        scorer.score(pictures, prompts[:2])


def test_what_is_behind_a_prompt_changes_nothing() -> None:
    scorer = Scorer.create(TOKENIZER)
    alone = scorer.embed_prompts(["a man pilot"])
    beside = scorer.embed_prompts(["a man pilot", "a sticker of a woman judge with dark skin on a red background"])
    torch.testing.assert_close(alone[0], beside[0])


def test_every_tensor_is_reached(album: Album) -> None:
    scorer = Scorer.create(TOKENIZER)
    compute_loss(scorer, album, 16, 0, CPU).backward()
    assert [name for name in dead(scorer.model) if name != "texts.place"] == []


def test_groups_differ_in_one_attribute_and_what_looks_the_same_is_no_contradiction(album: Album) -> None:
    pairs = album.draw_groups(8, random.Random(0))
    assert len(pairs) == 8 * GROUP
    for first, tone, ground, _ in zip(*(iter(pairs),) * GROUP, strict=True):
        labels = asdict(album.labels[first.glyph])
        assert asdict(album.labels[tone.glyph]) == {**labels, "tone": "dark" if labels["tone"] == "light" else "light"}
        assert tone.background == first.background
        assert (ground.glyph, ground.background != first.background) == (first.glyph, True)
    rng = random.Random(0)
    at = {(g.role, g.gender, g.tone): i for i, g in enumerate(album.labels)}
    assert album.change(Pair(at["judge", "woman", "dark"], "red"), "gender", rng) is None
    other = album.change(Pair(at["pilot", "woman", "dark"], "red"), "gender", rng)
    assert other == Pair(at["pilot", "man", "dark"], "red")
    judges = [
        Pair(at["judge", gender, "dark"], ground) for gender, ground in product(("woman", "man"), ("red", "blue"))
    ]
    equal = album.gather(judges, rng).equal
    assert equal.tolist() == [[i % 2 == j % 2 for j in range(4)] for i in range(4)]


def test_an_equal_pair_is_not_pushed_apart() -> None:
    unit = torch.nn.functional.normalize(torch.randn(2, 8, generator=torch.Generator().manual_seed(0)), dim=-1)
    twice, own = unit[[0, 0, 1]], torch.eye(3, dtype=torch.bool)
    equal = own.clone()
    equal[0, 1] = equal[1, 0] = True
    sharpness = torch.tensor(4.0)
    assert contrast(twice, twice, sharpness, equal) < 1e-3 < 0.4 < contrast(twice, twice, sharpness, own)


def test_unseen_captions_are_a_tenth_and_kept_apart(album: Album) -> None:
    rng = random.Random(0)
    pairs = [album.draw(rng) for _ in range(50)]
    assert not any(is_unseen(text) for text in album.gather(pairs, rng).captions)
    assert all(is_unseen(text) for text in album.gather(pairs, rng, unseen=True).captions)


def test_a_few_steps_lower_the_loss_and_the_right_caption_wins(album: Album, tmp_path: Path) -> None:
    torch.manual_seed(0)
    scorer = Scorer.create(TOKENIZER)
    trainer = Trainer(scorer.model, Run(40, 24, 2e-3, tmp_path, "scorer", warmup=5))
    losses = [trainer.update(compute_loss(scorer, album, 24, step, CPU)) for step in range(40)]
    assert np.mean(losses[-5:]) < 0.7 * losses[0], losses
    scorer.model.eval()
    report = measure(scorer, album, rounds=2)
    assert report["right_caption"]["tone"] > 0.9, report
    assert report["cases"]["hair"] == 0


def test_the_stage_writes_what_loads(tmp_path: Path) -> None:
    rgba, labels = draw_glyphs()
    np.savez(tmp_path / "glyphs.npz", rgba=rgba)
    (tmp_path / "glyphs.json").write_text(json.dumps([asdict(g) for g in labels]))
    report = train(tmp_path, TOKENIZER, steps=2, batch=8, rounds=1)
    spec = json.loads((tmp_path / "scorer" / "scorer.json").read_text())
    assert report.items() <= spec.items()
    assert set(report["retrieval"]) == {"picture_to_text", "text_to_picture"}
    assert (tmp_path / "scorer.ckpt").is_file()


def test_a_saved_scorer_gives_equal_scores(tmp_path: Path) -> None:
    scorer = Scorer.create(TOKENIZER)
    scorer.model.half().float().eval()  # as the file holds it
    scorer.save(tmp_path / "scorer", {})
    loaded = Scorer.load(tmp_path / "scorer", TOKENIZER)
    pictures, prompts = torch.rand(2, 3, 128, 128) * 2 - 1, ["a pilot", "a woman judge, dark skin"]
    torch.testing.assert_close(loaded.score(pictures, prompts), scorer.score(pictures, prompts), rtol=0, atol=1e-4)


def test_another_tokenizer_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "tokenizer"
    other.mkdir()
    (other / "tokenizer.json").write_text((TOKENIZER / "tokenizer.json").read_text() + "\n")
    with pytest.raises(RecipeError, match="another tokenizer"):
        Scorer.load(STICKERS / "scorer", other)


def test_the_shipped_one_is_small_and_reports_what_it_tells(shipped: Scorer) -> None:
    folder = STICKERS / "scorer"
    assert sum(f.stat().st_size for f in folder.iterdir()) <= 1e6
    assert sum(p.numel() for p in shipped.model.pictures.parameters()) <= 300_000
    assert isinstance(shipped.model, DualEncoder)
    assert not any(p.requires_grad for p in shipped.model.parameters())
    spec = json.loads((folder / "scorer.json").read_text())
    assert min(spec["retrieval"].values()) > 0.8
    assert min(spec["right_caption"].values()) > 0.8


GLYPH = Glyph("", "", "firefighter", "woman", "adult", "dark", "", False)
#: What the pair draws for the test: different in role, gender, tone and background.
DRAWN = (
    (GLYPH, "blue"),
    (replace(GLYPH, role="health worker", gender="man", tone="light"), "green"),
    (replace(GLYPH, role="in tuxedo", tone="light"), "white"),
    (replace(GLYPH, role="farmer", gender="man"), "pink"),
)


@pytest.fixture(scope="module")
def drawn() -> torch.Tensor:
    """Pictures of the large UNet alone, float32 ``[4, 3, 128, 128]`` in [-1, 1]."""

    def make(out: Path) -> None:
        pipe = StableDiffusionPipeline.from_pretrained(STICKERS / "large", torch_dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
        prompts = [plain(glyph, background) for glyph, background in DRAWN]
        generators = [torch.Generator().manual_seed(seed) for seed in range(len(prompts))]
        pictures = pipe(prompts, num_inference_steps=20, guidance_scale=3.5, generator=generators, output_type="np")
        out.mkdir(parents=True, exist_ok=True)
        np.save(out / "drawn.npy", pictures.images)

    pictures = np.load(keep("scored", make, [STICKERS / "large", Path(__file__)], sources=()) / "drawn.npy")
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).astype(np.float32) * 2 - 1)


def test_the_right_caption_beats_one_with_another_attribute(shipped: Scorer, drawn: torch.Tensor) -> None:
    """On pictures that the pair drew: of every attribute's wrong captions nearly all score lower."""
    lower: dict[str, list[bool]] = {"role": [], "gender": [], "tone": [], "background": []}
    for (glyph, background), picture, right in zip(
        DRAWN, drawn, shipped.score(drawn, [plain(g, b) for g, b in DRAWN]), strict=True
    ):
        wrong = {
            "role": [plain(replace(glyph, role=r), background) for r in ("pilot", "judge", "surfing")],
            "gender": [plain(replace(glyph, gender="man" if glyph.gender == "woman" else "woman"), background)],
            "tone": [plain(replace(glyph, tone=t), background) for t in ("light", "medium", "dark") if t != glyph.tone],
            "background": [plain(glyph, b) for b in BACKGROUNDS if b != background],
        }
        for axis, captions in wrong.items():
            lower[axis] += (shipped.compare(picture[None], captions)[0] < right).tolist()
    assert all(np.mean(wins) >= 0.75 for wins in lower.values()), lower
