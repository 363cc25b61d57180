"""Seeds as text: what is printed is what ``--seed`` takes."""

from __future__ import annotations

import re
from typing import Any, Final

import click

__all__ = ["SEED", "show_seed"]

_DECIMAL: Final = re.compile(r"[0-9]{1,20}")
_HEX: Final = re.compile(r"0[xX]([0-9a-fA-F]{1,16})|([0-9a-fA-F]{16})")


def show_seed(seed: int) -> str:
    """``0x`` and 16 hex digits.

    >>> show_seed(10)
    '0x000000000000000a'
    """
    return f"0x{seed:016x}"


class _Seed(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A uint64: decimal, ``0x…``, or 16 hex digits as they stand in JSON and in a request.

    Sixteen digits are always read as hex, so that a printed seed cannot be read as another number.
    """

    name = "seed"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "SEED"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip()
        seed = -1
        if (found := _HEX.fullmatch(text)) is not None:
            seed = int(found[1] or found[2], 16)
        elif _DECIMAL.fullmatch(text):
            seed = int(text)
        if not 0 <= seed < 2**64:
            self.fail("a seed is a number from 0 to 2^64 - 1: decimal, 0x and hex digits, or 16 hex digits", param, ctx)
        return seed


SEED: Final = _Seed()
