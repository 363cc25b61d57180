"""The one door from a prompt to what is sent for it: :func:`release`, and the person's choices for it."""

from .choices import NAMES, ON_MISS, OnImplied, Privacy, privacy_from
from .negative import check_negative
from .release import Release, release
from .rules import apply_rules, refuse_alone

__all__ = [
    "NAMES",
    "ON_MISS",
    "OnImplied",
    "Privacy",
    "Release",
    "apply_rules",
    "check_negative",
    "privacy_from",
    "refuse_alone",
    "release",
]
