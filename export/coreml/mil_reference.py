"""Run a CoreML ML Program (``.mlpackage``) operator by operator on any machine.

CoreML predicts on Apple's systems only. This evaluates the program that was really written: it reads the
package's protobuf and weight file, decodes palettized weights, computes every operator in float32 and rounds its
result to float16 where the program's type is float16 (Apple's GPU and Neural Engine accumulate and round in
orders of their own, so the last bits may differ there).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import ConversionError
from .mil_ops import OPERATORS, Arguments

_SPEC: Final = "Data/com.apple.CoreML/model.mlmodel"
_WEIGHTS: Final = "Data/com.apple.CoreML/weights"
#: Above this many elements a constant is kept as it is stored and widened at each use.
_KEEP_WIDE: Final = 4_000_000


@dataclass
class MilProgram:
    """One loaded package; call it with arrays by input name."""

    operations: list[Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    metadata: dict[str, str]
    _constants: dict[str, Any]

    @classmethod
    def load(cls, package: Path) -> MilProgram:
        """Read a package.

        Raises:
            ConversionError: not an ML Program, or an operator that :mod:`export.coreml.mil_ops` does not know.
        """
        import coremltools as ct
        from coremltools.converters.mil.frontend.milproto.load import load

        spec = ct.utils.load_spec(str(package))
        if spec.WhichOneof("Type") != "mlProgram":
            raise ConversionError(f"{package} is no ML Program")
        program = load(spec, spec.specificationVersion, str(package / _WEIGHTS))
        (function,) = program.functions.values()
        unknown = sorted({op.op_type for op in function.operations} - {"const", *OPERATORS})
        if unknown:
            raise ConversionError(f"{package.name} uses {', '.join(unknown)}, which the MIL reference does not know")
        loaded = cls(
            operations=[op for op in function.operations if op.op_type != "const"],
            inputs=tuple(i.name for i in spec.description.input),
            outputs=tuple(o.name for o in spec.description.output),
            metadata=dict(spec.description.metadata.userDefined),
            _constants={},
        )
        for op in function.operations:
            if op.op_type == "const":
                loaded._constants[op.outputs[0].name] = _constant(op.outputs[0].val)
        loaded._fold()
        return loaded

    def operator_counts(self) -> dict[str, int]:
        """Operators by type; constants are not counted."""
        names = [op.op_type for op in self.operations]
        return {name: names.count(name) for name in sorted(set(names))}

    def __call__(self, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Evaluate; inputs by name with the shapes of the package."""
        values: dict[str, Any] = {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in inputs.items()}
        with torch.no_grad():
            for op in self.operations:
                if op.outputs[0].name not in self._constants:
                    self._run(op, values)
        return {name: values[name].numpy() for name in self.outputs}

    def _fold(self) -> None:
        """Decode compressed weights once."""
        with torch.no_grad():
            for op in self.operations:
                if op.op_type.startswith("constexpr_"):
                    self._run(op, self._constants)
                    name = op.outputs[0].name
                    self._constants[name] = _stored(self._constants[name])

    def _run(self, op: Any, values: dict[str, Any]) -> None:
        arguments = Arguments({name: self._resolve(var, values) for name, var in op.inputs.items()})
        result = OPERATORS[op.op_type](arguments)
        results = result if isinstance(result, list) else [result]
        for var, tensor in zip(op.outputs, results, strict=True):
            # torch.half rounds to nearest even, as the hardware does; what overflows becomes infinite and shows.
            narrow = _is_half(var) and tensor.is_floating_point()
            values[var.name] = tensor.half().float() if narrow else tensor

    def _resolve(self, var: Any, values: dict[str, Any]) -> Any:
        if var is None:
            return None
        if isinstance(var, (list, tuple)):
            return [self._resolve(v, values) for v in var]
        value = values[var.name] if var.name in values else self._constants[var.name]
        return value.float() if isinstance(value, Tensor) and value.dtype == torch.float16 else value


def _constant(value: Any) -> Any:
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.dtype.kind in "US":
        return str(array)
    return _stored(torch.from_numpy(np.array(array)))


def _stored(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    return tensor.half() if tensor.numel() > _KEEP_WIDE else tensor.float()


def _is_half(var: Any) -> bool:
    from coremltools.converters.mil.mil import types

    return bool(types.is_tensor(var.sym_type) and var.dtype == types.fp16) or var.sym_type == types.fp16
