"""What an attack run refuses."""

from __future__ import annotations

from typing import ClassVar

from obclip_contract.errors import ObclipError

__all__ = ["AttackError"]


class AttackError(ObclipError):
    """The attack cannot run as asked; the message says what to change."""

    exit_code: ClassVar[int] = 2
