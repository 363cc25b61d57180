"""The published architectures, each in a JSON file beside this module with its source and parameter counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..errors import ExportError

__all__ = ["Architecture", "UnknownArchitectureError", "architecture", "architectures"]

_PARTS: Final = ("unet", "text_encoder", "text_encoder_2", "vae", "scheduler")
#: What decides a UNet's graph; other keys are names, versions or values that every family shares.
_STRUCTURE: Final[dict[str, Any]] = {
    "addition_embed_type": None,
    "attention_head_dim": 8,
    "block_out_channels": [320, 640, 1280, 1280],
    "cross_attention_dim": 1280,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "in_channels": 4,
    "layers_per_block": 2,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "out_channels": 4,
    "transformer_layers_per_block": 1,
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "use_linear_projection": False,
}


class UnknownArchitectureError(ExportError):
    """No stored architecture has that name."""


@dataclass(frozen=True)
class Architecture:
    """One published model: its configs by part, parameter counts by part, and where they come from."""

    name: str
    title: str
    layout: str
    source: str
    parameters: Mapping[str, int]
    configs: Mapping[str, Mapping[str, Any]]

    def is_unet(self, config: Mapping[str, Any]) -> bool:
        """Whether a ``unet/config.json`` describes this model's UNet (its size of picture may differ)."""
        return _structure(config) == _structure(self.configs["unet"])


def _structure(config: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: config.get(key, default) for key, default in _STRUCTURE.items()}
    blocks = len(values["block_out_channels"])
    lists = ("attention_head_dim", "layers_per_block", "transformer_layers_per_block")
    for key in lists:  # one number stands for all blocks
        if isinstance(values[key], int):
            values[key] = [values[key]] * blocks
    attends = [block.startswith("CrossAttn") for block in values["down_block_types"]]
    # A block without attention has no transformer, whatever number its config gives.
    depths = values["transformer_layers_per_block"]
    values["transformer_layers_per_block"] = [d if a else 0 for d, a in zip(depths, attends, strict=True)]
    return {key: list(v) if isinstance(v, (list, tuple)) else v for key, v in values.items()}


def _load(file: Path) -> Architecture:
    raw = json.loads(file.read_text(encoding="utf-8"))
    base = json.loads((file.parent / f"{raw['shares']}.json").read_text(encoding="utf-8")) if "shares" in raw else {}
    configs = {part: raw.get(part, base.get(part)) for part in _PARTS}
    return Architecture(
        name=raw["name"],
        title=raw["title"],
        layout=raw["layout"],
        source=raw["source"],
        parameters={**base.get("parameters", {}), **raw["parameters"]},
        configs={part: config for part, config in configs.items() if config is not None},
    )


@cache
def architectures() -> tuple[Architecture, ...]:
    """Every stored architecture, by name."""
    return tuple(_load(file) for file in sorted(Path(__file__).parent.glob("*.json")))


def architecture(name: str) -> Architecture:
    """The architecture called ``name``.

    Raises:
        UnknownArchitectureError: there is none.
    """
    for found in architectures():
        if found.name == name:
            return found
    known = ", ".join(a.name for a in architectures())
    raise UnknownArchitectureError(f"there is no architecture {name!r}; there are: {known}")
