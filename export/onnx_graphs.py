"""Graphs to ONNX through ``torch.export``; only the batch is dynamic."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import Any, Final

import torch

from .errors import ConversionError
from .graphs import Graph

#: Opset that ONNX Runtime 1.22+ and TensorRT 10+ both read.
OPSET: Final = 18


def convert(graph: Graph, path: Path) -> None:
    """Write ``path`` with a dynamic first dimension ("batch") on everything but the timestep.

    Raises:
        ConversionError: the exporter refused the graph.
    """
    batch = torch.export.Dim("batch", min=1, max=4096)
    shapes: dict[str, Any] = {n: ({} if n == "timestep" else {0: batch}) for n in graph.inputs}
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the exporter's own deprecations
            torch.onnx.export(
                graph.module,
                (),
                str(path),
                kwargs=graph.inputs,
                input_names=list(graph.inputs),
                output_names=[graph.output],
                dynamic_shapes=shapes,
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except OSError:
        raise
    except Exception as error:  # the exporter raises many kinds; each means "not this graph"
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConversionError(f"ONNX export of {graph.role} failed: {first}") from error
    finally:
        logging.disable(logging.NOTSET)
