"""The ledger on this device: what was spent, by template and axis, and the draws that are kept for good."""

from .ledger import TOTAL, Account, Charge, Ledger

__all__ = ["TOTAL", "Account", "Charge", "Ledger"]
