"""Small closed classes of English words that the rules look at."""

from __future__ import annotations

from typing import Final

COPULAS: Final = frozenset(
    ("is", "are", "was", "were", "be", "being", "am", "looks", "look", "'s", "'re", "'m", "became", "becomes")
)
ADVERBS: Final = frozenset(
    ("very", "quite", "also", "clearly", "visibly", "both", "not", "all", "proudly", "originally", "obviously")
)
