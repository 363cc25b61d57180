"""Would TensorRT take this ONNX graph? Checked against its documented operators, without TensorRT.

``operators.json`` is onnx-tensorrt's own table (its source and version are in the file): which operators are
supported, on which types, with which restrictions. On top of it, a step graph must be static: no control flow, no
operator of another domain (no plugin), no random numbers, and no shape that depends on data. Shapes may depend on
shapes (the batch is dynamic): every shape-giving input must come from constants and ``Shape`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..errors import ConversionError

__all__ = ["Finding", "UnsupportedGraphError", "check_support", "problems", "table"]

#: ONNX element types in the table's words.
_TYPES: Final = {
    "FLOAT": "FP32",
    "FLOAT16": "FP16",
    "BFLOAT16": "BF16",
    "INT32": "INT32",
    "INT64": "INT64",
    "INT8": "INT8",
    "UINT8": "UINT8",
    "BOOL": "BOOL",
    "DOUBLE": "DOUBLE",
}
_CONTROL_FLOW: Final = ("If", "Loop", "Scan")
#: The number of results depends on values, or the result is random.
_DATA_DEPENDENT: Final = (
    "Bernoulli", "Compress", "Multinomial", "NonMaxSuppression", "NonZero", "RandomNormal", "RandomNormalLike",
    "RandomUniform", "RandomUniformLike", "Unique",
)  # fmt: skip
#: Inputs that give a shape, by position.
_SHAPE_INPUTS: Final[dict[str, tuple[int, ...]]] = {
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "OneHot": (1,),
    "Pad": (1, 3),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1,),
    "TopK": (1,),
    "Unsqueeze": (1,),
}
#: Inputs that the table wants as initializers ("`axes` must be an initializer"), by position.
_CONSTANT_INPUTS: Final[dict[str, int]] = {
    "CumSum": 1, "Pad": 3, "Slice": 3, "Squeeze": 1, "Unsqueeze": 1,
    "ReduceL1": 1, "ReduceL2": 1, "ReduceLogSum": 1, "ReduceLogSumExp": 1, "ReduceMax": 1, "ReduceMean": 1,
    "ReduceMin": 1, "ReduceProd": 1, "ReduceSum": 1, "ReduceSumSquare": 1,
}  # fmt: skip
_RESIZE: Final[dict[str, tuple[str, ...]]] = {
    "mode": ("nearest", "linear"),
    "coordinate_transformation_mode": (
        "half_pixel", "pytorch_half_pixel", "tf_half_pixel_for_nn", "asymmetric", "align_corners",
    ),
    "nearest_mode": ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
    "keep_aspect_ratio_policy": ("stretch",),
}  # fmt: skip
#: Operators whose type is their inputs', because the output is always boolean or an index.
_BY_INPUT: Final = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsNaN", "IsInf", "Shape", "Size")


class UnsupportedGraphError(ConversionError):
    """The graph holds something that TensorRT's parser does not take, or that is not static."""


@dataclass(frozen=True)
class Finding:
    """One node that would not pass: its name and operator, and why."""

    node: str
    operator: str
    why: str

    def __str__(self) -> str:
        return f"{self.operator} ({self.node}): {self.why}"


@cache
def table() -> Mapping[str, Any]:
    """``operators.json``."""
    loaded: Mapping[str, Any] = json.loads(Path(__file__).with_name("operators.json").read_text(encoding="utf-8"))
    return loaded


def check_support(path: Path) -> int:
    """Hold an ONNX file against the table; weights beside the file are not read.

    Returns:
        The number of nodes.

    Raises:
        UnsupportedGraphError: names the first finding and how many there are.
    """
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    found = list(problems(model))
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise UnsupportedGraphError(f"TensorRT would not take {path.name}: {found[0]}{more}")
    return len(model.graph.node)


def problems(model: Any) -> Iterator[Finding]:
    """Everything in an ``onnx.ModelProto`` that the table or the rule of static graphs forbids."""
    import onnx

    if model.functions:
        yield Finding("model", "function", "model-local functions are not inlined")
    low, high = table()["opset_min"], table()["opset_max"]
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and not low <= opset.version <= high:
            yield Finding("model", "opset", f"opset {opset.version} is outside {low} to {high}")
    types = _types(onnx.shape_inference.infer_shapes(model))
    constants = {i.name for i in model.graph.initializer}
    constants |= {o for n in model.graph.node if n.op_type == "Constant" for o in n.output}
    static = set(constants)
    for node in model.graph.node:
        # Shapes, constants and what is computed from them alone; everything else is data.
        if node.op_type in ("Shape", "Size") or (node.input and all(i in static or not i for i in node.input)):
            static.update(node.output)
        for why in _node_problems(node, types, constants, static):
            yield Finding(node.name or node.output[0], node.op_type, why)


