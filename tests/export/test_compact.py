"""A compact cloud bundle computes the same bits with a fraction of the bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from export.onnx.compact import DATA, compact_bundle, halve, store_once
from obclip_contract import BundleError, open_bundle


def _session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def _feeds(session: onnxruntime.InferenceSession) -> dict[str, object]:
    draw = np.random.default_rng(0)
    feeds: dict[str, object] = {}
    for node in session.get_inputs():
        shape = [d if isinstance(d, int) else 2 for d in node.shape]
        whole = draw.integers(0, 100, shape)
        feeds[node.name] = (
            draw.standard_normal(shape).astype(np.float32)
            if node.type == "tensor(float)"
            else whole.astype(np.int64 if node.type == "tensor(int64)" else np.int32)
        )
    return feeds


def _bytes(folder: Path, *patterns: str) -> int:
    return sum(p.stat().st_size for pattern in patterns for p in folder.rglob(pattern))


@pytest.fixture(scope="module")
def compact(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compact")
    compact_bundle(random_bundles / "cloud", folder)
    return folder


def test_every_graph_gives_the_same_bits(random_bundles: Path, compact: Path) -> None:
    graphs = [g.file for g in open_bundle(compact, "cloud").manifest.graphs]
    assert len(graphs) == 5
    for name in graphs:
        whole, small = _session(random_bundles / "cloud" / name), _session(compact / name)
        feeds = _feeds(whole)
        for want, got in zip(whole.run(None, feeds), small.run(None, feeds), strict=True):
            assert want.tobytes() == got.tobytes(), name


def test_it_is_smaller_and_the_source_is_untouched(random_bundles: Path, compact: Path) -> None:
    open_bundle(random_bundles / "cloud", "cloud")  # every hash fits: links were replaced, not written through
    whole = _bytes(random_bundles / "cloud", "*.onnx")
    assert _bytes(compact, "*.onnx", DATA) < 0.5 * whole
    assert not (compact / "unet").exists()
    assert {g.format for g in open_bundle(compact, "cloud").manifest.graphs} == {"onnx"}


def test_equal_bundles_are_compacted_to_equal_bytes(random_bundles: Path, compact: Path, tmp_path: Path) -> None:
    compact_bundle(random_bundles / "cloud", tmp_path)
    for file in compact.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_weights_that_float16_cannot_hold_stay(tmp_path: Path) -> None:
    assert halve(np.array([1.0, -0.0, 65504.0], np.float32)) is not None
    assert halve(np.array([1.0, 1 / 3], np.float32)) is None
    assert halve(np.array([1e6], np.float32)) is None
    weight = np.full((64, 64), 1 / 3, np.float32)
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    ends = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["batch", 64]) for n in "xy"]
    graph = onnx.helper.make_graph([node], "g", ends[:1], ends[1:], [onnx.numpy_helper.from_array(weight, "w")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, tmp_path / "a.onnx")
    want = _session(tmp_path / "a.onnx").run(None, {"x": np.eye(64, dtype=np.float32)})[0]
    assert store_once(tmp_path, ["a.onnx"]) == weight.nbytes
    assert _session(tmp_path / "a.onnx").run(None, {"x": np.eye(64, dtype=np.float32)})[0].tobytes() == want.tobytes()


def test_a_bundle_without_onnx_graphs_is_refused(random_bundles: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="edge bundle"):
        compact_bundle(random_bundles / "edge", tmp_path)
