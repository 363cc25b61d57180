"""The contract's exception tree. ``exit_code`` is what the ``obclip`` command ends with."""

from __future__ import annotations

from typing import ClassVar


class ContractError(Exception):
    """Root: something does not follow the contract between device and cloud."""

    exit_code: ClassVar[int] = 2


class RequestError(ContractError):
    """A request that is malformed or over a limit. ``field`` names where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class SamplerError(ContractError):
    """A schedule or sampler that the contract does not know, or a step count it cannot serve."""


class ResponseError(ContractError):
    """A response that is truncated, of another shape, not finite, or not an answer to this request."""

    exit_code: ClassVar[int] = 3


class BundleError(ContractError):
    """A bundle that is missing, incomplete, altered, or of another kind or version."""

    exit_code: ClassVar[int] = 4
