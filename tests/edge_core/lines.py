"""Lines that the test programs read and write: numbers, JSON strings, and the bits of floats."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable

#: Members of the core's `Refusal` (edge_core/src/result.h), in its order.
KINDS = (
    "INPUT",
    "PRIVACY",
    "IMPLIED",
    "LEDGER",
    "BUDGET",
    "LEXICON",
    "BUNDLE",
    "RESPONSE",
    "LATENT",
    "CLOUD",
    "UNREACHABLE",
    "DEADLINE",
    "SAMPLER",
    "RUNTIME",
    "CANCELLED",
    "MISUSE",
)


def bits(value: float) -> str:
    """The 16 hexadecimal digits of a float's bits."""
    return struct.pack(">d", value).hex()


def text(value: str) -> str:
    """As a JSON string in ASCII."""
    return json.dumps(value)


def line(parts: Iterable[object]) -> str:
    """Words with spaces between them; strings as they are."""
    return " ".join(str(p) for p in parts)
