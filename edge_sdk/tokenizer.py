"""Prompt to token ids, by the bundle's own ``tokenizer.json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from contract import Bundle, BundleError

from .errors import InputError
from .runtimes.protocol import Int32

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["PromptTokenizer"]


class PromptTokenizer:
    """Token ids of fixed length ``max_length``: begin token, words, end token, padding. Never cuts."""

    def __init__(self, bundle: Bundle) -> None:
        """Load the tokenizer; ``contract.BundleError`` if it cannot be read."""
        from tokenizers import Tokenizer

        spec = bundle.manifest.tokenizer
        self.max_length = spec.max_length
        self._bos, self._eos, self._pad = spec.bos_id, spec.eos_id, spec.pad_id
        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(bundle.root / spec.file))
        except Exception as error:  # the library raises bare Exception
            raise BundleError(f"the edge bundle's tokenizer {spec.file} cannot be read: {error}") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def _ids(self, text: str) -> list[int]:
        ids = list(self._tokenizer.encode(text).ids)
        if not ids or ids[0] != self._bos:
            ids.insert(0, self._bos)
        if len(ids) < 2 or ids[-1] != self._eos:
            ids.append(self._eos)
        return ids

    def count(self, text: str) -> int:
        """Tokens of ``text``, the begin and end tokens included."""
        return len(self._ids(text))

    def check(self, texts: Sequence[str], what: str) -> None:
        """:class:`InputError` if any of ``texts`` is too long.

        Called with every candidate, so that what happens does not depend on the true one. The message
        gives lengths only, never the text.
        """
        longest = max(self.count(text) for text in texts)
        if longest > self.max_length:
            room = self.max_length - 2
            raise InputError(
                f"{what} is {longest - 2} tokens long and this model takes {room}; shorten it by about "
                f"{longest - self.max_length} (nothing is cut silently, nothing was sent)"
            )

    def encode(self, texts: Sequence[str]) -> Int32:
        """Ids int32 ``[len(texts), max_length]``; :class:`InputError` for a text that is too long."""
        self.check(texts, "the prompt")
        rows = [self._ids(text) for text in texts]
        return np.array([row + [self._pad] * (self.max_length - len(row)) for row in rows], dtype=np.int32)
