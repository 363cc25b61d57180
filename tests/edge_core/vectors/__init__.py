"""Golden vectors of the whole device, for languages that use the core: edge_core/vectors, and README.md there.

Written by ``python -m tests.edge_core.vectors`` from the reference, and held to it by ``--check`` and by tests. They
are made here because whole pictures need a cloud and graphs that only the tests have.
"""

from .store import FILES, FOLDER, check, generate, read_rows, write

__all__ = ["FILES", "FOLDER", "check", "generate", "read_rows", "write"]
