"""What runs a compiled edge graph on this machine, for verification."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Program = Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]]


def litert_interpreter(path: Path, threads: int = 2, package: str = "ai_edge_litert") -> Any:
    """LiteRT's interpreter; ``package`` "tflite_runtime" takes TensorFlow Lite's last standalone wheel."""
    if package == "tflite_runtime":
        from tflite_runtime.interpreter import Interpreter
    else:
        from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(path), num_threads=threads)


def coreml_program(packages: Sequence[Path]) -> Program:
    """Packages run in order, each taking the first inputs and what those before it gave."""
    pieces = [_load(p) for p in packages]

    def run(inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        known = dict(inputs)
        out: dict[str, NDArray[Any]] = {}
        for names, piece in pieces:
            out = piece({n: known[n] for n in names})
            known.update(out)
        return out

    return run


def _load(package: Path) -> tuple[list[str], Program]:
    if platform.system() == "Darwin":  # the real runtime
        import coremltools as ct

        model = ct.models.MLModel(str(package))
        names = [i.name for i in model.get_spec().description.input]
        return names, lambda x: dict(model.predict(x))
    from ..coreml.mil_reference import MilProgram

    program = MilProgram.load(package)
    return list(program.inputs), program
