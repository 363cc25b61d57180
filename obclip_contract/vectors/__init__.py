"""Golden vectors: what every implementation of the contract must reproduce (SPEC.md, section "Vectors").

``*.json`` beside this file are written by ``python -m obclip_contract.vectors`` and replayed by the tests of each
language. ``python -m obclip_contract.vectors --check`` says whether the code still gives the files.
"""

from .store import FILES, FOLDER, check, generate, write

__all__ = ["FILES", "FOLDER", "check", "generate", "write"]
