"""Published architectures: recognised from configs, built with random weights, loaded by the real loading code."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from cloud_engine import Engine
from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
from export.bundles import export_cloud
from export.errors import PairError
from export.families import architecture, architectures, recognise
from export.families.architectures import UnknownArchitectureError
from export.families.random_models import scaled, write_random
from export.graphs import sdxl_text, text_encoder
from export.onnx import graphs as onnx_graphs
from export.onnx.graphs import OnnxGraph, convert, of_graph, step_graph, text_graph
from export.pair import SourceModel, check_pair, load_source
from export.tensorrt.support import check_support
from export.verify.graphs import psnr_db
from export.verify.runtimes import TorchRuntime
from obclip_contract import (
    Axis,
    GenerateRequest,
    Phrase,
    PromptGrid,
    apply_step,
    guide,
    is_guided,
    open_bundle,
    sampler_table,
    standard_normal,
)
from testing.random_pair import write_tokenizer

TWO = PromptGrid("a {s0} woman", (Axis("age", ("young", "old")),), {"s0": Phrase((0,), ("red", "blue"))})
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


@pytest.fixture(scope="module")
def sdxl_onnx(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[OnnxGraph, Path]]:
    """KOALA-700M's graphs, scaled down, as ONNX: both text encoders, the text graph, one step graph."""
    source = load_source(folders / "koala-700m")
    family = GraphFamily(source.unet, source.max_tokens, source.image_size)
    out = tmp_path_factory.mktemp("sdxl")
    jobs = [of_graph(text_encoder(source, 2)), text_graph(family), step_graph(family, StepGraphSpec("shallow"))]
    for job in jobs:
        convert(job, out / f"{job.role}.onnx", external=job.role == "step.text")
    return {job.role: (job, out / f"{job.role}.onnx") for job in jobs}


