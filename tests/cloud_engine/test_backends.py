"""Backends on real bundles: what they compute, and what they say when a graph cannot be loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from transformers import CLIPTokenizer

from cloud_engine import Engine, EngineError
from cloud_engine.backends import BackendOptions, load_backend
from cloud_engine.errors import ConfigError, GraphError, PromptTooLongError
from cloud_engine.tokenizer import PromptTokenizer
from obclip_contract import BundleError, BundleManifest, open_bundle

from .altered import altered

#: Those that run anywhere; tests/export/test_tensorrt.py has the third.
BACKENDS = ("onnxruntime", "torch")


def test_each_graph_agrees_between_backends(random_bundles: Path) -> None:
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    one, other = (load_backend(name, bundle) for name in BACKENDS)
    ids = np.random.default_rng(0).integers(0, 200, (3, 32))
    hidden = one.encode_text(ids)
    assert hidden.dtype == np.float32
    assert hidden.shape == (3, 32, 32)
    assert np.abs(hidden - other.encode_text(ids)).max() <= 1e-4
    sample = np.random.default_rng(1).standard_normal((3, 4, 16, 16)).astype(np.float32)
    before = sample.copy()
    for timestep in (999.0, 500.0, 19.0):
        outputs = [backend.denoise(sample, timestep, hidden) for backend in (one, other)]
        assert outputs[0].shape == sample.shape
        assert np.abs(outputs[0] - outputs[1]).max() <= 1e-4
    assert np.array_equal(sample, before)


@pytest.mark.parametrize("name", list(BACKENDS))
def test_a_row_does_not_depend_on_its_neighbours(random_bundles: Path, name: str) -> None:
    backend = load_backend(name, open_bundle(random_bundles / "cloud", "cloud"))
    rng = np.random.default_rng(2)
    sample = rng.standard_normal((16, 4, 16, 16)).astype(np.float32)
    hidden = rng.standard_normal((16, 32, 32)).astype(np.float32)
    together = backend.denoise(sample, 700.0, hidden)
    for rows in (slice(0, 1), slice(3, 5), slice(9, 16)):
        assert np.abs(backend.denoise(sample[rows], 700.0, hidden[rows]) - together[rows]).max() <= 1e-5


def test_what_this_machine_cannot_do_is_told(random_bundles: Path) -> None:
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    with pytest.raises(ConfigError, match=r"unknown backend 'tpu'.*onnxruntime, torch"):
        load_backend("tpu", bundle)
    with pytest.raises(ConfigError, match="use --backend torch"):
        load_backend("onnxruntime", bundle, BackendOptions(device="cuda"))
    with pytest.raises(ConfigError, match="at least 2 rows"):
        Engine.from_bundle(bundle.root, max_rows=1)


def test_a_device_that_is_not_there(random_bundles: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(ConfigError, match="no CUDA device"):
        Engine.from_bundle(random_bundles / "cloud", "torch", options=BackendOptions(device="cuda"))


def test_a_missing_library_names_the_extra(random_bundles: Path) -> None:
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"  # as if it were not installed
        "from cloud_engine import Engine\n"
        f"Engine.from_bundle({str(random_bundles / 'cloud')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ConfigError: the onnxruntime backend needs onnxruntime" in done.stderr
    assert "pip install 'obclip[cloud]'" in done.stderr


def _first(root: Path, pattern: str) -> Path:
    return sorted(root.glob(pattern))[0]


@pytest.mark.parametrize(
    ("backend", "pattern", "says"),
    [
        ("onnxruntime", "unet*.onnx", "cannot be loaded by ONNX Runtime"),
        ("onnxruntime", "tokenizer.json", "cannot be read as a tokenizer"),
        ("torch", "unet/*.safetensors", "unet folder cannot be loaded"),
        ("torch", "text_encoder/config.json", "text_encoder folder cannot be loaded"),
    ],
)
def test_a_damaged_graph_is_named(random_bundles: Path, tmp_path: Path, backend: str, pattern: str, says: str) -> None:
    root = altered(
        random_bundles / "cloud", tmp_path / "b", lambda b: _first(b, pattern).write_bytes(b"not this") and None
    )
    with pytest.raises(GraphError, match=says) as error:
        Engine.from_bundle(root, backend)
    assert error.value.exit_code == 4
    assert isinstance(error.value, EngineError)


def test_a_pickle_in_place_of_safetensors_is_not_read(random_bundles: Path, tmp_path: Path) -> None:
    def swap(root: Path) -> None:
        file = _first(root, "unet/*.safetensors")
        file.rename(file.with_name("diffusion_pytorch_model.bin"))

    with pytest.raises(GraphError, match="unet folder cannot be loaded"):
        Engine.from_bundle(altered(random_bundles / "cloud", tmp_path / "b", swap), "torch")


def test_a_graph_with_other_inputs_than_its_manifest_is_refused(random_bundles: Path, tmp_path: Path) -> None:
    def swap_files(manifest: BundleManifest) -> BundleManifest:
        onnx = {g.role: g.file for g in manifest.graphs if g.format == "onnx"}
        other = {"unet": onnx["text_encoder"], "text_encoder": onnx["unet"]}
        graphs = [
            g.model_copy(update={"file": other.get(g.role, g.file)}) if g.format == "onnx" else g
            for g in manifest.graphs
        ]
        return manifest.model_copy(update={"graphs": graphs})

    with pytest.raises(GraphError, match="other inputs or outputs than its manifest"):
        Engine.from_bundle(altered(random_bundles / "cloud", tmp_path / "b", manifest=swap_files))


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_a_bundle_without_graphs_for_the_backend(random_bundles: Path, tmp_path: Path, backend: str) -> None:
    kept = {"torch": "onnx", "onnxruntime": "diffusers"}[backend]

    def drop(manifest: BundleManifest) -> BundleManifest:
        return manifest.model_copy(update={"graphs": [g for g in manifest.graphs if g.format == kept]})

    with pytest.raises(BundleError, match=r"has no .*text_encoder graph"):
        Engine.from_bundle(altered(random_bundles / "cloud", tmp_path / "b", manifest=drop), backend)


def test_an_edge_bundle_is_refused(random_bundles: Path) -> None:
    with pytest.raises(BundleError, match="is the edge bundle"):
        Engine.from_bundle(random_bundles / "edge")


def test_ids_are_those_of_transformers(random_bundles: Path, random_pair: Path) -> None:
    reference = CLIPTokenizer.from_pretrained(str(random_pair / "large" / "tokenizer"))
    spec = open_bundle(random_bundles / "cloud").manifest.tokenizer
    ours = PromptTokenizer(random_bundles / "cloud" / "tokenizer.json", spec)
    texts = ["", "a woman firefighter, smiling", "A  MAN with dark skin!", "café 3 🙂"]
    expected = reference(texts, padding="max_length", max_length=spec.max_length)["input_ids"]
    assert ours.encode(texts, "grid").tolist() == expected


def test_exactly_the_limit_fits_and_one_more_does_not(random_bundles: Path) -> None:
    spec = open_bundle(random_bundles / "cloud").manifest.tokenizer
    ours = PromptTokenizer(random_bundles / "cloud" / "tokenizer.json", spec)
    full = ours.encode(["man " * ours.max_words], "grid")[0]
    assert (full[0], full[-1]) == (spec.bos_id, spec.eos_id)
    with pytest.raises(
        PromptTooLongError, match=f"1 of 2 .* {ours.max_words + 1} tokens.* at most {ours.max_words}"
    ) as e:
        ours.encode(["man", "man " * (ours.max_words + 1)], "grid")
    assert e.value.field == "grid"
    assert "man" not in str(e.value)
