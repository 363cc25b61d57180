"""``python -m obclip_contract.vectors [--check]``."""

from __future__ import annotations

import sys

from .command import run_vectors
from .store import check, write

if __name__ == "__main__":
    sys.exit(run_vectors("python -m obclip_contract.vectors", write, check, sys.argv[1:]))
