"""The iOS app's texts: what its sources say, and what its String Catalog holds.

    python -m tests.ios_demo.texts --write      # after a text was added, changed or taken out

Xcode does the same when it builds; this keeps the catalog whole where there is no Xcode. Translations
of texts that stay are kept.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

APP = Path(__file__).resolve().parents[2] / "ios_demo/ObclipDemo"
CATALOG = APP / "Resources/Localizable.xcstrings"
#: Calls whose first argument, if it is a literal, is a key: the app's own function and SwiftUI's.
_CALLS = (
    "words|Text|Button|Label|Section|Toggle|TextField|SecureField|Picker|LabeledContent|ContentUnavailableView|card|lines|line"
    "|\\.navigationTitle|\\.accessibilityLabel|\\.confirmationDialog"
)
_KEY = re.compile(rf'(?<![\w.])(?:{_CALLS.replace(chr(92) + ".", "[.]")})\(\s*"((?:[^"\\]|\\.)*)"')
_METHOD = re.compile(r'\.(?:navigationTitle|accessibilityLabel|confirmationDialog)\(\s*"((?:[^"\\]|\\.)*)"')
#: The second text of a card.
_SECOND = re.compile(r'(?<![\w.])card\(\s*"(?:[^"\\]|\\.)*",\s*"((?:[^"\\]|\\.)*)"')
#: Addresses and the like, the same in every language.
PLAIN = frozenset({"https://cloud.example", "https://models.example/edge/", "sha256/…"})


def used() -> set[str]:
    """Every key that the sources name."""
    found: set[str] = set()
    for path in APP.rglob("*.swift"):
        text = path.read_text(encoding="utf-8")
        for pattern in (_KEY, _METHOD, _SECOND):
            found |= {key.replace('\\"', '"') for key in pattern.findall(text) if "\\(" not in key}
        # Both branches of a choice inside Text(description: Text("…")) and the like are calls of their own.
    return found - PLAIN


def catalog() -> dict[str, Any]:
    return json.loads(CATALOG.read_text(encoding="utf-8")) if CATALOG.exists() else {"strings": {}}


def write() -> None:
    known = catalog()["strings"]
    # The keys are the English texts.
    strings = {key: known.get(key, {"extractionState": "manual"}) for key in sorted(used())}
    made = {"sourceLanguage": "en", "strings": strings, "version": "1.0"}
    CATALOG.write_text(json.dumps(made, ensure_ascii=False, indent=2, separators=(",", " : ")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
