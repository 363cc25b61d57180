"""Would TensorRT take this ONNX graph? Asked before an engine is built, and where no engine can be built.

Three looks, the strictest first:

1. ONNX's own checker, with strict inference of types and shapes: a float16 beside a float32 ends here.
2. ``operators.json``: onnx-tensorrt's table of operators, types and restrictions, corrected by what the real parser
   and builder say (source and versions are in the file). On top of it, a step graph must be static: no control flow,
   no operator of another domain (no plugin), no random numbers, and no shape that depends on data. Shapes may depend
   on shapes (the batch is dynamic). Targets have rules of their own: Turing multiplies matrices in float16 alone.
3. The real parser, where one of TensorRT's libraries is installed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..errors import ConversionError
from .operators import RESTRICTIONS, Facts

__all__ = ["Finding", "GraphTypeError", "UnsupportedGraphError", "check_support", "check_types", "problems", "table"]

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
    "DOUBLE": "FP32",  # the parser takes it as that
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
#: Operators whose type is their inputs', because the output is always boolean or an index.
_BY_INPUT: Final = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsNaN", "IsInf", "Shape", "Size")
#: Compute capability 7.5: no bfloat16, and matrix products in float16 alone.
_TURING: Final = "sm_75"
_PRODUCTS: Final = ("Einsum", "GRU", "Gemm", "LSTM", "MatMul", "RNN")


class GraphTypeError(ConversionError):
    """The graph is not valid ONNX: types that do not go together, an attribute that an operator does not have."""


class UnsupportedGraphError(ConversionError):
    """The graph holds something that TensorRT does not take, or that is not static."""


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


def check_types(path: Path) -> None:
    """Hold an ONNX file against ONNX itself.

    Raises:
        GraphTypeError: it is not valid; the message is the checker's.
    """
    import onnx

    try:
        onnx.checker.check_model(str(path), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise GraphTypeError(f"{path.name} is not valid ONNX: {lines[0] if lines else type(error).__name__}") from error


def check_support(path: Path, targets: Sequence[str] = ()) -> int:
    """Hold an ONNX file against ONNX, the table, and the real parser where there is one.

    Args:
        targets: GPU architectures such as ``sm_75`` that engines will be built for.

    Returns:
        The number of nodes.

    Raises:
        GraphTypeError: it is not valid ONNX.
        UnsupportedGraphError: names the first finding and how many there are.
    """
    import onnx

    from .job import ask_parser

    check_types(path)
    model = onnx.load(str(path), load_external_data=False)
    found = list(problems(model, targets))
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise UnsupportedGraphError(f"TensorRT would not take {path.name}: {found[0]}{more}")
    outside = any(tensor.external_data for tensor in model.graph.initializer)
    # The parser reads the weights too: a graph of several gigabytes is parsed once, where its engine is built.
    if not outside and (refusal := ask_parser(path)) is not None:
        raise UnsupportedGraphError(f"TensorRT's parser refuses {path.name}: {refusal}")
    return len(model.graph.node)


def problems(model: Any, targets: Sequence[str] = ()) -> Iterator[Finding]:
    """Everything in an ``onnx.ModelProto`` that the table, the rule of static graphs or a target forbids."""
    if model.functions:
        yield Finding("model", "function", "model-local functions are not inlined")
    low, high = table()["opset_min"], table()["opset_max"]
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and not low <= opset.version <= high:
            yield Finding("model", "opset", f"opset {opset.version} is outside {low} to {high}")
    facts = _facts(model)
    for node in model.graph.node:
        for why in _node_problems(node, facts):
            yield Finding(node.name or node.output[0], node.op_type, why)
    if _TURING in targets:
        yield from _turing_problems(model.graph, facts)


def _facts(model: Any) -> Facts:
    import onnx

    graph = onnx.shape_inference.infer_shapes(model).graph
    values = {i.name: i for i in graph.initializer}
    types = {i.name: onnx.TensorProto.DataType.Name(i.data_type) for i in graph.initializer}
    shapes: dict[str, tuple[int | None, ...]] = {i.name: tuple(i.dims) for i in graph.initializer}
    for value in [*graph.input, *graph.output, *graph.value_info]:
        tensor = value.type.tensor_type
        types[value.name] = onnx.TensorProto.DataType.Name(tensor.elem_type)
        if tensor.HasField("shape"):
            shapes[value.name] = tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
    for node in graph.node:
        if node.op_type == "Constant":
            values.update((node.output[0], a.t) for a in node.attribute if a.name == "value")
    constants = {*(i.name for i in graph.initializer), *(n.output[0] for n in graph.node if n.op_type == "Constant")}
    static = set(constants)
    for node in graph.node:
        # Shapes, constants and what is computed from them alone; everything else is data.
        if node.op_type in ("Shape", "Size") or (node.input and all(i in static or not i for i in node.input)):
            static.update(node.output)
    return Facts(types, shapes, frozenset(constants), frozenset(static), values)


def _node_problems(node: Any, facts: Facts) -> Iterator[str]:
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
        kind = facts.types.get(tensor) if tensor else None
        if tensor and kind is None:
            yield f"the type of {tensor} cannot be inferred"
        elif kind is not None and _TYPES.get(kind, kind) not in allowed:
            yield f"{kind} is not among its types ({', '.join(allowed)})"
    for position in _SHAPE_INPUTS.get(node.op_type, ()):
        if position < len(node.input) and node.input[position] and node.input[position] not in facts.static:
            yield f"its input {position} gives a shape and depends on data"
    if "restrictions" in entry:
        checker = RESTRICTIONS.get(node.op_type)
        if checker is None:
            yield f"the restriction {entry['restrictions']!r} is not checked here"
        else:
            yield from checker(node, facts)


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


def _turing_problems(graph: Any, facts: Facts) -> Iterator[Finding]:
    for name, kind in facts.types.items():
        if kind == "BFLOAT16":
            yield Finding(name, "tensor", f"{_TURING} has no BFLOAT16")
            return
    makers = {out: node for node in graph.node for out in node.output}
    readers = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name].append(node)
    for node in graph.node:
        wide = facts.types.get(node.output[0]) in ("FLOAT", "DOUBLE")
        if node.op_type in _PRODUCTS and wide and not _narrowed(node, facts, makers, readers):
            why = f"{_TURING} multiplies matrices in FLOAT16 alone: leave that target out, or export in float16"
            yield Finding(node.name or node.output[0], node.op_type, why)


def _narrowed(node: Any, facts: Facts, makers: Mapping[str, Any], readers: Mapping[str, list[Any]]) -> bool:
    """Whether float16 goes in and comes out on both sides: the builder then multiplies in float16."""

    def is_half(name: str) -> bool:
        maker = makers.get(name)
        from_half = maker is not None and maker.op_type == "Cast" and facts.types.get(maker.input[0]) == "FLOAT16"
        return from_half or name in facts.constants

    after = readers.get(node.output[0], [])
    ends = all(r.op_type == "Cast" and facts.types.get(r.output[0]) == "FLOAT16" for r in after)
    return bool(after) and ends and all(is_half(name) for name in node.input if name)
