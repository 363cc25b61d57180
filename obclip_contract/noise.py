"""The one noise source: Philox 4x32-10 counters, Box–Muller in float64, rounded to float32.

Philox: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The transform runs in
float64 so that the last-bit differences between platforms' ``log`` and ``cos`` vanish in the float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ROUNDS: Final = 10
_M0: Final = np.uint64(0xD2511F53)
_M1: Final = np.uint64(0xCD9E8D57)
_W0: Final = 0x9E3779B9
_W1: Final = 0xBB67AE85
_MASK: Final = 0xFFFFFFFF


def philox4x32(counter: NDArray[np.uint32], key: tuple[int, int]) -> NDArray[np.uint32]:
    """Philox 4x32-10 of each counter: uint32 ``[n, 4]`` and two uint32 key words -> uint32 ``[n, 4]``."""
    c0, c1, c2, c3 = (counter[:, i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    low, shift = np.uint64(_MASK), np.uint64(32)
    for _ in range(_ROUNDS):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (
            (p1 >> shift) ^ c1 ^ np.uint64(k0),
            p1 & low,
            (p0 >> shift) ^ c3 ^ np.uint64(k1),
            p0 & low,
        )
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def standard_normal(seed: int, shape: Sequence[int], stream: int = 0) -> NDArray[np.float32]:
    """Standard normal noise of ``shape`` (row-major), float32; ``seed`` uint64, ``stream`` uint32.

    Block ``b`` (counter ``[b low, b high, stream, 0]``, key ``[seed low, seed high]``) gives four words
    and, pair by pair, four values. Value ``i`` depends on ``seed``, ``stream`` and ``i`` alone, so a
    shorter shape is a prefix of a longer one.

    Raises:
        ValueError: seed or stream out of range.
    """
    if not 0 <= seed < 2**64 or not 0 <= stream < 2**32:
        raise ValueError("seed must be in [0, 2^64) and stream in [0, 2^32)")
    count = math.prod(shape)
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = np.zeros((len(blocks), 4), np.uint32)
    counter[:, 0] = blocks & np.uint64(_MASK)
    counter[:, 1] = blocks >> np.uint64(32)
    counter[:, 2] = stream
    words = philox4x32(counter, (seed & _MASK, seed >> 32)).astype(np.float64)
    # u in (0, 1): the half keeps log(u) finite.
    u = (words + 0.5) / 2.0**32
    radius = np.sqrt(-2.0 * np.log(u[:, 0::2]))
    angle = 2.0 * math.pi * u[:, 1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    return pairs.reshape(-1)[:count].astype(np.float32).reshape(tuple(shape))
