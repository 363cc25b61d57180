"""Published architectures scaled down, with random weights and a tokenizer, as the folders that people have."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from export.families import architecture
from export.families.random_models import scaled, write_random

from .random_pair import write_tokenizer

__all__ = ["edit_json", "write_folder"]


def edit_json(path: Path, **change: object) -> None:
    """Change keys of a JSON object in a file; ``...`` removes one."""
    data = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps({k: v for k, v in data.items() if v is not ...}))


def write_folder(
    root: Path,
    name: str,
    *,
    scheduler: Mapping[str, Any] | None = None,
    pad: str | None = None,
    unet: Mapping[str, Any] | None = None,
) -> Path:
    """Write ``root``: the architecture ``name`` at a tenth of its width, 16×16 latents, 32 tokens.

    Args:
        scheduler: a whole ``scheduler_config.json`` in place of the architecture's.
        pad: the tokenizers' padding token, if not the end token.
        unet: fields of ``unet/config.json`` that replace the architecture's.
    """
    found = architecture(name)
    configs = scaled(found)
    configs["unet"] |= unet or {}
    if scheduler is not None:
        configs["scheduler"] = dict(scheduler)
    parts = ("tokenizer", "tokenizer_2")[: 2 if found.layout == "sdxl" else 1]
    size = write_tokenizer(root / "tokenizer")
    if len(parts) == 2:  # the trainer's merges are not the same each time
        shutil.copytree(root / "tokenizer", root / "tokenizer_2")
    for part in parts if pad is not None else ():
        edit_json(root / part / "tokenizer_config.json", pad_token=pad)
    write_random(found, root, configs, size)
    return root
