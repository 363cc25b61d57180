"""The device: finds attributes, hides them in a closed set, talks to the cloud, finishes the picture at home.

Importing this package is light: no torch, no diffusers, no runtime until one is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .candidates import CandidateSet, candidate_set
    from .pipeline import ObliviousPipeline, PipelineOutput

__all__ = ["CandidateSet", "ObliviousPipeline", "PipelineOutput", "candidate_set"]


def __getattr__(name: str) -> Any:
    if name in ("ObliviousPipeline", "PipelineOutput"):
        from . import pipeline

        return getattr(pipeline, name)
    if name in ("CandidateSet", "candidate_set"):
        from . import candidates

        return getattr(candidates, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
