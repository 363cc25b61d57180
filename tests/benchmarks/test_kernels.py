"""``obclip bench kernels``: other ways to call the cloud's graphs give the same numbers, or are said to be refused."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from benchmarks import kernels
from benchmarks.clouds import EngineCloud


@pytest.fixture(scope="module")
def cloud(random_bundles: Path) -> EngineCloud:
    return EngineCloud(random_bundles / "cloud", "onnxruntime", 25, threads=1)


def test_ways_of_a_step_graph(cloud: EngineCloud, tmp_path: Path) -> None:
    graph = next(g for g in cloud.engine.manifest.graphs if g.role.startswith("step.shallow"))
    rows = list(kernels._compare(cloud, graph, 2, 1, 5, tmp_path, 0))
    found = {r["way"]: r for r in rows}
    assert set(found) == {kernels.SERVED, *kernels.WAYS}
    assert found[kernels.SERVED]["relative_ms"]["median"] == 1
    for name, row in found.items():
        if "refused" in row:
            assert name == "bfloat16"
            assert str(tmp_path) not in row["refused"]
        else:
            assert row["psnr_db"] > (20 if name.startswith("int8") else 80), name
    assert found["int8 matrix products"]["psnr_db"] < 200  # it is another graph


def test_the_graph_in_bfloat16_is_well_formed(cloud: EngineCloud, tmp_path: Path) -> None:
    graph = next(g for g in cloud.engine.manifest.graphs if g.role.startswith("step.shallow"))
    made = onnx.load(kernels._bfloat16(cloud.engine.bundle.path(graph), tmp_path))
    assert onnx.TensorProto.BFLOAT16 in {i.data_type for i in made.graph.initializer}
    assert onnx.TensorProto.FLOAT16 not in {i.data_type for i in made.graph.initializer}


def test_operators_before_and_after_fusion(cloud: EngineCloud, tmp_path: Path) -> None:
    graph = next(g for g in cloud.engine.manifest.graphs if g.role.startswith("step.shallow"))
    found = kernels.fusions(cloud.engine.bundle.path(graph), tmp_path)
    assert "QuickGelu" in found["run"]
    assert "QuickGelu" not in found["exported"]
    assert list(tmp_path.iterdir())
