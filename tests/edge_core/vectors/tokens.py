"""Texts and their token ids, by the library ``tokenizers`` with the default pair's file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from edge_sdk.privacy.vectors.cases import cases

from ..test_tokenizer import PAIR, library, random_texts


def texts() -> Iterator[dict[str, Any]]:
    """Prompts, and texts of what is hard to split."""
    prompts = list(dict.fromkeys(prompt for prompt, _ in cases()))[::20]
    all_of_them = [text for text in (*prompts, *random_texts(random.Random("vectors"), 250)) if _is_text(text)]
    for text, ids in zip(all_of_them, library(PAIR)(all_of_them), strict=True):
        yield {"text": text, "ids": ids}


def _is_text(text: str) -> bool:
    return len(text) < 200 and text == text.encode("utf-8", "ignore").decode()
