import contextlib
import json
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obclip_contract import (
    BundleError,
    BundleManifest,
    GraphSpec,
    NoiseSchedule,
    TokenizerSpec,
    UnverifiedBundleWarning,
    open_bundle,
    read_manifest,
    write_bundle,
)


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
        graphs=[
            GraphSpec(role="unet", format="diffusers", file="unet"),
            GraphSpec(role="text_encoder", format="onnx", file="text.onnx"),
        ],
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


def _manifest(folder):
    return json.loads((folder / "bundle.json").read_text())


def _linked_folder(folder):
    (folder / "unet").rename(folder.parent / "elsewhere")
    os.symlink(folder.parent / "elsewhere", folder / "unet")


def _linked_manifest(folder):
    (folder / "bundle.json").rename(folder.parent / "other.json")
    os.symlink(folder.parent / "other.json", folder / "bundle.json")


def _entry(**change):
    """Change the first file entry (text.onnx)."""

    def damage(folder):
        files = _manifest(folder)["files"]
        edit(folder, files=[{**files[0], **change}, *files[1:]])

    return damage


def _twice(folder):
    files = _manifest(folder)["files"]
    edit(folder, files=[*files, {**files[0], "path": files[0]["path"].upper()}])


def _schedule(**change):
    return lambda folder: edit(folder, noise_schedule={**_manifest(folder)["noise_schedule"], **change})


def _fifo(folder):
    (folder / "text.onnx").unlink()
    os.mkfifo(folder / "text.onnx")


FAULTS = {
    "linked folder": (_linked_folder, "link"),
    "linked manifest": (_linked_manifest, "plain file"),
    "fifo": (_fifo, "not a plain file"),
    "size": (_entry(bytes=5), "altered"),
    "hash": (_entry(sha256="0" * 64), "altered"),
    "hash malformed": (_entry(sha256="0"), "files.0.sha256"),
    "size negative": (_entry(bytes=-1), "files.0.bytes"),
    "absolute": (_entry(path="/etc/passwd"), "outside"),
    "climbs inside": (_entry(path="unet/../text.onnx"), "outside"),
    "dot": (_entry(path="./text.onnx"), "outside"),
    "backslash": (_entry(path="..\\secret"), "outside"),
    "drive": (_entry(path="C:secret"), "outside"),
    "control": (_entry(path="text\n.onnx"), "outside"),
    "empty path": (_entry(path=""), "outside"),
    "names itself": (_entry(path="bundle.json"), "outside"),
    "twice": (_twice, "twice"),
    "tokenizer elsewhere": (
        lambda f: edit(f, tokenizer={**_manifest(f)["tokenizer"], "file": "../tokenizer.json"}),
        "outside",
    ),
    "number as text": (lambda f: edit(f, image_size="64"), "image_size"),
    "zero scale": (lambda f: edit(f, scaling_factor=0), "scaling_factor"),
    "not a number": (lambda f: edit(f, scaling_factor=float("nan")), "bundle.json"),
    "version is true": (lambda f: edit(f, format_version=True), "format version"),
    "schedule unknown": (_schedule(beta_schedule="magic"), "noise_schedule.*magic"),
    "schedule key": (_schedule(more=1), "noise_schedule"),
    "schedule huge": (_schedule(num_train_timesteps=10**12), "noise_schedule"),
    "a list": (lambda f: (f / "bundle.json").write_text("[]"), "format version"),
    "deep": (lambda f: (f / "bundle.json").write_text("[" * 100_000), "not JSON"),
    "huge": (lambda f: (f / "bundle.json").write_text(" " * (4 * 1024 * 1024 + 1)), "over"),
    "manifest is a folder": (lambda f: ((f / "bundle.json").unlink(), (f / "bundle.json").mkdir()), "missing"),
    "altered": (_flip, "altered"),
    "grown": (_grow, "altered"),
    "missing": (lambda f: (f / "text.onnx").unlink(), "lacks text.onnx"),
    "extra": (lambda f: (f / "extra").write_text("x"), "holds extra"),
    "link": (lambda f: os.symlink(f / "text.onnx", f / "link"), "link"),
    "escape": (_escape, "outside"),
    "graph elsewhere": (
        lambda f: edit(f, graphs=[{"role": "unet", "format": "onnx", "file": "/etc/passwd"}]),
        "outside",
    ),
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


def test_a_folder_beside_a_bundle_says_where_it_is(folder, tmp_path):
    around = tmp_path / "pair"
    shutil.copytree(folder, around / "cloud")
    (around / "empty").mkdir()
    (around / "cloud" / "deeper").mkdir()
    for place, says in (
        (around, f"did you mean {around / 'cloud'}\\?"),
        (around / "cloud" / "deeper", f"did you mean {around / 'cloud'}\\?"),
        (around / "empty", "obclip-stickers"),
        (around / "cloud" / "bundle.json", "which is a file.*obclip-stickers"),
        (tmp_path / "nowhere", "obclip-stickers"),
    ):
        with pytest.raises(BundleError, match=says):
            open_bundle(place)


def test_writing_refuses_what_opening_would(folder):
    manifest = open_bundle(folder).manifest
    (folder / "text.onnx").unlink()
    with pytest.raises(BundleError, match="not among"):
        write_bundle(folder, manifest)
    os.symlink(folder / "tokenizer.json", folder / "text.onnx")
    with pytest.raises(BundleError, match="link"):
        write_bundle(folder, manifest)


def test_a_file_that_cannot_be_read_is_a_bundle_error(folder, tmp_path):
    manifest = open_bundle(folder).manifest
    with pytest.raises(BundleError, match="cannot be used"):
        write_bundle(tmp_path / "nowhere", manifest)
    with pytest.raises(BundleError, match="no bundle at"):
        open_bundle(folder / "text.onnx")


def test_paths_and_schedule_of_an_open_bundle(folder):
    bundle = open_bundle(folder, "cloud")
    assert bundle.path(bundle.graph("text_encoder")).read_bytes() == b"text"
    assert bundle.path("tokenizer.json").is_file()
    assert bundle.manifest.schedule == NoiseSchedule()
    assert read_manifest(folder) == bundle.manifest


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_the_manifest_is_refused_or_harmless(folder, data):
    good = (folder / "bundle.json").read_bytes()
    body = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    (folder / "bundle.json").write_bytes(bytes(body))
    try:
        with contextlib.suppress(BundleError):
            open_bundle(folder, "cloud")
    finally:
        (folder / "bundle.json").write_bytes(good)


def test_the_published_schema_is_the_models():
    from pathlib import Path

    import obclip_contract
    from obclip_contract.manifest import SAMPLER_COLUMNS, schema_text
    from obclip_contract.sampler import SamplerStep

    published = Path(obclip_contract.__file__).parent / "bundle.schema.json"
    assert published.read_text() == schema_text()
    assert tuple(f for f in SamplerStep.__dataclass_fields__) == SAMPLER_COLUMNS


def test_an_unverified_bundle_opens_with_a_warning(folder):
    edit(folder, verified=False, unverified=["text.onnx (full)"])
    with pytest.warns(UnverifiedBundleWarning, match=r"text\.onnx \(full\)"):
        open_bundle(folder)


def test_a_verified_bundle_names_no_unverified_graph(folder):
    edit(folder, unverified=["text.onnx (full)"])
    with pytest.raises(BundleError, match="names no unverified graph"):
        open_bundle(folder)
