"""What the lists are compiled to first: surface forms and what each means; of two that are alike the first counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..lexicon import Meaning

Phrases: TypeAlias = Iterator[tuple[str, Meaning]]
