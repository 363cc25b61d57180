"""Store the weights of several ONNX graphs once, and in float16 where that loses nothing.

A cloud bundle's graphs (the whole UNet, its step graphs, the text encoder) are different walks over the same weights,
and the weights of published models are float16 that were widened. Here each weight lies once in one file beside the
graphs, as float16 where every value comes back exactly, with a ``Cast`` to float32 behind it. ONNX Runtime folds the
cast when it loads a graph, so what is computed, and every bit of it, stays.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import BundleError, BundleManifest, open_bundle, write_bundle
from obclip_contract.swapping import copy_bundle

__all__ = ["DATA", "compact_bundle", "store_once"]

#: The file of all weights, beside the graphs.
DATA: Final = "weights.data"
#: Smaller initializers are shapes and scalars; they stay in their graph.
_WEIGHT_ELEMENTS: Final = 1024
_ALIGNMENT: Final = 64


def store_once(part: Path, files: Sequence[str]) -> int:
    """Rewrite the graphs ``files`` below ``part`` and write :data:`DATA` beside them; returns its size in bytes.

    A graph whose weights lie outside it already is read with them. Equal graphs give equal bytes.
    """
    import onnx

    places: dict[str, tuple[int, int]] = {}
    with (part / DATA).open("wb") as out:
        for name in files:
            model = onnx.load(part / name)
            casts = []
            for tensor in model.graph.initializer:
                array = onnx.numpy_helper.to_array(tensor)
                if array.dtype != np.float32 or array.size < _WEIGHT_ELEMENTS:
                    continue
                half = halve(array)
                stored = array if half is None else half
                place = _append(out, places, stored)
                if half is not None:
                    casts.append(_cast(onnx, tensor))
                _point(onnx, tensor, place)
            # Casts come first: a graph's nodes are in the order of their use.
            nodes = [*casts, *model.graph.node]
            del model.graph.node[:]
            model.graph.node.extend(nodes)
            (part / name).unlink()  # it may be a link to another bundle's
            (part / name).write_bytes(model.SerializeToString(deterministic=True))
            (part / f"{name}.data").unlink(missing_ok=True)
        return out.tell()


def compact_bundle(root: Path, part: Path) -> BundleManifest:
    """Write a cloud bundle's ONNX Runtime side into the empty folder ``part``: no folders for torch, weights once.

    Raises:
        obclip_contract.BundleError: ``root`` is no whole cloud bundle, or it has no ONNX graphs.
    """
    bundle = open_bundle(root, "cloud")
    kept = [g for g in bundle.manifest.graphs if g.format == "onnx" and g.precision == "fp32"]
    if not kept:
        raise BundleError(f"{root} has no ONNX graphs: export it for ONNX Runtime")
    gone = {g.file for g in bundle.manifest.graphs if g not in kept}
    copy_bundle(bundle.root, part)
    for name in gone:
        path = part / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    store_once(part, [g.file for g in kept])
    return write_bundle(part, bundle.manifest.model_copy(update={"graphs": kept}))


def halve(array: NDArray[np.float32]) -> NDArray[np.float16] | None:
    """The values as float16 if each comes back bit for bit, else ``None``."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    same = np.array_equal(half.astype(np.float32).view(np.uint32), np.ascontiguousarray(array).view(np.uint32))
    return half if same else None


def _append(out: Any, places: dict[str, tuple[int, int]], array: NDArray[Any]) -> tuple[int, int]:
    """Offset and length of the array's bytes in the file, written there if nothing equal is yet."""
    raw = np.ascontiguousarray(array).tobytes()
    key = hashlib.sha256(raw).hexdigest()
    if key not in places:
        out.write(b"\0" * (-out.tell() % _ALIGNMENT))
        places[key] = out.tell(), len(raw)
        out.write(raw)
    return places[key]


def _cast(onnx: Any, tensor: Any) -> Any:
    """Rename a weight, and give its own name to the float32 that is made of it."""
    name = tensor.name
    tensor.name = f"{name}.fp16"
    tensor.data_type = onnx.TensorProto.FLOAT16
    return onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT)


def _point(onnx: Any, tensor: Any, place: tuple[int, int]) -> None:
    for values in ("raw_data", "float_data", "external_data"):
        tensor.ClearField(values)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in zip(("location", "offset", "length"), (DATA, *map(str, place)), strict=True):
        tensor.external_data.add(key=key, value=value)
