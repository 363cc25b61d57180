"""A page as the builder leaves it, small, and an edge bundle; both are real to everything but a browser."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from obclip_contract import BundleManifest, GraphSpec, NoiseSchedule, TokenizerSpec, write_bundle

__all__ = ["INDEX", "MAIN", "list_page", "make_bundle", "make_page"]

MAIN = "assets/main-Bx3_k-9Q.js"
INDEX = f"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <!-- A policy of the builder's own. -->
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self' https:">
    <meta name="referrer" content="no-referrer">
    <title>A page</title>
    <link rel="manifest" href="./manifest.webmanifest">
    <link rel="icon" href="./icon.svg" type="image/svg+xml">
    <script type="module" crossorigin src="./{MAIN}"></script>
    <link rel="modulepreload" crossorigin href="./assets/shared-00000000.js">
    <link rel="stylesheet" crossorigin href="./assets/style-abcd1234.css">
  </head>
  <body><img src="./icon.svg" alt=""><a href="https://obclip.example/docs">Docs &amp; more</a></body>
</html>
"""
_FILES = {
    "index.html": INDEX,
    MAIN: "import './shared-00000000.js'; import('./late-11111111.js');\n" * 40,
    "assets/shared-00000000.js": "export const shared = 1;\n",
    "assets/late-11111111.js": "export const late = 1;\n",
    "assets/style-abcd1234.css": "body { color: black }\n" * 50,
    "icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "manifest.webmanifest": "{}",
    "core/obclip.wasm": "\0asm" + "core" * 500,
    "litert/litert_wasm_internal.js": "var ModuleFactory;\n",
    "litert/litert_wasm_internal.wasm": "\0asm" + "litert" * 500,
}
_SHARED = {"core/lexicon.bin": "attributes/lexicon.bin", "core/second_look.bin": "second_look/data/second_look.bin"}
CODE = "\nself.addEventListener('install', () => {});\n"


def make_page(root: Path) -> Path:
    """The page below ``root``."""
    for name, text in _FILES.items():
        _put(root / name, text.encode())
    for name, own in _SHARED.items():
        _put(root / name, files("edge_sdk").joinpath(own).read_bytes())
    list_page(root)
    return root


def list_page(root: Path) -> None:
    """Write the build's list, as web_demo/src/worker/build.mjs does."""
    listed = {
        p.relative_to(root).as_posix(): {"bytes": p.stat().st_size, "sha256": sha256(p.read_bytes()).hexdigest()}
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name not in ("sw.js", "files.json")
    }
    text = json.dumps({"version": "0123456789abcdef", "files": listed}, separators=(",", ":"))
    (root / "files.json").write_text(text)
    (root / "sw.js").write_text(f"const BUILD = {text};{CODE}")


def make_bundle(root: Path, form: str = "tflite") -> Path:
    """An edge bundle that opens; its graphs are bytes."""
    for name in ("unet.tflite", "text.tflite", "tokenizer.json"):
        _put(root / name, bytes(range(256)) * 40 + name.encode())
    manifest = BundleManifest(
        kind="edge",
        model="stickers",
        graphs=[GraphSpec(role="unet", format=form, file="unet.tflite")],
        latent_shape=(4, 16, 16),
        image_size=64,
        scaling_factor=0.9,
        noise_schedule=NoiseSchedule().to_dict(),
        tokenizer=TokenizerSpec(file="tokenizer.json", max_length=32, bos_id=0, eos_id=1, pad_id=1),
        lexicon="1",
        pair_sha256="0" * 64,
        verified=True,
    )
    write_bundle(root, manifest)
    return root


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
