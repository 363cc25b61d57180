"""``python -m edge_sdk.privacy.vectors [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .store import PATH, check, write

_USAGE = (
    "usage: python -m edge_sdk.privacy.vectors [--check]\n\n"
    "Write the reader's golden vectors (about a minute), or check them against the code."
)


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 done or equal, 1 different, 2 usage."""
    if not arguments:
        print(f"{PATH}: {write()} prompts")
        return 0
    if list(arguments) != ["--check"]:
        print(_USAGE, file=sys.stdout if "--help" in arguments else sys.stderr)
        return 0 if "--help" in arguments else 2
    differences = check()
    for line in differences[:20]:
        print(line, file=sys.stderr)
    if differences:
        told = "if they are meant, run python -m edge_sdk.privacy.vectors"
        print(f"{len(differences)} differences; {told}", file=sys.stderr)
        return 1
    print("the vectors are what the code gives")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
