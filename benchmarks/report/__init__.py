"""``docs/RESULTS.md`` and its plots, made from the result files alone.

To add a renderer: a function from a result to Markdown below ``@renders(kind, sentence)`` in a module here. A result
without one is listed in the general table.
"""

from . import device, paper, plans, service, words
from .page import RESULTS_PAGE, find_stale, make_page, write_report

__all__ = ["RESULTS_PAGE", "device", "find_stale", "make_page", "paper", "plans", "service", "words", "write_report"]
