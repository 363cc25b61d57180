"""Executable attacks on the privacy claim: each prints what it recovered and what the bound allows.

``obclip attack`` runs them; ``ATTACKS[name].run(lab)`` yields the rows of one. Nothing imports this package; it
may import everything. Importing it is light: the device and its runtime are loaded with the first attack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)

from .errors import AttackError

if TYPE_CHECKING:
    from .lab import Lab
    from .outcome import Outcome
    from .registry import ATTACKS, Attack

__all__ = ["ATTACKS", "Attack", "AttackError", "Lab", "Outcome"]


def __getattr__(name: str) -> Any:
    homes = {"ATTACKS": "registry", "Attack": "registry", "Lab": "lab", "Outcome": "outcome"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{homes[name]}"), name)
