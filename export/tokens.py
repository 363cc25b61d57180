"""A folder's tokenizer as the bundle holds it: the file, its ids and its length, held against transformers' own."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer
from transformers import CLIPTokenizer

from obclip_contract import TokenizerSpec, frame_tokens

from .errors import PairError
from .families.fields import check_fields
from .families.recognise import read_json
from .quiet import quiet

__all__ = ["FILE", "Tokens", "read_tokens"]

#: Name in a bundle.
FILE: Final = "tokenizer.json"
_CONFIG: Final = "tokenizer_config.json"
#: Texts whose ids must be transformers' own: cases, spaces, marks, digits, other scripts, padding, nothing.
_PROBES: Final = (
    "", "a", "a photo of a woman", "An  OLD man,\twith freckles!", "it's 1984 - #1 (really)", "don't you'll WE'VE",
    "crème brûlée, naïve Ærøskøbing", "東京の人", "мужчина", "a👩🏽‍🚒b", "!!! ! a!b", "x" * 9, "<|endoftext|> a",
)  # fmt: skip


@dataclass(frozen=True)
class Tokens:
    """A tokenizer.

    Args:
        file: a ``tokenizer.json``.
        spec: what a bundle says of it: start, end and padding ids, and the length of a row.
        words: identity of vocabulary, merges and added tokens, however the folder stores them.
        scratch: keeps a file that had to be made.
    """

    file: Path
    spec: TokenizerSpec
    words: str
    scratch: Any = field(default=None, repr=False, compare=False)

    def encode(self, texts: list[str]) -> Any:
        """int64 rows ``[len(texts), length]``, as device and cloud make them.

        Raises:
            ValueError: a text is too long.
        """
        tokenizer = _plain(self.file)
        words = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
        return frame_tokens(words, self.spec)


class _Scratch:
    """A temporary folder that goes with its last reference."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="obclip-tokenizer-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def read_tokens(folder: Path, positions: int) -> Tokens:
    """Read ``tokenizer.json``, or have transformers make it: from ``vocab.json`` and ``merges.txt`` as published models
    have them, and from a file whose rows are not those that transformers (and so diffusers' pipeline) makes of it.

    Start, end, padding and length are those of transformers' tokenizer of the folder too.

    Args:
        positions: what the text encoder reads at most.

    Raises:
        PairError: no such files, no such ids, or a length that the encoder cannot read.
    """
    file = folder / FILE
    if not file.is_file() and not all((folder / name).is_file() for name in ("vocab.json", "merges.txt")):
        raise PairError(f"{file} is missing, and so are vocab.json and merges.txt to make it from")
    if (folder / _CONFIG).exists():
        check_fields("tokenizer", folder / _CONFIG, read_json(folder / _CONFIG))
    try:
        with quiet():
            own = CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)
        spec = TokenizerSpec(file=FILE, max_length=_length(folder, own, positions), **_ids(folder, own))
        if file.is_file() and _agree(own, tokens := Tokens(file, spec, _identify(file))):
            return tokens
        scratch = _Scratch()
        with quiet():
            own.save_pretrained(scratch.folder)
        file = scratch.folder / FILE
        tokens = Tokens(file, spec, _identify(file), scratch)
        if not _agree(own, tokens):
            raise PairError(f"{folder}: transformers' own copy of this tokenizer gives other ids than it does")
        return tokens
    except PairError:
        raise
    except Exception as error:  # two libraries, each with its own kinds, tokenizers' a bare Exception
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise PairError(f"{folder} cannot be read as a CLIP tokenizer: {lines[0]}") from None


def _plain(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _ids(folder: Path, own: Any) -> dict[str, int]:
    found = {"bos_id": own.bos_token_id, "eos_id": own.eos_token_id, "pad_id": own.pad_token_id}
    for name, value in found.items():
        if not isinstance(value, int) or value < 0:
            raise PairError(f"{folder} has no {name.removesuffix('_id')} token: name it in {_CONFIG}")
    return found


def _length(folder: Path, own: Any, positions: int) -> int:
    """Of a row: what the tokenizer states; where it states none, what the encoder reads."""
    stated = int(own.model_max_length)
    if stated > 10**9:  # transformers' word for "not stated"
        return positions
    if not 3 <= stated <= positions:
        raise PairError(f"{folder}: rows of model_max_length {stated} tokens, the text encoder reads {positions}")
    return stated


def _identify(file: Path) -> str:
    data = json.loads(file.read_text(encoding="utf-8"))
    model = data["model"]
    merges = [m.split(" ") if isinstance(m, str) else list(m) for m in model["merges"]]
    added = sorted((t["id"], t["content"]) for t in data.get("added_tokens", []))
    return hashlib.sha256(json.dumps([sorted(model["vocab"].items()), merges, added]).encode()).hexdigest()


def _agree(own: Any, tokens: Tokens) -> bool:
    """Whether the file gives transformers' rows: start, words, end and padding."""
    length = tokens.spec.max_length
    plain = _plain(tokens.file)
    texts = [t for t in _PROBES if len(plain.encode(t, add_special_tokens=False).ids) <= length - 2]
    with quiet():
        want = own(texts, padding="max_length", max_length=length, truncation=True).input_ids
    return bool(tokens.encode(texts).tolist() == want)
