import json
import os

import pytest
from contract import BundleError, BundleManifest, GraphSpec, NoiseSchedule, TokenizerSpec, open_bundle, write_bundle


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "bundle"
    (root / "unet").mkdir(parents=True)
    (root / "unet" / "weights").write_bytes(b"weights")
    (root / "text.onnx").write_bytes(b"text")
    (root / "tokenizer.json").write_text("{}")
    manifest = BundleManifest(
        kind="cloud",
        model="stickers",
        graphs=[GraphSpec(role="unet", format="diffusers", file="unet"), GraphSpec(role="text_encoder", format="onnx", file="text.onnx")],
        latent_shape=(4, 16, 16),
        image_size=64,
        scaling_factor=0.9,
        noise_schedule=NoiseSchedule().to_dict(),
        tokenizer=TokenizerSpec(file="tokenizer.json", max_length=32, bos_id=0, eos_id=1, pad_id=1),
        lexicon="1",
        pair_sha256="0" * 64,
    )
    write_bundle(root, manifest)
    return root


def edit(folder, **change):
    raw = json.loads((folder / "bundle.json").read_text())
    raw.update(change)
    (folder / "bundle.json").write_text(json.dumps(raw))


def test_a_whole_bundle_opens(folder):
    bundle = open_bundle(folder, "cloud")
    assert bundle.graph("unet", format="diffusers").file == "unet"
    assert len(bundle.manifest.files) == 3
    with pytest.raises(BundleError, match="no tflite unet"):
        bundle.graph("unet", format="tflite")


def test_writing_twice_gives_the_same_bytes(folder):
    before = (folder / "bundle.json").read_bytes()
    write_bundle(folder, open_bundle(folder).manifest)
    assert (folder / "bundle.json").read_bytes() == before


def _flip(folder):
    (folder / "unet" / "weights").write_bytes(b"Weights")


def _grow(folder):
    (folder / "text.onnx").write_bytes(b"text and more")


def _escape(folder):
    raw = json.loads((folder / "bundle.json").read_text())
    raw["files"][0]["path"] = "../secret"
    (folder / "bundle.json").write_text(json.dumps(raw))


FAULTS = {
    "altered": (_flip, "altered"),
    "grown": (_grow, "altered"),
    "missing": (lambda f: (f / "text.onnx").unlink(), "lacks text.onnx"),
    "extra": (lambda f: (f / "extra").write_text("x"), "holds extra"),
    "link": (lambda f: os.symlink(f / "text.onnx", f / "link"), "link"),
    "escape": (_escape, "outside"),
    "graph elsewhere": (lambda f: edit(f, graphs=[{"role": "unet", "format": "onnx", "file": "/etc/passwd"}]), "outside"),
    "graph unnamed": (lambda f: edit(f, graphs=[{"role": "unet", "format": "onnx", "file": "unet.onnx"}]), "not among"),
    "version": (lambda f: edit(f, format_version=9), "format version 9"),
    "schema": (lambda f: edit(f, latent_shape="big"), "latent_shape"),
    "unknown field": (lambda f: edit(f, surprise=1), "surprise"),
    "not json": (lambda f: (f / "bundle.json").write_text("{"), "not JSON"),
    "no manifest": (lambda f: (f / "bundle.json").unlink(), "missing"),
    "kind": (lambda f: edit(f, kind="edge"), "edge bundle"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_refused_with_its_reason(folder, fault):
    damage, says = FAULTS[fault]
    damage(folder)
    with pytest.raises(BundleError, match=says) as error:
        open_bundle(folder, "cloud")
    assert error.value.exit_code == 4


def test_no_folder(tmp_path):
    with pytest.raises(BundleError, match="no bundle at"):
        open_bundle(tmp_path / "nowhere")
