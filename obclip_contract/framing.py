"""From a text's tokens to the row that a text encoder reads: start, words, end, padding. One rule for both sides.

The tokenizer's own post-processor is not asked: a ``tokenizer.json`` may lack one, and the manifest names the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .manifest import TokenizerSpec

__all__ = ["MARKS", "frame_tokens"]

#: Start and end, which every text carries.
MARKS: Final = 2


def frame_tokens(texts: Sequence[Sequence[int]], spec: TokenizerSpec) -> NDArray[Any]:
    """Ids of words (without marks) as int64 rows ``[len(texts), max_length]``: ``bos, words…, eos, pad…``.

    Raises:
        ValueError: a text is longer than ``spec.max_length - MARKS``; callers check that first, with their own words.
    """
    rows = np.full((len(texts), spec.max_length), spec.pad_id, np.int64)
    for row, words in zip(rows, texts, strict=True):
        if len(words) > spec.max_length - MARKS:
            raise ValueError(f"{len(words)} tokens do not fit into {spec.max_length - MARKS}")
        row[: len(words) + MARKS] = [spec.bos_id, *words, spec.eos_id]
    return rows
