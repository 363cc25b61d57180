"""The negative prompt: it is sent as it is, so it may name no attribute."""

from __future__ import annotations

from ..attributes import explicit, read
from ..errors import PrivacyError

__all__ = ["check_negative"]


def check_negative(negative_prompt: str) -> None:
    """Refuse a negative prompt that names an attribute: it is the same for all members and would tell the truth.

    Raises:
        PrivacyError: with the words.
    """
    words = explicit(read(negative_prompt))
    if words:
        told = ", ".join(repr(w) for w in words)
        raise PrivacyError(
            f"the negative prompt says {told}, which can give an attribute away; it is sent as it is, so leave that "
            "out. Nothing was sent"
        )
