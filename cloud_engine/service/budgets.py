"""What a token may use: UNet evaluations, refilled evenly, told in the IETF's ``RateLimit`` headers.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Numbers are written with as many digits as they may
ever need, so that the headers have one length for one policy: what is left then shows in no length on the wire. (RFC
9651 allows leading zeros in integers.)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import BudgetSpentError, CostlyError
from .tokens import Token

__all__ = ["Budgets", "rate_headers"]

_POLICY: Final = "evaluations"
_UNIT: Final = "unet-evaluations"


@dataclass
class _Bucket:
    left: float
    at: float


class Budgets:
    """One bucket a token; they are in this process's memory alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def spend(self, token: Token, cost: int) -> None:
        """Take ``cost`` evaluations.

        Raises:
            CostlyError: more than the token ever has at once.
            BudgetSpentError: more than it has now; ``retry_after`` says for how many seconds.
        """
        if token.evaluations is None:
            return
        if cost > token.evaluations:
            raise CostlyError(
                f"this request takes {cost} UNet evaluations, and this token has at most {token.evaluations} at once: "
                "ask for fewer cloud steps or candidates, or a cheaper plan"
            )
        bucket = self._filled(token)
        if bucket.left < cost:
            raise _spent(math.ceil((cost - bucket.left) * token.window / token.evaluations))
        bucket.left -= cost

    def give_back(self, token: Token, cost: int) -> None:
        """Of a request that was never begun."""
        if token.evaluations is not None:
            bucket = self._filled(token)
            bucket.left = min(float(token.evaluations), bucket.left + cost)

    def headers(self, token: Token) -> dict[str, str]:
        """The two headers; none for a token without a budget."""
        if token.evaluations is None:
            return {}
        return rate_headers(token.evaluations, token.window, self._filled(token).left)

    def _filled(self, token: Token) -> _Bucket:
        assert token.evaluations is not None
        now = self._clock()
        if token.id not in self._buckets:
            self._buckets[token.id] = _Bucket(float(token.evaluations), now)
        bucket = self._buckets[token.id]
        more = (now - bucket.at) * token.evaluations / token.window
        bucket.left, bucket.at = min(float(token.evaluations), bucket.left + more), now
        return bucket


def rate_headers(evaluations: int, window: int, left: float) -> dict[str, str]:
    """``RateLimit-Policy`` (q: quota, w: window in seconds), ``RateLimit`` (r: left, t: seconds until it is full)."""
    digits, seconds = len(str(evaluations)), len(str(window))
    full = math.ceil((evaluations - left) * window / evaluations)
    return {
        "ratelimit-policy": f'"{_POLICY}";q={evaluations};w={window};qu="{_UNIT}"',
        "ratelimit": f'"{_POLICY}";r={math.floor(left):0{digits}d};t={full:0{seconds}d}',
    }


def _spent(seconds: int) -> BudgetSpentError:
    error = BudgetSpentError("this token has used up its UNet evaluations for now; send the same request again later")
    error.retry_after = max(1, seconds)
    return error
