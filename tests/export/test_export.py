"""Export: verified bundles, the same bytes again, and nothing half-written for bad input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from export.bundles import export_cloud, export_edge
from export.cli.export import command
from export.errors import ExportError, OutputError, PairError, VerificationError
from export.graphs import unet, vae_decoder
from export.pair import load_source
from export.staging import staged
from export.verify.graphs import check_onnx
from obclip_contract import BundleError, open_bundle


@pytest.fixture
def pair(random_pair: Path, tmp_path: Path) -> Path:
    """A private copy of the random pair, to be damaged."""
    shutil.copytree(random_pair, tmp_path / "pair")
    return tmp_path / "pair"


def test_both_bundles_open_and_belong_together(random_bundles: Path) -> None:
    cloud, edge = open_bundle(random_bundles / "cloud", "cloud"), open_bundle(random_bundles / "edge", "edge")
    assert cloud.manifest.pair_sha256 == edge.manifest.pair_sha256
    assert cloud.manifest.verified
    assert edge.manifest.verified
    assert {(g.role, g.format) for g in cloud.manifest.graphs} == {
        *((role, form) for role in ("text_encoder", "unet") for form in ("onnx", "diffusers")),
        *((f"step.{graph}", "onnx") for graph in ("text", "full.deep1", "shallow1")),
    }
    assert {(g.role, g.format) for g in edge.manifest.graphs} == {
        (role, "tflite") for role in ("text_encoder", "unet", "vae_decoder")
    }
    assert edge.manifest.latent_shape == (4, 16, 16)
    assert edge.manifest.image_size == 64
    assert edge.manifest.schedule.rescale_betas_zero_snr


def test_litert_graphs_equal_torch_on_other_inputs(random_pair: Path, random_bundles: Path) -> None:
    """The check at export time uses one fixed input; this one uses another."""
    from edge_sdk.runtimes.litert import LiteRtRuntime

    runtime = LiteRtRuntime(open_bundle(random_bundles / "edge", "edge"), 1)
    source = load_source(random_pair / "small")
    rng = np.random.default_rng(9)
    x = rng.standard_normal((2, 4, 16, 16)).astype(np.float32)
    h = rng.standard_normal((2, 32, 32)).astype(np.float32)
    with torch.no_grad():
        want = source.unet(torch.from_numpy(x), torch.tensor([37.25]), torch.from_numpy(h)).sample.numpy()
        picture = source.vae.decode(torch.from_numpy(x[:1])).sample.clamp(-1, 1).numpy()
    assert np.abs(runtime.denoise(x, 37.25, h) - want).max() < 1e-4
    assert np.abs(runtime.denoise(x[:1], 37.25, h[:1]) - want[:1]).max() < 1e-4
    assert np.abs(runtime.decode(x[:1]) - picture).max() < 1e-4


def test_exporting_again_gives_the_same_bytes(random_pair: Path, random_bundles: Path, tmp_path: Path) -> None:
    again = export_cloud(random_pair / "large", tmp_path / "cloud").manifest
    before = open_bundle(random_bundles / "cloud").manifest
    assert [f for f in again.files if f not in before.files] == []


def test_a_bundle_holds_the_graphs_of_the_plans_that_are_asked_for(random_pair: Path, tmp_path: Path) -> None:
    asked = ["cloud", "--large", str(random_pair / "large"), "--out", str(tmp_path), "--plan", "deepcache"]
    done = CliRunner().invoke(command, asked)
    assert done.exit_code == 0, done.output
    roles = {g.role for g in open_bundle(tmp_path / "cloud").manifest.graphs}
    assert {r for r in roles if r.startswith("step.")} == {"step.text", "step.full.deep0", "step.shallow0"}
    refused = CliRunner().invoke(command, [*asked[:-1], "fastest"])
    assert refused.exit_code == 2
    assert "there is no plan 'fastest'; there are: naive" in refused.output


def _without(path: str) -> Callable[[Path], None]:
    def damage(pair: Path) -> None:
        target = pair / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    return damage


def _edit(path: str, **change: object) -> Callable[[Path], None]:
    def damage(pair: Path) -> None:
        file = pair / path
        file.write_text(json.dumps({**json.loads(file.read_text()), **change}))

    return damage


def _truncate(pair: Path) -> None:
    file = pair / "small/unet/diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def _other_vae(pair: Path) -> None:
    file = pair / "small/vae/diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    save_file({k: v * 1.001 for k, v in weights.items()}, file)


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no folder": (_without("small"), "no folder"),
    "no index": (_without("small/model_index.json"), "model_index.json is missing"),
    "no weights": (_without("small/unet/diffusion_pytorch_model.safetensors"), "has no diffusion"),
    "no tokenizer": (_without("small/tokenizer/tokenizer.json"), "tokenizer.json is missing"),
    "pickle": (lambda p: (p / "small/unet/diffusion_pytorch_model.bin").write_bytes(b"x"), "pickle"),
    "truncated": (_truncate, "cannot be loaded"),
    "architecture": (
        _edit("small/model_index.json", unet=["diffusers", "FluxTransformer2DModel"]),
        "takes UNet2DConditionModel",
    ),
    "two encoders": (_edit("small/model_index.json", text_encoder_2=["transformers", "CLIPTextModel"]), "Projection"),
    "prediction": (_edit("small/scheduler/scheduler_config.json", prediction_type="flow"), "prediction_type"),
    "other vae": (_other_vae, "must share all three"),
    "not json": (lambda p: (p / "small/model_index.json").write_text("{"), "not JSON"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_source_is_refused_and_leaves_nothing(pair: Path, tmp_path: Path, fault: str) -> None:
    damage, says = FAULTS[fault]
    damage(pair)
    with pytest.raises(PairError, match=says):
        export_edge(pair / "large", pair / "small", tmp_path / "out" / "edge")
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_an_existing_folder_is_not_touched(random_pair: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="not a bundle"):
            export_cloud(random_pair / "large", tmp_path / "mine", overwrite=overwrite)
    assert (tmp_path / "mine" / "letter").read_text() == "dear"


def test_a_bundle_is_not_written_into_another(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "bundle.json").write_text("{}")
    with pytest.raises(OutputError, match="is a bundle itself"), staged(tmp_path / "cloud" / "cloud", overwrite=True):
        pass
    assert [f.name for f in (tmp_path / "cloud").iterdir()] == ["bundle.json"]


def test_an_existing_bundle_needs_overwrite_and_survives_a_failure(pair: Path, tmp_path: Path) -> None:
    export_cloud(pair / "large", tmp_path / "cloud")
    with pytest.raises(OutputError, match="--overwrite"):
        export_cloud(pair / "large", tmp_path / "cloud")
    _without("large/unet")(pair)
    with pytest.raises(PairError):
        export_cloud(pair / "large", tmp_path / "cloud", overwrite=True)
    open_bundle(tmp_path / "cloud", "cloud")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cloud", "pair"]


def test_an_unwritable_place_is_named(random_pair: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        export_cloud(random_pair / "large", Path("/proc/nowhere/cloud"))


def test_a_graph_that_differs_from_torch_is_refused(random_pair: Path, random_bundles: Path) -> None:
    source = load_source(random_pair / "large")
    with torch.no_grad():
        source.unet.conv_out.weight.mul_(1.5)
    with pytest.raises(VerificationError, match="differs from torch"):
        check_onnx(unet(source, 4), random_bundles / "cloud" / "unet.onnx")


def test_errors_carry_exit_codes() -> None:
    assert issubclass(PairError, ExportError)
    assert (PairError.exit_code, VerificationError.exit_code, BundleError.exit_code) == (2, 4, 4)


def test_the_decoder_takes_unscaled_latents(random_pair: Path) -> None:
    source = load_source(random_pair / "small")
    graph = vae_decoder(source)
    with torch.no_grad():
        image = graph.module(**graph.inputs)["image"]
    assert image.shape == (1, 3, 64, 64)
    assert float(image.abs().max()) <= 1.0
