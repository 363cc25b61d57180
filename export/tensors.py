"""What the tensors of an edge graph mean: axes and value ranges, written into every compiled file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from .graphs import Graph
from .pair import SourceModel

#: Version of the metadata's own form.
METADATA_VERSION: Final = 1


@dataclass(frozen=True)
class Meaning:
    """Axes in order, and how the values are normalised."""

    axes: tuple[str, ...]
    values: str


_LATENT_AXES: Final = ("row", "channel", "height", "width")
MEANINGS: Final = {
    "input_ids": Meaning(("row", "token"), "token ids of the bundle's tokenizer, padded to the full length"),
    "hidden_states": Meaning(("row", "token", "channel"), "text states after the encoder's last norm"),
    "encoder_hidden_states": Meaning(("row", "token", "channel"), "text states after the encoder's last norm"),
    "sample": Meaning(_LATENT_AXES, "noisy latents of a variance-preserving schedule; clean ones have deviation 1"),
    "timestep": Meaning(("one",), "training timestep, may be fractional, the same for all rows"),
    "model_output": Meaning(_LATENT_AXES, "the schedule's prediction type"),
    "latents": Meaning(_LATENT_AXES, "clean latents, divided by scaling_factor and shifted by shift_factor"),
    "image": Meaning(("row", "rgb", "height", "width"), "-1 is black, 1 is full"),
}
#: TensorFlow Lite 2.14 (the last standalone tflite-runtime) reads int8 files, but applies the first channel's scale
#: to every channel of a fully connected layer: wrong numbers, no error. It runs fp32 and fp16 files as LiteRT does.
NEEDS: Final = {"int8": "LiteRT 2.0 or newer; TensorFlow Lite 2.14 computes wrong numbers with these weights"}


def describe(source: SourceModel, graph: Graph, name: str, precision: str, version: str) -> dict[str, Any]:
    """Metadata of one compiled graph, as plain JSON data that depends on its arguments only."""
    return {
        "metadata_version": METADATA_VERSION,
        "needs": NEEDS.get(precision, ""),
        "model": name,
        "role": graph.role,
        "precision": precision,
        "exporter": f"obclip {version}",
        "pair_sha256": source.shared_sha256,
        "tensors": {
            tensor: {"axes": list(MEANINGS[tensor].axes), "values": MEANINGS[tensor].values}
            for tensor in (*graph.inputs, graph.output)
            if tensor in MEANINGS
        },
        "scaling_factor": float(source.vae.config.scaling_factor),
        "shift_factor": 0.0,
        "prediction_type": source.schedule.prediction_type,
        "num_train_timesteps": source.schedule.num_train_timesteps,
    }


def to_text(metadata: dict[str, Any]) -> str:
    """One spelling of the metadata."""
    return json.dumps(metadata, sort_keys=True, separators=(",", ":"))
