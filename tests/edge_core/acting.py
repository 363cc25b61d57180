"""Who takes part in a transcript beside the device: a pair's numbers, its graphs, and a cloud with its wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import httpx
import numpy as np

from edge_sdk.cloud.client import CloudClient
from obclip_contract import (
    BundleManifest,
    GenerateRequest,
    LatentsResponse,
    NoiseSchedule,
    TokenizerSpec,
    sampler_table,
    standard_normal,
)

from .building import ROOT

TOKENIZER: Final = ROOT / "models/stickers/small/tokenizer/tokenizer.json"
URL: Final = "http://cloud.test"
SHAPE: Final = (4, 3, 5)
SIDE: Final = 6
#: One event: its name, and what belongs to it.
Event = tuple[Any, ...]


def manifest(**changed: Any) -> BundleManifest:
    """A small pair's numbers, with the default pair's tokenizer."""
    numbers: dict[str, Any] = {
        "kind": "edge", "model": "stickers", "graphs": [], "latent_shape": SHAPE, "image_size": SIDE,
        "scaling_factor": 0.18215, "shift_factor": 0.0609, "guidance_default": 2.00004,
        "noise_schedule": asdict(NoiseSchedule()),
        "tokenizer": TokenizerSpec(file=TOKENIZER.name, max_length=77, bos_id=49406, eos_id=49407, pad_id=49407),
        "lexicon": "any", "pair_sha256": "5" * 64,
    }  # fmt: skip
    return BundleManifest(**{**numbers, **changed})


class Graphs:
    """The small model's graphs, linear in the latent, with the words and the timestep in every number."""

    name = "linear"

    def __init__(self, events: list[Event], spoiled: Mapping[str, float] | None = None) -> None:
        """``spoiled``: a value to put into what the graph of that name gives."""
        self._events, self._spoiled = events, spoiled or {}

    def encode_text(self, input_ids: Any) -> Any:
        self._events.append(("encode", input_ids.shape, input_ids.astype("<i4").tobytes()))
        return self._spoil("encode_text", np.sin(input_ids.astype(np.float32) / 999)[..., None])

    def denoise(self, latent: Any, timestep: float, states: Any) -> Any:
        self._events.append(("denoise", len(latent), timestep, latent[0].tobytes()))
        assert len(states) == len(latent)
        words = states.mean(axis=(1, 2), dtype=np.float32)[:, None, None, None]
        weight = np.float32(0.4 + timestep / 4000)
        return self._spoil("denoise", latent * weight + words)

    def decode(self, latent: Any) -> Any:
        self._events.append(("decode", latent[0].tobytes()))
        values = np.resize(latent, (1, 3, SIDE, SIDE)).astype(np.float32)
        return self._spoil("decode", values / (np.float32(1) + np.abs(values)))

    def close(self) -> None:
        """There is nothing to free."""

    def _spoil(self, graph: str, values: Any) -> Any:
        if graph in self._spoiled:
            values = values.copy()
            values.reshape(-1)[-1] = self._spoiled[graph]
        return values


class Cloud:
    """An honest engine as a function: what is asked, to status and body."""

    def __init__(self, pair: BundleManifest, lie: Callable[[int, bytes], tuple[int, bytes]] | None = None) -> None:
        """``lie``: changes the answer to a request for latents."""
        self.pair, self._lie = pair, lie

    def __call__(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if (method, path) == ("GET", "/v1/health"):
            return 200, self.health()
        status, answer = self.latents(GenerateRequest.from_bytes(body))
        return (status, answer) if self._lie is None else self._lie(status, answer)

    def health(self) -> bytes:
        report = {"status": "ok", "model": self.pair.model, "pair_sha256": self.pair.pair_sha256, "plans": ["balanced"]}
        return json.dumps(report).encode()

    def latents(self, request: GenerateRequest) -> tuple[int, bytes]:
        return 200, self.answer(request).to_bytes()

    def answer(self, request: GenerateRequest) -> LatentsResponse:
        head = sampler_table(request.sampler, self.pair.schedule, request.steps).head(request.cloud_steps)
        carry = request.handover == "carry"
        shape = (request.grid.count, *self.pair.latent_shape)
        numbers = standard_normal(request.seed % 1000, (2, *shape)).astype(np.float16)
        return LatentsResponse(
            latents=numbers[0],
            request_sha256=request.sha256,
            pair_sha256=self.pair.pair_sha256,
            cloud_steps=request.cloud_steps,
            log_snr=head.end_log_snr,
            plan=request.plan,
            x0=numbers[1] if carry else None,
            x0_log_snr=head.steps[-1].log_snr if carry else None,
        )


class _Wire(httpx.BaseTransport):
    """What Python's client really sends, and the cloud's answer to it."""

    def __init__(self, cloud: Callable[[str, str, bytes], tuple[int, bytes]], events: list[Event]) -> None:
        self._cloud, self._events = cloud, events

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        headers = {k: v for k, v in request.headers.items() if k not in ("host", "content-length")}
        self._events.append(("send", request.method, request.url.path, headers, body))
        status, answer = self._cloud(request.method, request.url.path, body)
        return httpx.Response(status, content=answer)


class Client(CloudClient):
    def __init__(self, cloud: Any, events: list[Event]) -> None:
        super().__init__(URL)
        self._wire = _Wire(cloud, events)

    def _transport(self, secure: bool) -> httpx.BaseTransport:
        return self._wire
