"""When the same bytes are sent again: by status and transport alone, never by what the latents are."""

from __future__ import annotations

import math
import random
import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["AGAIN", "WAITS", "told_wait", "wait_before"]

#: Answers that a later try may change (RFC 9110, sections 15.5.9 and 15.6; RFC 6585; RFC 8470).
AGAIN: Final = frozenset({408, 425, 429, 502, 503, 504})
#: Seconds before the second and the third try, where the cloud does not say; three tries in all.
WAITS: Final = (0.5, 2.0)
#: Jitter, as a share of the wait, so that devices that were told the same do not all come back at once.
_JITTER: Final = 0.25
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
#: From the operating system: no generator that anything else of this process could have seeded.
_random: Final = random.SystemRandom()


def wait_before(again: int, told: str = "") -> float:
    """Seconds before try ``again`` + 2 (``again`` counts from 0): never less than the cloud's ``Retry-After``."""
    seconds = max(told_wait(told), WAITS[again])
    return seconds * (1.0 + _JITTER * _random.random())


def told_wait(told: str, now: float | None = None) -> float:
    """The seconds of a ``Retry-After`` header (RFC 9110, section 10.2.3): a number, or a date; 0 for neither."""
    text = told.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    if text.isascii() and text.isdigit():
        return math.inf
    try:
        date = parsedate_to_datetime(text)
        then = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return max(0.0, then - (time.time() if now is None else now))
