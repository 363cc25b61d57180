"""Real engines of TensorRT for RTX, built on this machine without a GPU. None is run: docs/TENSORRT.md says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cloud_engine import Engine
from cloud_engine.backends.tensorrt.engines import (
    EngineOptions,
    ForeignEngineError,
    Profile,
    check_options,
    engines_folder,
    find_engine,
    keys_for,
    load_settings,
    onnx_graphs,
    profiles,
)
from cloud_engine.backends.tensorrt.flavours import FULL, RTX, RuntimeCache, targets_of
from cloud_engine.backends.tensorrt.library import TensorRTUnavailableError
from cloud_engine.errors import ConfigError
from export.tensorrt.build import BuildError, build_engine
from obclip_contract import open_bundle
from testing.cached import SOURCES, keep

ROOT = Path(__file__).parents[2]
CANDIDATES = (1, 2, 6, 15)
TARGETS = ("sm_86", "sm_89")
needs_rtx = pytest.mark.skipif(
    find_spec("tensorrt_rtx") is None,
    reason="TensorRT for RTX is not installed (pip install 'obclip[tensorrt-rtx]'): no engine was built",
)


def _command(pair: Path, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "edge_sdk", "export", "cloud", "--large", str(pair / "large"), "--out", str(out)]
    return [*command, "--backend", "tensorrt-rtx", "--target", "sm86,sm89", *more]


@pytest.fixture(scope="module")
def built(random_pair: Path) -> Path:
    """A folder with ``cloud``, engines inside, and ``summary.json``. Kept between sessions: never write into it."""

    def make(folder: Path) -> None:
        done = subprocess.run(_command(random_pair, folder, "--json"), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        (folder / "summary.json").write_text(done.stdout)
        (folder / "said.txt").write_text(done.stderr)

    return keep("rtx", make, sources=[*SOURCES, "cloud_engine/backends/tensorrt"])


@needs_rtx
def test_every_graph_has_an_engine_for_every_profile_and_both_targets(built: Path) -> None:
    bundle = open_bundle(built / "cloud", "cloud")
    roles = {graph.role for graph in onnx_graphs(bundle.manifest)}
    assert {"text_encoder", "unet", "step.text", "step.full.deep1", "step.shallow1"} <= roles
    engines = json.loads((built / "summary.json").read_text())["engines"]
    assert len(engines) == len(roles) * len(CANDIDATES)
    assert {tuple(e["targets"]) for e in engines} == {TARGETS}
    for role in roles:
        rows = [n for e in engines if e["role"] == role for n in range(e["rows"][0], e["rows"][1] + 1)]
        assert rows == list(range(1, 31))
    version = engines[0]["library"].split()[1]
    folder = engines_folder(bundle.root, RTX)
    assert load_settings(folder, RTX) == (CANDIDATES, EngineOptions())
    for gpu in TARGETS:  # a server asks for its own GPU
        for graph, key in keys_for(bundle, gpu, version, CANDIDATES, EngineOptions(), RTX):
            assert find_engine(folder, key).stat().st_size > 10_000, graph.role
    (_, other) = keys_for(bundle, "sm_120", version, CANDIDATES, EngineOptions(), RTX)[0]
    with pytest.raises(ForeignEngineError, match=r"built for sm_86\+sm_89, this GPU is sm_120"):
        find_engine(folder, other)
    for key in (keys_for(bundle, "sm_86", "1.6.0.1", CANDIDATES, EngineOptions(), RTX)[0][1],):
        with pytest.raises(ForeignEngineError, match="built by TensorRT for RTX"):
            find_engine(folder, key)
    with pytest.raises(ForeignEngineError, match="for the backend tensorrt-rtx"):
        load_settings(folder, FULL)
    said = (built / "said.txt").read_text()
    assert "engine 1 of 20: text_encoder, 1 to 2 rows" in said
    assert "engine 20 of 20" in said


@needs_rtx
def test_a_graph_has_no_input_that_its_unet_does_not_read(built: Path) -> None:
    bundle = open_bundle(built / "cloud", "cloud")
    for graph in onnx_graphs(bundle.manifest):
        if graph.role == "step.shallow1":
            assert [tensor.name for tensor in graph.inputs] == ["sample", "timestep", "text_emb", "deep"]


@needs_rtx
def test_a_server_without_a_gpu_says_so_in_one_line(built: Path) -> None:
    with pytest.raises(TensorRTUnavailableError, match="no NVIDIA GPU is visible") as error:
        Engine.from_bundle(built / "cloud", "tensorrt-rtx")
    assert error.value.exit_code == 5
    assert Engine.from_bundle(built / "cloud", "onnxruntime").backend.name == "onnxruntime"


@needs_rtx
def test_an_interrupted_build_goes_on_where_it_was(random_pair: Path, built: Path, tmp_path: Path) -> None:
    """The bundle is there without engines, as after an interrupt in their midst, and stays whole meanwhile."""
    _copy_without_engines(built / "cloud", tmp_path / "cloud")
    before = (tmp_path / "cloud" / "bundle.json").read_bytes()
    command = _command(random_pair, tmp_path, "--engine-candidates", "15", "--json")
    # A session of its own, so that what is left running would be seen.
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    beside = tmp_path / ".cloud-engines"
    until = time.monotonic() + 300
    while not list(beside.glob("*-n15-*.json")) and child.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode != 0
    assert "Traceback" not in said
    assert "the same command goes on after those that were finished" in said
    assert (tmp_path / "cloud" / "bundle.json").read_bytes() == before
    open_bundle(tmp_path / "cloud", "cloud")
    left = {path.with_suffix(".engine").name for path in beside.glob("*-n15-*.json")}
    assert left
    assert [path for path in beside.iterdir() if path.name.startswith(".") or path.is_dir()] == []
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    engines = json.loads(done.stdout)["engines"]
    assert {e["file"] for e in engines if e["kept"]} >= left
    assert not beside.exists()
    bundle = open_bundle(tmp_path / "cloud", "cloud")
    assert {f.path for f in bundle.manifest.files} >= {f"engines/{e['file']}" for e in engines}


def _copy_without_engines(source: Path, target: Path) -> None:
    import shutil

    from obclip_contract import write_bundle
    from obclip_contract.bundle import read_manifest

    shutil.copytree(source, target, ignore=shutil.ignore_patterns("engines", "bundle.json"))
    write_bundle(target, read_manifest(source))


@needs_rtx
def test_an_engine_of_the_default_pair(tmp_path: Path) -> None:
    import torch
    from diffusers import UNet2DConditionModel

    from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
    from export.onnx import graphs
    from export.tensorrt.support import check_support

    unet = UNet2DConditionModel.from_pretrained(ROOT / "models" / "stickers" / "large" / "unet", torch_dtype=torch.half)
    file = tmp_path / "step.onnx"
    graphs.convert(graphs.step_graph(GraphFamily(unet, 77), StepGraphSpec.parse("full.deep1")), file)
    assert check_support(file, TARGETS) > 500
    build_engine(file, tmp_path / "engine", profiles((15,))[0], EngineOptions(), TARGETS, RTX)
    assert (tmp_path / "engine").stat().st_size > file.stat().st_size


@needs_rtx
def test_what_the_builder_refuses_is_told_with_its_reason(random_bundles: Path, tmp_path: Path) -> None:
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    whole = bundle.path(bundle.graph("step.text", precision="fp32"))
    with pytest.raises(BuildError, match="FP32 GEMM is not supported") as error:
        build_engine(whole, tmp_path / "engine", Profile(1, 1, 2, 2), EngineOptions(), ("sm_75",), RTX)
    assert error.value.exit_code == 4
    assert "\n" not in str(error.value)
    (tmp_path / "bad.onnx").write_bytes(b"not a graph")
    with pytest.raises(BuildError, match="parser"):
        build_engine(tmp_path / "bad.onnx", tmp_path / "e", Profile(1, 1, 2, 2), EngineOptions(), TARGETS, RTX)
    assert not (tmp_path / "engine").exists()


def _export(pair: Path, out: Path, *more: str, environment: dict[str, str] | None = None) -> Any:
    command = [sys.executable, "-m", "edge_sdk", "export", "cloud", "--large", str(pair / "large"), "--out", str(out)]
    return subprocess.run([*command, *more], capture_output=True, text=True, env={**os.environ, **(environment or {})})


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--backend", "tensorrt-rtx", "--target", "sm90"), 2, "has no target 'sm90'; there are sm75, sm80"),
        (("--backend", "tensorrt-rtx", "--target", "all"), 2, "has no target 'all'"),
        (("--backend", "tensorrt-rtx", "--refit"), 2, "leave --refit out"),
        (("--backend", "tensorrt-rtx", "--version-compatible"), 2, "leave --version-compatible out"),
        (("--backend", "tensorrt-rtx", "--hardware-compatible"), 2, "name them with --target"),
        (("--backend", "tensorrt-rtx", "--print-trtexec"), 2, "are for --backend tensorrt"),
        (("--backend", "tensorrt", "--target", "sm86"), 2, "builds for this machine's GPU alone"),
        (("--target", "sm86"), 2, "--target says what --backend tensorrt-rtx builds for"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_exported(
    random_pair: Path, tmp_path: Path, options: tuple[str, ...], code: int, says: str
) -> None:
    done = _export(random_pair, tmp_path, *options)
    assert done.returncode == code
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_one_line_and_its_own_exit_code(random_pair: Path, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "tensorrt_rtx.py").write_text("raise ImportError('libtensorrt_rtx.so.1 is missing')\n")
    path = {"PYTHONPATH": str(tmp_path / "hidden")}
    done = _export(random_pair, tmp_path / "out", "--backend", "tensorrt-rtx", environment=path)
    assert done.returncode == 5
    assert "pip install 'obclip[tensorrt-rtx]'" in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_targets() -> None:
    assert targets_of(RTX, "") == RTX.targets
    assert targets_of(RTX, "sm89, SM_86,75") == ("sm_75", "sm_86", "sm_89")
    assert targets_of(FULL, "") == ()
    check_options(FULL, EngineOptions(version_compatible=True, refit=True, hardware="ampere+"))
    with pytest.raises(ConfigError, match="list of GPUs"):
        check_options(RTX, EngineOptions(hardware="ampere+"))


class _Blob:
    """Stands for the library's cache object, which needs a GPU; files alone are looked at here."""

    def __init__(self) -> None:
        self.data = b""

    def create_runtime_cache(self) -> _Blob:
        return self

    def deserialize(self, data: bytes) -> bool:
        self.data = data
        return True

    def serialize(self) -> bytes:
        return self.data


