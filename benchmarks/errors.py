"""What a benchmark refuses."""

from __future__ import annotations

from typing import ClassVar

from obclip_contract.errors import ObclipError


class BenchmarkError(ObclipError):
    """The benchmark cannot run as asked."""

    exit_code: ClassVar[int] = 2
