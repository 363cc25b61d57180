"""Cloud bundles with a fault inside: changed, then hashed again, so that only the loader can notice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from obclip_contract import BundleManifest, read_manifest, write_bundle


def altered(
    source: Path,
    target: Path,
    change: Callable[[Path], None] = lambda root: None,
    manifest: Callable[[BundleManifest], BundleManifest] = lambda m: m,
) -> Path:
    """A copy of ``source`` whose files ``change`` edited, with a manifest that matches them."""
    shutil.copytree(source, target)
    before = read_manifest(target)
    (target / "bundle.json").unlink()
    change(target)
    write_bundle(target, manifest(before))
    return target


def scaled_output(factor: float) -> Callable[[Path], None]:
    """Multiply the torch UNet's last bias and weight, so that the real graph overflows."""

    def change(root: Path) -> None:
        from safetensors.torch import load_file, save_file

        (file,) = (root / "unet").glob("*.safetensors")
        weights = load_file(file)
        for name in ("conv_out.weight", "conv_out.bias"):
            weights[name] = weights[name].float() * factor
        save_file(weights, file, metadata={"format": "pt"})

    return change
