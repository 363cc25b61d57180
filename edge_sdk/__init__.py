"""The device: finds attributes, hides them in a closed set, talks to the cloud, finishes the picture at home.

Importing this package is light: no torch, no diffusers, no runtime until one is used. Every name is loaded when it is
first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)

if TYPE_CHECKING:
    from .cloud.client import CloudClient
    from .errors import (
        BudgetError,
        CloudError,
        DeviceError,
        ImpliedError,
        InputError,
        LatentError,
        LedgerError,
        ObclipError,
        PrivacyError,
    )
    from .events import Decoded, Detected, Finished, PipelineEvent, PipelineOutput, Received
    from .ledger import Ledger
    from .pipeline import ObliviousPipeline, Settings
    from .privacy import Privacy, Release, check_negative, privacy_from, release
    from .receipt import Receipt

__all__ = [
    "BudgetError",
    "CloudClient",
    "CloudError",
    "Decoded",
    "Detected",
    "DeviceError",
    "Finished",
    "ImpliedError",
    "InputError",
    "LatentError",
    "Ledger",
    "LedgerError",
    "ObclipError",
    "ObliviousPipeline",
    "PipelineEvent",
    "PipelineOutput",
    "Privacy",
    "PrivacyError",
    "Receipt",
    "Received",
    "Release",
    "Settings",
    "check_negative",
    "privacy_from",
    "release",
]

_HOMES: Final = {
    "errors": (
        "BudgetError CloudError DeviceError ImpliedError InputError LatentError LedgerError ObclipError PrivacyError"
    ),
    "events": "Decoded Detected Finished PipelineEvent PipelineOutput Received",
    "ledger": "Ledger",
    "pipeline": "ObliviousPipeline Settings",
    "privacy": "Privacy Release check_negative privacy_from release",
    "receipt": "Receipt",
    "cloud.client": "CloudClient",
}
_HOME: Final = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
