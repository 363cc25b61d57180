"""The second look at a prompt: open classes of words (names, peoples, slang, loan words) beyond the lexicon."""

from .look import LISTED, SecondLook, default_detector
from .table import Known, Table

__all__ = ["LISTED", "Known", "SecondLook", "Table", "default_detector"]
