"""Arithmetic that every side does alike: guidance, unscaling, token rows, defaults."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from obclip_contract import (
    GenerateRequest,
    PromptGrid,
    TokenizerSpec,
    defaults,
    frame_tokens,
    guide,
    is_guided,
    unscale,
)

ROOT = Path(__file__).resolve().parents[2]


def test_guidance_and_unscaling_are_alike_on_numpy_and_torch() -> None:
    wanted, plain = np.random.default_rng(0).standard_normal((2, 1, 4, 8, 8)).astype(np.float32)
    for scale in (0.0, 1.7, 7.5):
        own = guide(wanted, plain, scale)
        assert own.dtype == np.float32
        np.testing.assert_array_equal(own, plain + np.float32(scale) * (wanted - plain))
        np.testing.assert_array_equal(own, guide(torch.from_numpy(wanted), torch.from_numpy(plain), scale).numpy())
    own = unscale(wanted, 0.18215, 0.0609)
    assert own.dtype == np.float32
    np.testing.assert_array_equal(own, wanted / np.float32(0.18215) + np.float32(0.0609))
    np.testing.assert_array_equal(own, unscale(torch.from_numpy(wanted), 0.18215, 0.0609).numpy())


@pytest.mark.parametrize(("scale", "guided"), [(0.0, False), (0.5, False), (1.0, False), (1.0001, True), (30.0, True)])
def test_no_guidance_at_one_and_below_as_in_diffusers(scale: float, guided: bool) -> None:
    assert is_guided(scale) is guided


def test_rows_of_tokens() -> None:
    spec = TokenizerSpec(file="t", max_length=5, bos_id=7, eos_id=8, pad_id=9)
    rows = frame_tokens([[], [1, 2, 3]], spec)
    assert rows.tolist() == [[7, 8, 9, 9, 9], [7, 1, 2, 3, 8]]
    with pytest.raises(ValueError, match="4 tokens"):
        frame_tokens([[1, 2, 3, 4]], spec)


@pytest.mark.parametrize(("steps", "cloud"), [(1, 1), (2, 1), (3, 1), (4, 2), (10, 4), (25, 10), (50, 20), (200, 80)])
def test_cloud_steps_follow(steps: int, cloud: int) -> None:
    assert defaults.follow_steps(steps) == cloud


def test_a_request_has_the_defaults() -> None:
    request = GenerateRequest(model="m", lexicon="1", grid=PromptGrid("x", (), {}), seed=0)
    assert (request.steps, request.cloud_steps, request.guidance_scale) == (25, 10, 5.0)
    assert (request.sampler, request.handover, request.plan) == ("dpmpp_2m", "restart", "balanced")


def _divides_by_scaling_factor(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "scaling_factor" in ast.unparse(node.right)
        for node in ast.walk(tree)
    )


def test_nothing_else_unscales_latents() -> None:
    """Three places once forgot the shift: there is one place now."""
    found = [
        str(file.relative_to(ROOT))
        for package in ("obclip_contract", "edge_sdk", "cloud_engine", "export", "benchmarks", "attacks")
        for file in (ROOT / package).rglob("*.py")
        if _divides_by_scaling_factor(ast.parse(file.read_text("utf-8")))
    ]
    assert found == ["obclip_contract/latents.py"]
