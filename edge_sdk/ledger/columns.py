"""What a column of the ledger's tables holds, written and read again.

SQLite takes any value in any column: what is none of its kind is found here, and is damage.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ..mechanisms.domain import View

__all__ = ["read_axes", "read_view", "read_whole", "store_whole"]

#: The largest number that SQLite keeps as a whole one.
_MOST_INTEGER: Final = 2**63 - 1
#: Digits of a larger one at most; a request's axes give 28 (the core has the same limit).
_MOST_DIGITS: Final = 200


def store_whole(number: int) -> int | bytes:
    """A number as a column of whole numbers keeps it: beyond 64 bits, which SQLite would round, as decimal digits."""
    return number if number <= _MOST_INTEGER else str(number).encode("ascii")


def read_whole(stored: object) -> int:
    """The number again.

    Raises:
        ValueError: it is none.
    """
    if isinstance(stored, bytes) and stored.isdigit() and len(stored) <= _MOST_DIGITS:
        return int(stored)
    if not isinstance(stored, int):
        raise ValueError("draws.size holds what is no number")
    return stored


def read_axes(stored: object) -> list[str]:
    """The axes of a draw.

    Raises:
        ValueError: they are no list of names.
    """
    axes = _parse(stored)
    if not isinstance(axes, list) or not all(isinstance(a, str) for a in axes):
        raise ValueError("draws.axes holds what is no list of axes")
    return axes


def read_view(stored: object) -> View:
    """The rows of a draw: positions of values.

    Raises:
        ValueError: they are no list of rows.
    """
    rows = _parse(stored)
    if not isinstance(rows, list) or not all(isinstance(row, list) and all(map(_is_position, row)) for row in rows):
        raise ValueError("draws.view holds what are no rows")
    return tuple(tuple(row) for row in rows)


def _parse(stored: object) -> Any:
    try:
        return json.loads(str(stored))
    except RecursionError:
        raise ValueError("a column holds what is nested without end") from None


def _is_position(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
