"""What each MIL operator computes, after Apple's reference of the iOS 15 to iOS 17 operator sets, in torch.

Tensors are float32 here whatever the program's type; :mod:`export.coreml.mil_reference` rounds to float16 after each
operator whose output is float16.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


class Arguments:
    """One operator's inputs by name: tensors, numbers and lists as the operator needs them."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def tensor(self, name: str) -> Tensor:
        value = self._values[name]
        return value if isinstance(value, Tensor) else torch.as_tensor(np.asarray(value))

    def maybe(self, name: str) -> Tensor | None:
        return self.tensor(name) if self.has(name) else None

    def tensors(self, name: str) -> list[Tensor]:
        return [v if isinstance(v, Tensor) else torch.as_tensor(np.asarray(v)) for v in self._values[name]]

    def ints(self, name: str, default: list[int] | None = None) -> list[int]:
        if not self.has(name) and default is not None:
            return default
        return [int(v) for v in self.tensor(name).reshape(-1)]

    def integer(self, name: str, default: int = 0) -> int:
        return int(self.tensor(name)) if self.has(name) else default

    def number(self, name: str, default: float = 0.0) -> float:
        return float(self.tensor(name)) if self.has(name) else default

    def flag(self, name: str, default: bool = False) -> bool:
        return bool(self.tensor(name)) if self.has(name) else default

    def text(self, name: str, default: str = "") -> str:
        return str(self._values[name]) if self.has(name) else default


Operator = Callable[[Arguments], "Tensor | list[Tensor]"]


def _unary(function: Callable[[Tensor], Tensor]) -> Operator:
    return lambda a: function(a.tensor("x"))


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    return lambda a: function(a.tensor("x"), a.tensor("y"))


def _real_div(x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y) if x.is_floating_point() else torch.div(x, y, rounding_mode="floor")


def _conv(a: Arguments) -> Tensor:
    x, weight = a.tensor("x"), a.tensor("weight")
    spatial = x.dim() - 2
    strides, dilations = a.ints("strides", [1] * spatial), a.ints("dilations", [1] * spatial)
    kind = a.text("pad_type", "valid")
    if kind == "custom":
        pads = a.ints("pad", [0] * 2 * spatial)
    elif kind == "valid":
        pads = [0] * 2 * spatial
    else:  # "same" puts the odd one behind, "same_lower" before
        pads = []
        for i in range(spatial):
            extent = dilations[i] * (weight.shape[2 + i] - 1) + 1
            total = max(0, (math.ceil(x.shape[2 + i] / strides[i]) - 1) * strides[i] + extent - x.shape[2 + i])
            small, large = total // 2, total - total // 2
            pads += [large, small] if kind == "same_lower" else [small, large]
    backwards = [p for i in reversed(range(spatial)) for p in pads[2 * i : 2 * i + 2]]
    function: Any = F.conv1d if spatial == 1 else F.conv2d
    out: Tensor = function(
        F.pad(x, backwards), weight, a.maybe("bias"), stride=strides, dilation=dilations, groups=a.integer("groups", 1)
    )
    return out


def _matmul(a: Arguments) -> Tensor:
    x, y = a.tensor("x"), a.tensor("y")
    x = x.transpose(-1, -2) if a.flag("transpose_x") else x
    y = y.transpose(-1, -2) if a.flag("transpose_y") else y
    return x @ y


def _layer_norm(a: Arguments) -> Tensor:
    x, axes = a.tensor("x"), [i % a.tensor("x").dim() for i in a.ints("axes")]
    mean = x.mean(axes, keepdim=True)
    out = (x - mean) * torch.rsqrt((x - mean).square().mean(axes, keepdim=True) + a.number("epsilon", 1e-5))
    shape = [n if i in axes else 1 for i, n in enumerate(x.shape)]
    if (gamma := a.maybe("gamma")) is not None:
        out = out * gamma.reshape(shape)
    if (beta := a.maybe("beta")) is not None:
        out = out + beta.reshape(shape)
    return out


def _instance_norm(a: Arguments) -> Tensor:
    return F.instance_norm(a.tensor("x"), weight=a.maybe("gamma"), bias=a.maybe("beta"), eps=a.number("epsilon", 1e-5))


def _batch_norm(a: Arguments) -> Tensor:
    return F.batch_norm(
        a.tensor("x"), a.tensor("mean"), a.tensor("variance"), a.maybe("gamma"), a.maybe("beta"),
        eps=a.number("epsilon", 1e-5),
    )  # fmt: skip


