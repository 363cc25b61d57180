"""Golden vectors of the reader: what every other implementation of it must give for the same prompts.

``reader.jsonl.gz`` holds one JSON object a line, ``prompts.txt`` the prompts that were written by hand for it. Written
by ``python -m edge_sdk.privacy.vectors`` and held to the code by ``--check`` and by a test.
"""

from .store import PATH, check, generate, read_lines, write

__all__ = ["PATH", "check", "generate", "read_lines", "write"]
