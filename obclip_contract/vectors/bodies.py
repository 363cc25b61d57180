"""Vectors of the response and of the bundle."""

from __future__ import annotations

import hashlib
import json
import math
import struct
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..bundle import MANIFEST, open_bundle, write_bundle
from ..errors import BundleError, ResponseError
from ..manifest import BundleManifest, GraphSpec, TensorSpec, TokenizerSpec
from ..noise import standard_normal
from ..response import LatentsResponse
from .numbers import STICKERS, level

_SHA: Final = hashlib.sha256(b"a request").hexdigest()
_PAIR: Final = hashlib.sha256(b"a pair").hexdigest()
_SHAPE: Final = (2, 2, 2)


def _latents(stream: int) -> Any:
    return standard_normal(9, (2, *_SHAPE), stream).astype(np.float16)


def _responses() -> list[LatentsResponse]:
    return [
        LatentsResponse(_latents(0), _SHA, _PAIR, 10, -1.25, "naive"),
        LatentsResponse(_latents(0), _SHA, _PAIR, 10, 0.1, "cached-4", _latents(1), -2.5e-5),
        LatentsResponse(_latents(0), _SHA, _PAIR, 200, math.inf, "naive"),
    ]


def _accepted(response: LatentsResponse) -> dict[str, Any]:
    return {
        "body_base64": b64encode(response.to_bytes()).decode(),
        "candidates": 2,
        "latent_shape": list(_SHAPE),
        "request_sha256": _SHA,
        "pair_sha256": _PAIR,
        "carry": response.x0 is not None,
        "cloud_steps": response.cloud_steps,
        "log_snr": level(response.log_snr),
        "x0_log_snr": response.x0_log_snr,
        "plan": response.plan,
        "latents": [float(v) for v in response.latents.reshape(-1)],
        "x0": None if response.x0 is None else [float(v) for v in response.x0.reshape(-1)],
    }


def _refused_responses() -> list[dict[str, Any]]:
    good = _responses()[0].to_bytes()
    end = 8 + int(struct.unpack("<Q", good[:8])[0])
    head, data = good[8:end], good[end:]
    nan = np.float16(np.nan).tobytes()

    def changed(old: bytes, new: bytes) -> bytes:
        assert old in head
        return good[:8] + head.replace(old, new) + data

    exact = b"     -1.250000000000e+00"
    cases: dict[str, tuple[bytes, dict[str, Any]]] = {
        "empty": (b"", {}),
        "header cut": (good[:50], {}),
        "data cut": (good[:-2], {}),
        "data too long": (good + b"\0\0", {}),
        "header length": (struct.pack("<Q", 2**63) + good[8:], {}),
        "header too long": (struct.pack("<Q", 16385) + b" " * 16385, {}),
        "not json": (good[:8] + b"x" + good[9:], {}),
        "other request": (good, {"request_sha256": "0" * 64}),
        "other pair": (good, {"pair_sha256": "0" * 64}),
        "other count": (good, {"candidates": 3}),
        "other shape": (good, {"latent_shape": [2, 4, 1]}),
        "x0 missing": (good, {"carry": True}),
        "x0 too many": (_responses()[1].to_bytes(), {}),
        "dtype": (changed(b'"F16"', b'"I16"'), {}),
        "version": (changed(b'"version":"2"', b'"version":"1"'), {}),
        "level": (changed(exact, b"nan".rjust(24)), {}),
        "level too large": (changed(exact, b"     -1.250000000000e+02"), {}),
        "steps": (changed(b'"0010"', b'"0000"'), {}),
        "key order": (changed(b'"dtype":"F16","shape":[2,2,2,2]', b'"shape":[2,2,2,2],"dtype":"F16"'), {}),
        "nan in the first member": (good[:end] + nan + data[2:], {}),
        "nan in the last member": (good[:-2] + nan, {}),
    }
    out = []
    for why, (body, change) in cases.items():
        good_asked: dict[str, Any] = {"candidates": 2, "latent_shape": list(_SHAPE), "carry": False}
        asked = {**good_asked, "request_sha256": _SHA, "pair_sha256": _PAIR, **change}
        try:
            LatentsResponse.from_bytes(body, **asked)
        except ResponseError:
            out.append({"why": why, "body_base64": b64encode(body).decode(), **asked})
    assert len(out) == len(cases)
    return out


def response_vectors() -> dict[str, Any]:
    """Bodies with what they hold, and bodies that are refused."""
    return {
        "tolerance": 0.0,
        "accepted": [_accepted(r) for r in _responses()],
        "refused": _refused_responses(),
    }


_FILES: Final = {
    "text_encoder.tflite": "not a graph, but bytes with a hash",
    "tokenizer.json": "{}",
    "unet/config.json": "{}\n",
    "unet/weights.safetensors": "é\0",
}