def test_weights_too_large_to_fold_leave_no_type_that_tensorrt_refuses(
    sources: dict[str, SourceModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Stable Diffusion's own size is exported: weights are not folded, shapes and scalars are."""
    monkeypatch.setattr(onnx_graphs, "_FOLD_BYTES", 0)
    source = sources["bk-sdm-tiny"]
    job = step_graph(GraphFamily(source.unet, source.max_tokens), StepGraphSpec("shallow"))
    convert(job, tmp_path / "shallow.onnx")
    assert check_support(tmp_path / "shallow.onnx") > 100


def test_sdxl_graphs_equal_torch_and_pass_the_static_check(sdxl_onnx: dict[str, tuple[OnnxGraph, Path]]) -> None:
    text = sdxl_onnx["step.text"]
    assert list(text[0].inputs) == ["encoder_hidden_states"]
    assert text[1].with_name("step.text.onnx.data").stat().st_size > 10 * text[1].stat().st_size
    for job, path in sdxl_onnx.values():
        assert check_support(path) > 5
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        names = [i.name for i in session.get_inputs()]
        assert names == [n for n in job.inputs if n in names]
        assert set(job.inputs) - set(names) <= {"text_kv"}  # nothing reads it where no live layer attends to the text
        for rows in (1, 2):  # the batch is dynamic
            inputs = {n: t if n in job.fixed else t[:rows] for n, t in job.inputs.items()}
            with torch.no_grad():
                want = job.module(**inputs)
            got = session.run(list(job.outputs), {n: inputs[n].numpy() for n in names})
            for name, value in zip(job.outputs, got, strict=True):
                assert value.shape == want[name].shape
                assert float((torch.from_numpy(value) - want[name]).abs().max()) <= 1e-4, (job.role, name)


def test_sdxl_text_is_what_the_pipeline_computes(folders: Path, sdxl_onnx: dict[str, tuple[OnnxGraph, Path]]) -> None:
    """Against transformers' models with each tokenizer's own padding, as diffusers' pipeline calls them."""
    source = load_source(folders / "koala-700m")
    spec = source.tokens.spec
    assert source.text_encoder_2 is not None
    assert source.packing is not None
    words = [spec.bos_id, 30, 31, 32, spec.eos_id]
    length = source.max_tokens
    ids = torch.tensor([words + [spec.pad_id] * (length - len(words))], dtype=torch.int32)
    for second_pad in (0, spec.pad_id):
        text = replace(source, second_pad=second_pad)
        second_ids = torch.tensor([words + [second_pad] * (length - len(words))])
        with torch.no_grad():
            first = source.text_encoder(ids.long(), output_hidden_states=True).hidden_states[-2]
            second = source.text_encoder_2(second_ids, output_hidden_states=True)
            states, added = source.packing.unpack(sdxl_text(text)(ids))
        assert torch.equal(states, torch.cat([first, second.hidden_states[-2]], dim=-1))
        assert torch.equal(added["text_embeds"], second.text_embeds)
        assert added["time_ids"].tolist() == [[128, 128, 0, 0, 128, 128]]


def test_an_empty_text_of_sdxl_is_zeros_where_the_folder_says_so(folders: Path) -> None:
    source = load_source(folders / "koala-700m")
    nothing, zeros = (
        sdxl_text(replace(source, layout=replace(source.layout, zeros_when_empty=z)))(
            torch.from_numpy(source.tokens.encode(["", "a"]))
        )
        for z in (False, True)
    )
    assert nothing[0].abs().max() > 0.1
    assert zeros[0].abs().max() == 0
    assert torch.equal(zeros[1], nothing[1])


@pytest.mark.parametrize("backend", ["onnxruntime", "torch"])
def test_an_sdxl_cloud_bundle_serves_what_the_model_draws(
    sdxl_cloud: Path, sources: dict[str, SourceModel], backend: str
) -> None:
    """Two members from one noise through the whole UNet and through step graphs, with and without guidance."""
    engine = Engine.from_bundle(sdxl_cloud, backend)
    assert "balanced" in engine.plans
    source = sources["koala-700m"]
    for plan, guidance in (("naive", 5.0), ("naive", 1.0), ("balanced", 5.0)):
        asked = GenerateRequest(
            **{"model": "koala", "lexicon": "any", "grid": TWO, "seed": 5, "plan": plan},  # type: ignore[arg-type]
            **{"steps": 4, "cloud_steps": 2, "guidance_scale": guidance},
        )
        *_, last = engine.steps(asked)
        for member, latent in zip(TWO.expand(), last.latents, strict=True):
            want = cloud_latent(source, member, asked)
            assert psnr_db(latent, want) > (60 if plan == "naive" else 20), (plan, guidance)


def cloud_latent(source: SourceModel, prompt: str, asked: GenerateRequest) -> NDArray[Any]:
    """The head of a run in torch, on one member alone."""
    runtime = TorchRuntime(source)
    states = runtime.encode_text(source.tokens.encode([prompt, ""]))
    x, previous = standard_normal(asked.seed, source.latent_shape)[None], None
    for step in sampler_table(asked.sampler, source.schedule, asked.steps).head(asked.cloud_steps).steps:
        out = runtime.denoise(np.concatenate([x, x]), step.timestep, states)
        wanted = guide(out[:1], out[1:], asked.guidance_scale) if is_guided(asked.guidance_scale) else out[:1]
        following, previous = apply_step(step, x, wanted, previous)
        x = following.astype(np.float32)
    return np.asarray(x[0])


@pytest.fixture(scope="module")
def sdxl_cloud(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud bundle of a scaled-down KOALA."""
    out = tmp_path_factory.mktemp("koala") / "cloud"
    exported = export_cloud(folders / "koala-700m", out, name="koala", plans=("balanced",))
    assert exported.manifest.verified
    bundle = open_bundle(out, "cloud")
    assert [t.name for t in bundle.graph("text_encoder", "onnx").outputs] == ["hidden_states"]
    assert {g.role for g in bundle.manifest.graphs if g.format == "diffusers"} == {
        "text_encoder",
        "text_encoder_2",
        "unet",
    }
    return out
