// What the lexicon is asked (edge_sdk/attributes/lexicon.py).
#include "lexicon/lexicon.h"

#include <algorithm>
#include <cstdlib>

namespace obclip {

const WordSet& Lexicon::word_class(View name) const {
  const auto at = words.find(name);
  if (at == words.end()) {
    static const WordSet NONE;  // loading.cc refuses a file that lacks a class which the code asks for
    return NONE;
  }
  return at->second;
}

int Lexicon::distance(View axis, View first, View second) const {
  if (first == second) return 0;
  if (first == UNSPECIFIED || second == UNSPECIFIED) return 1;
  const auto group = groups.find(axis);
  if (group != groups.end()) {
    const auto a = group->second.find(first), b = group->second.find(second);
    if (a == group->second.end() || b == group->second.end()) return 1;
    int apart = 1;
    for (std::size_t i = 0; i < std::min(a->second.size(), b->second.size()); ++i) apart += a->second[i] != b->second[i];
    return apart;
  }
  const auto found = values.find(axis);
  if (found == values.end()) return 1;
  const Words& list = found->second;
  const auto place = [&list](View value) { return std::find(list.begin(), list.end(), value) - list.begin(); };
  return static_cast<int>(std::abs(place(first) - place(second)));
}

}  // namespace obclip