def test_the_runtime_cache_is_kept_for_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "deep" / "kernels.cache"
    monkeypatch.setenv("OBCLIP_RUNTIME_CACHE", str(file))
    blob = _Blob()
    cache = RuntimeCache.of_machine("sm_89", "1.7")
    cache.save()  # before anything ran
    assert not file.exists()
    assert cache.rtx_of(blob) is blob
    blob.data = b"kernels"
    cache.save()
    assert file.read_bytes() == b"kernels"
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    again = _Blob()
    RuntimeCache.of_machine("sm_89", "1.7").rtx_of(again)
    assert again.data == b"kernels"
    monkeypatch.setenv("OBCLIP_RUNTIME_CACHE", "/proc/none/kernels.cache")
    nowhere = RuntimeCache.of_machine("sm_89", "1.7")
    nowhere.rtx_of(blob)
    nowhere.save()  # costs the next start some seconds, no more
    monkeypatch.setenv("OBCLIP_RUNTIME_CACHE", "")
    off = RuntimeCache.of_machine("sm_89", "1.7")
    off.rtx_of(_Blob())
    off.save()
    monkeypatch.delenv("OBCLIP_RUNTIME_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    usual = RuntimeCache.of_machine("sm_89", "1.7")
    blob.data = b"other"
    usual.rtx_of(blob)
    blob.data = b"more"
    usual.save()
    assert (tmp_path / "xdg" / "obclip" / "tensorrt-rtx-1.7-sm_89.cache").read_bytes() == b"more"
