"""Settings: one place for defaults, and the wire's own rules whether anything is sent or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from edge_sdk import InputError, ObliviousPipeline, Settings
from edge_sdk.cli.options import run_options, settings_of
from edge_sdk.events import Detected
from obclip_contract import GenerateRequest, PromptGrid, RequestError, defaults

from ..conftest import Scripted
from ..http_server import serving

_BAD: list[dict[str, Any]] = [
    {"sampler": "magic"},
    {"handover": "throw"},
    {"plan": "no plan"},
    {"plan": "x" * 65},
    {"plan": ""},
    {"negative_prompt": "x" * 2001},
    {"negative_prompt": "a\x07b"},
    {"negative_prompt": "\udc80"},
    {"guidance_scale": 30.5},
    {"guidance_scale": float("inf")},
    {"num_inference_steps": 201},
    {"num_inference_steps": -1},
]


@pytest.mark.parametrize("bad", _BAD, ids=ascii)
def test_the_device_alone_refuses_what_the_cloud_path_refuses(
    random_bundles: Path, honest: Scripted, bad: dict[str, Any]
) -> None:
    told = []
    with (
        serving(honest) as server,
        ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as pipe,
    ):
        for cloud_steps in (0, 1):
            with pytest.raises(InputError) as caught:
                pipe("a woman", cloud_steps=cloud_steps, **bad)
            told.append(str(caught.value))
    assert told[0] == told[1]
    assert server.requests == []


@pytest.mark.parametrize(
    "prompt", ["", "a\x00b", "a\x1b[31mb", "\ud800", "word " * 900, "a\nb"], ids=lambda p: ascii(p)[:12]
)
def test_the_device_alone_refuses_the_same_prompts(random_bundles: Path, honest: Scripted, prompt: str) -> None:
    refused = []
    with (
        serving(honest) as server,
        ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as pipe,
    ):
        for cloud_steps in (0, 1):
            try:
                pipe(prompt, num_inference_steps=1, cloud_steps=cloud_steps)
                refused.append(False)
            except InputError:
                refused.append(True)
    assert refused[0] == refused[1]


def test_both_sides_compute_with_the_guidance_that_is_sent(random_bundles: Path, honest: Scripted) -> None:
    """The device once went on with a number of more decimals than the wire has."""
    settings = Settings(guidance_scale=2.123456)
    assert settings.guidance == 2.1235
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
        event = next(pipe.steps("a woman", guidance_scale=2.123456))
        assert isinstance(event, Detected)
        assert event.request is not None
        assert event.request.guidance_scale == settings.guidance
        one, other = (
            pipe("a woman", guidance_scale=g, num_inference_steps=2, cloud_steps=0, seed=1).latents
            for g in (2.123456, 2.1235)
        )
    assert np.array_equal(one, other)


def test_defaults_are_those_of_the_contract() -> None:
    settings = Settings()
    request = GenerateRequest(model="m", lexicon="1", grid=PromptGrid("x", (), {}), seed=0)
    assert (
        (settings.steps, settings.k) == (request.steps, request.cloud_steps) == (defaults.STEPS, defaults.CLOUD_STEPS)
    )
    assert (settings.sampler, settings.handover, settings.plan) == (request.sampler, request.handover, request.plan)
    assert settings.guidance == request.guidance_scale


def test_settings_are_the_same_after_a_change_of_one() -> None:
    assert replace(Settings(steps=50), plan="naive").k == 20
    with pytest.raises(InputError, match="cloud steps"):
        replace(Settings(), steps=5)


def test_the_commands_defaults_are_the_same() -> None:
    @click.command()
    @run_options
    def command(**options: Any) -> None:
        assert settings_of(options) == Settings()

    assert command.main([], standalone_mode=False) is None


def test_nothing_else_names_a_default() -> None:
    """A number that stands in two places is two numbers one day."""
    root = Path(__file__).resolve().parents[3]
    found = [
        f"{file.relative_to(root)}: {line.strip()}"
        for package in ("edge_sdk", "obclip_contract", "export", "benchmarks")
        for file in (root / package).rglob("*.py")
        if file.name not in ("defaults.py", "bodies.py")
        for line in file.read_text("utf-8").splitlines(keepends=True)
        if any(text in line for text in ("_steps: int = 10\n", "steps: int = 25", "default=25", 'sampler: str = "'))
    ]
    assert found == []


def test_a_broken_request_is_still_the_contracts_word() -> None:
    with pytest.raises(RequestError):
        GenerateRequest(model="m", lexicon="1", grid=PromptGrid("x", (), {}), seed=0, sampler="magic")
