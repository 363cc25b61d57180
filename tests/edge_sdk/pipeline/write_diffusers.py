"""Write docs/DIFFUSERS.md again: ``python -m tests.edge_sdk.pipeline.write_diffusers EDGE_BUNDLE``."""

from __future__ import annotations

import sys

from edge_sdk import ObliviousPipeline

from .diffusers_table import DOC, outcomes, table

if __name__ == "__main__":
    with ObliviousPipeline.from_bundle(sys.argv[1], num_threads=1) as pipe:
        DOC.write_text(table(outcomes(pipe)), encoding="utf-8")
