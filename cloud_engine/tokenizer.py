"""Prompts to token ids; a prompt that does not fit is refused, never cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from contract import Bundle
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .errors import PromptTooLongError


class PromptTokenizer:
    """The bundle's CLIP tokenizer: start token, words, end token, padding up to ``max_length``."""

    def __init__(self, bundle: Bundle) -> None:
        spec = bundle.manifest.tokenizer
        self._tokenizer = Tokenizer.from_file(str(bundle.path(spec.file)))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._spec = spec

    def __call__(self, texts: Sequence[str]) -> NDArray[Any]:
        """int32 ``[len(texts), max_length]``.

        Raises:
            PromptTooLongError: some text has too many tokens; the message says how many fit.
        """
        limit = self._spec.max_length
        rows = np.full((len(texts), limit), self._spec.pad_id, np.int32)
        for row, encoding in zip(rows, self._tokenizer.encode_batch(list(texts)), strict=True):
            if len(encoding.ids) > limit:
                raise PromptTooLongError(
                    f"a prompt has {len(encoding.ids)} tokens with its start and end; the model reads {limit}: shorten it"
                )
            row[: len(encoding.ids)] = encoding.ids
        return rows
