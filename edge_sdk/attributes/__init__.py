"""Attributes: find what a prompt gives away about its persons, and rewrite it as a closed set.

Three passes: marks (which words), reading (whose), template (canonical words).
"""

from .lexicon import AXES, LEXICON_VERSION, lexicon
from .reading import read
from .residue import residue
from .slots import CandidateSlots
from .spans import Span, detect, spans
from .template import build

__all__ = [
    "AXES",
    "LEXICON_VERSION",
    "CandidateSlots",
    "Span",
    "build",
    "detect",
    "lexicon",
    "read",
    "residue",
    "spans",
]
