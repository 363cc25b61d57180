"""What no part of the pair ever sees: a tenth of role × gender × tone, and a tenth of role × thing."""

from __future__ import annotations

import hashlib
from typing import Final

from .people import PORTRAIT

SHARE: Final = 0.10


def _drawn(*names: str) -> bool:
    digest = hashlib.sha256("/".join(("held-out", *names)).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < SHARE


def hides_tone(role: str, gender: str, tone: str) -> bool:
    """Portraits carry the age axis and the plain words; yellow is "no tone given"; neither is held out."""
    return role != PORTRAIT and tone != "yellow" and gender != "person" and _drawn(role, gender, tone)


def hides_thing(role: str, thing: str) -> bool:
    """Whether this role is never shown with this thing (by its canonical name)."""
    return role != PORTRAIT and _drawn(role, thing)
