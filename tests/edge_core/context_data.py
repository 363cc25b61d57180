"""The second look's plain words as C++; ``python -m tests.edge_core.context_data`` writes context_data.cc anew."""

from __future__ import annotations

import json
import textwrap
from typing import Final

from .building import CORE, ROOT

DATA: Final = ROOT / "edge_sdk/second_look/data/context.json"
SOURCE: Final = CORE / "src/second_look/context_data.cc"
_HEAD: Final = """\
// The plain English words around names: edge_sdk/second_look/data/context.json word for word, which a test holds.
// Made by tests/edge_core/context_data.py.
#include <unordered_map>
#include <unordered_set>

#include "second_look/table.h"

namespace obclip::second_look {
namespace {

const std::unordered_map<View, std::vector<View>>& lists() {
  static const std::unordered_map<View, std::vector<View>> LISTS = {
"""
_TAIL: Final = """\
  };
  return LISTS;
}

std::unordered_map<View, std::unordered_set<View>> make_sets() {
  std::unordered_map<View, std::unordered_set<View>> sets;
  for (const auto& [name, words] : lists()) sets[name].insert(words.begin(), words.end());
  return sets;
}

}  // namespace

const std::vector<View>& context(View list) {
  static const std::vector<View> NONE;
  const auto found = lists().find(list);
  return found == lists().end() ? NONE : found->second;
}

bool in_context(View list, View word) {
  static const auto SETS = make_sets();
  const auto found = SETS.find(list);
  return found != SETS.end() && found->second.count(word) != 0;
}

}  // namespace obclip::second_look
"""


def source() -> str:
    """What the C++ file holds for the data as they are."""
    rows = []
    for name, words in json.loads(DATA.read_text(encoding="utf-8")).items():
        row = f"{{{_quoted(name)}, {{{', '.join(map(_quoted, words.split()))}}}}},"
        rows.append(textwrap.fill(row, 116, initial_indent=" " * 6, subsequent_indent=" " * 8, break_long_words=False))
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _quoted(word: str) -> str:
    return 'U"' + "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in word) + '"'


if __name__ == "__main__":
    SOURCE.write_text(source(), encoding="ascii")
