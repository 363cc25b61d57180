"""Read and rewrite ``.tflite`` files: metadata, short names, operators by type, what a GPU takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: Name of our entry in the model's metadata; its buffer is UTF-8 JSON, see :mod:`export.tensors`.
METADATA_NAME: Final = "obclip"
#: LiteRT maps weights into memory and its kernels want them at multiples of this.
_ALIGNMENT: Final = 16
#: Rewriting takes about four times a file's size in memory; larger files are left as the converter wrote them.
_REWRITE_LIMIT: Final = 2**30
_NAME_CHARS: Final = 40


#: Operator types that the GPU delegate takes: the cases of ``CheckGpuDelegateCompatibility`` in TensorFlow's
#: ``tflite/tools/versioning/gpu_compatibility.cc``. Conditions on shapes and constants are not repeated here. (The
#: analyzer inside ai-edge-litert 2.3.0 has the same option, but names no operator whatever the model holds.)
GPU_OPERATORS: Final = frozenset(
    [
        "ABS",
        "ADD",
        "ADD_N",
        "AVERAGE_POOL_2D",
        "BATCH_MATMUL",
        "CAST",
        "CONCATENATION",
        "CONV_2D",
        "COS",
        "CUMSUM",
        "DENSIFY",
        "DEPTHWISE_CONV_2D",
        "DEPTH_TO_SPACE",
        "DEQUANTIZE",
        "DIV",
        "ELU",
        "EQUAL",
        "EXP",
        "FLOOR",
        "FLOOR_DIV",
        "FLOOR_MOD",
        "FULLY_CONNECTED",
        "GATHER",
        "GELU",
        "GREATER",
        "GREATER_EQUAL",
        "HARD_SWISH",
        "LEAKY_RELU",
        "LESS",
        "LESS_EQUAL",
        "LOG",
        "LOGICAL_AND",
        "LOGISTIC",
        "LSTM",
        "MAXIMUM",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
        "MIRROR_PAD",
        "MUL",
        "NEG",
        "NOT_EQUAL",
        "ONE_HOT",
        "PACK",
        "PAD",
        "PADV2",
        "POW",
        "PRELU",
        "QUANTIZE",
        "REDUCE_MAX",
        "REDUCE_MIN",
        "REDUCE_PROD",
        "RELU",
        "RELU6",
        "RELU_N1_TO_1",
        "RESHAPE",
        "RESIZE_BILINEAR",
        "RESIZE_NEAREST_NEIGHBOR",
        "RSQRT",
        "SELECT",
        "SELECT_V2",
        "SIGN",
        "SIN",
        "SLICE",
        "SOFTMAX",
        "SPACE_TO_DEPTH",
        "SPLIT",
        "SPLIT_V",
        "SQRT",
        "SQUARE",
        "SQUARED_DIFFERENCE",
        "STRIDED_SLICE",
        "SUB",
        "SUM",
        "TANH",
        "TILE",
        "TRANSPOSE",
        "TRANSPOSE_CONV",
    ]
)


@dataclass(frozen=True)
class DelegateReport:
    """Operators of a ``.tflite`` by type, and the types that are not on the GPU delegate's list."""

    operators: dict[str, int]
    outside_gpu: list[str]

    @property
    def gpu_share(self) -> float:
        """Share of the operators that the GPU delegate takes."""
        total = sum(self.operators.values())
        outside = sum(n for name, n in self.operators.items() if name in self.outside_gpu)
        return 1.0 - outside / total if total else 1.0


def rewrite(path: Path, metadata: str) -> None:
    """Put ``metadata`` into a ``.tflite`` and shorten the names of its inner tensors (converters repeat the whole
    module path in each); weights stay as they are, at 16-byte multiples. Files over 1 GiB are left alone."""
    if path.stat().st_size > _REWRITE_LIMIT:
        return
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    class AlignedBuffer(schema.BufferT):
        """The generated packer ignores the schema's ``force_align: 16``."""

        def Pack(self, builder: Any) -> Any:  # noqa: N802  (the generated code's name)
            data = b"" if self.data is None else bytes(self.data)
            if data:
                builder.StartVector(1, len(data), _ALIGNMENT)
                builder.head -= len(data)
                builder.Bytes[builder.head : builder.head + len(data)] = data
                vector = builder.EndVector()
            schema.BufferStart(builder)
            if data:
                schema.BufferAddData(builder, vector)
            return schema.BufferEnd(builder)

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(path.read_bytes()))
    named = {t.tensorIndex for s in model.signatureDefs or [] for t in [*s.inputs, *s.outputs]}
    for subgraph in model.subgraphs:
        for index, tensor in enumerate(subgraph.tensors):
            if index not in named and tensor.name:
                tensor.name = _short(tensor.name, index)
    buffers = []
    for buffer in model.buffers:
        aligned = AlignedBuffer()
        aligned.data = buffer.data
        buffers.append(aligned)
    text = AlignedBuffer()
    text.data = metadata.encode()
    model.buffers = [*buffers, text]
    entry = schema.MetadataT()
    entry.name, entry.buffer = METADATA_NAME.encode(), len(model.buffers) - 1
    old = [m for m in model.metadata or [] if m.name != METADATA_NAME.encode()]
    model.metadata = [*old, entry]
    builder = flatbuffers.Builder(path.stat().st_size + 2**20)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(builder.Output())


def _short(name: bytes, index: int) -> bytes:
    """The last part of a module path; the index keeps names unique, which the quantizer asks for."""
    tail = name.rstrip(b";").rsplit(b"/", 1)[-1]
    return tail[-_NAME_CHARS:] + b":%d" % index


def read_metadata(path: Path) -> str | None:
    """Our metadata's text, or ``None`` where a file has none."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(path.read_bytes(), 0)
    for i in range(model.MetadataLength()):
        entry = model.Metadata(i)
        if entry.Name() == METADATA_NAME.encode():
            return bytes(model.Buffers(entry.Buffer()).DataAsNumpy()).decode()
    return None


def delegate_report(path: Path) -> DelegateReport:
    """Count operators over all signatures, and hold their types against the GPU delegate's list."""
    from ai_edge_litert import schema_py_generated as schema

    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
    model = schema.Model.GetRootAs(path.read_bytes(), 0)
    operators: Counter[str] = Counter()
    for s in range(model.SubgraphsLength()):
        subgraph = model.Subgraphs(s)
        for o in range(subgraph.OperatorsLength()):
            code = model.OperatorCodes(subgraph.Operators(o).OpcodeIndex())
            # Files older than schema 3a keep the operator in the deprecated byte alone.
            operators[names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]] += 1
    return DelegateReport(dict(sorted(operators.items())), sorted(operators.keys() - GPU_OPERATORS))
