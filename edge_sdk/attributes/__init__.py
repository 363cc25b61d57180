"""Attributes: find what a prompt gives away about its persons, and rewrite it as a closed set.

``read`` makes a :class:`Document` of a prompt by the passes of ``passes/``; ``build`` makes the template of it. Beside
them: implied (words that give an axis away without saying it), language, and detectors that can be plugged in.
"""

from .axes import AXES, OPT_IN
from .detector import Detector, NoDetector
from .document import Document
from .findings import CHOICES, Finding, explicit, implied, residue, strong
from .language import other_language
from .lexicon import LEXICON_VERSION, UNLISTED, UNSPECIFIED
from .loading import lexicon
from .reader import read
from .scope import Scope
from .settling import settle
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
    "Document",
    "Finding",
    "NoDetector",
    "Scope",
    "Span",
    "build",
    "detect",
    "explicit",
    "implied",
    "lexicon",
    "other_language",
    "read",
    "residue",
    "settle",
    "spans",
    "strong",
]
