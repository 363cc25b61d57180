"""The edge SDK's part of the one exception tree, which :class:`obclip_contract.ObclipError` draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obclip_contract.errors import ObclipError

if TYPE_CHECKING:
    from .attributes import Finding

__all__ = [
    "BudgetError",
    "ClosedError",
    "CloudError",
    "DeadlineError",
    "DeviceError",
    "ImpliedError",
    "InputError",
    "LatentError",
    "LedgerError",
    "LexiconError",
    "ObclipError",
    "PrivacyError",
    "RefusedError",
    "StoppedError",
    "UnreachableError",
]


class InputError(ObclipError):
    """The user's input cannot be used: prompt, option, output path."""

    exit_code = 2


class PrivacyError(InputError):
    """The prompt cannot be hidden with the guarantee asked for; nothing was sent."""


class LexiconError(ObclipError):
    """The compiled lexicon is missing, damaged or of another version; nothing can be read, and nothing was sent."""


class LedgerError(InputError):
    """The ledger on this device cannot be read or written; nothing was sent."""


class BudgetError(PrivacyError):
    """The privacy budget is exhausted; nothing was sent."""


class ImpliedError(PrivacyError):
    """Words outside the slots give an axis away; ``implied`` are the findings. Nothing was sent."""

    def __init__(self, message: str, implied: tuple[Finding, ...]) -> None:
        super().__init__(message)
        self.implied = implied


class CloudError(ObclipError):
    """The cloud is unreachable, refused the request, or answered something else than latents."""

    exit_code = 3


class UnreachableError(CloudError):
    """No connection: a wrong name, a refused connection, a certificate that does not fit. Nothing was sent."""


class DeadlineError(CloudError):
    """The whole answer did not come in time, however the time was spent."""


class RefusedError(CloudError):
    """The cloud answered with an error: ``status``, and ``code`` and ``field`` of its envelope ("" if it has none)."""

    def __init__(self, message: str, status: int, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field


class ClosedError(InputError):
    """A pipeline, runtime or client was used after its ``close()``."""


class StoppedError(ObclipError):
    """A run was stopped on request: ``interrupt()``, ``close()``, or a cancelled task. There is no picture."""

    exit_code = 130


class LatentError(CloudError):
    """The cloud's latents cannot be used; the whole set is discarded."""


class DeviceError(ObclipError):
    """The small model's numbers went out of range on this device."""

    exit_code = 4
