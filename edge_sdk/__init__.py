"""The device: finds attributes, hides them in a closed set, talks to the cloud, finishes the picture at home.

Importing this package is light: no torch, no diffusers, no runtime until one is used. Every name is loaded when it is
first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import obclip_contract as _contract

if TYPE_CHECKING:
    from obclip_contract import BundleError

    from .cloud.client import CloudClient
    from .errors import (
        BudgetError,
        ClosedError,
        CloudError,
        DeadlineError,
        DeviceError,
        ImpliedError,
        InputError,
        LatentError,
        LedgerError,
        LexiconError,
        ObclipError,
        PrivacyError,
        RefusedError,
        StoppedError,
        UnreachableError,
    )
    from .events import Decoded, Detected, Finished, PipelineEvent, PipelineOutput, Received
    from .ledger import Ledger
    from .pipeline import ObliviousPipeline, Settings
    from .privacy import Privacy, Release, check_negative, privacy_from, release
    from .receipt import Receipt

__all__ = [
    "BudgetError",
    "BundleError",
    "ClosedError",
    "CloudClient",
    "CloudError",
    "DeadlineError",
    "Decoded",
    "Detected",
    "DeviceError",
    "Finished",
    "ImpliedError",
    "InputError",
    "LatentError",
    "Ledger",
    "LedgerError",
    "LexiconError",
    "ObclipError",
    "ObliviousPipeline",
    "PipelineEvent",
    "PipelineOutput",
    "Privacy",
    "PrivacyError",
    "Receipt",
    "Received",
    "RefusedError",
    "Release",
    "Settings",
    "StoppedError",
    "UnreachableError",
    "__version__",
    "check_negative",
    "privacy_from",
    "release",
]

_HOMES: Final = {
    "errors": (
        "BudgetError ClosedError CloudError DeadlineError DeviceError ImpliedError InputError LatentError LedgerError "
        "LexiconError ObclipError PrivacyError RefusedError StoppedError UnreachableError"
    ),
    "events": "Decoded Detected Finished PipelineEvent PipelineOutput Received",
    "ledger": "Ledger",
    "pipeline.pipeline": "ObliviousPipeline",
    "pipeline.settings": "Settings",
    "privacy": "Privacy Release check_negative privacy_from release",
    "receipt": "Receipt",
    "cloud.client": "CloudClient",
}
_HOME: Final = {name: module for module, names in _HOMES.items() for name in names.split()}
#: What a caller of the pipeline has to catch too; it belongs to the contract.
_CONTRACT: Final = ("BundleError",)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    if name in _CONTRACT:
        return getattr(_contract, name)
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    """Of the installed distribution; "0" where the code runs without one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("obclip")
    except PackageNotFoundError:
        return "0"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
