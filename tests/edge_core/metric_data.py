"""The metric's data as C++; ``python -m tests.edge_core.metric_data`` writes metric_data.cc anew."""

from __future__ import annotations

import json
import textwrap
from typing import Final

from .building import CORE, ROOT

DATA: Final = ROOT / "edge_sdk/privacy/data/metric.json"
SOURCE: Final = CORE / "src/privacy/metric_data.cc"


def source() -> str:
    """What the C++ file holds for the data as they are."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    weights = dict(data["weights"])
    unlisted = weights.pop("*")
    priors = ", ".join(f"{{{_quoted(axis)}, {{{_pairs(rows)}}}}}" for axis, rows in data["priors"].items())
    return (
        "// How much axes weigh and how common values are: edge_sdk/privacy/data/metric.json, written by\n"
        "// tests/edge_core/metric_data.py.\n"
        '#include "privacy/metric.h"\n\nnamespace obclip {\n\n'
        "const MetricData& metric_data() {\n  static const MetricData data{\n"
        f"      {unlisted},\n{_filled('{' + _pairs(weights) + '},')}\n"
        f"{_filled('{' + ', '.join(map(_quoted, data['ordered'])) + '},')}\n{_filled('{' + priors + '},')}\n"
        "  };\n  return data;\n}\n\n}  // namespace obclip\n"
    )


def _quoted(word: str) -> str:
    assert word.isascii()
    assert word.isprintable()
    assert not set(word) & set('"\\')
    return f'U"{word}"'


def _pairs(rows: dict[str, int]) -> str:
    return ", ".join(f"{{{_quoted(name)}, {number}}}" for name, number in rows.items())


def _filled(text: str) -> str:
    # Spaces inside of words are no place to break a line.
    parts = textwrap.wrap(text.replace('", ', '",\t').replace("}, ", "},\t").replace(" ", "\0").replace("\t", " "), 112)
    return textwrap.indent("\n".join(parts), " " * 6).replace("\0", " ")


if __name__ == "__main__":
    SOURCE.write_text(source(), encoding="utf-8")
