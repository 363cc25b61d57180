"""``python -m obclip_contract.vectors [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .store import check, write

_COMMAND = "python -m obclip_contract.vectors"
_USAGE = f"usage: {_COMMAND} [--check]\n\nWrite the golden vectors, or check them against the code."


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 done or equal, 1 different, 2 usage."""
    if not arguments:
        for path in write():
            print(path)
        return 0
    if list(arguments) != ["--check"]:
        print(_USAGE, file=sys.stdout if "--help" in arguments else sys.stderr)
        return 0 if "--help" in arguments else 2
    differences = check()
    for line in differences[:20]:
        print(line, file=sys.stderr)
    if differences:
        print(f"{len(differences)} differences; if they are meant, run {_COMMAND}", file=sys.stderr)
        return 1
    print("the vectors are what the code gives")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
