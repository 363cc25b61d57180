"""The lexicon of a reading: from ``lexicon.bin``, or compiled from the data while they are edited."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

from .lexicon import Lexicon
from .lexicon_file import opened

#: Set in the environment while the data files are edited: they are compiled each time, and lexicon.bin is not read.
FROM_DATA: Final = "OBCLIP_LEXICON_FROM_DATA"


@cache
def lexicon(opt_in: frozenset[str] = frozenset(), neutral: bool = False) -> Lexicon:
    """The compiled lexicon with these opt-in axes (read once, from ``lexicon.bin``).

    Args:
        neutral: words of no gender are a third form ("parent", "they").

    Raises:
        LexiconError: the file is missing, damaged, or of another version.
    """
    if os.environ.get(FROM_DATA):
        from .compiling import compile_lexicon

        return compile_lexicon(opt_in, neutral)
    return opened().variant(opt_in, neutral)
