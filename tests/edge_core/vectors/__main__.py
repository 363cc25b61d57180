"""``python -m tests.edge_core.vectors [--check]``."""

from __future__ import annotations

import sys

from obclip_contract.vectors.command import run_vectors

from .store import check, write

if __name__ == "__main__":
    sys.exit(run_vectors("python -m tests.edge_core.vectors", write, check, sys.argv[1:]))
