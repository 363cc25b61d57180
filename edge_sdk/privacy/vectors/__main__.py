"""``python -m edge_sdk.privacy.vectors [--check]``."""

from __future__ import annotations

import sys

from obclip_contract.vectors.command import run_vectors

from .store import PATH, check, write

if __name__ == "__main__":
    sys.exit(
        run_vectors("python -m edge_sdk.privacy.vectors", lambda: [f"{PATH}: {write()} prompts"], check, sys.argv[1:])
    )
