"""The negative prompt: it is sent as it is, so it may name no attribute."""

from __future__ import annotations

from ..attributes import implied, read, spans, strong
from ..errors import PrivacyError

__all__ = ["check_negative"]


def check_negative(negative_prompt: str) -> None:
    """Refuse a negative prompt that names an attribute: it is the same for all members and would tell the truth.

    Raises:
        PrivacyError: with the words.
    """
    reading = read(negative_prompt)
    found = spans(reading)
    words = [s.surface for s in found] + [f.surface for f in strong(implied(reading, found))]
    if words:
        told = ", ".join(repr(w) for w in dict.fromkeys(words))
        raise PrivacyError(
            f"the negative prompt says {told}, which can give an attribute away; it is sent as it is, so leave that "
            "out. Nothing was sent"
        )
