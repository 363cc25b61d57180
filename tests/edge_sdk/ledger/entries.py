"""What the ledger's tests enter."""

from __future__ import annotations

from fractions import Fraction

from edge_sdk.ledger import Charge
from edge_sdk.mechanisms import View

VIEW: View = ((0, 1), (1, 0))
SECRET = "marmalade"


def charge(template: str = "a {s0}", ratio: Fraction = Fraction(3), axes: tuple[str, ...] = ("gender",)) -> Charge:
    return Charge("k-subset", f"{SECRET} {template}", axes, "7", f"{SECRET} domain of {template}", 6, 2, ratio)
