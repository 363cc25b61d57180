"""Attributes: find what a prompt gives away about its persons, and rewrite it as a closed set.

Three passes: marks (which words), reading (whose), template (canonical words). Beside them: implied (words that
give an axis away without saying it), language (prompts that are not English), and detectors that can be plugged in.
"""

from .detector import Detector
from .implied import CHOICES, Finding, implied, residue, settle, strong
from .language import other_language
from .lexicon import AXES, LEXICON_VERSION, OPT_IN, UNLISTED, UNSPECIFIED, lexicon
from .reading import Reading, read
from .scope import Scope
from .slots import CandidateSlots
from .spans import Span, detect, spans
from .template import build

__all__ = [
    "AXES",
    "CHOICES",
    "LEXICON_VERSION",
    "OPT_IN",
    "UNLISTED",
    "UNSPECIFIED",
    "CandidateSlots",
    "Detector",
    "Finding",
    "Reading",
    "Scope",
    "Span",
    "build",
    "detect",
    "implied",
    "lexicon",
    "other_language",
    "read",
    "residue",
    "settle",
    "spans",
    "strong",
]
