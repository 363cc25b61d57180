"""Whole pictures as a language without Python can replay them: options as the ABI takes them, answers, what to expect.

``releases`` ends at what would be sent; ``sessions`` goes on to the pixels, with the graphs of :class:`Simple`, whose
results every language computes to the last bit.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from edge_sdk.ledger.schema import KEY_FILE
from edge_sdk.privacy.vectors.cases import cases

from .. import transcripts
from ..binding import shown
from ..transcripts import KEY, NOW, SEED, Cloud, Event, Graphs, Picture, by_python

#: Every ninth prompt of the reader's vectors, with one of these after the other.
_EVERY: Final = 9
_CHOICES: Final[tuple[dict[str, Any], ...]] = (
    {}, {"mechanism": "closed"}, {"mechanism": "cover", "max_candidates": 3}, {"mechanism": "cells", "cell_size": 6},
    {"mechanism": "neutral"}, {"mechanism": "k-subset", "epsilon": 2.0, "max_candidates": 4}, {"second_look": False},
    {"on_implied": "slot"}, {"on_implied": "generalise"}, {"on_implied": "allow", "unspecified": True},
    {"strict": True, "on_implied": "allow"}, {"axes": ["age", "gender"], "mechanism": "cover", "on_miss": "local"},
    {"opt_in": ["hair", "body"]}, {"opt_in": ["profession"], "on_implied": "slot"},
    {"domains": {"age": ["adult", "old"]}, "on_implied": "allow"}, {"mechanism": "cells", "on_implied": "allow"},
)  # fmt: skip
_RUNS: Final[tuple[dict[str, Any], ...]] = (
    {"num_inference_steps": 5, "cloud_steps": 2}, {"num_inference_steps": 4, "cloud_steps": 1, "handover": "carry"},
    {"num_inference_steps": 6, "cloud_steps": 3, "sampler": "ddim", "device_stride": 2},
    {"num_inference_steps": 3, "cloud_steps": 3}, {"num_inference_steps": 4, "cloud_steps": 0},
    {"num_inference_steps": 5, "cloud_steps": 2, "guidance_scale": 1.0, "negative_prompt": "blurry, lowres"},
)  # fmt: skip
_PROMPTS: Final = ("an old woman", "a man and a girl in the rain", "a red umbrella", "a nun and an old monk")
_SHORT: Final = {"num_inference_steps": 2, "cloud_steps": 1}


class Simple(Graphs):
    """Graphs of exact numbers: the text is nothing, the UNet halves the first row, the picture is five greys."""

    def encode_text(self, input_ids: Any) -> Any:
        super().encode_text(input_ids)
        return np.zeros((*input_ids.shape, 1), np.float32)

    def denoise(self, latent: Any, timestep: float, states: Any) -> Any:
        super().denoise(latent, timestep, states)
        return latent * np.array([0.5, 1.0], np.float32)[: len(latent), None, None, None]

    def decode(self, latent: Any) -> Any:
        side = transcripts.SIDE
        super().decode(latent)
        return ((np.arange(3 * side * side) % 5 - 2) / np.float32(2)).astype(np.float32).reshape(1, 3, side, side)


class _Recorder:
    """A cloud, and what it answered."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.answers = cloud, list[tuple[int, bytes]]()

    def __call__(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self.answers.append(self.cloud(method, path, body))
        return self.answers[-1]


def bundle_options() -> dict[str, str]:
    """The bundle of all pictures, by the ABI's names."""
    pair = Picture().pair
    channels, height, width = pair.latent_shape
    words = {n: getattr(pair.tokenizer, n) for n in ("max_length", "bos_id", "eos_id", "pad_id")}
    numbers = {
        "model": pair.model, "pair_sha256": pair.pair_sha256, "latent_channels": channels, "latent_height": height,
        "latent_width": width, "image_size": pair.image_size, "scaling_factor": pair.scaling_factor,
        "shift_factor": pair.shift_factor, "guidance_default": pair.guidance_default, "cloud": transcripts.URL,
        **asdict(pair.schedule), **words,
    }  # fmt: skip
    return {name: shown(value) for name, value in numbers.items()}


def _options(privacy: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, str]:
    out = {"steps" if n == "num_inference_steps" else n: shown(v) for n, v in arguments.items()}
    for name, value in privacy.items():
        if name == "domains":
            out |= {f"domain.{axis}": shown(kept) for axis, kept in value.items()}
        else:
            out[name] = shown(value)
    return out


def _played(picture: Picture, folder: Path) -> tuple[list[Event], list[tuple[int, bytes]]]:
    """What the reference does, and what the cloud answered it."""
    cloud = _Recorder(Cloud(picture.pair))
    picture = replace(picture, cloud=cloud)
    if picture.privacy.get("mechanism") == "k-subset":
        (folder / KEY_FILE).write_bytes(KEY)
        (folder / KEY_FILE).chmod(0o600)
        folder.chmod(0o700)
        picture.ledger = folder
    with patch.object(transcripts, "Graphs", Simple):
        return by_python(picture), cloud.answers


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def told(event: Event) -> list[Any]:
    """An event as it stands in the file: bytes that are long by their SHA-256, latents as numbers."""
    name, *rest = event
    if name == "send":
        method, path, headers, body = rest
        return [name, method, path, headers, len(body), _digest(body)]
    if name == "encode":
        return [name, np.frombuffer(rest[1], "<i4").reshape(rest[0]).tolist()]
    if name == "denoise":
        return [name, rest[0], float(rest[1])]
    if name == "step":
        return [name, rest[0], rest[1], float(rest[2])]
    if name == "decode":
        return [name, [round(float(v), 6) for v in np.frombuffer(rest[0], "<f4")]]
    if name == "done":
        return [name, _digest(rest[0]), rest[1]]
    if name == "detected" and rest[0] is not None:
        found = {**rest[0]}
        body = found.pop("body")
        return [name, {**found, "bytes": len(body), "sha256": _digest(body)}]
    return list(event)


def releases() -> Iterator[dict[str, Any]]:
    """Prompts of all kinds with choices of all kinds: what is found, sent and told, or the refusal."""
    prompts = list(dict.fromkeys(prompt for prompt, _ in cases()))[::_EVERY]
    for i, prompt in enumerate(prompts):
        privacy = _CHOICES[i % len(_CHOICES)]
        with tempfile.TemporaryDirectory() as folder:
            events, _ = _played(Picture(prompt, _SHORT, privacy), Path(folder))
        row: dict[str, Any] = {"prompt": prompt, "options": _options(privacy, _SHORT)}
        if events[-1][0] != "done":
            yield row | {"stopped": list(events[-1][1:])}
            continue
        receipt = events[-1][2]
        kept = ("n", "mechanism", "guarantee", "bits", "epsilon", "spent", "notes", "hints")
        yield row | {"detected": told(events[0])[1], "told": {name: receipt[name] for name in kept}}


def sessions() -> Iterator[dict[str, Any]]:
    """Pictures from end to end, each event in its order."""
    choices = ({}, {"mechanism": "closed"}, {"mechanism": "neutral"}, {"mechanism": "local"}, {"on_implied": "ask"})
    draws = {"mechanism": "k-subset", "epsilon": 2.0, "max_candidates": 3, "on_implied": "slot"}
    for i in range(24):
        prompt, arguments = _PROMPTS[i % len(_PROMPTS)], _RUNS[i % len(_RUNS)]
        privacy: dict[str, Any] = draws if i % 6 == 5 else choices[i % len(choices)]
        decision = ("slot", "generalise", "allow", "refuse")[i // 4 % 4]
        decide = (lambda *_: decision) if privacy.get("on_implied") == "ask" else None  # noqa: B023 - used within the turn
        picture = Picture(prompt, arguments, privacy, decide=decide)
        if i % 8 == 6:
            picture.cancel_at = 1
        with tempfile.TemporaryDirectory() as folder:
            events, answers = _played(picture, Path(folder))
        yield {
            "prompt": prompt,
            "options": _options(privacy, arguments),
            "decision": decision,
            "cancel_at": picture.cancel_at,
            "answers": [[status, base64.b64encode(body).decode()] for status, body in answers],
            "events": [told(event) for event in events],
        }


def constants() -> dict[str, Any]:
    """What all pictures have in common, for README.md and for the tests."""
    return {"seed": SEED, "key": KEY.hex(), "now": NOW, "options": bundle_options()}
