"""Prompts to token ids on the device; a prompt that does not fit is refused, never cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from contract import Bundle

from .errors import InputError


class PromptTokenizer:
    """The bundle's CLIP tokenizer."""

    def __init__(self, bundle: Bundle) -> None:
        spec = bundle.manifest.tokenizer
        self._tokenizer = Tokenizer.from_file(str(bundle.path(spec.file)))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._spec = spec

    def __call__(self, texts: Sequence[str], what: str = "the prompt") -> NDArray[Any]:
        """int32 ``[len(texts), max_length]``, padded.

        Raises:
            InputError: a text is too long. All texts are measured, so the error does not depend on which
                of a set's members is real.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        longest = max(len(e.ids) for e in encodings)
        limit = self._spec.max_length
        if longest > limit:
            raise InputError(
                f"{what} has {longest - 2} tokens in its longest form; the model reads {limit - 2}: shorten it"
            )
        rows = np.full((len(encodings), limit), self._spec.pad_id, np.int32)
        for row, encoding in zip(rows, encodings, strict=True):
            row[: len(encoding.ids)] = encoding.ids
        return rows