def _types(model: Any) -> dict[str, str]:
    import onnx

    def name(element: int) -> str:
        return str(onnx.TensorProto.DataType.Name(element))

    graph = model.graph
    types = {i.name: name(i.data_type) for i in graph.initializer}
    for value in [*graph.input, *graph.output, *graph.value_info]:
        types[value.name] = name(value.type.tensor_type.elem_type)
    return types


def _node_problems(node: Any, types: dict[str, str], constants: set[str], static: set[str]) -> Iterator[str]:
    import onnx

    if node.domain not in ("", "ai.onnx"):
        yield f"it is of the domain {node.domain}, which would need a plugin"
        return
    if node.op_type in _CONTROL_FLOW or any(
        a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute
    ):
        yield "control flow is not static"
        return
    if node.op_type in _DATA_DEPENDENT:
        yield "its result depends on data in shape, or is random"
        return
    entry = table()["operators"].get(node.op_type)
    if entry is None or not entry["supported"]:
        yield "TensorRT's ONNX parser does not support it"
        return
    allowed = entry["types"]
    for tensor in node.input[:1] if node.op_type in _BY_INPUT else [*_data_inputs(node), *node.output]:
        kind = types.get(tensor) if tensor else None
        if tensor and kind is None:
            yield f"the type of {tensor} cannot be inferred"
        elif kind is not None and _TYPES.get(kind, kind) not in allowed:
            yield f"{kind} is not among its types ({', '.join(allowed)})"
    for position in _SHAPE_INPUTS.get(node.op_type, ()):
        if position < len(node.input) and node.input[position] and node.input[position] not in static:
            yield f"its input {position} gives a shape and depends on data"
    if "restrictions" in entry:
        checker = _RESTRICTIONS.get(node.op_type)
        if checker is None:
            yield f"the restriction {entry['restrictions']!r} is not checked here"
        else:
            yield from checker(node, constants)


def _data_inputs(node: Any) -> list[str]:
    """Inputs of the type that the table speaks of: those that share the first output's type by ONNX's schema."""
    import onnx

    try:
        schema = onnx.defs.get_schema(node.op_type, table()["opset_max"])
    except onnx.defs.SchemaError:
        return []
    if node.op_type in ("Cast", "CastLike"):
        return [node.input[0]]
    wanted = schema.outputs[0].type_str if schema.outputs else ""
    names = []
    for index, tensor in enumerate(node.input):
        formal = schema.inputs[min(index, len(schema.inputs) - 1)]
        if formal.type_str == wanted:
            names.append(tensor)
    return names


def _constant_input(node: Any, constants: set[str]) -> Iterator[str]:
    position = _CONSTANT_INPUTS[node.op_type]
    if position < len(node.input) and node.input[position] and node.input[position] not in constants:
        yield f"its input {position} must be an initializer"


def _attributes(node: Any) -> dict[str, Any]:
    import onnx

    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _resize(node: Any, constants: set[str]) -> Iterator[str]:
    given = _attributes(node)
    for name, allowed in _RESIZE.items():
        value = given.get(name, b"")
        if value and value.decode() not in allowed:
            yield f"{name} {value.decode()} is not among {', '.join(allowed)}"
    if given.get("antialias"):
        yield "antialiasing is not supported"
    if "axes" in given:
        yield "axes must cover every dimension"


def _first_output_only(node: Any, constants: set[str]) -> Iterator[str]:
    if any(node.output[1:]):
        yield "only the first output is supported"


def _plain_constant(node: Any, constants: set[str]) -> Iterator[str]:
    if {"sparse_value", "value_string", "value_strings"} & set(_attributes(node)):
        yield "sparse and text constants are not supported"


def _top_k(node: Any, constants: set[str]) -> Iterator[str]:
    if not _attributes(node).get("sorted", 1):
        yield "sorted must be 1"
    if node.input[1] not in constants:
        yield "K must be a constant"


#: One check per operator that has a restriction and may occur; a restriction without a check is a finding.
_RESTRICTIONS: Final[dict[str, Callable[[Any, set[str]], Iterator[str]]]] = {
    **dict.fromkeys(_CONSTANT_INPUTS, _constant_input),
    "Constant": _plain_constant,
    "LayerNormalization": _first_output_only,
    "Resize": _resize,
    "TopK": _top_k,
}
