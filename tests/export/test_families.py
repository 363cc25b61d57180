"""Published architectures: recognised from configs, built with random weights, loaded by the real loading code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from tokenizers import Tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from export.errors import PairError
from export.families import architecture, architectures, recognise
from export.families.architectures import UnknownArchitectureError
from export.families.random_models import scaled, write_random
from export.pair import SourceModel, check_pair, load_source
from tests.pair import write_tokenizer

NAMES = [a.name for a in architectures()]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every architecture, scaled down, by name; one tokenizer for all."""
    root = tmp_path_factory.mktemp("families")
    size = write_tokenizer(root / "tokenizer")
    for found in architectures():
        write_random(found, root / found.name, scaled(found), size)
        for part in ("tokenizer", "tokenizer_2")[: 2 if found.layout == "sdxl" else 1]:
            shutil.copytree(root / "tokenizer", root / found.name / part)
    return root


@pytest.fixture
def copy(folders: Path, tmp_path: Path) -> Path:
    """A private SDXL folder, to be damaged."""
    shutil.copytree(folders / "koala-700m", tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("name", NAMES)
def test_real_sizes_have_the_published_parameter_counts(name: str) -> None:
    found = architecture(name)
    makers = {
        "unet": lambda c: UNet2DConditionModel.from_config(dict(c)),
        "vae": lambda c: AutoencoderKL.from_config(dict(c)),
        "text_encoder": lambda c: CLIPTextModel(CLIPTextConfig(**c)),
        "text_encoder_2": lambda c: CLIPTextModelWithProjection(CLIPTextConfig(**c)),
    }
    for part, count in found.parameters.items():
        with torch.device("meta"):
            model = makers[part](found.configs[part])
        assert sum(p.numel() for p in model.parameters()) == count, part


@pytest.mark.parametrize("name", NAMES)
def test_a_real_config_is_recognised_and_no_other(name: str, tmp_path: Path) -> None:
    found = architecture(name)
    assert [a.name for a in architectures() if a.is_unet(found.configs["unet"])] == [name]
    bare = {k: v for k, v in found.configs["unet"].items() if k not in ("act_fn", "norm_eps", "sample_size")}
    assert found.is_unet({**bare, "sample_size": 32})


@pytest.fixture(scope="module")
def sources(folders: Path) -> dict[str, SourceModel]:
    """Every architecture through the real loading code."""
    return {name: load_source(folders / name) for name in NAMES}


def test_every_family_loads_and_computes(sources: dict[str, SourceModel]) -> None:
    for name, source in sources.items():
        config = source.unet.config
        assert source.layout.architecture == "custom"  # scaled down, so none of the published
        assert (source.layout.name == "sdxl") == (source.text_encoder_2 is not None)
        added = {"text_embeds": torch.zeros(1, source.pooled_width or 0), "time_ids": torch.zeros(1, 6)}
        with torch.no_grad():
            out = source.unet(
                torch.randn(1, *source.latent_shape),
                torch.tensor([500.0]),
                torch.randn(1, source.max_tokens, source.text_width),
                added_cond_kwargs=added if source.layout.name == "sdxl" else None,
            ).sample
        assert out.shape == (1, *source.latent_shape), name
        assert config.cross_attention_dim == source.text_width
        assert torch.isfinite(out).all()
    assert source.schedule.num_train_timesteps == 1000


def test_pairs_that_belong_together_and_pairs_that_do_not(sources: dict[str, SourceModel]) -> None:
    for large, small in (("sd-1.4", "bk-sdm-tiny"), ("sd-1.4", "bk-sdm-base"), ("sdxl", "koala-700m")):
        check_pair(sources[large], sources[small])
    with pytest.raises(PairError, match="layout sdxl"):
        check_pair(sources["sdxl"], sources["bk-sdm-small"])
    with pytest.raises(PairError, match="differ in text encoder"):  # the same weights here, but another activation
        check_pair(sources["sd-2.1"], sources["bk-sdm-small"])


def test_published_folders_have_no_tokenizer_json(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "bk-sdm-tiny", tmp_path / "model")
    data = json.loads((tmp_path / "model/tokenizer/tokenizer.json").read_text())
    (tmp_path / "model/tokenizer/tokenizer.json").unlink()
    with pytest.raises(PairError, match=r"vocab\.json and merges\.txt"):
        load_source(tmp_path / "model")
    (tmp_path / "model/tokenizer/vocab.json").write_text(json.dumps(data["model"]["vocab"]))
    merges = [" ".join(m) if isinstance(m, list) else m for m in data["model"]["merges"]]
    (tmp_path / "model/tokenizer/merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    converted = load_source(tmp_path / "model")
    files = (folders / "tokenizer" / "tokenizer.json", converted.tokenizer_file)
    one, other = (Tokenizer.from_file(str(file)) for file in files)
    for text in ("a woman firefighter", "dark skin", "blue background"):
        assert one.encode(text, add_special_tokens=False).ids == other.encode(text, add_special_tokens=False).ids


def _edit(path: Path, **change: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("model_index.json", {"text_encoder": None}, "refiner"),
        ("model_index.json", {"text_encoder_2": ["transformers", "T5EncoderModel"]}, "CLIPTextModelWithProjection"),
        ("model_index.json", {"text_encoder_2": None}, "one text encoder"),
        ("unet/config.json", {"addition_embed_type": None}, "two text encoders"),
        ("unet/config.json", {"in_channels": 9}, "inpainting"),
        ("unet/config.json", {"time_cond_proj_dim": 256}, "guidance embedding"),
        ("unet/config.json", {"class_embed_type": "timestep"}, "class labels"),
        ("unet/config.json", {"_class_name": "UNetSpatioTemporalConditionModel"}, "takes UNet2DConditionModel"),
        ("unet/config.json", {"projection_class_embeddings_input_dim": 2816}, "cannot be loaded|pooled text"),
        ("unet/config.json", {"cross_attention_dim": 64}, "cannot be loaded|width 64"),
        ("scheduler/scheduler_config.json", {"prediction_type": "flow"}, "prediction_type"),
        ("text_encoder_2/config.json", {"hidden_size": "wide"}, "cannot be loaded"),
    ],
)
def test_what_does_not_fit_is_told(copy: Path, file: str, change: dict[str, object], says: str) -> None:
    _edit(copy / file, **change)
    with pytest.raises(PairError, match=says):
        load_source(copy)


def test_a_pickle_beside_the_second_encoder_is_refused(copy: Path) -> None:
    (copy / "text_encoder_2" / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(PairError, match="pickle"):
        load_source(copy)


def test_an_unknown_name_lists_the_known(folders: Path) -> None:
    with pytest.raises(UnknownArchitectureError, match="bk-sdm-tiny, koala-700m"):
        architecture("sd-9")
    assert recognise(folders / "sdxl").name == "sdxl"
