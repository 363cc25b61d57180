"""What the device's tests share: short waits, and the answers of a scripted cloud."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from obclip_contract import GenerateRequest, LatentsResponse, open_bundle, sampler_table

from .http_server import Answer, Recorded

Scripted = Callable[[Recorded], Answer]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The retry policy with short waits; the number of tries stays."""
    monkeypatch.setattr("edge_sdk.cloud.retries.WAITS", (0.01, 0.02))


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's folder for this test, and not the user's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("OBCLIP_HOME", str(home))
    return home


def parsed(recorded: Recorded, answer: Answer) -> LatentsResponse:
    """An honest answer to a recorded request, whichever pair it comes from."""
    request = GenerateRequest.from_bytes(recorded.body)
    header = json.loads(answer.body[8 : 8 + int.from_bytes(answer.body[:8], "little")])
    return LatentsResponse.from_bytes(
        answer.body,
        candidates=request.grid.count,
        latent_shape=header["latents"]["shape"][1:],
        request_sha256=request.sha256,
        pair_sha256=header["__metadata__"]["pair_sha256"],
    )


@pytest.fixture
def honest(random_bundles: Path) -> Scripted:
    """Answers like an engine of the random pair, with noise in place of denoised latents."""
    manifest = open_bundle(random_bundles / "cloud", "cloud").manifest

    def respond(recorded: Recorded) -> Answer:
        if recorded.path == "/v1/health":
            return Answer(
                body=json.dumps({"status": "ok", "model": manifest.model, "pair_sha256": manifest.pair_sha256}).encode()
            )
        if recorded.body == b"{}":  # is the login let in?
            return Answer(422, b'{"error":{"code":"bad_request","field":"model","message":"missing"}}')
        request = GenerateRequest.from_bytes(recorded.body)
        shape = (request.grid.count, *manifest.latent_shape)
        latents = np.random.default_rng(0).standard_normal(shape).astype(np.float16)
        table = sampler_table(request.sampler, manifest.schedule, request.steps).head(request.cloud_steps)
        sha = hashlib.sha256(recorded.body).hexdigest()
        pair, steps = manifest.pair_sha256, request.cloud_steps
        answer = LatentsResponse(latents, sha, pair, steps, table.end_log_snr, request.plan)
        return Answer(body=answer.to_bytes())

    return respond
