"""Every stage of the second edition, one step long: what is due, what goes on, what is left when time is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

from benchmarks.prompts import STICKERS
from models.stickers.recipe.errors import BrokenCheckpoint
from models.stickers.recipe.judge import Judge
from models.stickers.recipe.pack import pack
from models.stickers.recipe.scenes import autoencoder, latents, library, stages, text, things
from models.stickers.recipe.scenes import judge as judge_stage
from models.stickers.recipe.scenes.scenes import Drawer
from models.stickers.recipe.scenes.work import TOKENS, Plan, Work
from models.stickers.recipe.text import Captions
from tests.models.scene_fakes import FakeThings, write_names

PLAN = Plan(1, 4, 1, 2, 1, 1, 4, 1, 4, 1, 4)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stages.Options]:
    root = tmp_path_factory.mktemp("second")
    bases = write_names(root / "names.txt")
    order = (0, 2, 1, 3, 4)
    styles = {"noto": FakeThings(bases), "flat": FakeThings(bases), "3d": FakeThings(bases, order)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "open_styles", lambda _: styles)
        patch.setattr(torch, "compile", lambda model: model)  # a minute each, and not what is tested
        patch.setattr(latents, "SHARD", 32)
        patch.setattr("models.stickers.recipe.scenes.unets.SHARD", 32)
        patch.setattr(text, "_CORPUS", 300)
        patch.setattr(judge_stage, "_REPORT", 64)
        patch.setattr(text, "_REPORT", 64)
        patch.setattr(autoencoder, "MEASURED", 32)
        patch.setattr("models.stickers.recipe.scenes.judge.reference", lambda *_: {"mean": torch.zeros(256)})
        yield stages.Options(Work(root), PLAN, STICKERS / "large", root / "names.txt")


def test_all_stages_in_order_and_then_nothing_is_due(options: stages.Options) -> None:
    said: list[str] = []
    assert stages.train(options, 0, said.append) is None
    assert [s.split(":")[0] for s in said] == [s.name for s in stages.STAGES]
    said.clear()
    assert stages.train(options, 0, said.append) is None
    assert said == []
    assert not list(options.work.root.rglob("*.part"))


def test_the_parts_fit_together(options: stages.Options) -> None:
    work = options.work
    vae = AutoencoderKL.from_pretrained(work.vae)
    encoder = CLIPTextModel.from_pretrained(work.text_encoder)
    large, small = (UNet2DConditionModel.from_pretrained(work.unet(n)) for n in ("large", "small"))
    assert vae.config.latent_channels == large.config.in_channels == small.config.out_channels == 8
    assert encoder.config.max_position_embeddings == TOKENS
    assert large.num_parameters() <= 40e6
    assert 2e6 <= small.num_parameters() <= 4e6
    assert large.config.cross_attention_dim == small.config.cross_attention_dim == encoder.config.hidden_size
    judge = Judge.load(work.judge)
    assert set(judge.values) == set(judge_stage.SCORED)


def test_all_weights_packed_stay_below_60_mb(options: stages.Options, tmp_path: Path) -> None:
    sizes = pack(options.work.root, options.work.tokenizer, tmp_path)
    assert set(sizes) == {"large", "small", "judge"}
    assert sum(f.stat().st_size for f in tmp_path.rglob("*") if f.is_file()) < 60e6
    assert UNet2DConditionModel.from_pretrained(tmp_path / "small" / "unet").config.in_channels == 8
    assert "root" not in (tmp_path / "large" / "unet" / "config.json").read_text(encoding="utf-8")
    assert (tmp_path / "library.json").is_file()


def test_long_captions_fit(options: stages.Options) -> None:
    ids = Captions(options.work.tokenizer, TOKENS)
    assert ids(["a woman firefighter with dark skin"]).shape == (1, TOKENS)


def test_no_time_means_no_step(options: stages.Options) -> None:
    stage = next(s for s in stages.STAGES if s.name == "judge")
    (options.work.judge / "judge.json").unlink()
    (options.work.root / "judge.ckpt").unlink()
    assert stages.due(options) == stage
    assert not stage.run(options, time.monotonic() - 1)
    assert stages.due(options) == stage
    assert (options.work.root / "judge.ckpt").is_file()


def test_latents_of_another_autoencoder_are_made_again(options: stages.Options) -> None:
    assert latents.shards(options.work) == [0]
    weights = options.work.vae / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert latents.shards(options.work) == []
    weights.write_bytes(weights.read_bytes()[:-1])
    assert latents.shards(options.work) == [0]


def test_a_cut_checkpoint_stops_the_stage_with_an_error(options: stages.Options) -> None:
    path = options.work.root / "judge.ckpt"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BrokenCheckpoint, match=r"judge\.ckpt is cut short"):
        stages.train(options, 0)


def test_drawings_that_do_not_match_their_labels_are_refused(options: stages.Options, tmp_path: Path) -> None:
    folder = options.work.library
    array = (folder / "things.npy").read_bytes()
    (folder / "things.npy").write_bytes(array[:-10])
    with pytest.raises(BrokenCheckpoint, match=r"things\.npy is cut short"):
        library.load(folder)
    (folder / "things.npy").write_bytes((folder / "skin.npy").read_bytes())
    with pytest.raises(BrokenCheckpoint, match=r"do not match library\.json"):
        library.load(folder)
    (folder / "things.npy").write_bytes(array)
    assert len(library.load(folder).things) == len(things.THINGS)


def test_the_encoder_starts_from_todays_words(options: stages.Options) -> None:
    ids = Captions(options.work.tokenizer, TOKENS)
    new = text.start_encoder(ids, STICKERS / "large").get_input_embeddings().weight
    old = CLIPTextModel.from_pretrained(STICKERS / "large" / "text_encoder", torch_dtype=torch.float32)
    todays = Captions(STICKERS / "large" / "tokenizer")
    word = "guard</w>"
    here, there = ids.tokenizer.token_to_id(word), todays.tokenizer.token_to_id(word)
    assert here is not None
    assert there is not None
    assert torch.equal(new[here], old.get_input_embeddings().weight[there])


def test_three_steps_of_four_are_of_crops(options: stages.Options) -> None:
    drawings = library.load(options.work.library)
    draw = Drawer(drawings.people)
    shapes = [tuple(autoencoder.draw_batch(drawings, draw, number, 8).shape) for number in range(5)]
    assert shapes == [(2, 3, 128, 128), (8, 3, 64, 64), (8, 3, 64, 64), (8, 3, 64, 64), (2, 3, 128, 128)]
    again = autoencoder.draw_batch(drawings, draw, 1, 8)
    assert torch.equal(again, autoencoder.draw_batch(drawings, draw, 1, 8))
    assert not torch.equal(again, autoencoder.draw_batch(drawings, draw, 2, 8))
