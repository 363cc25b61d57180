"""Folders that once gave a wrong picture, or a traceback: drawn as diffusers does, or refused at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from benchmarks.reference import CASES, Case, measure
from export import preflight
from export.bundles import export_all
from export.cli.export import command as export_command
from export.errors import OptionError, OutputError, PairError
from export.pair import check_pair, load_source
from export.tokens import read_tokens
from export.verify.reference import REFERENCE_DB, check_reference
from testing.folders import edit_json, write_folder

TEXT, UNET, VAE = "model.safetensors", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """BK-SDM-Tiny, scaled down. Never written into."""
    return write_folder(tmp_path_factory.mktemp("folder") / "model", "bk-sdm-tiny")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "model"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_picture_is_diffusers_own_or_the_folder_is_refused(case: Case, tmp_path: Path) -> None:
    row = measure(case, tmp_path / "model")
    if case.refused:
        assert case.refused in row["refused"]
    else:
        assert min(row["latent_psnr_db"], row["picture_psnr_db"]) >= REFERENCE_DB
        assert row["latent_deviation"] > 0.1


def test_the_check_at_export_sees_a_wrong_reading(folder: Path) -> None:
    """The folder is loaded, then says something else: as if we had misread it."""
    source = load_source(folder)
    assert check_reference(source, "large", 7.5).failure == ""
    edit_json(folder / "scheduler" / "scheduler_config.json", timestep_spacing="leading")
    assert "another picture than diffusers" in check_reference(source, "large", 7.5).failure


# padding


@pytest.mark.parametrize("pad", ["!", "<|endoftext|>", "<|startoftext|>"])
@pytest.mark.parametrize("form", ["tokenizer.json", "vocabulary"])
def test_rows_are_padded_by_the_folders_own_token(whole: Path, tmp_path: Path, pad: str, form: str) -> None:
    from transformers import CLIPTokenizer

    folder = Path(shutil.copytree(whole / "tokenizer", tmp_path / "tokenizer"))
    edit_json(folder / "tokenizer_config.json", pad_token=pad)
    if form == "vocabulary":
        model = json.loads((folder / "tokenizer.json").read_text())["model"]
        (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
        merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
        (folder / "tokenizer.json").unlink()
    own = CLIPTokenizer.from_pretrained(folder)
    for text in ("", "a woman! in red", "An OLD  man's dog"):
        want = own(text, padding="max_length", max_length=32, truncation=True).input_ids
        assert read_tokens(folder, 32).encode([text])[0].tolist() == want


def test_the_tokenizers_length_is_honoured_and_must_fit(folder: Path) -> None:
    edit_json(folder / "tokenizer" / "tokenizer_config.json", model_max_length=20)
    assert load_source(folder).max_tokens == 20
    edit_json(folder / "tokenizer" / "tokenizer_config.json", model_max_length=77)
    with pytest.raises(PairError, match="77 tokens, the text encoder reads 32"):
        load_source(folder)


def test_padding_before_the_text_is_refused(folder: Path) -> None:
    edit_json(folder / "tokenizer" / "tokenizer_config.json", padding_side="left")
    with pytest.raises(PairError, match="padding_side"):
        load_source(folder)


# weights


def _rename(old: str, new: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        save_file({k.replace(old, new): v for k, v in load_file(file).items()}, file, {"format": "pt"})

    return change


def _drop(word: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        save_file({k: v for k, v in load_file(file).items() if word not in k}, file, {"format": "pt"})

    return change


def _narrow(word: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        save_file({k: v[:-1].clone() if word in k else v for k, v in load_file(file).items()}, file, {"format": "pt"})

    return change


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        (f"text_encoder/{TEXT}", _rename("layers", "blocks"), "lacks .*layers"),
        (f"text_encoder/{TEXT}", _drop("final_layer_norm"), "lacks .*final_layer_norm"),
        (f"text_encoder/{TEXT}", _narrow("final_layer_norm.bias"), "final_layer_norm.bias|shape|size"),
        (f"unet/{UNET}", _rename("conv_out", "conv_last"), "lacks conv_out|conv_last"),
        (f"unet/{UNET}", _drop("time_embedding"), "lacks time_embedding"),
        (f"vae/{VAE}", _rename("decoder", "maker"), "lacks decoder"),
        (f"vae/{VAE}", _narrow("decoder.conv_out.bias"), "decoder.conv_out.bias|shape|size"),
    ],
)
def test_weights_that_are_not_there_are_refused_at_load(
    folder: Path, file: str, change: Callable[[Path], None], says: str
) -> None:
    change(folder / file)
    with pytest.raises(PairError, match=says):
        load_source(folder)


def test_the_same_model_in_another_precision_or_in_shards_is_the_same(folder: Path, whole: Path) -> None:
    import torch
    from transformers import CLIPTextModel

    text = CLIPTextModel.from_pretrained(whole / "text_encoder", dtype=torch.float16)
    (folder / "text_encoder" / TEXT).unlink()
    text.save_pretrained(folder / "text_encoder", max_shard_size="20KB")
    assert (folder / "text_encoder" / f"{TEXT}.index.json").is_file()
    vae = load_file(folder / "vae" / VAE)
    (folder / "vae" / VAE).unlink()
    save_file({k: v.half() for k, v in vae.items()}, folder / "vae" / VAE.replace(".safe", ".fp16.safe"))
    with pytest.raises(PairError, match="--variant"):
        load_source(folder)
    one, other = load_source(whole), load_source(folder, variant="fp16")
    check_pair(one, other)
    assert one.shared_sha256 == other.shared_sha256


# what is checked first


@pytest.mark.parametrize("size", [[16, 16], None, 0, 16.5, True, "16"])
def test_a_size_that_is_no_number_is_told(folder: Path, size: Any) -> None:
    edit_json(folder / "unet" / "config.json", sample_size=size)
    with pytest.raises(PairError, match="sample_size"):
        load_source(folder)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--guidance", "-1"], "--guidance"),
        (["--guidance", "31"], "--guidance"),
        (["--guidance", "nan"], "--guidance"),
        (["--name", "no spaces"], "--name"),
        (["--name", ""], "--name"),
        (["--large", "nowhere"], "no folder nowhere"),
        (["--format", "onnx"], "no format"),
    ],
)
def test_odd_values_are_refused_before_anything_is_loaded(
    whole: Path, tmp_path: Path, options: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    given = ["--large", str(whole), "--small", str(whole), "--out", str(tmp_path / "out"), *options]
    done = CliRunner().invoke(export_command, ["all", *given])
    assert isinstance(done.exception, (OptionError, PairError))
    assert says in str(done.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("unet/config.json", {"sample_size": 32}, "latent shapes differ"),
        ("vae/config.json", {"scaling_factor": 0.5}, "differ in text encoder, tokenizer or VAE"),
        ("text_encoder/config.json", {"hidden_act": "gelu"}, "differ in text encoder, tokenizer or VAE"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused_by_its_configs(
    whole: Path, folder: Path, tmp_path: Path, file: str, change: dict[str, Any], says: str
) -> None:
    edit_json(folder / file, **change)
    with pytest.raises(PairError, match=says):
        preflight.check_options(whole, folder, [tmp_path / "edge"], name="a", guidance=2.0, overwrite=False)


def test_both_bundles_or_none(whole: Path, tmp_path: Path) -> None:
    """A place that is taken is found before work begins; so is a difference of the weights."""
    (tmp_path / "out" / "edge").mkdir(parents=True)
    (tmp_path / "out" / "edge" / "bundle.json").write_text("{}")
    with pytest.raises(OutputError, match="--overwrite"):
        export_all(whole, whole, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["edge"]


def test_a_dry_run_says_what_is_needed_and_writes_nothing(whole: Path, tmp_path: Path) -> None:
    given = ["--large", str(whole), "--small", str(whole), "--out", str(tmp_path / "out"), "--dry-run"]
    done = CliRunner().invoke(export_command, ["all", *given], catch_exceptions=False)
    assert "GB of memory" in done.output
    assert "edge: custom (sd)" in done.output
    assert not (tmp_path / "out").exists()
    told = json.loads(CliRunner().invoke(export_command, ["all", *given, "--json"]).stdout)
    assert told["seconds"] > 0


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors", "model.txt"])
def test_a_single_file_that_is_no_checkpoint_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no checkpoint")
    done = CliRunner().invoke(
        export_command, ["cloud", "--large", str(tmp_path / name), "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, PairError)
    assert name in str(done.exception)
