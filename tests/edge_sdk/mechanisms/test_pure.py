"""Mechanisms are mathematics: nothing of the lexicon, the ledger or the door is loaded with them."""

from __future__ import annotations

import subprocess
import sys


def test_mechanisms_load_nothing_above_them() -> None:
    above = ("edge_sdk.attributes", "edge_sdk.ledger", "edge_sdk.privacy", "edge_sdk.second_look", "sqlite3")
    check = f"import edge_sdk.mechanisms, sys\nprint([m for m in sys.modules if m.startswith({above!r})])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_ledger_does_not_load_the_door() -> None:
    above = ("edge_sdk.attributes", "edge_sdk.privacy")
    check = f"import edge_sdk.ledger, sys\nprint([m for m in sys.modules if m.startswith({above!r})])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
