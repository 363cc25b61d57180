"""Prompts to token ids on the device; a prompt that does not fit is refused, never cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from obclip_contract import Bundle, frame_tokens
from obclip_contract.framing import MARKS

from ..errors import InputError


class PromptTokenizer:
    """The bundle's CLIP tokenizer."""

    def __init__(self, bundle: Bundle) -> None:
        spec = bundle.manifest.tokenizer
        self._tokenizer = Tokenizer.from_file(str(bundle.path(spec.file)))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._spec = spec

    @property
    def limit(self) -> int:
        """Tokens of a text that the model reads at most, without the marks at both ends."""
        return self._spec.max_length - MARKS

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the marks at both ends."""
        return [len(e.ids) for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def check(self, tokens: int, what: str = "the prompt") -> None:
        """Refuse what the model cannot read whole.

        Raises:
            InputError: ``tokens`` are too many. Given the most that any truth could need, it does not depend on it.
        """
        if tokens > self.limit:
            raise InputError(
                f"{what} has {tokens} tokens in its longest form; the model reads {self.limit}: shorten it"
            )

    def __call__(self, texts: Sequence[str], what: str = "the prompt") -> NDArray[Any]:
        """int32 ``[len(texts), max_length]``, padded.

        Raises:
            InputError: a text is too long.
        """
        ids = [e.ids for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        self.check(max(map(len, ids)), what)
        return frame_tokens(ids, self._spec).astype(np.int32)
