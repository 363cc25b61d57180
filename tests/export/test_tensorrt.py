"""TensorRT without a GPU: engine keys and refusals, profiles, trtexec lines, the static check. With one: engines."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from cloud_engine.backends.tensorrt.engines import (
    EngineKey,
    EngineOptions,
    ForeignEngineError,
    Profile,
    engine_file,
    graph_sha256,
    keys_for,
    load_engine,
    load_settings,
    onnx_graphs,
    profiles,
    store_engine,
    store_settings,
)
from cloud_engine.backends.tensorrt.flavours import FLAVOURS, FULL, Flavour
from cloud_engine.backends.tensorrt.library import TensorRTUnavailableError, gpu_architecture, library
from cloud_engine.errors import ConfigError
from export.tensorrt import support, trtexec
from obclip_contract import open_bundle

KEY = EngineKey("unet", "a" * 64, "sm_90", "10.16.1.11", Profile(6, 5, 12, 12), EngineOptions())


def _gpu(flavour: Flavour = FULL) -> bool:
    try:
        library(flavour)
    except TensorRTUnavailableError:
        return False
    return True


def test_profiles_take_every_batch_once() -> None:
    made = profiles((6, 1, 2, 15, 2))
    assert [p.name for p in made] == ["n1", "n2", "n6", "n15"]
    assert [rows for p in made for rows in range(p.least, p.most + 1)] == list(range(1, 31))
    assert all(p.least <= p.best <= p.most for p in made)
    for bad in ((), (0, 2)):
        with pytest.raises(ConfigError, match="candidate count"):
            profiles(bad)


def test_an_engine_is_stored_and_found_again(tmp_path: Path) -> None:
    store_engine(tmp_path, KEY, b"engine")
    assert load_engine(tmp_path, KEY) == b"engine"
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".engine", ".json"]


OTHERS = {
    "another graph": ({"graph_sha256": "b" * 64}, "another graph"),
    "another GPU": ({"gpu": "sm_80"}, "built for sm_90, this GPU is sm_80"),
    "another version": ({"tensorrt": "11.4.0.106"}, r"built by TensorRT 10\.16\.1\.11, this is 11\.4\.0\.106"),
    "an older version": ({"tensorrt": "10.1.0"}, r"this is 10\.1\.0"),
    "another profile": ({"profile": Profile(15, 13, 30, 30)}, "built for 5 to 12 rows, not 13 to 30"),
    "other options": ({"options": EngineOptions(refit=True)}, "other options"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_foreign_engine_is_refused_with_the_reason(tmp_path: Path, what: str) -> None:
    change, says = OTHERS[what]
    store_engine(tmp_path, KEY, b"engine")
    wanted = dataclasses.replace(KEY, **change)  # type: ignore[arg-type]
    with pytest.raises(ForeignEngineError, match=says) as error:
        load_engine(tmp_path, wanted)
    assert "obclip export cloud --backend tensorrt" in str(error.value)
    assert error.value.exit_code == 4
    # Renaming it into the place of the wanted one does not help.
    for suffix in (".engine", ".json"):
        engine_file(tmp_path, KEY).with_suffix(suffix).rename(engine_file(tmp_path, wanted).with_suffix(suffix))
    with pytest.raises(ForeignEngineError, match=says):
        load_engine(tmp_path, wanted)


def test_compatible_engines_are_taken_where_they_promise_to_run(tmp_path: Path) -> None:
    options = EngineOptions(version_compatible=True, hardware="ampere+")
    built = dataclasses.replace(KEY, options=options)
    store_engine(tmp_path, built, b"engine")
    for change in ({"tensorrt": "10.17.0.1"}, {"gpu": "sm_86"}, {"gpu": "sm_120", "tensorrt": "10.99"}):
        assert load_engine(tmp_path, dataclasses.replace(built, **change)) == b"engine"  # type: ignore[arg-type]
    for change in ({"tensorrt": "11.0.0.114"}, {"tensorrt": "10.15.0"}, {"gpu": "sm_75"}):
        with pytest.raises(ForeignEngineError):
            load_engine(tmp_path, dataclasses.replace(built, **change))  # type: ignore[arg-type]


def test_an_altered_engine_or_key_is_refused(tmp_path: Path) -> None:
    file = store_engine(tmp_path, KEY, b"engine")
    file.write_bytes(b"enginE")
    with pytest.raises(ForeignEngineError, match="altered"):
        load_engine(tmp_path, KEY)
    note = file.with_suffix(".json")
    for text in ("{", "[]", json.dumps({"key": {}, "sha256": ""}), json.dumps({"key": {"profile": {}}, "sha256": ""})):
        note.write_text(text)
        with pytest.raises(ForeignEngineError, match="not an engine's key"):
            load_engine(tmp_path, KEY)
    note.unlink()
    with pytest.raises(ForeignEngineError, match="no TensorRT engine for unet with n6 on sm_90"):
        load_engine(tmp_path, KEY)


def test_options_and_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="same or ampere"):
        EngineOptions(hardware="any")
    with pytest.raises(ConfigError, match="optimisation level"):
        EngineOptions(level=6)
    with pytest.raises(ForeignEngineError, match="holds no TensorRT engines"):
        load_settings(tmp_path)
    store_settings(tmp_path, (6, 2, 6), EngineOptions(refit=True))
    assert load_settings(tmp_path) == ((2, 6), EngineOptions(refit=True))
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(ForeignEngineError, match="build the engines again"):
        load_settings(tmp_path)
    with pytest.raises(ConfigError, match="cannot write engines"):
        store_engine(Path("/proc/none"), KEY, b"engine")


def test_every_graph_of_a_bundle_gets_a_line_and_keys_follow_the_weights(random_bundles: Path, tmp_path: Path) -> None:
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    roles = {g.role for g in onnx_graphs(bundle.manifest)}
    assert {"unet", "text_encoder"} <= roles
    hashes = {graph_sha256(bundle.manifest, g) for g in onnx_graphs(bundle.manifest)}
    assert len(hashes) == len(roles)
    options = EngineOptions(version_compatible=True, hardware="ampere+", weight_streaming=True, refit=True)
    lines = trtexec.lines(bundle, tmp_path, "sm_90", "10.16.1.11", (1, 6), options)
    assert len(lines) == 2 * len(roles)
    line = next(x for x in lines if "unet" in x and "-n6-" in x)
    for word in (
        "--minShapes=sample:3x4x16x16,encoder_hidden_states:3x32x32",
        "--maxShapes=sample:12x4x16x16,encoder_hidden_states:12x32x32",
        "--stronglyTyped",
        "--versionCompatible",
        "--hardwareCompatibilityLevel=ampere+",
        "--allowWeightStreaming",
        "--refit",
        "--noTF32",
    ):
        assert word in line
    assert "timestep" not in line  # it has no free dimension
    with pytest.raises(Exception, match="holds none of the engines"):
        trtexec.adopt(bundle, tmp_path, "sm_90", "10.16.1.11", (1, 6), options)
    for _, key in keys_for(bundle, "sm_90", "10.16.1.11", (1, 6), options):
        engine_file(tmp_path, key).write_bytes(b"built elsewhere")  # the name that the line gave
        assert str(engine_file(tmp_path, key)) in "\n".join(lines)
    assert len(trtexec.adopt(bundle, tmp_path, "sm_90", "10.16.1.11", (1, 6), options)) == len(lines)
    assert load_engine(tmp_path, keys_for(bundle, "sm_90", "10.16.1.11", (1,), options)[0][1]) == b"built elsewhere"


def test_every_exported_graph_passes_the_static_check(random_bundles: Path) -> None:
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    for graph in onnx_graphs(bundle.manifest):
        assert support.check_support(bundle.path(graph)) > 5  # nodes that were looked at


def _model(nodes: list[onnx.NodeProto], opset: int = 18, element: int = TensorProto.FLOAT) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", element, ["batch", 4])
    last = nodes[-1].output[0]
    y = helper.make_tensor_value_info(last, element, None)
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    graph = helper.make_graph(nodes, "g", [x], [y], [one])
    domains = [helper.make_opsetid("", opset), helper.make_opsetid("com.example", 1)]
    return helper.make_model(graph, opset_imports=domains)


_CAST = helper.make_node("Cast", ["x"], ["c"], to=TensorProto.INT64)
FORBIDDEN = {
    "NonZero": (_model([helper.make_node("NonZero", ["x"], ["y"])]), "depends on data"),
    "random": (_model([helper.make_node("RandomNormalLike", ["x"], ["y"])]), "random"),
    "unknown": (_model([helper.make_node("Det", ["x"], ["y"])]), "does not support"),
    "plugin": (_model([helper.make_node("Magic", ["x"], ["y"], domain="com.example")]), "plugin"),
    "opset": (_model([helper.make_node("Relu", ["x"], ["y"])], opset=25), "opset 25"),
    "integers": (_model([helper.make_node("Relu", ["x"], ["y"])], element=TensorProto.INT32), "INT32 is not among"),
    "shape from data": (
        _model([_CAST, helper.make_node("Slice", ["x", "one", "c"], ["y"])]),
        "input 2 gives a shape and depends on data",
    ),
    "axes from data": (
        _model([_CAST, helper.make_node("ReduceSum", ["x", "c"], ["y"])]),
        "input 1 must be known when an engine is built",
    ),
    "antialias": (
        _model([helper.make_node("Resize", ["x", "", "", "one"], ["y"], mode="linear", antialias=1)]),
        "antialiasing",
    ),
    "unchecked restriction": (
        _model([helper.make_node("DeformConv", ["x", "x", "x"], ["y"])]),
        "is not checked here",
    ),
    "control flow": (
        _model(
            [
                helper.make_node("Cast", ["one"], ["b"], to=TensorProto.BOOL),
                helper.make_node(
                    "If",
                    ["b"],
                    ["y"],
                    then_branch=helper.make_graph([], "t", [], []),
                    else_branch=helper.make_graph([], "e", [], []),
                ),
            ]
        ),
        "control flow",
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_tensorrt_would_not_take_is_found(what: str) -> None:
    model, says = FORBIDDEN[what]
    assert any(re.search(says, str(finding)) for finding in support.problems(model))


def test_shapes_that_depend_on_shapes_are_static(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Mul", ["s", "one"], ["t"]),
        helper.make_node("Expand", ["x", "t"], ["y"]),
    ]
    assert list(support.problems(_model(nodes))) == []


def test_the_table_names_its_source() -> None:
    found = support.table()
    assert "onnx-tensorrt/blob/" in found["source"]
    assert len(found["operators"]) == 196
    assert found["operators"]["InstanceNormalization"]["supported"]


@pytest.mark.skipif(_gpu(), reason="this machine has TensorRT and a GPU")
def test_without_library_or_gpu_one_line_and_its_own_exit_code(random_bundles: Path) -> None:
    from cloud_engine import Engine

    with pytest.raises(TensorRTUnavailableError) as error:
        Engine.from_bundle(random_bundles / "cloud", "tensorrt")
    assert error.value.exit_code == 5
    assert "\n" not in str(error.value)
    assert "onnxruntime" in str(error.value)


def test_engine_keys_need_no_tensorrt_and_no_torch() -> None:
    code = (
        "import sys; import cloud_engine.backends.tensorrt.engines, cloud_engine.backends.tensorrt.library\n"
        "sys.exit(any(m in sys.modules for m in ('torch', 'tensorrt', 'onnxruntime')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.gpu
@pytest.mark.parametrize("name", list(FLAVOURS))
def test_engines_equal_onnx_runtime(
    random_bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from cloud_engine.backends import BackendOptions, check_backend, load_backend
    from export.tensorrt.build import build_all

    flavour = FLAVOURS[name]
    if not _gpu(flavour):
        pytest.skip(f"needs {flavour.title} and an NVIDIA GPU that it is for: its engines were not run")
    targets = (gpu_architecture(flavour),) if flavour.targets else ()
    bundle = open_bundle(random_bundles / "cloud", "cloud")
    built = build_all(bundle, tmp_path, (1, 3), EngineOptions(), flavour=flavour, targets=targets)
    assert len(built) == 2 * len(onnx_graphs(bundle.manifest))
    again = build_all(bundle, tmp_path, (1, 3), EngineOptions(), flavour=flavour, targets=targets)
    assert all(b.kept for b in again)
    monkeypatch.setenv("OBCLIP_ENGINES", str(tmp_path))
    monkeypatch.setenv("OBCLIP_RUNTIME_CACHE", str(tmp_path / "kernels" / "runtime.cache"))
    reference = load_backend("onnxruntime", bundle, BackendOptions())
    check_backend(name, bundle, BackendOptions(device="cuda"))
    ours = load_backend(name, bundle, BackendOptions(device="cuda"))
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 200, (3, 32))
    hidden = reference.encode_text(ids)
    assert np.abs(hidden - ours.encode_text(ids)).max() <= 1e-3
    for rows in (1, 2, 3, 6, 13):
        sample = rng.standard_normal((rows, 4, 16, 16)).astype(np.float32)
        text = np.repeat(hidden[:1], rows, axis=0)
        for _ in range(2):  # the second call replays the captured graph
            got = ours.denoise(sample, 501.0, text)
            assert np.abs(got - reference.denoise(sample, 501.0, text)).max() <= 1e-3
    assert flavour.runtime_config == (tmp_path / "kernels" / "runtime.cache").is_file()
