"""The weights of one part of a folder: which files they are, and the model they load into, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .errors import PairError
from .quiet import quiet

__all__ = ["Weights", "find_weights", "hash_tensors", "load_model"]

_STEMS: Final = ("diffusion_pytorch_model", "model")
_PICKLES: Final = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
#: Keys that older files hold and no model reads: positions are counted.
_HARMLESS: Final = ("position_ids",)
#: Names in a message.
_SHOWN: Final = 3


@dataclass(frozen=True)
class Weights:
    """Files of one model. ``index`` names the shards, where there are several. ``variant``: as in the names."""

    files: tuple[Path, ...]
    index: Path | None = None
    variant: str | None = None

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(f.stat().st_size for f in self.files)


def find_weights(folder: Path, variant: str | None = None) -> Weights:
    """The folder's safetensors, sharded or not; pickles are refused even where safetensors lie beside them.

    Args:
        variant: such as ``fp16``: taken where the part has it, as diffusers does.

    Raises:
        PairError: a pickle, no weights, or a shard that is not there.
    """
    for file in sorted(folder.rglob("*")):
        if file.suffix in _PICKLES:
            raise PairError(f"{file} is a pickle and may run code when loaded: convert it to safetensors first")
    for wanted in dict.fromkeys((variant, None)):
        mark = f".{wanted}" if wanted else ""
        for stem in _STEMS:
            if (folder / f"{stem}{mark}.safetensors").is_file():
                return Weights((folder / f"{stem}{mark}.safetensors",), None, wanted)
            index = folder / f"{stem}.safetensors.index{mark}.json"
            if index.is_file():
                return Weights(_shards(index), index, wanted)
    names = " or ".join(f"{stem}.safetensors" for stem in _STEMS)
    others = sorted(f.name for f in folder.glob("*.safetensors*"))
    hint = f"; it has {', '.join(others[:_SHOWN])}: name its variant with --variant" if others else ""
    raise PairError(f"{folder} has no {names}{hint}")


def _shards(index: Path) -> tuple[Path, ...]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        files = tuple(index.parent / name for name in names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise PairError(f"{index} does not name shards") from None
    for name, file in zip(names, files, strict=True):
        if Path(name).name != name or not file.is_file():
            raise PairError(f"{file} is missing: {index.name} names it")
    return files


def load_model(cls: Any, folder: Path, weights: Weights, dtype: Any) -> Any:
    """A model in eval mode with every tensor from the file.

    Raises:
        PairError: it cannot be loaded, or tensors are missing, left over, of another shape, or not there at all.
    """
    # transformers 5 and diffusers name the same argument differently.
    precision = {"dtype" if cls.__module__.startswith("transformers") else "torch_dtype": dtype}
    try:
        with quiet(logging.ERROR, bars=True):
            model, info = cls.from_pretrained(
                str(folder),
                variant=weights.variant,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
                **precision,
            )
    except Exception as error:  # three libraries, each with its own kinds; all mean "not this folder"
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PairError(f"{folder} cannot be loaded as {cls.__name__}: {first}") from None
    _check_info(folder, cls.__name__, info, model)
    return model.eval().requires_grad_(False)


def _check_info(folder: Path, kind: str, info: Mapping[str, Any], model: Any) -> None:
    faults = {
        "lacks": info.get("missing_keys") or (),
        "has, and the model does not read,": [k for k in info.get("unexpected_keys") or () if not _is_harmless(k)],
        "has in another shape": [m[0] if isinstance(m, tuple) else m for m in info.get("mismatched_keys") or ()],
        "gave no values for": [n for n, t in model.state_dict().items() if t.is_meta],
    }
    for what, keys in faults.items():
        if keys:
            raise PairError(
                f"{folder}: the weights do not fit {kind}: the file {what} {_first(keys)}; "
                "they would be drawn at random or left out"
            )


def _is_harmless(key: str) -> bool:
    return key.rpartition(".")[2] in _HARMLESS


def _first(keys: Iterable[str]) -> str:
    names = sorted(keys)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def hash_tensors(tensors: Mapping[str, Any]) -> str:
    """One hash of named weights, whatever file and precision they came from: float16 in name order.

    Published models come in float32 and in float16, rounded from it; both are the same model.
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        half = tensors[name].detach().half().contiguous().numpy()
        digest.update(f"{name}\0{list(half.shape)}\0".encode())
        digest.update(half.tobytes())
    return digest.hexdigest()
