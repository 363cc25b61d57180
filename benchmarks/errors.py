"""What a benchmark refuses."""

from __future__ import annotations

from typing import ClassVar


class BenchmarkError(Exception):
    """The benchmark cannot run as asked."""

    exit_code: ClassVar[int] = 2
