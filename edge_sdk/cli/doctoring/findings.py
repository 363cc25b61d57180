"""One line of the report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from obclip_contract.errors import ObclipError

__all__ = ["Finding", "failed"]


@dataclass(frozen=True)
class Finding:
    """``status``: "ok"; "absent": not here and not needed; "warning": works, with less than one may think; "error".

    Attributes:
        remedy: what to do about it; never empty for a warning or an error.
        code: the exit code of an error.
        more: the same facts for a program.
    """

    name: str
    status: Literal["ok", "absent", "warning", "error"]
    says: str
    remedy: str = ""
    code: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def failed(name: str, error: ObclipError, remedy: str) -> Finding:
    """An error that was raised on purpose."""
    return Finding(name, "error", str(error), remedy, type(error).exit_code)
