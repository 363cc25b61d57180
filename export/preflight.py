"""What can be refused before anything is loaded: names, numbers, places, and both folders by their configs.

Only JSON is read, so a mistake is told in a second, and not behind the minutes of an export.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from obclip_contract import GenerateRequest, PromptGrid, RequestError

from .errors import OptionError, PairError
from .families.recognise import Layout, read_json, recognise
from .staging import check_place

__all__ = ["check_layouts", "check_numbers", "check_options"]

_ENCODER: Final = {"hidden_size": 512, "num_hidden_layers": 12, "vocab_size": 49408, "hidden_act": "quick_gelu"}
#: Config fields of parts that both models share, and what one that is not stated means: where they differ the models
#: cannot belong together.
_SHARED: Final[dict[str, dict[str, Any]]] = {
    "vae": {"latent_channels": 4, "scaling_factor": 0.18215, "block_out_channels": [64]},
    "text_encoder": _ENCODER,
    "text_encoder_2": {**_ENCODER, "projection_dim": 512},
}


def check_numbers(name: str, guidance: float) -> None:
    """The pair's name and its guidance, by the limits that requests have.

    Raises:
        OptionError: names the option.
    """
    if not math.isfinite(guidance):
        raise OptionError(f"--guidance is a number, not {guidance}")
    for option, fields in (("--name", {"model": name}), ("--guidance", {"guidance_scale": guidance})):
        try:
            GenerateRequest(**{"model": "any", "lexicon": "any", "grid": PromptGrid("a", (), {}), "seed": 0, **fields})  # type: ignore[arg-type]
        except RequestError as error:
            raise OptionError(f"{option}: {error}") from None


def check_options(
    large: Path,
    small: Path | None,
    outs: Sequence[Path],
    *,
    name: str,
    guidance: float,
    overwrite: bool,
    variant: str | None = None,
) -> None:
    """All of an export's arguments.

    Raises:
        ExportError: the first thing that is wrong; nothing was written.
    """
    check_numbers(name, guidance)
    for out in outs:
        check_place(out, overwrite)
    layouts = [(folder, recognise(folder, variant)) for folder in (large, small) if folder is not None]
    if len(layouts) == 2:
        check_layouts(*layouts)


def check_layouts(large: tuple[Path, Layout], small: tuple[Path, Layout]) -> None:
    """Refuse two folders that their configs say do not belong together; equal weights are checked when they are loaded.

    Raises:
        PairError: says in what they differ.
    """
    (one, first), (other, second) = large, small
    if first.name != second.name:
        raise PairError(f"{one} has the layout {first.name}, {other} {second.name}: both need the same text encoders")
    shapes = [(layout.unet.get("in_channels", 4), layout.unet["sample_size"]) for layout in (first, second)]
    if shapes[0] != shapes[1]:
        raise PairError(
            f"latent shapes differ: {one} has {shapes[0][0]} channels of {shapes[0][1]}, {other} {shapes[1][0]} of "
            f"{shapes[1][1]}"
        )
    for part, keys in _SHARED.items():
        if part not in first.weights:
            continue
        configs = [read_json(folder / part / "config.json") for folder in (one, other)]
        for key, default in keys.items():
            values = [config.get(key, default) for config in configs]
            if values[0] != values[1]:
                raise PairError(
                    f"{one} and {other} differ in text encoder, tokenizer or VAE: {part} has {key} "
                    f"{values[0]} and {values[1]}; the device finishes the cloud's latents, so "
                    "both must share all three"
                )
