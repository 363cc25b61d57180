"""Every measurement that the documents quote has a file behind it, or an entry in the ledger that says where it is
from.

``figures`` finds what a document quotes, ``leaves`` the numbers of result files, ``records`` which of them stand
together, ``ledger`` reads ``benchmarks/quoted.toml``, and ``check`` compares them.
"""

from .check import DOCUMENTS, Problem, check_documents
from .figures import Figure, find_figures
from .ledger import Entry, read_ledger

__all__ = ["DOCUMENTS", "Entry", "Figure", "Problem", "check_documents", "find_figures", "read_ledger"]
