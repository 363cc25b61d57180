"""The client written from SPEC.md alone sends the same bytes as ours and gets the same latents, bit for bit."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from edge_sdk.cloud.client import CloudClient
from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid, open_bundle

FILE = Path(__file__).resolve().parents[2] / "examples" / "spec_client.py"


@pytest.fixture(scope="module")
def spec() -> ModuleType:
    """The example, executed from its text: it is no part of any package."""
    module = ModuleType("spec_client")
    exec(compile(FILE.read_text("utf-8"), str(FILE), "exec"), module.__dict__)
    return module


def _ours(spec: ModuleType, **fields: object) -> GenerateRequest:
    axes = tuple(Axis(a["name"], tuple(a["values"])) for a in spec.AXES)
    phrases = {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in spec.PHRASES.items()}
    grid = PromptGrid(spec.GRID["template"], axes, phrases)
    return GenerateRequest(model="stickers", lexicon="spec-client", grid=grid, **fields)  # type: ignore[arg-type]


def test_it_imports_nothing_of_ours_and_nothing_but_the_standard_library() -> None:
    tree = ast.parse(FILE.read_text("utf-8"))
    names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names
    code = [line for line in FILE.read_text("utf-8").splitlines() if line.strip()]
    assert len(code) < 90


@pytest.mark.parametrize("change", [{}, {"steps": 8, "cloud_steps": 2}, {"guidance_scale": 1.0}, {"plan": "naive"}])
def test_its_request_is_ours_byte_for_byte(spec: ModuleType, change: dict[str, object]) -> None:
    renamed = {"guidance" if k == "guidance_scale" else k: v for k, v in change.items()}
    assert spec.make_body("stickers", 2**63 + 5, **renamed) == _ours(spec, seed=2**63 + 5, **change).to_bytes()


@pytest.mark.parametrize("plan", ["naive", "balanced"])
def test_its_latents_are_ours_bit_for_bit(spec: ModuleType, cloud_url: str, random_bundles: Path, plan: str) -> None:
    manifest = json.loads((random_bundles / "edge" / "bundle.json").read_text())
    body = spec.make_body("stickers", 7, steps=6, cloud_steps=3, plan=plan)
    level, latents = spec.read_latents(spec.ask(f"{cloud_url}/v1/latents", body), body, manifest)
    edge = open_bundle(random_bundles / "edge", "edge").manifest
    request = _ours(spec, seed=7, steps=6, cloud_steps=3, plan=plan)
    with CloudClient(cloud_url) as client:
        ours = client.latents(request, edge.latent_shape, pair_sha256=edge.pair_sha256).response
    assert level == ours.log_snr
    theirs = np.array(latents).astype(np.float16).reshape(ours.latents.shape)
    assert theirs.tobytes() == ours.latents.tobytes()
    assert len({row.tobytes() for row in theirs}) == len(theirs)  # six different latents, not six equal ones


def test_it_runs_as_a_program(cloud_url: str, random_bundles: Path) -> None:
    command = [sys.executable, str(FILE), cloud_url, str(random_bundles / "edge"), "2"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    latent = np.frombuffer(done.stdout, "<f2")
    assert latent.size == 4 * 16 * 16
    assert np.isfinite(latent).all()


def test_it_sends_nothing_to_another_pair(
    spec: ModuleType, cloud_url: str, random_bundles: Path, tmp_path: Path
) -> None:
    manifest = json.loads((random_bundles / "edge" / "bundle.json").read_text())
    (tmp_path / "bundle.json").write_text(json.dumps({**manifest, "pair_sha256": "0" * 64}))
    with pytest.raises(SystemExit, match="another pair"):
        spec.main(cloud_url, tmp_path, "0")
