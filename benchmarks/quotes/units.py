"""Units of quoted figures and of the numbers in result files: what may be compared with what."""

from __future__ import annotations

import re
from typing import Final

#: A unit as it is written behind a number: its kind, and what one of it is in the kind's base (seconds, bytes, dB).
WRITTEN: Final[dict[str, tuple[str, float]]] = {
    "µs": ("time", 1e-6), "ms": ("time", 1e-3), "milliseconds": ("time", 1e-3), "s": ("time", 1.0),
    "second": ("time", 1.0), "seconds": ("time", 1.0), "min": ("time", 60.0), "minutes": ("time", 60.0),
    "h": ("time", 3600.0), "hours": ("time", 3600.0),
    "dB": ("level", 1.0), "decibels": ("level", 1.0),
    "bytes": ("size", 1.0), "kB": ("size", 1e3), "MB": ("size", 1e6), "GB": ("size", 1e9),
    "KiB": ("size", 2.0**10), "MiB": ("size", 2.0**20), "GiB": ("size", 2.0**30),
    "%": ("share", 0.01), "percent": ("share", 0.01), "point": ("share", 0.01), "points": ("share", 0.01),
    "times": ("ratio", 1.0), "×": ("ratio", 1.0),
}  # fmt: skip
#: Words of a key of a result file and the unit of the numbers below it; the last key that says one counts.
_KEYS: Final[dict[str, str]] = {
    "db": "dB", "psnr": "dB", "ms": "ms", "milliseconds": "ms", "s": "s", "seconds": "s", "bytes": "bytes",
    "mb": "MB", "mib": "MiB", "gib": "GiB",
}  # fmt: skip
#: A key with one of these holds a quotient, whatever unit it names beside ("relative_ms").
_QUOTIENTS: Final = frozenset({"relative", "ratio", "flops", "growth", "over", "accuracy", "share", "shares"})
#: Heads of columns and rows that say a unit without being one.
_HEADS: Final = (
    (re.compile(r"\bms\b|\bmilliseconds\b", re.I), "ms"),
    (re.compile(r"\bdB\b|\bPSNR\b"), "dB"),
    (re.compile(r"\bMB\b"), "MB"),
    (re.compile(r"\bMiB\b"), "MiB"),
    (re.compile(r"\bGiB\b"), "GiB"),
    (re.compile(r"(?:^|[ (,])s(?:$|[ ),])|\bseconds\b"), "s"),
    (re.compile(r"%|\bpercent\b|\baccuracy\b", re.I), "%"),
)


def unit_of_keys(keys: tuple[str, ...]) -> str | None:
    """The unit that the path of a number in a result file names; ``None`` if it names none."""
    found = None
    for key in keys:
        words = re.split(r"[^a-z0-9]+", key.lower())
        if _QUOTIENTS.intersection(words):
            found = None
            continue
        for word in words:
            found = _KEYS.get(word, found)
    return found


def unit_of_head(text: str) -> str | None:
    """The one unit that a column's or a row's head names; ``None`` if it names none or several."""
    found = [unit for pattern, unit in _HEADS if pattern.search(text)]
    return found[0] if len(found) == 1 else None
