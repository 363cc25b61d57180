"""The core's coins in Python: numbers from given bytes, taken as edge_core/src/mechanisms/coins.h says."""

from __future__ import annotations


class RanOutError(Exception):
    """There are no bytes left."""


class ByteCoins:
    """``coins(n)``: uniform on 0..n-1 by rejection. ``used`` bytes were taken."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.used = 0

    def __call__(self, n: int) -> int:
        bits = (n - 1).bit_length()
        size = (bits + 7) // 8
        while self.used + size <= len(self.data):
            taken = self.data[self.used : self.used + size]
            self.used += size
            number = int.from_bytes(taken, "little") & ((1 << bits) - 1)
            if number < n:
                return number
        raise RanOutError