def _reduce(name: str) -> Operator:
    def run(a: Arguments) -> Tensor:
        x = a.tensor("x")
        axes, keep = a.ints("axes", list(range(x.dim()))), a.flag("keep_dims")
        function = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax, "min": torch.amin}[name]
        return function(x, axes, keepdim=keep)

    return run


def _gelu(a: Arguments) -> Tensor:
    x, mode = a.tensor("x"), a.text("mode", "EXACT")
    if mode == "SIGMOID_APPROXIMATION":
        return x * torch.sigmoid(1.702 * x)
    return F.gelu(x, approximate="tanh" if mode == "TANH_APPROXIMATION" else "none")


def _reshape(a: Arguments) -> Tensor:
    x = a.tensor("x")
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(a.ints("shape"))])


def _expand_dims(a: Arguments) -> Tensor:
    x, axes = a.tensor("x"), a.ints("axes")
    for axis in sorted(i % (x.dim() + len(axes)) for i in axes):
        x = x.unsqueeze(axis)
    return x


def _squeeze(a: Arguments) -> Tensor:
    x = a.tensor("x")
    return x.squeeze(a.ints("axes")) if a.has("axes") else x.squeeze()


def _slice_by_index(a: Arguments) -> Tensor:
    x = a.tensor("x")
    begin, end, rank = a.ints("begin"), a.ints("end"), x.dim()
    stride = a.ints("stride", [1] * rank)
    begin_mask, end_mask, squeeze = (a.ints(n, [0] * rank) for n in ("begin_mask", "end_mask", "squeeze_mask"))
    index: list[Any] = []
    for i in range(rank):
        if squeeze[i]:
            index.append(begin[i])
            continue
        index.append(slice(None if begin_mask[i] else begin[i], None if end_mask[i] else end[i], stride[i]))
    return torch.from_numpy(np.ascontiguousarray(x.numpy()[tuple(index)]))  # numpy: torch has no negative strides


def _slice_by_size(a: Arguments) -> Tensor:
    x = a.tensor("x")
    pairs = zip(a.ints("begin"), a.ints("size"), x.shape, strict=True)
    return x[tuple(slice(b, n if s == -1 else b + s) for b, s, n in pairs)]


