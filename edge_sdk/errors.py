"""The edge SDK's exception tree. ``exit_code`` is what the ``obclip`` command ends with."""

from __future__ import annotations

from typing import ClassVar


class ObclipError(Exception):
    """Root of everything the SDK raises on purpose."""

    exit_code: ClassVar[int] = 1


class InputError(ObclipError):
    """The user's input cannot be used: prompt, option, output path."""

    exit_code = 2


class PrivacyError(InputError):
    """The prompt cannot be hidden with the guarantee asked for; nothing was sent."""


class CloudError(ObclipError):
    """The cloud is unreachable, refused the request, or answered something else than latents."""

    exit_code = 3


class LatentError(CloudError):
    """The cloud's latents cannot be used; the whole set is discarded."""


class CloudUnreachable(CloudError):  # noqa: N818 - reads as what happened
    """Nothing answers at the address. Nothing was sent."""


class CloudTimeout(CloudError):  # noqa: N818
    """The cloud was silent for too long."""


class CloudTruncated(CloudError):  # noqa: N818
    """The connection ended before the whole answer had arrived; what came was discarded."""


class CloudRefused(CloudError):  # noqa: N818
    """The cloud answered with an HTTP error. ``status`` is HTTP's, ``code`` the engine's own word."""

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class DeviceError(ObclipError):
    """The small model's numbers went out of range on this device."""

    exit_code = 4
