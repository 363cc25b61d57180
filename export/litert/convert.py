"""Graphs to LiteRT (``.tflite``) by litert-torch, smaller ones by ai-edge-quantizer."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ConversionError
from ..graphs import Graph
from ..quiet import quiet

#: Above this, ai-edge-quantizer works on a weight in chunks of its own.
_QUANTIZER_BYTES: Final = 32 * 2**20
#: Releases of ai-edge-quantizer whose handling of large weights was read and is worked around.
_PATCHED: Final = ("0.10.0",)


def convert(graphs: dict[str, Graph], path: Path) -> None:
    """Write one fp32 ``.tflite`` with a named signature per entry (all entries share their weights).

    Raises:
        ConversionError: the converter refused an operator; the message is its own first line.
    """
    with quiet():
        import litert_torch

        converter = litert_torch.Converter()
        for name, graph in graphs.items():
            converter = converter.signature(name, graph.module, sample_kwargs=graph.inputs)
        try:
            converter.convert().export(str(path))
        except OSError:
            raise
        except Exception as error:  # the converter raises many kinds; each means "not this graph"
            role = next(iter(graphs.values())).role
            raise ConversionError(f"LiteRT cannot convert {role}: {_first_line(error)}") from error


def reduce(source: Path, precision: str, path: Path) -> None:
    """Write a smaller ``.tflite`` of an fp32 one.

    ``fp16``: weights as float16, dequantized when the model is loaded. ``int8``: weights as int8 per output
    channel; activations stay float in the graph and are quantized per row as they come (dynamic range), so no
    calibration data is needed.

    Raises:
        ConversionError: the quantizer refused the model.
    """
    with quiet(bars=True), _large_weights():
        from ai_edge_quantizer import quantizer

        try:
            result = quantizer.Quantizer(str(source), _recipe(precision)).quantize()
        except OSError:
            raise
        except Exception as error:
            raise ConversionError(f"{source.name} cannot be made {precision}: {_first_line(error)}") from error
    assert result.quantized_model is not None
    path.write_bytes(result.quantized_model)


def _recipe(precision: str) -> Any:
    from ai_edge_quantizer import qtyping, recipe, recipe_manager

    if precision == "int8":
        return recipe.dynamic_wi8_afp32()
    assert precision == "fp16", precision
    manager = recipe_manager.RecipeManager()
    manager.add_quantization_config(
        regex=".*",
        operation_name=qtyping.TFLOperationName.ALL_SUPPORTED,
        algorithm_key=recipe.AlgorithmName.FLOAT_CASTING,
        op_config=qtyping.OpQuantizationConfig(
            weight_tensor_config=qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT),
            compute_precision=qtyping.ComputePrecision.FLOAT,
            explicit_dequantize=True,
        ),
    )
    return manager.get_quantization_recipe()


@contextlib.contextmanager
def _large_weights() -> Iterator[None]:
    """Quantize a weight over 32 MiB in groups of output channels, which the quantizer cannot do whole.

    For these, ai-edge-quantizer 0.10.0 flattens the weight, but not its scales, which then do not fit a convolution's
    four dimensions (its issues 472 and 512, open). A channel's values depend on its own scale only, so the parts are
    what the whole would be. Only the release that was read is patched: in another one the function may mean something
    else, and its own refusal is better than a wrong weight.
    """
    if version("ai-edge-quantizer") not in _PATCHED:
        yield
        return
    from ai_edge_quantizer.algorithms.uniform_quantize import uniform_quantize_tensor as module

    whole = module.uniform_quantize

    def by_channel(data: NDArray[Any], params: Any, is_blockwise_quant: bool = False) -> NDArray[Any]:
        if data.nbytes <= _QUANTIZER_BYTES or data.ndim <= 2 or is_blockwise_quant or params.quantized_dimension != 0:
            return whole(data, params, is_blockwise_quant)
        step = max(1, _QUANTIZER_BYTES // data[0].nbytes)
        parts = []
        for i in range(0, len(data), step):
            own = {"scale": params.scale[i : i + step], "zero_point": params.zero_point[i : i + step]}
            parts.append(whole(data[i : i + step], dataclasses.replace(params, **own)))
        return np.concatenate(parts)

    module.uniform_quantize = by_channel
    try:
        yield
    finally:
        module.uniform_quantize = whole


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
