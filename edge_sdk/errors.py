"""The edge SDK's exception tree. ``exit_code`` is what the ``obclip`` command ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .attributes import Finding


class ObclipError(Exception):
    """Root of everything the SDK raises on purpose."""

    exit_code: ClassVar[int] = 1


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


class LatentError(CloudError):
    """The cloud's latents cannot be used; the whole set is discarded."""


class DeviceError(ObclipError):
    """The small model's numbers went out of range on this device."""

    exit_code = 4
