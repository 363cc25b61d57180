"""Text to token ids, by the ``tokenizers`` library on the bundle's ``tokenizer.json``.

The same ids as transformers' ``CLIPTokenizer`` with ``padding="max_length"``, except that a prompt which is
too long is refused and never cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from obclip_contract import TokenizerSpec, frame_tokens
from obclip_contract.framing import MARKS

from .errors import GraphError, PromptTooLongError

__all__ = ["PromptTokenizer"]


class PromptTokenizer:
    """Encodes prompts into rows of exactly ``spec.max_length`` ids: ``bos, words…, eos, pad…``.

    Raises:
        GraphError: the file is not a ``tokenizer.json``.
    """

    def __init__(self, path: Path, spec: TokenizerSpec) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises bare Exception
            raise GraphError(f"{path.name} cannot be read as a tokenizer; export the bundle again") from error
        # A stored setting must not cut silently nor pad to another length.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.spec = spec

    @property
    def max_words(self) -> int:
        """Tokens a prompt may have, start and end not counted."""
        return self.spec.max_length - MARKS

    def encode(self, texts: Sequence[str], field: str) -> NDArray[np.int64]:
        """Ids ``[len(texts), max_length]``, int64.

        Args:
            field: the request's field the texts come from, for the error.

        Raises:
            PromptTooLongError: says how many texts, how long and the limit; never the words.
        """
        words = [e.ids for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        if too_long := [len(ids) for ids in words if len(ids) > self.max_words]:
            raise PromptTooLongError(field, _too_long_message(too_long, len(texts), self.max_words))
        return frame_tokens(words, self.spec)


def _too_long_message(too_long: Sequence[int], texts: int, limit: int) -> str:
    longest = max(too_long)
    which = "the text has" if texts == 1 else f"{len(too_long)} of {texts} candidates are too long, the longest has"
    return f"{which} {longest} tokens; this model takes at most {limit}: shorten the prompt"