def _manifest() -> BundleManifest:
    return BundleManifest(
        kind="edge",
        model="stickers",
        graphs=[
            GraphSpec(
                role="text_encoder",
                format="tflite",
                file="text_encoder.tflite",
                inputs=[TensorSpec(name="input_ids", shape=["batch", 32], dtype="int32")],
                outputs=[TensorSpec(name="hidden_states", shape=["batch", 32, 64], dtype="float32")],
            ),
            GraphSpec(role="unet", format="diffusers", precision="fp16", file="unet"),
        ],
        latent_shape=(4, 16, 16),
        image_size=64,
        scaling_factor=0.9,
        noise_schedule=STICKERS.to_dict(),
        tokenizer=TokenizerSpec(file="tokenizer.json", max_length=32, bos_id=0, eos_id=1, pad_id=1),
        lexicon="1",
        licences={"weights": "Apache-2.0"},
        tools={"litert-torch": "0.10.0"},
        pair_sha256=_PAIR,
    )


def _edited(manifest: str, **change: Any) -> dict[str, str]:
    return {MANIFEST: json.dumps({**json.loads(manifest), **change}, indent=1)}


def _bundle_faults(manifest: str) -> list[dict[str, Any]]:
    files = json.loads(manifest)["files"]
    tokenizer = json.loads(manifest)["tokenizer"]

    def first(**change: Any) -> dict[str, str]:
        return _edited(manifest, files=[{**files[0], **change}, *files[1:]])

    cases: list[tuple[str, dict[str, str], list[str]]] = [
        ("altered", {"tokenizer.json": "[]"}, []),
        ("longer", {"tokenizer.json": "{} "}, []),
        ("missing file", {}, ["unet/config.json"]),
        ("missing manifest", {}, [MANIFEST]),
        ("extra file", {"unet/extra": ""}, []),
        ("not json", {MANIFEST: "{"}, []),
        ("format version", _edited(manifest, format_version=2), []),
        ("unknown field", _edited(manifest, more=1), []),
        ("number as text", _edited(manifest, image_size="64"), []),
        ("escaping path", first(path="../text_encoder.tflite"), []),
        ("absolute path", first(path="/text_encoder.tflite"), []),
        ("second spelling", first(path="./text_encoder.tflite"), []),
        ("backslash", first(path="..\\text_encoder.tflite"), []),
        ("named twice", _edited(manifest, files=[*files, files[0]]), []),
        ("wrong hash", first(sha256="0" * 64), []),
        ("upper-case hash", first(sha256=files[0]["sha256"].upper()), []),
        ("wrong size", first(bytes=1), []),
        ("graph not among the files", _edited(manifest, graphs=[{"role": "u", "format": "f", "file": "u.tflite"}]), []),
        ("tokenizer outside", _edited(manifest, tokenizer={**tokenizer, "file": "../tokenizer.json"}), []),
        ("unknown schedule", _edited(manifest, noise_schedule={"beta_schedule": "magic"}), []),
        ("zero scale", _edited(manifest, scaling_factor=0), []),
        ("verified and not", _edited(manifest, unverified=["unet.tflite (plain)"]), []),
        ("short sampler row", _edited(manifest, sampler={"kind": "ddim", "rows": [[0.0, 1.0]]}), []),
        (
            "chunk not among the files",
            _edited(manifest, graphs=[{"role": "u", "format": "f", "file": "unet", "chunks": ["unet/2"]}]),
            [],
        ),
    ]
    return [{"why": why, "write": write, "remove": remove, "kind": "edge"} for why, write, remove in cases] + [
        {"why": "other kind", "write": {}, "remove": [], "kind": "cloud"}
    ]


def make_files(root: Path, files: dict[str, str], remove: list[str]) -> None:
    """Write UTF-8 files below ``root`` and remove others."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    for name in remove:
        (root / name).unlink()


def bundle_vectors() -> dict[str, Any]:
    """A bundle's files and manifest, and changes to them with which it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "good"
        make_files(root, _FILES, [])
        write_bundle(root, _manifest())
        manifest = (root / MANIFEST).read_text("ascii")
        open_bundle(root, "edge")
        faults = _bundle_faults(manifest)
        for i, fault in enumerate(faults):
            bad = Path(folder) / str(i)
            make_files(bad, {**_FILES, MANIFEST: manifest, **fault["write"]}, fault["remove"])
            try:
                open_bundle(bad, fault["kind"])
            except BundleError:
                continue
            raise AssertionError(f"the fault {fault['why']} was not refused")
    return {"tolerance": 0.0, "files": _FILES, "manifest": manifest, "kind": "edge", "refused": faults}
