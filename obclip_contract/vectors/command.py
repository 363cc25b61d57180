"""The command that writes golden vectors, or holds the code against them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

__all__ = ["run_vectors"]

#: Differences that are printed at most.
_TOLD = 20


def run_vectors(
    command: str, write: Callable[[], Iterable[object]], check: Callable[[], Sequence[str]], arguments: Sequence[str]
) -> int:
    """Run ``command [--check]``. Exit code: 0 done or equal, 1 different, 2 usage.

    Args:
        command: how it is called.
        write: gives a line for each file that it wrote. check: one for each difference.
    """
    if not arguments:
        for line in write():
            print(line)
        return 0
    if list(arguments) != ["--check"]:
        usage = f"usage: {command} [--check]\n\nWrite the golden vectors, or check them against the code."
        print(usage, file=sys.stdout if "--help" in arguments else sys.stderr)
        return 0 if "--help" in arguments else 2
    differences = check()
    for line in differences[:_TOLD]:
        print(line, file=sys.stderr)
    if differences:
        print(f"{len(differences)} differences; if they are meant, run {command}", file=sys.stderr)
        return 1
    print("the vectors are what the code gives")
    return 0