def _split(a: Arguments) -> list[Tensor]:
    x, axis = a.tensor("x"), a.integer("axis")
    if a.has("split_sizes"):
        return list(torch.split(x, a.ints("split_sizes"), axis))
    return list(torch.split(x, x.shape[axis] // a.integer("num_splits"), axis))


def _gather(a: Arguments) -> Tensor:
    x, indices, axis = a.tensor("x"), a.tensor("indices").long(), a.integer("axis")
    if a.integer("batch_dims"):
        raise NotImplementedError("gather with batch_dims")
    axis %= x.dim()
    out = torch.index_select(x, axis, torch.where(indices < 0, indices + x.shape[axis], indices).reshape(-1))
    return out.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def _gather_nd(a: Arguments) -> Tensor:
    x, indices = a.tensor("x"), a.tensor("indices").long()
    if a.integer("batch_dims"):
        raise NotImplementedError("gather_nd with batch_dims")
    out: Tensor = x[tuple(indices.unbind(-1))]  # a negative index counts from the end, in both
    return out


def _upsample(a: Arguments) -> Tensor:
    scale = [a.number("scale_factor_height", 1.0), a.number("scale_factor_width", 1.0)]
    return F.interpolate(a.tensor("x"), scale_factor=scale, mode="nearest")


def _pad(a: Arguments) -> Tensor:
    pads = a.ints("pad")
    backwards = [p for i in reversed(range(len(pads) // 2)) for p in pads[2 * i : 2 * i + 2]]
    mode = a.text("mode", "constant")
    if mode == "constant":
        return F.pad(a.tensor("x"), backwards, value=a.number("constant_val"))
    return F.pad(a.tensor("x"), backwards, mode={"reflect": "reflect", "replicate": "replicate"}[mode])


def _cast(a: Arguments) -> Tensor:
    kind = a.text("dtype")
    if kind.startswith("fp"):
        return a.tensor("x").float()  # fp16 is rounded by the caller
    return a.tensor("x").to(torch.bool if kind == "bool" else torch.int32)


def _concat(a: Arguments) -> Tensor:
    if a.flag("interleave"):
        raise NotImplementedError("concat with interleave")
    return torch.cat(a.tensors("values"), a.integer("axis"))


def _lut_to_dense(a: Arguments) -> Tensor:
    """iOS 16: ``indices`` are n-bit numbers, least significant bit first, in a stream of bytes; 2^n = len(lut)."""
    lut, shape = a.tensor("lut").reshape(-1), a.ints("shape")
    bits, count = int(math.log2(lut.numel())), math.prod(shape)
    packed = a.tensor("indices").numpy().astype(np.uint8).reshape(-1)
    if bits == 8:
        index = packed[:count].astype(np.int64)
    else:
        stream = np.unpackbits(packed, bitorder="little")[: count * bits].reshape(count, bits)
        index = stream.astype(np.int64) @ (1 << np.arange(bits, dtype=np.int64))
    return lut[torch.from_numpy(index)].reshape(shape)


def _affine_dequantize(a: Arguments) -> Tensor:
    data, axis = a.tensor("quantized_data").float(), a.integer("axis")
    shape = [-1 if i == axis % data.dim() else 1 for i in range(data.dim())]
    scale, zero = a.tensor("scale").float(), a.tensor("zero_point").float()
    spread = [v if v.dim() == 0 else v.reshape(shape) for v in (scale, zero)]
    return (data - spread[1]) * spread[0]


OPERATORS: Final[dict[str, Operator]] = {
    "abs": _unary(torch.abs),
    "add": _binary(torch.add),
    "batch_norm": _batch_norm,
    "cast": _cast,
    "clip": lambda a: a.tensor("x").clamp(a.number("alpha"), a.number("beta")),
    "concat": _concat,
    "constexpr_affine_dequantize": _affine_dequantize,
    "constexpr_cast": lambda a: a.tensor("source_val").float(),
    "constexpr_lut_to_dense": _lut_to_dense,
    "conv": _conv,
    "cos": _unary(torch.cos),
    "equal": _binary(torch.eq),
    "erf": _unary(torch.erf),
    "exp": _unary(torch.exp),
    "expand_dims": _expand_dims,
    "fill": lambda a: torch.full(a.ints("shape"), a.number("value")),
    "fill_like": lambda a: torch.full(a.tensor("ref_tensor").shape, a.tensor("value").item()),
    "gather": _gather,
    "gather_nd": _gather_nd,
    "gelu": _gelu,
    "greater": _binary(torch.gt),
    "greater_equal": _binary(torch.ge),
    "identity": _unary(lambda x: x),
    "instance_norm": _instance_norm,
    "inverse": lambda a: 1.0 / (a.tensor("x") + a.number("epsilon", 1e-4)),
    "layer_norm": _layer_norm,
    "less": _binary(torch.lt),
    "less_equal": _binary(torch.le),
    "linear": lambda a: F.linear(a.tensor("x"), a.tensor("weight"), a.maybe("bias")),
    "log": lambda a: torch.log(a.tensor("x") + a.number("epsilon", 1e-45)),
    "logical_and": _binary(torch.logical_and),
    "logical_not": _unary(torch.logical_not),
    "logical_or": _binary(torch.logical_or),
    "matmul": _matmul,
    "maximum": _binary(torch.maximum),
    "minimum": _binary(torch.minimum),
    "mul": _binary(torch.mul),
    "not_equal": _binary(torch.ne),
    "pad": _pad,
    "pow": _binary(torch.pow),
    "real_div": _binary(_real_div),
    "reduce_argmax": lambda a: a.tensor("x").argmax(a.integer("axis", -1), keepdim=a.flag("keep_dims")),
    "reduce_max": _reduce("max"),
    "reduce_mean": _reduce("mean"),
    "reduce_min": _reduce("min"),
    "reduce_sum": _reduce("sum"),
    "relu": _unary(torch.relu),
    "reshape": _reshape,
    "rsqrt": lambda a: torch.rsqrt(a.tensor("x") + a.number("epsilon", 1e-12)),
    "select": lambda a: torch.where(a.tensor("cond").bool(), a.tensor("a"), a.tensor("b")),
    "sigmoid": _unary(torch.sigmoid),
    "silu": _unary(F.silu),
    "sin": _unary(torch.sin),
    "slice_by_index": _slice_by_index,
    "slice_by_size": _slice_by_size,
    "softmax": lambda a: torch.softmax(a.tensor("x"), a.integer("axis", -1)),
    "split": _split,
    "sqrt": _unary(torch.sqrt),
    "square": _unary(torch.square),
    "squeeze": _squeeze,
    "stack": lambda a: torch.stack(a.tensors("values"), a.integer("axis")),
    "sub": _binary(torch.sub),
    "tanh": _unary(torch.tanh),
    "tile": lambda a: a.tensor("x").repeat(a.ints("reps")),
    "transpose": lambda a: a.tensor("x").permute(a.ints("perm")),
    "upsample_nearest_neighbor": _upsample,
}
