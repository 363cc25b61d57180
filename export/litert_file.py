"""Read and rewrite ``.tflite`` files: metadata, short names, operators by type, the GPU delegate's verdict."""

from __future__ import annotations

import re
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


@dataclass(frozen=True)
class DelegateReport:
    """Operators of a ``.tflite`` by type, and those that LiteRT's GPU delegate refuses, each with its reason."""

    operators: dict[str, int]
    outside_gpu: dict[str, str]
    runtime: str

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
    """Count operators and ask LiteRT's own checker (``CheckGpuDelegateCompatibility``) about each."""
    from ai_edge_litert import _pywrap_analyzer_wrapper as analyzer

    text = analyzer.ModelAnalyzer(str(path), True, True)
    operators: Counter[str] = Counter()
    outside: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if found := re.match(r"\s*Op#\d+ (\w+)\(", line):
            last = found.group(1)
            operators[last] += 1
        elif "GPU COMPATIBILITY WARNING:" in line:
            outside.setdefault(last, line.split("WARNING:", 1)[1].strip())
    version = re.search(r"runtime version (\S+)", text)
    return DelegateReport(dict(sorted(operators.items())), outside, version.group(1).rstrip(".") if version else "")
