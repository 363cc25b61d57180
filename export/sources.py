"""What a person types for a model, as a diffusers folder: a folder, a hub's id, or a single-file checkpoint."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from .errors import PairError

__all__ = ["HubError", "Model", "resolve_all", "wanted_files"]

Say = Callable[[str], None]

#: OWNER/NAME of a hub, perhaps with @REVISION (a branch, a tag or a commit).
_HUB_ID: Final = re.compile(r"([\w.-]{1,96}/[\w.-]{1,96})(?:@([\w./-]{1,128}))?", re.ASCII)
_PARTS: Final = ("unet", "vae", "text_encoder", "text_encoder_2")
_CONFIGS: Final = (
    "model_index.json", "README.md", "scheduler/scheduler_config.json",
    *(f"{part}/config.json" for part in _PARTS),
    *(f"{part}/{name}" for part in ("tokenizer", "tokenizer_2") for name in (
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt")),
)  # fmt: skip
_STEMS: Final = ("diffusion_pytorch_model", "model")
_CHECKPOINT: Final = ".safetensors"
_PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
#: A tensor that only SDXL's checkpoints have: its second text encoder.
_SDXL_KEY: Final = "conditioner.embedders.1."


class HubError(PairError):
    """A hub cannot be asked, or has no such model."""


@dataclass(frozen=True)
class Model:
    """A folder, and where it came from: ``OWNER/NAME@COMMIT`` for a hub's, else nothing."""

    folder: Path
    origin: str = ""


@contextmanager
def resolve_all(
    given: Mapping[str, str], variant: str | None, base: Path | None, say: Say
) -> Iterator[dict[str, Model]]:
    """Folders of what was typed, by the same names; those that had to be made are there within the block.

    Args:
        base: folder whose configs a single-file checkpoint goes with.

    Raises:
        PairError: no such thing, or it cannot be had.
    """
    with ExitStack() as stack:
        yield {which: _resolve(text, variant, base, say, stack) for which, text in given.items()}


def _resolve(text: str, variant: str | None, base: Path | None, say: Say, stack: ExitStack) -> Model:
    path = Path(text)
    if path.is_dir():
        return Model(path)
    if path.is_file():
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="obclip-checkpoint-")))
        return Model(_split_checkpoint(path, base, scratch, say))
    found = _HUB_ID.fullmatch(text)
    if found is None or text.startswith((".", "/")):
        raise PairError(f"there is no folder {text}")
    return _download(found[1], found[2], variant, say)


def wanted_files(names: list[str], variant: str | None) -> list[str]:
    """Of a repository's files those that an export reads: configs, tokenizers, and safetensors of one variant.

    Raises:
        HubError: a part has no safetensors.
    """
    present = set(names)
    out = [name for name in _CONFIGS if name in present]
    for part in _PARTS:
        if f"{part}/config.json" not in present:
            continue
        mine = [n for n in names if str(PurePosixPath(n).parent) == part and n.endswith((".safetensors", ".json"))]
        chosen = next((c for v in dict.fromkeys((variant, None)) if (c := _weights(part, mine, v))), None)
        if chosen is None:
            raise HubError(
                f"the repository's {part} has no safetensors{f' of the variant {variant}' if variant else ''}"
            )
        out += chosen
    return out


def _weights(part: str, names: list[str], variant: str | None) -> list[str]:
    mark = f".{variant}" if variant else ""
    for stem in _STEMS:
        if f"{part}/{stem}{mark}.safetensors" in names:
            return [f"{part}/{stem}{mark}.safetensors"]
        index = f"{part}/{stem}.safetensors.index{mark}.json"
        if index in names:
            shard = re.compile(re.escape(f"{part}/{stem}{mark}") + r"-\d{5}-of-\d{5}\.safetensors")
            return [index, *(n for n in names if shard.fullmatch(n))]
    return []


def _download(repo: str, revision: str | None, variant: str | None, say: Say) -> Model:
    """A repository's snapshot in the hub's own cache, which resumes what was broken off."""
    from huggingface_hub import HfApi, snapshot_download

    told = f"{repo}@{revision}" if revision else repo
    try:
        info = HfApi().model_info(repo, revision=revision)
        names = [s.rfilename for s in info.siblings or []]
    except Exception as error:  # httpx's and the hub's kinds share no root
        return _cached(repo, revision, told, error)
    if "model_index.json" not in names:
        raise HubError(f"{told} is no diffusers model: it has no model_index.json")
    files = wanted_files(names, variant)
    say(f"{told}: {len(files)} files of commit {info.sha} from the hub")
    try:
        # By the name that was asked for: the cache then knows its commit without a network. What it is now is the pin.
        folder = Path(snapshot_download(repo, revision=revision, allow_patterns=files))
    except Exception as error:
        raise HubError(
            f"{told} cannot be downloaded ({_reason(error)}); run the command again, and it goes on"
        ) from None
    return Model(folder, f"{repo}@{folder.name}")


def _cached(repo: str, revision: str | None, told: str, error: Exception) -> Model:
    """What was downloaded before, where the hub cannot be reached."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    if isinstance(error, GatedRepoError):
        raise HubError(f"{told} asks for its licence to be accepted first: do so on its page, and log in to the hub")
    if isinstance(error, (RepositoryNotFoundError, RevisionNotFoundError)):
        raise HubError(f"there is no folder {told}, and no model of that name on the hub")
    try:
        # The configs alone: the cache compares what is asked for with the whole repository. Weights come later.
        folder = Path(snapshot_download(repo, revision=revision, local_files_only=True, allow_patterns=list(_CONFIGS)))
    except Exception:
        raise HubError(
            f"there is no folder {told}; the hub cannot be reached ({_reason(error)}), and its cache does not hold it: "
            "give a folder in diffusers' layout, or run this where there is a network"
        ) from None
    return Model(folder, f"{repo}@{folder.name}")


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:200] if lines else type(error).__name__


def _split_checkpoint(path: Path, base: Path | None, scratch: Path, say: Say) -> Path:
    """A checkpoint of one file, cut into diffusers' parts by diffusers' own loader."""
    if path.suffix in _PICKLES:
        raise PairError(f"{path} is a pickle and may run code when loaded: convert it to safetensors first")
    if path.suffix != _CHECKPOINT:
        raise PairError(f"{path} is no folder in diffusers' layout, and no {_CHECKPOINT} checkpoint")
    keys = _keys(path)
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    cls: Any = StableDiffusionXLPipeline if any(k.startswith(_SDXL_KEY) for k in keys) else StableDiffusionPipeline
    more: dict[str, Any] = {} if cls is StableDiffusionXLPipeline else {"safety_checker": None}
    if base is not None:
        more |= {"config": str(base), "local_files_only": True}
    say(f"{path.name}: into diffusers' parts")
    try:
        pipe = cls.from_single_file(str(path), **more)
        pipe.save_pretrained(scratch, safe_serialization=True)
    except Exception as error:  # diffusers, safetensors and the hub, each with its own kinds
        hint = "" if base is not None else "; name a diffusers folder with its configs and tokenizer with --base"
        raise PairError(f"{path} cannot be read by diffusers ({_reason(error)}){hint}") from None
    return scratch


def _keys(path: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            return list(file.keys())
    except (SafetensorError, OSError, ValueError) as error:
        raise PairError(f"{path} cannot be read as safetensors: {_reason(error)}") from None
