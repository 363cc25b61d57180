"""What the static check says of small graphs, beside what TensorRT's real parser and builder say of them.

``trt_micrographs.json`` holds the real answers (``parse`` and ``build`` for two targets), so that the static check is
held against them where no library is installed; where TensorRT for RTX is, it is asked again.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnx
import onnx.parser
import pytest

from cloud_engine.backends.tensorrt.flavours import RTX, module_of, rtx_set_targets
from export.tensorrt import support
from export.tensorrt.job import ask_parser, keeping_logger, parse

HERE = Path(__file__).parent
ANSWERS = json.loads((HERE / "trt_micrographs.json").read_text())["graphs"]
TARGETS = ("sm_75", "sm_86")
#: Taken by TensorRT, refused by us: they are not static, or random.
NOT_STATIC = {
    "expand_data": "depends on data", "if": "control flow", "random_normal": "random", "random_uniform": "random",
    "range_data": "depends on data", "reshape_float_data": "depends on data", "slice_data": "depends on data",
    "topk_data": "depends on data",
}  # fmt: skip
needs_rtx = pytest.mark.skipif(
    find_spec("tensorrt_rtx") is None,
    reason="TensorRT for RTX is not installed (pip install 'obclip[tensorrt-rtx]'): its parser was not asked",
)


def _graphs() -> dict[str, onnx.ModelProto]:
    found = {}
    for line in (HERE / "trt_micrographs.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, text = line.split(":", 1)
            name, _, opset = name.partition("@")
            header = f'<ir_version: 8, opset_import: ["" : {opset or 18}]> g '
            found[name] = onnx.parser.parse_model(header + text)
    return found


GRAPHS = _graphs()


def _is_valid(model: onnx.ModelProto, folder: Path) -> bool:
    onnx.save(model, str(folder / "graph.onnx"))
    try:
        support.check_types(folder / "graph.onnx")
    except support.GraphTypeError:
        return False
    return True


def test_every_graph_has_an_answer() -> None:
    assert set(GRAPHS) == set(ANSWERS)
    assert len(GRAPHS) > 240
    for target in TARGETS:
        taken = sum(answer[target] for answer in ANSWERS.values())
        assert 150 < taken < 210  # both answers occur often


@pytest.mark.parametrize("target", TARGETS)
def test_the_static_check_says_what_tensorrt_says(target: str, tmp_path: Path) -> None:
    wrong = {}
    for name, model in GRAPHS.items():
        findings = [str(finding) for finding in support.problems(model, (target,))]
        valid = _is_valid(model, tmp_path)
        assert valid == ANSWERS[name]["valid"], name
        if name in NOT_STATIC:
            assert any(NOT_STATIC[name] in finding for finding in findings), (name, findings)
        elif valid and (not findings) != ANSWERS[name][target]:
            wrong[name] = findings
    assert wrong == {}


def test_mixed_types_are_invalid_whatever_tensorrt_says(tmp_path: Path) -> None:
    mixed = {n for n in GRAPHS if "mixed" in n and n not in ("concat_mixed_cast", "pow_mixed", "layer_norm_mixed")}
    assert mixed >= {"add_mixed", "concat_mixed", "conv_mixed", "matmul_mixed", "where_mixed"}
    for name in mixed:
        assert not _is_valid(GRAPHS[name], tmp_path), name
    onnx.save(GRAPHS["concat_mixed"], str(tmp_path / "graph.onnx"))
    with pytest.raises(support.GraphTypeError, match=r"graph\.onnx is not valid ONNX: .*Concat") as error:
        support.check_support(tmp_path / "graph.onnx")
    assert error.value.exit_code == 4


def test_float32_products_are_refused_on_turing_alone(tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    onnx.save(GRAPHS["gemm_fp32"], str(path))
    assert support.check_support(path, ("sm_86", "sm_120")) == 1
    with pytest.raises(support.UnsupportedGraphError, match="sm_75 multiplies matrices in FLOAT16 alone"):
        support.check_support(path, ("sm_75", "sm_86"))


@needs_rtx
def test_the_answers_are_those_of_the_real_builder() -> None:
    if version("tensorrt_rtx_cu13") != "1.7.1.116":
        pytest.skip("the answers are of version 1.7.1.116")
    trt = module_of(RTX)
    for name, model in GRAPHS.items():
        got = {target: _builds(trt, model, target) for target in TARGETS}
        assert got == {target: ANSWERS[name][target] for target in TARGETS}, name


@needs_rtx
def test_the_real_parser_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "graph.onnx"
    onnx.save(GRAPHS["relu_int32"], str(path))
    assert "unsupported input type of INT32" in (ask_parser(path) or "")
    # Where the table is wrong, the parser is asked all the same.
    monkeypatch.setattr(support, "problems", lambda model, targets: [])
    with pytest.raises(support.UnsupportedGraphError, match=r"parser refuses graph\.onnx: .*INT32"):
        support.check_support(path)
    onnx.save(GRAPHS["relu"], str(path))
    assert ask_parser(path) is None


def _builds(trt: Any, model: onnx.ModelProto, target: str) -> bool:
    """Whether parser and builder take it, for 1 to 4 rows."""
    logger = keeping_logger(trt, [])
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    if parse(trt, network, logger, model.SerializeToString()) is not None:
        return False
    config = builder.create_builder_config()
    config.clear_flag(trt.BuilderFlag.TF32)
    rtx_set_targets(trt, config, (target,))
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        shape = tuple(tensor.shape)
        if tensor.is_shape_tensor:
            profile.set_shape_input(tensor.name, *([rows] * max(1, *shape, 1) for rows in (1, 2, 4)))
        elif -1 in shape:
            profile.set_shape(tensor.name, *(tuple(rows if s == -1 else s for s in shape) for rows in (1, 2, 4)))
    config.add_optimization_profile(profile)
    return builder.build_serialized_network(network, config) is not None
