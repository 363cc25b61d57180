"""What the operators' restrictions in ``operators.json`` mean, one check each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["RESTRICTIONS", "Facts", "attributes", "constant_value"]

#: Inputs that must be known when an engine is built, by position.
_KNOWN_INPUTS: Final[dict[str, int]] = {
    "CumSum": 1, "OneHot": 1, "Pad": 3, "Slice": 3, "Squeeze": 1, "Unsqueeze": 1,
    "ReduceL1": 1, "ReduceL2": 1, "ReduceLogSum": 1, "ReduceLogSumExp": 1, "ReduceMax": 1, "ReduceMean": 1,
    "ReduceMin": 1, "ReduceProd": 1, "ReduceSum": 1, "ReduceSumSquare": 1,
}  # fmt: skip
_RESIZE: Final[dict[str, tuple[str, ...]]] = {
    "mode": ("nearest", "linear", "cubic"),
    "coordinate_transformation_mode": (
        "half_pixel", "pytorch_half_pixel", "tf_half_pixel_for_nn", "asymmetric", "align_corners",
    ),
    "nearest_mode": ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
    "keep_aspect_ratio_policy": ("stretch",),
}  # fmt: skip
#: Spatial dimensions of a pooling.
_POOLING: Final = (1, 2, 3)
_IMAGE_RANK: Final = 4


@dataclass(frozen=True)
class Facts:
    """What is known of a graph's tensors, by name.

    Args:
        types: element types, in ONNX's words.
        shapes: sizes, ``None`` where one is free; a tensor of unknown rank is not in it.
        constants: initializers and results of ``Constant``.
        static: constants, shapes, and what is computed from them alone.
        values: the tensors of ``constants`` whose values are in the file.
    """

    types: Mapping[str, str]
    shapes: Mapping[str, tuple[int | None, ...]]
    constants: frozenset[str]
    static: frozenset[str]
    values: Mapping[str, Any]


def attributes(node: Any) -> dict[str, Any]:
    """A node's attributes by name."""
    import onnx

    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def constant_value(facts: Facts, name: str) -> Any:
    """A constant's array, or ``None`` where it is no constant or lies outside the file."""
    import onnx

    tensor = facts.values.get(name)
    return None if tensor is None or tensor.external_data else onnx.numpy_helper.to_array(tensor)


def _input(node: Any, position: int) -> str:
    return str(node.input[position]) if position < len(node.input) else ""


def _known_input(node: Any, facts: Facts) -> Iterator[str]:
    position = _KNOWN_INPUTS[node.op_type]
    name = _input(node, position)
    if name and name not in facts.static:
        yield f"its input {position} must be known when an engine is built"


def _resize(node: Any, facts: Facts) -> Iterator[str]:
    given = attributes(node)
    for name, allowed in _RESIZE.items():
        value = given.get(name, b"")
        if value and value.decode() not in allowed:
            yield f"{name} {value.decode()} is not among {', '.join(allowed)}"
    if given.get("antialias"):
        yield "antialiasing is not supported"


def _first_output_only(node: Any, facts: Facts) -> Iterator[str]:
    if any(node.output[1:]):
        yield "only the first output is supported"


def _pooling(node: Any, facts: Facts) -> Iterator[str]:
    given = attributes(node)
    if len(given.get("kernel_shape", ())) not in _POOLING:
        yield "pooling is over one to three dimensions"
    if any(d != 1 for d in given.get("dilations", ())):
        yield "dilated pooling is not supported"
    yield from _first_output_only(node, facts)


def _plain_constant(node: Any, facts: Facts) -> Iterator[str]:
    if {"sparse_value", "value_string", "value_strings"} & set(attributes(node)):
        yield "sparse and text constants are not supported"


def _top_k(node: Any, facts: Facts) -> Iterator[str]:
    count = constant_value(facts, _input(node, 1))
    if count is not None and int(count.reshape(-1)[0]) >= 3840:
        yield "K must be less than 3840"


def _dropout(node: Any, facts: Facts) -> Iterator[str]:
    name = _input(node, 2)
    training = constant_value(facts, name)
    if name and (training is None or bool(training.reshape(-1)[0])):
        yield "training_mode must be a constant and false"


def _grid_sample(node: Any, facts: Facts) -> Iterator[str]:
    shape = facts.shapes.get(node.input[0])
    if shape is not None and len(shape) != _IMAGE_RANK:
        yield "its input must have four dimensions"


def _scatter(node: Any, facts: Facts) -> Iterator[str]:
    reduction = attributes(node).get("reduction", b"none")
    if reduction != b"none":
        yield f"reduction {reduction.decode()} is not supported"


def _eye_like(node: Any, facts: Facts) -> Iterator[str]:
    shape = facts.shapes.get(node.input[0])
    if shape is None or None in shape:
        yield "its input must have static dimensions"


def _hardmax(node: Any, facts: Facts) -> Iterator[str]:
    shape = facts.shapes.get(node.input[0])
    if shape is None or shape[attributes(node).get("axis", -1)] is None:
        yield "the size of its axis must be known when an engine is built"


def _modulo(node: Any, facts: Facts) -> Iterator[str]:
    kind = facts.types.get(node.input[0])
    if not attributes(node).get("fmod", 0) and kind not in ("INT32", "INT64"):
        yield f"without fmod it takes INT32 and INT64, not {kind}"


def _recurrent(node: Any, facts: Facts) -> Iterator[str]:
    given = attributes(node)
    if given.get("layout", 0) or given.get("input_forget", 0):
        yield "layout and input_forget must be 0"
    if given.get("direction", b"forward") == b"bidirectional" and "activations" in given:
        yield "activations of both directions must be the same"


def _zero_point(node: Any, facts: Facts) -> Iterator[str]:
    name = _input(node, 2)
    point = constant_value(facts, name)
    if name and (point is None or point.any()):
        yield "the zero point must be a constant zero"


#: One check per operator that has a restriction and may occur; a restriction without a check is a finding.
RESTRICTIONS: Final[dict[str, Callable[[Any, Facts], Iterator[str]]]] = {
    **dict.fromkeys(_KNOWN_INPUTS, _known_input),
    **dict.fromkeys(("AveragePool", "LpPool", "MaxPool"), _pooling),
    **dict.fromkeys(("GRU", "LSTM", "RNN"), _recurrent),
    **dict.fromkeys(("DequantizeLinear", "QuantizeLinear"), _zero_point),
    "Constant": _plain_constant,
    "Dropout": _dropout,
    "EyeLike": _eye_like,
    "GridSample": _grid_sample,
    "Hardmax": _hardmax,
    "LayerNormalization": _first_output_only,
    "Mod": _modulo,
    "Resize": _resize,
    "ScatterND": _scatter,
    "TopK": _top_k,
}
